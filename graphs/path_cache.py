"""What a model chose for notes, so that a question much like an earlier one costs nothing.

Kept in memory only and without a word of them: a digest of what a note says, and the question's vector.
"""

import threading
from collections import OrderedDict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graphs.memory.paths import Kind

Vector = NDArray[np.float32]
MOST: Final = 512
"""Notes of which something is kept; the one that was used least lately goes first."""
QUESTIONS: Final = 8
"""Questions a note."""
NEAR: Final = 0.9
"""Cosine from which two questions are after the same."""


class PathCache:
    """What was chosen, by note and question; several threads may use it."""

    def __init__(self) -> None:
        self._kinds: OrderedDict[str, list[tuple[Vector, Kind]]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, note: str, question: Vector | None) -> Kind | None:
        """What was chosen for a note at a question like this one."""
        if question is None:
            return None
        with self._lock:
            for vector, kind in self._kinds.get(note, []):
                if float(vector @ question) >= NEAR:
                    self._kinds.move_to_end(note)
                    return kind
        return None

    def keep(self, note: str, question: Vector | None, kind: Kind) -> None:
        """Keep what was chosen; without a vector questions cannot be compared, and nothing is kept."""
        if question is None:
            return
        with self._lock:
            self._kinds[note] = [*self._kinds.get(note, []), (question, kind)][-QUESTIONS:]
            self._kinds.move_to_end(note)
            while len(self._kinds) > MOST:
                self._kinds.popitem(last=False)
