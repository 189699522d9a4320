"""What a message asks of memory: what to look for by meaning, which words, whose words, and of what time.

A speaker's name says whose words are meant, not what they say. So it is taken out of what is searched for,
and counts as a part of its own.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graphs.memory.lexis import IRREGULAR, content_words, tokens
from graphs.memory.period import Period, asks_when, period_of
from storage.records import Role

FIRST_PERSON: Final = frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our", "ours"})
TOLD: Final = (
    r"(?:say|said|tell|told|recommend(?:ed)?|suggest(?:ed)?|advise[d]?|mention(?:ed)?|promise[d]?|shared?"
    r"|teach|taught|g[ai]ve (?:me|us))"
)
ASKS_COMPANION: Final = re.compile(
    rf"\b(?:did|have|had|were|was) you (?:\w+ )?{TOLD}\b"
    rf"|\byou(?:'ve| have| had)? (?:(?:once|also|ever|just|already|last) )?{TOLD}\b"
    r"|\b(?:you(?:'ve| have)|have you) given (?:me|us)\b|\byour (?:advice|suggestion|recommendation)",
    re.IGNORECASE,
)
FEWEST_WORDS: Final = 2
"""A message with fewer words that carry something leans on what was said before it."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose words a question is about; what is empty does not matter."""

    role: Role | None = None
    name: str = ""

    @property
    def is_somebody(self) -> bool:
        """Whether it is about somebody's words at all."""
        return bool(self.role or self.name)

    def spoke(self, speaker: str, speaker_name: str) -> bool:
        """Whether somebody is meant, by role and name."""
        if self.name:
            return speaker_name.casefold() == self.name.casefold()
        return speaker == self.role


@dataclass(frozen=True, slots=True)
class Question:
    """A message as memory is asked."""

    meaning: str
    """What to embed."""
    words: str
    """What to look for by words, with the irregular forms of each."""
    whose: Whose
    asks_when: bool = False
    """Whether a time would answer it."""
    period: Period | None = None
    """The past time that it is about, where it names one."""


def understand(
    text: str, names: Sequence[str], before: Sequence[str] = (), *, now: datetime | None = None
) -> Question:
    """What a message asks; `before` are the person's messages before it, the newest last.

    `now`, in the zone of who asks, is what "last summer" is counted from; without it no such time is read.
    """
    named = [name for name in names if _pattern(name).search(text)]
    bare = text
    for name in sorted(named, key=len, reverse=True):
        bare = _pattern(name).sub(" ", bare)
    said = content_words(bare)
    if len(said) < FEWEST_WORDS and before:
        bare = f"{before[-1]} {bare}"
    if not content_words(bare):
        bare = text
    bare = " ".join(bare.split())
    return Question(
        meaning=bare,
        words=with_irregular_forms(bare),
        whose=_whose(text, named),
        asks_when=asks_when(text),
        period=period_of(text, now) if now else None,
    )


def asks_companion(text: str) -> bool:
    """Whether a message asks what the companion itself said."""
    return ASKS_COMPANION.search(text) is not None


def with_irregular_forms(text: str) -> str:
    """The text followed by the other forms of its irregular words, which no stemmer knows."""
    more = [form for word in tokens(text) for form in forms_of(word) if form != word]
    return " ".join([text, *dict.fromkeys(more)])


def forms_of(word: str) -> Sequence[str]:
    """A word's irregular forms, its base first; none for a regular word."""
    base = IRREGULAR.get(word, word)
    return (base, *FORMS[base]) if base in FORMS else ()


def _whose(text: str, named: Sequence[str]) -> Whose:
    if named:
        return Whose(name=named[0]) if len(named) == 1 else Whose()
    if asks_companion(text):
        return Whose(role=Role.ASSISTANT)
    if FIRST_PERSON.intersection(tokens(text)):
        return Whose(role=Role.USER)
    return Whose()


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(name)}\b(?:['\u2019]s\b)?", re.IGNORECASE)


def _forms() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for form, base in IRREGULAR.items():
        found[base].append(form)
    return dict(found)


FORMS: Final = _forms()
