"""What ranking needs to know about many memories at once: read lightly, with what stands around them."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from sys import intern
from typing import Final, Literal, NamedTuple

from storage.database import Database
from storage.erasure import marks
from storage.records import Granularity, MemoryState

MOST_KEPT: Final = 50_000
"""Memories of a persona kept between searches: some 60 MB."""
AT_ONCE: Final = 5_000
MANY_CHANGES: Final = 500
"""After so many it is quicker to read anew what is asked for."""


class Surroundings(NamedTuple):
    """An active memory in brief, with the turns right before and after it and the memories made of it."""

    id: str
    granularity: str
    speaker: str
    speaker_name: str
    session_id: str
    text: str
    said_on: str
    """As `time_text` writes it."""
    strength: float
    touched: float
    """When it was last used, or made, as a Julian day."""
    trust: str
    uses: int
    """How many replies used it."""
    beside: tuple[str, ...] = ()
    """Ids of turns in the same session; only a turn has any."""
    kin: tuple[str, ...] = ()
    """For a turn: topics and profile statements that rest on it. For one of these: the turns it rests on."""


BRIEF = """
SELECT id, granularity, speaker, speaker_name, session_id, text, said_on, strength,
    julianday(coalesce(last_used, created)), trust, recalls
FROM memories WHERE id IN ({places}) AND +persona_id = ? AND +state = ?
"""
"""The plus signs keep SQLite from going through all of a persona's memories instead of by id."""

NAMING: Final = 5
"""The first columns of BRIEF: ids and names, each kept once in memory however many memories have it."""
TURN: Final = Granularity.TURN.value
BESIDE, KIN = 0, 1
LINKS = """
SELECT s.memory_id, 0, near.memory_id FROM sources s
CROSS JOIN messages m ON m.id = s.message_id
CROSS JOIN messages other ON other.id = m.parent_id AND other.session_id = m.session_id
CROSS JOIN sources near ON near.message_id = other.id
CROSS JOIN memories theirs ON theirs.id = near.memory_id
WHERE s.memory_id IN ({places}) AND theirs.granularity = 'turn' AND theirs.state = 'active'
UNION ALL
SELECT s.memory_id, 0, near.memory_id FROM sources s
CROSS JOIN messages m ON m.id = s.message_id
CROSS JOIN messages other ON other.parent_id = m.id AND other.session_id = m.session_id
CROSS JOIN sources near ON near.message_id = other.id
CROSS JOIN memories theirs ON theirs.id = near.memory_id
WHERE s.memory_id IN ({places}) AND theirs.granularity = 'turn' AND theirs.state = 'active'
UNION ALL
SELECT s.memory_id, 1, other.memory_id FROM sources s
CROSS JOIN sources other ON other.message_id = s.message_id AND other.memory_id <> s.memory_id
CROSS JOIN memories mine ON mine.id = s.memory_id
CROSS JOIN memories theirs ON theirs.id = other.memory_id
WHERE s.memory_id IN ({places}) AND theirs.state = 'active'
AND (mine.granularity = 'turn') <> (theirs.granularity = 'turn')
AND mine.granularity <> 'session' AND theirs.granularity <> 'session'
"""
"""0: turns of the messages before and after a memory's own. 1: turns and what was made of them; but a
summary of a session rests on all of it, which says nothing about one turn."""

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

ACTIVE = "SELECT id FROM memories WHERE persona_id = ? AND state = ? ORDER BY seq DESC LIMIT ?"
NEWEST = "SELECT seq, id FROM revisions ORDER BY seq DESC LIMIT 1"
CHANGED = "SELECT DISTINCT memory_id FROM revisions WHERE seq > ? LIMIT ?"
RESTING = """
SELECT DISTINCT s.memory_id FROM sources s WHERE s.message_id IN ({places}) AND NOT EXISTS (
    SELECT 1 FROM sources other WHERE other.memory_id = s.memory_id AND other.message_id NOT IN ({places})
)
"""


def resting_only_on(database: Database, message_ids: Sequence[str]) -> set[str]:
    """The memories that rest on nothing but these messages."""
    if not message_ids:
        return set()
    rows = database.tuples(RESTING.format(places=marks(message_ids)), [*message_ids, *message_ids])
    return {row[0] for row in rows}


