"""The benchmark of learning itself: what its signals and figures mean."""

import random
from pathlib import Path

import numpy as np
import pytest

from graphs.memory.ranking import Scored
from tests.benchmarks.learners import LEARNERS, Plain, sittings
from tests.benchmarks.learning import (
    Run,
    by_chance,
    compare,
    evidence,
    go_through,
    misled,
    orders,
    summary,
    with_learning,
)
from tests.benchmarks.locomo import read
from tests.benchmarks.retrieval import methods, run
from tests.benchmarks.retrieval import summary as retrieval_summary
from tests.benchmarks.test_retrieval_benchmark import data
from tests.fakes.embedder import BagOfWords
from tests.graphs.memories import memory

__all__ = ["data"]
SHOWN = [Scored(memory(memory_id=name), 0.0, {}) for name in "abcde"]


def test_a_fifth_of_the_citations_are_wrong_and_as_many_as_before() -> None:
    signal = misled(0.2, random.Random(1))
    rounds = [signal(frozenset("a"), SHOWN) for _ in range(1000)]
    assert all(sum(used) == 1 for used in rounds)
    assert sum(not used[0] for used in rounds) == pytest.approx(200, abs=50)


def test_by_chance_any_of_those_shown_is_cited() -> None:
    signal = by_chance(random.Random(1))
    rounds = [signal(frozenset("ab"), SHOWN) for _ in range(1000)]
    assert all(sum(used) == 2 for used in rounds)
    assert np.mean(rounds, axis=0) == pytest.approx([0.4] * 5, abs=0.06)


def test_the_worst_point_is_of_the_mean_path_and_gains_count_from_the_thirty_first_on() -> None:
    flat, late = np.zeros(40), np.r_[np.zeros(30), np.ones(10)]
    early_loss = np.r_[-1.0, np.zeros(39)]
    line = summary([("one", Run(range(40), late, flat)), ("one", Run(range(40), early_loss, flat))], "")
    assert line["recall@10"] == pytest.approx(0.5)
    assert line["worst point"] == pytest.approx(-0.5)
    assert line["worst run"] == pytest.approx(-1 / 31)


def test_every_order_asks_each_question_once_and_the_plain_one_gains_nothing(data: Path) -> None:
    [sitting] = sittings(read(data), BagOfWords())
    plain = go_through(sitting, [0, 1], Plain(), evidence)
    for places in [one for some in orders(sitting, 2).values() for one in some]:
        assert sorted(places) == [0, 1]
        gains = compare(go_through(sitting, places, Plain(), evidence), places, plain)
        assert gains.recall.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", [name for name in LEARNERS if name.startswith("features")])
def test_learners_start_with_the_plain_order(data: Path, name: str) -> None:
    [sitting] = sittings(read(data), BagOfWords())
    asked = sitting.asked[0]
    found = LEARNERS[name]().order(asked, asked.candidates)
    assert [one.id for one in found] == [one.id for one in Plain().order(asked, asked.candidates)]


def test_learning_is_a_row_of_the_retrieval_benchmark(data: Path) -> None:
    chosen = with_learning(methods(parts=False))
    found = retrieval_summary(run(read(data), BagOfWords(), chosen))["methods"]
    assert isinstance(found, dict)
    assert {"product+learned", "dense", "bm25", "product"} <= set(found)
    assert found["product+learned"]["recall@5"] == 1.0
