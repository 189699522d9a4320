import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphs.memory.feature_ranker import (
    LEAST,
    MOST,
    MOST_FROM_NOTHING,
    FeatureRanker,
    log_likelihood,
    slope,
)

START = {"meaning": 1.0, "words": 1.0, "length": 0.5, "turn": 0.0}
Row = NDArray[np.float64]

turns = st.lists(
    st.tuples(
        st.lists(st.lists(st.floats(-6, 6), min_size=4, max_size=4), min_size=2, max_size=5),
        st.integers(0, 31),
    ),
    max_size=25,
)
"""The parts of the memories shown, and which of them were used, as bits."""


def taught(ranker: FeatureRanker, rows: list[list[float]], bits: int) -> FeatureRanker:
    return ranker.learn(np.array(rows), [bool(bits >> place & 1) for place in range(len(rows))])


def drawn(seed: int) -> tuple[Row, Row, list[bool]]:
    noise = np.random.default_rng(seed)
    return noise.normal(size=4), noise.normal(size=(5, 4)), [True, False, True, False, False]


@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_is_that_of_the_likelihood(seed: int) -> None:
    weights, features, used = drawn(seed)
    step = 1e-5
    by_difference = [
        (
            log_likelihood(weights + step * axis, features, used)
            - log_likelihood(weights - step * axis, features, used)
        )
        / (2 * step)
        for axis in np.eye(4)
    ]
    assert slope(weights, features, used)[0] == pytest.approx(by_difference, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_curvature_is_how_the_gradient_falls(seed: int) -> None:
    weights, features, used = drawn(seed)
    step = 1e-5
    falling = [
        (slope(weights - step * axis, features, used)[0] - slope(weights + step * axis, features, used)[0])
        / (2 * step)
        for axis in np.eye(4)
    ]
    assert slope(weights, features, used)[1] == pytest.approx(np.array(falling), abs=1e-6)


def test_it_starts_from_the_start_weights() -> None:
    ranker = FeatureRanker.untrained(START)
    assert ranker.weights == pytest.approx(list(START.values()))


def test_what_is_used_for_its_words_makes_words_count_more() -> None:
    ranker = FeatureRanker.untrained(START)
    for _ in range(20):
        ranker = ranker.learn(np.array([[0.0, 2.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0]]), [True, False])
    meaning, words, *_ = ranker.weights
    assert words > 1.1
    assert meaning < 0.9


def test_one_turn_moves_little() -> None:
    ranker = FeatureRanker.untrained(START)
    moved = ranker.learn(np.array([[0.0, 3.0, 0.0, 1.0], [3.0, 0.0, 1.0, 0.0]]), [True, False])
    assert np.abs(moved.weights - ranker.weights).max() < 0.1


def test_a_part_that_starts_at_nothing_can_come_to_count() -> None:
    ranker = FeatureRanker.untrained(START)
    for _ in range(30):
        ranker = ranker.learn(np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 0.0, -1.0]]), [True, False])
    assert ranker.weights[3] > 0.1


@pytest.mark.parametrize("used", [[True, True], [False, False]])
def test_all_or_none_used_teaches_nothing(used: list[bool]) -> None:
    ranker = FeatureRanker.untrained(START)
    assert ranker.learn(np.ones((2, 4)), used) is ranker


def test_a_signal_without_sense_leaves_the_ratios_of_the_weights() -> None:
    noise = np.random.default_rng(1)
    ranker = FeatureRanker.untrained(START)
    for _ in range(300):
        rows = noise.normal(size=(5, 4)) * [2.0, 2.0, 1.0, 0.5]
        ranker = ranker.learn(rows, noise.permutation([True, False, False, False, False]).tolist())
    assert np.abs(ranker.weights - list(START.values())).max() < 0.35


def test_new_parts_start_unlearnt_and_old_ones_are_dropped() -> None:
    ranker = FeatureRanker.untrained(START)
    for _ in range(20):
        ranker = ranker.learn(np.array([[0.0, 2.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0]]), [True, False])
    other = ranker.starting_from({"time": 0.5, "words": 1.0, "meaning": 1.0})
    time, words, meaning = other.weights
    assert time == pytest.approx(0.5, abs=0.1)
    assert words > 1.1
    assert meaning < 0.9
    back = ranker.starting_from(dict(zip(ranker.names, ranker.start.tolist(), strict=True)))
    assert back.weights == pytest.approx(ranker.weights)


@given(turns)
def test_weights_stay_finite_and_within_bounds(history: list[tuple[list[list[float]], int]]) -> None:
    ranker = FeatureRanker.untrained(START)
    for rows, bits in history:
        ranker = taught(ranker, rows, bits)
    start = np.array(list(START.values()))
    assert np.isfinite(ranker.weights).all()
    assert (ranker.weights[:3] >= LEAST * start[:3]).all()
    assert (ranker.weights[:3] <= MOST * start[:3]).all()
    assert abs(ranker.weights[3]) <= MOST_FROM_NOTHING
