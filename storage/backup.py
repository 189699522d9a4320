"""Backups of the store, taken while it is in use."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage.copies import copy_to, dated_copy
from storage.database import Database


def backup(database: Database, target: Path) -> None:
    """Write a whole, consistent copy; a half-written one never bears the target's name.

    Raises DataFolderError.
    """
    copy_to(database.path, target)


def dated_backup(
    database: Database, folder: Path, kind: str, *, now: Callable[[], datetime], keep: int = 7
) -> Path:
    """A copy named by its kind and time; only the newest `keep` of the kind stay.

    Raises DataFolderError.
    """
    return dated_copy(database.path, folder, kind, now=now, keep=keep)
