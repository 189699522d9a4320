"""What notes that lead from one question have in common, as votes weighed by trust.

Each voter's vote for a note is their cosine. What the person told counts whole; whatever nobody vouches for
counts together no more than a part of one own word, however many copies there are; alone it elects nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from storage.records import Trust

Vectors = NDArray[np.float32]
WEIGHTS: Final[Mapping[Trust, float]] = {
    Trust.SAID: 1.0,
    Trust.TYPED: 1.0,
    Trust.NOTED: 0.8,
    Trust.INFERRED: 0.3,
    Trust.PASTED: 0.2,
    Trust.IMPORTED: 0.2,
}
CAP: Final = 0.5
"""The most that all open notes weigh together, in votes of the least trusted of the person's own words."""


def agreement(
    notes: Vectors, trusts: Sequence[Trust], told: Vectors, told_trusts: Sequence[Trust]
) -> list[float]:
    """How far the voters agree with each note, in [-1, 1]; 0 where the person told nothing."""
    if not len(told):
        return [0.0] * len(notes)
    own = np.array([WEIGHTS[trust] for trust in told_trusts])
    others = np.array([WEIGHTS[trust] for trust in trusts])
    found = []
    for place in range(len(notes)):
        votes = np.delete(others, place)
        if votes.sum():
            votes = votes * min(1.0, CAP * own.min() / votes.sum())
        near = np.delete(notes @ notes[place], place)
        total = float(own @ (told @ notes[place]) + votes @ near)
        found.append(total / float(own.sum() + votes.sum()))
    return found


def heads(notes: Vectors, told: Vectors) -> list[float]:
    """The mean cosine of each to all others, one vote a head: what a majority of copies wins."""
    everyone = np.concatenate([notes, told])
    near = notes @ everyone.T
    others = max(1, len(everyone) - 1)
    return [float(row.sum() - row[place]) / others for place, row in enumerate(near)]


def conflict(
    one: Vectors, other: Vectors, told_one: Vectors, told_other: Vectors, told_trusts: Sequence[Trust]
) -> list[float]:
    """By field: near in whom it is about to something told, and far from it in what becomes of them."""
    if not len(told_one):
        return [0.0] * len(one)
    own = np.array([WEIGHTS[trust] for trust in told_trusts])
    about = np.clip(one @ told_one.T, 0.0, 1.0)
    away = 1.0 - np.clip(other @ told_other.T, 0.0, 1.0)
    return [float(row.max()) for row in about * away * own]
