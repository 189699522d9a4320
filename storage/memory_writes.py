"""How a memory is written: row, sources, claims, revision and outbox entry together."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.claim_rows import ReadClaims, write_claims
from storage.database import Database
from storage.memory_rows import columns, plain_fields, to_memories
from storage.records import Author, Memory
from storage.revisions import RevisionLog

SEEN_BY_INDEX = frozenset({"text", "state"})
"""What the vector index must hear of."""
SEEN_BY_CLAIMS = frozenset({"text", "trust", "granularity", "sources", "said_on"})
"""What a memory's claims are read from."""
WITHOUT_CLAIMS = """
SELECT * FROM memories m WHERE granularity IN ('topic', 'profile')
AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.memory_id = m.id)
"""


class MemoryWriter:
    """Writes memories. The full-text index follows by triggers."""

    def __init__(self, database: Database, log: RevisionLog, read_claims: ReadClaims) -> None:
        self._db = database
        self._log = log
        self._read_claims = read_claims

    def add(self, memory: Memory, by: Author, *, batch_id: str | None, reason: str) -> None:
        """Write a new memory. Sources whose message is gone are passed over."""
        fields = plain_fields(memory)
        with self._db.atomic():
            self._db.insert("memories", columns(fields))
            self._write_sources(memory.id, fields["sources"])
            write_claims(self._db, memory.id, self._read_claims(memory))
            self._log.write(memory.id, by, "add", None, fields, batch_id=batch_id, reason=reason)
            self._tell_index(memory)

    def change(
        self,
        memory: Memory,
        by: Author,
        action: str,
        given: Mapping[str, Any],
        *,
        batch_id: str | None,
        reason: str,
    ) -> None:
        """Give a memory some fields as JSON holds them; what they hold already is no change."""
        now = plain_fields(memory)
        after = {name: value for name, value in given.items() if value != now[name]}
        if not after:
            return
        with self._db.atomic():
            row = columns(after)
            if row:
                places = ", ".join(f"{name} = :{name}" for name in row)
                self._db.execute(f"UPDATE memories SET {places} WHERE id = :id", row | {"id": memory.id})
            if "sources" in after:
                self._write_sources(memory.id, after["sources"])
            before = {name: now[name] for name in after}
            self._log.write(memory.id, by, action, before, after, batch_id=batch_id, reason=reason)
            if after.keys() & SEEN_BY_CLAIMS:
                rows = self._db.rows("SELECT * FROM memories WHERE id = ?", [memory.id])
                write_claims(self._db, memory.id, self._read_claims(to_memories(self._db, rows)[0]))
            if after.keys() & SEEN_BY_INDEX:
                self._tell_index(memory)

    def read_missing_claims(self) -> None:
        """Read the claims of memories that have none, such as those of a store from before there were any."""
        with self._db.atomic():
            for memory in to_memories(self._db, self._db.rows(WITHOUT_CLAIMS)):
                write_claims(self._db, memory.id, self._read_claims(memory))

    def _write_sources(self, memory_id: str, pairs: Sequence[Sequence[str]]) -> None:
        self._db.execute("DELETE FROM sources WHERE memory_id = ?", [memory_id])
        self._db.execute_many(
            "INSERT INTO sources (memory_id, position, message_id, quote) SELECT ?, ?, id, ?"
            " FROM messages WHERE id = ?",
            [[memory_id, place, quote, message_id] for place, (message_id, quote) in enumerate(pairs)],
        )

    def _tell_index(self, memory: Memory) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO outbox (memory_id, persona_id) VALUES (?, ?)",
            [memory.id, memory.persona_id],
        )
