"""Copies of the store, taken while it is in use."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage.database import Database, create_privately, speaking_plainly


def backup(database: Database, target: Path) -> None:
    """Write a whole, consistent copy; a half-written one never bears the target's name.

    Raises DataFolderError.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    create_privately(part)
    try:
        with speaking_plainly(target):
            copy = sqlite3.connect(part)
            try:
                database.connection.conn.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def dated_backup(
    database: Database, folder: Path, kind: str, *, now: Callable[[], datetime], keep: int = 7
) -> Path:
    """A copy named by its kind and time; only the newest `keep` of the kind stay.

    Raises DataFolderError.
    """
    target = folder / f"{kind}-{now():%Y%m%dT%H%M%S%f}.db"
    backup(database, target)
    rotate(folder, kind, keep)
    return target


def rotate(folder: Path, kind: str, keep: int) -> None:
    """Remove the oldest copies of a kind beyond the newest `keep`."""
    copies = sorted(folder.glob(f"{kind}-*.db"), reverse=True)
    for old in copies[max(keep, 1) :]:
        old.unlink(missing_ok=True)
