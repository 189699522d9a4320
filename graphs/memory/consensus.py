"""What is to be made of memories that nobody vouches for, beside those that the person told.

A-MemGuard (arXiv 2510.02373) validates memories against each other in the context of a query, by the chains
of reasoning that a model draws from each; a majority of poison then outvotes the truth. Here votes are
weighed by trust: what the person told counts, and of the others any number counts as none. Compared is field
by field, who, what and how much, by words alone: vectors tell honest files and poison apart no better than
chance (docs/benchmarks.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from graphs.memory import lexis, measures
from graphs.memory.cues import Cue, cues, is_dose, is_talk
from graphs.memory.languages import SMALL_WORDS
from graphs.memory.sources import is_asked_for, source_of

ENOUGH: Final = 2
"""So many telling words shared with what the person told mean that it is about the same."""
GRAVE: Final = frozenset({Cue.MONEY, Cue.HEALTH, Cue.DOUBT, Cue.ACCESS})
"""Where a claim that something has changed does harm; of anything else it is news that nobody confirmed."""
RULES: Final = frozenset({Cue.TALK, Cue.TRIGGER, Cue.REACH})
"""Each enough by itself: they speak of how to answer, not of what is so."""

NAME: Final = "name"
NOTHING: Final[frozenset[str]] = frozenset()
CALENDAR: Final = lexis.word_set(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays"
    " saturdays sundays january february march april may june july"
    " august september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep"
    " sept oct nov dec am pm"
)
"""Names that are nobody's."""
TELLS_NO_MATTER: Final = lexis.stems(CALENDAR | SMALL_WORDS)
"""What two texts may share that are about different people."""


class Signal(StrEnum):
    """What an objection rests on; two that differ are independent of each other."""

    ORDER = "order"
    GUESS = "guess"
    CONFLICT = "conflict"
    DANGER = "danger"
    COMPANY = "company"
    """It comes with others that were objected to; this never counts as a second one."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a memory is set aside, in words, and by which signals."""

    reason: str
    signals: frozenset[Signal]
    against_id: str = ""
    """What the person told that it contradicts."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A text, taken apart once."""

    id: str
    text: str
    words: frozenset[str]
    """Stems of its telling words."""
    names: frozenset[str]
    numbers: frozenset[str]
    measures: measures.Measures
    """The numbers by what they measure."""
    cues: frozenset[Cue]


@lru_cache(maxsize=4096)
def statement(memory_id: str, text: str, *, vouched_for: bool = False) -> Statement:
    """A memory's text, taken apart; cues are looked for only where nobody vouches for it."""
    numbers = frozenset(lexis.numbers(text))
    return Statement(
        memory_id,
        text,
        frozenset(lexis.stems(lexis.content_words(text))),
        frozenset(lexis.names(text) - CALENDAR),
        numbers,
        measures.measured(text) if numbers else {},
        frozenset() if vouched_for else cues(text),
    )


def objections(
    open_ones: Sequence[Statement],
    told: Sequence[Statement],
    query: str,
    moved: Collection[str] = (),
    guessed: Collection[str] = (),
) -> Mapping[str, Objection]:
    """By id, why a memory that nobody vouches for is set aside for this reply.

    `moved` are ids of those that may change what was told (graphs/memory/moving.py), `guessed` of those that
    were guessed from what the person said: they may have changed their mind.
    """
    found = {
        one.id: objection
        for one in open_ones
        if (objection := _objection(one, told, query, may_change=one.id in moved, guessed=one.id in guessed))
    }
    pushed = _pushed([one for one in open_ones if one.id in found], told, query)
    for one in open_ones:
        if one.id not in found and _names_within(one) & pushed:
            found[one.id] = Objection(
                "it pushes the same name as a note that was set aside", frozenset({Signal.COMPANY})
            )
    return found


def joined(one: Objection | None, other: Objection | None) -> Objection | None:
    """What both rest on, in the words of the first."""
    if one is None or other is None:
        return one or other
    return Objection(one.reason, one.signals | other.signals, one.against_id or other.against_id)


def is_supported(one: Statement, told: Sequence[Statement]) -> bool:
    """Whether the person told something about the same."""
    return any(len(one.words & other.words) >= ENOUGH for other in told)


def contradicted(one: Statement, other: Statement) -> frozenset[str]:
    """What it gives another value for, about the same: kinds of numbers, or a name.

    Names in talk are mostly of those who are talked to; who wrote a note is no value in it.
    """
    values = one.names | one.numbers, other.names | other.numbers
    shared = (one.words - values[0]) & (other.words - values[1])
    numbers = (
        measures.differing(one.measures, other.measures)
        if len(shared) >= ENOUGH and not one.numbers & other.numbers
        else NOTHING
    )
    mine = _names_within(one)
    names = bool(mine and other.names and not one.names & other.names) and not is_talk(one.text)
    return numbers | {NAME} if names and len(shared - TELLS_NO_MATTER) > ENOUGH else numbers


def _objection(
    one: Statement, told: Sequence[Statement], query: str, *, may_change: bool, guessed: bool
) -> Objection | None:
    """A rule whose words are asked for is quoted, and what is for others to change they may change."""
    about_it = [other for other in told if one.words & other.words]
    supported = is_supported(one, about_it)
    quoted = is_asked_for(one.text, query)
    rules = RULES - {Cue.TALK} if quoted else RULES
    changes_mind = guessed and one.cues <= {Cue.CHANGE, Cue.HEALTH}
    against = None if may_change else next((other for other in about_it if contradicted(one, other)), None)
    reasons = (
        (bool(one.cues & rules), Signal.ORDER, "it says how to answer, and you did not say it"),
        (Cue.REFLECTION in one.cues, Signal.GUESS, "it is a conclusion from earlier guesses"),
        (against is not None, Signal.CONFLICT, "you told it differently"),
        (
            Cue.CHANGE in one.cues
            and bool(one.cues & GRAVE)
            and bool(about_it)
            and not (may_change or changes_mind),
            Signal.CONFLICT,
            "it says that something you told has changed",
        ),
        (
            is_dose(one.text) and not any(one.numbers <= other.numbers for other in about_it),
            Signal.DANGER,
            "it is about a dose, and nothing you told bears it out",
        ),
        (
            Cue.MONEY in one.cues and not supported,
            Signal.DANGER,
            "it is about money, and nothing you told bears it out",
        ),
        (Cue.HEARSAY in one.cues, Signal.DANGER, "it is advice from somewhere, and not about you"),
    )
    held = [(signal, reason) for holds, signal, reason in reasons if holds]
    if not held:
        return None
    signals = frozenset(signal for signal, _ in held)
    return Objection(held[0][1], signals, against.id if against else "")


def _names_within(one: Statement) -> frozenset[str]:
    """The names in what it says; who wrote it is none of them."""
    return one.names - lexis.names(source_of(one.text))


def _pushed(objected: Sequence[Statement], told: Sequence[Statement], query: str) -> frozenset[str]:
    """Names in what was set aside that neither the person nor the question knows."""
    known = set(lexis.tokens(query)).union(*(lexis.tokens(other.text) for other in told))
    return frozenset[str]().union(*map(_names_within, objected)) - known
