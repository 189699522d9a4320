"""The one owner of the language model: everybody who wants it goes through here."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from app.models.turns import Turn, TurnQueue
from graphs.errors import ModelError, PreemptedError
from graphs.ports import ChatMessage, ChatModel, Chunk, ModelInfo, Priority, Progress, Sampling, Stop

_BEFORE_ALL = Priority.PERSON - 1
log = logging.getLogger(__name__)
T = TypeVar("T")


class OwnableModel(ChatModel, Protocol):
    """A ChatModel that can be loaded beforehand and put away."""

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:
        """Get ready now rather than on first use."""

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """Read what the next prompt begins with, or a `later` one; ends soon after `stop`."""

    def keep(self) -> None:
        """Keep what has been read, so that it need not be read again after a restart."""

    def forget(self) -> None:
        """Forget what has been read of any talk."""

    def close(self) -> None:
        """Free what it holds."""


class OwnedChatModel:
    """A ChatModel around another: one call at a time, the most urgent first.

    A reflection that runs gives way to a person and raises PreemptedError. A generator that is closed, or
    dropped, in the middle gives its turn back.
    """

    def __init__(self, model: OwnableModel) -> None:
        self._model = model
        self._queue = TurnQueue()
        self._to_forget = False

    @property
    def info(self) -> ModelInfo:
        """What is known of the model of this moment without loading it."""
        return self._model.info

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return self._queue.waiting

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:
        """Load the model now rather than on first use."""
        self._asking(lambda model: model.load(progress=progress, stop=stop))

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """The length of the rendered prompt in tokens."""
        return self._asking(lambda model: model.count_tokens(messages))

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """Generate a reply once it is its turn; ends within a token of `stop`.

        Raises ModelError, PromptTooLongError, PreemptedError.
        """
        with self._queue.turn(priority, stop, _waiting(progress)) as turn:
            if turn is None:
                yield Chunk("", "stopped")
                return
            self._forget_if_asked()
            chunks = self._model.stream(messages, sampling, stop=turn, priority=priority, progress=progress)
            with _closing(chunks):
                for chunk in chunks:
                    if chunk.finish == "stopped":
                        _check_not_preempted(turn, priority)
                    yield chunk

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
        with self._queue.turn(priority, stop) as turn:
            if turn is None:
                raise PreemptedError("It was stopped while it waited for the model.", "Try again later.")
            return self._model.structured(messages, schema, sampling, stop=turn, priority=priority)

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
        with self._queue.turn(priority, stop) as turn:
            if turn is None:
                raise PreemptedError("It was stopped while it waited for the model.", "Try again later.")
            return self._model.structured_many(prompts, schema, sampling, stop=turn, priority=priority)

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """Read what the next prompt begins with, or a `later` one, while nobody needs the model.

        Ends soon after `stop`.
        """
        with self._queue.turn(Priority.IDLE, stop) as turn:
            if turn is not None and not turn.is_set():
                self._forget_if_asked()
                self._model.read_ahead(messages, stop=turn, later=later)

    def keep(self, stop: Stop) -> None:
        """Keep what has been read on the disk, once nobody needs the model."""
        with self._queue.turn(Priority.IDLE, stop) as turn:
            if turn is not None:
                self._forget_if_asked()
                self._model.keep()

    def forget(self) -> None:
        """Have it forget all talks before it does anything else: words of one have been erased."""
        self._to_forget = True

    def swap(self, model: OwnableModel, *, at_once: bool = False) -> None:
        """Put another model in this one's place, which is then closed.

        A reflection gives way; a reply to a person is waited for, or, with `at_once`, ends as if stopped.
        """
        if at_once:
            self._queue.interrupt()
        with self._queue.turn(_BEFORE_ALL, _never_stops()):
            self._forget_if_asked()
            old, self._model = self._model, model
            _put_away(old)

    def close(self) -> None:
        """Put the model away; whatever runs is ended first."""
        self._queue.interrupt()
        with self._queue.turn(_BEFORE_ALL, _never_stops()):
            self._forget_if_asked()
            _put_away(self._model)

    def _forget_if_asked(self) -> None:
        if self._to_forget:
            self._to_forget = False
            self._model.forget()

    def _asking(self, ask: Callable[[OwnableModel], T]) -> T:
        """Ask without a turn; where the model was swapped meanwhile, ask its successor."""
        while True:
            model = self._model
            try:
                return ask(model)
            except ModelError:
                if model is self._model:
                    raise


def _put_away(model: OwnableModel) -> None:
    try:
        model.keep()
    except ModelError as error:  # it then reads again what it had read
        log.warning("what the model has read was not kept: %s", error.message)
    model.close()


@contextmanager
def _closing(chunks: Iterator[Chunk]) -> Iterator[None]:
    """The model lets go of its call before the turn passes on, not whenever Python tidies up."""
    try:
        yield
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()


def _waiting(progress: Progress | None) -> Callable[[], object] | None:
    return partial(progress, "waiting", 0.0) if progress else None


def _never_stops() -> Stop:
    return threading.Event()


def _check_not_preempted(turn: Turn, priority: Priority) -> None:
    if turn.gives_way and not turn.stopped and priority >= Priority.REFLECTION:
        raise PreemptedError("Somebody who waits at the page needs the model.", "It will be tried again.")
