"""Whether what a model wrote says what the person's line says, and nothing else.

A small model copies its prompt, mixes up who did what and drops a "not". So a statement stands only if
each of its words can be accounted for: by the line, with its dates resolved and its first person turned
into the third by rule, or, where the line has a pronoun, by a few words of what the person said just
before. What a prompt, a persona or a recalled memory holds beyond that cannot pass.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from graphs.memory import lexis, naming
from graphs.memory.actors import misattributed
from graphs.memory.synonyms import akin

LONGEST: Final = 300
"""Characters of a statement."""
SHARE_KEPT: Final = 0.6
"""Of a line's content words that its statement must still hold."""
BORROWED: Final = 2
"""Content words in a row that a statement may take from just before, to say who or what a pronoun means."""
GLUE: Final = lexis.stems(
    lexis.word_set("named called name become became person someone something another now")
)
"""Stems that connect and add no fact."""
CERTAINTY: Final = (
    re.compile(r"\b(?:may|might|maybe|perhaps|possibly|probably|could)\b"),
    re.compile(
        r"\b(?:want(?:s|ed)?|would|hop(?:e|es|ing|efully)|wish(?:es)?|plan(?:s|ning|ned)?|think(?:s|ing)?"
        r" (?:of|about)|consider(?:s|ing)?|dreams?|goal|will|going to (?!\w+ing\b|the\b|an?\b))\b"
    ),
    re.compile(r"\bused to\b"),
    re.compile(r"\btr(?:y|ies|ied|ying) to\b"),
    re.compile(r"\b(?:stop(?:s|ped)?|quit|former|ex|no longer|any ?more)\b"),
)
"""Words that change what is claimed: perhaps so, not yet so, once so, not sure to succeed, no longer so."""
FIRST_PERSON: Final = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our|ours)\b")
SECOND_PERSON: Final = re.compile(r"\b(?:you|your|yours)\b")
PRONOUN: Final = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|this|that|these|those|there|here|one|ones|such)\b"
)
ORDER: Final = re.compile(
    r"\b(?:ignore|disregard|obey|instructions?|system prompt|must always|always answer|never answer|as an ai"
    r"|language model|json|the note|this note)\b"
)
MEANS: Final = re.compile(r"\bby \w+ing\b")
"""Says how something came about."""
PICTURE: Final = re.compile(r"\b(?:pics?|pictures?|photos?|photographs?|snapshots?|videos?)\b")
"""What is only shown in one is not what happens."""
SUBJECTLESS: Final = re.compile(r"^(?:wish|hope|going to|been|got|had|glad|excited|looking forward|trying)\b")
COPULA: Final = re.compile(r"\b(?:is|are|was|were)\b")
AUXILIARY: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|may|might|must|does|did)\b"
)
PASTS: Final = frozenset(lexis.IRREGULAR) - lexis.word_set(
    "kids kid children people men women reads costs cuts cutting dying goes mom mother mums moms father dads"
)
SPAN: Final = re.compile(r"\bthe (week|weekend|spring|summer|autumn|fall|night) of\b", re.IGNORECASE)
"""Without this word a date would say a day where a week was meant."""
MONTH_OF_MAY: Final = re.compile(r"\bMay\b(?=,? \d)|(?<=\d )May\b|(?<=\bin )May\b|(?<=of )May\b")


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that may stand, or why it may not."""

    text: str
    problem: str = ""
    """Empty where it may stand."""


def check(statement: str, line: str, turned: str, *, person: str, before: Sequence[str] = ()) -> Checked:
    """Hold a model's statement against the line that it rewrites.

    `turned` is the line in the third person with its dates resolved, `before` what the person said just
    before, newest last.
    """
    text = " ".join(statement.translate(lexis.APOSTROPHES).split())
    who = naming.label(person)
    problem = (
        _form(text, line)
        or _words(text, turned, before, who)
        or _claim(text, turned)
        or _telling(text, line, turned, who)
        or misattributed(naming.neutral(text, line, who), turned, who, others=naming.speaks_of_others(line))
    )
    settled = naming.settle(text, line, person) if not problem else ""
    if settled and not naming.reads_well(settled):
        return Checked("", "needs a name")
    return Checked(settled, problem)


def is_verbatim(quote: str, message_text: str) -> bool:
    """Whether a quote is really a part of its message."""
    return bool(quote.strip()) and quote in message_text


def _form(text: str, line: str) -> str:
    plain, said = lexis.plain(text), lexis.plain(line)
    if not lexis.content_words(text):
        return "empty"
    if len(text) > LONGEST:
        return "too long"
    if FIRST_PERSON.search(plain):
        return "still in the first person"
    if SECOND_PERSON.search(plain) and not SECOND_PERSON.search(said):
        return "speaks to somebody"
    if ORDER.search(plain) and not ORDER.search(said):
        return "reads like an instruction"
    return "asks" if text.endswith("?") else ""


def _words(text: str, turned: str, before: Sequence[str], who: str) -> str:
    own = set(lexis.tokens(who))
    said = lexis.stems(lexis.tokens(turned))
    written = [word for word in dict.fromkeys(lexis.content_words(text)) if word not in own]
    new = [word for word in written if lexis.stem(word) not in said | GLUE and not akin(word, said)]
    near = lexis.stems(word for earlier in before for word in lexis.content_words(earlier))
    borrows = PRONOUN.search(lexis.plain(turned)) is not None
    if not written:
        return "says nothing but the name"
    strange = [word for word in new if not borrows or lexis.stem(word) not in near]
    if strange:
        return f"not in the line: {', '.join(strange)}"
    if len(new) > BORROWED or not _in_a_row(new, lexis.tokens(text)):
        return f"too much from before: {', '.join(new)}"
    if lexis.numbers(text) - lexis.numbers(turned):
        return "another number"
    return _lost(text, turned, written, own)


def _in_a_row(words: Sequence[str], tokens: Sequence[str]) -> bool:
    places = [tokens.index(word) for word in words]
    return not places or max(places) - min(places) == len(places) - 1


def _lost(text: str, turned: str, written: Iterable[str], own: set[str]) -> str:
    kept = lexis.stems(written)
    wanted = [word for word in lexis.content_words(turned) if word not in own]
    held = sum(lexis.stem(word) in kept or akin(word, kept) for word in wanted)
    if held < SHARE_KEPT * len(wanted):
        return "leaves too much out"
    exact = lexis.numbers(turned) | (lexis.names(turned) - own - lexis.STOP_WORDS)
    exact |= {match[1].lower() for match in SPAN.finditer(turned)}
    lost = exact - set(lexis.tokens(text)) - lexis.numbers(text)
    return f"loses {', '.join(sorted(lost))}" if lost else ""


def _claim(text: str, turned: str) -> str:
    if bool(lexis.negations(text)) != bool(lexis.negations(turned)):
        return "negation"
    return "certainty" if certainty(turned) != certainty(text) else ""


def _telling(text: str, line: str, turned: str, who: str) -> str:
    """Whether it still says who, that it is so, and that it is over; nor says more of how it came about."""
    plain, said = lexis.plain(text), lexis.plain(turned)
    if FIRST_PERSON.search(lexis.plain(line)) and who.lower() not in text.lower():
        return "does not say who"
    if MEANS.search(plain) and not MEANS.search(said):
        return "says how"
    if PICTURE.search(said) and not PICTURE.search(plain):
        return "a picture became a fact"
    if SUBJECTLESS.match(plain):
        return "no sentence"
    if COPULA.search(said) and text.startswith(f"{who}'s ") and not AUXILIARY.search(plain):
        return "no sentence"
    present = [word for word in lexis.content_words(text) if _was_past(word, lexis.tokens(turned))]
    return f"not over: {', '.join(present)}" if present else ""


def _was_past(word: str, said: Sequence[str]) -> bool:
    """Whether a word stands bare for what was said in the past only."""
    forms = [one for one in said if lexis.stem(one) == lexis.stem(word)]
    bare = not is_past(word) and not word.endswith(("ing", "s"))
    return bare and bool(forms) and all(is_past(one) for one in forms)


def is_past(word: str) -> bool:
    """Whether a word is the past form of a verb, or may be."""
    return word.endswith("ed") or word in PASTS


def certainty(text: str) -> list[bool]:
    """Which kinds of CERTAINTY a text has."""
    plain = lexis.plain(MONTH_OF_MAY.sub("", text))
    return [kind.search(plain) is not None for kind in CERTAINTY]
