"""Why a memory comes before another.

Each part is a z-score over the candidates, that is, how many standard deviations a memory lies above
their mean: so cosines and BM25 scores can be added, and a part that tells the candidates apart counts
more than one that does not. The total is a plain weighted sum:

    1   what the memory itself says: by meaning, by whom, of which time, and whether it tells when if asked
    1/2 what stands around it (the turns beside it, what else was made of the same words, its session)
        and its form

and whatever goes by words counts half of what goes by meaning: the z-scores of BM25 have a long tail, and
one rare word would otherwise outvote all the rest. A part that is a yes or no counts three standard
deviations at most, so that being the only one of its kind is not everything.

Nothing is fitted. docs/benchmarks.md shows what each part brings. Retention does not reorder good
matches; it only decides between equals. Three more parts count nothing at first; they are there to be
learnt (graphs/memory/feature_ranker.py), and are told in plain units: where few differ, z-scores are huge.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from storage.records import Memory, Trust

Row = NDArray[np.float64]

WHOLE: Final = 1.0
HALF: Final = 0.5
WEIGHTS: Final[Mapping[str, float]] = {
    "meaning": WHOLE,
    "words": WHOLE * HALF,
    "speaker": WHOLE,
    "period": WHOLE,
    "when": WHOLE,
    "beside_meaning": HALF,
    "beside_words": HALF * HALF,
    "kin_meaning": HALF,
    "kin_words": HALF * HALF,
    "session": WHOLE,
    "length": HALF,
    "statement": HALF,
    "oneself": HALF,
    "turn": 0.0,
    "trust": 0.0,
    "past_use": 0.0,
}
"""`session` is the sum of its two halves, meaning and words."""
MOST: Final = 3.0
"""Standard deviations that a yes or no counts at most."""
LEAST_TRUSTED: Final = len(Trust) - 1
NO_SPREAD: Final = 1e-9
"""A deviation below it is rounding, not a difference."""
EQUAL: Final = 2
"""Totals that agree in so many decimals are equal; then retention decides, then the newer one."""


class Candidate(NamedTuple):
    """A memory as ranking sees it."""

    id: str
    cosine: float | None
    """None where nothing is known of its meaning."""
    bm25: float
    """0 where it holds none of the words."""
    spoken: bool
    """Whether it was said by whom the question asks about."""
    session_id: str
    beside: tuple[str, ...]
    """The turns before and after it."""
    length: int
    """In words."""
    is_question: bool
    idle: float
    """Days since its last use over its strength: retention falls as this grows."""
    is_turn: bool = True
    kin: tuple[str, ...] = ()
    """For a turn, what was made of it; for that, its turns."""
    in_period: bool = False
    """Whether it was said in the time that the question is about."""
    answers_when: bool = False
    """Whether a time is asked for, and it tells one."""
    about_oneself: bool = False
    """Whether somebody is asked about, and whoever said it speaks of themselves."""
    trust: int = 0
    """As Trust.rank: 0 for the most trusted."""
    uses: int = 0
    """How many replies used it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place in the order."""

    id: str
    total: float
    parts: Mapping[str, float]
    """Weighted z-scores by name, which sum up to the total but for rounding."""
    features: tuple[float, ...]
    """All parts before weighting, in the order of the weights."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A memory that was found, with why."""

    memory: Memory
    total: float
    parts: Mapping[str, float]
    """As in Ranked, and the raw `cosine` and `bm25`."""
    features: tuple[float, ...] = ()
    """As in Ranked."""


