"""Whether one way does better than another, or only happened to: a paired bootstrap over the questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2_000


@dataclass(frozen=True)
class Difference:
    """A mean difference with the interval that holds it in 95 of 100 draws."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def difference(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0) -> Difference:
    """Ours less theirs, question by question, both in the same order."""
    pairs = np.array(ours) - np.array(theirs)
    rng = np.random.default_rng(seed)
    means = pairs[rng.integers(0, len(pairs), (DRAWS, len(pairs)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(*(round(float(value), 4) for value in (pairs.mean(), low, high)))
