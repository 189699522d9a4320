"""How far a learned order is trusted: as far as it has done better on the turns so far.

Before anything is learnt from a turn, both orders score the memories that the reply was shown, and the
learned one gains by how much further it has those that were then used before the others:

    concordance = mean over used u and unused v of tanh((s_u - s_v) / τ)

A signal without sense gives no gain to any order, since as often u and v are the other way round; and an
order that decides what is shown gets no credit for that. The likelihood of what was used will not do: it
rises with any change that evens out the scores of the shown, and trusted a ranker taught by chance. Ranks
(nDCG) will, but few turns change any, so that it takes longer to be sure.

The weight is `mean gain / its standard error - 1`, kept within 0 and 1: nothing, which is the plain order
itself, until the gain is clear by one standard error, all from two on, and back as it falls. Ten turns
without gain or loss are assumed before the first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from graphs.memory.feature_ranker import TEMPERATURE

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
        """The mean gain in concordance."""
        return self.gains / (self.turns + ASSUMED)

    @property
    def clearness(self) -> float:
        """The mean gain in standard errors of it."""
        count = self.turns + ASSUMED
        variance = (self.squares + ASSUMED * SPREAD**2) / count - self.gain**2
        return self.gain / math.sqrt(variance / count)

    @property
    def weight(self) -> float:
        """How much of the learned order to use, in [0, 1]."""
        return min(1.0, max(0.0, self.clearness - 1.0))

    def after(self, gain: float) -> Self:
        """After one more turn."""
        return type(self)(
            1 + DISCOUNT * self.turns,
            gain + DISCOUNT * self.gains,
            gain**2 + DISCOUNT * self.squares,
        )


def concordance(scores: NDArray[np.float64], used: Sequence[bool]) -> float:
    """How far those that were used stand before those that were not, in (-1, 1); 0 is chance.

    One at least must have been used, and one not.
    """
    chosen = np.asarray(used, dtype=bool)
    ahead = scores[chosen][:, None] - scores[~chosen][None, :]
    return float(np.tanh(ahead / TEMPERATURE).mean())
