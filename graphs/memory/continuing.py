"""A talk that goes on here after one that was held elsewhere: what of it a prompt repeats.

What was imported and nobody vouches for is no turn of the talk, whatever it says of who speaks, and is not
repeated. What it tells is recalled like any other imported memory, past the guard. As a note before the talk,
marked as unconfirmed, a small model followed it as often as it did when it stood as turns (docs/memory.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graphs.memory.lexis import content_words
from storage.records import Message

LAST: Final = 4
"""So many lines from elsewhere tell where a talk stopped."""
LITTLE: Final = 2
"""Words that carry something, below which a message ("Go on", "And then?") can only be about those lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """An earlier message of a talk, and what it is worth."""

    message: Message
    elsewhere: bool = False
    """It was imported, and nobody vouches for it."""
    aside: str = ""
    """Why no reply is shown it, in words; empty where one may be."""
    file: str = ""
    """Name of the file that it was imported from."""


def own(lines: Sequence[Line]) -> list[Message]:
    """What was said in the talk itself, and what the person vouches for."""
    return [line.message for line in lines if not line.elsewhere]


def ending(lines: Sequence[Line], text: str) -> list[Message]:
    """The last lines from elsewhere, where a message that follows on them says too little by itself."""
    if not lines or not lines[-1].elsewhere or len(set(content_words(text))) >= LITTLE:
        return []
    return [line.message for line in lines[-LAST:] if line.elsewhere and not line.aside]


def begins_at(messages: Sequence[Message], kept: Sequence[Message], newest_id: str) -> str:
    """Id of the message from which on a talk is repeated; empty where all of it is.

    `newest_id` is where nothing before the newest message is.
    """
    whole = not any(one.text.strip() for one in messages[: len(messages) - len(kept)])
    return "" if whole else kept[0].id if kept else newest_id
