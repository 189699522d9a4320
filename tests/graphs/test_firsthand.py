import pytest

from graphs.memory.firsthand import MARGIN, asks_advice, asks_for_words, asks_when, behind


def test_what_is_unconfirmed_stays_where_nothing_was_told() -> None:
    assert behind({}, {"file": -2.0}) == frozenset()


def test_what_is_about_as_near_as_the_best_of_what_was_told_stays() -> None:
    told = {"told": 2.0, "told too": -1.0}
    assert behind(told, {"near": 2.0 - MARGIN, "far": 1.9 - MARGIN}) == {"far"}


@pytest.mark.parametrize(
    "question",
    [
        "Should I take the job?",
        "What can I cook tonight?",
        "I got the part! What do you think?",
        "Could you write a short note to my physio?",
        "Is that wise?",
        "Recommend a phone for my mother",
    ],
)
def test_what_to_do_or_to_think_is_advice(question: str) -> None:
    assert asks_advice(question)


@pytest.mark.parametrize(
    "question",
    [
        "When is my scan?",
        "What goes into Gran's cake?",
        "What did the vet recommend for the cat?",
        "Which doctor's advice says the leaflet I must follow?",
        "Where are we staying in Porto?",
    ],
)
def test_what_is_so_or_what_somebody_said_is_not(question: str) -> None:
    assert not asks_advice(question)


@pytest.mark.parametrize(
    "question", ["When is my scan?", "Till when is the shop open?", "What day is it on?"]
)
def test_an_hour_or_a_day_is_asked_for(question: str) -> None:
    assert asks_when(question)
    assert not asks_when("Where is my scan?")


@pytest.mark.parametrize(
    "question",
    [
        "What are the rules in the library?",
        "What am I allowed to bring?",
        "How is she supposed to sit?",
        "What does the landlord want from me?",
    ],
)
def test_a_rule_that_others_made_is_theirs_to_word(question: str) -> None:
    assert asks_for_words(question)
    assert not asks_for_words("What's my rule about sweets?")


def test_somebodys_words_are_asked_for() -> None:
    assert asks_for_words("What did the vet write about the cat?")
    assert asks_for_words("What does the letter say?")
    assert not asks_for_words("What did you say?")
    assert not asks_for_words("When is my scan?")
