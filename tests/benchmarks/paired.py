"""Whether one way is better than another on the same questions, or only luckier."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2_000
SEED = 1


def difference(
    one: Sequence[float], other: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, float]:
    """The mean of `one` less that of `other`, with its 95% interval by paired bootstrap over questions."""
    gains = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(gains), size=(resamples, len(gains)))
    low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
    return {"mean": round(float(gains.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
