"""Why a memory comes before another.

Each part is a z-score over the candidates, that is, how many standard deviations a memory lies above
their mean: so cosines and BM25 scores can be added, and a part that tells the candidates apart counts
more than one that does not. The total is a plain weighted sum, with two weights only:

    1   what the memory itself says: by meaning, by words, and by whom
    1/2 what stands around it (the turns beside it, its session) and its form

Nothing is fitted. docs/benchmarks.md shows what each part brings. Retention does not reorder good
matches; it only decides between equals. Three more parts count nothing at first; they are there to be
learnt (graphs/memory/feature_ranker.py), and are told in plain units: where few differ, z-scores are huge.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.records import Memory, Trust

Row = NDArray[np.float64]

WHOLE: Final = 1.0
HALF: Final = 0.5
WEIGHTS: Final[Mapping[str, float]] = {
    "meaning": WHOLE,
    "words": WHOLE,
    "speaker": WHOLE,
    "beside_meaning": HALF,
    "beside_words": HALF,
    "session": WHOLE,
    "length": HALF,
    "statement": HALF,
    "turn": 0.0,
    "trust": 0.0,
    "past_use": 0.0,
}
"""`session` is the sum of its two halves, meaning and words."""
LEAST_TRUSTED: Final = len(Trust) - 1
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
    scores = {name: weight * parts[name] for name, weight in weights.items() if weight}
    totals = np.sum(list(scores.values()), axis=0).round(EQUAL).tolist()
    order = sorted(
        range(len(candidates)),
        key=lambda i: (totals[i], -candidates[i].idle, candidates[i].id),
        reverse=True,
    )
    return [
        Ranked(
            candidates[i].id,
            totals[i],
            {name: round(float(values[i]), EQUAL) for name, values in scores.items()},
            tuple(features[i].tolist()),
        )
        for i in order[:limit]
    ]


def _parts(candidates: Sequence[Candidate]) -> dict[str, Row]:
    meaning = standard(np.array([math.nan if one.cosine is None else one.cosine for one in candidates]))
    words = standard(np.array([one.bm25 for one in candidates]))
    beside = _places_beside(candidates)
    return {
        "meaning": meaning,
        "words": words,
        "speaker": standard(np.array([one.spoken for one in candidates], dtype=np.float64)),
        "beside_meaning": standard(_best_beside(beside, meaning)),
        "beside_words": standard(_best_beside(beside, words)),
        "session": standard(_best_of_session(candidates, meaning + words)),
        "length": standard(np.log1p([one.length for one in candidates])),
        "statement": standard(np.array([not one.is_question for one in candidates], dtype=np.float64)),
        "turn": centred([one.is_turn for one in candidates]),
        "trust": centred([-one.trust / LEAST_TRUSTED for one in candidates]),
        "past_use": centred([math.log1p(one.uses) for one in candidates]),
    }


def centred(values: Sequence[float]) -> Row:
    """How far each lies above their mean."""
    plain = np.array(values, dtype=np.float64)
    lifted: Row = plain - plain.mean()
    return lifted


def standard(values: Row) -> Row:
    """Z-scores; 0 for what is not known (NaN), and for all where there is no spread."""
    known = values[~np.isnan(values)]
    spread = float(known.std()) if known.size else 0.0
    if spread < 1e-9:  # noqa: PLR2004 - rounding, not a difference
        return np.zeros_like(values)
    scored: Row = np.nan_to_num((values - known.mean()) / spread, nan=0.0)
    return scored


def _places_beside(candidates: Sequence[Candidate]) -> list[list[int] | None]:
    """Where among the candidates the turns beside each stand; None for what is no turn."""
    at = {one.id: place for place, one in enumerate(candidates)}
    return [[at[near] for near in one.beside if near in at] if one.is_turn else None for one in candidates]


def _best_beside(beside: Sequence[Sequence[int] | None], values: Row) -> Row:
    """The better of the turns beside each; a turn that stands alone has the lowest, another memory none."""
    plain: list[float] = values.tolist()
    lowest = min(plain)
    return np.array(
        [
            math.nan if places is None else max((plain[place] for place in places), default=lowest)
            for places in beside
        ]
    )


def _best_of_session(candidates: Sequence[Candidate], values: Row) -> Row:
    """The best value in each one's session; unknown for what belongs to none."""
    best: dict[str, float] = defaultdict(lambda: -math.inf)
    for one, value in zip(candidates, values, strict=True):
        best[one.session_id] = max(best[one.session_id], float(value))
    return np.array([best[one.session_id] if one.session_id else math.nan for one in candidates])
