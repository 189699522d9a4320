"""A chat model whose work is counted: what a guard asks of it, beside what the reply itself takes."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graphs.errors import OutputCutError
from graphs.ports import ChatMessage, ChatModel, Chunk, ModelInfo, Priority, Progress, Sampling, Stop


@dataclass
class Work:
    """What was asked, in calls and tokens. What a prompt shares with the one before it is not read again."""

    queries: int = 0
    """Replies asked for."""
    calls: int = 0
    """Answers in a form, each one of a batch by itself."""
    tokens: int = 0
    """Read anew and drawn, for those answers."""
    batches: int = 0
    guard_calls: int = 0
    """Of the calls, those that a guard made."""
    turn_tokens: int = 0
    """Of the prompts for replies, whole."""

    def per_query(self) -> dict[str, float]:
        """Its shares, for the figures."""
        queries = max(1, self.queries)
        return {
            "calls_per_query": round(self.calls / queries, 3),
            "tokens_per_query": round(self.tokens / queries, 1),
            "batches_per_query": round(self.batches / queries, 3),
            "turn_tokens": round(self.turn_tokens / queries, 1),
            "share_of_turn": round(self.tokens / max(1, self.turn_tokens), 3),
        }


class WatchedModel:
    """A ChatModel around another. Where it is not to talk, a reply is one dot."""

    def __init__(self, inner: ChatModel, *, talks: bool = True) -> None:
        self._inner = inner
        self._talks = talks
        self._before: Sequence[ChatMessage] = ()
        self.counting = True
        self.work = Work()

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
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
        self.work.queries += 1
        self.work.turn_tokens += self.count_tokens(messages)
        if self._talks:
            yield from self._inner.stream(messages, sampling, stop=stop, priority=priority, progress=progress)
        else:
            yield Chunk(".")
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
        answer: dict[str, Any] | None = None
        try:
            answer = self._inner.structured(messages, schema, sampling, stop=stop, priority=priority)
        except OutputCutError:
            self._count([messages], [None], sampling, priority)
            raise
        self._count([messages], [answer], sampling, priority)
        return answer

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        answers = self._inner.structured_many(prompts, schema, sampling, stop=stop, priority=priority)
        self._count(prompts, answers, sampling, priority)
        return answers

    def _count(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        answers: Sequence[dict[str, Any] | None],
        sampling: Sampling,
        priority: Priority,
    ) -> None:
        if not self.counting:
            return
        self.work.batches += 1
        self.work.calls += len(prompts)
        self.work.guard_calls += len(prompts) if priority is Priority.GUARD else 0
        for messages, answer in zip(prompts, answers, strict=True):
            read = self.count_tokens(messages) - self._known(messages)
            said = sampling.max_tokens
            if answer is not None:
                said = self.count_tokens([ChatMessage("assistant", json.dumps(answer))])
            self.work.tokens += read + min(said, sampling.max_tokens)
            self._before = messages

    def _known(self, messages: Sequence[ChatMessage]) -> int:
        """How many tokens a prompt shares with the one before."""
        alike = [one for one, other in itertools.takewhile(_same, zip(messages, self._before, strict=False))]
        known = self.count_tokens(alike) if alike else 0
        if 0 < len(alike) < min(len(messages), len(self._before)):
            next_one, before = messages[len(alike)], self._before[len(alike)]
            pairs = itertools.takewhile(_same, zip(next_one.content, before.content, strict=False))
            common = "".join(letter for letter, _ in pairs)
            empty, part = (ChatMessage(next_one.role, text) for text in ("", common))
            known += self.count_tokens([*alike, part]) - self.count_tokens([*alike, empty])
        return known


def _same(pair: tuple[object, object]) -> bool:
    return pair[0] == pair[1]


@contextmanager
def uncounted(model: ChatModel) -> Iterator[None]:
    """What is asked meanwhile is not counted."""
    if not isinstance(model, WatchedModel):
        yield
        return
    model.counting = False
    yield
    model.counting = True
