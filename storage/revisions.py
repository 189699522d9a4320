"""The history of every memory: what changed, by whom, and how to take it back."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.memory_rows import to_revision
from storage.plain import storable, time_text
from storage.records import Author, MemoryState, Revision

USE = "use"
"""The action of a memory that grows stronger by being used; not offered for undoing."""
SOFT = frozenset({"strength", "last_used", "recalls"})
"""What use goes on changing; a later use does not stand in the way of undoing."""


class RevisionLog:
    """Revisions, written together with what they describe."""

    def __init__(self, database: Database, ids: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._db = database
        self._ids = ids
        self._now = now

    def write(
        self,
        memory_id: str,
        by: Author,
        action: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        *,
        batch_id: str | None,
        reason: str,
    ) -> None:
        """Note one change, in a batch of its own unless one is named."""
        self._db.insert(
            "revisions",
            {
                "id": self._ids(),
                "batch_id": batch_id or self._ids(),
                "memory_id": memory_id,
                "by": by,
                "at": time_text(self._now()),
                "action": action,
                "before": None if before is None else json.dumps(before),
                "after": json.dumps(after),
                "reason": storable(reason),
            },
        )

    def history(self, memory_id: str) -> list[Revision]:
        """A memory's changes, newest first."""
        rows = self._db.rows("SELECT * FROM revisions WHERE memory_id = ? ORDER BY seq DESC", [memory_id])
        return [to_revision(row) for row in rows]

    def batch(self, batch_id: str) -> list[Revision]:
        """What was changed together, in the order in which it was."""
        rows = self._db.rows("SELECT * FROM revisions WHERE batch_id = ? ORDER BY seq", [batch_id])
        return [to_revision(row) for row in rows]

    def last_batch(self, persona_id: str, by: Author | None) -> str | None:
        """The newest batch that is more than use, by one author or by any."""
        row = self._db.row(
            "SELECT r.batch_id FROM revisions r CROSS JOIN memories m ON m.id = r.memory_id"
            " WHERE m.persona_id = :persona_id AND r.action <> :use AND (:by IS NULL OR r.by = :by)"
            " ORDER BY r.seq DESC LIMIT 1",
            {"persona_id": persona_id, "use": USE, "by": by},
        )
        return row["batch_id"] if row else None


def fields_before(revisions: Sequence[Revision]) -> dict[str, dict[str, Any]]:
    """By memory, the fields that undoing these revisions brings back.

    What the batch added becomes forgotten, so that it can be brought back in turn.
    """
    restored: dict[str, dict[str, Any]] = {}
    for revision in reversed(revisions):
        if revision.before is None:
            restored[revision.memory_id] = {"state": MemoryState.FORGOTTEN.value}
        else:
            restored.setdefault(revision.memory_id, {}).update(revision.before)
    return restored


def fields_after(revisions: Sequence[Revision]) -> dict[str, dict[str, Any]]:
    """By memory, the fields as these revisions left them."""
    left: dict[str, dict[str, Any]] = {}
    for revision in revisions:
        left.setdefault(revision.memory_id, {}).update(revision.after)
    return left
