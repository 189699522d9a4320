"""Which memories are about to fade, told by the database."""

from datetime import datetime

from storage.database import Database
from storage.plain import time_text
from storage.records import MemoryState

FADING = """
FROM memories WHERE persona_id = :persona_id AND state = :state AND pinned = 0
AND NOT (granularity = 'profile' AND last_used IS NOT NULL)
AND julianday(:at) - julianday(coalesce(last_used, created)) >= :lifetimes * max(strength, 1.0)
"""


def count_fading(database: Database, persona_id: str, at: datetime, lifetimes: float) -> int:
    """Active memories that by then have gone unused for so many times their strength in days.

    Those that stay (graphs/memory/forgetting.py) are left out.
    """
    named = {
        "persona_id": persona_id,
        "state": MemoryState.ACTIVE,
        "at": time_text(at),
        "lifetimes": lifetimes,
    }
    return database.number(f"SELECT count(*) {FADING}", named)


def overdue(database: Database, persona_id: str, at: datetime, lifetimes: float, limit: int) -> list[str]:
    """Ids of those memories, at most so many, in no order that matters."""
    named = {
        "persona_id": persona_id,
        "state": MemoryState.ACTIVE,
        "at": time_text(at),
        "lifetimes": lifetimes,
        "limit": limit,
    }
    return [row["id"] for row in database.rows(f"SELECT id {FADING} LIMIT :limit", named)]
