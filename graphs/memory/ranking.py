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
matches; it only decides between equals.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.records import Memory

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
}
"""`session` is the sum of its two halves, meaning and words."""
MOST: Final = 3.0
"""Standard deviations that a yes or no counts at most."""
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


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place in the order."""

    id: str
    total: float
    parts: Mapping[str, float]
    """Weighted z-scores by name, which sum up to the total but for rounding."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A memory that was found, with why."""

    memory: Memory
    total: float
    parts: Mapping[str, float]
    """As in Ranked, and the raw `cosine` and `bm25`."""


def rank(
    candidates: Sequence[Candidate], weights: Mapping[str, float] = WEIGHTS, *, limit: int | None = None
) -> list[Ranked]:
    """The best candidates, the best first."""
    if not candidates:
        return []
    scores = {name: weights[name] * values for name, values in _parts(candidates).items() if weights[name]}
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
        )
        for i in order[:limit]
    ]


def _parts(candidates: Sequence[Candidate]) -> dict[str, Row]:
    meaning = standard(np.array([math.nan if one.cosine is None else one.cosine for one in candidates]))
    words = standard(np.array([one.bm25 for one in candidates]))
    at = {one.id: place for place, one in enumerate(candidates)}
    beside = [_places(one.beside, at) if one.is_turn else None for one in candidates]
    kin = [_places(one.kin, at) or None for one in candidates]
    return {
        "meaning": meaning,
        "words": words,
        "speaker": _yes_or_no(one.spoken for one in candidates),
        "period": _yes_or_no(one.in_period for one in candidates),
        "when": _yes_or_no(one.answers_when for one in candidates),
        "beside_meaning": standard(_best_of(beside, meaning)),
        "beside_words": standard(_best_of(beside, words)),
        "kin_meaning": standard(_best_of(kin, meaning)),
        "kin_words": standard(_best_of(kin, words)),
        "session": standard(_best_of_session(candidates, meaning + words)),
        "length": standard(np.log1p([one.length for one in candidates])),
        "statement": _yes_or_no(not one.is_question for one in candidates),
        "oneself": _yes_or_no(one.about_oneself if one.is_turn else math.nan for one in candidates),
    }


def standard(values: Row) -> Row:
    """Z-scores; 0 for what is not known (NaN), and for all where there is no spread."""
    known = values[~np.isnan(values)]
    spread = float(known.std()) if known.size else 0.0
    if spread < 1e-9:  # noqa: PLR2004 - rounding, not a difference
        return np.zeros_like(values)
    scored: Row = np.nan_to_num((values - known.mean()) / spread, nan=0.0)
    return scored


def _yes_or_no(values: Iterable[float]) -> Row:
    return np.minimum(standard(np.array(list(values), dtype=np.float64)), MOST)


def _places(ids: Sequence[str], at: Mapping[str, int]) -> list[int]:
    return [at[one] for one in ids if one in at]


def _best_of(others: Sequence[Sequence[int] | None], values: Row) -> Row:
    """The best of some others for each; where there are none the lowest, where there can be none unknown."""
    plain: list[float] = values.tolist()
    lowest = min(plain)
    return np.array(
        [
            math.nan if places is None else max((plain[place] for place in places), default=lowest)
            for places in others
        ]
    )


def _best_of_session(candidates: Sequence[Candidate], values: Row) -> Row:
    """The best value in each one's session; unknown for what belongs to none."""
    best: dict[str, float] = defaultdict(lambda: -math.inf)
    for one, value in zip(candidates, values, strict=True):
        best[one.session_id] = max(best[one.session_id], float(value))
    return np.array([best[one.session_id] if one.session_id else math.nan for one in candidates])
