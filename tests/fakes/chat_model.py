"""A ChatModel that says what the test told it to."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop


@dataclass(frozen=True, slots=True)
class Call:
    """What the model was asked."""

    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    priority: Priority
    schema: Mapping[str, Any] | None = None


class ScriptedChatModel:
    """Replies are queued with `say`, structured answers with `answer`; an exception is raised in its place.

    A reply comes in pieces of one word; what stands in `<think>` marks at its beginning is a thought. An
    empty queue fails the test.
    """

    def __init__(
        self, *, skill: Skill = Skill.WRITES, context_tokens: int = 4096, name: str = "scripted"
    ) -> None:
        self._info = ModelInfo(name, skill, context_tokens)
        self._replies: deque[str | Exception] = deque()
        self._answers: deque[dict[str, Any] | Exception] = deque()
        self.calls: list[Call] = []
        """All calls in order; reset by the test where it likes."""

    @property
    def info(self) -> ModelInfo:
        return self._info

    def say(self, *replies: str | Exception) -> "ScriptedChatModel":
        """Queue replies."""
        self._replies.extend(replies)
        return self

    def answer(self, *answers: dict[str, Any] | Exception) -> "ScriptedChatModel":
        """Queue structured answers."""
        self._answers.extend(answers)
        return self

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Words, and four for each message's frame."""
        return sum(len(message.content.split()) + 4 for message in messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        self.calls.append(Call(tuple(messages), sampling, priority))
        if progress:
            progress("reading", 1.0)
        reply = self._next(self._replies, "reply")
        thought, marked, said = reply.removeprefix("<think>").partition("</think>")
        if reply.startswith("<think>"):
            for piece in thought.split(" "):
                if stop.is_set():
                    yield Chunk("", "stopped")
                    return
                yield Chunk(f"{piece} ", kind="thought")
            reply = said if marked else ""
        words = reply.split(" ")
        for index, word in enumerate(words):
            if stop.is_set():
                yield Chunk("", "stopped")
                return
            if index == sampling.max_tokens:
                yield Chunk("", "length")
                return
            yield Chunk(word if index == len(words) - 1 else word + " ")
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
        self.calls.append(Call(tuple(messages), sampling, priority, schema))
        return dict(self._next(self._answers, "answer"))

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        return [
            self.structured(messages, schema, sampling, stop=stop, priority=priority) for messages in prompts
        ]

    def _next(self, queue: deque[Any], what: str) -> Any:
        assert queue, f"the model was asked for a {what} that the test did not script"
        item = queue.popleft()
        if isinstance(item, Exception):
            raise item
        return item
