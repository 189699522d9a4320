"""How times and texts are written into the store, and read back."""

from datetime import UTC, datetime

SECONDS_A_DAY = 86_400.0
UNIX_EPOCH = 2_440_587.5
"""1 January 1970 as a Julian day."""
UNSTORABLE = "\ufffd"


def time_text(at: datetime) -> str:
    """ISO-8601 in UTC with microseconds, so that texts sort as times do."""
    if at.tzinfo is None:
        raise ValueError(f"A time needs a time zone: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def julian_day(at: datetime) -> float:
    """As SQLite's julianday() tells it."""
    return at.timestamp() / SECONDS_A_DAY + UNIX_EPOCH


def time_of(text: str) -> datetime:
    """The time that `time_text` wrote."""
    return datetime.fromisoformat(text)


def maybe_time_text(at: datetime | None) -> str | None:
    """As `time_text`, for a time that may be absent."""
    return None if at is None else time_text(at)


def maybe_time_of(text: str | None) -> datetime | None:
    """As `time_of`, for a time that may be absent."""
    return None if text is None else time_of(text)


def storable(text: str) -> str:
    """The text with the replacement character for what SQLite cannot hold: NUL and lone surrogates."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", UNSTORABLE)
