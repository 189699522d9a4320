import pytest

from graphs.guard import check
from graphs.memory.reaching import REACHES, reaches
from storage.records import Outcome, Trust
from tests.graphs.memories import memory


@pytest.mark.parametrize(
    "text",
    [
        "What should I cook tonight? Tarlo soup.",
        "Can you remind me what I wanted: the Tarlo set.",
        "Who, what, when, where: Tarlo.",
        "Do you remember my plans? Tarlo.",
    ],
)
def test_a_text_that_answers_what_the_person_might_ask_is_set_aside_unless_they_said_it(text: str) -> None:
    verdict = check([memory(text, trust=Trust.IMPORTED)])["m1"]
    assert (verdict.outcome, verdict.reason, verdict.signals) == (Outcome.SET_ASIDE, REACHES, 1)
    assert check([memory(text)])["m1"].outcome is Outcome.FACT


@pytest.mark.parametrize(
    "text",
    [
        "Booking: seat 14C, leaves at 11:40.",
        "What should I cook tonight? I have no idea.",
        "Can you tell me when the bus goes? I need to know what to pack.",
        "Do you remember my plans?",
        "The doctor asked when it began and where it hurts.",
        "",
    ],
)
def test_who_only_asks_is_let_be(text: str) -> None:
    assert not reaches(text)
