import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.ranking import MOST, WEIGHTS, Candidate, rank, standard_rows


def candidate(memory_id: str, **fields: object) -> Candidate:
    plain = Candidate(
        id=memory_id,
        cosine=0.2,
        bm25=0.0,
        spoken=False,
        session_id="",
        beside=(),
        length=10,
        is_question=False,
        idle=0.0,
    )
    return plain._replace(**fields)  # type: ignore[arg-type]


def order(*candidates: Candidate) -> list[str]:
    return [one.id for one in rank(candidates)]


def test_nothing_gives_nothing() -> None:
    assert rank([]) == []


def test_meaning_and_words_both_lift() -> None:
    assert order(candidate("a"), candidate("b", cosine=0.6), candidate("c", cosine=0.6, bm25=9.0)) == [
        "c",
        "b",
        "a",
    ]


def test_what_the_one_asked_about_said_comes_first() -> None:
    assert order(candidate("a"), candidate("b", spoken=True)) == ["b", "a"]


def test_a_turn_beside_a_strong_one_is_lifted() -> None:
    strong = candidate("strong", cosine=0.9, bm25=9.0)
    found = order(strong, candidate("far"), candidate("near", beside=("strong",)))
    assert found == ["strong", "near", "far"]


def test_a_strong_session_lifts_its_turns() -> None:
    strong = candidate("strong", cosine=0.9, session_id="one")
    found = order(strong, candidate("other", session_id="two"), candidate("same", session_id="one"))
    assert found == ["strong", "same", "other"]


def test_a_statement_comes_before_a_question_and_a_long_text_before_a_short_one() -> None:
    assert order(candidate("a", is_question=True), candidate("b")) == ["b", "a"]
    assert order(candidate("a", length=2), candidate("b", length=20)) == ["b", "a"]


def test_what_was_said_in_the_time_asked_about_comes_first() -> None:
    assert order(candidate("a"), candidate("b", in_period=True)) == ["b", "a"]


def test_a_line_that_tells_a_time_comes_first_where_one_is_asked_for() -> None:
    assert order(candidate("a"), candidate("b", answers_when=True)) == ["b", "a"]


def test_being_the_only_one_of_its_kind_is_not_everything() -> None:
    others = [candidate(str(number)) for number in range(100)]
    found = rank([*others, candidate("only", in_period=True), candidate("best", cosine=0.9, bm25=9.0)])
    assert found[0].id == "best"
    assert next(one.parts["period"] for one in found if one.id == "only") == MOST


def test_a_turn_is_lifted_by_what_was_made_of_it_and_the_other_way_round() -> None:
    strong = candidate("topic", cosine=0.9, bm25=9.0, is_turn=False, kin=("turn",))
    found = order(strong, candidate("other"), candidate("turn", kin=("topic",)))
    assert found == ["topic", "turn", "other"]
    strong = candidate("turn", cosine=0.9, kin=("topic",))
    parts = {one.id: one.parts for one in rank([strong, candidate("x"), candidate("topic", kin=("turn",))])}
    assert parts["topic"]["kin_meaning"] > parts["x"]["kin_meaning"]


def test_a_line_about_oneself_is_lifted_and_a_topic_is_not_judged_by_it() -> None:
    assert order(candidate("a"), candidate("b", about_oneself=True)) == ["b", "a"]
    topic = candidate("topic", is_turn=False)
    parts = {one.id: one.parts for one in rank([topic, candidate("a"), candidate("b", about_oneself=True)])}
    assert parts["topic"]["oneself"] == 0.0


def test_retention_decides_only_between_equals() -> None:
    assert order(candidate("weak", idle=2.0), candidate("strong", idle=0.1)) == ["strong", "weak"]
    faint = candidate("faint", cosine=0.4, idle=9.0)
    assert (
        order(candidate("fresh", cosine=0.35, idle=0.0), faint, candidate("other", cosine=0.1))[0] == "faint"
    )


def test_what_has_no_vector_is_neither_lifted_nor_pushed_down() -> None:
    found = {one.id: one.parts["meaning"] for one in rank([candidate("a", cosine=None), candidate("b")])}
    assert found == {"a": 0.0, "b": 0.0}


def test_a_memory_that_is_no_turn_does_not_suffer_for_standing_alone() -> None:
    turn = candidate("turn", cosine=0.5, beside=("next",))
    topic = candidate("topic", cosine=0.5, is_turn=False)
    parts = {one.id: one.parts for one in rank([turn, topic, candidate("next", cosine=0.1)])}
    assert parts["topic"]["beside_meaning"] == 0.0


def test_parts_sum_up_to_the_total() -> None:
    found = rank(
        [candidate("a", bm25=3.0, spoken=True), candidate("b", cosine=0.7), candidate("c", length=3)]
    )
    for one in found:
        assert sum(one.parts.values()) == pytest.approx(one.total, abs=0.05)
        assert set(one.parts) == {name for name, weight in WEIGHTS.items() if weight}


def test_standard_scores_have_mean_0_and_deviation_1_and_leave_the_unknown_out() -> None:
    (scored,) = standard_rows(np.array([1.0, 3.0, np.nan]))
    assert scored.tolist() == [-1.0, 1.0, 0.0]


@given(
    st.lists(
        st.tuples(
            st.floats(-1, 1),
            st.floats(0, 50),
            st.booleans(),
            st.integers(0, 400),
            st.sampled_from(["", "s", "t"]),
        ),
        max_size=30,
    )
)
def test_any_candidates_get_a_finite_total_and_each_a_place(
    values: list[tuple[float, float, bool, int, str]],
) -> None:
    candidates = [
        candidate(str(i), cosine=cosine, bm25=bm25, spoken=spoken, length=length, session_id=session)
        for i, (cosine, bm25, spoken, length, session) in enumerate(values)
    ]
    found = rank(candidates)
    assert {one.id for one in found} == {one.id for one in candidates}
    assert all(np.isfinite(one.total) for one in found)
    assert [one.total for one in found] == sorted((one.total for one in found), reverse=True)
