"""Text to vectors with an embedding model in llama.cpp."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.models import minilm
from app.models.gguf_file import GgufInfo, read_info
from app.models.native import Batch, NativeModel, library
from graphs.errors import ModelError

_BATCH_TOKENS = 512
"""Tokens a call: all texts of a call look at one attention square, so more is slower, not faster."""
_MOST_TEXTS = 64
_POOLED = {1, 2, 3}
"""GGUF's `pooling_type` for one vector a text: the mean, the first token, the last. 0 gives one a token."""
_HASHED = 1 << 20
"""Bytes at a file's end that tell it from others of its size and name."""
DEFAULT_THREADS = 2


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """How an embedding model wants to be used."""

    key: str
    dimension: int
    most_tokens: int
    """Longer texts are cut, as sentence-transformers does."""
    query_prefix: str = ""
    passage_prefix: str = ""


MINILM = EmbedderSpec(key="minilm-l6-v2-mean", dimension=minilm.WIDTH, most_tokens=256)


class LlamaEmbedder:
    """An Embedder over a GGUF file; loads on first use; any thread may call it."""

    def __init__(
        self, locate: Callable[[], Path], spec: EmbedderSpec, *, threads: int = DEFAULT_THREADS
    ) -> None:
        self._locate = locate
        self._spec = spec
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    @property
    def key(self) -> str:
        """Names model and pooling."""
        return self._spec.key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._spec.dimension

    def load(self) -> None:
        """Load the model now rather than on first use."""
        with self._lock:
            self._ready()

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension). An empty text gives a zero vector."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        prefix = self._spec.query_prefix if kind == "query" else self._spec.passage_prefix
        # An empty text must never reach llama.cpp: it ends the process.
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        if not wanted:
            return vectors
        with self._lock:
            loaded = self._ready()
            tokens = {index: loaded.tokens(prefix + texts[index], self._spec.most_tokens) for index in wanted}
            for group in _groups(tokens):
                vectors[group] = loaded.run([tokens[index] for index in group])
        return vectors

    def close(self) -> None:
        """Free the memory; the next call loads it again."""
        with self._lock:
            if self._loaded:
                self._loaded.close()
                self._loaded = None

    def _ready(self) -> "_Loaded":
        if self._loaded is None:
            self._loaded = _Loaded(self._locate(), self._threads)
        return self._loaded


def minilm_embedder(models: Path, *, threads: int = DEFAULT_THREADS) -> LlamaEmbedder:
    """The embedder that comes with the installation; `models` keeps its converted file."""
    return LlamaEmbedder(lambda: minilm.prepare(models), MINILM, threads=threads)


def file_embedder(
    path: Path, *, query_prefix: str = "", passage_prefix: str = "", threads: int = DEFAULT_THREADS
) -> LlamaEmbedder:
    """Another embedding model, from a GGUF file; pooling is the file's own.

    Raises ModelError where the file is not one.
    """
    spec = file_spec(path, query_prefix=query_prefix, passage_prefix=passage_prefix)
    return LlamaEmbedder(lambda: path, spec, threads=threads)


def file_spec(path: Path, *, query_prefix: str = "", passage_prefix: str = "") -> EmbedderSpec:
    """How the embedding model in a GGUF file wants to be used.

    Raises ModelError where the file is none.
    """
    info = read_info(path)
    if info.pooling not in _POOLED:
        raise ModelError(
            f"{path.name} is not made for finding by meaning.",
            "Choose an embedding model in GGUF form; a chat model cannot do it.",
        )
    return EmbedderSpec(
        key=_key(info, query_prefix, passage_prefix),
        dimension=info.embedding_length,
        most_tokens=min(info.context_tokens, _BATCH_TOKENS),
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
    )


def _key(info: GgufInfo, query_prefix: str, passage_prefix: str) -> str:
    """Another one for whatever would give other vectors: another file in its place, another prefix."""
    letters = (letter if letter.isascii() and letter.isalnum() else "-" for letter in info.path.stem.lower())
    digest = hashlib.sha256(f"{info.size_bytes}\0{query_prefix}\0{passage_prefix}\0".encode())
    with info.path.open("rb") as file:
        file.seek(max(0, info.size_bytes - _HASHED))
        digest.update(file.read())
    return f"{''.join(letters)[:32].strip('-') or 'file'}-{info.pooling}-{digest.hexdigest()[:8]}"


def _groups(tokens: dict[int, list[int]]) -> Iterator[list[int]]:
    """Indices that fit one call together; texts of like length side by side."""
    group: list[int] = []
    total = 0
    for index in sorted(tokens, key=lambda index: len(tokens[index])):
        if group and (total + len(tokens[index]) > _BATCH_TOKENS or len(group) == _MOST_TEXTS):
            yield group
            group, total = [], 0
        group.append(index)
        total += len(tokens[index])
    yield group


class _Loaded:
    """The model and its context in memory."""

    def __init__(self, path: Path, threads: int) -> None:
        read_info(path)
        self._native: Any = library()
        self._model = NativeModel(path)
        settings = self._native.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = _BATCH_TOKENS
        settings.n_seq_max = _MOST_TEXTS
        settings.n_threads = settings.n_threads_batch = threads
        settings.embeddings = True
        settings.kv_unified = True
        self._context = self._native.llama_init_from_model(self._model.pointer, settings)
        if not self._context:
            self._model.close()
            raise ModelError(f"{path.name} does not fit into memory.", "Close other programs and try again.")
        self._batch = Batch(_BATCH_TOKENS)
        self._width = self._native.llama_model_n_embd(self._model.pointer)

    def tokens(self, text: str, most: int) -> list[int]:
        """Token ids with begin and end, cut in the middle of the text where it is too long."""
        tokens = self._model.tokens(text, framed=True)
        return tokens if len(tokens) <= most else [*tokens[: most - 1], tokens[-1]]

    def run(self, texts: list[list[int]]) -> NDArray[np.float32]:
        """Unit vectors of texts that fit one call."""
        self._batch.clear()
        for sequence, tokens in enumerate(texts):
            self._batch.add(tokens, sequence=sequence, outputs=True)
        memory = self._native.llama_get_memory(self._context)
        if memory:
            self._native.llama_memory_clear(memory, True)
        code = self._batch.decode(self._context)
        if code != 0:
            raise ModelError(f"The embedding model failed (code {code}).", "Restart Keepsake.")
        rows = [
            np.ctypeslib.as_array(self._native.llama_get_embeddings_seq(self._context, index), (self._width,))
            for index in range(len(texts))
        ]
        vectors: NDArray[np.float32] = np.stack(rows).astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.maximum(lengths, np.finfo(np.float32).tiny)
        return vectors

    def close(self) -> None:
        """Free the memory."""
        self._batch.close()
        self._native.llama_free(self._context)
        self._model.close()
