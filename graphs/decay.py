"""Takes memories that went unused for too long out of recall. Nothing is deleted."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from graphs.memory.forgetting import FADE_BELOW, lifetime
from storage.database import Database
from storage.fading import overdue
from storage.memories import MemoryRepository
from storage.records import Author, MemoryState

AT_ONCE: Final = 500
"""Memories a transaction, so that nobody who writes waits long."""


def fade_due(
    database: Database,
    memories: MemoryRepository,
    persona_id: str,
    *,
    now: datetime,
    ids: Callable[[], str],
    lasting: float = 1.0,
    threshold: float = FADE_BELOW,
) -> int:
    """Let all memories fade whose retention has fallen to the threshold; say how many.

    Those that stay (forgetting.stays) never do. All of them are one batch, to be undone together. `lasting`:
    how many times as long the persona keeps them.
    """
    batch_id = ids()
    lifetimes = lasting * lifetime(1.0, threshold)
    faded = 0
    while due := overdue(database, persona_id, now, lifetimes, AT_ONCE):
        with database.atomic():
            for memory_id in due:
                memories.change(memory_id, Author.DECAY, "fade", batch_id=batch_id, state=MemoryState.FADED)
        faded += len(due)
    return faded
