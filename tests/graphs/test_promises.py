from datetime import UTC, datetime

import pytest

from graphs.memory.promises import promised, same_promise
from storage.records import Message, MessageState, Role

MONDAY = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)


def message(role: Role, text: str, state: MessageState = MessageState.COMPLETE) -> Message:
    return Message(f"{role}-{len(text)}", "c", "s", None, role, text, state, MONDAY)


def found(text: str, before: str = "Hello there") -> list[str]:
    said = [message(Role.USER, before), message(Role.ASSISTANT, text)]
    return [line.text for line in promised(said)]


@pytest.mark.parametrize(
    "text",
    [
        "I'll ask you about the exam on Friday.",
        "I promise to remind you of the tickets.",
        "I'll check in with you tomorrow about the interview.",
        "I will ask you how the exam went on Friday.",
        "I'm going to ask you if the vet called.",
        "I promise I'll ask about your garden next week.",
        "I promise not to tell anyone about the surprise party.",
        "I'll bring the harbour trip up again next month.",
        "I'll help you practise Spanish on Saturday.",
        "I won't forget to ask about Ana's wedding.",
    ],
)
def test_a_commitment_to_something_in_a_later_talk_is_a_promise(text: str) -> None:
    assert found(f"That sounds good. {text} Sleep well!") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "I'll be here.",
        "I'll be happy to help you on Friday.",
        "I'd be happy to remind you of the exam.",
        "I will always love our talks.",
        "I promise I'll always be here for you.",
        "I promise you, it's lovely in Porto.",
        "I'll miss you on Friday.",
        "I can remind you about the exam on Friday.",
        "If you like, I'll remind you about the exam on Friday.",
        "Shall I remind you about the exam?",
        "I'll tell you a story: once there was a fox.",
        "I'll help you with that right away.",
        "I'll ask you one thing.",
        "I'll ask you about it tomorrow.",
        "I'll remember that your sister lives in Porto.",
        "I'll remind you that you are allergic to nuts.",
        "You said: My sister Ana lives in Porto.",
        "*smiles and says I'll ask you about the exam on Friday*",
        "I asked you about the exam on Friday.",
    ],
)
def test_assurances_offers_and_what_is_said_of_the_person_are_none(text: str) -> None:
    assert found(text) == []


def test_only_finished_messages_of_the_companion_count() -> None:
    text = "I'll ask you about the exam on Friday."
    assert not promised([message(Role.USER, text)])
    assert not promised([message(Role.ASSISTANT, text, MessageState.STREAMING)])


def test_what_the_person_has_just_said_of_themselves_is_no_promise_of_the_companion() -> None:
    assert found("I'll ask you about the exam on Friday.", "I will ask about the exam on Friday!") == []
    asked = "Please remind me about the exam on Friday."
    assert found("I'll remind you about the exam on Friday.", asked) != []


def test_a_promise_is_the_same_on_another_day_and_another_about_something_else() -> None:
    assert same_promise("I'll ask you about the exam on Friday.", "I'll ask about the exam tomorrow.")
    assert not same_promise("I'll ask you about the exam.", "I'll ask you about the garden.")
