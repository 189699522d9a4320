"""Sittings: which there are, and which wait for reflection."""

from collections.abc import Callable
from datetime import datetime, timedelta

from personas.errors import NotFoundError
from storage.database import Database
from storage.message_rows import SESSION, path_to, to_session
from storage.plain import storable, time_of, time_text
from storage.records import Message, Session, SessionState

ATTEMPTS = 3
"""How often reflection is tried."""


class SessionRepository:
    """Sessions: made by the first message after a pause, closed by a pause or by hand, then reflected on."""

    def __init__(self, database: Database, ids: Callable[[], str]) -> None:
        self._db = database
        self._ids = ids

    def get(self, session_id: str) -> Session:
        """The session with this id.

        Raises NotFoundError.
        """
        row = self._db.row(f"{SESSION} WHERE s.id = ?", [session_id])
        if row is None:
            raise NotFoundError("There is no such session any more.")
        return to_session(row)

    def for_conversation(self, conversation_id: str) -> list[Session]:
        """A conversation's sessions, the first one first."""
        rows = self._db.rows(
            f"{SESSION} WHERE s.conversation_id = ? ORDER BY s.started, s.id", [conversation_id]
        )
        return [to_session(row) for row in rows]

    def open_before(self, idle_since: datetime) -> list[Session]:
        """Open sessions in which nothing has been said since."""
        rows = self._db.rows(
            f"{SESSION} WHERE s.state = ? AND s.ended < ? ORDER BY s.ended, s.id",
            [SessionState.OPEN, time_text(idle_since)],
        )
        return [to_session(row) for row in rows]

    def due(self) -> list[Session]:
        """Sessions to reflect on, the oldest first: closed ones, and failed ones that may be tried again."""
        rows = self._db.rows(
            f"{SESSION} WHERE s.state = ? OR (s.state = ? AND s.attempts < ?) ORDER BY s.ended, s.id",
            [SessionState.CLOSED, SessionState.FAILED, ATTEMPTS],
        )
        return [to_session(row) for row in rows]

    def quoted(self) -> list[Session]:
        """Sessions of which only quotes were kept, for want of a model that writes, the oldest first."""
        rows = self._db.rows(
            f"{SESSION} WHERE s.state = ? AND s.reflected_by = '' ORDER BY s.ended, s.id",
            [SessionState.REFLECTED],
        )
        return [to_session(row) for row in rows]

    def close(self, session_id: str) -> Session:
        """Close a session; one that is not open stays as it is.

        Raises NotFoundError.
        """
        self._db.execute(
            "UPDATE sessions SET state = ? WHERE id = ? AND state = ?",
            [SessionState.CLOSED, session_id, SessionState.OPEN],
        )
        return self.get(session_id)

    def mark(self, session_id: str, state: SessionState, error: str = "", reflected_by: str = "") -> Session:
        """Say what became of a session; each failure counts as an attempt.

        Raises NotFoundError.
        """
        self._db.execute(
            "UPDATE sessions SET state = ?, error = ?, reflected_by = ?, attempts = attempts + ?"
            " WHERE id = ?",
            [state, storable(error), reflected_by, int(state is SessionState.FAILED), session_id],
        )
        return self.get(session_id)

    def messages(self, session_id: str) -> list[Message]:
        """A session's messages on the conversation's chosen path, the first one first.

        Raises NotFoundError.
        """
        conversation_id = self.get(session_id).conversation_id
        row = self._db.row("SELECT head_id FROM conversations WHERE id = ?", [conversation_id])
        line = path_to(self._db, row["head_id"] if row else None)
        return [message for message in line if message.session_id == session_id]

    def for_message(
        self,
        conversation_id: str,
        parent_id: str | None,
        created: datetime,
        gap: timedelta,
        *,
        is_reply: bool,
    ) -> str:
        """The id of the session that a new message belongs to; it is begun or prolonged as needed.

        A reply within the gap joins its question even where the session has been closed meanwhile.
        """
        if is_reply and parent_id:
            asked_in = self._db.row(
                "SELECT s.* FROM sessions s JOIN messages m ON m.session_id = s.id WHERE m.id = ?",
                [parent_id],
            )
            if asked_in and created - time_of(asked_in["ended"]) <= gap:
                return self._prolong(asked_in["id"], created)
        newest = self._db.row(
            "SELECT * FROM sessions WHERE conversation_id = ? ORDER BY ended DESC, id DESC LIMIT 1",
            [conversation_id],
        )
        if newest and newest["state"] == SessionState.OPEN:
            if created - time_of(newest["ended"]) <= gap:
                return self._prolong(newest["id"], created)
            self.close(newest["id"])
        return self._begin(conversation_id, created)

    def _prolong(self, session_id: str, created: datetime) -> str:
        self._db.execute(
            "UPDATE sessions SET ended = max(ended, ?) WHERE id = ?", [time_text(created), session_id]
        )
        return session_id

    def _begin(self, conversation_id: str, created: datetime) -> str:
        session_id = self._ids()
        self._db.insert(
            "sessions",
            {
                "id": session_id,
                "conversation_id": conversation_id,
                "started": time_text(created),
                "ended": time_text(created),
                "state": SessionState.OPEN,
            },
        )
        return session_id
