"""One conversation context of llama.cpp: reads prompts, keeps what it has read, draws tokens."""

import ctypes
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from app.models.native import Batch, NativeModel, last_complaint, library
from app.models.sampling import Sampler
from graphs.errors import ModelError
from graphs.ports import Progress, Sampling, Stop

READ_TOKENS = 128
"""Tokens a call while a prompt is read: progress is told this often; larger is hardly faster on a CPU."""
_DONE, _INTERRUPTED = 0, 2


class Engine:
    """A context over a loaded model. One thread at a time."""

    def __init__(self, model: NativeModel, *, context_tokens: int, threads: int) -> None:
        """Raises ModelError where the context does not fit into memory."""
        self._native: Any = library()
        self._model = model
        settings = self._native.llama_context_default_params()
        settings.n_ctx = context_tokens
        settings.n_batch = settings.n_ubatch = READ_TOKENS
        settings.n_threads = settings.n_threads_batch = threads
        settings.no_perf = True
        self._context = self._native.llama_init_from_model(model.pointer, settings)
        if not self._context:
            raise ModelError(
                f"{model.path.name} does not fit into memory: {last_complaint()}",
                "Choose a smaller model or a shorter context.",
            )
        self._memory = self._native.llama_get_memory(self._context)
        self._batch = Batch(READ_TOKENS)
        self._held: list[int] = []
        self._stop: Stop | None = None
        self._interrupt = self._native.ggml_abort_callback(
            lambda _data: bool(self._stop and self._stop.is_set())
        )
        self._never = self._native.ggml_abort_callback()

    def read(self, tokens: Sequence[int], *, stop: Stop, progress: Progress | None = None) -> bool:
        """Take the prompt in, except what it shares with the last one; False where `stop` ended it."""
        # The last token is always read again: drawing needs what it leads to.
        shared = min(_shared(self._held, tokens), len(tokens) - 1)
        self._keep(shared)
        start = len(self._held)
        if progress:
            progress("reading", 0.0)
        self._interruptible(stop)
        try:
            while len(self._held) < len(tokens):
                done = len(self._held)
                if stop.is_set() or not self._decode(tokens[done : done + READ_TOKENS]):
                    return False
                if progress:
                    progress("reading", (len(self._held) - start) / (len(tokens) - start))
        finally:
            self._interruptible(None)
        return True

    def go_on(self, token: int) -> None:
        """Take one drawn token in."""
        self._decode([token])

    @contextmanager
    def drawing(self, sampling: Sampling, grammar: str | None = None) -> Iterator[Callable[[], int]]:
        """A function that gives the next token each time it is called.

        Raises ModelError where llama.cpp does not understand the grammar.
        """
        sampler = Sampler(self._model.vocabulary, sampling, grammar)
        try:
            yield lambda: sampler.draw(self._context)
        finally:
            sampler.close()

    def _decode(self, tokens: Sequence[int]) -> bool:
        """False where it was interrupted; then nothing of `tokens` is held."""
        self._batch.clear()
        self._batch.add(tokens, start=len(self._held))
        code = self._batch.decode(self._context)
        if code == _DONE:
            self._held += tokens
            return True
        self._keep(len(self._held))
        if code == _INTERRUPTED:
            return False
        raise ModelError(
            f"The model failed while it worked (code {code}).", "Try again, or restart Keepsake."
        )

    def _keep(self, count: int) -> None:
        """Forget all but the first `count` tokens; all, where the model cannot go back in part."""
        if not self._native.llama_memory_seq_rm(self._memory, 0, count, -1):
            self._native.llama_memory_clear(self._memory, True)
            count = 0
        del self._held[count:]

    def _interruptible(self, stop: Stop | None) -> None:
        # Only while reading: asked at every node of the graph, it would slow single tokens down.
        self._stop = stop
        callback = self._interrupt if stop else self._never
        self._native.llama_set_abort_callback(self._context, callback, ctypes.c_void_p(0))

    def close(self) -> None:
        """Free the memory, the model's apart."""
        self._batch.close()
        if self._context:
            self._native.llama_free(self._context)
            self._context = None


def _shared(held: Sequence[int], tokens: Sequence[int]) -> int:
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(held, tokens, strict=False))
    return sum(1 for _ in pairs)
