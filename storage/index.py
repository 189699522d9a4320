"""The vector index: Chroma over ids and vectors, which can be rebuilt from the store at any time.

Each persona has a collection of its own, since a filter by persona would make every query slower.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from storage.collection_names import collection_name
from storage.errors import DataFolderError
from storage.index_store import IndexStore
from storage.vector_cache import VectorCache

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection as ChromaCollection

Vector = NDArray[np.float32]
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)

BATCH = 1_000
"""Vectors written or read at once."""
SAMPLES = 16
"""How many vectors the self-check looks for."""
NEEDED = 0.8
"""Share of the samples that must find themselves; the search is approximate, so not quite all do."""


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """What a look at the index found."""

    missing: tuple[str, ...]
    """Ids that should be there."""
    extra: tuple[str, ...]
    """Ids that should not."""
    searchable: bool
    """Whether what is there is found when it is looked for; if not, `reset` and fill again."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.searchable and not self.missing and not self.extra


class VectorIndex:
    """Vectors by memory id. Safe to share between threads; one process a folder.

    What cannot be read is replaced by an empty index, with a warning in the log: `needs_rebuild` then
    says so until `rebuild_queued`, across restarts. Changes raise DataFolderError where the folder
    cannot be written to at all; questions find nothing then.
    """

    def __init__(self, folder: Path, embedder_key: str, dimension: int) -> None:
        self._key = embedder_key
        self._dimension = dimension
        self._store = IndexStore(folder, embedder_key)
        self._writing = threading.RLock()
        self._handles = threading.RLock()
        """Taken after `_writing` where both are; held by each question, so that no store goes away in it."""
        self._collections: dict[str, ChromaCollection] = {}
        self._caches: dict[str, VectorCache] = {}
        """Under `_handles`, like the collections."""
        self._closed = False

    @property
    def needs_rebuild(self) -> bool:
        """Whether the index began empty and nobody has seen to its filling."""
        with self._handles:
            return self._store.needs_rebuild

    def rebuild_queued(self) -> None:
        """Say that all that belongs into the index is on its way (`Outbox.refill`)."""
        self._store.rebuild_queued()

    def upsert(self, persona_id: str, ids: Sequence[str], vectors: Vector) -> None:
        """Set the vectors of these memories, shape (len(ids), dimension)."""
        rows = np.ascontiguousarray(vectors, dtype=np.float32).reshape(len(ids), -1)
        if ids and (rows.shape[1] != self._dimension or not np.isfinite(rows).all()):
            raise ValueError(f"Not vectors of {self._dimension} finite numbers: shape {rows.shape}.")

        def write() -> None:
            collection = self._collection(persona_id)
            for start in range(0, len(ids), BATCH):
                some = slice(start, start + BATCH)
                collection.upsert(ids=list(ids[some]), embeddings=rows[some])
            with self._handles:
                self._cache(persona_id).put(ids, rows)

        with self._writing:
            self._attempt(write, None)

    def remove(self, persona_id: str, ids: Sequence[str], *, erased: bool = False) -> None:
        """Drop these memories' vectors; ids that are not there do not matter.

        `erased`: they are gone for good, so the files `holds_erased` until `rewrite`.
        """

        def write() -> None:
            collection = self._collection(persona_id)
            if erased and ids:
                self._store.note_erased()
            for start in range(0, len(ids), BATCH):
                collection.delete(ids=list(ids[start : start + BATCH]))

        with self._writing:
            with self._handles:
                self._cache(persona_id).drop(ids)
            self._attempt(write, None)

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""
        if k < 1 or not np.any(vector):
            return []
        return self._ask(lambda: _nearest(self._collection(persona_id), vector, k), [])

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those of the memories that have a vector."""

        def read() -> dict[str, float]:
            cache = self._cache(persona_id)
            found = cache.cosines(vector, ids)
            missing = [memory_id for memory_id in ids if memory_id not in found]
            for start in range(0, len(missing), BATCH):
                some = self._read(persona_id, missing[start : start + BATCH])
                cache.put(list(some), np.array(list(some.values()), dtype=np.float32))
                found |= cache.cosines(vector, list(some))
            return found

        return self._ask(read, {})

    def vectors(self, persona_id: str, ids: Sequence[str]) -> dict[str, Vector]:
        """The vectors of those of the memories that have one."""

        def read() -> dict[str, Vector]:
            parts = (
                self._read(persona_id, ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)
            )
            return {memory_id: vector for part in parts for memory_id, vector in part.items()}

        return self._ask(read, {})

    def count(self, persona_id: str) -> int:
        """How many memories have a vector."""
        return self._ask(lambda: self._collection(persona_id).count(), 0)

    def check(self, persona_id: str, expected_ids: Collection[str]) -> IndexCheck:
        """Compare with what should be there, and look for a sample of what is."""
        expected = set(expected_ids)

        def look() -> IndexCheck:
            collection = self._collection(persona_id)
            present = set(collection.get(include=[])["ids"])
            there = sorted(present & expected)
            return IndexCheck(
                missing=tuple(sorted(expected - present)),
                extra=tuple(sorted(present - expected)),
                searchable=_finds(collection, there[:: max(1, len(there) // SAMPLES)][:SAMPLES]),
            )

        return self._ask(look, IndexCheck(missing=tuple(sorted(expected)), extra=(), searchable=True))

    def reset(self, persona_id: str) -> None:
        """Drop all vectors of a persona; their bytes stay on the disk until `rewrite` or `drop_all`."""

        def drop() -> None:
            self._collection(persona_id)
            self._store.client.delete_collection(collection_name(persona_id, self._key))
            self._collections.pop(persona_id, None)
            self._caches.pop(persona_id, None)

        with self._writing, self._handles:
            self._attempt(drop, None)

    def drop_all(self) -> None:
        """Begin an empty index and delete all files of the old one."""
        with self._writing, self._handles:
            self._forget_handles()
            self._store.start_afresh()

    @property
    def holds_erased(self) -> bool:
        """Whether the files may still hold vectors of what was erased; it outlasts a restart."""
        return self._store.holds_erased

    def rewrite(self, *, give_way: Callable[[], bool] = lambda: False) -> bool:
        """Copy what is there into new files and delete the old ones, with all that was ever removed.

        Chroma itself never gives up a removed vector's bytes. Questions are answered meanwhile, changes wait.
        Stops between two batches where `give_way` says so, the old files in use; says whether it is done.
        """

        def copy() -> bool:
            old = self._store.client
            new = self._store.next_client()
            try:
                done = all(
                    _copy(collection, self._store.make(new, collection.name), give_way)
                    for collection in old.list_collections()
                )
            except BaseException:
                new.close()
                raise
            if not done:
                new.close()
                self._store.drop_next()
                return False
            with self._handles:
                self._forget_handles()
                self._store.adopt(new, marked=False)
            return True

        with self._writing:
            return self._attempt(copy, False)

    def close(self) -> None:
        """Let go of the files for good: questions then find nothing, changes raise DataFolderError."""
        with self._writing, self._handles:
            self._closed = True
            self._forget_handles()
            self._store.close()

    def _collection(self, persona_id: str) -> "ChromaCollection":
        with self._handles:
            if persona_id not in self._collections:
                name = collection_name(persona_id, self._key)
                self._collections[persona_id] = self._store.make(self._store.client, name)
            return self._collections[persona_id]

    def _read(self, persona_id: str, ids: Sequence[str]) -> dict[str, Vector]:
        return _by_id(self._collection(persona_id).get(ids=list(ids), include=["embeddings"]))

    def _cache(self, persona_id: str) -> VectorCache:
        return self._caches.setdefault(persona_id, VectorCache(self._dimension))

    def _forget_handles(self) -> None:
        self._collections.clear()
        self._caches.clear()

    def _ask(self, read: Callable[[], Answer], otherwise: Answer) -> Answer:
        with self._handles:
            try:
                return self._attempt(read, otherwise)
            except DataFolderError as error:
                log.warning("%s", error)
                return otherwise

    def _attempt(self, work: Callable[[], Answer], otherwise: Answer) -> Answer:
        with self._handles:
            if self._closed:
                raise DataFolderError("The search index has been closed.", "Try again.")
            number = self._store.open()
        try:
            return work()
        except BaseException as error:  # noqa: BLE001 - raised again unless the files are at fault
            self._store.take_for_broken(error)
        with self._handles:
            if self._store.number == number:  # else another thread has seen to it
                self._forget_handles()
                self._store.start_afresh()
        return otherwise


def _nearest(collection: "ChromaCollection", vector: Vector, k: int) -> list[tuple[str, float]]:
    """The nearest; fewer where there are fewer. Chroma does not mind, and counting takes it longer."""
    row = np.asarray(vector, dtype=np.float32).reshape(1, -1)
    answer = collection.query(query_embeddings=row, n_results=k, include=["distances"])
    distances = answer["distances"] or [[]]
    return [(found, 1.0 - float(far)) for found, far in zip(answer["ids"][0], distances[0], strict=True)]


def _finds(collection: "ChromaCollection", sample: Sequence[str]) -> bool:
    """Whether vectors come back when asked for by id, and find themselves when searched with.

    Where the file with the vectors is lost, Chroma still counts them, and searches nothing in silence.
    """
    from chromadb.errors import ChromaError

    try:
        vectors = _by_id(collection.get(ids=list(sample), include=["embeddings"])) if sample else {}
    except ChromaError:
        return False
    tried = [(memory_id, vector) for memory_id, vector in vectors.items() if np.any(vector)]
    hits = sum(_finds_itself(collection, memory_id, vector) for memory_id, vector in tried)
    return len(vectors) == len(sample) and hits >= NEEDED * len(tried)


def _finds_itself(collection: "ChromaCollection", memory_id: str, vector: Vector) -> bool:
    """Or its double: the same words said twice have the same vector."""
    return any(found == memory_id or cosine > 1 - 1e-4 for found, cosine in _nearest(collection, vector, 3))


def _by_id(answer: Mapping[str, Any]) -> dict[str, Vector]:
    return dict(zip(answer["ids"], np.asarray(answer["embeddings"], dtype=np.float32), strict=True))


def _copy(source: "ChromaCollection", target: "ChromaCollection", give_way: Callable[[], bool]) -> bool:
    """Whether all was copied."""
    for start in range(0, source.count(), BATCH):
        if give_way():
            return False
        page = source.get(limit=BATCH, offset=start, include=["embeddings"])
        if page["ids"]:
            target.upsert(ids=page["ids"], embeddings=np.asarray(page["embeddings"], dtype=np.float32))
    return True
