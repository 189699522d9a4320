"""Vectors kept in memory, since Chroma takes longer to hand out a hundred of them than for a whole search.

At half precision, which changes a cosine in the fourth decimal.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
MOST_KEPT: Final = 50_000
"""Vectors of a persona; of 384 dimensions 38 MB."""
AT_FIRST: Final = 256


class VectorCache:
    """The newest vectors of one persona by memory id, in one matrix. Not safe to share between threads."""

    def __init__(self, dimension: int, most: int = MOST_KEPT) -> None:
        self._rows = np.empty((min(AT_FIRST, most), dimension), dtype=np.float16)
        self._place: dict[str, int] = {}
        self._holder: list[str] = []
        self._most = most
        self._next = 0

    def put(self, ids: Sequence[str], vectors: Vector) -> None:
        """Keep these; where there is no room the oldest make way."""
        for memory_id, vector in zip(ids, vectors, strict=True):
            place = self._room_for(memory_id)
            self._rows[place] = vector

    def drop(self, ids: Sequence[str]) -> None:
        """Let go of these."""
        for memory_id in ids:
            place = self._place.pop(memory_id, None)
            if place is not None:
                self._holder[place] = ""

    def cosines(self, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """Of those that are kept, to a unit vector."""
        here = [memory_id for memory_id in ids if memory_id in self._place]
        if not here:
            return {}
        rows = self._rows[[self._place[memory_id] for memory_id in here]].astype(np.float32)
        cosines = np.einsum("ij,j->i", rows, vector)  # not `@`, which waits for a second thread
        return dict(zip(here, cosines.tolist(), strict=True))

    def _room_for(self, memory_id: str) -> int:
        place = self._place.get(memory_id)
        if place is not None:
            return place
        if len(self._holder) < self._most:
            place = len(self._holder)
            self._holder.append(memory_id)
            if place == len(self._rows):
                more = np.empty((min(2 * place, self._most), self._rows.shape[1]), dtype=np.float16)
                more[:place] = self._rows
                self._rows = more
        else:
            place, self._next = self._next, (self._next + 1) % self._most
            self._place.pop(self._holder[place], None)
            self._holder[place] = memory_id
        self._place[memory_id] = place
        return place
