from dataclasses import dataclass, field

import pytest

from app.models.threads import Threads, Work, measure, running


@dataclass
class Machine:
    """Time and the work of everybody, to be turned by hand."""

    time: float = 0.0
    everybody: float = 100.0
    ours: float = 10.0
    looks: int = 0
    told: list[int] = field(default_factory=list)

    def look(self) -> Work:
        self.looks += 1
        return Work(self.everybody, self.ours)

    def go(self, seconds: float, *, others: float, ours: float) -> None:
        """`others` and `ours`: how many cores are kept busy."""
        self.time += seconds
        self.ours += ours * seconds
        self.everybody += (ours + others) * seconds


def alone() -> int:
    return 0


@pytest.mark.parametrize(("others", "expected"), [(0, 4), (1, 3), (3, 1), (9, 1)])
def test_at_first_whoever_runs_at_this_moment_counts(others: int, expected: int) -> None:
    machine = Machine()
    threads = Threads(4, lambda: machine.time, machine.look, lambda: others)
    assert threads.count() == expected
    machine.go(1.0, others=0.0, ours=1.0)
    assert threads.count() == 4


@pytest.mark.parametrize(
    ("most", "others", "expected"),
    [(2, 0.0, 2), (2, 0.3, 2), (2, 0.6, 1), (2, 1.0, 1), (2, 2.0, 1), (4, 1.2, 3), (4, 1.8, 2), (1, 1.0, 1)],
)
def test_busy_cores_are_left_alone(most: int, others: float, expected: int) -> None:
    machine = Machine()
    threads = Threads(most, lambda: machine.time, machine.look, alone)
    machine.go(1.0, others=others, ours=1.5)
    assert threads.count() == expected


@pytest.mark.parametrize(("now", "expected"), [(0, 2), (1, 1)])
def test_what_others_did_long_ago_is_not_taken_for_now(now: int, expected: int) -> None:
    machine = Machine()
    threads = Threads(2, lambda: machine.time, machine.look, lambda: now)
    machine.go(3.0, others=1.5, ours=0.0)
    assert threads.count() == expected
    machine.go(0.5, others=0.0, ours=1.0)
    assert threads.count() == 2


def test_cores_that_become_free_are_used_again() -> None:
    machine = Machine()
    threads = Threads(2, lambda: machine.time, machine.look, alone)
    for others, expected in ((1.0, 1), (0.0, 2), (1.0, 1)):
        machine.go(0.5, others=others, ours=1.0)
        assert threads.count() == expected


def test_it_looks_around_only_now_and_then() -> None:
    machine = Machine()
    threads = Threads(2, lambda: machine.time, machine.look, alone)
    for _ in range(100):
        machine.go(0.01, others=0.0, ours=2.0)
        threads.count()
    assert machine.looks == 1 + 4


def test_where_nothing_is_told_all_threads_are_used() -> None:
    threads = Threads(2, iter(range(100)).__next__, lambda: None, alone)
    assert threads.count() == 2


def test_the_real_machine_counts_up() -> None:
    before, _spent = measure(), sum(range(2_000_000))
    after = measure()
    assert before is None or (
        after is not None and after.everybody >= before.everybody and after.ours > before.ours
    )
    assert running() >= 0
