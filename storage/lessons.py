"""Lessons: what the guard learned from what was refused and allowed."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Final

from personas.errors import NotFoundError
from storage.database import Database, Row
from storage.errors import UndoConflictError
from storage.plain import maybe_time_of, maybe_time_text, storable, time_of, time_text
from storage.records import Lesson, LessonKind

FIELDS: Final = tuple(field.name for field in dataclasses.fields(Lesson))
Lessons = list[Lesson]


SAID: Final = ("kind", "text", "reason")
"""What a lesson says; the rest of it goes on changing by being applied."""


class LessonRepository:
    """Lessons of each persona. What is done under a batch can be taken back by its id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(self, lesson: Lesson, *, batch_id: str = "") -> Lesson:
        """Keep a lesson, in the place of the one with its id where there is one."""
        row = _to_row(lesson)
        with self._db.atomic():
            if batch_id:
                self._note(batch_id, self.find(lesson.id), lesson)
            self._write(row)
        return lesson

    def get(self, lesson_id: str) -> Lesson:
        """The lesson with this id.

        Raises NotFoundError.
        """
        lesson = self.find(lesson_id)
        if lesson is None:
            raise NotFoundError("There is no such lesson any more.")
        return lesson

    def find(self, lesson_id: str) -> Lesson | None:
        """The lesson with this id, if there is one."""
        row = self._db.row("SELECT * FROM lessons WHERE id = ?", [lesson_id])
        return _to_lesson(row) if row else None

    def list(self, persona_id: str) -> Lessons:
        """A persona's lessons, the strongest first."""
        rows = self._db.rows(
            "SELECT * FROM lessons WHERE persona_id = ? ORDER BY strength DESC, seq DESC", [persona_id]
        )
        return [_to_lesson(row) for row in rows]

    def delete(self, lesson_id: str, *, batch_id: str = "") -> None:
        """Unlearn a lesson; one that is gone already does not matter."""
        with self._db.atomic():
            lesson = self.find(lesson_id)
            if lesson and batch_id:
                self._note(batch_id, lesson, None)
            self._db.execute("DELETE FROM lessons WHERE id = ?", [lesson_id])

    def undo(self, batch_id: str) -> int:
        """Take back what was done under a batch, and say how many changes that were.

        Raises UndoConflictError where a lesson says something else since.
        """
        with self._db.atomic():
            rows = self._db.rows(
                "SELECT * FROM lesson_changes WHERE batch_id = ? ORDER BY seq DESC", [batch_id]
            )
            for row in rows:
                before, after = (json.loads(row[side]) if row[side] else None for side in ("before", "after"))
                self._take_back(row["lesson_id"], before, after)
            self._db.execute("DELETE FROM lesson_changes WHERE batch_id = ?", [batch_id])
        return len(rows)

    def _write(self, row: Row) -> None:
        places = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        self._db.execute(
            f"INSERT INTO lessons ({', '.join(row)}) VALUES ({', '.join(':' + name for name in row)})"
            f" ON CONFLICT (id) DO UPDATE SET {places}",
            row,
        )

    def _note(self, batch_id: str, before: Lesson | None, after: Lesson | None) -> None:
        lesson = before or after
        if lesson is None:
            return
        self._db.insert(
            "lesson_changes",
            {
                "batch_id": batch_id,
                "lesson_id": lesson.id,
                "memory_id": lesson.memory_id,
                "before": json.dumps(_to_row(before)) if before else None,
                "after": json.dumps(_to_row(after)) if after else None,
            },
        )

    def _take_back(
        self, lesson_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        now = self.find(lesson_id)
        if _says(_to_row(now) if now else None) != _says(after):
            raise UndoConflictError(
                "This lesson has been changed again since, so nothing was undone.",
                "Undo the newer change first.",
            )
        if before is None:
            self._db.execute("DELETE FROM lessons WHERE id = ?", [lesson_id])
        else:
            self._write({**before} | self._still_there(before))

    def _still_there(self, row: Mapping[str, Any]) -> Row:
        """What a lesson points to, as far as it has not been erased since."""
        message = self._db.row("SELECT id FROM messages WHERE id = ?", [row["context_id"]])
        memory = self._db.row("SELECT id FROM memories WHERE id = ?", [row["instead_id"]])
        return {
            "context_id": message["id"] if message else None,
            "instead_id": memory["id"] if memory else None,
        }


def _says(row: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    return tuple(row[name] for name in SAID) if row else None


def _to_row(lesson: Lesson) -> Row:
    fields = {name: getattr(lesson, name) for name in FIELDS}
    texts = {name: storable(value) for name, value in fields.items() if isinstance(value, str)}
    return (
        fields
        | texts
        | {
            "kind": lesson.kind.value,
            "created": time_text(lesson.created),
            "last_applied": maybe_time_text(lesson.last_applied),
        }
    )


def _to_lesson(row: Row) -> Lesson:
    fields = {name: row[name] for name in FIELDS}
    return Lesson(
        **fields
        | {
            "kind": LessonKind(row["kind"]),
            "created": time_of(row["created"]),
            "last_applied": maybe_time_of(row["last_applied"]),
        }
    )
