"""What happens by itself: memories made of finished talks, what is new taken into the index, fading, backups.

The jobs hold nothing themselves: what is due stands in the store, so a restart loses nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

SOON = timedelta(seconds=1)
"""So that a reply that has just ended is out of the way."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again."""

    name: str
    every: timedelta
    first_after: timedelta
    work: Callable[[], object]


class Jobs:
    """Runs jobs in the background, never two of a kind at once."""

    def __init__(self, jobs: list[Job], now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now
        self._scheduler: Any = None

    def start(self) -> None:
        """Begin."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.jobstores.memory import MemoryJobStore
        from apscheduler.schedulers.background import BackgroundScheduler

        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        for job in self._jobs:
            self._scheduler.add_job(
                _Worker(job),
                "interval",
                seconds=job.every.total_seconds(),
                next_run_time=self._now() + job.first_after,
                id=job.name,
                replace_existing=True,
            )
        self._scheduler.start()

    def soon(self, name: str) -> None:
        """Do a job within a moment rather than at its next turn; once more where it is under way."""
        scheduler = self._scheduler
        if scheduler is not None:
            scheduler.modify_job(name, next_run_time=self._now() + SOON)

    def stop(self) -> None:
        """End, without waiting for a job under way: each looks at its own stop."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None


class _Worker:
    """Does a job, and once more where it was asked for meanwhile; never twice at once."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._guard = threading.Lock()
        self._running = False
        self._again = False

    def __call__(self) -> None:
        with self._guard:
            if self._running:
                self._again = True
                return
            self._running = True
        while True:
            self._work()
            with self._guard:
                if not self._again:
                    self._running = False
                    return
                self._again = False

    def _work(self) -> None:
        try:
            self._job.work()
        except Exception:
            log.exception("the job %s failed", self._job.name)  # the other jobs go on
