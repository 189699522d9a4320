"""Looks whether everything is in order, and says what to do where it is not."""

import os
import shutil
from collections.abc import Callable, Iterator

from app.paths import Paths
from app.services.learning import LearningService
from app.services.model_views import ModelState, RunningView
from app.services.stores import Stores
from app.services.views import Check, IndexState
from app.services.words import bytes_words, count
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.coverage import CoverageRepository
from storage.records import MemoryState

LITTLE_SPACE = 2_000_000_000
LITTLE_MEMORY = 1_500_000_000
WORKING_MODELS = {"ready", "idle", "loading", "none"}


class Doctor:
    """One check after the other, each in a sentence."""

    def __init__(
        self,
        *,
        paths: Paths,
        stores: Stores,
        index: Callable[[], IndexState],
        model: Callable[[], ModelState],
        embedder: Callable[[], Embedder],
        finder_trouble: Callable[[], str] = lambda: "",
        running: Callable[[], RunningView] | None = None,
    ) -> None:
        """`finder_trouble` tells why the chosen search model does not serve; empty where it does."""
        self._paths = paths
        self._stores = stores
        self._index = index
        self._model = model
        self._embedder = embedder
        self._finder_trouble = finder_trouble
        self._running = running

    def report(self) -> list[Check]:
        """All checks."""
        store = [*self._folder(), *self._store(), *self._talks()]
        return [*store, self._index_check(), self._model_check(), *self._build_check(), *self._machine()]

    def _folder(self) -> Iterator[Check]:
        root = self._paths.root
        mine = os.access(root, os.W_OK)
        yield Check(
            "data folder", mine, f"{root}" if mine else f"{root} cannot be written to: change its rights."
        )
        if os.name == "posix":
            others = root.stat().st_mode & 0o077
            yield Check(
                "privacy",
                not others,
                "Only you can read it." if not others else f"Others can read it: chmod 700 {root}",
            )

    def _store(self) -> Iterator[Check]:
        database = self._stores.database
        verdict = str((database.row("PRAGMA quick_check(1)") or {}).get("quick_check", ""))
        fine = verdict == "ok"
        yield Check(
            "store",
            fine,
            f"{bytes_words(self._paths.database.stat().st_size)}, unharmed."
            if fine
            else f"Damaged: put back a copy from {self._paths.backups}.",
        )
        personas = self._stores.personas.list()
        remembered = sum(self._stores.memories.counts(one.id)[MemoryState.ACTIVE] for one in personas)
        yield Check(
            "memories", True, f"{count(remembered, 'memory', 'memories')}, {count(len(personas), 'persona')}."
        )
        taught = sum(LearningService(self._stores).state(one.id).turns for one in personas)
        yield Check(
            "learning", True, f"From {count(taught, 'reply', 'replies')}." if taught else "Nothing yet."
        )
        newest = max(self._paths.backups.glob("*.db"), default=None, key=lambda file: file.stat().st_mtime)
        yield Check(
            "backups", True, f"The newest is {newest.name}." if newest else "None yet: one is made daily."
        )

    def _talks(self) -> Iterator[Check]:
        talks = CoverageRepository(self._stores.database).talks()
        if talks.finished:
            read = f"{talks.read:,} of {count(talks.finished, 'finished talk')} read for memories."
            failed = f" {count(talks.failed, 'talk')} failed: {talks.error}" if talks.failed else ""
            yield Check("talks", not talks.failed, read + failed)

    def _index_check(self) -> Check:
        try:
            embedder = self._embedder()
            embedder.embed(["one"], "query")
        except KeepsakeError as error:
            return Check("search by meaning", False, str(error))
        if trouble := self._finder_trouble():
            return Check("search by meaning", False, f"{embedder.key}, not the chosen one: {trouble}")
        state = self._index()
        fine = state.pending == 0 or state.busy
        behind = f"{state.indexed:,} of {state.total:,} memories are taken in"
        return Check(
            "search by meaning",
            True,
            f"{embedder.key}; all memories are taken in."
            if fine
            else f"{embedder.key}; {behind}, the rest will be.",
        )

    def _model_check(self) -> Check:
        state = self._model()
        return Check("model", state.state in WORKING_MODELS, state.words)

    def _build_check(self) -> Iterator[Check]:
        if self._running is not None:
            view = self._running()
            yield Check("llama.cpp", view.build_fits, view.build_words)

    def _machine(self) -> Iterator[Check]:
        free = shutil.disk_usage(self._paths.root).free
        enough = free >= LITTLE_SPACE
        yield Check("disk", enough, f"{bytes_words(free)} free." + ("" if enough else " Make some space."))
        memory = _memory_bytes()
        if memory:
            enough = memory >= LITTLE_MEMORY
            yield Check(
                "memory",
                enough,
                f"{bytes_words(memory)} free." + ("" if enough else " Choose a smaller model."),
            )


def _memory_bytes() -> int:
    """Memory that is free to use; 0 where the system does not tell."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123 - no file of ours
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0
