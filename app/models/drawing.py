"""Draws a reply token by token, tells it apart from thoughts, and ends a thought in time for the reply."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from app.models.engine import Engine
from app.models.native import NativeModel
from app.models.thoughts import MOST_TOKENS, Form, ThoughtFilter
from graphs.ports import Chunk, Stop

FRAME_TOKENS = 16
"""For the marks around a thought."""


class Drawing:
    """One reply."""

    def __init__(
        self,
        engine: Engine,
        model: NativeModel,
        *,
        marks: Mapping[int, str],
        encode: Callable[[str], list[int]],
        form: Form | None,
        most: int,
        room: int,
    ) -> None:
        """`marks` are control tokens that mark thoughts; `encode` reads them as such.

        `form` is the thought that the prompt has opened. Of `room` tokens `most` are for the reply.
        """
        self._engine = engine
        self._model = model
        self._marks = marks
        self._encode = encode
        self._room = room
        self._most = min(most, room)
        self._thought_room = max(0, min(MOST_TOKENS, room - min(most, room // 2) - FRAME_TOKENS))
        self._filter = ThoughtFilter(form)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._said = self._thought = 0

    def chunks(self, draw: Callable[[], int], stop: Stop) -> Iterator[Chunk]:
        """The text piece by piece; half characters wait for their other half."""
        finish: Literal["stop", "length", "stopped"] = "length"
        while self._said < self._most and self._said + self._thought < self._room:
            if stop.is_set():
                finish = "stopped"
                break
            thinking = self._filter.thinking
            token = None if thinking and self._thought >= self._thought_room else draw()
            if token is None or (thinking and self._model.ends(token)):
                assert thinking is not None
                yield from self._close(thinking)
                continue
            if self._model.ends(token):
                finish = "stop"
                break
            yield from self._take(token)
        for kind, text in self._filter.end():
            yield Chunk(text, kind=kind)
        yield Chunk("", finish, self._engine.fresh)

    def _take(self, token: int) -> Iterator[Chunk]:
        text = self._decoder.decode(self._model.piece(token))
        if not self._filter.begun:
            text += self._marks.get(token, "")
        for kind, piece in self._filter.feed(text):
            yield Chunk(piece, kind=kind)
        if self._filter.begun:
            self._said += 1
        else:
            self._thought += 1
        self._engine.go_on([token])

    def _close(self, form: Form) -> Iterator[Chunk]:
        """End a thought that has no end, so that the reply follows."""
        tokens = self._encode(form.end)
        self._thought += len(tokens)
        self._engine.go_on(tokens)
        for kind, piece in self._filter.feed(form.end):
            yield Chunk(piece, kind=kind)
