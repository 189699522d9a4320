"""A ChatModel for reflection only: what it writes of a note is a function of the note."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphs.errors import OutputCutError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop


def note_in(messages: Sequence[ChatMessage]) -> str:
    """The note that a reflection's prompt asks to rewrite."""
    return messages[-1].content.rpartition("Note: ")[2]


class Writer:
    """Writes `write(note)`; by default the note itself. What `write` raises is raised."""

    def __init__(
        self, write: Callable[[str], str] = str, *, skill: Skill = Skill.WRITES, at_once: int = 1
    ) -> None:
        self._write = write
        self._info = ModelInfo("writer", skill, 4096, at_once=at_once)
        self.batches: list[int] = []
        """How many answers it was asked for at once, each time."""
        self.choose: Callable[[str], int] = lambda prompt: 0
        """Which numbered note a line ends; none, unless a test says otherwise."""
        self.asked: list[str] = []
        """The prompts with such notes."""
        self.prompts: list[tuple[ChatMessage, ...]] = []

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def notes(self) -> list[str]:
        """The notes that it was asked to rewrite, in order."""
        return [note_in(prompt) for prompt in self.prompts]

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
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
        raise AssertionError("reflection does not chat")

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        self.batches.append(len(prompts))
        answers: list[dict[str, Any] | None] = []
        for messages in prompts:
            try:
                answers.append(self.structured(messages, schema, sampling, stop=stop, priority=priority))
            except OutputCutError:
                answers.append(None)
        return answers

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        assert priority is Priority.REFLECTION
        if "number" in schema["properties"]:
            self.asked.append(messages[-1].content)
            return {"number": self.choose(messages[-1].content)}
        self.prompts.append(tuple(messages))
        return {"statement": self._write(note_in(messages))}
