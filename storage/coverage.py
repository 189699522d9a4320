"""Which of a person's messages have been reflected on, and which failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.plain import storable, time_text
from storage.records import MessageState, Role, SessionState

READ = "read"
FAILED = "failed"

NOTE = """
INSERT INTO coverage (message_id, state, at, error) SELECT id, ?, ?, ? FROM messages WHERE id = ?
ON CONFLICT (message_id) DO UPDATE SET state = excluded.state, at = excluded.at, error = excluded.error
"""
"""Of a message that has been deleted meanwhile nothing is noted."""
OF_SESSION = """
SELECT m.id, c.state, c.error FROM messages m LEFT JOIN coverage c ON c.message_id = m.id
WHERE m.session_id = ? AND m.role = ? AND m.state = ? ORDER BY m.seq
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far reflection got with the person's messages of one session, by message id."""

    read: Sequence[str]
    failed: Mapping[str, str]
    """With why, in words."""
    waiting: Sequence[str]


@dataclass(frozen=True, slots=True)
class TalksRead:
    """How many finished talks there are, and what became of them."""

    finished: int
    read: int
    failed: int
    error: str = ""
    """Of the newest that failed."""


class CoverageRepository:
    """What reflection notes of each message that it has dealt with."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note_read(self, message_ids: Sequence[str], at: datetime) -> None:
        """These have been dealt with; there may have been nothing in them to keep."""
        with self._db.atomic():
            for message_id in message_ids:
                self._db.execute(NOTE, [READ, time_text(at), "", message_id])

    def note_failed(self, message_id: str, at: datetime, error: str) -> None:
        """A line of this one could not be dealt with, for this reason."""
        self._db.execute(NOTE, [FAILED, time_text(at), storable(error), message_id])

    def of_session(self, session_id: str) -> Coverage:
        """The coverage of a session's messages by the person, on whichever path."""
        rows = self._db.rows(OF_SESSION, [session_id, Role.USER, MessageState.COMPLETE])
        return Coverage(
            read=[row["id"] for row in rows if row["state"] == READ],
            failed={row["id"]: row["error"] for row in rows if row["state"] == FAILED},
            waiting=[row["id"] for row in rows if row["state"] is None],
        )

    def talks(self) -> TalksRead:
        """The figures over all finished sessions."""
        rows = self._db.rows("SELECT state, count(*) AS n FROM sessions GROUP BY state", [])
        by_state = {row["state"]: row["n"] for row in rows}
        newest = self._db.row(
            "SELECT error FROM sessions WHERE state = ? ORDER BY ended DESC LIMIT 1", [SessionState.FAILED]
        )
        return TalksRead(
            finished=sum(n for state, n in by_state.items() if state != SessionState.OPEN),
            read=by_state.get(SessionState.REFLECTED, 0),
            failed=by_state.get(SessionState.FAILED, 0),
            error=newest["error"] if newest else "",
        )
