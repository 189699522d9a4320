"""One context of llama.cpp: reads prompts, keeps what it has read, draws tokens.

It has two lanes (sequences of the same cache): what a person talks about, and side work such as reflection,
so that neither throws away what the other has been read into.
"""

import ctypes
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from app.models.native import Batch, NativeModel, last_complaint, library
from app.models.sampling import Sampler
from app.models.threads import Threads
from graphs.errors import ModelError
from graphs.ports import Progress, Sampling, Stop

SIDE_TOKENS: Final = 1536
"""The length of the side lane: prompts there are short (reflection reads one line at a time)."""
BRANCHES: Final = 6
"""Side tasks that are drawn at the same time."""
READ_TOKENS = 128
"""Tokens a call while a prompt is read: progress is told this often; larger is hardly faster on a CPU."""
_DONE, _INTERRUPTED = 0, 2


class Lane(IntEnum):
    """What a prompt belongs to; llama.cpp's number of the sequence."""

    TALK = 0
    SIDE = 1


class Engine:
    """A context over a loaded model. One thread at a time."""

    def __init__(self, model: NativeModel, *, context_tokens: int, threads: int) -> None:
        """Raises ModelError where the context does not fit into memory."""
        self._native: Any = library()
        self._model = model
        settings = self._native.llama_context_default_params()
        settings.n_ctx = context_tokens + SIDE_TOKENS
        settings.n_seq_max = len(Lane) + BRANCHES
        settings.kv_unified = True
        settings.swa_full = True  # else a model with a sliding window could not go back in what it has read
        settings.n_batch = settings.n_ubatch = READ_TOKENS
        settings.n_threads = settings.n_threads_batch = threads
        settings.no_perf = True
        self._context = self._native.llama_init_from_model(model.pointer, settings)
        if not self._context:
            raise ModelError(
                f"{model.path.name} does not fit into memory: {last_complaint()}",
                "Choose a smaller model or a shorter context.",
            )
        self._cells = int(self._native.llama_n_ctx(self._context))
        self._threads = Threads(threads, time.monotonic)
        self._using = threads
        self._memory = self._native.llama_get_memory(self._context)
        self._window = max(0, int(self._native.llama_model_n_swa(model.pointer)))
        self._batch = Batch(READ_TOKENS)
        self.fresh = 0
        """Tokens of the last prompt that were not known already."""
        self._lane = Lane.TALK
        self._lanes: dict[Lane, list[int]] = {lane: [] for lane in Lane}
        self._stop: Stop | None = None
        self._interrupt = self._native.ggml_abort_callback(
            lambda _data: bool(self._stop and self._stop.is_set())
        )
        self._never = self._native.ggml_abort_callback()

    def held(self, lane: Lane) -> list[int]:
        """The tokens that a lane has been read into."""
        return self._lanes[lane]

    def read(
        self, tokens: Sequence[int], *, lane: Lane, stop: Stop, progress: Progress | None = None
    ) -> bool:
        """Take the prompt in, except what it shares with the lane's last one; False where `stop` ended it."""
        self._lane = lane
        held = self._lanes[lane]
        # The last token is always read again: drawing needs what it leads to.
        known = min(shared(held, tokens), len(tokens) - 1)
        if lane is Lane.TALK and 2 * known < len(held):
            # Behind a long talk that goes, what the other lane holds would have each token look at its cells.
            self._clear(Lane.SIDE)
        self._keep(known)
        start = len(held)
        self.fresh = len(tokens) - start
        if progress:
            progress("reading", 0.0)
        self._interruptible(stop)
        try:
            while len(held) < len(tokens):
                if stop.is_set() or not self._decode(tokens[len(held) : len(held) + READ_TOKENS]):
                    return False
                if progress:
                    progress("reading", (len(held) - start) / (len(tokens) - start))
        finally:
            self._interruptible(None)
        return True

    def save(self, path: Path, *, lane: Lane = Lane.TALK) -> bool:
        """Write what a lane has been read into to a file; False where that fails."""
        held = self._lanes[lane]
        tokens = (self._native.llama_token * len(held))(*held)
        name = str(path).encode()
        return bool(self._native.llama_state_seq_save_file(self._context, name, lane, tokens, len(held)))

    def load(self, path: Path, count: int, *, lane: Lane = Lane.TALK) -> bool:
        """Take a file of `count` tokens in as a lane; where that fails nothing of it is held, and False."""
        tokens = (self._native.llama_token * count)()
        found = ctypes.c_size_t(0)
        self._clear(lane)
        read = self._native.llama_state_seq_load_file(
            self._context, str(path).encode(), lane, tokens, count, ctypes.byref(found)
        )
        if not read:
            self._clear(lane)
            return False
        self._lanes[lane][:] = tokens[: found.value]
        return True

    def fits_beside_talk(self, count: int) -> bool:
        """Whether so many tokens find room in the side lane, and the talk still has some to grow."""
        return count + len(self._lanes[Lane.TALK]) + SIDE_TOKENS // 4 <= self._cells

    def take_over(self) -> None:
        """Have the talk be what the side lane has been read into."""
        self._clear(Lane.TALK)
        self._native.llama_memory_seq_cp(self._memory, Lane.SIDE, Lane.TALK, -1, -1)
        self._lanes[Lane.TALK][:] = self._lanes[Lane.SIDE]
        self._clear(Lane.SIDE)

    def forget(self) -> None:
        """Forget all that was read."""
        for lane in Lane:
            self._clear(lane)

    def go_on(self, tokens: Sequence[int]) -> None:
        """Take in what was drawn."""
        self._decode(tokens)

    @contextmanager
    def drawing(
        self, sampling: Sampling, grammar: str | None = None, begun: Sequence[int] = ()
    ) -> Iterator[Callable[..., int]]:
        """A function that gives the next token each time it is called; told the place in the batch, for it.

        `begun` are tokens that were drawn before. Raises ModelError where llama.cpp does not understand the
        grammar.
        """
        sampler = Sampler(self._model.vocabulary, sampling, grammar)
        try:
            sampler.accept(begun)
            yield lambda place=-1: sampler.draw(self._context, place)
        finally:
            sampler.close()

    def branch(self, count: int) -> None:
        """Let so many branches go on from what the side lane has been read into."""
        for sequence in range(len(Lane), len(Lane) + count):
            self._native.llama_memory_seq_cp(self._memory, Lane.SIDE, sequence, -1, -1)

    def grow(self, tokens: Sequence[tuple[int, Sequence[int], int]], *, stop: Stop) -> bool:
        """Take tokens in on branches: each branch's number, its tokens, and the place of their first.

        At most READ_TOKENS in all. Each one's last token can be drawn after. False where `stop` ended it.
        """
        self._batch.clear()
        for branch, own, start in tokens:
            self._batch.add(own, start=start, sequence=len(Lane) + branch)
        self._leave_busy_cores()
        self._interruptible(stop)
        try:
            code = self._batch.decode(self._context)
        finally:
            self._interruptible(None)
        return self._done(code)

    def cut_branches(self) -> None:
        """Forget all branches."""
        for sequence in range(len(Lane), len(Lane) + BRANCHES):
            self._native.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def _decode(self, tokens: Sequence[int]) -> bool:
        """False where it was interrupted; then nothing of `tokens` is held."""
        held = self._lanes[self._lane]
        if self._lane is Lane.TALK and sum(map(len, self._lanes.values())) + len(tokens) > self._cells:
            self._clear(Lane.SIDE)
        self._batch.clear()
        self._batch.add(tokens, start=len(held), sequence=self._lane)
        self._leave_busy_cores()
        code = self._batch.decode(self._context)
        if code == _DONE:
            held += tokens
            return True
        self._keep(len(held))
        return self._done(code)

    def _done(self, code: int) -> bool:
        if code in {_DONE, _INTERRUPTED}:
            return code == _DONE
        raise ModelError(
            f"The model failed while it worked (code {code}).", "Try again, or restart Keepsake."
        )

    def _leave_busy_cores(self) -> None:
        wanted = self._threads.count()
        if wanted != self._using:
            self._using = wanted
            self._native.llama_set_n_threads(self._context, wanted, wanted)

    def _keep(self, count: int) -> None:
        """Forget the lane but its first `count` tokens; all, where a model cannot go back in part.

        A state that was loaded holds no more of a sliding window than the window. llama.cpp goes back behind
        it all the same, and what comes after is wrong.
        """
        if count == len(self._lanes[self._lane]):
            return
        first = self._native.llama_memory_seq_pos_min(self._memory, self._lane)
        whole = self._window == 0 or first <= max(0, count - self._window + 1)
        if whole and self._native.llama_memory_seq_rm(self._memory, self._lane, count, -1):
            del self._lanes[self._lane][count:]
        else:
            self._clear(self._lane)

    def _clear(self, lane: Lane) -> None:
        self._native.llama_memory_seq_rm(self._memory, lane, -1, -1)
        self._lanes[lane].clear()

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


def shared(held: Sequence[int], tokens: Sequence[int]) -> int:
    """How many tokens two rows of them begin with alike."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(held, tokens, strict=False))
    return sum(1 for _ in pairs)
