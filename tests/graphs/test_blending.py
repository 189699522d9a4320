import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.blending import Blend, concordance


def after(*gains: float) -> Blend:
    blend = Blend()
    for gain in gains:
        blend = blend.after(gain)
    return blend


def test_it_is_the_plain_order_before_anything_is_known() -> None:
    assert Blend().weight == 0.0
    assert Blend().gain == 0.0


def test_clear_gains_raise_it_to_all() -> None:
    assert 0.0 < after(*[0.1, 0.0] * 5).weight < 1.0
    assert after(*[0.1, 0.0] * 40).weight == 1.0


def test_losses_leave_the_plain_order() -> None:
    assert after(*[-0.1, 0.0] * 40).weight == 0.0


def test_it_backs_off_when_gains_turn_into_losses() -> None:
    good = after(*[0.1, 0.0] * 50)
    bad = good
    for _ in range(60):
        bad = bad.after(-0.1)
    assert good.weight == 1.0
    assert bad.weight == 0.0


def test_gains_and_losses_alike_leave_the_plain_order() -> None:
    assert after(*[0.2, -0.2] * 50).weight == 0.0


def test_a_single_turn_says_too_little() -> None:
    assert after(0.3).weight == 0.0


@given(st.lists(st.floats(-1, 1), max_size=300))
def test_it_stays_between_nothing_and_all(gains: list[float]) -> None:
    blend = after(*gains)
    assert 0.0 <= blend.weight <= 1.0
    assert abs(blend.gain) <= 1.0


def test_what_is_used_standing_before_the_rest_is_concordance() -> None:
    assert concordance(np.array([9.0, 8.0, -9.0]), [True, True, False]) == pytest.approx(1.0, abs=0.01)
    assert concordance(np.array([9.0, 8.0, -9.0]), [False, False, True]) == pytest.approx(-1.0, abs=0.01)
    assert concordance(np.array([1.0, 1.0]), [True, False]) == 0.0


def test_it_rises_with_how_far_they_stand_before() -> None:
    found = [concordance(np.array([ahead, 0.0, -1.0]), [True, False, False]) for ahead in (-2.0, 0.0, 2.0)]
    assert found == sorted(found)
    assert found[0] < 0 < found[2]


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=6))
def test_no_scores_are_better_than_others_by_chance(scores: list[float]) -> None:
    """Over all ways in which chance may fall, every order does the same: no sense, no gain."""
    places = range(len(scores))
    found = [concordance(np.array(scores), [place == at for at in places]) for place in places]
    assert np.mean(found) == pytest.approx(0.0, abs=1e-9)
