"""What memories claim, in parts; and changes of them that wait for the person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from personas.errors import NotFoundError
from storage.claim_rows import to_claim
from storage.database import Database, Row
from storage.erasure import marks
from storage.plain import time_of, time_text
from storage.records import Claim, Held, Memory, MemoryState, Proposal, Trust

STANDING = (MemoryState.ACTIVE, MemoryState.FADED)
"""States of a memory whose claims count."""


LAST_SAID = """
coalesce((SELECT max(s.created) FROM sources JOIN messages s ON s.id = sources.message_id
    WHERE sources.memory_id = {memory}), (SELECT said_on FROM memories WHERE id = {memory}))
"""
"""When a memory was last said; repeating it moves this on, and undoing the repetition moves it back."""
HELD = f"""
SELECT c.*, m.trust, m.speaker_name, m.pinned, {LAST_SAID.format(memory="m.id")} AS last_said
FROM claims c JOIN memories m ON m.id = c.memory_id
WHERE {{where}} AND m.persona_id = ? AND m.state IN (?, ?) AND NOT {{ended}}
ORDER BY m.seq, c.position
"""
ENDED = f"""
(c.ended_by IS NOT NULL AND EXISTS (
    SELECT 1 FROM memories e WHERE e.id = c.ended_by AND e.state <> 'forgotten'
    AND NOT (e.state = 'superseded' AND e.superseded_by IS NULL)
    AND {LAST_SAID.format(memory="e.id")} >= {LAST_SAID.format(memory="c.memory_id")}))
