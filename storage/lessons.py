"""Lessons: what the guard learned from what was refused and allowed."""

import dataclasses
from typing import Final

from personas.errors import NotFoundError
from storage.database import Database, Row
from storage.plain import maybe_time_of, maybe_time_text, storable, time_of, time_text
from storage.records import Lesson, LessonKind

FIELDS: Final = tuple(field.name for field in dataclasses.fields(Lesson))
Lessons = list[Lesson]


class LessonRepository:
    """Lessons of each persona."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(self, lesson: Lesson) -> Lesson:
        """Keep a lesson, in the place of the one with its id where there is one."""
        row = _to_row(lesson)
        places = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        self._db.execute(
            f"INSERT INTO lessons ({', '.join(row)}) VALUES ({', '.join(':' + name for name in row)})"
            f" ON CONFLICT (id) DO UPDATE SET {places}",
            row,
        )
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

    def delete(self, lesson_id: str) -> None:
        """Unlearn a lesson; one that is gone already does not matter."""
        self._db.execute("DELETE FROM lessons WHERE id = ?", [lesson_id])


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
