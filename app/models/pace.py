"""How quick a model is on this machine: ten seconds of reading and writing, in words a second."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from graphs.errors import ModelError
from graphs.ports import ChatMessage, ChatModel, Priority, Sampling, Stop

LIMIT_S: Final = 10.0
MOST_TOKENS: Final = 200
PASSAGE: Final = (
    "The harbour woke before the town did. Two boats came in with their lamps still lit, and the men "
    "on them spoke little, since the night had been long and the catch was small. On the quay a woman "
    "with a basket waited for the smaller boat. She had done so every morning for eleven years, and "
    "the gulls knew her. When the ropes were made fast she asked the same question as always, and the "
    "oldest of the men gave the same answer, and both of them laughed. Then the baker opened his "
    "shutters, the first tram rang its bell at the corner, and the day began for everybody else as "
    "well."
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Words a second."""

    reads: float
    writes: float


@dataclass(frozen=True, slots=True)
class _Until:
    """A stop that also comes when the time is up."""

    stop: Stop
    now: Callable[[], float]
    end: float

    def is_set(self) -> bool:
        return self.stop.is_set() or self.now() >= self.end


def measure(model: ChatModel, now: Callable[[], float], stop: Stop) -> Pace | None:
    """Try it beside the talk, which stays read; `now` is in seconds. None where `stop` ended it.

    Raises ModelError, PreemptedError where somebody waits for a reply meanwhile.
    """
    begun = now()
    # Its own beginning each time, so that nothing of it has been read before.
    text = f"It is {begun:.3f}. {PASSAGE} Tell how the day of the woman with the basket went on, at length."
    prompt, until = [ChatMessage("user", text)], _Until(stop, now, begun + LIMIT_S)
    starts: list[float] = []
    told, first = "", 0.0
    for chunk in model.stream(
        prompt,
        Sampling(0.7, MOST_TOKENS, 1),
        stop=until,
        priority=Priority.GUARD,
        progress=lambda name, _share: starts.append(now()) if name == "reading" and not starts else None,
    ):
        first = first or now()
        told += chunk.text
    if stop.is_set():
        return None
    if not told or not starts:
        raise ModelError("It had not begun to answer after ten seconds.", "A smaller model is quicker.")
    return Pace(len(text.split()) / (first - starts[0]), len(told.split()) / max(now() - first, 1e-3))
