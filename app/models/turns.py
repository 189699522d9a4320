"""Who may use the model next: one at a time, the most urgent first, in order of asking among equals."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from graphs.ports import Priority, Stop

_LOOK_AGAIN_S = 0.05
"""How often someone who waits looks at their own stop, which cannot wake them."""


class Turn:
    """Somebody's turn at the model, waited for or running. A Stop: set when they stop or must give way."""

    def __init__(self, priority: int, number: int, stop: Stop) -> None:
        self.priority = priority
        self.order = (priority, number)
        self._stop = stop
        self.gives_way = False
        """Somebody more urgent came; the work is to be given up."""

    @property
    def stopped(self) -> bool:
        """Whether the asker's own stop is set."""
        return self._stop.is_set()

    def is_set(self) -> bool:
        """Whether to stop as soon as possible."""
        return self.gives_way or self.stopped

    def __lt__(self, other: "Turn") -> bool:
        return self.order < other.order


class TurnQueue:
    """Hands out turns. Whoever is more urgent than a running reflection makes it give way."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Turn] = []
        self._running: Turn | None = None
        self._numbers = itertools.count()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._changed:
            return len(self._waiting)

    @contextmanager
    def turn(
        self, priority: int, stop: Stop, on_wait: Callable[[], object] | None = None
    ) -> Iterator[Turn | None]:
        """A turn, once it is the asker's; None where their stop was set while they waited."""
        turn = Turn(priority, next(self._numbers), stop)
        if not self._acquire(turn, on_wait):
            yield None
            return
        try:
            yield turn
        finally:
            with self._changed:
                self._running = None
                self._changed.notify_all()

    def interrupt(self) -> None:
        """Make whoever runs give way, however urgent."""
        with self._changed:
            if self._running:
                self._running.gives_way = True

    def _acquire(self, turn: Turn, on_wait: Callable[[], object] | None) -> bool:
        with self._changed:
            heapq.heappush(self._waiting, turn)
            if self._running and turn.priority < Priority.REFLECTION <= self._running.priority:
                self._running.gives_way = True
            must_wait = not self._is_next(turn)
        if must_wait and on_wait:
            on_wait()
        with self._changed:
            while not self._is_next(turn):
                if turn.stopped:
                    self._waiting.remove(turn)
                    heapq.heapify(self._waiting)
                    self._changed.notify_all()
                    return False
                self._changed.wait(_LOOK_AGAIN_S)
            heapq.heappop(self._waiting)
            self._running = turn
            return True

    def _is_next(self, turn: Turn) -> bool:
        return self._running is None and self._waiting[0] is turn
