"""A finder: one embedding model with its index."""

import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from app.index_access import AskedNeighbours, NoNeighbours
from app.settings import EmbedderSettings
from graphs.errors import ModelError
from graphs.ports import Embedder
from storage.index import VectorIndex

Vector = NDArray[np.float32]
Reached = VectorIndex | AskedNeighbours | NoNeighbours
BUNDLED = EmbedderSettings()
SERVER = "server:"
"""How the setting of a server begins."""


class OwnedEmbedder(Embedder, Protocol):
    """An embedder that can be put away."""

    def close(self) -> None:
        """Free the memory; the next call loads it again."""


class RetiredError(ModelError):
    """Another model has taken over since this one was asked for."""


class Scale(BaseModel):
    """Two points of a model's cosines: `app/models/trial.py`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strangers: float
    kin: float


class Note(BaseModel):
    """Which model serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    choice: EmbedderSettings = BUNDLED
    scale: Scale | None = None
    """None for the bundled one, and while it is not known."""


class Finder:
    """One embedding model with its index. Once retired it finds nothing more and touches no file."""

    def __init__(self, note: Note, embedder: OwnedEmbedder, index: Reached) -> None:
        self.note = note
        self.index = index
        self._embedder = embedder
        self._lock = threading.Lock()
        self._retired = False

    @property
    def key(self) -> str:
        """Names model, pooling and prefixes."""
        return self._embedder.key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vector:
        """Unit vectors, as the port says. Raises RetiredError."""
        with self._lock:  # one text after the other anyway; so a retired model is never loaded again
            if self._retired:
                raise RetiredError("Another model has taken over.", "Try again.")
            return self._embedder.embed(texts, kind)

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""
        return self.index.query(persona_id, vector, k)

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those of the memories that have a vector."""
        return self.index.cosines(persona_id, vector, ids)

    def level(self, cosine: float) -> float:
        """The cosine as the bundled model would have it."""
        if self.note.scale is None:
            return cosine
        from app.models.trial import Level

        return Level(self.note.scale.strangers, self.note.scale.kin)(cosine)

    @property
    def needs_scale(self) -> bool:
        """Whether its scale is still to be found out."""
        return self.note.scale is None and self.note.choice != BUNDLED

    @property
    def is_remote(self) -> bool:
        """Whether a server embeds, which may be there again soon."""
        return self.note.choice.source.startswith(SERVER)

    def renew(self, note: Note, embedder: OwnedEmbedder) -> None:
        """Go on with the same model reached in another way."""
        with self._lock:
            old, self._embedder, self.note = self._embedder, embedder, note
            old.close()

    def rest(self) -> None:
        """Free the model's memory until it is needed again."""
        with self._lock:
            self._embedder.close()

    def retire(self) -> None:
        """Free everything for good."""
        with self._lock:
            self._retired = True
            self._embedder.close()
        if isinstance(self.index, VectorIndex):
            self.index.close()


class CurrentEmbedder:
    """The embedder that serves at each call, for those who keep no vectors."""

    def __init__(self, serving: Callable[[], Finder]) -> None:
        self._serving = serving

    @property
    def key(self) -> str:
        """Names model, pooling and prefixes."""
        return self._serving().key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._serving().dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vector:
        """Unit vectors, as the port says."""
        try:
            return self._serving().embed(texts, kind)
        except RetiredError:
            return self._serving().embed(texts, kind)
