"""Which cases are drawn."""

from collections import Counter

import pytest

from storage.records import Trust
from tests.benchmarks.guard_sample import drawn, half_of
from tests.benchmarks.guard_world import Case, Line
from tests.fakes.clock import FakeClock


@pytest.fixture
def cases() -> list[Case]:
    line = Line("Tea.", Trust.SAID, FakeClock().now())
    return [Case(f"{kind}-{number}", kind, "Tea?", [line]) for kind in ("x", "y") for number in range(30)]


def test_halves_share_nothing_and_are_everything(cases: list[Case]) -> None:
    halves = [drawn(cases, half=half) for half in "ab"]
    assert sorted(case.id for half in halves for case in half) == sorted(case.id for case in cases)
    assert all(half_of(case.id) == name for name, half in zip("ab", halves, strict=True) for case in half)


def test_a_sample_has_as_many_of_each_kind_and_half(cases: list[Case]) -> None:
    sample = drawn(cases, 8)
    assert Counter((case.kind, half_of(case.id)) for case in sample) == dict.fromkeys(
        [(kind, half) for kind in "xy" for half in "ab"], 4
    )
    assert [case.id for case in drawn(cases, 8, "a")] == [
        case.id for case in sample if half_of(case.id) == "a"
    ]


def test_a_larger_sample_holds_the_smaller_one(cases: list[Case]) -> None:
    assert {case.id for case in drawn(cases, 4)} <= {case.id for case in drawn(cases, 10)}
