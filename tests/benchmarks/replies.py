"""What a model's replies use of the memories shown, by the product's own attribution; kept by prompt."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from app.models.llama import LlamaChat
from graphs.memory import attribution, composing
from graphs.memory.dating import day_words
from graphs.ports import ChatMessage
from storage.records import Memory, Role, Trust
from tests.benchmarks.attribution import WHO, answer


class Replies:
    """A model that answers a prompt once; the file is written after each reply."""

    def __init__(self, model: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"replies-{model.stem}.json"
        self._path = model
        self._model: LlamaChat | None = None
        self._known: dict[str, str] = {}
        if self._file.exists():
            self._known = json.loads(self._file.read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._model:
            self._model.close()

    def used(self, question: str, shown: Sequence[Memory], now: datetime) -> list[bool]:
        """Which of the memories count as used by the reply."""
        notes = [_as_note(memory) for memory in shown]
        prompt = [*composing.opening(WHO), composing.newest(WHO, question, notes, [], now)]
        known = [message.content for message in composing.opening(WHO)]
        usage = attribution.usage(
            self._reply(prompt),
            [*known, question, day_words(now.date())],
            {note.id: composing.note(WHO, note, now) for note in notes},
        )
        hits = attribution.used(usage)
        return [memory.id in hits for memory in shown]

    def _reply(self, prompt: Sequence[ChatMessage]) -> str:
        text = "\0".join(f"{message.role}:{message.content}" for message in prompt)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._known:
            self._model = self._model or LlamaChat(self._path, now=lambda: datetime.now(UTC), threads=1)
            self._known[key] = answer(self._model, prompt)
            self._file.write_text(json.dumps(self._known), encoding="utf-8")
        return self._known[key]


def _as_note(memory: Memory) -> Memory:
    """As something that is known, by whom it was said."""
    text = f"{memory.speaker_name} said: {memory.text}"
    return replace(memory, text=text, trust=Trust.NOTED, speaker=Role.USER)
