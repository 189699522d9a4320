"""From one search model to another, while memories go on being found.

The next model's index is filled from what it misses, a few memories at a time. A memory that changes
meanwhile is taken out of it again, so it counts as missing: no second queue is needed, and whoever stops in
the middle, or is killed there, goes on with what is missing. When nothing is, the next model takes over.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.services.finder import Finder, Scale
from app.services.finders import Finders
from app.services.index import AT_ONCE, IndexService
from app.services.stores import Stores
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.index import VectorIndex
from storage.records import MemoryState

BATCH = 8
"""Memories read at a time: a large model takes seconds for them, and whoever talks comes first."""
CLOSING_SECONDS = 8.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the next model is."""

    done: int
    total: int
    """0 while nobody has looked yet."""
    paused: bool = False
    trouble: str = ""
    """Why it cannot go on, in words."""


class Moving:
    """Fills the next index and lets it take over."""

    def __init__(
        self,
        *,
        finders: Finders,
        index: IndexService,
        stores: Stores,
        try_out: Callable[[Embedder], Scale | None],
    ) -> None:
        self._finders = finders
        self._index = index
        self._stores = stores
        self._try_out = try_out
        self._working = threading.Lock()
        self._paused = threading.Event()
        self._of: Finder | None = None
        self._done = self._total = 0
        self._trouble = ""

    def progress(self) -> Progress | None:
        """How far it is; None where no change is under way."""
        following = self._finders.next()
        if following is None:
            return None
        known = self._of is following
        return Progress(
            self._done if known else 0,
            self._total if known else 0,
            self._paused.is_set(),
            self._trouble if known else "",
        )

    def pause(self) -> None:
        """Stop after the memories under way; what has been read is kept."""
        self._paused.set()

    def go_on(self) -> None:
        """Let `work` go on."""
        self._paused.clear()
        self._trouble = ""

    def close(self) -> None:
        """Stop for good, and wait for the memories under way."""
        self._paused.set()
        if self._working.acquire(timeout=CLOSING_SECONDS):
            self._working.release()

    def changed(self, persona_id: str, ids: Sequence[str]) -> None:
        """Memories have changed: what the next index has of them is out of date."""
        following = self._finders.next()
        if following is not None:
            _index_of(following).remove(persona_id, ids)

    def work(self, give_way: Callable[[], bool] = lambda: False) -> None:
        """Go on until the next model has taken over, or `give_way` says to stop. Never twice at once."""
        if not self._working.acquire(blocking=False):
            return
        try:
            while (following := self._finders.next()) is not None and not self._halted(following, give_way):
                if not self._advance(following, give_way):
                    break
        except KeepsakeError as error:
            log.warning("the next search model cannot go on: %s", type(error).__name__)
            self._trouble = f"{error.message} {error.hint}".strip()
        finally:
            self._working.release()

    def _halted(self, following: Finder, give_way: Callable[[], bool]) -> bool:
        return self._paused.is_set() or give_way() or self._finders.next() is not following

    def _advance(self, following: Finder, give_way: Callable[[], bool]) -> bool:
        """Read what is missing now, or take over; whether there is more to do at once."""
        missing = self._missing(following)
        self._of, self._trouble = following, ""
        self._total = sum(
            self._stores.memories.counts(persona.id)[MemoryState.ACTIVE]
            for persona in self._stores.personas.list()
        )
        self._done = self._total - sum(map(len, missing.values()))
        if not any(missing.values()):
            return self._few_wait() and self._take_over(following)
        for persona_id, ids in missing.items():
            for start in range(0, len(ids), BATCH):
                if self._halted(following, give_way):
                    return False
                some = ids[start : start + BATCH]
                self._read(following, persona_id, some)
                self._done += len(some)
        return True

    def _read(self, following: Finder, persona_id: str, ids: Sequence[str]) -> None:
        texts = self._texts(ids)
        vectors = dict(zip(texts, following.embed(list(texts.values()), "passage"), strict=True))
        with self._index.exclusively():  # what changes from here on waits, and is taken out again then
            same = [memory_id for memory_id, text in self._texts(ids).items() if texts.get(memory_id) == text]
            if same:
                rows = np.stack([vectors[memory_id] for memory_id in same])
                _index_of(following).upsert(persona_id, same, rows)

    def _texts(self, ids: Sequence[str]) -> dict[str, str]:
        found = self._stores.memories.get_many(ids)
        return {memory.id: memory.text for memory in found if memory.state is MemoryState.ACTIVE}

    def _missing(self, following: Finder) -> dict[str, list[str]]:
        """What it lacks, by persona. What waits in the outbox is taken in later, by whichever serves then."""
        index = _index_of(following)
        waiting: dict[str, list[str]] = defaultdict(list)
        for entry in self._stores.outbox.pending(-1):
            waiting[entry.persona_id].append(entry.memory_id)
        for persona_id, ids in waiting.items():
            index.remove(persona_id, ids)
        missing = {}
        for persona in self._stores.personas.list():
            expected = self._stores.memories.ids(persona.id)
            found = index.check(persona.id, expected)
            index.remove(persona.id, found.extra)
            if not found.searchable:
                index.reset(persona.id)
            lacking = found.missing if found.searchable else expected
            missing[persona.id] = sorted(set(lacking) - set(waiting[persona.id]))
        return missing

    def _few_wait(self) -> bool:
        """After a large import the one that serves takes it in first, if it can: it finds it sooner."""
        state = self._index.state()
        return state.pending <= AT_ONCE or state.state == "words only"

    def _take_over(self, following: Finder) -> bool:
        scale = self._try_out(following)
        with self._index.exclusively():
            if any(self._missing(following).values()) or self._finders.next() is not following:
                return True
            _index_of(following).rebuild_queued()
            self._finders.take_over(scale)
        log.info("another search model serves: %s", following.key)
        return True


def _index_of(finder: Finder) -> VectorIndex:
    """Finders that are being filled have an index of their own (`Finders.next`)."""
    assert isinstance(finder.index, VectorIndex)
    return finder.index
