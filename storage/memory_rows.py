"""Memories and revisions as rows."""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from storage.database import Database, Row
from storage.erasure import marks
from storage.plain import maybe_time_of, storable, time_of, time_text
from storage.records import Author, Granularity, Memory, MemoryState, Revision, Role, Source, Trust

FIELDS = tuple(field.name for field in dataclasses.fields(Memory))
FIXED = frozenset({"id", "persona_id", "created"})
"""Fields that never change."""
COLUMNS = tuple(name for name in FIELDS if name != "sources")
CHUNK = 5_000


def plain(value: object) -> Any:
    """A field's value as JSON and SQLite hold it; sources as pairs of message id and quote."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, tuple):
        return [[source.message_id, storable(source.quote)] for source in value]
    return value


def plain_fields(memory: Memory) -> dict[str, Any]:
    """All fields of a memory as JSON holds them."""
    return {name: plain(getattr(memory, name)) for name in FIELDS}


def to_memories(database: Database, rows: Sequence[Row]) -> list[Memory]:
    """Rows of the memories table as records, with their sources, in the same order."""
    sources = _sources(database, [row["id"] for row in rows])
    return [_to_memory(row, tuple(sources[row["id"]])) for row in rows]


def read_memories(database: Database, memory_ids: Sequence[str]) -> list[Memory]:
    """Those of the memories that there are, in the order asked for."""
    rows = {
        row[0]: row
        for some in chunks(memory_ids)
        for row in database.tuples(
            f"SELECT {', '.join(COLUMNS)} FROM memories WHERE id IN ({marks(some)})", some
        )
    }
    sources = _sources(database, memory_ids)
    return [
        _of_columns(rows[memory_id], tuple(sources[memory_id]))
        for memory_id in dict.fromkeys(memory_ids)
        if memory_id in rows
    ]


def read_turns(database: Database, message_ids: Sequence[str]) -> list[Memory]:
    """The memories that are some messages as they were said, oldest first."""
    rows = [
        row
        for some in chunks(message_ids)
        for row in database.rows(
            "SELECT * FROM memories WHERE granularity = ? AND id IN"
            f" (SELECT memory_id FROM sources WHERE message_id IN ({marks(some)})) ORDER BY seq",
            [Granularity.TURN, *some],
        )
    ]
    return to_memories(database, rows)


def to_revision(row: Row) -> Revision:
    """A row as a record; `before` and `after` hold plain JSON values."""
    return Revision(
        id=row["id"],
        batch_id=row["batch_id"],
        memory_id=row["memory_id"],
        by=Author(row["by"]),
        at=time_of(row["at"]),
        action=row["action"],
        before=None if row["before"] is None else json.loads(row["before"]),
        after=json.loads(row["after"]),
        reason=row["reason"],
    )


def columns(fields: Mapping[str, Any]) -> Row:
    """Plain fields as columns of the memories table."""
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in fields.items()
        if name != "sources"
    }


def chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """As many ids at a time as one statement takes."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


_REAL: Mapping[str, Any] = {
    "granularity": Granularity,
    "trust": Trust,
    "state": MemoryState,
    "speaker": Role,
    "created": time_of,
    "said_on": time_of,
    "valid_from": maybe_time_of,
    "valid_to": maybe_time_of,
    "last_used": maybe_time_of,
    "pinned": bool,
    "sources": lambda pairs: tuple(Source(message_id, quote) for message_id, quote in pairs),
}


_MAKERS = tuple(_REAL.get(name) for name in COLUMNS)


def _to_memory(row: Row, sources: tuple[Source, ...]) -> Memory:
    return _of_columns([row[name] for name in COLUMNS], sources)


def _of_columns(values: Sequence[Any], sources: tuple[Source, ...]) -> Memory:
    made = [make(value) if make else value for make, value in zip(_MAKERS, values, strict=True)]
    return Memory(*[*made, sources])


def _sources(database: Database, memory_ids: Sequence[str]) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = defaultdict(list)
    for some in chunks(memory_ids):
        for memory_id, message_id, quote in database.tuples(
            "SELECT memory_id, message_id, quote FROM sources"
            f" WHERE memory_id IN ({marks(some)}) ORDER BY memory_id, position",
            some,
        ):
            found[memory_id].append(Source(message_id, quote))
    return found
