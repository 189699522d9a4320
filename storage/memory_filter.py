"""Which memories to list, and in which order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row
from storage.plain import maybe_time_text, time_text
from storage.records import Granularity, MemoryState, Role, Trust
from storage.words import all_of, telling, words_of

Order = Literal["said_on", "strength", "last_used", "text", "relevance"]


@dataclass(frozen=True, slots=True)
class MemoryFilter:
    """What a memory must be to be listed; what is left empty does not matter."""

    query: str = ""
    """Words that it must hold, each perhaps still being typed; those that say little do not count."""
    granularities: tuple[Granularity, ...] = ()
    states: tuple[MemoryState, ...] = ()
    trusts: tuple[Trust, ...] = ()
    speaker: Role | None = None
    pinned: bool | None = None
    since: datetime | None = None
    """Said at this time or later."""
    until: datetime | None = None
    """Said before this time."""
    session_id: str | None = None
    order: Order | None = None
    """`strength`: by how much of it is kept now, pinned ones first. None: by relevance where there is
    a query, else by when it was said."""
    descending: bool = True
    limit: int = 50
    """-1 for all."""
    offset: int = 0


JOINED = "memories m"
JOINED_TO_WORDS = "memory_words CROSS JOIN memories m ON m.seq = memory_words.rowid"
ORDERS = {
    "said_on": ["m.said_on"],
    "strength": [
        "m.pinned",
        "(julianday(coalesce(m.last_used, m.created)) - julianday(:now)) / max(m.strength, 1.0)",
    ],
    "last_used": ["coalesce(m.last_used, m.created)"],
    "text": ["fold(m.text)"],
    "relevance": ["-bm25(memory_words)"],
}
"""Retention falls with t/S whatever the curve (graphs/memory/forgetting.py), so that orders by strength."""


def chosen(persona_id: str, wanted: MemoryFilter) -> tuple[str, Row]:
    """The FROM and WHERE clauses that pick the memories, with their parameters."""
    match = all_of(telling(words_of(wanted.query)))
    named: Row = {"persona_id": persona_id}
    clauses = ["m.persona_id = :persona_id"]
    if match:
        named["match"] = match
        clauses.append("memory_words MATCH :match")
    for column, values in (
        ("granularity", wanted.granularities),
        ("state", wanted.states),
        ("trust", wanted.trusts),
    ):
        if values:
            names = {f"{column}_{i}": value for i, value in enumerate(values)}
            clauses.append(f"m.{column} IN ({', '.join(':' + name for name in names)})")
            named |= names
    for clause, name, value in (
        ("m.speaker = :speaker", "speaker", wanted.speaker),
        ("m.pinned = :pinned", "pinned", None if wanted.pinned is None else int(wanted.pinned)),
        ("m.said_on >= :since", "since", maybe_time_text(wanted.since)),
        ("m.said_on < :until", "until", maybe_time_text(wanted.until)),
        ("m.session_id = :session_id", "session_id", wanted.session_id),
    ):
        if value is not None:
            clauses.append(clause)
            named[name] = value
    return f"FROM {JOINED_TO_WORDS if match else JOINED} WHERE {' AND '.join(clauses)}", named


def ordered(wanted: MemoryFilter, now: datetime) -> tuple[str, Row]:
    """The ORDER BY and LIMIT clauses, with their parameters."""
    searches = bool(words_of(wanted.query))
    order = wanted.order or ("relevance" if searches else "said_on")
    if order == "relevance" and not searches:
        order = "said_on"
    direction = "DESC" if wanted.descending else "ASC"
    keys = ", ".join(f"{key} {direction}" for key in [*ORDERS[order], "m.seq"])
    named: Row = {"now": time_text(now), "limit": wanted.limit, "offset": wanted.offset}
    return f"ORDER BY {keys} LIMIT :limit OFFSET :offset", named
