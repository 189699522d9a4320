"""Things that are dear to make, made when first needed."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """Makes its value once, on the first call, whichever thread comes first. A failure is not kept."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.RLock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """The value."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    @property
    def made(self) -> bool:
        """Whether it is there already."""
        return bool(self._made)

    def forget(self) -> T | None:
        """Drop the value, so that the next call makes a fresh one, and give the old one back."""
        with self._lock:
            return self._made.pop() if self._made else None
