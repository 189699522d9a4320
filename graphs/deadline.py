"""A stop that also comes when the time is up."""

from datetime import timedelta

from graphs.ports import Clock, Stop


class Deadline:
    """Set when another stop is, or once its time has run out; a Stop itself."""

    def __init__(self, stop: Stop, clock: Clock, patience: timedelta) -> None:
        """Begins at once."""
        self._stop = stop
        self._clock = clock
        self._until = clock.now() + patience

    def is_set(self) -> bool:
        """Whether to stop as soon as possible."""
        return self._stop.is_set() or self.late

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self._clock.now() >= self._until
