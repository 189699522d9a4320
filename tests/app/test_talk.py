"""A reply in the terminal: thoughts are not printed, and what turns out to be one is marked as such."""

from datetime import UTC, datetime

import pytest

from app.commands.talk import _print_reply, tell_what_is_read
from app.services.views import MessageView, TurnEvent
from app.ui.words import Chat
from graphs.events import Finished, Phase, Thought, Token, Unsaid
from storage.records import MessageState, Role

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


def test_it_is_told_once_that_older_messages_are_no_longer_read(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime(2026, 5, 10, tzinfo=UTC)
    place = ""
    for reads_from in ("", "a", "a", "b"):
        view = MessageView(
            "m", Role.ASSISTANT, "Hm", MessageState.COMPLETE, now, "9:00", reads_from=reads_from
        )
        place = tell_what_is_read([view], place)
    told = capsys.readouterr()
    assert told.err == f"({Chat.reads_from})\n" * 2
    assert told.out == ""
