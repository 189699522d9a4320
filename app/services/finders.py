"""What finds memories by meaning: an embedding model with its index, and perhaps the one to come.

Each model has a folder of its own under the index's. A note beside the folders says which one serves; the
settings say which one is wanted. Where the two differ, the wanted one is `next`: it is filled in the
background (moving.py) while the other goes on serving. Whatever else lies there is left over and removed.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from app.services.finder import BUNDLED, Finder, Note, OwnedEmbedder, Reached, Scale
from app.services.preferences import PreferencesService
from app.settings import EmbedderSettings
from personas.errors import KeepsakeError
from storage.index import VectorIndex

NOTE = "serving.json"
log = logging.getLogger(__name__)


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
            self._rename(finder, Note(choice=finder.note.choice, scale=scale))

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
        if not isinstance(serving.index, VectorIndex):
            return None
        if embedder.key == serving.key:  # the same model by another name
            note = Note(choice=self.wanted, scale=serving.note.scale)
            if note != serving.note:
                serving.renew(note, embedder)
            self._write(note)
            return None
        index = self._reach(self._folder / embedder.key, embedder)
        return Finder(Note(choice=self.wanted), embedder, index)

    def _rename(self, finder: Finder, note: Note) -> None:
        finder.note = note
        if isinstance(finder.index, VectorIndex):
            self._write(note)

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
            fresh.unlink(missing_ok=True)
            fresh.touch(mode=0o600)  # a server's key may be in it
            fresh.write_text(note.model_dump_json(indent=2) + "\n", encoding="utf-8")
            fresh.replace(self._folder / NOTE)
        except OSError as error:  # without it the next start fills the wanted one at once
            log.warning("it could not be noted which search model serves: %s", error.strerror)
