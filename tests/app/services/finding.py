"""A store with a real index, over which search models are exchanged."""

import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.index_access import NoNeighbours
from app.services.finder import CurrentEmbedder, OwnedEmbedder, Reached, Scale
from app.services.finders import Finders
from app.services.index import IndexService
from app.services.memories import MemoryService
from app.services.moving import Moving
from app.services.preferences import PreferencesService
from app.settings import EmbedderSettings, load_settings
from graphs.errors import ModelError
from graphs.ports import Embedder
from graphs.retrieval import Retriever
from storage.index import VectorIndex
from tests.app.world import World

AS_GOOD_AS_1 = 1 - 1e-3


class Words:
    """Knows words and nothing of their meaning; another name gives them other directions."""

    def __init__(self, name: str, dimension: int = 48) -> None:
        self.name = name
        self.dimension = dimension
        self.broken = False
        self.loaded = False
        self.embedded: list[str] = []
        self.before_embedding: Callable[[Sequence[str]], None] = lambda _texts: None

    @property
    def key(self) -> str:
        return self.name

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        if self.broken:
            raise ModelError(f"{self.name} is damaged.", "Choose another.")
        self.loaded = True
        self.before_embedding(texts)
        self.embedded += texts
        rows = np.stack([self._vector(text) for text in texts])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def close(self) -> None:
        self.loaded = False

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in re.findall(r"\w+", text.casefold()):
            direction = np.random.default_rng(zlib.crc32(f"{self.name}{word}".encode()))
            vector += direction.standard_normal(self.dimension).astype(np.float32)
        return vector


class Bench:
    """Finders, index and the change between models, as the program wires them."""

    def __init__(self, world: World, models: dict[str, Words], *, owns: bool = True) -> None:
        self.world = world
        self.models = models
        self.owns = owns
        self.tried: list[str] = []
        self.preferences = PreferencesService(world.paths, load_settings(world.paths.settings))
        self.finders = Finders(self.preferences, world.paths.index, resolve=self._resolve, reach=self._reach)
        self.index = IndexService(
            outbox=world.stores.outbox,
            memories=world.stores.memories,
            personas=world.stores.personas,
            embedder=self.finders.serving,
            reach=lambda: self.finders.serving().index,
            changed=self._memories_read,
        )
        self.moving = Moving(
            finders=self.finders, index=self.index, stores=world.stores, try_out=self._try_out
        )
        self.embedder = CurrentEmbedder(self.finders.serving)
        self.memories = MemoryService(stores=world.stores, retriever=self.retriever, changed=lambda: None)

    def retriever(self) -> Retriever:
        self.index.prepare()
        finder = self.finders.serving()
        return Retriever(self.world.stores.memories, self.world.stores.words, finder, finder)

    def add(self, text: str) -> str:
        return self.memories.add("mira", text).id

    def want(self, source: str) -> None:
        self.finders.want(EmbedderSettings(source=source))

    def nearest(self, text: str) -> str:
        """The memory that is nearest by meaning alone."""
        finder = self.finders.serving()
        found = finder.query("mira", finder.embed([text], "query")[0], 1)
        return self.world.stores.memories.get(found[0][0]).text if found else ""

    def reads_as(self, memory_id: str, text: str) -> bool:
        """Whether the vector of a memory in the index that serves is that of this text."""
        finder = self.finders.serving()
        vector = finder.embed([text], "passage")[0]
        return finder.cosines("mira", vector, [memory_id])[memory_id] > AS_GOOD_AS_1

    def has(self, source: str) -> set[str]:
        """The texts that a model's index holds, whether it serves or follows."""
        for finder in (self.finders.serving(), self.finders.next()):
            if finder is not None and finder.key == self.models[source].key:
                ids = self.world.stores.memories.ids("mira")
                held = finder.cosines("mira", np.zeros(finder.dimension, np.float32), ids)
                return {memory.text for memory in self.world.stores.memories.get_many(list(held))}
        return set()

    def folders(self) -> set[str]:
        return {item.name for item in self.world.paths.index.iterdir() if item.is_dir()}

    def loaded(self) -> list[str]:
        return [name for name, model in self.models.items() if model.loaded]

    def again(self, **models: Words) -> "Bench":
        """After a restart."""
        self.finders.close()
        return Bench(self.world, models or self.models, owns=self.owns)

    def _memories_read(self, persona_id: str, ids: Sequence[str]) -> None:
        self.moving.changed(persona_id, ids)

    def _resolve(self, wanted: EmbedderSettings) -> OwnedEmbedder:
        if wanted.source not in self.models:
            raise ModelError(f"There is no model file at {wanted.source}.", "Choose another.")
        return self.models[wanted.source]

    def _reach(self, folder: Path, embedder: Embedder) -> Reached:
        return VectorIndex(folder, embedder.key, embedder.dimension) if self.owns else NoNeighbours()

    def _try_out(self, embedder: Embedder) -> Scale | None:
        embedder.embed(["Does it work?"], "query")
        self.tried.append(embedder.key)
        return Scale(strangers=0.1, kin=0.9)
