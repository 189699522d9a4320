"""A session to reflect on, over a real store."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from graphs.memory.turns import remember_turn
from graphs.ports import ChatModel, Embedder
from graphs.reflecting import Reflected, reflect
from graphs.reflection import build_reflection_graph
from graphs.reflection_context import ReflectionContext
from storage.memory_filter import MemoryFilter
from storage.records import (
    Author,
    Conversation,
    Granularity,
    Memory,
    MemoryState,
    Message,
    Origin,
    Role,
    Session,
)
from tests.fakes.embedder import BagOfWords
from tests.storage.store import Store


@dataclass
class Sitting:
    """Conversations with one persona, and reflection on them."""

    store: Store
    model: ChatModel | None = None
    person: str = "Ida"
    embedder: Embedder | None = field(default_factory=BagOfWords)
    stop: threading.Event = field(default_factory=threading.Event)
    checkpointer: Any = None

    def begin(self, origin: Origin = Origin.CHAT) -> Conversation:
        """A new conversation, a day after the last."""
        self.store.clock.advance(timedelta(days=1))
        return self.store.conversations.add("mira", "A talk", origin)

    def say(
        self,
        conversation: Conversation,
        text: str,
        role: Role = Role.USER,
        *,
        origin: Origin = Origin.CHAT,
        speaker: str = "",
    ) -> Message:
        """Add a message, which is a turn memory at once."""
        self.store.clock.advance(timedelta(seconds=20))
        head = self.store.conversations.get(conversation.id).head_id
        message = self.store.messages.append(
            conversation.id, role, text, parent_id=head, origin=origin, speaker=speaker
        )
        memory = remember_turn(message, "mira", memory_id=self.store.ids(), now=self.store.clock.now())
        if memory:
            self.store.memories.add(memory, Author.USER)
        return message

    def tell(self, *texts: str, origin: Origin = Origin.CHAT) -> Session:
        """The person says these things in a conversation of their own, which is then closed."""
        conversation = self.begin(origin)
        for text in texts:
            self.say(conversation, text, origin=origin)
            self.say(conversation, "I see.", Role.ASSISTANT, origin=origin)
        return self.close(conversation)

    def close(self, conversation: Conversation) -> Session:
        """Close the newest session of a conversation."""
        newest = self.store.sessions.for_conversation(conversation.id)[-1]
        return self.store.sessions.close(newest.id)

    def context(self) -> ReflectionContext:
        return ReflectionContext(
            database=self.store.database,
            sessions=self.store.sessions,
            messages=self.store.messages,
            memories=self.store.memories,
            words=self.store.words,
            clock=self.store.clock,
            ids=self.store.ids,
            stop=self.stop,
            model=self.model,
            embedder=self.embedder,
            person=self.person,
        )

    def reflect(self, session: Session) -> Reflected:
        return reflect(build_reflection_graph(self.checkpointer), self.context(), session.id)

    def summaries(self) -> list[Memory]:
        """The summaries of talks, oldest first, whatever their state."""
        wanted = MemoryFilter(
            granularities=(Granularity.SESSION,), order="said_on", descending=False, limit=-1
        )
        return self.store.memories.list("mira", wanted)

    def promises(self) -> list[Memory]:
        """What the companion promised, oldest first, whatever its state."""
        wanted = MemoryFilter(
            granularities=(Granularity.TOPIC,),
            speaker=Role.ASSISTANT,
            order="said_on",
            descending=False,
            limit=-1,
        )
        return self.store.memories.list("mira", wanted)

    def made(self, *states: MemoryState) -> list[Memory]:
        """What reflection knows of the person, oldest first; active memories unless told otherwise."""
        wanted = MemoryFilter(
            granularities=(Granularity.TOPIC, Granularity.PROFILE),
            speaker=Role.USER,
            states=states or (MemoryState.ACTIVE,),
            order="said_on",
            descending=False,
            limit=-1,
        )
        return self.store.memories.list("mira", wanted)

    def texts(self, *states: MemoryState) -> Sequence[str]:
        return [memory.text for memory in self.made(*states)]
