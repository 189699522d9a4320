"""What the vector index has still to be told, written in the same transaction as the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storage.database import Database
from storage.records import MemoryState


@dataclass(frozen=True, slots=True)
class Pending:
    """One memory that changed. What to do about it follows from what the memory is by now."""

    id: int
    """Hand this to `Outbox.done`; a later change of the same memory has another one."""
    memory_id: str
    persona_id: str
    op: Literal["upsert", "remove"]
    text: str
    """What to embed; empty where the memory is to be removed."""
    erased: bool
    """Whether the memory itself is gone for good."""


class Outbox:
    """The queue from the memories to the vector index: at most one entry a memory."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def pending(self, limit: int = 100) -> list[Pending]:
        """The entries that have waited longest."""
        rows = self._db.rows(
            "SELECT o.seq, o.memory_id, o.persona_id, m.id IS NULL AS erased,"
            " CASE m.state WHEN ? THEN m.text END AS text FROM outbox o"
            " LEFT JOIN memories m ON m.id = o.memory_id ORDER BY o.seq LIMIT ?",
            [MemoryState.ACTIVE, limit],
        )
        return [
            Pending(
                id=row["seq"],
                memory_id=row["memory_id"],
                persona_id=row["persona_id"],
                op="remove" if row["text"] is None else "upsert",
                text=row["text"] or "",
                erased=bool(row["erased"]),
            )
            for row in rows
        ]

    def done(self, ids: Sequence[int]) -> None:
        """Take entries off; one that was renewed meanwhile has another id and stays."""
        self._db.execute_many("DELETE FROM outbox WHERE seq = ?", [[entry] for entry in ids])

    def size(self) -> int:
        """How many memories wait."""
        return self._db.number("SELECT count(*) FROM outbox")

    def queue(self, memory_ids: Sequence[str]) -> None:
        """Have the index told of these memories again, such as those that a check found missing."""
        self._db.execute_many(
            "INSERT OR REPLACE INTO outbox (memory_id, persona_id)"
            " SELECT id, persona_id FROM memories WHERE id = ?",
            [[memory_id] for memory_id in memory_ids],
        )

    def refill(self, persona_id: str | None = None) -> int:
        """Queue every active memory, of one persona or of all, to rebuild the index; say how many."""
        return self._db.execute(
            "INSERT OR REPLACE INTO outbox (memory_id, persona_id) SELECT id, persona_id FROM memories"
            " WHERE state = :state AND (:persona_id IS NULL OR persona_id = :persona_id) ORDER BY seq",
            {"state": MemoryState.ACTIVE, "persona_id": persona_id},
        )
