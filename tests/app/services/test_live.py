import threading

import pytest

from app.services.live import Emit, LiveTurns
from app.services.views import Failed
from graphs.events import Finished, Token
from personas.errors import UserError
from storage.records import MessageState


def test_a_reply_goes_on_when_nobody_listens_any_more() -> None:
    turns, go_on, stored = LiveTurns(), threading.Event(), threading.Event()

    def work(_stop: threading.Event, emit: Emit) -> None:
        emit(Token("Hel"))
        go_on.wait(10)
        emit(Token("lo"))
        stored.set()

    follower = turns.begin("c", lambda: work).follow()
    assert next(follower) == Token("Hel")
    follower.close()  # type: ignore[attr-defined]
    go_on.set()
    assert stored.wait(10)


def test_whoever_comes_later_hears_it_from_the_beginning() -> None:
    turns, go_on = LiveTurns(), threading.Event()

    def work(_stop: threading.Event, emit: Emit) -> None:
        emit(Token("a"))
        go_on.wait(10)
        emit(Finished("m", MessageState.COMPLETE))

    first = turns.begin("c", lambda: work)
    assert next(first.follow()) == Token("a")
    late = turns.find("c")
    assert late is first
    go_on.set()
    assert list(late.follow()) == [Token("a"), Finished("m", MessageState.COMPLETE)]
    assert list(late.follow()) == [Token("a"), Finished("m", MessageState.COMPLETE)]


def test_the_next_turn_waits_for_one_that_only_stores_the_rest() -> None:
    turns, begun, stored = LiveTurns(), threading.Event(), threading.Event()

    def ending(_stop: threading.Event, emit: Emit) -> None:
        emit(Finished("m", MessageState.COMPLETE))
        begun.wait(10)
        stored.set()

    first = turns.begin("c", lambda: ending).follow()
    next(first)
    threading.Timer(0.01, begun.set).start()
    turns.begin("c", lambda: lambda _stop, emit: emit(Token("next")))
    assert stored.is_set()


def test_one_turn_at_a_time_in_a_conversation() -> None:
    turns, go_on = LiveTurns(), threading.Event()

    def wait(_stop: threading.Event, _emit: Emit) -> None:
        go_on.wait(10)

    turn = turns.begin("c", lambda: wait)
    with pytest.raises(UserError, match="still being written"):
        turns.begin("c", lambda: pytest.fail("prepared a second turn"))
    other = turns.begin("d", lambda: lambda _stop, emit: emit(Token("x")))
    assert list(other.follow()) == [Token("x")]
    go_on.set()
    list(turn.follow())
    assert list(turns.begin("c", lambda: lambda _stop, _emit: None).follow()) == []


def test_what_fails_while_it_is_prepared_leaves_the_conversation_free() -> None:
    turns = LiveTurns()

    def broken() -> None:
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        turns.begin("c", broken)  # type: ignore[arg-type]
    assert turns.find("c") is None


def test_an_error_is_told_and_ends_the_turn() -> None:
    def work(_stop: threading.Event, _emit: Emit) -> None:
        raise UserError("The prompt is too long.", "Shorten it.")

    assert list(LiveTurns().begin("c", lambda: work).follow()) == [
        Failed("The prompt is too long.", "Shorten it.")
    ]


def test_closing_stops_what_is_under_way_and_waits_for_it() -> None:
    turns, stored = LiveTurns(), []

    def work(stop: threading.Event, _emit: Emit) -> None:
        stop.wait(10)
        stored.append("kept")

    turns.begin("c", lambda: work)
    turns.close(10)
    assert stored == ["kept"]
    with pytest.raises(UserError, match="closing"):
        turns.begin("d", lambda: work)
