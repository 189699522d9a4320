import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.blending import Blend, quality


def after(*gains: float) -> Blend:
    blend = Blend()
    for gain in gains:
        blend = blend.after(gain)
    return blend


def test_it_is_even_before_anything_is_known() -> None:
    assert Blend().weight == pytest.approx(0.5)
    assert Blend().gain == 0.0


def test_gains_raise_it_towards_one() -> None:
    assert 0.5 < after(0.1, 0.0, 0.1).weight < after(*[0.1, 0.0] * 20).weight
    assert after(*[0.1, 0.0] * 40).weight > 0.99


def test_losses_take_it_down_to_the_plain_order() -> None:
    assert after(*[-0.1, 0.0] * 40).weight < 0.01


def test_it_backs_off_when_gains_turn_into_losses() -> None:
    good = after(*[0.1, 0.0] * 50)
    bad = good
    for _ in range(60):
        bad = bad.after(-0.1)
    assert good.weight > 0.99
    assert bad.weight < 0.1


def test_gains_and_losses_alike_leave_it_in_the_middle() -> None:
    assert after(*[0.2, -0.2] * 50).weight == pytest.approx(0.5, abs=0.06)


def test_a_single_turn_says_little() -> None:
    assert 0.35 < after(-0.1).weight < 0.5 < after(0.1).weight < 0.65


@given(st.lists(st.floats(-1, 1), max_size=300))
def test_it_stays_between_nothing_and_all(gains: list[float]) -> None:
    blend = after(*gains)
    assert 0.0 <= blend.weight <= 1.0
    assert abs(blend.gain) <= 1.0


def test_quality_is_one_where_what_was_used_comes_first() -> None:
    assert quality(np.array([3.0, 2.0, 1.0]), [True, True, False]) == pytest.approx(1.0)
    assert quality(np.array([1.0, 2.0, 3.0]), [False, False, True]) == pytest.approx(1.0)


def test_quality_falls_with_the_place_of_what_was_used() -> None:
    places = [quality(-np.arange(4.0), [place == at for at in range(4)]) for place in range(4)]
    assert places == sorted(places, reverse=True)
    assert places[1] == pytest.approx(1 / np.log2(3))


@given(st.permutations(range(5)))
def test_no_order_is_better_than_another_by_chance(order: list[int]) -> None:
    """Over all ways in which chance may fall every order does the same: no sense, no gain."""
    scores = np.array(order, dtype=np.float64)
    mean = np.mean([quality(scores, [place == at for at in range(5)]) for place in range(5)])
    assert mean == pytest.approx(np.mean(1 / np.log2(np.arange(5) + 2)))
