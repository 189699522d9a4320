"""Deleting a conversation for good, and what that does to the memories that rest on it."""

import json

from storage.database import Database
from storage.erasure import delete_conversations, delete_memories
from storage.records import Author
from storage.revisions import RevisionLog

REST_ON_IT = """
SELECT DISTINCT s.memory_id AS id FROM sources s JOIN messages m ON m.id = s.message_id
WHERE m.conversation_id = :conversation_id
"""
REST_ONLY_ON_IT = f"""
{REST_ON_IT} AND NOT EXISTS (
    SELECT 1 FROM sources other JOIN messages elsewhere ON elsewhere.id = other.message_id
    WHERE other.memory_id = s.memory_id AND elsewhere.conversation_id <> :conversation_id
)
"""
ITS_MESSAGES = "SELECT id FROM messages WHERE conversation_id = :conversation_id"
QUOTES_IT = f"""
EXISTS (SELECT 1 FROM json_each({{side}}, '$.sources') WHERE json_extract(value, '$[0]') IN ({ITS_MESSAGES}))
"""


def resting_only_on(database: Database, conversation_id: str) -> list[str]:
    """The ids of the memories that have no source outside the conversation."""
    rows = database.rows(REST_ONLY_ON_IT, {"conversation_id": conversation_id})
    return [row["id"] for row in rows]


def delete_with_memories(database: Database, log: RevisionLog, conversation_id: str) -> int:
    """Delete it with the memories that rest on it alone, and say how many these were.

    The others lose their sources in it; its words leave their history too.
    """
    named = {"conversation_id": conversation_id}
    with database.atomic():
        deleted = delete_memories(database, resting_only_on(database, conversation_id))
        losing = [row["id"] for row in database.rows(REST_ON_IT, named)]
        _take_out_of_history(database, conversation_id)
        database.execute(f"DELETE FROM sources WHERE message_id IN ({ITS_MESSAGES})", named)
        for memory_id in losing:
            rows = database.rows(
                "SELECT message_id, quote FROM sources WHERE memory_id = ? ORDER BY position", [memory_id]
            )
            kept = [[row["message_id"], row["quote"]] for row in rows]
            log.write(memory_id, Author.USER, "lose_source", {}, {"sources": kept}, batch_id=None, reason="")
        delete_conversations(database, [conversation_id])
    return deleted


def _take_out_of_history(database: Database, conversation_id: str) -> None:
    gone = {row["id"] for row in database.rows(ITS_MESSAGES, {"conversation_id": conversation_id})}
    for side in ("before", "after"):
        quoting = database.rows(
            f"SELECT id, {side} AS fields FROM revisions WHERE {QUOTES_IT.format(side=side)}",
            {"conversation_id": conversation_id},
        )
        for row in quoting:
            fields = json.loads(row["fields"])
            fields["sources"] = [pair for pair in fields["sources"] if pair[0] not in gone]
            database.execute(f"UPDATE revisions SET {side} = ? WHERE id = ?", [json.dumps(fields), row["id"]])
