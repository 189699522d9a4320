"""What happens by itself: memories made of finished talks, what is new taken into the index, fading, backups.

The jobs hold nothing themselves: what is due stands in the store, so a restart loses nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for job in self._jobs:
            self._scheduler.add_job(
                lambda job=job: run_safely(job),
                "interval",
                seconds=job.every.total_seconds(),
                next_run_time=self._now() + job.first_after,
                id=job.name,
                replace_existing=True,
            )
        self._scheduler.start()

    def soon(self, name: str) -> None:
        """Do a job now rather than at its next turn."""
        scheduler = self._scheduler
        if scheduler is not None:
            scheduler.modify_job(name, next_run_time=self._now())

    def stop(self) -> None:
        """End, without waiting for a job under way: each looks at its own stop."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None


def run_safely(job: Job) -> None:
    """One job must never end the others."""
    try:
        job.work()
    except Exception:
        log.exception("the job %s failed", job.name)
