"""Conversations: making, finding, naming and deleting them."""

from collections.abc import Callable
from datetime import datetime

from personas.errors import NotFoundError
from storage.conversation_deletion import delete_with_memories, resting_only_on
from storage.database import Database, Row
from storage.erasure import off_the_disk
from storage.plain import storable, time_of, time_text
from storage.records import Conversation, Origin
from storage.revisions import RevisionLog
from storage.words import all_of, words_of


class ConversationRepository:
    """Conversations of a persona."""

    def __init__(self, database: Database, ids: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._db = database
        self._ids = ids
        self._now = now
        self._log = RevisionLog(database, ids, now)

    def add(
        self,
        persona_id: str,
        title: str = "",
        origin: Origin = Origin.CHAT,
        *,
        created: datetime | None = None,
    ) -> Conversation:
        """Begin a conversation. An imported one says when it was held, so that it is listed there."""
        at = time_text(created or self._now())
        conversation_id = self._ids()
        self._db.insert(
            "conversations",
            {
                "id": conversation_id,
                "persona_id": persona_id,
                "title": storable(title),
                "created": at,
                "updated": at,
                "origin": origin,
            },
        )
        return self.get(conversation_id)

    def get(self, conversation_id: str) -> Conversation:
        """The conversation with this id.

        Raises NotFoundError.
        """
        conversation = self.find(conversation_id)
        if conversation is None:
            raise NotFoundError("There is no such conversation any more.")
        return conversation

    def find(self, conversation_id: str) -> Conversation | None:
        """The conversation with this id, if there is one."""
        row = self._db.row("SELECT * FROM conversations WHERE id = ?", [conversation_id])
        return _to_conversation(row) if row else None

    def list(self, persona_id: str, query: str = "", limit: int = 50, offset: int = 0) -> list[Conversation]:
        """Conversations, newest first; with a query those that hold all its words, or it in their title."""
        match = all_of(words_of(query))
        rows = self._db.rows(
            "SELECT * FROM conversations WHERE persona_id = :persona_id AND (:query = ''"
            " OR instr(fold(title), fold(:query)) > 0"
            " OR (:match <> '' AND id IN (SELECT m.conversation_id FROM message_words w"
            " JOIN messages m ON m.seq = w.rowid WHERE message_words MATCH :match)))"
            " ORDER BY updated DESC, id DESC LIMIT :limit OFFSET :offset",
            {
                "persona_id": persona_id,
                "query": storable(query.strip()),
                "match": match,
                "limit": limit,
                "offset": offset,
            },
        )
        return [_to_conversation(row) for row in rows]

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give it another title.

        Raises NotFoundError.
        """
        self._db.execute(
            "UPDATE conversations SET title = ? WHERE id = ?", [storable(title.strip()), conversation_id]
        )
        return self.get(conversation_id)

    def set_head(self, conversation_id: str, message_id: str) -> Conversation:
        """Choose the path that ends at this message.

        Raises NotFoundError where the conversation has no such message.
        """
        changed = self._db.execute(
            "UPDATE conversations SET head_id = :message WHERE id = :id"
            " AND EXISTS (SELECT 1 FROM messages WHERE id = :message AND conversation_id = :id)",
            {"id": conversation_id, "message": message_id},
        )
        if not changed:
            raise NotFoundError("There is no such message in this conversation any more.")
        return self.get(conversation_id)

    def memories_lost_with(self, conversation_id: str) -> int:
        """How many memories rest on this conversation alone, and so would go with it."""
        return len(resting_only_on(self._db, conversation_id))

    def delete(self, conversation_id: str) -> int:
        """Delete it for good with the memories that rest on it alone, and say how many these were.

        Memories that also rest on other conversations stay and lose what they had from this one.

        Raises NotFoundError.
        """
        with self._db.atomic():
            self.get(conversation_id)
            deleted = delete_with_memories(self._db, self._log, conversation_id)
        off_the_disk(self._db)
        return deleted


def _to_conversation(row: Row) -> Conversation:
    return Conversation(
        id=row["id"],
        persona_id=row["persona_id"],
        title=row["title"],
        created=time_of(row["created"]),
        updated=time_of(row["updated"]),
        head_id=row["head_id"],
        origin=Origin(row["origin"]),
    )
