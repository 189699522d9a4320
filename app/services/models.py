"""Which language model answers: the one in force, those that can be had, and changing it."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.models import build, catalogue, memory, pace
from app.models.catalogue import Entry
from app.models.none import NoModel
from app.models.owner import OwnableModel, OwnedChatModel
from app.models.pace import Pace
from app.models.select import Machine, canonical, entry_of, resolve
from app.models.sources.hub import reachable
from app.models.states import drop
from app.services import words
from app.services.fetching import Fetcher
from app.services.model_views import CatalogueLine, FetchProgress, ModelState, ModelStatus, RunningView
from app.services.preferences import PreferencesService
from app.settings import ModelSettings
from graphs.ports import Skill, Stop
from personas.errors import KeepsakeError, UserError

DEFAULT = "default"
"""The name for the model that is recommended for this machine."""
NONE_WORDS = "No model is switched on: replies are quotes from memory."
STARTER_WORDS = "{name}, the small test model that comes with Keepsake: quick, and it makes things up."
REREADS = "Of its kind: it cannot go back in what it has read, so it may read a talk again before it replies."
log = logging.getLogger(__name__)


class ModelService:
    """The one owner of the language model, and of the choice of it."""

    def __init__(
        self, preferences: PreferencesService, folder: Path, states: Path, *, this_time: str | None = None
    ) -> None:
        """`states`: for what models read; `this_time`: a model for this run only, as somebody typed it."""
        self._preferences = preferences
        self._folder = folder
        self._states = states
        self._this_time = None if this_time is None else canonical(this_time)
        self._lock = threading.RLock()
        self._owned: OwnedChatModel | None = None
        self._state: ModelStatus = "idle"
        self._trouble = ""
        self._hub_reachable = True
        self._trying = threading.Event()
        self._pace: tuple[str, Pace | None] = ("", None)
        self._fetcher = Fetcher(folder, fetched=self._on_fetched)

    @property
    def settings(self) -> ModelSettings:
        """The settings in force, with this run's own model."""
        chosen = self._preferences.current().model
        return chosen if self._this_time is None else chosen.model_copy(update={"source": self._this_time})

    def model(self) -> OwnedChatModel:
        """The model, not loaded yet perhaps; one that recalls only where the chosen one is not to be had."""
        with self._lock:
            if self._owned is None:
                self._owned = OwnedChatModel(self._resolved())
            return self._owned

    def check(self) -> None:
        """Raises ModelError where the model named for this run is not to be had."""
        if self._this_time is not None:
            self._resolve(self.settings)

    def keep(self, stop: Stop) -> None:
        """Put on the disk what the model has read, once nobody needs it; nothing where there is none yet."""
        if self._owned is not None:
            self._owned.keep(stop)

    def forget(self) -> None:
        """Have nothing left of what models have read: words of it have been erased."""
        drop(self._states)
        if self._owned is not None:
            self._owned.forget()

    def load(self, stop: Stop | None = None) -> None:
        """Load the model now rather than with the first reply."""
        model = self.model()
        if model.info.skill is Skill.NONE:
            return
        self._state = "loading"
        try:
            model.load(stop=stop)
        except KeepsakeError as error:
            log.warning("the model could not be loaded: %s", type(error).__name__)
            self._state, self._trouble = "failed", str(error)
        else:
            self._state = "ready"

    def worked(self) -> None:
        """A reply has come from it, so it is loaded."""
        if self._state in {"idle", "failed"}:
            self._state = "ready"

    def current(self) -> ModelState:
        """The model in force, without loading anything."""
        source = self.settings.source
        name = self.model().info.name
        entry = entry_of(source, self._machine())
        starter = entry is not None and entry.is_starter
        if self.model().info.skill is Skill.NONE:
            status: ModelStatus = "missing" if self._trouble else "none"
            shown = entry.title if entry and self._trouble else "no model"
            return ModelState(shown, status, self._trouble or NONE_WORDS, target=source)
        tried, paced = self._pace
        pace_words = words.pace_words(paced.reads, paced.writes) if paced and tried == name else ""
        described = self._words(name, starter=starter)
        if self.model().info.rereads and self._state != "failed":
            described = f"{described} {REREADS}"
        return ModelState(name, self._state, described, starter, source, pace_words=pace_words)

    def catalogue(self) -> list[CatalogueLine]:
        """The models that can be had, smallest first."""
        recommended = self._recommended()
        in_use = entry_of(self.settings.source, self._machine())
        return [self._line(entry, recommended, in_use) for entry in catalogue.entries()]

    def fetch(self, name: str) -> Iterator[FetchProgress]:
        """Fetch a model of the list; `default` is the one recommended here. It goes on if nobody follows.

        Raises NotFoundError, UserError while another is fetched, FetchError where no source gave it.
        """
        hub = self._preferences.current().model.hub
        if name == DEFAULT:
            self._hub_reachable = reachable(hub)
        return self._fetcher.fetch(self._recommended() if name == DEFAULT else catalogue.get(name), hub)

    def try_out(self) -> Pace | None:
        """Measure for ten seconds how quick the model is here; None where it was stopped.

        Raises UserError where there is no model, ModelError.
        """
        model = self.model()
        if model.info.skill is Skill.NONE:
            raise UserError("There is no model to try.", "Choose one first.")
        self._trying = threading.Event()
        self._pace = (model.info.name, pace.measure(model, time.monotonic, self._trying))
        return self._pace[1]

    def stop_trying(self) -> None:
        """End a try that is under way."""
        self._trying.set()

    def fetching(self) -> FetchProgress | None:
        """How far the download under way is; None where there is none."""
        return self._fetcher.current()

    def cancel_fetch(self) -> None:
        """End the download; what came so far is kept."""
        self._fetcher.cancel()

    def use(self, target: str, *, server_model: str = "", api_key: str = "") -> ModelState:
        """Answer with this model from now on: a name of the list, a file, an address, `none` or `auto`.

        Raises ModelError or NotFoundError where it is not to be had; the old one then stays.
        """
        source = self._recommended().name if target == DEFAULT else target
        wanted = {"source": canonical(source), "server_model": server_model, "api_key": api_key}
        model = self._resolve(self._preferences.current().model.model_copy(update=wanted))
        if wanted["source"].startswith("server:"):
            model.load()
        self._preferences.save("model", **wanted)
        self._this_time = None
        self._swap(model)
        return self.current()

    def running(self) -> RunningView:
        """How models run on this machine, and what of it can be chosen."""
        chosen, known = self.settings, build.build()
        lacks = known.lacks(build.processor()) if known else []
        gpu = bool(known and known.gpu)
        return RunningView(
            thinking=chosen.thinking,
            context_tokens=chosen.context_tokens,
            gpu=gpu,
            gpu_layers=None if chosen.gpu_layers < 0 else chosen.gpu_layers,
            build_words=words.build_words(known.uses if known else None, lacks, gpu=gpu),
            build_fits=known is not None and not lacks,
        )

    def run_with(self, **wanted: Any) -> ModelState:
        """Run models differently from now on: `thinking`, `context_tokens`, `gpu_layers`.

        Raises SetupError for a value that cannot be, ModelError where the model is not to be had so.
        """
        changed = self._preferences.current().with_changes("model", **wanted).model
        if changed == self._preferences.current().model:
            return self.current()
        model = self._resolve(changed.model_copy(update={"source": self.settings.source}))
        self._preferences.save("model", **wanted)
        self._swap(model)
        return self.current()

    def close(self) -> None:
        """End a download and put the model away."""
        self._fetcher.close()
        if self._owned is not None:
            self._owned.close()

    def _words(self, name: str, *, starter: bool) -> str:
        if self._state == "failed":
            return self._trouble
        if self._state == "loading":
            return f"{name} is being loaded."
        return STARTER_WORDS.format(name=name) if starter else f"{name} answers."

    def _on_fetched(self) -> None:
        """A new model may be the best there is; with any other setting nothing changes."""
        if self.settings.source == "auto":
            self._swap(self._resolved())

    def _swap(self, model: OwnableModel) -> None:
        with self._lock:
            self._state, self._trouble = "idle", self._trouble if isinstance(model, NoModel) else ""
            if self._owned is None:
                self._owned = OwnedChatModel(model)
            else:
                self._owned.swap(model)

    def _resolved(self) -> OwnableModel:
        try:
            model = self._resolve(self.settings)
        except KeepsakeError as error:
            log.warning("the chosen model is not to be had: %s", type(error).__name__)
            self._trouble = str(error)
            return NoModel()
        self._trouble = ""
        return model

    def _resolve(self, wanted: ModelSettings) -> OwnableModel:
        return resolve(
            wanted.source, self._machine(wanted), server_model=wanted.server_model, api_key=wanted.api_key
        )

    def _machine(self, wanted: ModelSettings | None = None) -> Machine:
        chosen = wanted or self._preferences.current().model
        return Machine(
            models=self._folder,
            context_tokens=chosen.context_tokens,
            threads=chosen.threads or None,
            states=self._states,
            thinking=chosen.thinking,
            gpu_layers=chosen.gpu_layers,
        )

    def _recommended(self) -> Entry:
        return catalogue.default_entry(memory.total_bytes(), hub_reachable=self._hub_reachable)

    def _line(self, entry: Entry, recommended: Entry, in_use: Entry | None) -> CatalogueLine:
        return CatalogueLine(
            name=entry.name,
            title=entry.title,
            words=entry.words,
            size=entry.size_bytes or 0,
            size_words=words.bytes_words(entry.size_bytes) if entry.size_bytes else "",
            memory_words=f"about {words.bytes_words(entry.memory_bytes)} of memory",
            licence=entry.licence,
            installed=entry.path(self._folder) is not None,
            recommended=entry.name == recommended.name,
            in_use=in_use is not None and entry.name == in_use.name,
        )
