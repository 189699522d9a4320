"""Copies of the store, taken while it is in use."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.database import CHECK_RIGHTS, Database, create_privately, speaking_plainly
from storage.errors import DataFolderError


def backup(database: Database, target: Path) -> None:
    """Write a whole, consistent copy; a half-written one never bears the target's name.

    Raises DataFolderError.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        create_privately(part)
        try:
            _copy(database, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"No backup could be written to {target}: {error.strerror}.", CHECK_RIGHTS
        ) from error


def _copy(database: Database, path: Path) -> None:
    with speaking_plainly(path), closing(sqlite3.connect(path)) as copy:
        database.connection.conn.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


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