def speaker_names(database: Database, persona_id: str) -> list[str]:
    """The names under which anybody speaks in a persona's memories."""
    return [row["name"] for row in database.rows(NAMES, {"persona_id": persona_id})]


class SurroundingsReader:
    """Reads surroundings, and keeps them until a memory's history says that it, or one near it, changed.

    What was deleted meanwhile, which leaves no history, may still be told of: whoever shows a memory reads
    it first. Safe to share between threads.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._guard = threading.Lock()
        self._known: dict[str, dict[str, Surroundings | None]] = {}
        self._newest: tuple[int, str] = (0, "")

    def read(self, persona_id: str, memory_ids: Iterable[str]) -> list[Surroundings]:
        """Those of the memories that are the persona's and active, with their kin, and the turns beside."""
        with self._guard:
            self._catch_up()
            known = self._known.get(persona_id)
            if known is None:
                known = self._known[persona_id] = self._newest_of(persona_id)
            for oldest in list(islice(known, max(0, len(known) - MOST_KEPT))):
                del known[oldest]
            asked = self._read(persona_id, known, dict.fromkeys(memory_ids))
            asked |= self._read(persona_id, known, _linked(asked, "kin"))
            return list((asked | self._read(persona_id, known, _linked(asked, "beside"))).values())

    def _newest_of(self, persona_id: str) -> dict[str, Surroundings | None]:
        """All at once, or the newest where there are many: far quicker than a hundred in each search."""
        ids = [row[0] for row in self._db.tuples(ACTIVE, [persona_id, MemoryState.ACTIVE, MOST_KEPT])]
        known: dict[str, Surroundings | None] = {}
        for start in range(0, len(ids), AT_ONCE):
            known.update(self._fetch(persona_id, ids[start : start + AT_ONCE]))
        return known

    def _read(
        self, persona_id: str, known: dict[str, Surroundings | None], memory_ids: Iterable[str]
    ) -> dict[str, Surroundings]:
        wanted = list(memory_ids)
        missing = [one for one in wanted if one not in known]
        if missing:
            known.update(dict.fromkeys(missing))
            known.update(self._fetch(persona_id, missing))
        return {one: found for one in wanted if (found := known[one]) is not None}

    def _fetch(self, persona_id: str, memory_ids: Sequence[str]) -> dict[str, Surroundings]:
        rows = self._db.tuples(
            BRIEF.format(places=marks(memory_ids)), [*memory_ids, persona_id, MemoryState.ACTIVE]
        )
        links = self._links(memory_ids)
        return {
            row[0]: Surroundings._make(
                (
                    *map(intern, row[:NAMING]),
                    *row[NAMING:],
                    tuple(links[row[0], BESIDE]) if row[1] == TURN else (),
                    tuple(links[row[0], KIN]),
                )
            )
            for row in rows
        }

    def _links(self, memory_ids: Sequence[str]) -> Mapping[tuple[str, int], dict[str, None]]:
        found: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
        for one, kind, other in self._db.tuples(LINKS.format(places=marks(memory_ids)), [*memory_ids] * 3):
            found[one, kind][intern(other)] = None
        return found

    def _catch_up(self) -> None:
        """Let go of what changed since the last time, and of what stands beside it."""
        seq, newest_id = next(iter(self._db.tuples(NEWEST)), (0, ""))
        if (seq, newest_id) == self._newest:
            return
        before, self._newest = self._newest, (seq, newest_id)
        goes_on = seq > before[0] and self._db.tuples(
            "SELECT 1 FROM revisions WHERE seq = ? AND id = ?", before
        )
        changed = [row[0] for row in self._db.tuples(CHANGED, [before[0], MANY_CHANGES])] if goes_on else []
        if not goes_on or len(changed) == MANY_CHANGES:
            self._known.clear()
            return
        near = [other for others in self._links(changed).values() for other in others]
        for known in self._known.values():
            held = [found for one in changed if (found := known.get(one)) is not None]
            for one in [*changed, *near, *(other for found in held for other in found.beside + found.kin)]:
                known.pop(one, None)


def _linked(found: Mapping[str, Surroundings], kind: Literal["beside", "kin"]) -> dict[str, None]:
    linked = (one.beside if kind == "beside" else one.kin for one in found.values())
    return {other: None for others in linked for other in others if other not in found}
