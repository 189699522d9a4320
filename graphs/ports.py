"""What the state machines need from the outside world, each as small as it can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray


class Skill(StrEnum):
    """What a language model is to be trusted with, measured by size (docs/benchmarks.md)."""

    NONE = "none"
    """There is no language model: recall only."""
    QUOTES = "quotes"
    """Chats, but is too small to write memories: reflection keeps quotes."""
    WRITES = "writes"
    """May rewrite a chosen line into a stand-alone statement."""


class Priority(IntEnum):
    """Whoever waits at the page comes first; lower numbers win."""

    PERSON = 0
    GUARD = 1
    REFLECTION = 2
    IDLE = 3
    """Reading ahead, and keeping what was read."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answers."""

    name: str
    skill: Skill
    context_tokens: int
    thinks: bool = False
    """It thinks before it replies, so that a reply needs room for that as well."""
    at_once: int = 1
    """How many answers of `structured_many` it draws at the same time."""
    rereads: bool = False
    """It cannot go back in what it has read: where a conversation takes another turn it reads all of it."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw tokens."""

    temperature: float
    max_tokens: int
    seed: int | None = None


ChunkKind = Literal["said", "thought", "unsaid"]
"""`thought`: what the model thinks and does not say. `unsaid`: all that seemed to be said so far was that."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a reply. The last one has `finish` set and may have no text."""

    text: str
    finish: Literal["stop", "length", "stopped"] | None = None
    read: int = 0
    """On the last piece: so many tokens of the prompt had to be read, the others were known already."""
    kind: ChunkKind = "said"


class Stop(Protocol):
    """A request to stop; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to stop as soon as possible."""


Progress = Callable[[str, float], None]
"""Called with a phase (`loading`, `waiting`, `reading`) and its share done, in [0, 1]."""


class ChatModel(Protocol):
    """A language model that chats. Calls may come from any thread; it lets one run at a time."""

    @property
    def info(self) -> ModelInfo:
        """What is known without loading it."""

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """The length of the rendered prompt in tokens."""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """Generate a reply; ends within a token of `stop`.

        Raises ModelError, PromptTooLongError, PreemptedError.
        """

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        """A JSON object that obeys `schema`.

        Raises OutputCutError where the token limit cut it, else as `stream`.
        """

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        """An object for each prompt, None where the token limit cut it; what they begin with is read once.

        Raises as `stream`.
        """


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def key(self) -> str:
        """Names model and pooling, in [a-z0-9-]; part of the index collection's name."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension). An empty text gives a zero vector."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, in UTC."""
