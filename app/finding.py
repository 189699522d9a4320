"""What finds memories by meaning, put together; a part of the composition root (wiring.py)."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.index_access import reach_index
from app.instance import InstanceLock
from app.lazy import Lazy
from app.paths import Paths
from app.services.finder import CurrentEmbedder, OwnedEmbedder, Reached, Scale
from app.services.finders import Finders
from app.services.index import IndexService
from app.services.lesson_index import LessonIndex
from app.services.moving import Moving
from app.services.preferences import PreferencesService
from app.services.stores import Stores
from app.settings import EmbedderSettings
from graphs.learning import Learning
from graphs.ports import Embedder
from graphs.retrieval import Retriever
from personas.errors import KeepsakeError
from storage.index import VectorIndex

if TYPE_CHECKING:
    from app.services.search_models import SearchModelService

log = logging.getLogger(__name__)


class Finding:
    """Search models, their indexes, and the change from one to another."""

    def __init__(
        self,
        paths: Paths,
        stores: Stores,
        preferences: PreferencesService,
        lock: InstanceLock,
        soon: Callable[[], None],
    ) -> None:
        """`soon` is called where a change of models has something to do."""
        self._paths = paths
        self._stores = stores
        self._preferences = preferences
        self._lock = lock
        self._soon = soon
        self.finders = Finders(preferences, paths.index, resolve=self._resolve, reach=self._reach)
        self.embedder = CurrentEmbedder(self.finders.serving)
        self.index = IndexService(
            outbox=stores.outbox,
            memories=stores.memories,
            personas=stores.personas,
            embedder=self.finders.serving,
            reach=lambda: self.finders.serving().index,
            changed=self._memories_changed,
        )
        self.lessons = LessonIndex(
            stores.lessons,
            embedder=self.finders.serving,
            reach=lambda: self.finders.serving().index,
            level=lambda cosine: self.finders.serving().level(cosine),
        )
        self.moving = Moving(finders=self.finders, index=self.index, stores=stores, try_out=scale_of)
        self.models = Lazy(self._models)

    def retriever(self) -> Retriever:
        """For one search, with the model that serves just now: a question's vector fits its own index only.

        What is new is taken in before, since that waits for a change of models to be through.
        """
        self.index.prepare()
        finder = self.finders.serving()
        return Retriever(
            self._stores.memories,
            self._stores.words,
            finder,
            finder,
            level=finder.level,
            learning=Learning(self._stores.learned, finder.key),
        )

    def wake(self) -> None:
        """Load the search model; where it cannot be, the bundled one finds memories.

        A server that does not answer is waited for, since its index would be lost: words find meanwhile.
        """
        finder = self.finders.serving()
        try:
            if finder.needs_scale:
                self.finders.scaled(finder, scale_of(finder))
            else:
                finder.embed(["."], "query")
        except KeepsakeError as error:
            if finder.is_remote:
                log.warning("the search model's server does not answer: %s", type(error).__name__)
            else:
                self.finders.fall_back(error)

    def close(self) -> None:
        """End a download and a change under way, free the memory, and let go of the files."""
        if self.models.made:
            self.models().close()
        self.moving.close()
        self.finders.close()

    def _memories_changed(self, persona_id: str, ids: Sequence[str]) -> None:
        self.moving.changed(persona_id, ids)

    def _resolve(self, wanted: EmbedderSettings) -> OwnedEmbedder:
        from app.models.select import resolve_embedder

        return resolve_embedder(wanted, self._paths.models)

    def _reach(self, folder: Path, embedder: Embedder) -> Reached:
        return reach_index(
            self._lock,
            lambda: VectorIndex(folder, embedder.key, embedder.dimension),
            "command",
            embedder.key,
        )

    def _models(self) -> "SearchModelService":
        from app.services.search_models import SearchModelService

        return SearchModelService(
            preferences=self._preferences,
            folder=self._paths.models,
            finders=self.finders,
            moving=self.moving,
            index=self.index,
            soon=self._soon,
        )


def scale_of(embedder: Embedder) -> Scale | None:
    """The scale of a model's cosines; None for the bundled one, on whose scale the rules stand.

    Raises ModelError where the model does not tell related from unrelated.
    """
    from app.models import trial
    from app.models.embedding import MINILM

    level = trial.try_out(embedder, "The search model")
    return None if embedder.key == MINILM.key else Scale(strangers=level.strangers, kin=level.kin)
