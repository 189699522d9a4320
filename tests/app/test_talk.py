"""A reply in the terminal: thoughts are not printed, and what turns out to be one is marked as such."""

import pytest

from app.commands.talk import _print_reply
from app.services.views import TurnEvent
from graphs.events import Finished, Phase, Thought, Token, Unsaid
from storage.records import MessageState

END = Finished("m", MessageState.COMPLETE)


def printed(capsys: pytest.CaptureFixture[str], *events: TurnEvent) -> str:
    assert _print_reply(iter(events)) is None
    return capsys.readouterr().out


def test_thoughts_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    events = (Phase("reading", 1.0), Thought("Hm, the ferry."), Token("At "), Token("six."), END)
    assert printed(capsys, *events) == "At six.\n"


def test_what_was_a_thought_after_all_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, Token("Hm, the ferry."), Unsaid(), Token("At six."), END)
    assert out == "Hm, the ferry.\n\n(So far it was thinking.)\n\nAt six.\n"
