"""A small program for tests: a real store in a folder, a clock that stands still, no model."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from app.index_access import NoNeighbours
from app.paths import Paths
from app.services.chat import ChatService
from app.services.index import IndexService
from app.services.lesson_index import LessonIndex
from app.services.live import LiveTurns
from app.services.memories import MemoryService
from app.services.stores import Stores
from app.services.transfer import TransferService
from app.services.turn_memories import TurnMemories
from app.services.turn_runner import TurnRunner
from app.services.turn_taking import TurnTaking
from graphs.learning import Learning
from graphs.retrieval import Retriever
from personas.model import Persona
from storage.database import Database
from storage.ids import UlidSource
from storage.index import VectorIndex
from storage.records import Conversation, Message, Role
from tests.fakes.chat_model import ScriptedChatModel
from tests.fakes.clock import FakeClock
from tests.fakes.embedder import BagOfWords


@dataclass
class World:
    """The parts that tests talk to."""

    paths: Paths
    clock: FakeClock
    stores: Stores
    embedder: BagOfWords
    persona: Persona
    index: VectorIndex | NoNeighbours
    changes: int = 0

    def __post_init__(self) -> None:
        self.lessons = LessonIndex(
            self.stores.lessons, embedder=lambda: self.embedder, reach=lambda: self.index
        )
        self.stores = replace(self.stores, near_lessons=self.lessons.near_text)
        self.turns = TurnMemories(self.stores)
        self.indexing = IndexService(
            outbox=self.stores.outbox,
            memories=self.stores.memories,
            personas=self.stores.personas,
            embedder=lambda: self.embedder,
            reach=lambda: self.index,
        )
        self.retriever = Retriever(
            self.stores.memories,
            self.stores.words,
            self.indexing,
            self.embedder,
            prepare=self.indexing.prepare,
            learning=Learning(self.stores.learned, self.embedder.key),
        )
        self.memories = MemoryService(
            stores=self.stores, retriever=lambda: self.retriever, changed=self.changed
        )
        self.transfer = TransferService(self.stores, self.turns, changed=self.changed)
        self.model = ScriptedChatModel()
        self.live = LiveTurns()
        runner = TurnRunner(
            stores=self.stores,
            model=lambda: self.model,
            retriever=lambda: self.retriever,
            person_name=lambda: "Ida",
            near_lessons=self.lessons.near,
        )
        taking = TurnTaking(
            stores=self.stores, turn=runner, live=self.live, memories=self.turns, changed=self.changed
        )
        self.chat = ChatService(
            stores=self.stores,
            turns=taking,
            live=self.live,
            memories=self.turns,
            person_name=lambda: "Ida",
            changed=self.changed,
        )

    def changed(self) -> None:
        self.changes += 1

    def talk(self, *texts: str, persona_id: str | None = None) -> tuple[Conversation, list[Message]]:
        """A conversation in which the person and the companion take turns; all of it is remembered."""
        persona_id = persona_id or self.persona.id
        conversation = self.stores.conversations.add(persona_id)
        messages: list[Message] = []
        for number, text in enumerate(texts):
            self.clock.advance(seconds=20)
            role = Role.ASSISTANT if number % 2 else Role.USER
            parent = messages[-1].id if messages else None
            messages.append(self.stores.messages.append(conversation.id, role, text, parent_id=parent))
            self.turns.remember(messages[-1], persona_id)
        return conversation, messages

    def texts(self, query: str) -> list[str]:
        """What is recalled at these words."""
        return [line.text for line in self.memories.recall(self.persona.id, query)]

    def close(self) -> None:
        if isinstance(self.index, VectorIndex):
            self.index.close()
        self.stores.database.close()


def open_world(folder: Path, *, vectors: bool = False) -> World:
    """A world in this folder; with `vectors`, with a real index."""
    paths = Paths(folder / "data").create()
    clock = FakeClock()
    database = Database.open(paths.database, backups=paths.backups, now=clock.now)
    stores = Stores.over(database, UlidSource(clock.now, random.Random(1)), clock)
    persona = Persona(id="mira", name="Mira", greeting="Hello {{user}}.")
    if not stores.personas.find(persona.id):
        stores.personas.add(persona)
    embedder = BagOfWords()
    index = VectorIndex(paths.index, embedder.key, embedder.dimension) if vectors else NoNeighbours()
    return World(paths, clock, stores, embedder, persona, index)
