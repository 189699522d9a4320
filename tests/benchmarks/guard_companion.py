"""Companions for the benchmark of the self-reinforcing cycle, behind the port of a chat model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphs.errors import ModelError
from graphs.ports import (
    ChatMessage,
    ChatModel,
    Chunk,
    ModelInfo,
    Priority,
    Progress,
    Sampling,
    Skill,
    Stop,
)
from graphs.prompts import render

MOST: Final = 3
"""So many notes are repeated, the best ones."""
NOTE: Final = re.compile(r"^\[\d+\] [^,]+, (?P<words>.+)$")
QUOTED: Final = re.compile(r'"(?P<text>.*)"')
UNKNOWN: Final = "I do not know that yet."


class Obedient:
    """Repeats what its prompt holds as facts, the best note last; a parrot also what is unconfirmed."""

    def __init__(self, *, parrot: bool = False) -> None:
        self._parrot = parrot

    @property
    def info(self) -> ModelInfo:
        """It chats, and writes no memories."""
        return ModelInfo("obedient", Skill.QUOTES, 100_000)

    def close(self) -> None:
        """Nothing to let go of."""

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Words."""
        return sum(len(message.content.split()) for message in messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """The notes, one after the other."""
        yield Chunk(" ".join(self._notes(messages[-1].content)[-MOST:]) or UNKNOWN)
        yield Chunk("", "stop")

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        """Raises ModelError."""
        raise ModelError("It only chats.", "Take a real model.")

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        """Nothing, for each."""
        return [None for _ in prompts]

    def _notes(self, prompt: str) -> list[str]:
        told, found = False, []
        for line in prompt.splitlines():
            note = NOTE.match(line)
            if note is None:
                told = line.endswith(FACTS_BEGIN)
            elif told or self._parrot:
                quoted = QUOTED.search(note["words"])
                found.append(quoted["text"] if quoted else note["words"])
        return [text for text in dict.fromkeys(found) if text != UNKNOWN]


FACTS_BEGIN: Final = render("turn_facts", user="the user", lines="").splitlines()[0].strip()
"""The line after which facts stand, for a person without a name."""


class CountingModel:
    """Counts what the guard asks of another model."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self.guard_calls = 0

    @property
    def info(self) -> ModelInfo:
        """The other's."""
        return self._inner.info

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """The other's."""
        return self._inner.count_tokens(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """The other's reply."""
        self.guard_calls += priority is Priority.GUARD
        return self._inner.stream(messages, sampling, stop=stop, priority=priority, progress=progress)

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        """The other's answer."""
        self.guard_calls += priority is Priority.GUARD
        return self._inner.structured(messages, schema, sampling, stop=stop, priority=priority)

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        """The other's answers; each counts."""
        self.guard_calls += len(prompts) if priority is Priority.GUARD else 0
        return self._inner.structured_many(prompts, schema, sampling, stop=stop, priority=priority)
