"""Vectors kept in memory, since Chroma takes as long to hand out a few of them as for a whole search."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
MOST_KEPT: Final = 20_000
"""Vectors of a persona; of 384 dimensions 31 MB."""
AT_FIRST: Final = 256


class VectorCache:
    """The newest vectors of one persona by memory id, in one matrix. Not safe to share between threads."""

    def __init__(self, dimension: int, most: int = MOST_KEPT) -> None:
        self._rows = np.empty((min(AT_FIRST, most), dimension), dtype=np.float32)
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

    def get(self, ids: Sequence[str]) -> Mapping[str, Vector]:
        """Those that are kept."""
        here = [memory_id for memory_id in ids if memory_id in self._place]
        rows = self._rows[[self._place[memory_id] for memory_id in here]] if here else ()
        return dict(zip(here, rows, strict=True))

    def _room_for(self, memory_id: str) -> int:
        place = self._place.get(memory_id)
        if place is not None:
            return place
        if len(self._holder) < self._most:
            place = len(self._holder)
            self._holder.append(memory_id)
            if place == len(self._rows):
                more = np.empty((min(2 * place, self._most), self._rows.shape[1]), dtype=np.float32)
                more[:place] = self._rows
                self._rows = more
        else:
            place, self._next = self._next, (self._next + 1) % self._most
            self._place.pop(self._holder[place], None)
            self._holder[place] = memory_id
        self._place[memory_id] = place
        return place
