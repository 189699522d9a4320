"""What ranking needs to know about many memories at once: read lightly, with what stands around them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from storage.database import Database
from storage.erasure import marks
from storage.plain import time_text
from storage.records import Granularity, MemoryState


class Surroundings(NamedTuple):
    """An active memory in brief, with the turns right before and after it and the memories made of it.

    A named tuple, since some two hundred are read for each search.
    """

    id: str
    granularity: str
    speaker: str
    speaker_name: str
    session_id: str
    text: str
    said_on: str
    """As `time_text` writes it."""
    idle: float
    """Days since its last use over its strength: the higher, the less of it is retained."""
    beside: tuple[str, ...]
    """Ids of turns in the same session; only a turn has any."""
    kin: tuple[str, ...]
    """For a turn: topics and profile statements that rest on it. For one of these: the turns it rests on."""


BRIEF = """
SELECT id, granularity, speaker, speaker_name, session_id, text, said_on,
    (julianday(?) - julianday(coalesce(last_used, created))) / strength
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

KIN = f"""
SELECT s.memory_id, other.memory_id FROM sources s
CROSS JOIN sources other ON other.message_id = s.message_id AND other.memory_id <> s.memory_id
JOIN memories mine ON mine.id = s.memory_id AND +mine.granularity <> '{Granularity.SESSION}'
JOIN memories theirs ON theirs.id = other.memory_id AND +theirs.granularity <> '{Granularity.SESSION}'
WHERE s.memory_id IN ({{places}})
"""  # noqa: S608 - a constant of ours
"""Memories that rest on the same message. A summary of a session rests on all of it, which says nothing
about one turn."""

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
    """Those of the memories that are the persona's and active, with the turns beside them and their kin."""
    kin = _pairs(database.tuples(KIN.format(places=marks(memory_ids)), memory_ids))
    asked = set(memory_ids).union(*kin.values())
    beside = _beside(database, list(asked))
    wanted = asked.union(*beside.values())
    rows = database.tuples(
        BRIEF.format(places=marks(list(wanted))), [time_text(now), *wanted, persona_id, MemoryState.ACTIVE]
    )
    turns = {row[0] for row in rows if row[1] == Granularity.TURN}
    notes = {row[0] for row in rows} - turns
    return [
        Surroundings(
            *row,
            beside=_only(turns, beside[row[0]]) if row[0] in turns else (),
            kin=_only(notes if row[0] in turns else turns, kin[row[0]]),
        )
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
    return _pairs(database.tuples(BESIDE.format(places=marks(memory_ids)), [*memory_ids, *memory_ids]))


def _pairs(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What belongs to each of two, both ways."""
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in rows:
        found[one].append(other)
        found[other].append(one)
    return found
