"""An Embedder that knows words and nothing of their meaning: the same words give the same direction."""

import re
import zlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personas.errors import SetupError

DIMENSION = 64


class BagOfWords:
    """Texts that share words are near each other. With `missing`, it cannot be loaded."""

    def __init__(self, *, missing: bool = False) -> None:
        self.missing = missing
        self.embedded: list[str] = []

    @property
    def key(self) -> str:
        return "bag-of-words"

    @property
    def dimension(self) -> int:
        return DIMENSION

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        if self.missing:
            raise SetupError("The embedding model is not installed.", "Install it.")
        self.embedded += texts
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()):
                row[zlib.crc32(word.encode()) % DIMENSION] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.where(lengths > 0, lengths, 1)
        return rows
