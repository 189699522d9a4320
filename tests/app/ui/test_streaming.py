"""A reply's events become a few looks a second."""

from collections.abc import Iterator

from app.services.views import Failed, TurnEvent
from app.ui.parts.streaming import PAUSE, Look, looks
from app.ui.words import Progress
from graphs.events import Finished, Phase, Recalled, Token
from storage.records import MessageState

END = Finished("m", MessageState.COMPLETE)


class Ticking:
    """A clock that goes on by a step each time it is read."""

    def __init__(self, step: float) -> None:
        self.step = step
        self.time = 0.0

    def __call__(self) -> float:
        self.time += self.step
        return self.time


def seen(*events: TurnEvent, step: float = 1.0) -> list[Look]:
    return list(looks(events, Ticking(step)))


def test_progress_words_come_before_the_first_token() -> None:
    words = [look.progress for look in seen(Recalled(2), Phase("reading", 0.4), Token("Hi"), END)]
    assert words[:3] == [Progress.started, "2 memories come up", "Reading 40 %"]


def test_a_look_at_what_is_not_vouched_for_is_told() -> None:
    words = [look.progress for look in seen(Phase("checking", 0.0), Token("Hi"), END)]
    assert "Checking what you did not tell" in words


def test_text_grows_and_the_last_look_has_ended() -> None:
    last = seen(Token("Hello "), Token("there"), END)[-1]
    assert (last.text, last.ended) == ("Hello there", END)


def test_fast_tokens_are_shown_at_most_fifteen_times_a_second() -> None:
    tokens = [Token("a")] * 300
    shown = seen(*tokens, END, step=PAUSE / 20)
    assert len(shown) < 300 / 15
    assert shown[-1].text == "a" * 300


def test_nothing_is_read_after_the_end() -> None:
    def events() -> Iterator[TurnEvent]:
        yield Failed("It broke.", "Try again.")
        raise AssertionError("read on after the end")

    assert isinstance(list(looks(events(), Ticking(1)))[-1].ended, Failed)
