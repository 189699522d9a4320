"""Whether something new is known already.

Saying the same twice strengthens and never doubles. Two texts say the same only if their telling words
agree up to synonyms, and names, numbers, denials, tense and certainty as well: a lower bar would merge "red
curry" with "green curry", and what is merged wrongly is lost, while what is kept twice is only kept twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from graphs.memory import dating, lexis, naming
from graphs.memory.actors import misattributed
from graphs.memory.checking import GLUE, certainty
from graphs.memory.synonyms import same_meaning
from graphs.memory.thirdperson import turned
from storage.records import Memory, Trust

ALIKE: Final = 0.6
"""Cosine below which texts with the same words still do not say the same. Repeats measured with MiniLM lie
above 0.9 in the same form, and above 0.65 where one is a quote and the other a note without a subject."""


class Action(StrEnum):
    """What is done with something new."""

    ADD = "add"
    MERGE = "merge"
    """It is known: the old memory gains a source and strength."""
    KNOWN = "known"
    """It is known from a more trusted source, so nothing changes."""
    REPLACE = "replace"
    """It was known from a less trusted source only, which it takes the place of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An action, and the memory that it is about."""

    action: Action
    target_id: str = ""


def plan(text: str, trust: Trust, nearest: Sequence[tuple[Memory, float | None]], person: str) -> Plan:
    """What to do with a new text; `nearest` are old memories with their cosines, None where unknown."""
    known = [memory for memory, cosine in nearest if says_the_same(text, memory.text, person, cosine)]
    if not known:
        return Plan(Action.ADD)
    old = min(known, key=lambda memory: (memory.trust.rank, memory.id))
    if old.trust.rank < trust.rank and trust is not Trust.NOTED:
        return Plan(Action.KNOWN, old.id)
    if old.trust.rank > trust.rank:
        return Plan(Action.REPLACE, old.id)
    return Plan(Action.MERGE, old.id)


def says_the_same(new: str, old: str, person: str, cosine: float | None = None) -> bool:
    """Whether two texts make the same claim, whether written in the first person or the third."""
    if cosine is not None and cosine < ALIKE:
        return False
    who = naming.label(person)
    one, other = turned(new, who), turned(old, who)
    if lexis.numbers(one) != lexis.numbers(other):
        return False
    if dating.speaks_of_the_past(one) != dating.speaks_of_the_past(other):
        return False
    if bool(lexis.negations(one)) != bool(lexis.negations(other)) or certainty(one) != certainty(other):
        return False
    return _same_words(one, other, who) and _same_actors(one, other, who)


def _same_words(one: str, other: str, who: str) -> bool:
    own = lexis.stems(lexis.tokens(who)) | GLUE
    mine = lexis.stems(lexis.content_words(one)) - own
    theirs = lexis.stems(lexis.content_words(other)) - own
    if not mine or not theirs:
        return False
    return _explained(mine - theirs, theirs) and _explained(theirs - mine, mine)


def _explained(stems: set[str], by: set[str]) -> bool:
    return all(same_meaning(stem, by) for stem in stems)


def _same_actors(one: str, other: str, who: str) -> bool:
    if (who.lower() in one.lower()) != (who.lower() in other.lower()):
        return True
    return not misattributed(one, other, who) and not misattributed(other, one, who)
