"""What the numbers of a text measure, so that only like is held against like.

"Three pints at the quiz" and "quiz at 20:00" hold other numbers and no contradiction. By form alone: a time
of day, a day, a year, how much of what; what no form tells is a bare number. English, with other languages'
signs for hours.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from graphs.memory import lexis

TIME, DAY, YEAR, COUNT, BARE = "time of day", "date", "year", "count", "bare"
"""Kinds; others are the stem of what is counted. `COUNT` is written out and names nothing that it counts."""
WHEN: Final = frozenset({TIME, DAY})

MONTHS: Final = lexis.word_set(
    "january february march april may june july august september october november december jan feb mar apr"
    " jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février"
    " mars avril juin juillet août septembre octobre novembre décembre"
    " enero febrero marzo abril mayo junio julio agosto"
    " septiembre octubre noviembre diciembre"
)
WEEKDAYS: Final = lexis.word_set(
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun"
)
NAMED_TIME: Final = re.compile(
    rf"\b(?:(?i:{'|'.join(sorted(WEEKDAYS - lexis.word_set('sat sun')))})|Sat|Sun"
    r"|(?:in|of|by|until|till|early|mid|late|next|last) May|January|February|March|April|June|July|August"
    r"|September|October|November|December)\b"
)
"""A weekday or a month; the verbs "sat" and "may" are none."""
HOURS: Final = lexis.word_set("am pm o'clock uhr noon sharp")
BEFORE_HOUR: Final = lexis.word_set("at past till until um")
BEFORE_YEAR: Final = lexis.word_set("in since from until before after of by year")
MONEY: Final = lexis.word_set(
    "euro euros eur dollar dollars usd pound pounds gbp quid franc francs chf kroner kronor shillings rupees"
    " zloty yen"
)
SPANS: Final = lexis.stems(
    lexis.word_set(
        "second seconds minute minutes min hour hours day days night nights week weeks month months"
    )
    | lexis.word_set("year years decade decades")
)
"""Lengths of time, which no bare number is taken for."""
LAST_HOUR: Final = 24
YEARS: Final = re.compile(r"(?:1[89]|20)\d\d")
DATE: Final = re.compile(r"\d+\.\d+\.\d+|\d+(?:st|nd|rd|th)")
FRENCH_HOUR: Final = re.compile(r"\b(\d{1,2}) ?h ?(\d\d)\b")
NEXT_TO: Final = re.compile(r"[ \u00a0-]?")
BEFORE_MONTH: Final = re.compile(r"\.? ")
Measures = Mapping[str, frozenset[str]]


def measured(text: str) -> Measures:
    """The numbers of a text as digits, by what they measure; `one` mostly counts nothing and is left out."""
    found: dict[str, set[str]] = {}
    for kind, value in _each(FRENCH_HOUR.sub(r"\1:\2", lexis.plain(text))):
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def tells_when(text: str) -> bool:
    """Whether a text names an hour, a day or a month."""
    return NAMED_TIME.search(text) is not None or bool(WHEN & measured(text).keys())


def differing(mine: Measures, theirs: Measures) -> frozenset[str]:
    """What both measure without a number in common.

    A bare number may be an amount of anything, but no length of time nor a point in it.
    """
    same = {kind for kind in mine.keys() & theirs.keys() if not mine[kind] & theirs[kind]}
    if (BARE in mine and _amounts(theirs)) or (BARE in theirs and _amounts(mine)):
        same.add(BARE)
    return frozenset(same)


def _amounts(measures: Measures) -> bool:
    return bool(measures.keys() - {TIME, DAY, YEAR, COUNT} - SPANS)


def _each(text: str) -> Iterator[tuple[str, str]]:
    words = list(lexis.TOKEN.finditer(text))
    for place, match in enumerate(words):
        word = match.group()
        written = word in lexis.NUMBER_WORDS
        if word == "one" or not (written or word[0].isdigit()):
            continue
        before, after = _beside(text, words, place)
        month = _next_word(text, words, place, BEFORE_MONTH)
        value = lexis.NUMBER_WORDS.get(word) or re.sub(r"(?<=\d)(st|nd|rd|th)$", "", word)
        yield DAY if month in MONTHS else _kind(value, word, before, after, written=written), value


def _beside(text: str, words: list[re.Match[str]], place: int) -> tuple[str, str]:
    """The words right before and after one, where nothing but a space stands between."""
    before = words[place - 1] if place else None
    near = before is not None and NEXT_TO.fullmatch(text[before.end() : words[place].start()])
    return before.group() if before and near else "", _next_word(text, words, place, NEXT_TO)


def _next_word(text: str, words: list[re.Match[str]], place: int, between: re.Pattern[str]) -> str:
    after = words[place + 1] if place + 1 < len(words) else None
    near = after is not None and between.fullmatch(text[words[place].end() : after.start()])
    return after.group() if after and near else ""


def _kind(value: str, word: str, before: str, after: str, *, written: bool) -> str:
    if ":" in word or after in HOURS or _is_hour(value, before, after):
        return TIME
    if YEARS.fullmatch(word):
        return YEAR if before in BEFORE_YEAR | MONTHS else BARE
    if DATE.fullmatch(word) or before in MONTHS | WEEKDAYS:
        return DAY
    if after in MONEY:
        return "money"
    if _names_what(after):
        return lexis.stem(after)
    return COUNT if written else BARE


def _is_hour(value: str, before: str, after: str) -> bool:
    hour = value.replace(".", "", 1)
    return before in BEFORE_HOUR and not _names_what(after) and hour.isdigit() and float(value) <= LAST_HOUR


def _names_what(after: str) -> bool:
    return after.isalpha() and after not in lexis.STOP_WORDS and after not in lexis.NEGATIONS
