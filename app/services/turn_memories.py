"""Every message becomes a memory of its own as soon as it is complete."""

from typing import Any

from app.services.door import let_in
from app.services.stores import Stores
from graphs.changing import ended_with
from graphs.memory.turns import remember_turn
from storage.records import Author, Granularity, Memory, MemoryState, Message, Origin, Role

ANOTHER_VERSION = "another version of the message was chosen"


class TurnMemories:
    """Makes turn memories, each once, and keeps them in step with the chosen path."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._memories = stores.memories

    def remember(
        self, message: Message, persona_id: str, *, mine: bool = False, file: str = ""
    ) -> Memory | None:
        """The memory of one message; None for one that says nothing, or that is remembered already.

        `file` is the name of the file that it was imported from.
        """
        if any(one.granularity is Granularity.TURN for one in self._memories.from_message(message.id)):
            return None
        stores = self._stores
        memory = remember_turn(
            message, persona_id, memory_id=stores.ids(), now=stores.clock.now(), mine=mine, file=file
        )
        if memory is None:
            return None
        by = Author.USER if message.role is Role.USER else Author.REFLECTION
        return let_in(stores, memory, by, alone=message.origin is Origin.CHAT)

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
        if action == "supersede":
            self._bring_back(memory, batch_id)

    def _bring_back(self, memory: Memory, batch_id: str) -> None:
        """What a memory had retired stands again when it counts no more."""
        by: dict[str, Any] = {
            "by": Author.REFLECTION,
            "action": "revive",
            "batch_id": batch_id,
            "reason": ANOTHER_VERSION,
        }
        for old in self._memories.retired_by(memory.id):
            for turn in ended_with(self._memories, old):
                self._memories.change(turn.id, **by, valid_to=None)
            self._memories.change(old.id, **by, state=MemoryState.ACTIVE, superseded_by=None, valid_to=None)
