from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.question import understand, with_irregular_forms
from storage.records import Role

NAMES = ["Caroline", "Melanie"]


def test_a_speakers_name_is_taken_out_and_says_whose_words_are_meant() -> None:
    question = understand("When did Caroline's sister visit?", NAMES)
    assert "Caroline" not in question.meaning
    assert question.whose.spoke(Role.ASSISTANT, "caroline")
    assert not question.whose.spoke(Role.USER, "Melanie")


def test_two_names_prefer_nobody() -> None:
    question = understand("What do Caroline and Melanie both like?", NAMES)
    assert not question.whose.spoke(Role.USER, "Caroline")
    assert not question.whose.spoke(Role.USER, "Melanie")


def test_a_name_that_is_part_of_a_word_is_none() -> None:
    assert understand("What about Carolines?", ["Caro"]).meaning == "What about Carolines?"


def test_a_name_alone_is_still_looked_for() -> None:
    assert understand("And Caroline?", NAMES).meaning == "And Caroline?"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Where do I live?", Role.USER),
        ("What is my sister called?", Role.USER),
        ("What did you recommend me for dinner?", Role.ASSISTANT),
        ("You told me about a film", Role.ASSISTANT),
        ("You once recommended a game, which one?", Role.ASSISTANT),
        ("What advice did you give me about sleep?", Role.ASSISTANT),
        ("Which films did you share with me?", Role.ASSISTANT),
        ("I recommended a film to you", Role.USER),
        ("Do you know where I live?", Role.USER),
    ],
)
def test_the_person_asks_about_themselves_unless_about_what_the_companion_said(text: str, role: Role) -> None:
    assert understand(text, []).whose.role is role


def test_a_question_about_nobody_prefers_nobody() -> None:
    assert understand("Which city has the best bread?", []).whose.role is None


def test_a_message_of_few_words_leans_on_the_one_before() -> None:
    question = understand("And her name?", [], ["My dentist moved to Porto", "She plays the cello"])
    assert question.meaning == "She plays the cello And her name?"


def test_a_full_message_stands_alone() -> None:
    question = understand("Where does my dentist live now?", [], ["She plays the cello"])
    assert "cello" not in question.meaning


def test_irregular_forms_are_looked_for_too() -> None:
    words = with_irregular_forms("what she bought").split()
    assert "buy" in words
    assert with_irregular_forms("adopted") == "adopted"


def test_odd_texts_do_no_harm() -> None:
    assert understand("", []).meaning == ""
    assert understand("?!", ["("], ["before"]).meaning


NOW = datetime(2023, 6, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["When did I move?", "How long did it take?", "Do you know when I moved?"])
def test_a_question_for_a_time_is_known(text: str) -> None:
    assert understand(text, []).asks_when


def test_a_word_that_only_looks_like_it_asks_for_no_time() -> None:
    assert not understand("What did I say when we met?", []).asks_when


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("What did I do in May?", "2023-05-01", "2023-06-01"),
        ("Who came in August?", "2022-08-01", "2022-09-01"),
        ("What are her plans of March 2022?", "2022-03-01", "2022-04-01"),
        ("What was it about on 3 May 2023?", "2023-05-03", "2023-05-04"),
        ("What did we eat last week?", "2023-05-29", "2023-06-05"),
        ("What happened at the end of summer 2022?", "2022-06-01", "2022-09-01"),
        ("Where did I live in 2021?", "2021-01-01", "2022-01-01"),
        ("Which trip in December 2022?", "2022-12-01", "2023-01-01"),
    ],
)
def test_the_past_time_that_a_question_names_is_read(text: str, first: str, after: str) -> None:
    period = understand(text, [], now=NOW).period
    assert period is not None
    assert (period.start.date().isoformat(), period.end.date().isoformat()) == (first, after)
    assert period.start.tzinfo is NOW.tzinfo


@pytest.mark.parametrize(
    "text", ["Where may I park?", "What shall we cook tonight?", "Will it rain tomorrow?", ""]
)
def test_what_is_no_past_time_is_none(text: str) -> None:
    assert understand(text, [], now=NOW).period is None
    assert understand("What did I do in May?", []).period is None


@given(st.text(max_size=60))
def test_any_text_is_understood(text: str) -> None:
    assert understand(text, ["Ida"], now=NOW).meaning is not None
