"""Messages: a tree in each conversation, of which one path is chosen."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from personas.errors import InternalError, NotFoundError
from storage.database import Database
from storage.message_rows import path_to, to_message
from storage.plain import storable, time_text
from storage.records import Message, MessageState, Origin, Role
from storage.sessions import SessionRepository

SESSION_GAP = timedelta(minutes=30)
"""A pause longer than this begins another session."""


class MessageRepository:
    """Messages. What is appended is on the disk when `append` returns."""

    def __init__(
        self,
        database: Database,
        ids: Callable[[], str],
        now: Callable[[], datetime],
        *,
        session_gap: timedelta = SESSION_GAP,
    ) -> None:
        self._db = database
        self._ids = ids
        self._now = now
        self._gap = session_gap
        self._sessions = SessionRepository(database, ids)

    def append(
        self,
        conversation_id: str,
        role: Role,
        text: str,
        *,
        parent_id: str | None,
        state: MessageState = MessageState.COMPLETE,
        created: datetime | None = None,
        origin: Origin = Origin.CHAT,
        speaker: str = "",
        model: str = "",
    ) -> Message:
        """Add a message after its parent and make it the end of the chosen path.

        Raises NotFoundError where the conversation or the parent is gone.
        """
        at = created or self._now()
        with self._db.atomic():
            self._check_place(conversation_id, parent_id)
            session_id = self._sessions.for_message(
                conversation_id, parent_id, at, self._gap, is_reply=role is Role.ASSISTANT
            )
            message_id = self._ids()
            self._db.insert(
                "messages",
                {
                    "id": message_id,
                    "conversation_id": conversation_id,
                    "session_id": session_id,
                    "parent_id": parent_id,
                    "role": role,
                    "text": storable(text),
                    "state": state,
                    "created": time_text(at),
                    "origin": origin,
                    "speaker": storable(speaker),
                    "model": model,
                    "timing": "{}",
                    "error": "",
                },
            )
            self._db.execute(
                "UPDATE conversations SET head_id = ?, updated = max(updated, ?) WHERE id = ?",
                [message_id, time_text(at), conversation_id],
            )
            return self.get(message_id)

    def get(self, message_id: str) -> Message:
        """The message with this id.

        Raises NotFoundError.
        """
        message = self.find(message_id)
        if message is None:
            raise NotFoundError("There is no such message any more.")
        return message

    def find(self, message_id: str) -> Message | None:
        """The message with this id, if there is one."""
        row = self._db.row("SELECT * FROM messages WHERE id = ?", [message_id])
        return to_message(row) if row else None

    def all(self, conversation_id: str) -> list[Message]:
        """Every message of a conversation, on whichever path, in the order in which they were made."""
        rows = self._db.rows(
            "SELECT * FROM messages WHERE conversation_id = ? ORDER BY seq", [conversation_id]
        )
        return [to_message(row) for row in rows]

    def path(self, conversation_id: str) -> list[Message]:
        """The chosen path, from the first message to the newest.

        Raises NotFoundError.
        """
        row = self._db.row("SELECT head_id FROM conversations WHERE id = ?", [conversation_id])
        if row is None:
            raise NotFoundError("There is no such conversation any more.")
        return path_to(self._db, row["head_id"])

    def path_to(self, message_id: str) -> list[Message]:
        """The messages that lead to this one, from the first, this one included."""
        return path_to(self._db, message_id)

    def siblings(self, message_id: str) -> list[Message]:
        """The alternatives to a message, itself among them, in the order in which they were made.

        Raises NotFoundError.
        """
        rows = self._db.rows(
            "SELECT m.* FROM messages m JOIN messages one ON one.id = ?"
            " WHERE m.conversation_id = one.conversation_id AND m.parent_id IS one.parent_id"
            " AND m.role = one.role ORDER BY m.seq",
            [message_id],
        )
        if not rows:
            raise NotFoundError("There is no such message any more.")
        return [to_message(row) for row in rows]

    def leaf(self, message_id: str) -> Message:
        """The newest message that follows on this one, or itself.

        Raises NotFoundError.
        """
        rows = self._db.rows(
            "WITH RECURSIVE below (id) AS (VALUES (?) UNION ALL"
            " SELECT m.id FROM below JOIN messages m ON m.parent_id = below.id)"
            " SELECT m.* FROM below JOIN messages m ON m.id = below.id ORDER BY m.seq DESC LIMIT 1",
            [message_id],
        )
        if not rows:
            raise NotFoundError("There is no such message any more.")
        return to_message(rows[0])

    def update(
        self,
        message_id: str,
        *,
        text: str | None = None,
        state: MessageState | None = None,
        timing: Mapping[str, float] | None = None,
        error: str | None = None,
        model: str | None = None,
        reads_from: str | None = None,
    ) -> Message:
        """Change what is given, keep the rest.

        Raises NotFoundError.
        """
        given: dict[str, object] = {
            "text": None if text is None else storable(text),
            "state": state,
            "timing": None if timing is None else json.dumps(dict(timing)),
            "error": None if error is None else storable(error),
            "model": model,
            "reads_from": reads_from,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        if changed:
            places = ", ".join(f"{name} = :{name}" for name in changed)
            self._db.execute(f"UPDATE messages SET {places} WHERE id = :id", changed | {"id": message_id})
        return self.get(message_id)

    def think(self, message_id: str, text: str) -> None:
        """Keep what the model thought before this reply; nothing recalls, exports or finds it.

        An empty text takes away what was kept.
        """
        if text.strip():
            row = {"message_id": message_id, "text": storable(text.strip())}
            self._db.execute(
                "INSERT OR REPLACE INTO thoughts (message_id, text) VALUES (:message_id, :text)", row
            )
        else:
            self._db.execute("DELETE FROM thoughts WHERE message_id = ?", [message_id])

    def thoughts(self, message_id: str) -> str:
        """What the model thought before this reply; empty where nothing is kept."""
        row = self._db.row("SELECT text FROM thoughts WHERE message_id = ?", [message_id])
        return str(row["text"]) if row else ""

    def around(self, message_id: str, n: int) -> list[Message]:
        """Up to n messages before and n after it in its session, with itself, in order.

        Where the conversation has branches, what follows is the branch with the newest message.

        Raises NotFoundError.
        """
        centre = self.get(message_id)
        rows = self._db.rows("SELECT * FROM messages WHERE session_id = ? ORDER BY seq", [centre.session_id])
        sitting = {row["id"]: to_message(row) for row in rows}
        before: list[Message] = []
        above = sitting.get(centre.parent_id or "")
        while above and len(before) < n:
            before.append(above)
            above = sitting.get(above.parent_id or "")
        return [*reversed(before), centre, *_following(sitting, centre)[:n]]

    def interrupted(self) -> list[Message]:
        """Settle what a crash left unfinished, and say which messages these are; no text is lost.

        A person's own message is complete as it stands; a reply that had begun is `stopped`, one of
        which there is nothing has `failed`.
        """
        with self._db.atomic():
            rows = self._db.rows(
                "SELECT * FROM messages WHERE state IN ('pending', 'streaming') ORDER BY seq"
            )
            return [self._settle(to_message(row)) for row in rows]

    def _settle(self, message: Message) -> Message:
        if message.role is Role.USER:
            return self.update(message.id, state=MessageState.COMPLETE)
        if message.text:
            return self.update(message.id, state=MessageState.STOPPED)
        return self.update(
            message.id, state=MessageState.FAILED, error="Keepsake ended before the reply began."
        )

    def _check_place(self, conversation_id: str, parent_id: str | None) -> None:
        if not self._db.row("SELECT 1 FROM conversations WHERE id = ?", [conversation_id]):
            raise NotFoundError("There is no such conversation any more.")
        if parent_id and self.get(parent_id).conversation_id != conversation_id:
            raise InternalError("A message cannot follow on one in another conversation.")


def _following(sitting: Mapping[str, Message], centre: Message) -> list[Message]:
    """From the newest message of the session back to the centre, turned round."""
    below = {centre.id}
    newest = centre
    for message in sitting.values():
        if message.parent_id in below:
            below.add(message.id)
            newest = message
    line: list[Message] = []
    while newest.id != centre.id:
        line.append(newest)
        newest = sitting[newest.parent_id or ""]
    return line[::-1]
