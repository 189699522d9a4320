"""Every message becomes a memory of its own as soon as it is complete."""

from app.services.stores import Stores
from storage.records import (
    Author,
    Granularity,
    Memory,
    MemoryState,
    Message,
    MessageState,
    Origin,
    Role,
    Source,
    Trust,
)

ANOTHER_VERSION = "another version of the message was chosen"
WHOLE = frozenset({MessageState.COMPLETE, MessageState.STOPPED})


class TurnMemories:
    """Makes turn memories, each once, and keeps them in step with the chosen path."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._memories = stores.memories

    def remember(self, message: Message, persona_id: str, *, mine: bool = False) -> Memory | None:
        """The memory of one message; None for one that says nothing, or that is remembered already."""
        if not message.text.strip() or message.state not in WHOLE:
            return None
        if any(one.granularity is Granularity.TURN for one in self._memories.from_message(message.id)):
            return None
        memory = Memory(
            id=self._stores.ids(),
            persona_id=persona_id,
            granularity=Granularity.TURN,
            text=message.text,
            trust=trust_of(message, mine=mine),
            created=self._stores.clock.now(),
            said_on=message.created,
            speaker=message.role,
            speaker_name=message.speaker,
            session_id=message.session_id,
            sources=(Source(message.id),),
        )
        return self._memories.add(memory, Author.USER if message.role is Role.USER else Author.REFLECTION)

    def follow_path(self, conversation_id: str) -> None:
        """What was said in a version that is no longer chosen does not count, until it is chosen again."""
        on_path = {message.id for message in self._stores.messages.path(conversation_id)}
        batch_id = self._stores.ids()
        for message in self._stores.messages.all(conversation_id):
            for memory in self._memories.from_message(message.id):
                chosen = any(source.message_id in on_path for source in memory.sources)
                self._set_counting(memory, chosen, batch_id)

    def _set_counting(self, memory: Memory, chosen: bool, batch_id: str) -> None:
        left = memory.state is MemoryState.SUPERSEDED and memory.superseded_by is None
        if chosen and left:
            state, action = MemoryState.ACTIVE, "revive"
        elif not chosen and memory.state is MemoryState.ACTIVE:
            state, action = MemoryState.SUPERSEDED, "supersede"
        else:
            return
        self._memories.change(
            memory.id, Author.REFLECTION, action, batch_id=batch_id, reason=ANOTHER_VERSION, state=state
        )


def trust_of(message: Message, *, mine: bool = False) -> Trust:
    """What a message is worth as evidence."""
    if message.origin is Origin.IMPORT and not mine:
        return Trust.IMPORTED
    return Trust.SAID if message.role is Role.USER else Trust.INFERRED
