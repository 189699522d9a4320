"""Every message becomes a memory of its own as soon as it is complete."""

from datetime import datetime
from typing import Final

from storage.records import Granularity, Memory, Message, MessageState, Origin, Role, Source, Trust

WHOLE: Final = frozenset({MessageState.COMPLETE, MessageState.STOPPED})
"""States in which a message's text is final."""


def remember_turn(
    message: Message, persona_id: str, *, memory_id: str, now: datetime, mine: bool = False
) -> Memory | None:
    """The memory of one message; None for one that says nothing or is not final.

    `mine`: the person vouches for an imported transcript as their own words.
    """
    if not message.text.strip() or message.state not in WHOLE:
        return None
    return Memory(
        id=memory_id,
        persona_id=persona_id,
        granularity=Granularity.TURN,
        text=message.text,
        trust=trust_of(message, mine=mine),
        created=now,
        said_on=message.created,
        speaker=message.role,
        speaker_name=message.speaker,
        session_id=message.session_id,
        sources=(Source(message.id),),
    )


def trust_of(message: Message, *, mine: bool = False) -> Trust:
    """What a message is worth as evidence about the person."""
    if message.origin is Origin.IMPORT and not mine:
        return Trust.IMPORTED
    return Trust.SAID if message.role is Role.USER else Trust.INFERRED
