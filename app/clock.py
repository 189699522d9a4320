"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The time now, in UTC."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)
