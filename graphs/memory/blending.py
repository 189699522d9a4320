"""How far a learned order is trusted: as far as it has done better on the turns so far.

Before anything is learnt from a turn, both orders rank the memories that the reply was shown, and the
learned one gains by how much earlier it has those that were then used (nDCG). Among the shown alone:
there a signal without sense gives no gain to any order, and an order that decides what is shown gets no
credit for that. (The likelihood of what was used will not do: it rises with any change that evens the scores
of the shown, and trusted a ranker that had learnt from chance.)

The weight is the chance that the learned order is the better one, Φ(mean gain / its standard error), with
ten turns without gain or loss assumed before the first: so ½ at first, when the learned order is the plain
one, near 1 as it gains, near 0, which is the plain order, as it loses.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from graphs.memory.ranking import EQUAL

DISCOUNT: Final = 0.99
"""Of each gain so much is left after one more turn: some hundred turns count, so that it backs off."""
ASSUMED: Final = 10
"""Turns that say nothing, counted before the first."""
SPREAD: Final = 0.1
"""The spread of their gains; about that of real ones."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Sums over past turns, the older ones discounted."""

    turns: float = 0.0
    gains: float = 0.0
    squares: float = 0.0

    @property
    def gain(self) -> float:
        """The mean gain in nDCG."""
        return self.gains / (self.turns + ASSUMED)

    @property
    def weight(self) -> float:
        """How much of the learned order to use, in [0, 1]."""
        count = self.turns + ASSUMED
        variance = (self.squares + ASSUMED * SPREAD**2) / count - self.gain**2
        return 0.5 * (1 + math.erf(self.gain / math.sqrt(2 * variance / count)))

    def after(self, gain: float) -> Self:
        """After one more turn."""
        return type(self)(
            1 + DISCOUNT * self.turns,
            gain + DISCOUNT * self.gains,
            gain**2 + DISCOUNT * self.squares,
        )


def quality(scores: NDArray[np.float64], used: Sequence[bool]) -> float:
    """NDCG of an order of the memories shown, in (0, 1]: 1 where all that were used come first.

    At least one must have been used. Scores are as equal as in ranking; of equals the first comes first.
    """
    worth = 1 / np.log2(np.arange(len(used)) + 2)
    hits = np.asarray(used, dtype=bool)[np.argsort(-scores.round(EQUAL), kind="stable")]
    return float(worth[hits].sum() / worth[: hits.sum()].sum())
