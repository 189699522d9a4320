"""A session in pieces: what a person said without a long pause, and no more than is handled at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from storage.records import Message

LONG_PAUSE: Final = timedelta(minutes=10)
"""After it people mostly speak of something else, so that a pronoun no longer reaches back."""
MOST_CHARACTERS: Final = 4_000
"""About a thousand tokens."""
MOST_MESSAGES: Final = 40


def first_piece(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages up to the first border; at least one if there is any."""
    length = 0
    for position, message in enumerate(messages):
        length += len(message.text)
        paused = position > 0 and message.created - messages[position - 1].created > LONG_PAUSE
        full = position > 0 and (length > MOST_CHARACTERS or position == MOST_MESSAGES)
        if paused or full:
            return messages[:position]
    return messages


def remaining(messages: Sequence[Message], after: str) -> Sequence[Message]:
    """The messages behind the one with this id; all of them where it is not among them."""
    ids = [message.id for message in messages]
    return messages[ids.index(after) + 1 :] if after in ids else messages
