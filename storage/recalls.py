"""Which memories each reply was offered, and what became of them."""

import json
from collections.abc import Mapping, Sequence

from storage.database import Database, Row
from storage.message_rows import to_message
from storage.plain import storable
from storage.records import Message, Outcome, Recall


class RecallRepository:
    """Recalls by reply and by memory."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_many(self, recalls: Sequence[Recall]) -> None:
        """Keep what one reply did with its candidates; a memory erased meanwhile is passed over."""
        self._db.execute_many(
            "INSERT OR REPLACE INTO recalls"
            " SELECT :message_id, id, :rank, :scores, :outcome, :reason, :used, :usage"
            " FROM memories WHERE id = :memory_id",
            [_to_row(recall) for recall in recalls],
        )

    def for_message(self, message_id: str) -> list[Recall]:
        """A reply's candidates, the best first."""
        rows = self._db.rows(
            "SELECT * FROM recalls WHERE message_id = ? ORDER BY rank, memory_id", [message_id]
        )
        return [_to_recall(row) for row in rows]

    def for_memory(self, memory_id: str) -> list[tuple[Recall, Message]]:
        """The replies to which a memory was offered, with what became of it there, newest first."""
        recalls = self._db.rows(
            "SELECT r.* FROM recalls r JOIN messages m ON m.id = r.message_id"
            " WHERE r.memory_id = ? ORDER BY m.seq DESC",
            [memory_id],
        )
        replies = {
            row["id"]: to_message(row)
            for row in self._db.rows(
                "SELECT m.* FROM recalls r JOIN messages m ON m.id = r.message_id WHERE r.memory_id = ?",
                [memory_id],
            )
        }
        return [
            (_to_recall(row), replies[row["message_id"]]) for row in recalls if row["message_id"] in replies
        ]

    def mark_used(self, message_id: str, usage: Mapping[str, float]) -> None:
        """Say which memories a reply rests on, and how strongly, by memory id."""
        self._db.execute_many(
            "UPDATE recalls SET used = 1, usage = ? WHERE message_id = ? AND memory_id = ?",
            [[strength, message_id, memory_id] for memory_id, strength in usage.items()],
        )


def _to_row(recall: Recall) -> Row:
    return {
        "message_id": recall.message_id,
        "memory_id": recall.memory_id,
        "rank": recall.rank,
        "scores": json.dumps(dict(recall.scores)),
        "outcome": recall.outcome,
        "reason": storable(recall.reason),
        "used": int(recall.used),
        "usage": recall.usage,
    }


def _to_recall(row: Row) -> Recall:
    return Recall(
        message_id=row["message_id"],
        memory_id=row["memory_id"],
        rank=row["rank"],
        scores=json.loads(row["scores"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        used=bool(row["used"]),
        usage=row["usage"],
    )
