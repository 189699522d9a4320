"""What reflection needs from outside: the store, a model, an embedder, the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from graphs.ports import ChatModel, Clock, Embedder, Stop
from storage.claims import ClaimRepository
from storage.coverage import CoverageRepository
from storage.database import Database
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.records import Message
from storage.sessions import SessionRepository
from storage.words import WordIndex


@dataclass(frozen=True, slots=True)
class ReflectionContext:
    """Ports and repositories; nothing of it is checkpointed."""

    database: Database
    sessions: SessionRepository
    messages: MessageRepository
    memories: MemoryRepository
    words: WordIndex
    clock: Clock
    ids: Callable[[], str]
    stop: Stop
    model: ChatModel | None = None
    """None where there is no language model; lines are then kept as they were said."""
    embedder: Embedder | None = None
    """None where it cannot be had; what is known already is then told by its words alone."""
    person: str = ""
    """The person's name; empty where it is not known."""
    zone: tzinfo | None = UTC
    """Where the person is, since "yesterday" depends on it; None for the machine's own zone."""

    @property
    def claims(self) -> ClaimRepository:
        """What memories claim, in parts."""
        return ClaimRepository(self.database, self.ids, self.clock.now)

    @property
    def coverage(self) -> CoverageRepository:
        """What has been dealt with."""
        return CoverageRepository(self.database)

    def name_in(self, message: Message) -> str:
        """The person's name; in a transcript, the name that it gives the speaker."""
        return message.speaker or self.person
