import pytest

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
