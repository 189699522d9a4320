"""The whole store on one file, as the tests of this room use it."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from graphs.memory.claims import claims_of
from personas.model import Persona
from storage.claims import ClaimRepository
from storage.conversations import ConversationRepository
from storage.database import Database
from storage.ids import UlidSource
from storage.learned import LearnedRepository
from storage.lessons import LessonRepository
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.outbox import Outbox
from storage.persona_repository import PersonaRepository
from storage.recalls import RecallRepository
from storage.records import Author, Conversation, Granularity, Memory, Message, Role, Source, Trust
from storage.sessions import SessionRepository
from storage.words import WordIndex
from tests.fakes.clock import FakeClock


@dataclass
class Store:
    """Every repository over one database, with a clock that stands still."""

    database: Database
    clock: FakeClock
    ids: UlidSource

    def __post_init__(self) -> None:
        made = (self.database, self.ids, self.clock.now)
        self.personas = PersonaRepository(self.database)
        self.conversations = ConversationRepository(*made)
        self.messages = MessageRepository(*made)
        self.sessions = SessionRepository(self.database, self.ids)
        self.memories = MemoryRepository(*made, claims_of)
        self.claims = ClaimRepository(*made)
        self.words = WordIndex(self.database)
        self.recalls = RecallRepository(self.database)
        self.lessons = LessonRepository(self.database)
        self.learned = LearnedRepository(self.database, self.clock.now)
        self.outbox = Outbox(self.database)

    def conversation(self, persona_id: str = "mira", title: str = "A talk") -> Conversation:
        return self.conversations.add(persona_id, title)

    def say(self, conversation_id: str, text: str, role: Role = Role.USER) -> Message:
        """Add a message at the end of the chosen path, a second after the last."""
        self.clock.advance(timedelta(seconds=1))
        head = self.conversations.get(conversation_id).head_id
        return self.messages.append(conversation_id, role, text, parent_id=head)

    def remember(self, text: str, *sources: Message, persona_id: str = "mira", **fields: object) -> Memory:
        """Add an active memory that rests on these messages."""
        memory = Memory(
            id=self.ids(),
            persona_id=persona_id,
            granularity=Granularity.TURN,
            text=text,
            trust=Trust.SAID,
            created=self.clock.now(),
            said_on=self.clock.now(),
            sources=tuple(Source(message.id) for message in sources),
        )
        return self.memories.add(replace(memory, **fields), Author.USER)  # type: ignore[arg-type]


def open_store(folder: Path, seed: int = 7) -> Store:
    """A store with one persona, `mira`."""
    clock = FakeClock()
    database = Database.open(folder / "keepsake.db", backups=folder / "backups", now=clock.now)
    store = Store(database, clock, UlidSource(clock.now, random.Random(seed)))
    with database.atomic():
        if not store.personas.find("mira"):
            store.personas.add(Persona("mira", "Mira"))
    return store
