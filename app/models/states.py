"""What a model has read of conversations, on the disk: reading 2,400 tokens again takes 24 s, loading 9 ms.

A state belongs to one model file and to the tokens that were read; it serves any prompt that begins with the
same tokens, and for the rest of it the prompt is read on. So a wrong state can never make a wrong reply. The
files hold what was talked about: they are as private as the store, and go when a conversation is deleted.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.int32]
log = logging.getLogger(__name__)

FEWEST_TOKENS: Final = 192
"""Fewer are read again as quickly as a file is found."""
MOST_BYTES: Final = 512_000_000
"""Room for all states together; the oldest go first."""
_SIZE_MARK: Final = 2**31
"""A state's size goes with its tokens, to know one that was cut short."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A state on the disk."""

    path: Path
    tokens: Sequence[int]


class States:
    """The states of one model in a folder."""

    def __init__(
        self, folder: Path, model: Path, *, most_bytes: int = MOST_BYTES, largest: int | None = None
    ) -> None:
        """`largest`: bytes of one; as many as all may have where it is None."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._largest = most_bytes if largest is None else largest
        facts = model.stat()
        about = f"{model.absolute()}|{facts.st_size}|{facts.st_mtime_ns}"
        self._key = hashlib.sha256(about.encode()).hexdigest()[:16]

    def best(self, tokens: Sequence[int]) -> tuple[Saved, int] | None:
        """The state that shares most of its beginning with a prompt, and how many tokens."""
        row = np.asarray(tokens, dtype=np.int32)
        found = [(saved, _shared(_row(saved), row)) for saved in self._all()]
        return max(found, key=lambda pair: pair[1], default=None)

    def keep(self, tokens: Sequence[int], save: Callable[[Path], bool]) -> bool:
        """Write a state by `save`, in place of those that it goes on from; False where it was not kept."""
        row = np.asarray(tokens, dtype=np.int32)
        older = [saved for saved in self._all() if 2 * _shared(_row(saved), row) >= len(saved.tokens)]
        name = hashlib.sha256(row.tobytes()).hexdigest()[:16]
        path, half = self._folder / f"{self._key}-{name}.state", self._folder / f"{self._key}-{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not save(half) or half.stat().st_size > self._largest:
                half.unlink(missing_ok=True)
                return False
            half.chmod(0o600)
            for saved in older:
                _remove(saved.path)
            half.replace(path)
            np.save(_tokens_of(path), np.append(row, np.int32(path.stat().st_size % _SIZE_MARK)))
            self._prune()
        except OSError as error:  # a full disk costs only time
            log.warning("what the model has read could not be kept: %s", error.strerror)
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)
            return False
        return True

    def forget(self, saved: Saved) -> None:
        """Remove a state that cannot be read."""
        _remove(saved.path)

    def drop(self) -> None:
        """Remove all states, those of other models too."""
        drop(self._folder)

    def _all(self) -> Iterator[Saved]:
        for path in sorted(self._folder.glob(f"{self._key}-*.state")):
            try:
                *tokens, mark = np.load(_tokens_of(path), allow_pickle=False).tolist()
                whole = path.stat().st_size % _SIZE_MARK == mark
            except (OSError, ValueError):
                whole, tokens = False, []
            if whole and tokens:
                yield Saved(path, tokens)
            else:
                _remove(path)

    def _prune(self) -> None:
        files = sorted(self._folder.glob("*.state"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in files)
        for path in files:
            if total <= self._most_bytes:
                return
            total -= path.stat().st_size
            _remove(path)


def drop(folder: Path) -> None:
    """Remove the states of all models from a folder, and from those in it."""
    for path in folder.rglob("*"):
        if not path.is_dir():
            path.unlink(missing_ok=True)


def _row(saved: Saved) -> Row:
    return np.asarray(saved.tokens, dtype=np.int32)


def _shared(one: Row, other: Row) -> int:
    length = min(len(one), len(other))
    differs = np.flatnonzero(one[:length] != other[:length])
    return int(differs[0]) if differs.size else length


def _tokens_of(path: Path) -> Path:
    return path.with_suffix(".npy")


def _remove(path: Path) -> None:
    for file in (path, _tokens_of(path)):
        file.unlink(missing_ok=True)
