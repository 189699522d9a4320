"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 5, 3, 18, 0, tzinfo=UTC)


class FakeClock:
    """Tells the time that it was given."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._now

    def advance(self, by: timedelta | None = None, /, **spans: float) -> datetime:
        """Go on by a timedelta, or by `days=`, `hours=`, `minutes=`, `seconds=`; say the new time."""
        self._now += timedelta(**spans) if by is None else by
        return self._now
