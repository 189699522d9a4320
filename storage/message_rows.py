"""Messages and sessions as rows; what both of their repositories read."""

import json

from storage.database import Database, Row
from storage.plain import time_of
from storage.records import Message, MessageState, Origin, Role, Session, SessionState

SESSION = "SELECT s.*, c.persona_id FROM sessions s JOIN conversations c ON c.id = s.conversation_id"

PATH = """
WITH RECURSIVE line (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM messages WHERE id = ?
    UNION ALL
    SELECT m.id, m.parent_id, line.depth + 1 FROM line JOIN messages m ON m.id = line.parent_id
)
SELECT m.* FROM line CROSS JOIN messages m ON m.id = line.id ORDER BY line.depth DESC
"""
"""A message and all that it follows on, the first one first."""


def path_to(database: Database, message_id: str | None) -> list[Message]:
    """The messages from the root of the tree to this one."""
    return [to_message(row) for row in database.rows(PATH, [message_id])]


def to_message(row: Row) -> Message:
    """A row as a record."""
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        session_id=row["session_id"],
        parent_id=row["parent_id"],
        role=Role(row["role"]),
        text=row["text"],
        state=MessageState(row["state"]),
        created=time_of(row["created"]),
        origin=Origin(row["origin"]),
        speaker=row["speaker"],
        model=row["model"],
        timing=json.loads(row["timing"]),
        error=row["error"],
        reads_from=row["reads_from"],
    )


def to_session(row: Row) -> Session:
    """A row as a record."""
    return Session(
        id=row["id"],
        conversation_id=row["conversation_id"],
        persona_id=row["persona_id"],
        started=time_of(row["started"]),
        ended=time_of(row["ended"]),
        state=SessionState(row["state"]),
        attempts=row["attempts"],
        error=row["error"],
        reflected_by=row["reflected_by"],
    )
