"""One conversation over a real store and index, its turns taken by the real graph."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from graphs.learning import Learning
from graphs.lesson_book import LessonBook, NearLessons, by_words_alone
from graphs.memory.turns import remember_turn
from graphs.path_cache import PathCache
from graphs.ports import ChatModel
from graphs.retrieval import Retriever
from graphs.turn import TurnContext, TurnState, build_turn_graph
from personas.model import Persona
from storage.index import VectorIndex
from storage.records import Author, Conversation, Memory, Message, MessageState, Recall, Role
from tests.benchmarks.locomo import take_in
from tests.fakes.embedder import BagOfWords
from tests.storage.store import Store, open_store

MIRA = Persona("mira", "Mira", description="Mira keeps bees.", reply_length="short", temperature=0.0)


@dataclass
class Chat:
    """The person talks with Mira."""

    folder: Path
    model: ChatModel
    person: str = "Ida"
    stop: threading.Event = field(default_factory=threading.Event)
    persona: Persona = MIRA
    kept: PathCache = field(default_factory=PathCache)
    near_lessons: NearLessons = by_words_alone

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.folder)
        self.embedder = BagOfWords()
        self.index = VectorIndex(self.folder / "index", self.embedder.key, self.embedder.dimension)
        self.retriever = Retriever(
            self.store.memories,
            self.store.words,
            self.index,
            self.embedder,
            prepare=lambda: take_in(self.store.outbox, self.index, self.embedder),
            learning=Learning(self.store.learned, self.embedder.key),
        )
        self.graph = build_turn_graph()
        self.conversation = self.begin()

    def begin(self) -> Conversation:
        """A new conversation, a day later."""
        self.store.clock.advance(days=1)
        self.conversation = self.store.conversation()
        return self.conversation

    def told(self, *texts: str) -> list[Memory]:
        """Said in an earlier conversation, and remembered."""
        earlier = self.begin()
        memories = [self._remember(self.store.say(earlier.id, text)) for text in texts]
        self.begin()
        return memories

    @property
    def head(self) -> Message:
        """The newest message of the conversation."""
        head_id = self.store.conversations.get(self.conversation.id).head_id
        assert head_id is not None
        return self.store.messages.get(head_id)

    def say(self, text: str) -> "Answered":
        """A turn, from the person's message to its end."""
        said = self.store.say(self.conversation.id, text)
        pending = self.store.messages.append(
            self.conversation.id, Role.ASSISTANT, "", parent_id=said.id, state=MessageState.PENDING
        )
        state = cast("TurnState", {"message_id": said.id, "reply_id": pending.id})
        answered = Answered(self, said, pending.id)
        for event in self.graph.stream(state, context=self.context(), stream_mode="custom"):
            answered.events.append(event)
        self._remember(said)
        if answered.message.text:
            self._remember(answered.message)
        return answered

    def context(self) -> TurnContext:
        return TurnContext(
            model=self.model,
            retriever=self.retriever,
            messages=self.store.messages,
            memories=self.store.memories,
            recalls=self.store.recalls,
            lessons=LessonBook(self.store.lessons, self.store.ids, self.store.clock),
            persona=self.persona,
            person=self.person,
            clock=self.store.clock,
            stop=self.stop,
            kept=self.kept,
            near_lessons=self.near_lessons,
        )

    def close(self) -> None:
        self.index.close()
        self.store.database.close()

    def _remember(self, message: Message, *, mine: bool = False) -> Memory:
        memory = remember_turn(
            message, "mira", memory_id=self.store.ids(), now=self.store.clock.now(), mine=mine
        )
        assert memory is not None
        return self.store.memories.add(memory, Author.USER)


@dataclass
class Answered:
    """A turn that is over."""

    chat: Chat
    said: Message
    reply_id: str
    events: list[Any] = field(default_factory=list)

    @property
    def message(self) -> Message:
        return self.chat.store.messages.get(self.reply_id)

    @property
    def recalls(self) -> dict[str, Recall]:
        """By memory id."""
        return {recall.memory_id: recall for recall in self.chat.store.recalls.for_message(self.reply_id)}
