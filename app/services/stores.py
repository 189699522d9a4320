"""All repositories over one database, so that services need not list them one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from graphs.lesson_book import LessonBook, NearText, text_by_words_alone
from graphs.memory.claims import claims_of
from graphs.ports import Clock
from storage.claims import ClaimRepository
from storage.conversations import ConversationRepository
from storage.database import Database
from storage.learned import LearnedRepository
from storage.lessons import LessonRepository
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.outbox import Outbox
from storage.persona_repository import PersonaRepository
from storage.recalls import RecallRepository
from storage.sessions import SessionRepository
from storage.words import WordIndex


@dataclass(frozen=True, slots=True)
class Stores:
    """The repositories, and what makes ids and tells the time for them."""

    database: Database
    ids: Callable[[], str]
    clock: Clock
    personas: PersonaRepository
    conversations: ConversationRepository
    sessions: SessionRepository
    messages: MessageRepository
    memories: MemoryRepository
    claims: ClaimRepository
    recalls: RecallRepository
    lessons: LessonRepository
    learned: LearnedRepository
    outbox: Outbox
    words: WordIndex
    near_lessons: NearText = text_by_words_alone
    """How near a text is to lessons by meaning."""

    @property
    def lesson_book(self) -> LessonBook:
        """Where the guard learns."""
        return LessonBook(self.lessons, self.ids, self.clock, self.near_lessons)

    @classmethod
    def over(cls, database: Database, ids: Callable[[], str], clock: Clock) -> Self:
        """The repositories over a database; days are those of the machine's own zone."""
        return cls(
            database=database,
            ids=ids,
            clock=clock,
            personas=PersonaRepository(database),
            conversations=ConversationRepository(database, ids, clock.now),
            sessions=SessionRepository(database, ids),
            messages=MessageRepository(database, ids, clock.now),
            memories=MemoryRepository(database, ids, clock.now, partial(claims_of, zone=None)),
            claims=ClaimRepository(database, ids, clock.now),
            recalls=RecallRepository(database),
            lessons=LessonRepository(database),
            learned=LearnedRepository(database, clock.now),
            outbox=Outbox(database),
            words=WordIndex(database),
        )
