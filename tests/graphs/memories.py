"""Memories made by hand, for tests of pure rules."""

from dataclasses import replace
from datetime import UTC, datetime

from storage.records import Granularity, Memory, Trust

SAID_ON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def memory(text: str = "Ana lives in Porto.", memory_id: str = "m1", **fields: object) -> Memory:
    """A turn that the person said on 3 May 2026, with some fields changed."""
    plain = Memory(
        id=memory_id,
        persona_id="mira",
        granularity=Granularity.TURN,
        text=text,
        trust=Trust.SAID,
        created=SAID_ON,
        said_on=SAID_ON,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]
