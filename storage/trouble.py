"""What stands between the store and its folder, found out early and told in words for a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DataFolderError

CHECK_RIGHTS = "Check that the folder exists and that you may write to it, or choose another with --data."
PUT_BACK = "Move the file away, or put back a copy from the backups folder."
TROUBLES = (
    (
        "disk is full",
        "could not be written since the disk is full: what was stored before is kept, the last change is not",
        "Free some space on that disk, then try again.",
    ),
    ("readonly database", "cannot be written to: what was stored before is kept", CHECK_RIGHTS),
    ("unable to open database file", "cannot be opened", CHECK_RIGHTS),
    ("disk I/O error", "could not be read or written: what was stored before is kept", CHECK_RIGHTS),
    (
        "database is locked",
        "is in use by another program: the last change was not stored",
        "Close the other program, then try again.",
    ),
    ("not a database", "is not a Keepsake store: it was left as it is", PUT_BACK),
    ("malformed", "is damaged: it was left as it is", PUT_BACK),
)
"""What SQLite says, what that means, what to do."""


def create_privately(path: Path) -> None:
    """Make the folder and an empty file that only their owner can read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise DataFolderError(f"{path} cannot be written to: {error.strerror}.", CHECK_RIGHTS) from error


@contextmanager
def speaking_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the folder into an error for a person."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        for words, meaning, hint in TROUBLES:
            if words in str(error):
                raise DataFolderError(f"{path} {meaning}.", hint) from error
        raise
