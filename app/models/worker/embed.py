"""An Embedder over a GGUF file in a process of its own: where llama.cpp crashes, the web server goes on."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import DEFAULT_THREADS, EmbedderSpec
from app.models.worker.process import WorkerLostError, WorkerProcess, value_of
from app.models.worker.protocol import EmbedOrders, orders_out, vectors_in

NAME: Final = "The search model"
TRIES: Final = 2
"""A process that died is begun anew once for a call; texts that end it twice would end it again."""


class WorkerEmbedder:
    """Turns texts into unit vectors; its process starts on first use. Any thread may call it."""

    def __init__(
        self, locate: Callable[[], Path], spec: EmbedderSpec, *, threads: int = DEFAULT_THREADS
    ) -> None:
        """`locate` finds the file, and may have to make it first."""
        self._locate = locate
        self._spec = spec
        self._threads = threads
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None

    @property
    def key(self) -> str:
        """Names model, pooling and prefixes."""
        return self._spec.key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._spec.dimension

    @property
    def pid(self) -> int | None:
        """The id of its process while that runs."""
        return self._worker.pid if self._worker else None

    def load(self) -> None:
        """Load the model now rather than on first use. Raises ModelError."""
        with self._lock:
            value_of(self._ready().call({"do": "load"}))

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension). An empty text gives a zero vector.

        Raises ModelError; WorkerLostError where the texts end its process each time.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # An empty text ends llama.cpp's process: it is not even sent there.
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        if wanted:
            vectors[wanted] = self._asked([texts[index] for index in wanted], kind)
        return vectors

    def close(self) -> None:
        """End the process; the next call starts it again."""
        with self._lock:
            if self._worker:
                self._worker.close()
                self._worker = None

    def _asked(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        order = {"do": "embed", "texts": list(texts), "kind": kind}
        with self._lock:
            for attempt in range(1, TRIES + 1):
                try:
                    return vectors_in(value_of(self._ready().call(order)))
                except WorkerLostError:
                    if attempt == TRIES:
                        raise
        raise AssertionError

    def _ready(self) -> WorkerProcess:
        if self._worker is None:
            spec = self._spec
            orders = EmbedOrders(
                key=spec.key,
                dimension=spec.dimension,
                most_tokens=spec.most_tokens,
                query_prefix=spec.query_prefix,
                passage_prefix=spec.passage_prefix,
                threads=self._threads,
            )
            path = str(self._locate().absolute())
            self._worker = WorkerProcess(NAME, [path, orders_out(orders)], spins=False)
        return self._worker
