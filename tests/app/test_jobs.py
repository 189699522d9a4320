import threading
from datetime import UTC, datetime, timedelta

from app.jobs import Job, Jobs, _Worker

LONG = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_job_that_fails_is_done_again_and_harms_no_other() -> None:
    done = {"broken": threading.Semaphore(0), "sound": threading.Semaphore(0)}

    def broken() -> None:
        done["broken"].release()
        raise ValueError("a job's own trouble")

    jobs = Jobs(
        [
            Job("broken", LONG, timedelta(), broken),
            Job("sound", LONG, LONG, done["sound"].release),
        ],
        now,
    )
    jobs.start()
    try:
        assert done["broken"].acquire(timeout=20)
        jobs.soon("sound")
        assert done["sound"].acquire(timeout=20)
        jobs.soon("broken")
        assert done["broken"].acquire(timeout=20)
    finally:
        jobs.stop()


def test_without_a_start_nothing_is_done_soon() -> None:
    jobs = Jobs([], now)
    jobs.soon("sync")
    jobs.stop()


def test_a_job_asked_for_while_it_runs_is_done_once_more_after_it() -> None:
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    runs: list[str] = []

    def work() -> None:
        begun.release()
        assert go_on.acquire(timeout=20)
        runs.append("done")

    worker = _Worker(Job("work", LONG, LONG, work))
    first = threading.Thread(target=worker)
    first.start()
    assert begun.acquire(timeout=20)
    worker()
    worker()
    assert runs == []
    go_on.release(2)
    first.join(20)
    assert runs == ["done", "done"]
