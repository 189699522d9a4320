"""What a turn tells whoever waits for the reply, through the graph's custom stream."""

from dataclasses import dataclass

from storage.records import MessageState


@dataclass(frozen=True, slots=True)
class Recalled:
    """How many memories the reply will be shown."""

    count: int


@dataclass(frozen=True, slots=True)
class Phase:
    """What the model does before the first word: `loading`, `waiting`, `checking` or `reading`; how far."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what the model thinks before it replies."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsaid:
    """All that seemed to be the reply so far was a thought."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is stored."""

    message_id: str
    state: MessageState
