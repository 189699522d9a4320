"""What a statement claims: about whom, which attribute, which value, from when; read by rule.

Wishes, hypotheses, jokes, questions and what others are said to think give no claim about the person. What
no rule knows is one claim all the same (`does` or `happened`), so that a statement with several parts is not
taken for outdated when one of them is. English only; another language gives no claims, and is never outdated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from graphs.memory import claim_words as words
from graphs.memory import dating, lexis
from graphs.memory.claim_clauses import Clause, Speech, clauses
from graphs.memory.claim_dates import AHEAD, dates_of, day_of, named_day
from graphs.memory.claim_facts import ANY, DOES, SELF, WORLD, Fact
from graphs.memory.claim_rules import (
    DIED,
    GONE,
    GONE_TOO,
    LASTING,
    NAMED,
    RULES,
    TRADED,
    Rule,
)
from graphs.memory.sentences import sentences
from graphs.memory.speech_patterns import PUTS_RIGHT
from storage.records import Claim, ClaimKind, Granularity, Memory, Trust

MADE: Final = (Granularity.TOPIC, Granularity.PROFILE)

LONGEST: Final = 120
"""Characters of a value."""
CAME_FROM: Final = frozenset({"home", "work", "studies", "car", "phone", "laptop", "bike"})
"""What people say that they had another one of before."""
FROM: Final = re.compile(r"\b(?:from|traded my|swapped my|replaced my) ([\w' -]+?) (?:to|for|with)\b")
OF_PLACE: Final = re.compile(r"^(?:in|at|on|to|for|with) ")
NO_HOME: Final = re.compile(
    r"\b(?:team|department|tears|bed|couch|project|role|group|class|seat|table|next|other)\b"
)
"""Where somebody moves to without moving house."""
BEFORE_VALUE: Final = re.compile(
    r"^(?:(?:an?|the|my|our|now|just|really|very|quite|being|to|some|his|her|their|called|named|all)\b ?)+"
)
PARTNER: Final = re.compile(r"\b(?:husband|wife|boyfriend|girlfriend|partner|fiance|fiancee)\b")
IS_CALLED: Final = re.compile(
    r"@(?P<s>[1-9]\d*) (?:am|is|are)(?: actually| really)? (?:called|named) (?P<v>[\w'-]+)"
)
PUT_RIGHT: Final = re.compile(
    r"(?:i meant(?: to (?:say|write))?|(?:it|that) (?:is|was)(?: actually)?|, but|^correction:?)"
    r" (?:on |in |at |the )*(?P<v>[\w' -]+?)(?:,? not .*)?$"
)
"""The value in a line that only puts something right."""
WHEN: Final = re.compile(
    r"\b(?:when|while|after|before|since|until|as long as) @\d+ (?:was|were|\w+ed|had|got|am|live)\b"
)


def read(text: str, said: datetime) -> list[Fact]:
    """The claims of a text in its order; `said` is when, in the zone where it was said."""
    speech = Speech(said)
    found: list[Fact] = []
    for start, end in sentences(text):
        sentence = text[start:end]
        if found and is_elliptical(sentence):
            found = _put_right(found, sentence, speech)
        else:
            found += _of_sentence(sentence, speech)
    return list(dict.fromkeys(found))


def claims_of(memory: Memory, zone: tzinfo | None = UTC) -> list[Claim]:
    """What a memory claims: from the person's own words where it has a quote, else from its text.

    `zone` is where the person is, since "yesterday" depends on it; None for the machine's own.
    """
    if memory.granularity not in MADE:
        return []
    said = memory.said_on.astimezone(zone)
    quotes = [source.quote for source in memory.sources if source.quote]
    text = memory.text if memory.trust is Trust.TYPED or not quotes else _quoted(quotes)
    return [
        Claim(
            memory_id=memory.id,
            subject=fact.subject,
            attribute=fact.attribute,
            value=fact.value,
            kind=fact.kind,
            valid_from=dating.midnight(fact.first, said) if fact.first else None,
            valid_to=dating.midnight(fact.last, said) if fact.last else None,
        )
        for fact in read(text, said)
    ]


def is_lasting(facts: Sequence[Fact]) -> bool:
    """Whether a statement belongs to the person's profile."""
    return any(
        fact.subject == SELF and fact.attribute in LASTING and fact.kind is not ClaimKind.ENDS
        for fact in facts
    )


def is_about_the_world(claims: Sequence[Claim]) -> bool:
    """Whether a statement says nothing of the person or of anybody that they know."""
    return bool(claims) and all(claim.subject == WORLD for claim in claims)


def is_elliptical(line: str) -> bool:
    """Whether a line only puts right what was said just before it: "Sorry, I meant the 7th."."""
    return PUTS_RIGHT.search(" ".join(lexis.plain(line).split())) is not None


def _put_right(found: Sequence[Fact], sentence: str, speech: Speech) -> list[Fact]:
    """The facts with the value of the last one that has one put right."""
    plain = " ".join(lexis.plain(sentence).split()).strip(" .!")
    told = PUT_RIGHT.search(plain)
    at = next((place for place, fact in reversed(list(enumerate(found))) if fact.attribute != DOES), None)
    if told is None or at is None:
        return list(found)
    day = named_day(told["v"], speech, AHEAD)
    first, last = (day.first, day.last) if day else (None, None)
    right = replace(found[at], value=_value(told["v"]), kind=ClaimKind.CORRECTS, first=first, last=last)
    return [*found[:at], right, *found[at + 1 :]]


def _quoted(quotes: Sequence[str]) -> str:
    return " ".join([quotes[0], *(quote for quote in quotes[1:] if is_elliptical(quote))])


