"""The store's upkeep: letting unused memories fade, and copying the store every day."""

import logging
from datetime import timedelta
from pathlib import Path

from app.services.stores import Stores
from graphs.decay import fade_due
from graphs.memory.forgetting import lasting
from storage.backup import dated_backup

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
        stores = self._stores
        faded = sum(
            fade_due(
                stores.database,
                stores.memories,
                persona.id,
                now=stores.clock.now(),
                ids=stores.ids,
                lasting=lasting(persona),
            )
            for persona in stores.personas.list()
        )
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
