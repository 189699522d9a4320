"""Where personas are kept."""

import dataclasses
import json

from personas.errors import NotFoundError, UserError
from personas.model import Persona
from storage.database import Database, Row
from storage.erasure import delete_conversations, delete_memories, off_the_disk
from storage.plain import storable


class PersonaRepository:
    """Personas, in the order in which they were added."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, persona: Persona) -> Persona:
        """Keep a new persona after those that are there.

        Raises UserError where its id is taken.
        """
        with self._db.atomic():
            if self.find(persona.id):
                raise UserError(f"There is a persona {persona.id} already.", "Choose another name.")
            position = self._db.number("SELECT coalesce(max(position), 0) + 1 FROM personas")
            self._db.insert("personas", _to_row(persona) | {"position": position})
        return persona

    def get(self, persona_id: str) -> Persona:
        """The persona with this id.

        Raises NotFoundError.
        """
        persona = self.find(persona_id)
        if persona is None:
            raise NotFoundError(
                f"There is no persona {persona_id}.", "See keepsake personas for those there are."
            )
        return persona

    def find(self, persona_id: str) -> Persona | None:
        """The persona with this id, if there is one."""
        row = self._db.row("SELECT * FROM personas WHERE id = ?", [persona_id])
        return _to_persona(row) if row else None

    def list(self) -> list[Persona]:
        """All personas, in order."""
        return [_to_persona(row) for row in self._db.rows("SELECT * FROM personas ORDER BY position, id")]

    def save(self, persona: Persona) -> Persona:
        """Keep a changed persona, with its version raised by one.

        Raises NotFoundError.
        """
        with self._db.atomic():
            saved = dataclasses.replace(persona, version=self.get(persona.id).version + 1)
            row = _to_row(saved)
            places = ", ".join(f"{name} = :{name}" for name in row if name != "id")
            self._db.execute(f"UPDATE personas SET {places} WHERE id = :id", row)
        return saved

    def delete(self, persona_id: str) -> None:
        """Delete a persona with its conversations and memories, for good.

        Raises NotFoundError.
        """
        with self._db.atomic():
            self.get(persona_id)
            delete_memories(self._db, _ids(self._db, "memories", persona_id))
            delete_conversations(self._db, _ids(self._db, "conversations", persona_id))
            self._db.execute("DELETE FROM personas WHERE id = ?", [persona_id])
        off_the_disk(self._db)


def _ids(database: Database, table: str, persona_id: str) -> "list[str]":
    return [row["id"] for row in database.rows(f"SELECT id FROM {table} WHERE persona_id = ?", [persona_id])]


def _to_row(persona: Persona) -> Row:
    fields = {field.name: getattr(persona, field.name) for field in dataclasses.fields(persona)}
    row = {name: storable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return row | {"bundled": int(persona.bundled), "extensions": json.dumps(dict(persona.extensions))}


def _to_persona(row: Row) -> Persona:
    fields = {field.name: row[field.name] for field in dataclasses.fields(Persona)}
    return Persona(**fields | {"bundled": bool(row["bundled"]), "extensions": json.loads(row["extensions"])})
