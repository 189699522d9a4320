"""What ranking needs to know about many memories at once: read lightly, with what was said beside them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from storage.database import Database
from storage.erasure import marks
from storage.plain import time_text
from storage.records import Granularity, MemoryState


class Surroundings(NamedTuple):
    """An active memory in brief, and the turns right before and after it.

    A named tuple, and counted by SQLite where it can be: some two hundred are read for each search.
    """

    id: str
    granularity: str
    speaker: str
    speaker_name: str
    session_id: str
    length: int
    """In words."""
    is_question: bool
    """Whether its last sentence is one."""
    idle: float
    """Days since its last use over its strength: the higher, the less of it is retained."""
    trust: str
    uses: int
    """How many replies used it."""
    beside: tuple[str, ...]
    """Ids of turns in the same session; only a turn has any."""


BRIEF = """
SELECT id, granularity, speaker, speaker_name, session_id,
    length(text) - length(replace(text, ' ', '')) + 1,
    substr(rtrim(text), -1) = '?',
    (julianday(?) - julianday(coalesce(last_used, created))) / strength, trust, recalls
FROM memories WHERE id IN ({places}) AND +persona_id = ? AND +state = ?
"""
"""The plus signs keep SQLite from going through all of a persona's memories instead of by id."""

BESIDE = """
SELECT s.memory_id AS id, near.memory_id AS beside FROM sources s
JOIN messages m ON m.id = s.message_id
JOIN messages other ON other.id = m.parent_id AND other.session_id = m.session_id
JOIN sources near ON near.message_id = other.id
WHERE s.memory_id IN ({places})
UNION ALL
SELECT s.memory_id, near.memory_id FROM sources s
JOIN messages m ON m.id = s.message_id
JOIN messages other ON other.parent_id = m.id AND other.session_id = m.session_id
JOIN sources near ON near.message_id = other.id
WHERE s.memory_id IN ({places})
"""
"""Memories of the messages before and after a memory's own, whatever these memories are."""

NAMES = """
WITH RECURSIVE names (name) AS (
    SELECT min(speaker_name) FROM memories WHERE persona_id = :persona_id AND speaker_name > ''
    UNION ALL
    SELECT (SELECT min(speaker_name) FROM memories WHERE persona_id = :persona_id AND speaker_name > name)
    FROM names WHERE name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL
"""
"""One step in the index a name, instead of one a memory."""

RESTING = """
SELECT DISTINCT s.memory_id FROM sources s WHERE s.message_id IN ({places}) AND NOT EXISTS (
    SELECT 1 FROM sources other WHERE other.memory_id = s.memory_id AND other.message_id NOT IN ({places})
)
"""


def read_surroundings(
    database: Database, persona_id: str, memory_ids: Sequence[str], now: datetime
) -> list[Surroundings]:
    """Those of the memories that are the persona's and active, and the turns beside them."""
    beside = _beside(database, memory_ids)
    asked = set(memory_ids)
    wanted = asked.union(*beside.values())
    rows = database.tuples(
        BRIEF.format(places=marks(list(wanted))), [time_text(now), *wanted, persona_id, MemoryState.ACTIVE]
    )
    turns = {row[0] for row in rows if row[1] == Granularity.TURN}
    return [
        Surroundings._make((*row, _only(turns, beside[row[0]]) if row[0] in turns else ()))
        for row in rows
        if row[0] in asked or row[0] in turns
    ]


def resting_only_on(database: Database, message_ids: Sequence[str]) -> set[str]:
    """The memories that rest on nothing but these messages."""
    rows = database.tuples(RESTING.format(places=marks(message_ids)), [*message_ids, *message_ids])
    return {row[0] for row in rows}


def speaker_names(database: Database, persona_id: str) -> list[str]:
    """The names under which anybody speaks in a persona's memories."""
    return [row["name"] for row in database.rows(NAMES, {"persona_id": persona_id})]


def _only(turns: set[str], near: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(near) if one in turns)


def _beside(database: Database, memory_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one, near in database.tuples(BESIDE.format(places=marks(memory_ids)), [*memory_ids, *memory_ids]):
        found[one].append(near)
        found[near].append(one)
    return found
