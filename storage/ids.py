"""Identifiers that sort by the time of their making."""

import random
import threading
from collections.abc import Callable
from datetime import datetime

from ulid import ULID

RANDOM_BITS = 80


class UlidSource:
    """Makes ULIDs that only grow, also within a millisecond and when the clock is set back."""

    def __init__(self, now: Callable[[], datetime], rng: random.Random) -> None:
        self._now = now
        self._rng = rng
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """A new identifier, larger than every one before it."""
        with self._lock:
            milliseconds = int(self._now().timestamp() * 1000)
            fresh = (milliseconds << RANDOM_BITS) | self._rng.getrandbits(RANDOM_BITS)
            self._last = fresh if milliseconds > self._last >> RANDOM_BITS else self._last + 1
            return str(ULID.from_int(self._last))
