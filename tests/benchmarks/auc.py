"""How well a score tells poison from honest notes, and whether it does so better than another one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
SEED = 1
Wins = NDArray[np.float64]


def auc(scores: Sequence[float], bad: Sequence[bool]) -> float:
    """How often a bad one scores above a good one; a tie counts half. NaN where one sort is missing."""
    marks = np.asarray(bad, dtype=bool)
    wins = _wins(np.asarray(scores, dtype=np.float64), marks)
    return float(wins.mean()) if wins.size else float("nan")


def difference(
    one: Sequence[float],
    other: Sequence[float],
    bad: Sequence[bool],
    cases: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, float]:
    """The AUC of `one` less that of `other`, with its 95% interval by paired bootstrap over cases."""
    marks = np.asarray(bad, dtype=bool)
    gain = _wins(np.asarray(one, dtype=np.float64), marks) - _wins(np.asarray(other, dtype=np.float64), marks)
    names, places = np.unique(np.asarray(cases), return_inverse=True)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        counts = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[places]
        weights = np.outer(counts[marks], counts[~marks])
        if weights.sum():
            found.append(float((gain * weights).sum() / weights.sum()))
    low, high = np.percentile(found, [2.5, 97.5])
    return {"mean": round(float(gain.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _wins(scores: NDArray[np.float64], bad: NDArray[np.bool_]) -> Wins:
    """1 where the bad one of a pair scores higher, ½ where both score the same; a row for each bad one."""
    apart = scores[bad][:, None] - scores[~bad][None, :]
    return np.where(apart == 0, 0.5, apart > 0).astype(np.float64)
