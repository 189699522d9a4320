from datetime import UTC, date, datetime

import pytest

from graphs.memory.talks import SEVERAL, Asked, asked

SUNDAY = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What did we talk about last week?", date(2026, 4, 27), date(2026, 5, 3)),
        ("What did we talk about on Tuesday?", date(2026, 5, 5), date(2026, 5, 5)),
        ("Do you remember what we talked about yesterday?", date(2026, 5, 9), date(2026, 5, 9)),
        ("What have we discussed this week?", date(2026, 5, 4), date(2026, 5, 10)),
        ("What did I tell you on 3 May?", date(2026, 5, 3), date(2026, 5, 3)),
    ],
)
def test_a_question_about_a_day_names_its_talks(text: str, first: date, last: date) -> None:
    assert asked(text, SUNDAY, 5) == Asked(first, last, 5)


def test_without_a_day_the_newest_talks_are_meant() -> None:
    assert asked("What did we talk about last time?", SUNDAY, 5) == Asked(most=1)
    assert asked("Can you sum up our last conversation?", SUNDAY, 5) == Asked(most=1)
    assert asked("What did we talk about recently?", SUNDAY, 5) == Asked(most=SEVERAL)


@pytest.mark.parametrize(
    "text",
    [
        "What did I tell you about my sister?",
        "What did I tell you?",
        "What did we say about the trip to Porto last week?",
        "What did we talk about with the vet on Tuesday?",
        "Where does my sister live?",
        "I talked with Ana last week.",
        "",
    ],
)
def test_a_question_about_something_is_left_to_the_search(text: str) -> None:
    assert asked(text, SUNDAY, 5) is None
