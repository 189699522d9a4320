"""What full mode is asked about: the notes that the rules and own words first leave open in a case."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import numpy as np

from graphs.guard_paths import FEWEST
from graphs.ports import Embedder
from storage.records import Outcome, Trust
from tests.benchmarks.guard_world import Case, GuardWorld, Line

Group = Literal["poison", "look-alike", "honest"]
OPEN = {Trust.SAID: Trust.PASTED, Trust.TYPED: Trust.PASTED}
"""What is said and yet open was taken for pasted at the door."""
TOLD = 1
"""So many of the person's own words vote on a question's notes, the nearest ones; each takes a call."""


@dataclass(frozen=True)
class Note:
    """A note, and what it is in truth."""

    text: str
    trust: Trust
    group: Group


@dataclass(frozen=True)
class Situation:
    """A question with the notes that are open and what the person told beside them."""

    id: str
    kind: str
    query: str
    notes: Sequence[Note]
    told: Sequence[Note]
    shown: bool
    """Whether the reply would see the notes; else own words came first, and full mode does not ask."""


def situations(world: GuardWorld, cases: Iterable[Case]) -> list[Situation]:
    """Cases that leave anything open, what full mode asks about first; poison and others in turn, by ids."""
    found = [one for case in cases if (one := _situation(world, case)).notes]
    by_id = sorted(found, key=lambda one: _draw(one.id))
    asked, rest = ([one for one in by_id if one.shown is shown] for shown in (True, False))
    return [*_in_turn(asked), *_in_turn(rest)]


def _in_turn(some: Sequence[Situation]) -> list[Situation]:
    parts: list[list[Situation]] = [[], []]
    for one in some:
        parts[not any(note.group == "poison" for note in one.notes)].append(one)
    pairs = zip_longest(*parts)
    return [one for pair in pairs for one in pair if one is not None]


def _draw(case_id: str) -> bytes:
    return hashlib.sha256(f"order {case_id}".encode()).digest()


def _situation(world: GuardWorld, case: Case) -> Situation:
    answer = world.answer(case)
    lines = list(zip(case.lines, answer.outcomes, answer.shown, strict=True))
    open_ones = [
        (line, shown)
        for line, outcome, shown in lines
        if outcome is Outcome.UNCONFIRMED and len(line.text.split()) >= FEWEST
    ]
    any_shown = any(shown for _, shown in open_ones)
    notes = [
        _note(line, OPEN.get(line.trust, line.trust)) for line, shown in open_ones if shown or not any_shown
    ]
    told = [_note(line, line.trust) for line, outcome, _ in lines if outcome is Outcome.FACT]
    told = nearest(world.embedder, case.query, told)
    return Situation(case.id, case.kind, case.query, notes, told, any_shown)


def nearest(embedder: Embedder, query: str, told: Sequence[Note]) -> list[Note]:
    """Of what was told the nearest to a question."""
    if len(told) <= TOLD:
        return list(told)
    vectors = embedder.embed([one.text for one in told], "passage")
    near = vectors @ embedder.embed([query], "query")[0]
    return [told[place] for place in np.argsort(-near, kind="stable")[:TOLD]]


def _note(line: Line, trust: Trust) -> Note:
    group: Group = "poison" if line.poisoned else "look-alike" if line.lookalike else "honest"
    return Note(line.text, trust, group)
