"""Making memories of finished talks: when they end, by hand, and quietly in the background."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.services import words
from app.services.stores import Stores
from app.services.views import ReflectionStep
from graphs.ports import ChatModel, Embedder, Skill, Stop
from graphs.reflecting import ReflectionGraph, reflect
from graphs.reflection import build_reflection_graph
from graphs.reflection_context import ReflectionContext
from personas.errors import KeepsakeError, UserError
from storage.records import Session, SessionState


@dataclass(frozen=True, slots=True)
class StopWhen:
    """A stop that also comes when the quiet ends."""

    stop: Stop
    quiet: Callable[[], bool]

    def is_set(self) -> bool:
        """Whether to stop as soon as possible."""
        return self.stop.is_set() or not self.quiet()


class ReflectionService:
    """Reflects on one session at a time; what it had begun when it was ended is gone on with."""

    def __init__(
        self,
        *,
        stores: Stores,
        checkpoints: Path,
        model: Callable[[], ChatModel],
        embedder: Callable[[], Embedder],
        person_name: Callable[[], str],
        changed: Callable[[], None],
    ) -> None:
        self._stores = stores
        self._checkpoints = checkpoints
        self._model = model
        self._embedder = embedder
        self._person_name = person_name
        self._changed = changed
        self._one_at_a_time = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._graph = self._build()

    def pending(self) -> int:
        """How many finished sessions wait."""
        return len(self._due())

    def close_idle(self, idle: timedelta) -> int:
        """Close sessions in which nothing has been said for so long, and say how many."""
        over = self._stores.sessions.open_before(self._stores.clock.now() - idle)
        for session in over:
            self._stores.sessions.close(session.id)
        return len(over)

    def run(self, stop: Stop | None = None) -> Iterator[ReflectionStep]:
        """Reflect on all sessions that wait, telling how far it is.

        Raises UserError where memories are being made already.
        """
        yield from self._through(self._due(), stop or threading.Event())

    def run_now(self, stop: Stop | None = None) -> Iterator[ReflectionStep]:
        """The same, with the talks under way taken as finished."""
        self.close_idle(timedelta(seconds=-1))  # those of this very moment as well
        yield from self.run(stop)

    def reflect_conversation(self, conversation_id: str) -> Iterator[ReflectionStep]:
        """Reflect on one conversation now. Raises UserError where memories are being made already."""
        for session in self._stores.sessions.for_conversation(conversation_id):
            if session.state is SessionState.OPEN:
                self._stores.sessions.close(session.id)
        due = [one for one in self._stores.sessions.due() if one.conversation_id == conversation_id]
        yield from self._through(due, threading.Event())

    def run_quietly(self, stop: Stop, *, quiet: Callable[[], bool]) -> None:
        """Reflect on what waits as long as nobody needs the machine; what is left stays for next time."""
        due = self._due()
        if due and quiet():
            with suppress(UserError):
                for _ in self._through(due, StopWhen(stop, quiet)):
                    pass

    def close(self) -> None:
        """Let go of the checkpoints."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _due(self) -> list[Session]:
        """What waits; for a model that writes, also the talks of which only quotes were kept."""
        sessions = self._stores.sessions
        writes = self._model().info.skill is Skill.WRITES
        return [*sessions.due(), *(sessions.quoted() if writes else ())]

    def _through(self, due: Sequence[Session], stop: Stop) -> Iterator[ReflectionStep]:
        if not due:
            yield ReflectionStep("Nothing waits: memories have been made of all talks.", 0, 0)
            return
        if not self._one_at_a_time.acquire(blocking=False):
            raise UserError("Memories are being made already.", "Wait until that is done.")
        try:
            yield from self._each(due, stop)
        finally:
            self._one_at_a_time.release()

    def _each(self, due: Sequence[Session], stop: Stop) -> Iterator[ReflectionStep]:
        made, total = 0, len(due)
        self._stores.memories.read_missing_claims()
        context = self._context(stop)
        for number, session in enumerate(due):
            if stop.is_set():
                yield ReflectionStep("Stopped; the rest is done later.", number, total, made)
                return
            yield ReflectionStep(f"Reading talk {number + 1} of {total}.", number, total, made)
            result = reflect(self._graph, context, session.id)
            made += result.new_memories
            self._changed()
            if result.gave_way:
                yield ReflectionStep(
                    "Somebody else needs the model; the rest is done later.", number, total, made
                )
                return
            if result.session.state is SessionState.FAILED:
                yield ReflectionStep(result.session.error, number + 1, total, made)
        yield ReflectionStep(_summary(total, made), total, total, made)

    def _context(self, stop: Stop) -> ReflectionContext:
        model = self._model()
        return ReflectionContext(
            database=self._stores.database,
            sessions=self._stores.sessions,
            messages=self._stores.messages,
            memories=self._stores.memories,
            words=self._stores.words,
            clock=self._stores.clock,
            ids=self._stores.ids,
            stop=stop,
            model=None if model.info.skill is Skill.NONE else model,
            embedder=self._working_embedder(),
            person=self._person_name(),
            zone=None,
        )

    def _working_embedder(self) -> Embedder | None:
        try:
            embedder = self._embedder()
            embedder.embed(["one"], "query")
        except KeepsakeError:
            return None  # what is known already is then told by its words
        return embedder

    def _build(self) -> ReflectionGraph:
        from langgraph.checkpoint.sqlite import SqliteSaver

        self._checkpoints.touch(mode=0o600, exist_ok=True)
        self._connection = sqlite3.connect(self._checkpoints, check_same_thread=False)
        return build_reflection_graph(SqliteSaver(self._connection))


def _summary(total: int, made: int) -> str:
    talks = words.count(total, "talk")
    return (
        f"Read {talks}; {words.count(made, 'new memory', 'new memories') if made else 'nothing new in them'}."
    )
