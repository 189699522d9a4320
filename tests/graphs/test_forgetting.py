import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graphs.memory import forgetting
from graphs.memory.forgetting import (
    FADE_BELOW,
    LASTING,
    STRONGEST,
    WEAKEST,
    as_kept_by,
    days_between,
    fades_at,
    initial_strength,
    lifetime,
    retention,
    stays,
    strengthen,
)
from personas.model import Persona
from storage.records import Granularity
from tests.graphs.memories import memory

days = st.floats(min_value=0.0, max_value=1e6)
strengths = st.floats(min_value=WEAKEST, max_value=STRONGEST)
shares = st.floats(min_value=0.0, max_value=1.0)
anything = st.floats(allow_nan=False, allow_infinity=False)
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


@given(strengths)
def test_strength_is_the_days_until_retention_is_nine_tenths(strength: float) -> None:
    assert retention(strength, strength) == pytest.approx(0.9)


@given(days, days, strengths)
def test_retention_falls_with_time(first: float, second: float, strength: float) -> None:
    early, late = sorted((first, second))
    assert 0 < retention(late, strength) <= retention(early, strength) <= 1


@given(days, strengths, strengths)
def test_a_stronger_memory_fades_more_slowly(elapsed: float, one: float, other: float) -> None:
    weak, strong = sorted((one, other))
    assert retention(elapsed, weak) <= retention(elapsed, strong)


@given(strengths)
def test_a_use_before_the_last_one_counts_as_fresh(strength: float) -> None:
    assert retention(-3.0, strength) == 1.0


@given(strengths, shares, shares)
def test_use_never_weakens(strength: float, kept: float, importance: float) -> None:
    after = strengthen(strength, kept, importance)
    assert strength <= after <= STRONGEST


@given(strengths, shares, shares, shares)
def test_a_harder_recall_strengthens_more(
    strength: float, one: float, other: float, importance: float
) -> None:
    hard, easy = sorted((one, other))
    assert strengthen(strength, hard, importance) >= strengthen(strength, easy, importance)


@given(strengths, shares, shares, shares)
def test_use_strengthens_what_matters_more(strength: float, kept: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert strengthen(strength, kept, low) <= strengthen(strength, kept, high)


@given(anything, anything, anything)
def test_strengths_stay_finite(strength: float, kept: float, importance: float) -> None:
    for _ in range(50):
        strength = strengthen(strength, kept, importance)
    assert math.isfinite(strength)
    assert WEAKEST <= strength <= STRONGEST


@given(anything)
def test_importance_sets_where_a_memory_starts(importance: float) -> None:
    assert initial_strength(0.0) <= initial_strength(importance) <= initial_strength(1.0)


def test_a_memory_of_middling_importance_starts_at_thirty_days() -> None:
    assert initial_strength(0.5) == pytest.approx(30.0)


def test_one_use_after_the_strength_has_passed_somewhat_more_than_doubles_it() -> None:
    assert 2.0 < strengthen(30.0, 0.9, 0.5) / 30.0 < 3.0


def test_uses_within_a_minute_hardly_count() -> None:
    strength = 30.0
    for _ in range(20):
        strength = strengthen(strength, retention(1 / 1440, strength), 0.5)
    assert strength < 30.1


@given(strengths, st.floats(min_value=0.05, max_value=0.99))
def test_retention_meets_the_threshold_at_the_end_of_the_lifetime(strength: float, threshold: float) -> None:
    assert retention(lifetime(strength, threshold), strength) == pytest.approx(threshold)


@given(st.floats(min_value=WEAKEST, max_value=3650.0))
def test_the_fading_day_is_when_retention_crosses_the_threshold(strength: float) -> None:
    when = fades_at(NOON, strength)
    assert when is not None
    assume(when > NOON + timedelta(days=1))
    assert retention(days_between(NOON, when - timedelta(hours=1)), strength) > FADE_BELOW
    assert retention(days_between(NOON, when + timedelta(hours=1)), strength) < FADE_BELOW


def test_what_stays_never_fades() -> None:
    assert fades_at(NOON, 1.0, stays=True) is None


def test_a_day_beyond_the_calendar_is_never() -> None:
    assert fades_at(NOON, 10 * STRONGEST, 0.01) is None


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1])
def test_a_threshold_outside_its_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        lifetime(30.0, threshold)


def test_the_curve_is_not_the_inverted_one() -> None:
    """MemoryBank's code computes exp(-t / 5*S), with which strong memories fade faster."""
    assert retention(100.0, 10.0) < retention(100.0, 100.0)


def test_the_constants_agree() -> None:
    assert math.isclose((1 + forgetting.FACTOR) ** -forgetting.DECAY, 0.9)


@given(st.lists(st.tuples(st.floats(min_value=0.0, max_value=1e5), shares), max_size=60), shares)
def test_strengths_stay_finite_and_never_fall_whatever_the_uses(
    uses: list[tuple[float, float]], importance: float
) -> None:
    strength = initial_strength(importance)
    for idle, weight in uses:
        after = strengthen(strength, retention(idle, strength), weight)
        assert strength <= after <= STRONGEST
        strength = after
    assert lifetime(strength) > 60.0


def test_nothing_fades_within_two_months_unused() -> None:
    assert lifetime(initial_strength(0.0)) > 60.0


def test_what_a_persona_keeps_for_longer_fades_later_and_always_means_never() -> None:
    kept = memory(strength=30.0, last_used=NOON)
    days = {
        span: fades_at(NOON, as_kept_by(Persona("p", "P", remembers=span), kept).strength) for span in LASTING
    }
    assert days["always"] is None
    found = [day for span in ("weeks", "months", "years") if (day := days[span]) is not None]
    assert found == sorted(set(found))
    assert retention(1e6, as_kept_by(Persona("p", "P", remembers="always"), kept).strength) == 1.0


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"last_used": NOON}, False),
        ({"pinned": True}, True),
        ({"granularity": Granularity.PROFILE}, False),
        ({"granularity": Granularity.PROFILE, "last_used": NOON}, True),
        ({"granularity": Granularity.TOPIC, "last_used": NOON}, False),
    ],
)
def test_what_is_pinned_or_of_the_profile_and_in_use_stays(fields: dict[str, Any], expected: bool) -> None:
    assert stays(memory(**fields)) is expected
