"""The store's upkeep: letting unused memories fade, and copying the store every day."""

import logging
from datetime import timedelta
from pathlib import Path

from app.services.stores import Stores
from graphs.memory.forgetting import fades_at, last_touched
from storage.backup import dated_backup
from storage.memory_filter import MemoryFilter
from storage.records import Author, MemoryState

DAILY = "daily"
A_DAY = timedelta(days=1)
log = logging.getLogger(__name__)


class Upkeep:
    """What is done once a day."""

    def __init__(self, stores: Stores, backups: Path, keep: int) -> None:
        self._stores = stores
        self._backups = backups
        self._keep = keep

    def let_fade(self) -> int:
        """Take memories that have gone unused for too long out of recall, and say how many."""
        now, faded = self._stores.clock.now(), 0
        weakest_first = MemoryFilter(
            states=(MemoryState.ACTIVE,), pinned=False, order="strength", descending=False, limit=200
        )
        for persona in self._stores.personas.list():
            while due := [
                memory
                for memory in self._stores.memories.list(persona.id, weakest_first)
                if (at := fades_at(last_touched(memory), memory.strength)) is not None and at <= now
            ]:
                batch_id = self._stores.ids()
                for memory in due:
                    self._stores.memories.change(
                        memory.id, Author.DECAY, "fade", batch_id=batch_id, state=MemoryState.FADED
                    )
                faded += len(due)
        if faded:
            log.info("%d memories faded", faded)
        return faded

    def back_up_daily(self) -> Path | None:
        """Copy the store, unless that was done within the last day."""
        now = self._stores.clock.now()
        newest = max(self._backups.glob(f"{DAILY}-*.db"), default=None)
        if newest is not None and newest.stem >= f"{DAILY}-{now - A_DAY:%Y%m%dT%H%M%S%f}":
            return None
        return dated_backup(
            self._stores.database, self._backups, DAILY, now=self._stores.clock.now, keep=self._keep
        )
