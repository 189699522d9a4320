"""A ChatModel in a process of its own."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.models.llama import DEFAULT_CONTEXT, checked, info_of
from app.models.states import States
from app.models.worker.process import WorkerProcess, value_of
from app.models.worker.protocol import Message, Orders, messages_out, orders_out, sampling_out
from graphs.errors import PreemptedError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Stop

COUNTS_KEPT: Final = 4_096
"""Lengths of prompts that are remembered: each turn asks for those of the whole conversation."""


class WorkerChat:
    """A ChatModel over a GGUF file; its process starts, and loads the file, on first use."""

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        context_tokens: int = DEFAULT_CONTEXT,
        threads: int | None = None,
        states: Path | None = None,
        thinking: bool = False,
        gpu_layers: int = -1,
    ) -> None:
        """As `LlamaChat`. Raises ModelError where the file is no chat model that can be run."""
        file = checked(path)
        self._info = info_of(file, name, context_tokens, thinking=thinking)
        orders = Orders(
            name=self._info.name,
            context_tokens=self._info.context_tokens,
            threads=threads,
            states=str(states.absolute()) if states else "",
            thinking=thinking,
            gpu_layers=gpu_layers,
        )
        self._worker = WorkerProcess(self._info.name, [str(path.absolute()), orders_out(orders)])
        self._states = States(states, path) if states else None
        self._counting = threading.Lock()
        self._counts: OrderedDict[tuple[ChatMessage, ...], int] = OrderedDict()

    @property
    def info(self) -> ModelInfo:
        """What is known without loading it."""
        return self._info

    @property
    def pid(self) -> int | None:
        """The id of its process while that runs."""
        return self._worker.pid

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:
        """Load the model now rather than on first use.

        Raises ModelError.
        """
        for message in self._worker.call({"do": "load"}, stop):
            _tell(progress, message)

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """The length of the rendered prompt in tokens."""
        asked = tuple(messages)
        with self._counting:
            known = self._counts.get(asked)
        if known is not None:
            return known
        count = int(value_of(self._worker.call({"do": "count", "messages": messages_out(messages)})))
        with self._counting:
            self._counts[asked] = count
            while len(self._counts) > COUNTS_KEPT:
                self._counts.popitem(last=False)
        return count

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

        Raises ModelError, PromptTooLongError; WorkerLostError where its process dies.
        """
        order = _order("stream", messages, sampling, priority)
        with closing(self._worker.call(order, stop)) as answers:
            for message in answers:
                _tell(progress, message)
                if message["is"] != "chunk" or (message["finish"] is None and stop.is_set()):
                    continue  # what was drawn after the stop is not said any more
                if message["kind"] == "thought":
                    self._info = replace(self._info, thinks=True)
                yield Chunk(message["text"], message["finish"], message["read"], message["kind"])

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

        Raises OutputCutError where the token limit cut it, PreemptedError where `stop` did, else as `stream`.
        """
        _not_stopped(stop)
        order = _order("structured", messages, sampling, priority) | {"schema": dict(schema)}
        value: dict[str, Any] = value_of(self._worker.call(order, stop))
        return value

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

        Raises as `structured`, but for cuts.
        """
        _not_stopped(stop)
        order = _order("many", [], sampling, priority) | {
            "prompts": [messages_out(prompt) for prompt in prompts],
            "schema": dict(schema),
        }
        values: list[dict[str, Any] | None] = value_of(self._worker.call(order, stop))
        return values

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """As `LlamaChat`."""
        order = {"do": "ahead", "messages": messages_out(messages), "later": later}
        if self.pid is not None:
            for _ in self._worker.call(order, stop):
                pass

    def keep(self) -> None:
        """Put on the disk what has been read of the talk, where that is not there yet."""
        if self.pid is not None:
            value_of(self._worker.call({"do": "keep"}))

    def forget(self) -> None:
        """Forget what has been read of any talk, on the disk as well."""
        if self.pid is not None:
            value_of(self._worker.call({"do": "forget"}))
        elif self._states:
            self._states.drop()

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _order(what: str, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority) -> Message:
    return {
        "do": what,
        "messages": messages_out(messages),
        "sampling": sampling_out(sampling),
        "priority": int(priority),
    }


def _not_stopped(stop: Stop) -> None:
    if stop.is_set():  # the process might be done before it hears of it
        raise PreemptedError("It was stopped before the model was asked.", "Try again later.")


def _tell(progress: Progress | None, message: Message) -> None:
    if progress and message["is"] == "progress":
        progress(message["name"], message["share"])
