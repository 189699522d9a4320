"""Downloads of models: one at a time, in a thread of its own, whether or not anybody watches."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from app.models.catalogue import Entry
from app.models.downloads import fetch
from app.services.model_views import FetchProgress
from personas.errors import InternalError, KeepsakeError, UserError

CLOSING_SECONDS = 5.0
log = logging.getLogger(__name__)


class Fetcher:
    """Fetches models into a folder. What came before an end is gone on with next time."""

    def __init__(self, folder: Path, *, fetched: Callable[[], None]) -> None:
        self._folder = folder
        self._fetched = fetched
        self._news = threading.Condition()
        self._now: FetchProgress | None = None
        self._error: KeepsakeError | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def current(self) -> FetchProgress | None:
        """How far the download under way is; None where there is none."""
        with self._news:
            return self._now if self._busy() else None

    def fetch(self, entry: Entry, hub: str) -> Iterator[FetchProgress]:
        """Begin a download, or join the one of this model, and follow it to its end.

        Raises UserError while another model is fetched, FetchError where no source gave it.
        """
        with self._news:
            if self._busy() and (self._now is None or self._now.name != entry.name):
                raise UserError("Another model is being fetched.", "Wait for it, or cancel it first.")
            if not self._busy():
                self._begin(entry, hub)
        return self._follow()

    def cancel(self) -> None:
        """End the download; what came so far is kept."""
        self._stop.set()

    def close(self) -> None:
        """End it, and wait a little for its end."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)

    def _begin(self, entry: Entry, hub: str) -> None:
        self._stop = threading.Event()
        self._error = None
        self._now = FetchProgress(
            entry.name, f"Getting ready to fetch {entry.title}.", 0, entry.size_bytes or 0
        )
        self._thread = threading.Thread(
            target=self._work, args=(entry, hub, self._stop), name="fetch-model", daemon=True
        )
        self._thread.start()

    def _work(self, entry: Entry, hub: str, stop: threading.Event) -> None:
        error: KeepsakeError | None = None
        done = False
        try:
            for step in fetch(entry, self._folder, stop=stop, hub=hub):
                done = step.phase == "done"
                self._tell(FetchProgress(entry.name, step.words, step.done_bytes, step.total_bytes, done))
            if done:
                self._fetched()
        except KeepsakeError as problem:
            error = problem
        except Exception as problem:
            log.exception("a download failed unexpectedly")
            error = InternalError(
                f"The download failed unexpectedly ({type(problem).__name__}).", "Try again."
            )
        with self._news:
            self._error = error
            self._thread = None
            self._news.notify_all()

    def _tell(self, step: FetchProgress) -> None:
        with self._news:
            self._now = step
            self._news.notify_all()

    def _follow(self) -> Iterator[FetchProgress]:
        seen: FetchProgress | None = None
        while True:
            with self._news:
                self._news.wait_for(lambda: not self._busy() or self._now is not seen)  # noqa: B023
                step, over, error = self._now, not self._busy(), self._error
            if step is not None and step is not seen:
                seen = step
                yield step
            elif over:
                if error is not None:
                    raise error
                return

    def _busy(self) -> bool:
        return self._thread is not None
