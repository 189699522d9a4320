"""How many memories are about to fade, counted in the database."""

from datetime import datetime

from storage.database import Database
from storage.plain import time_text
from storage.records import MemoryState

OVERDUE = """
SELECT count(*) FROM memories WHERE persona_id = :persona_id AND state = :state AND pinned = 0
AND julianday(:at) - julianday(coalesce(last_used, created)) >= :lifetimes * max(strength, 1.0)
"""


def count_fading(database: Database, persona_id: str, at: datetime, lifetimes: float) -> int:
    """Active, unpinned memories that by then have gone unused for so many times their strength in days."""
    named = {
        "persona_id": persona_id,
        "state": MemoryState.ACTIVE,
        "at": time_text(at),
        "lifetimes": lifetimes,
    }
    return database.number(OVERDUE, named)
