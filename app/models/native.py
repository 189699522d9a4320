"""llama.cpp's C interface, made safe to reach: quiet, and with its refusals as errors in words.

The classes of `llama_cpp` itself are not used: they silence the whole process's output while they load,
keep copies of all logits, and do not let a long prompt be interrupted.
"""

import atexit
import ctypes
import functools
import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from app.models import mapped
from graphs.errors import ModelError
from graphs.ports import Progress, Stop

log = logging.getLogger(__name__)

ALL_LAYERS = -1
"""llama.cpp's word for as many as a model has."""
_WARNING_LEVEL, _ERROR_LEVEL = 2, 3
_complaints: deque[str] = deque(maxlen=8)
_keep: list[Any] = []
"""The log callback lives here: llama.cpp calls it for ever, and a collected one ends the process."""


@functools.cache
def library() -> ModuleType:
    """The C bindings, loaded once (about 0.5 s), with llama.cpp's own log sent to ours."""
    # Threads that spin while they wait for each other starve beside any other busy program: on 2 busy cores
    # one embedding took 470 ms spinning and 25 ms sleeping. libgomp reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import llama_cpp.llama_cpp as native
    from llama_cpp import _utils

    for left_open in (_utils.outnull_file, _utils.errnull_file):  # Python complains of them in the end
        atexit.register(left_open.close)

    def on_log(level: int, text: bytes, _data: Any) -> None:
        if level in {_WARNING_LEVEL, _ERROR_LEVEL}:
            words = text.decode("utf-8", errors="replace").strip()
            if level == _ERROR_LEVEL:
                _complaints.append(words)
            log.debug("llama.cpp: %s", words)

    callback = native.llama_log_callback(on_log)
    _keep.append(callback)
    native.llama_log_set(callback, ctypes.c_void_p(0))
    native.llama_backend_init()
    return native


def last_complaint() -> str:
    """What llama.cpp last found wrong, in its own words; empty where nothing."""
    return _complaints[-1] if _complaints else ""


class NativeModel:
    """A model file in llama.cpp's memory: its weights and its vocabulary."""

    def __init__(
        self,
        path: Path,
        *,
        gpu_layers: int = ALL_LAYERS,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> None:
        """`gpu_layers` go to the graphics card, where the build knows one.

        Raises ModelError where the file cannot be loaded.
        """
        self._native: Any = library()
        self.path = path
        parameters = self._native.llama_model_default_params()
        parameters.n_gpu_layers = placed(self._native, gpu_layers)
        watcher = self._native.llama_progress_callback(_watch(progress, stop))
        parameters.progress_callback = watcher
        _complaints.clear()
        self.pointer = self._native.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.pointer:
            raise ModelError(
                f"{path.name} could not be loaded: {last_complaint() or 'loading was stopped'}.",
                "Give the graphics card fewer layers on the model page, or choose another model."
                if parameters.n_gpu_layers
                else "Choose another model; this file may need a newer llama.cpp.",
            )
        self.vocabulary = self._native.llama_model_get_vocab(self.pointer)
        mapped.let_go(path)

    def tokens(self, text: str, *, framed: bool = False) -> list[int]:
        """Token ids of plain text, in which no control token is read; `framed` adds begin and end."""
        if not text and not framed:
            return []
        raw = text.encode("utf-8", errors="replace")
        room = len(raw) + 8
        for _ in range(2):
            buffer = (self._native.llama_token * room)()
            found = self._native.llama_tokenize(self.vocabulary, raw, len(raw), buffer, room, framed, False)
            if found >= 0:
                return list(buffer[:found])
            room = -found
        raise ModelError("The text could not be split into tokens.", "Please report this.")

    def piece(self, token: int) -> bytes:
        """The bytes of a token; empty for control tokens."""
        room = 64
        for _ in range(2):
            buffer = ctypes.create_string_buffer(room)
            found = self._native.llama_token_to_piece(self.vocabulary, token, buffer, room, 0, False)
            if found >= 0:
                return buffer.raw[:found]
            room = -found
        return b""

    def ends(self, token: int) -> bool:
        """Whether the token ends a reply."""
        return bool(self._native.llama_vocab_is_eog(self.vocabulary, token))

    def special_tokens(self) -> tuple[dict[str, int], dict[str, int]]:
        """The control tokens and the user-defined ones, by their texts."""
        native = self._native
        control: dict[str, int] = {}
        defined: dict[str, int] = {}
        for token in range(native.llama_vocab_n_tokens(self.vocabulary)):
            kind = native.llama_vocab_get_attr(self.vocabulary, token)
            if kind & native.LLAMA_TOKEN_ATTR_CONTROL:
                control[self.token_text(token)] = token
            elif kind & native.LLAMA_TOKEN_ATTR_USER_DEFINED:
                defined[self.token_text(token)] = token
        return control, defined

    def token_text(self, token: int) -> str:
        """How the vocabulary writes a token; empty for -1, which stands for none."""
        if token < 0:
            return ""
        return str(self._native.llama_vocab_get_text(self.vocabulary, token).decode("utf-8", "replace"))

    def begin_token(self) -> int | None:
        """The token that every prompt of this model begins with, where it wants one."""
        wanted = self._native.llama_vocab_get_add_bos(self.vocabulary)
        return int(self._native.llama_vocab_bos(self.vocabulary)) if wanted else None

    def begin_and_end(self) -> tuple[str, str]:
        """The texts of the begin and end tokens."""
        native = self._native
        ids = (native.llama_vocab_bos(self.vocabulary), native.llama_vocab_eos(self.vocabulary))
        return self.token_text(ids[0]), self.token_text(ids[1])

    def close(self) -> None:
        """Free the memory. No context may use the model any more."""
        if self.pointer:
            self._native.llama_model_free(self.pointer)
            self.pointer = None


def placed(native: Any, gpu_layers: int) -> int:
    """How many layers go to the graphics card; -1 for all, 0 where the build knows no card."""
    return gpu_layers if native.llama_supports_gpu_offload() else 0


def _watch(progress: Progress | None, stop: Stop | None) -> Callable[[float, Any], bool]:
    def watch(share: float, _data: Any) -> bool:
        if progress:
            progress("loading", share)
        return not (stop and stop.is_set())

    return watch


class Batch:
    """Tokens for one call of llama.cpp."""

    def __init__(self, room: int) -> None:
        self._native: Any = library()
        self._batch = self._native.llama_batch_init(room, 0, 1)
        self.room = room

    def clear(self) -> None:
        """Take all tokens out."""
        self._batch.n_tokens = 0

    def add(self, tokens: Sequence[int], *, start: int = 0, sequence: int = 0, outputs: bool = False) -> None:
        """Put tokens in, from position `start` of `sequence`; outputs for each, else for the last alone."""
        batch, first = self._batch, self._batch.n_tokens
        for index, token in enumerate(tokens, first):
            batch.token[index] = token
            batch.pos[index] = start + index - first
            batch.seq_id[index][0] = sequence
            batch.n_seq_id[index] = 1
            batch.logits[index] = outputs
        batch.n_tokens = first + len(tokens)
        batch.logits[batch.n_tokens - 1] = True

    def decode(self, context: Any) -> int:
        """Run the tokens; llama.cpp's return code: 0 done, 1 no room, 2 interrupted, negative failed."""
        return int(self._native.llama_decode(context, self._batch))

    def close(self) -> None:
        """Free the memory."""
        if self.room:
            self._native.llama_batch_free(self._batch)
            self.room = 0
