"""Which model finds memories by meaning: the one in force, those that can be had, and changing it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from app.models import embedders, trial
from app.models.embedders import EmbedderEntry
from app.models.select import canonical_embedder, completed, embedder_entry, resolve_embedder
from app.services import words
from app.services.fetching import Fetcher
from app.services.finder import SERVER
from app.services.finders import Finders
from app.services.index import IndexService
from app.services.model_views import FetchProgress, SearchModelLine, SearchModelState
from app.services.moving import Moving
from app.services.moving import Progress as Move
from app.services.preferences import PreferencesService
from app.settings import EmbedderSettings
from graphs.ports import Embedder
from personas.errors import SetupError

FINDS = "{old} finds them."
LOOKING = "{name} is to find them. {old} goes on until it has read every memory."
READING = "{name} has read {done:,} of {total:,} memories. {old} goes on finding them until then."
PAUSED = "Stopped: {name} has read {done:,} of {total:,} memories. {old} goes on finding them."
LATER = "{old} finds them until the running Keepsake is started again, then {name} reads them."
INSTEAD = "{old} finds them instead of {name}: {why}"
ALONE = "Finds {count} of 100 by itself"
WITH_WORDS = "{count} of 100 as Keepsake searches"


class SearchModelService:
    """The choice of the search model. The change itself goes on in the background."""

    def __init__(
        self,
        *,
        preferences: PreferencesService,
        folder: Path,
        finders: Finders,
        moving: Moving,
        index: IndexService,
        soon: Callable[[], None],
        try_out: Callable[[Embedder, str], object] = trial.try_out,
    ) -> None:
        self._preferences = preferences
        self._folder = folder
        self._finders = finders
        self._moving = moving
        self._index = index
        self._soon = soon
        self._try_out = try_out
        self._fetcher = Fetcher(folder, fetched=lambda: None)

    def state(self) -> SearchModelState:
        """Which one finds memories, and how far a change is."""
        serving, wanted = self._finders.serving().note.choice, self._finders.wanted
        move = self._moving.progress()
        old, name = title(serving.source), title(wanted.source)
        if move is None:
            why = self._finders.trouble
            told = INSTEAD if why else FINDS if wanted == serving else LATER
            told = told.format(old=old, name=name, why=why)
            return SearchModelState(old, told, wanted.source, trouble=bool(why))
        return SearchModelState(
            name=old,
            words=_move_words(move, name, old),
            target=wanted.source,
            moving=True,
            paused=move.paused,
            share=move.done / move.total if move.total else 0.0,
            trouble=bool(move.trouble),
        )

    @property
    def wanted_title(self) -> str:
        """What a person calls the chosen model."""
        return title(self._finders.wanted.source)

    def catalogue(self) -> list[SearchModelLine]:
        """The models that can be had, smallest first."""
        serving, wanted = self._finders.serving().note.choice, self._finders.wanted
        in_use, chosen = embedder_entry(serving.source), embedder_entry(wanted.source)
        return [
            self._line(entry, in_use=entry == in_use, wanted=entry == chosen) for entry in embedders.entries()
        ]

    def fetch(self, name: str) -> Iterator[FetchProgress]:
        """Fetch a model of the list. It goes on if nobody follows.

        Raises NotFoundError, UserError while another is fetched, FetchError where no source gave it.
        """
        return self._fetcher.fetch(embedders.get(name), self._preferences.current().model.hub)

    def fetching(self) -> FetchProgress | None:
        """How far the download under way is; None where there is none."""
        return self._fetcher.current()

    def cancel_fetch(self) -> None:
        """End the download; what came so far is kept."""
        self._fetcher.cancel()

    def use(
        self,
        target: str,
        *,
        query_prefix: str = "",
        passage_prefix: str = "",
        server_model: str = "",
        api_key: str = "",
    ) -> SearchModelState:
        """Let this model find memories once it has read them: a name of the list, a file or an address.

        Raises ModelError or NotFoundError where it is not to be had, or finds nothing; nothing changes then.
        """
        source = canonical_embedder(target)
        known, is_server = embedder_entry(source) is not None, source.startswith(SERVER)
        wanted = completed(
            EmbedderSettings(
                source=source,
                query_prefix="" if known else _spaced(query_prefix),
                passage_prefix="" if known else _spaced(passage_prefix),
                server_model=server_model.strip() if is_server else "",
                api_key=api_key.strip() if is_server else "",
            )
        )
        if wanted != self._finders.serving().note.choice:
            self._try(wanted)
        self._finders.want(wanted)
        self._moving.go_on()
        self._soon()
        return self.state()

    def pause(self) -> SearchModelState:
        """Stop the change for now; what has been read is kept."""
        self._moving.pause()
        return self.state()

    def go_on(self) -> SearchModelState:
        """Go on with it."""
        self._moving.go_on()
        self._soon()
        return self.state()

    def finish(self) -> int:
        """Go through with the change now, and say how many memories the new one finds.

        Raises SetupError where it cannot go on; the old one stays then.
        """
        self._index.sync()
        self._moving.go_on()
        self._moving.work()
        if move := self._moving.progress():
            raise SetupError(move.trouble or "The change is under way already.", "The old model goes on.")
        self._index.sync()
        return self._index.state().indexed

    def close(self) -> None:
        """End a download."""
        self._fetcher.close()

    def _try(self, wanted: EmbedderSettings) -> None:
        """Two models at once are enough: the one that was to follow rests meanwhile."""
        following = self._finders.next()
        if following is not None:
            following.rest()
        embedder = resolve_embedder(wanted, self._folder)
        try:
            self._try_out(embedder, title(wanted.source))
        finally:
            embedder.close()

    def _line(self, entry: EmbedderEntry, *, in_use: bool, wanted: bool) -> SearchModelLine:
        counts = ((ALONE, entry.alone_of_100), (WITH_WORDS, entry.with_words_of_100))
        return SearchModelLine(
            name=entry.name,
            title=entry.title,
            words=entry.words,
            size_words=words.bytes_words(entry.size_bytes) if entry.size_bytes else "",
            memory_words=f"about {words.bytes_words(entry.memory_bytes)} of memory",
            licence=entry.licence,
            languages=entry.languages,
            measured=", ".join(told.format(count=count) for told, count in counts if count is not None),
            installed=entry.path(self._folder) is not None,
            bundled=entry.is_bundled,
            in_use=in_use,
            wanted=wanted,
        )


def title(source: str) -> str:
    """What a person calls the model behind a setting."""
    entry = embedder_entry(source)
    if entry:
        return entry.title
    if source.startswith(SERVER):
        return f"the server at {urlsplit(source.removeprefix(SERVER)).netloc}"
    return Path(source.partition(":")[2]).name


def _spaced(prefix: str) -> str:
    """A prefix stands apart from the text, though who types it seldom thinks of the space."""
    return f"{prefix.strip()} " if prefix.strip() else ""


def _move_words(move: Move, name: str, old: str) -> str:
    if move.trouble:
        return INSTEAD.format(old=old, name=name, why=move.trouble)
    told = PAUSED if move.paused else READING if move.total else LOOKING
    return told.format(name=name, old=old, done=move.done, total=move.total)