def rank(
    candidates: Sequence[Candidate], weights: Mapping[str, float] = WEIGHTS, *, limit: int | None = None
) -> list[Ranked]:
    """The best candidates, the best first."""
    if not candidates:
        return []
    parts = _parts(candidates)
    features = np.stack([parts[name] for name in weights], axis=1)
    names = [name for name in parts if weights[name]]
    scores = np.stack([weights[name] * parts[name] for name in names])
    totals: list[float] = scores.sum(axis=0).round(EQUAL).tolist()
    keys = [(total, -one.idle, one.id) for total, one in zip(totals, candidates, strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=True)[:limit]
    told: list[list[float]] = scores[:, order].T.round(EQUAL).tolist()
    return [
        Ranked(candidates[i].id, totals[i], dict(zip(names, own, strict=True)), tuple(features[i].tolist()))
        for i, own in zip(order, told, strict=True)
    ]


def _parts(candidates: Sequence[Candidate]) -> dict[str, Row]:
    every = dict(zip(Candidate._fields, zip(*candidates, strict=True), strict=True))
    at = dict(zip(every["id"], range(len(candidates)), strict=True))
    turns = np.array(every["is_turn"])
    own = standard_rows(
        every["cosine"],
        every["bm25"],
        every["spoken"],
        every["in_period"],
        every["answers_when"],
        np.log1p(every["length"]),
        np.logical_not(every["is_question"]),
        np.where(turns, every["about_oneself"], np.nan),
    )
    meaning, words, speaker, period, when, length, statement, oneself = own
    said = np.stack([meaning, words])
    around = standard_rows(
        *_best_of(every["beside"], at, said, lonely=np.where(turns, said.min(axis=1)[:, None], np.nan)),
        *_best_of(every["kin"], at, said, lonely=np.full_like(said, np.nan)),
        _best_of_session(every["session_id"], meaning + words),
    )
    beside_meaning, beside_words, kin_meaning, kin_words, session = around
    return {
        "meaning": meaning,
        "words": words,
        "speaker": np.minimum(speaker, MOST),
        "period": np.minimum(period, MOST),
        "when": np.minimum(when, MOST),
        "beside_meaning": beside_meaning,
        "beside_words": beside_words,
        "kin_meaning": kin_meaning,
        "kin_words": kin_words,
        "session": session,
        "length": length,
        "statement": np.minimum(statement, MOST),
        "oneself": np.minimum(oneself, MOST),
        "turn": centred(turns),
        "trust": centred(np.divide(every["trust"], -LEAST_TRUSTED)),
        "past_use": centred(np.log1p(every["uses"])),
    }


def centred(values: ArrayLike) -> Row:
    """How far each lies above their mean."""
    plain = np.array(values, dtype=np.float64)
    lifted: Row = plain - plain.mean()
    return lifted


def standard_rows(*rows: ArrayLike) -> Row:
    """Z-scores of each row; 0 for what is not known (NaN), and for all where there is no spread."""
    values = np.array(rows, dtype=np.float64)
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = np.where(known, values, 0.0)
    centred = np.where(known, centred - centred.sum(axis=1, keepdims=True) / counts, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / counts)
    scored: Row = np.where(spread < NO_SPREAD, 0.0, centred / np.maximum(spread, NO_SPREAD))
    return scored


def _best_of(others: Sequence[Sequence[str]], at: Mapping[str, int], values: Row, *, lonely: Row) -> Row:
    """For each candidate the best values of those others that are candidates too; else those of `lonely`."""
    mine = [place for place, some in enumerate(others) for one in some if one in at]
    if not mine:
        return lonely
    theirs = [at[one] for some in others for one in some if one in at]
    best = np.full_like(values, -np.inf)
    for row, found in zip(best, values[:, theirs], strict=True):
        np.maximum.at(row, np.array(mine), found)
    lifted: Row = np.where(np.isneginf(best), lonely, best)
    return lifted


def _best_of_session(sessions: Sequence[str], values: Row) -> Row:
    """The best value in each one's session; unknown for what belongs to none."""
    best: dict[str, float] = {}
    for session_id, value in zip(sessions, values.tolist(), strict=True):
        if value > best.get(session_id, -math.inf):
            best[session_id] = value
    return np.array([best[session_id] if session_id else math.nan for session_id in sessions])