"""
"""A claim counts again when what ended it was taken back, or is no longer what was said last: so undoing a
batch needs no more."""
OVER = f"""
SELECT c.memory_id AS id, c.attribute || ': ' || c.value AS what, coalesce(e.valid_from, e.said_on) AS since
FROM claims c JOIN memories e ON e.id = c.ended_by
WHERE c.memory_id IN ({{places}}) AND {ENDED}
UNION ALL
SELECT t.id, mine.quote, o.valid_to
FROM memories t JOIN sources whole ON whole.memory_id = t.id
JOIN sources mine ON mine.message_id = whole.message_id AND mine.quote <> ''
JOIN memories o ON o.id = mine.memory_id AND o.state = 'superseded' AND o.superseded_by IS NOT NULL
WHERE t.id IN ({{places}}) AND t.granularity = 'turn' AND t.valid_to IS NULL AND o.valid_to IS NOT NULL
UNION ALL
SELECT t.id, c.attribute || ': ' || c.value, coalesce(e.valid_from, e.said_on)
FROM memories t JOIN sources whole ON whole.memory_id = t.id
JOIN sources mine ON mine.message_id = whole.message_id AND mine.memory_id <> t.id
JOIN claims c ON c.memory_id = mine.memory_id JOIN memories e ON e.id = c.ended_by
WHERE t.id IN ({{places}}) AND t.granularity = 'turn' AND t.valid_to IS NULL AND {ENDED}
"""
"""What is over of memories that go on standing: their own claims, and for a turn, what was made of it."""
CLAIMING = f"""
SELECT m.id FROM claims c JOIN memories m ON m.id = c.memory_id
WHERE c.attribute IN ({{attributes}}) AND c.subject = 'self' AND c.kind <> 'ends' AND NOT {ENDED}
AND m.persona_id = ? AND m.state = ? AND m.trust IN (?, ?, ?)
ORDER BY {LAST_SAID.format(memory="m.id")} DESC, m.seq DESC
"""
WAITING = """
SELECT p.* FROM proposals p
JOIN memories o ON o.id = p.old_id AND o.state IN (?, ?)
JOIN memories n ON n.id = p.new_id AND n.state IN (?, ?)
WHERE o.persona_id = ? ORDER BY p.id
"""


def parts_over(database: Database, memory_ids: Sequence[str]) -> Mapping[str, Sequence[tuple[str, datetime]]]:
    """By memory, what of it is no longer so, in words, and since when."""
    if not memory_ids:
        return {}
    rows = database.rows(OVER.format(places=marks(memory_ids)), [*memory_ids, *memory_ids, *memory_ids])
    found: dict[str, list[tuple[str, datetime]]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append((row["what"], time_of(row["since"])))
    return found


def claiming(database: Database, persona_id: str, attributes: Sequence[str]) -> list[str]:
    """Ids of active memories in which the person claims something of these attributes, newest first.

    Only what is so, and what they told, wrote, or what was noted from their words.
    """
    rows = database.rows(
        CLAIMING.format(attributes=marks(attributes)),
        [*attributes, persona_id, MemoryState.ACTIVE, Trust.SAID, Trust.TYPED, Trust.NOTED],
    )
    return list(dict.fromkeys(row["id"] for row in rows))


class ClaimRepository:
    """Reads claims, and marks those that have ended. Writing them is the memory's own affair."""

    def __init__(self, database: Database, ids: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._db = database
        self._ids = ids
        self._now = now

    def of(self, memory_id: str) -> list[Claim]:
        """All claims of a memory, in the order of its words."""
        rows = self._db.rows("SELECT * FROM claims WHERE memory_id = ? ORDER BY position", [memory_id])
        return [to_claim(row) for row in rows]

    def held(self, memory: Memory) -> Held | None:
        """A memory with its claims that count; None where it has none."""
        return next(iter(self._held(memory.persona_id, "c.memory_id = ?", [memory.id])), None)

    def rivals(self, memory: Memory, attributes: Sequence[str]) -> list[Held]:
        """Other memories of the persona that claim something under these attributes; under any for none.

        Each has all of its claims that count, oldest first.
        """
        named = f"AND attribute IN ({marks(attributes)})" if attributes else ""
        where = f"c.memory_id <> ? AND c.memory_id IN (SELECT memory_id FROM claims WHERE 1 {named})"
        return self._held(memory.persona_id, where, [memory.id, *attributes])

    def names(self, persona_id: str, before: datetime) -> set[str]:
        """Words, in lower case, by which others than the person were called in what was said before."""
        words = {word for one in self.known(persona_id, before) for word in one.split()}
        return words - {"self", "world", "any"}

    def known(self, persona_id: str, before: datetime) -> set[str]:
        """All of whom the person spoke before, with the names that they have: `sister ana`."""
        rows = self._db.rows(
            "SELECT DISTINCT c.subject, CASE c.attribute WHEN 'name' THEN c.value ELSE '' END AS name"
            " FROM claims c JOIN memories m ON m.id = c.memory_id"
            " WHERE m.persona_id = ? AND m.said_on < ?"
            " AND (c.subject NOT IN ('self', 'world') OR c.attribute = 'name')",
            [persona_id, time_text(before)],
        )
        return {f"{row['subject']} {row['name']}".strip() for row in rows}

    def end(self, claim: Claim, by: str) -> None:
        """Mark a claim of a memory that goes on standing otherwise as ended by another memory."""
        self._db.execute(
            "UPDATE claims SET ended_by = ?"
            " WHERE memory_id = ? AND subject = ? AND attribute = ? AND value = ?",
            [by, claim.memory_id, claim.subject, claim.attribute, claim.value],
        )

    def propose(self, old_id: str, new_id: str, since: datetime) -> None:
        """Let a change wait for the person; once for each pair."""
        self._db.execute(
            "INSERT OR IGNORE INTO proposals (id, old_id, new_id, made, since) VALUES (?, ?, ?, ?, ?)",
            [self._ids(), old_id, new_id, time_text(self._now()), time_text(since)],
        )

    def waiting(self, persona_id: str) -> list[Proposal]:
        """The changes that wait, oldest first; only where both memories still stand."""
        return [_to_proposal(row) for row in self._db.rows(WAITING, [*STANDING, *STANDING, persona_id])]

    def proposal(self, proposal_id: str) -> Proposal:
        """One of them.

        Raises NotFoundError.
        """
        row = self._db.row("SELECT * FROM proposals WHERE id = ?", [proposal_id])
        if row is None:
            raise NotFoundError("This has been decided already.")
        return _to_proposal(row)

    def decided(self, proposal_id: str) -> None:
        """Take a change off the list."""
        self._db.execute("DELETE FROM proposals WHERE id = ?", [proposal_id])

    def _held(self, persona_id: str, where: str, named: Sequence[str]) -> list[Held]:
        sql = HELD.format(where=where, ended=ENDED)
        grouped: dict[str, list[Row]] = {}
        for row in self._db.rows(sql, [*named, persona_id, *STANDING]):
            grouped.setdefault(row["memory_id"], []).append(row)
        return [_to_held(rows) for rows in grouped.values()]


def _to_held(rows: Sequence[Row]) -> Held:
    first = rows[0]
    return Held(
        memory_id=first["memory_id"],
        trust=Trust(first["trust"]),
        last_said=time_of(first["last_said"]),
        speaker_name=first["speaker_name"],
        pinned=bool(first["pinned"]),
        claims=tuple(map(to_claim, rows)),
    )


def _to_proposal(row: Row) -> Proposal:
    return Proposal(row["id"], row["old_id"], row["new_id"], time_of(row["made"]), time_of(row["since"]))
