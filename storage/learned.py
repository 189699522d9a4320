"""What has been learnt about what the person needs: a few numbers for each persona and embedder, no words."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from storage.database import Database, Row
from storage.plain import time_of, time_text

VERSION: Final = 1
"""Of what the arrays mean. What another version learnt is not read; it is overwritten by the next turn."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The state of one ranker."""

    persona_id: str
    embedder: str
    """Key of the embedder whose likeness it has learnt to weigh; empty for none."""
    turns: int
    """How many replies taught it something."""
    gain: float
    """By how much its order was better than the plain one lately (graphs/memory/blending.py)."""
    names: tuple[str, ...]
    """Of the parts that it weighs."""
    arrays: tuple[NDArray[np.float64], ...]
    updated: datetime


class LearnedRepository:
    """Rankers by persona and embedder."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._db = database
        self._now = now

    def find(self, persona_id: str, embedder: str) -> Learned | None:
        """What was learnt with this embedder, if anything was.

        Raises ValueError where the arrays are damaged.
        """
        row = self._db.row(
            "SELECT * FROM learned WHERE persona_id = ? AND embedder = ? AND version = ?",
            [persona_id, embedder, VERSION],
        )
        return _to_learned(row) if row else None

    def newest(self, persona_id: str) -> Learned | None:
        """What was learnt last, with whichever embedder.

        Raises ValueError where the arrays are damaged.
        """
        row = self._db.row(
            "SELECT * FROM learned WHERE persona_id = ? AND version = ? ORDER BY updated DESC LIMIT 1",
            [persona_id, VERSION],
        )
        return _to_learned(row) if row else None

    def save(
        self,
        persona_id: str,
        embedder: str,
        *,
        turns: int,
        gain: float,
        names: Sequence[str],
        arrays: Sequence[NDArray[np.float64]],
    ) -> None:
        """Put this in place of what was there."""
        self._db.execute(
            "INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                persona_id,
                embedder,
                VERSION,
                turns,
                gain,
                json.dumps(list(names)),
                _packed(arrays),
                time_text(self._now()),
            ],
        )

    def reset(self, persona_id: str) -> int:
        """Forget what was learnt with any embedder, and say from how many replies it was."""
        turns = self._db.number(
            "SELECT coalesce(sum(turns), 0) FROM learned WHERE persona_id = ?", [persona_id]
        )
        self._db.execute("DELETE FROM learned WHERE persona_id = ?", [persona_id])
        return turns


def _packed(arrays: Sequence[NDArray[np.float64]]) -> bytes:
    """The arrays in numpy's own file format, one after the other."""
    file = io.BytesIO()
    for array in arrays:
        np.lib.format.write_array(file, np.asarray(array, dtype=np.float64), allow_pickle=False)
    return file.getvalue()


def _unpacked(packed: bytes) -> tuple[NDArray[np.float64], ...]:
    file = io.BytesIO(packed)
    found: list[NDArray[Any]] = []
    while file.tell() < len(packed):
        found.append(np.lib.format.read_array(file, allow_pickle=False))
    return tuple(found)


def _to_learned(row: Row) -> Learned:
    return Learned(
        persona_id=row["persona_id"],
        embedder=row["embedder"],
        turns=row["turns"],
        gain=row["gain"],
        names=tuple(json.loads(row["names"])),
        arrays=_unpacked(row["arrays"]),
        updated=time_of(row["updated"]),
    )
