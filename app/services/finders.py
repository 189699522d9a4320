"""What finds memories by meaning: an embedding model with its index, and perhaps the one to come.

Each model has a folder of its own under the index's. A note beside the folders says which one serves; the
settings say which one is wanted. Where the two differ, the wanted one is `next`: it is filled in the
background (moving.py) while the other goes on serving. Whatever else lies there is left over and removed.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from app.index_access import AskedNeighbours, NoNeighbours
from app.services.preferences import PreferencesService
from app.settings import EmbedderSettings
from graphs.errors import ModelError
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.index import VectorIndex

Vector = NDArray[np.float32]
Reached = VectorIndex | AskedNeighbours | NoNeighbours
NOTE = "serving.json"
BUNDLED = EmbedderSettings()
log = logging.getLogger(__name__)


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

    def vectors(self, persona_id: str, ids: Sequence[str]) -> dict[str, Vector]:
        """The vectors of those of the memories that have one."""
        return self.index.vectors(persona_id, ids)

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


class Finders:
    """The finder that serves, and the next one where another is wanted."""

    def __init__(
        self,
        preferences: PreferencesService,
        folder: Path,
        *,
        resolve: Callable[[EmbedderSettings], OwnedEmbedder],
        reach: Callable[[Path, OwnedEmbedder], Reached],
    ) -> None:
        self._preferences = preferences
        self._folder = folder
        self._resolve = resolve
        self._reach = reach
        self._lock = threading.RLock()
        self._serving: Finder | None = None
        self._next: Finder | None = None
        self.trouble = ""
        """Why the wanted model does not serve, in words; empty where it does or will."""

    @property
    def wanted(self) -> EmbedderSettings:
        """What the person chose."""
        return self._preferences.current().embedder

    def serving(self) -> Finder:
        """The finder that answers; the bundled one where no other is to be had."""
        if self._serving is None:
            with self._lock:
                if self._serving is None:
                    self._serving = self._open()
        return self._serving

    def next(self) -> Finder | None:
        """The finder that is being filled; None where there is none, or another process sees to it."""
        self.serving()
        return self._next

    def want(self, choice: EmbedderSettings) -> None:
        """Have this model serve as soon as its index is filled; what was filled for another is dropped.

        Raises KeepsakeError where it is not to be had; nothing changes then.
        """
        embedder = self._resolve(choice)
        with self._lock:
            self._preferences.save("embedder", **choice.model_dump())
            self.trouble = ""
            if self._serving is not None and (self._next is None or self._next.note.choice != choice):
                self._drop_next()
                self._next = self._following(self._serving, embedder)

    def take_over(self, scale: Scale | None) -> None:
        """Let the next one serve, and remove the old one's files."""
        with self._lock:
            if self._next is None:
                return
            old, new = self._serving, self._next
            new.note = Note(choice=new.note.choice, scale=scale)
            self._write(new.note)  # from here on a restart finds the new one
            self._serving, self._next = new, None
            if old is not None:
                old.retire()
            self._tidy()

    def scaled(self, finder: Finder, scale: Scale | None) -> None:
        """Keep the scale of the finder that serves."""
        with self._lock:
            finder.note = Note(choice=finder.note.choice, scale=scale)
            if isinstance(finder.index, VectorIndex) and finder is self._serving:
                self._write(finder.note)

    def fall_back(self, reason: KeepsakeError) -> None:
        """Let the bundled model serve, since the one that should cannot; the choice stays."""
        with self._lock:
            if self.serving().note.choice == BUNDLED:
                return
            self._drop_next()
            self.serving().retire()
            self._serving = self._make(BUNDLED)
            self._give_up(reason)

    def close(self) -> None:
        """Let go of all files and free the memory."""
        with self._lock:
            for finder in (self._serving, self._next):
                if finder is not None:
                    finder.retire()

    def _open(self) -> Finder:
        noted, wanted = self._noted(), self.wanted
        for choice in dict.fromkeys([(noted or Note(choice=wanted)).choice, wanted]):
            try:
                finder = self._make(choice, noted.scale if noted and noted.choice == choice else None)
                break
            except KeepsakeError as error:
                problem = error
        else:
            finder = self._make(BUNDLED)
            self._give_up(problem, finder)
            return finder
        if finder.note.choice != wanted:
            self._next = self._wanted_next(finder)
        self._tidy(finder)
        if finder.note != noted and isinstance(finder.index, VectorIndex):
            self._write(finder.note)
        return finder

    def _make(self, choice: EmbedderSettings, scale: Scale | None = None) -> Finder:
        embedder = self._resolve(choice)
        return Finder(
            Note(choice=choice, scale=scale), embedder, self._reach(self._folder / embedder.key, embedder)
        )

    def _wanted_next(self, serving: Finder) -> Finder | None:
        try:
            return self._following(serving, self._resolve(self.wanted))
        except KeepsakeError as error:
            self._warn(error)
            return None

    def _following(self, serving: Finder, embedder: OwnedEmbedder) -> Finder | None:
        if not isinstance(serving.index, VectorIndex) or embedder.key == serving.key:
            return None
        index = self._reach(self._folder / embedder.key, embedder)
        return Finder(Note(choice=self.wanted), embedder, index)

    def _drop_next(self) -> None:
        if self._next is not None:
            self._next.retire()
            self._next = None
            self._tidy()

    def _give_up(self, reason: KeepsakeError, serving: Finder | None = None) -> None:
        """What was indexed for the lost model would fall behind unseen, so it goes."""
        self._warn(reason)
        self._tidy(serving)
        if isinstance((serving or self.serving()).index, VectorIndex):
            self._write(Note())

    def _warn(self, reason: KeepsakeError) -> None:
        log.warning("the wanted search model is not to be had: %s", type(reason).__name__)
        self.trouble = f"{reason.message} {reason.hint}".strip()

    def _tidy(self, serving: Finder | None = None) -> None:
        """Remove folders that belong to no finder, where this process owns the index."""
        serving = serving or self._serving
        if serving is None or not isinstance(serving.index, VectorIndex) or not self._folder.is_dir():
            return
        kept = {finder.key for finder in (serving, self._next) if finder is not None}
        for item in self._folder.iterdir():
            if item.is_dir() and item.name not in kept:
                shutil.rmtree(item, ignore_errors=True)

    def _noted(self) -> Note | None:
        try:
            return Note.model_validate_json((self._folder / NOTE).read_text(encoding="utf-8"))
        except (OSError, ValidationError, UnicodeDecodeError):
            return None

    def _write(self, note: Note) -> None:
        fresh = self._folder / f"{NOTE}.new"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(note.model_dump_json(indent=2) + "\n", encoding="utf-8")
            fresh.replace(self._folder / NOTE)
        except OSError as error:  # without it the next start fills the wanted one at once
            log.warning("it could not be noted which search model serves: %s", error.strerror)


class CurrentEmbedder:
    """The embedder that serves at each call, for those who keep no vectors."""

    def __init__(self, finders: Callable[[], Finder]) -> None:
        self._serving = finders

    @property
    def key(self) -> str:
        """Names model, pooling and prefixes."""
        return self._serving().key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._serving().dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[Any]:
        """Unit vectors, as the port says."""
        try:
            return self._serving().embed(texts, kind)
        except RetiredError:
            return self._serving().embed(texts, kind)
