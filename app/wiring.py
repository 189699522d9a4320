"""The composition root: here alone it is said which parts stand behind the services.

Nothing dear is made here: the index, the embedder, the graphs and the model come when first needed, or by
the warm-up in the background.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from app import allocator
from app.clock import SystemClock
from app.finding import Finding
from app.instance import InstanceLock
from app.jobs import Job, Jobs
from app.lazy import Lazy
from app.paths import Paths
from app.services.ahead import ReadAhead
from app.services.changes import ChangeService
from app.services.chat import ChatService
from app.services.doctor import Doctor
from app.services.index import IndexService
from app.services.learning import LearningService
from app.services.live import LiveTurns
from app.services.memories import MemoryService
from app.services.personas import PersonaService
from app.services.preferences import PreferencesService
from app.services.program import Background
from app.services.stores import Stores
from app.services.transfer import TransferService
from app.services.turn_memories import TurnMemories
from app.services.turn_taking import TurnRequest, TurnTaking
from app.services.upkeep import Upkeep
from app.settings import Settings
from storage.database import Database
from storage.ids import UlidSource
from storage.records import Lesson

if TYPE_CHECKING:
    from app.services.live import Emit
    from app.services.models import ModelService
    from app.services.reflection import ReflectionService
    from app.services.search_models import SearchModelService
    from app.services.turn_runner import TurnRunner

SYNC_EVERY = timedelta(seconds=20)
MOVE_EVERY = timedelta(seconds=10)
"""How soon the change to another search model goes on after it gave way to a reply."""
KEEP_EVERY = timedelta(seconds=30)
REFLECT_EVERY = timedelta(minutes=1)
UPKEEP_EVERY = timedelta(hours=6)
"""Backups and fading are due once a day; a machine that is rarely on should not miss its day."""
CLEAN_EVERY = timedelta(minutes=10)
QUIET_AFTER = timedelta(seconds=90)
"""Nobody has said anything for so long: background work may use the processor."""


@dataclass(frozen=True, slots=True)
class Services:
    """What pages and commands call."""

    paths: Paths
    version: str
    preferences: PreferencesService
    personas: PersonaService
    chat: ChatService
    memories: MemoryService
    changes: ChangeService
    learning: LearningService
    index: IndexService
    finding: Finding
    transfer: TransferService
    doctor: Doctor
    model_service: "Lazy[ModelService]"
    reflection_service: "Lazy[ReflectionService]"
    sessions_due: Callable[[], int]
    """How many finished talks wait for memories to be made of them."""
    start_background: Callable[[], None]
    """Get the dear parts ready in the background, then keep the jobs."""
    stop_work: Callable[[], None]
    """End what is under way; all that is there of it is stored."""
    close: Callable[[], None]

    @property
    def models(self) -> "ModelService":
        """Which model answers."""
        return self.model_service()

    @property
    def reflection(self) -> "ReflectionService":
        """Making memories of talks."""
        return self.reflection_service()

    @property
    def search_models(self) -> "SearchModelService":
        """Which model finds memories by meaning."""
        return self.finding.models()

    def health(self) -> dict[str, Any]:
        """How the program is, for `/healthz`."""
        index, model = self.index.state(), self.models.current()
        return {
            "version": self.version,
            "model": {"name": model.name, "state": model.state},
            "index": {
                "state": index.state,
                "counts": {"indexed": index.indexed, "total": index.total, "pending": index.pending},
            },
            "queues": {"outbox": index.pending, "reflection": self.sessions_due()},
        }


def build_services(
    paths: Paths, settings: Settings, *, model: str | None = None, lock: InstanceLock | None = None
) -> Services:
    """The program over one data folder. With a lock that is held, this process owns the index.

    Raises DataFolderError, NewerSchemaError, SetupError; ModelError where `model` is not to be had.
    """
    clock = SystemClock()
    database = Database.open(paths.database, backups=paths.backups, now=clock.now)
    stores = Stores.over(database, UlidSource(clock.now, random.SystemRandom()), clock)
    wiring = _Wiring(paths, settings, stores, lock or InstanceLock(paths.lock), model)
    try:
        if model is not None:
            wiring.models().check()
        return wiring.services()
    except BaseException:
        wiring.close()
        raise


class _Wiring:
    """The parts, put together."""

    def __init__(
        self, paths: Paths, settings: Settings, stores: Stores, lock: InstanceLock, model: str | None
    ) -> None:
        self.paths = paths
        stores = self.stores = replace(stores, near_lessons=self._near_lessons)
        self.lock = lock
        self.this_model = model
        self.stop = threading.Event()
        self.live = LiveTurns()
        self.turn_memories = TurnMemories(stores)
        self.preferences = PreferencesService(paths, settings)
        self.personas = PersonaService(stores.personas, paths.avatars, erased=self._erased)
        self.personas.bring_bundled()
        self.finding = Finding(
            paths, stores, self.preferences, lock, soon=lambda: self.background.soon("move")
        )
        self.index = self.finding.index
        self.models = Lazy(self._models)
        self.runner = Lazy(self._runner)
        self.reflection = Lazy(self._reflection)
        self.ahead = ReadAhead(stores, lambda: self.models().model(), self._person_name)
        self.chat = self._chat()
        self.upkeep = Upkeep(stores, paths.backups, settings.backups.keep)
        self.background = Background(Jobs(self._jobs(), stores.clock.now), self.live, self.stop)

    def services(self) -> Services:
        """What pages and commands get."""
        return Services(
            paths=self.paths,
            version=version("keepsake"),
            preferences=self.preferences,
            personas=self.personas,
            chat=self.chat,
            memories=MemoryService(
                stores=self.stores, retriever=self.finding.retriever, changed=self._changed
            ),
            changes=ChangeService(stores=self.stores, changed=self._changed),
            learning=LearningService(self.stores),
            index=self.index,
            finding=self.finding,
            transfer=TransferService(self.stores, self.turn_memories, changed=self._changed),
            doctor=Doctor(
                paths=self.paths,
                stores=self.stores,
                index=self.index.state,
                model=lambda: self.models().current(),
                embedder=lambda: self.finding.embedder,
                finder_trouble=lambda: self.finding.finders.trouble,
                running=lambda: self.models().running(),
            ),
            model_service=self.models,
            reflection_service=self.reflection,
            sessions_due=lambda: len(self.stores.sessions.due()),
            start_background=self._start,
            stop_work=self.background.stop,
            close=self.close,
        )

    def close(self) -> None:
        """End everything, and let go of the files."""
        self.background.stop()
        self.ahead.close()
        self.background.join()
        if self.models.made:
            self.models().close()
        if self.reflection.made:
            self.reflection().close()
        self.finding.close()
        self.stores.database.close()
        self.lock.release()

    def _start(self) -> None:
        self.chat.recover()
        self.background.start(
            [
                lambda: self.models().load(self.stop),
                self.runner,
                self.finding.wake,
                self.index.open,
                self._sync,
                allocator.give_back,
            ]
        )

    def _jobs(self) -> list[Job]:
        soon = timedelta(seconds=30)
        return [
            Job("sync", SYNC_EVERY, SYNC_EVERY, self._sync),
            Job("move", MOVE_EVERY, MOVE_EVERY, lambda: self.finding.moving.work(self._busy)),
            Job("keep", KEEP_EVERY, KEEP_EVERY, self._keep),
            Job("reflect", REFLECT_EVERY, soon, self._reflect),
            Job("fade", UPKEEP_EVERY, 4 * soon, self.upkeep.let_fade),
            Job("clean", CLEAN_EVERY, 6 * soon, lambda: self.index.clean(lambda: not self._quiet())),
            Job("backup", UPKEEP_EVERY, 2 * soon, self.upkeep.back_up_daily),
        ]

    def _chat(self) -> ChatService:
        turns = TurnTaking(
            stores=self.stores,
            turn=self._turn,
            live=self.live,
            memories=self.turn_memories,
            changed=self._changed,
        )
        return ChatService(
            stores=self.stores,
            turns=turns,
            live=self.live,
            memories=self.turn_memories,
            person_name=self._person_name,
            changed=self._changed,
            expecting=self.ahead.soon,
            erased=self._erased,
        )

    def _turn(self, request: TurnRequest, stop: threading.Event, emit: "Emit") -> None:
        self.runner()(request, stop, emit)
        self.models().worked()
        self.ahead.soon(request.conversation_id)
        allocator.give_back()

    def _keep(self) -> None:
        if not self._busy():
            self.models().keep(self.stop)
            allocator.give_back()

    def _erased(self) -> None:
        self.models().forget()

    def _sync(self) -> None:
        self.index.sync(give_way=self._busy)
        if not self._busy():
            self.finding.lessons.sync([persona.id for persona in self.stores.personas.list()])

    def _busy(self) -> bool:
        return self.stop.is_set() or self.live.any

    def _quiet(self) -> bool:
        last = self.chat.last_words
        return not self._busy() and (last is None or self.stores.clock.now() - last > QUIET_AFTER)

    def _reflect(self) -> None:
        reflection = self.preferences.current().reflection
        if reflection.automatic:
            self.reflection().close_idle(timedelta(minutes=reflection.idle_minutes))
            self.reflection().run_quietly(self.stop, quiet=self._quiet)

    def _changed(self) -> None:
        """Memories have changed: while the program serves, have the index take them in soon."""
        self.background.soon("sync")

    def _near_lessons(self, persona_id: str, learned: Sequence[Lesson], text: str) -> Mapping[str, float]:
        """How near a text is to lessons by meaning."""
        return self.finding.lessons.near_text(persona_id, learned, text)

    def _models(self) -> "ModelService":
        from app.services.models import ModelService

        return ModelService(self.preferences, self.paths.models, self.paths.states, this_time=self.this_model)

    def _runner(self) -> "TurnRunner":
        from app.services.turn_runner import TurnRunner

        return TurnRunner(
            stores=self.stores,
            model=lambda: self.models().model(),
            retriever=self.finding.retriever,
            person_name=self._person_name,
            near_lessons=self.finding.lessons.near,
        )

    def _reflection(self) -> "ReflectionService":
        from app.services.reflection import ReflectionService

        return ReflectionService(
            stores=self.stores,
            checkpoints=self.paths.checkpoints,
            model=lambda: self.models().model(),
            embedder=lambda: self.finding.embedder,
            person_name=self._person_name,
            changed=self._changed,
        )

    def _person_name(self) -> str:
        return self.preferences.person_name