def _of_sentence(sentence: str, speech: Speech) -> Iterator[Fact]:
    for clause in clauses(sentence, speech):
        if clause.reported:
            yield Fact(WORLD, DOES, _value(clause.text), ClaimKind.HOLDS)
        else:
            yield from _of_clause(clause, speech)


def _of_clause(clause: Clause, speech: Speech) -> Iterator[Fact]:
    dates = list(dates_of(clause, speech))
    if dates:
        yield from dates
        return
    positive, over = _positive(clause.text)
    found = [*_by_rules(positive, clause, speech, over=over), *_named(clause, speech)]
    yield from found
    if not found:
        yield from _otherwise(positive, speech, over=over)


def _positive(clause: str) -> tuple[str, bool]:
    """A clause without its denial, and whether it had one."""
    if WHEN.search(clause):
        clause = WHEN.split(clause)[0].strip(" ,") or clause
    for pattern, instead in words.ENDED:
        if pattern.search(clause):
            return " ".join(pattern.sub(instead, clause, count=1).split()), True
    pattern, instead = words.STARTED
    return " ".join(pattern.sub(lambda found: found.expand(instead) + " now", clause, count=1).split()), False


def _by_rules(text: str, clause: Clause, speech: Speech, *, over: bool) -> Iterator[Fact]:
    taken: set[str] = set()
    day, before = day_of(text, speech), FROM.search(text)
    for rule in RULES:
        match = rule.pattern.search(text)
        groups = match.groupdict() if match else {}
        attribute = _spelt(rule.attribute.format(groups.get("a") or ""))
        value = _value(groups.get("v") or rule.value)
        if match is None or attribute in taken or not _fits(rule, attribute, value, over=over):
            continue
        taken.add(attribute)
        subject = speech.subjects[int(groups.get("s") or 0)]
        kind = _kind(rule, text, over=over, corrects=clause.corrects)
        yield _fact(subject, attribute, value, kind, day)
        old = before[1] if before and attribute in CAME_FROM and not rule.ends else clause.instead_of
        if old:
            yield _fact(subject, attribute, _value(OF_PLACE.sub("", old)), ClaimKind.ENDS, day)


def _fact(subject: str, attribute: str, value: str, kind: ClaimKind, day: date | None) -> Fact:
    """A fact that begins on a day, or ends on it."""
    if kind is ClaimKind.ENDS:
        return Fact(subject, attribute, value, kind, last=day)
    return Fact(subject, attribute, value, kind, first=day)


def _spelt(attribute: str) -> str:
    return attribute.replace("favorite", "favourite").replace("color", "colour")


def _fits(rule: Rule, attribute: str, value: str, *, over: bool) -> bool:
    if over and (rule.ends or rule.begins):
        return attribute in {"relationship", "diet"}
    if attribute == "home" and rule.begins:
        return bool(value) and not NO_HOME.search(value)
    return bool(value) or (rule.ends and not over)


def _kind(rule: Rule, clause: str, *, over: bool, corrects: bool) -> ClaimKind:
    if over or rule.ends:
        return ClaimKind.ENDS
    if corrects:
        return ClaimKind.CORRECTS
    if words.ADDS.search(clause):
        return ClaimKind.ADDS
    return ClaimKind.BEGINS if rule.begins or words.CHANGES.search(clause) else ClaimKind.HOLDS


def _named(clause: Clause, speech: Speech) -> Iterator[Fact]:
    kind = ClaimKind.CORRECTS if clause.corrects else ClaimKind.HOLDS
    for match in NAMED.finditer(clause.text):
        yield Fact(match["kin"], "name", match["v"], kind)
    marked = IS_CALLED.search(clause.text)
    if marked:
        who = speech.subjects[int(marked["s"])]
        partner = PARTNER.search(who) is not None
        yield Fact(SELF if partner else who, "partner" if partner else "name", marked["v"], kind)


def _otherwise(clause: str, speech: Speech, *, over: bool) -> Iterator[Fact]:
    """What no rule knows: an end of something, a habit, or something that happened."""
    day, subject, value = day_of(clause, speech), _subject(clause, speech), _value(clause)
    traded = TRADED.search(clause)
    gone = GONE.search(clause) or GONE_TOO.search(clause)
    if traded:
        yield _fact(subject, ANY, _value(traded["v"]), ClaimKind.ENDS, day)
    if DIED.search(clause):
        yield _fact(subject, ANY, "", ClaimKind.ENDS, day)
        kin = re.search(words.RELATIVES, subject)
        yield _fact(SELF, "has", kin[0] if kin else subject, ClaimKind.ENDS, day)
    elif over:
        yield _fact(subject, DOES, value, ClaimKind.ENDS, day)
    elif gone:
        groups = gone.groupdict()
        thing = _value(groups.get("v") or groups.get("v2") or "")
        yield _fact(subject, ANY, thing or value, ClaimKind.ENDS if thing else ClaimKind.HAPPENED, day)
    elif value:
        past = dating.speaks_of_the_past(clause)
        yield _fact(subject, DOES, value, ClaimKind.HAPPENED if past else ClaimKind.HOLDS, day)


def _subject(clause: str, speech: Speech) -> str:
    told = re.search(r"@(\d+)", clause)
    if told:
        return speech.subjects[int(told[1])]
    return SELF if re.search(r"\b(?:my|our)\b", clause) or GONE_TOO.search(clause) else WORLD


def _value(said: str) -> str:
    """What is claimed, without articles and the like before it."""
    text = BEFORE_VALUE.sub("", re.sub(r"@\d+", " ", said).strip())
    return " ".join(text.split())[:LONGEST]
