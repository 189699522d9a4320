"""Taking things out of the store for good, so that not even deleted bytes keep their words.

`PRAGMA secure_delete` overwrites what a row leaves behind, but FTS5 keeps the words of deleted rows
in older segments until these are merged. Whoever needs the words off the disk also empties the log:
`Database.checkpoint`.
"""

from collections.abc import Sequence

from storage.database import Database

CHUNK = 5_000
"""Ids bound to one statement; SQLite allows 32,766."""


def delete_memories(database: Database, memory_ids: Sequence[str]) -> int:
    """Remove memories with their sources, history and recalls, and have the index drop them too."""
    deleted = 0
    with database.atomic():
        for start in range(0, len(memory_ids), CHUNK):
            some = memory_ids[start : start + CHUNK]
            places = marks(some)
            database.execute(
                "INSERT OR REPLACE INTO outbox (memory_id, persona_id)"
                f" SELECT id, persona_id FROM memories WHERE id IN ({places})",
                some,
            )
            database.execute(
                f"UPDATE memories SET superseded_by = NULL WHERE superseded_by IN ({places})", some
            )
            deleted += database.execute(f"DELETE FROM memories WHERE id IN ({places})", some)
        if deleted:
            merge_words(database, "memory_words")
    return deleted


def delete_conversations(database: Database, conversation_ids: Sequence[str]) -> None:
    """Remove conversations with their sessions and messages."""
    with database.atomic():
        for conversation_id in conversation_ids:
            database.execute("DELETE FROM messages WHERE conversation_id = ?", [conversation_id])
            database.execute("DELETE FROM conversations WHERE id = ?", [conversation_id])
        if conversation_ids:
            merge_words(database, "message_words")


def merge_words(database: Database, table: str) -> None:
    """Merge an FTS5 table's segments, which is when the words of deleted rows leave them."""
    database.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def marks(values: Sequence[object]) -> str:
    """Placeholders for as many values."""
    return ", ".join("?" * len(values))


def off_the_disk(database: Database) -> None:
    """Empty the log, which still holds the pages as they were; the outermost transaction's end does."""
    if not database.connection.conn.in_transaction:
        database.checkpoint()
