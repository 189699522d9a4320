from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.benchmarks.reranker import DRAWN, MOST, TEMPERATURE, Reranker, bounded, draw, log_chances

Array = NDArray[np.float64]


def vectors(seed: int, count: int = 8, dimension: int = 6) -> tuple[Array, Array]:
    noise = np.random.default_rng(seed)
    rows = noise.normal(size=(count + 1, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows[0], rows[1:]


def trained(seed: int = 3) -> Reranker:
    noise = np.random.default_rng(seed)
    return Reranker(0.1 * noise.normal(size=(6, 6)), 0.1 * noise.normal(size=(6, 6)), 0.2)


def test_untrained_it_scores_by_cosine_and_shifts_nothing() -> None:
    query, memories = vectors(1)
    fresh = Reranker.untrained(6)
    assert fresh.scores(query, memories) == pytest.approx(memories @ query)
    assert fresh.shift(query, memories) == pytest.approx(np.zeros(8))


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_weighed_log_chances(seed: int) -> None:
    query, memories = vectors(seed)
    reranker, drawn, advantages = trained(seed), [4, 0, 6], np.array([0.8, -1.2, -0.5])

    def objective(of_query: Array, of_memory: Array) -> float:
        scores = replace(reranker, of_query=of_query, of_memory=of_memory).scores(query, memories)
        return float(advantages @ log_chances(scores)[drawn])

    by_query, by_memory = reranker.slope(query, memories, drawn, advantages)
    step = 1e-5
    for row, column in np.ndindex(6, 6):
        nudge = np.zeros((6, 6))
        nudge[row, column] = step
        up, down = reranker.of_query + nudge, reranker.of_query - nudge
        found = (objective(up, reranker.of_memory) - objective(down, reranker.of_memory)) / (2 * step)
        assert by_query[row, column] == pytest.approx(found, abs=1e-6)
        up, down = reranker.of_memory + nudge, reranker.of_memory - nudge
        found = (objective(reranker.of_query, up) - objective(reranker.of_query, down)) / (2 * step)
        assert by_memory[row, column] == pytest.approx(found, abs=1e-6)


def test_what_is_used_again_and_again_rises() -> None:
    query, memories = vectors(5)
    rewards = np.full(8, np.nan)
    rewards[:5] = [-1, -1, 1, -1, -1]
    reranker, noise = Reranker.untrained(6), np.random.default_rng(2)
    for _ in range(40):
        reranker = reranker.learn(query, memories, rewards, noise)
    before, after = (log_chances(one.scores(query, memories)) for one in (Reranker.untrained(6), reranker))
    assert (after - before).argmax() == 2
    assert reranker.shift(query, memories)[2] > 0.3
    assert reranker.baseline == pytest.approx(-0.6, abs=0.15)


def test_where_nothing_was_shown_nothing_is_learnt() -> None:
    query, memories = vectors(5)
    fresh = Reranker.untrained(6)
    assert fresh.learn(query, memories, np.full(8, np.nan), np.random.default_rng(1)) is fresh


def test_the_same_seed_learns_the_same() -> None:
    query, memories = vectors(5)
    rewards = np.array([1, -1, -1, -1, -1, np.nan, np.nan, np.nan])
    one, other = (trained().learn(query, memories, rewards, np.random.default_rng(9)) for _ in range(2))
    assert (one.of_query == other.of_query).all()
    assert (one.of_memory == other.of_memory).all()


def test_it_draws_different_places_the_likelier_ones_more_often() -> None:
    noise, scores = np.random.default_rng(4), np.array([2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    drawn = [draw(scores, noise).tolist() for _ in range(200)]
    assert all(len(set(places)) == DRAWN for places in drawn)
    assert sum(places[0] == 0 for places in drawn) > 150


def test_the_first_drawn_follows_the_softmax() -> None:
    noise, scores = np.random.default_rng(4), TEMPERATURE * np.log([4.0, 2.0, 1.0, 1.0])
    first = [int(draw(scores, noise, 1)[0]) for _ in range(4000)]
    shares = np.bincount(first, minlength=4) / len(first)
    assert shares == pytest.approx(np.exp(log_chances(scores)), abs=0.03)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_norms_stay_bounded(seed: int, step: float) -> None:
    noise = np.random.default_rng(seed)
    query, memories = vectors(seed)
    reranker = Reranker.untrained(6)
    for _ in range(5):
        rewards = noise.choice([1.0, -1.0, np.nan], size=8)
        reranker = reranker.learn(query, memories, rewards, noise, step=step)
    for matrix in (reranker.of_query, reranker.of_memory):
        assert np.linalg.norm(matrix) <= MOST * (1 + 1e-9)
    assert -1.0 <= reranker.baseline <= 1.0


def test_a_matrix_within_bounds_stays_as_it_is() -> None:
    small = np.eye(2) * 0.1
    assert bounded(small) is small
    assert np.linalg.norm(bounded(np.eye(2) * 9)) == pytest.approx(MOST)
