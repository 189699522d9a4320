"""What the program does beside answering: get ready, keep its jobs, say how it is, and end well."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from app.jobs import Jobs
from app.services.live import LiveTurns

CLOSING_SECONDS = 8.0
log = logging.getLogger(__name__)


class Background:
    """The warm-up after the start, the jobs, and their end."""

    def __init__(self, jobs: Jobs, turns: LiveTurns, stop: threading.Event) -> None:
        self._jobs = jobs
        self._turns = turns
        self._stop = stop
        self._thread: threading.Thread | None = None

    def start(self, steps: Sequence[Callable[[], Any]]) -> None:
        """Get ready in the background, a step after the other, then begin the jobs."""

        def work() -> None:
            for step in steps:
                if self._stop.is_set():
                    return
                try:
                    step()
                except Exception:
                    log.exception("a step of the warm-up failed")
            if not self._stop.is_set():
                self._jobs.start()

        self._thread = threading.Thread(target=work, name="warm-up", daemon=True)
        self._thread.start()

    def soon(self, job: str) -> None:
        """Do a job now rather than at its next turn; nothing where no jobs are kept."""
        self._jobs.soon(job)

    def stop(self) -> None:
        """Ask everything to end; what is under way stores what it has."""
        self._stop.set()
        self._jobs.stop()
        self._turns.close(CLOSING_SECONDS)

    def join(self) -> None:
        """Wait for the warm-up's end."""
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)
