"""Search by meaning: keeps the vector index in step with the store, and mends it."""

import functools
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from app.index_access import AskedNeighbours, Neighbours, NoNeighbours
from app.services.views import IndexState, IndexStatus
from graphs.ports import Embedder
from personas.errors import KeepsakeError, SetupError
from storage.index import VectorIndex
from storage.memories import MemoryRepository
from storage.outbox import Outbox, Pending
from storage.persona_repository import PersonaRepository
from storage.records import MemoryState

Vector = NDArray[np.float32]
BATCH = 64
"""Memories embedded at a time; between two batches the sync can give way."""
PATIENCE_SECONDS = 1.0
AT_ONCE = 256
"""As many new memories are taken in before a search; more wait for the background."""
log = logging.getLogger(__name__)


class IndexService:
    """The index's one writer, and the door that everybody else asks through."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        memories: MemoryRepository,
        personas: PersonaRepository,
        embedder: Callable[[], Embedder],
        reach: Callable[[], VectorIndex | AskedNeighbours | NoNeighbours],
        changed: Callable[[str, Sequence[str]], None] = lambda _persona_id, _ids: None,
    ) -> None:
        """`changed` is told which memories of a persona have been taken in anew, or taken out."""
        self._outbox = outbox
        self._memories = memories
        self._personas = personas
        self._embedder = embedder
        self._reach = reach
        self._changed = changed
        self._writing = threading.RLock()
        self._doing: IndexStatus = "waiting"
        self._trouble = ""

    def state(self) -> IndexState:
        """How search by meaning is doing, without opening anything."""
        total = sum(
            self._memories.counts(persona.id)[MemoryState.ACTIVE] for persona in self._personas.list()
        )
        pending = self._outbox.size()
        indexed = max(0, total - pending)
        status = self._doing
        return IndexState(status, self._words(status, indexed, total, pending), indexed, total, pending)

    def open(self) -> None:
        """Make search by meaning ready, and mend the index where something is wrong with it."""
        with self._writing:
            self._doing = "loading"
            index = self._reached()
            if isinstance(index, VectorIndex):
                self._attempt(lambda: self._mend(index))
            self._settle(index)

    def prepare(self) -> None:
        """Before a search: take in what is new, where that is little."""
        self.sync(AT_ONCE)

    def sync(self, most: int | None = None, *, give_way: Callable[[], bool] = lambda: False) -> int:
        """Take in what has changed, at most so many memories, and say how many that were.

        Another process's index is only asked to. Stops between two batches where `give_way` says so.
        """
        index = self._reached()
        if isinstance(index, AskedNeighbours):
            index.sync()
        if not isinstance(index, VectorIndex):
            self._settle(index)
            return 0
        if not self._writing.acquire(timeout=-1 if most is None else PATIENCE_SECONDS):
            return 0  # the background is at it already; whoever searches need not wait for all of it
        try:
            index = self._reached()  # once more: it may have been exchanged meanwhile
            if not isinstance(index, VectorIndex):
                return 0
            self._attempt(functools.partial(self._queue_all, index))
            done = 0
            while (most is None or done < most) and not give_way():
                entries = self._outbox.pending(BATCH if most is None else min(BATCH, most - done))
                if not entries or not self._attempt(functools.partial(self._apply, index, entries)):
                    break
                done += len(entries)
            self._settle(index)
            return done
        finally:
            self._writing.release()

    def rebuild(self) -> int:
        """Build the whole index anew, and say how many memories it holds.

        Raises SetupError where another process has it, or no embedding model is there.
        """
        index = self._reached()
        if not isinstance(index, VectorIndex):
            raise SetupError(
                "Another Keepsake is using this data folder, so the index was left as it is.",
                "Close it, then try again.",
            )
        with self._writing:
            index.drop_all()
            self._outbox.refill()
            index.rebuild_queued()
            self.sync()
        if self._trouble:
            raise SetupError(self._trouble, "Search goes by words alone meanwhile.")
        return self.state().indexed

    def clean(self, give_way: Callable[[], bool] = lambda: False) -> bool:
        """Where vectors of erased memories are still in the index's files, write these anew.

        Says whether it did. Leaves off where `give_way` says so; what is left to do outlasts a restart.
        """
        with self._writing:
            index = self._reached()
            if not isinstance(index, VectorIndex) or not index.holds_erased or give_way():
                return False
            self.sync(give_way=give_way)  # what was erased since is not copied
            done = False

            def write() -> None:
                nonlocal done
                done = index.rewrite(give_way=give_way)

            self._attempt(write)
            return done

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Nothing is taken in meanwhile."""
        with self._writing:
            yield

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""
        return self._reached().query(persona_id, vector, k)

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those of the memories that have a vector."""
        return self._reached().cosines(persona_id, vector, ids)

    def _queue_all(self, index: VectorIndex) -> None:
        """Have an index filled that began empty."""
        if index.needs_rebuild:
            self._doing = "rebuilding"
            self._outbox.refill()
            index.rebuild_queued()

    def _mend(self, index: VectorIndex) -> None:
        self._queue_all(index)
        waiting = {entry.memory_id for entry in self._outbox.pending(-1)}
        for persona in self._personas.list():
            found = index.check(persona.id, self._memories.ids(persona.id))
            index.remove(persona.id, found.extra, erased=True)
            if not found.searchable or set(found.missing) - waiting:
                log.warning("the index of a persona is filled again: %d missing", len(found.missing))
                self._doing = "rebuilding"
                index.reset(persona.id)
                self._outbox.refill(persona.id)

    def _apply(self, index: VectorIndex, entries: Sequence[Pending]) -> None:
        if self._doing != "rebuilding":
            self._doing = "syncing"
        gone: dict[str, list[str]] = defaultdict(list)
        erased = {entry.persona_id for entry in entries if entry.erased}
        fresh: dict[str, list[Pending]] = defaultdict(list)
        for entry in entries:
            if entry.op == "remove":
                gone[entry.persona_id].append(entry.memory_id)
            else:
                fresh[entry.persona_id].append(entry)
        for persona_id, ids in gone.items():
            index.remove(persona_id, ids, erased=persona_id in erased)
            self._changed(persona_id, ids)
        for persona_id, some in fresh.items():
            vectors = self._embedder().embed([entry.text for entry in some], "passage")
            index.upsert(persona_id, [entry.memory_id for entry in some], vectors)
            self._changed(persona_id, [entry.memory_id for entry in some])
        self._outbox.done([entry.id for entry in entries])

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except KeepsakeError as error:
            log.warning("search by meaning is not to be had: %s", type(error).__name__)
            self._trouble = error.message
            return False
        self._trouble = ""
        return True

    def _settle(self, index: Neighbours) -> None:
        if self._trouble or isinstance(index, NoNeighbours):
            self._doing = "words only"
        elif self._doing == "rebuilding" and self._outbox.size():
            return
        else:
            self._doing = "ready"

    def _reached(self) -> VectorIndex | AskedNeighbours | NoNeighbours:
        try:
            return self._reach()
        except KeepsakeError as error:
            self._trouble = error.message
            return NoNeighbours()

    def _words(self, status: IndexStatus, indexed: int, total: int, pending: int) -> str:
        if status == "words only":
            return self._trouble or "Another Keepsake command is at work, so search goes by words alone."
        if status == "ready" and pending:
            return f"{pending:,} of {total:,} memories are found by their words only for now."
        known: dict[IndexStatus, str] = {
            "waiting": "Not looked at yet.",
            "loading": "Search by meaning is being made ready.",
            "syncing": f"{pending:,} new memories are being taken in.",
            "rebuilding": f"The index is being built anew: {indexed:,} of {total:,}.",
        }
        return known.get(status, "Everything can be found.")
