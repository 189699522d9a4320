"""Vectors that are kept between runs of a benchmark."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graphs.ports import Embedder


class CachedEmbedder:
    """An Embedder that keeps what it has embedded, in a file for repeated runs where there is a folder."""

    def __init__(self, inner: Embedder, folder: Path | None = None) -> None:
        self._inner = inner
        self._known: dict[str, NDArray[np.float32]] = {}
        self._file: Path | None = None
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{inner.key}.npz"
        if self._file.exists():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    @property
    def key(self) -> str:
        return self._inner.key

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        wanted = [text for text in dict.fromkeys(texts) if f"{kind}:{text}" not in self._known]
        if wanted:
            fresh = zip(wanted, self._inner.embed(wanted, kind), strict=True)
            self._known |= {f"{kind}:{text}": vector for text, vector in fresh}
        return np.stack([self._known[f"{kind}:{text}"] for text in texts])

    def save(self) -> None:
        """Write the file, where there is a folder for it."""
        if self._file is None:
            return
        np.savez(self._file, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
