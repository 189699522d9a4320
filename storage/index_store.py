"""The files under the vector index: numbered Chroma stores, of which the highest number counts."""

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storage.collection_names import is_of_embedder
from storage.errors import DataFolderError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

BREADTH = 200
"""How widely HNSW looks around, in building and in searching. Of the ten nearest of 10,000 random vectors,
the hardest case, it finds 75% so; with Chroma's own 100 it finds 53%. Clustered vectors: all, both ways."""
REBUILD_MARK = "rebuild"
ERASED_MARK = "erased"
UNFINISHED = "unfinished"
"""In a store's folder until it is taken into use: whoever is stopped before leaves the old one standing."""
PREFIX = "store-"
LEAST_SPACE = 16 * 2**20
"""Bytes; with less left on the disk, a failure is put down to that."""


class IndexStore:
    """Opens the newest store; replaces what cannot be opened by an empty one, and marks that."""

    def __init__(self, folder: Path, embedder_key: str) -> None:
        self._folder = folder
        self._key = embedder_key
        self._client: Client | None = None
        self.number = 0
        """Grows with every new store; 0 until one is open."""

    @property
    def client(self) -> "Client":
        """Chroma's client, opened on first use.

        Raises DataFolderError where not even an empty store can be made.
        """
        if self._client is None:
            self._client = self._open()
        return self._client

    def open(self) -> int:
        """Open the newest store, if none is open, and say its number.

        Raises DataFolderError where not even an empty store can be made.
        """
        return self.number if self.client else 0

    @property
    def needs_rebuild(self) -> bool:
        """Whether the store began empty and has not been filled again."""
        return bool(self.client) and self._mark.exists()

    def rebuild_queued(self) -> None:
        """Take the mark away."""
        self._mark.unlink(missing_ok=True)

    @property
    def holds_erased(self) -> bool:
        """Whether the files may still hold vectors of what was erased."""
        return (self._folder / ERASED_MARK).exists()

    def note_erased(self) -> None:
        """Say that they do; new files take the mark away."""
        (self._folder / ERASED_MARK).touch()

    def start_afresh(self) -> None:
        """Begin an empty store and delete the old files.

        Raises DataFolderError.
        """
        self.adopt(self.next_client(), marked=True)

    def next_client(self) -> "Client":
        """A client of the store after this one, empty; nothing changes until `adopt`.

        Raises DataFolderError.
        """
        return self._fresh(self._path(self.number + 1), unfinished=True)

    def drop_next(self) -> None:
        """Delete what was made of the store after this one."""
        shutil.rmtree(self._path(self.number + 1), ignore_errors=True)

    def adopt(self, client: "Client", *, marked: bool) -> None:
        """Go over to the store of `next_client` and delete the old files."""
        if marked:
            self._mark.touch()
        self.close()
        self.number += 1
        (self._path(self.number) / UNFINISHED).unlink(missing_ok=True)
        self._client = client
        self._delete_others()
        if self._numbers() == [self.number]:
            (self._folder / ERASED_MARK).unlink(missing_ok=True)

    def make(self, client: "Client", name: str) -> "Collection":
        """The collection of this name, made where it is missing."""
        from chromadb.api.collection_configuration import (
            CreateCollectionConfiguration,
            CreateHNSWConfiguration,
        )

        graph = CreateHNSWConfiguration(space="cosine", ef_construction=BREADTH, ef_search=BREADTH)
        configuration = CreateCollectionConfiguration(hnsw=graph)
        return client.get_or_create_collection(name, configuration=configuration, embedding_function=None)

    def take_for_broken(self, error: BaseException) -> None:
        """Return where an empty store would mend what went wrong; raise where it would not.

        Raises DataFolderError where the disk is full, since the store itself may be whole; the error
        itself where it says nothing about the files.
        """
        if not _comes_of_the_files(error):
            raise error
        if shutil.disk_usage(self._folder).free < LEAST_SPACE:
            raise self._unwritable() from error
        log.warning("The search index cannot be used and is built anew: %s", error)

    def close(self) -> None:
        """Let go of the files."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> "Client":
        finished = (n for n in self._numbers() if not (self._path(n) / UNFINISHED).exists())
        self.number = max(finished, default=0)
        if not self.number:
            self.number = 1
            return self._fresh(self._path(1), marked=True)
        try:
            client = _connect(self._path(self.number))
            self._drop_other_embedders(client)
        except BaseException as error:  # noqa: BLE001 - raised again unless the files are at fault
            self.take_for_broken(error)
            self.number += 1
            client = self._fresh(self._path(self.number), marked=True)
        self._delete_others()
        return client

    def _fresh(self, path: Path, *, marked: bool = False, unfinished: bool = False) -> "Client":
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.rmtree(path, ignore_errors=True)  # what a rewriting left that was killed
            if marked:
                self._mark.touch()
            if unfinished:
                path.mkdir(mode=0o700)
                (path / UNFINISHED).touch()
            return _connect(path)
        except BaseException as error:
            if not _comes_of_the_files(error):
                raise
            raise self._unwritable() from error

    def _unwritable(self) -> DataFolderError:
        return DataFolderError(
            f"The search index in {self._folder} cannot be written: search goes by words alone.",
            "Check that there is space on the disk and that you may write to the folder.",
        )

    def _drop_other_embedders(self, client: "Client") -> None:
        """They would fall behind while another embedder is in use, and nobody would notice."""
        for collection in client.list_collections():
            if not is_of_embedder(collection.name, self._key):
                client.delete_collection(collection.name)
                self._mark.touch()

    @property
    def _mark(self) -> Path:
        return self._folder / REBUILD_MARK

    def _path(self, number: int) -> Path:
        return self._folder / f"{PREFIX}{number}"

    def _numbers(self) -> list[int]:
        tails = (path.name.removeprefix(PREFIX) for path in self._folder.glob(f"{PREFIX}*"))
        return [int(tail) for tail in tails if tail.isdecimal()]

    def _delete_others(self) -> None:
        for number in set(self._numbers()) - {self.number}:
            shutil.rmtree(self._path(number), ignore_errors=True)


def _comes_of_the_files(error: BaseException) -> bool:
    """A panic of Chroma's Rust core is no Exception."""
    from chromadb.errors import ChromaError

    return isinstance(error, ChromaError | OSError) or type(error).__name__ == "PanicException"


def _connect(path: Path) -> "Client":
    import chromadb
    from chromadb.api.client import Client
    from chromadb.config import Settings

    try:
        client = chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))
    except BaseException:
        Client.clear_system_cache()  # else Chroma gives out the half-made one at the next try
        raise
    return cast("Client", client)
