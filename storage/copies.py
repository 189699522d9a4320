"""Copies of a database, taken while it is in use."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.errors import DataFolderError
from storage.trouble import CHECK_RIGHTS, create_privately, speaking_plainly


def copy_to(source: Path, target: Path) -> None:
    """Write a whole, consistent copy; a half-written one never bears the target's name.

    Raises DataFolderError.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        create_privately(part)
        try:
            _copy(source, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"No backup could be written to {target}: {error.strerror}.", CHECK_RIGHTS
        ) from error


def dated_copy(source: Path, folder: Path, kind: str, *, now: Callable[[], datetime], keep: int = 7) -> Path:
    """A copy named by its kind and time; only the newest `keep` of the kind stay.

    Raises DataFolderError.
    """
    target = folder / f"{kind}-{now():%Y%m%dT%H%M%S%f}.db"
    copy_to(source, target)
    for old in sorted(folder.glob(f"{kind}-*.db"), reverse=True)[max(keep, 1) :]:
        old.unlink(missing_ok=True)
    return target


def _copy(source: Path, target: Path) -> None:
    """Through a connection of its own, since one in the midst of a transaction cannot be copied from."""
    with (
        speaking_plainly(target),
        closing(sqlite3.connect(source)) as reader,
        closing(sqlite3.connect(target)) as copy,
    ):
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
