"""Every message becomes a memory of its own as soon as it is complete."""

from collections.abc import Callable
from datetime import datetime

from storage.memories import MemoryRepository
from storage.records import Author, Granularity, Memory, Message, MessageState, Origin, Role, Source, Trust

WHOLE = frozenset({MessageState.COMPLETE, MessageState.STOPPED})


class TurnMemories:
    """Makes turn memories, each once."""

    def __init__(
        self, memories: MemoryRepository, ids: Callable[[], str], now: Callable[[], datetime]
    ) -> None:
        self._memories = memories
        self._ids = ids
        self._now = now

    def remember(self, message: Message, persona_id: str, *, mine: bool = False) -> Memory | None:
        """The memory of one message; None for one that says nothing, or that is remembered already."""
        if not message.text.strip() or message.state not in WHOLE:
            return None
        if any(one.granularity is Granularity.TURN for one in self._memories.from_message(message.id)):
            return None
        memory = Memory(
            id=self._ids(),
            persona_id=persona_id,
            granularity=Granularity.TURN,
            text=message.text,
            trust=trust_of(message, mine=mine),
            created=self._now(),
            said_on=message.created,
            speaker=message.role,
            speaker_name=message.speaker,
            session_id=message.session_id,
            sources=(Source(message.id),),
        )
        return self._memories.add(memory, Author.USER if message.role is Role.USER else Author.REFLECTION)


def trust_of(message: Message, *, mine: bool = False) -> Trust:
    """What a message is worth as evidence."""
    if message.origin is Origin.IMPORT and not mine:
        return Trust.IMPORTED
    return Trust.SAID if message.role is Role.USER else Trust.INFERRED
