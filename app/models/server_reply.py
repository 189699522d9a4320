"""A server's streamed reply, event by event: text, thoughts, how far it has read, and how it ended."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from app.models.server_errors import message_of
from app.models.thoughts import ThoughtFilter
from graphs.errors import ModelError
from graphs.ports import Chunk, Progress

THOUGHT_FIELDS = ("reasoning_content", "reasoning")
"""Where servers that tell thoughts apart send them; others leave the model's marks in the text."""


class ServerReply:
    """One reply."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.finish: Literal["stop", "length"] | None = None
        """How it ended; None where it broke off."""
        self.thought = self.said = False
        self.read = 0
        """Tokens of the prompt that were not known already, where the server tells."""
        self._progress = progress
        self._filter = ThoughtFilter(strays=True)

    def chunks(self, events: Iterator[str]) -> Iterator[Chunk]:
        """The pieces as they come, but for the last one.

        Raises ModelError where the server tells of a failure, ValueError for nonsense.
        """
        for data in events:
            if data == "[DONE]":
                break
            event = json.loads(data)
            if not isinstance(event, dict):
                raise ValueError(event)  # noqa: TRY004 (what json.loads raises where it is no JSON at all)
            if "error" in event:
                raise ModelError(
                    f"The model server failed: {message_of(event)}.", "Look at the server's own messages."
                )
            self._note(event)
            for choice in event.get("choices") or []:
                yield from self._take(choice)
        yield from self._told(self._filter.end())

    def _take(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        delta = choice.get("delta") or {}
        for field in THOUGHT_FIELDS:
            if isinstance(delta.get(field), str) and delta[field]:
                self._filter.strays = False
                yield from self._told([("thought", delta[field])])
                break
        yield from self._told(self._filter.feed(delta.get("content") or ""))
        if choice.get("finish_reason"):
            self.finish = "length" if choice["finish_reason"] == "length" else "stop"

    def _told(self, pieces: Any) -> Iterator[Chunk]:
        for kind, text in pieces:
            self.thought = self.thought or kind != "said"
            self.said = kind == "said" or (self.said and kind != "unsaid")
            yield Chunk(text, kind=kind)

    def _note(self, event: dict[str, Any]) -> None:
        """What llama-server tells beside the text."""
        read = event.get("prompt_progress")
        if self._progress and isinstance(read, dict):
            known = read.get("cache", 0)
            todo = read.get("total", 0) - known
            self._progress(
                "reading", min(1.0, (read.get("processed", 0) - known) / todo) if todo > 0 else 1.0
            )
        timings = event.get("timings")
        if isinstance(timings, dict) and isinstance(timings.get("prompt_n"), int):
            self.read = timings["prompt_n"]
