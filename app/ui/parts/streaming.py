"""A turn's events, gathered into what a page can show a few times a second."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from app.services.views import Failed, TurnEvent
from app.ui.words import Progress
from graphs.events import Finished, Phase, Recalled, Thought, Token, Unsaid

PAUSE = 1 / 15
"""Seconds between two looks at a growing reply."""


@dataclass(frozen=True, slots=True)
class Look:
    """A reply under way: its text so far, or what is being done before the first word."""

    text: str = ""
    progress: str = Progress.started
    thoughts: str = ""
    """What the model thinks before it replies."""
    ended: Finished | Failed | None = None


def looks(events: Iterable[TurnEvent], now: Callable[[], float], pause: float = PAUSE) -> Iterator[Look]:
    """A look at the start and at each new kind of event, else one a `pause` at most; the last has `ended`."""
    look, shown, kind = Look(), now(), None
    yield look
    for event in events:
        look = _after(look, event)
        if look.ended or type(event) is not kind or now() - shown >= pause:
            shown, kind = now(), type(event)
            yield look
        if look.ended:
            return


def _after(look: Look, event: TurnEvent) -> Look:
    if isinstance(event, Token):
        return replace(look, text=look.text + event.text)
    if isinstance(event, Thought):
        thoughts = look.thoughts + event.text
        return replace(look, thoughts=thoughts, progress=_thinking(thoughts))
    if isinstance(event, Unsaid):
        thoughts = look.thoughts + look.text
        return replace(look, text="", thoughts=thoughts, progress=_thinking(thoughts))
    if isinstance(event, Recalled):
        return replace(look, progress=_recalled(event.count))
    if isinstance(event, Phase):
        return replace(look, progress=_phase(event))
    return replace(look, ended=event)


def _recalled(count: int) -> str:
    if count == 0:
        return Progress.recalled_none
    return Progress.recalled_one if count == 1 else Progress.recalled.format(count=count)


def _thinking(thoughts: str) -> str:
    return Progress.thinking.format(count=len(thoughts.split()))


def _phase(phase: Phase) -> str:
    words = dict(Progress.phases).get(phase.name, phase.name)
    if phase.share <= 0:
        return words
    return Progress.share.format(phase=words, share=round(phase.share * 100))
