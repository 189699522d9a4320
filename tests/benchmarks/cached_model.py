"""A chat model that keeps in a file what it answered, so that a long run can be broken off and repeated."""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from graphs.errors import OutputCutError
from graphs.ports import ChatMessage, ChatModel, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop


@dataclass
class Spent:
    """What all answers cost, those from the file with what they cost at first."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


class CachedModel:
    """A ChatModel around another; `skill` passes it off as more able than it is."""

    def __init__(self, inner: ChatModel, folder: Path | None, *, skill: Skill | None = None) -> None:
        self._inner = inner
        self._info = replace(inner.info, skill=skill or inner.info.skill)
        self._file = folder / f"{inner.info.name}.jsonl" if folder else None
        self._known: dict[str, dict[str, Any]] = {}
        self.spent = Spent()
        if self._file and self._file.exists():
            lines = self._file.read_text(encoding="utf-8").splitlines()
            self._known = {entry["key"]: entry for entry in map(json.loads, lines)}

    @property
    def info(self) -> ModelInfo:
        return self._info

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
        """A reply comes whole and without thoughts; one that was stopped is not kept."""
        key = _key(messages, {}, sampling)
        if key not in self._known:
            began, text, finish = time.perf_counter(), "", None
            for chunk in self._inner.stream(
                messages, sampling, stop=stop, priority=priority, progress=progress
            ):
                text, finish = _said(text, chunk), chunk.finish
            if finish == "stopped":
                yield Chunk(text, finish)
                return
            self._keep({"key": key, "text": text, "finish": finish, **self._length(messages, text, began)})
        entry = self._known[key]
        self._count(entry)
        yield Chunk(entry["text"], entry["finish"])

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        key = _key(messages, schema, sampling)
        if key not in self._known:
            self._keep({"key": key, **self._asked(messages, schema, sampling, stop, priority)})
        entry = self._known[key]
        self._count(entry)
        if entry["answer"] is None:
            raise OutputCutError("The output was cut.")
        answer: dict[str, Any] = entry["answer"]
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
        new = [messages for messages in prompts if _key(messages, schema, sampling) not in self._known]
        began = time.perf_counter()
        answers = (
            self._inner.structured_many(new, schema, sampling, stop=stop, priority=priority) if new else []
        )
        seconds = (time.perf_counter() - began) / max(len(new), 1)
        for messages, answer in zip(new, answers, strict=True):
            key = _key(messages, schema, sampling)
            self._keep({"key": key, **self._cost(messages, answer, sampling, seconds)})
        entries = [self._known[_key(messages, schema, sampling)] for messages in prompts]
        for entry in entries:
            self._count(entry)
        return [entry["answer"] for entry in entries]

    def _count(self, entry: Mapping[str, Any]) -> None:
        self.spent.calls += 1
        self.spent.prompt_tokens += entry["prompt_tokens"]
        self.spent.answer_tokens += entry["answer_tokens"]
        self.spent.seconds += entry["seconds"]

    def _length(self, messages: Sequence[ChatMessage], text: str, began: float) -> dict[str, Any]:
        prompt = self._inner.count_tokens(messages)
        whole = self._inner.count_tokens([*messages, ChatMessage("assistant", text)])
        seconds = round(time.perf_counter() - began, 3)
        return {"prompt_tokens": prompt, "answer_tokens": whole - prompt, "seconds": seconds}

    def _asked(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        began = time.perf_counter()
        answer: dict[str, Any] | None = None
        with contextlib.suppress(OutputCutError):
            answer = self._inner.structured(messages, schema, sampling, stop=stop, priority=priority)
        return self._cost(messages, answer, sampling, time.perf_counter() - began)

    def _cost(
        self,
        messages: Sequence[ChatMessage],
        answer: dict[str, Any] | None,
        sampling: Sampling,
        seconds: float,
    ) -> dict[str, Any]:
        prompt = self._inner.count_tokens(messages)
        said = sampling.max_tokens
        if answer is not None:
            whole = [*messages, ChatMessage("assistant", json.dumps(answer))]
            said = self._inner.count_tokens(whole) - prompt
        return {
            "answer": answer,
            "prompt_tokens": prompt,
            "answer_tokens": said,
            "seconds": round(seconds, 3),
        }

    def _keep(self, entry: dict[str, Any]) -> None:
        self._known[entry["key"]] = entry
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(entry) + "\n")


def _said(text: str, chunk: Chunk) -> str:
    """What has been said after another piece."""
    if chunk.kind == "unsaid":
        return ""
    return text + chunk.text if chunk.kind == "said" else text


def _key(messages: Sequence[ChatMessage], schema: Mapping[str, Any], sampling: Sampling) -> str:
    asked = json.dumps([[asdict(message) for message in messages], schema, asdict(sampling)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
