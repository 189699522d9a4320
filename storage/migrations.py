"""The schema's history, oldest step first. A step that has been released is never edited."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage.copies import dated_copy
from storage.errors import DataFolderError, NewerSchemaError
from storage.schema import M001, M002, M003, M004, M005, M006, M007, M008, M009
from storage.trouble import PUT_BACK, speaking_plainly

if TYPE_CHECKING:
    import sqlite_utils
    from sqlite_utils import Migrations

NAME = "keepsake"
STEPS_TABLE = "_sqlite_migrations"


def m001_records(db: "sqlite_utils.Database") -> None:
    """Personas, conversations, memories and all that hangs on them."""
    db.executescript(M001)


def m002_claims(db: "sqlite_utils.Database") -> None:
    """What memories claim in parts, and changes that wait for the person."""
    db.executescript(M002)


def m003_coverage(db: "sqlite_utils.Database") -> None:
    """Which messages have been reflected on."""
    db.executescript(M003)


def m004_learned(db: "sqlite_utils.Database") -> None:
    """What has been learnt, for each persona, about what the person needs."""
    db.executescript(M004)


def m005_persona_memory(db: "sqlite_utils.Database") -> None:
    """How long a persona remembers what goes unused."""
    db.executescript(M005)


def m006_guard(db: "sqlite_utils.Database") -> None:
    """How strict a persona is with what the person did not tell; lessons."""
    db.executescript(M006)


def m007_thoughts(db: "sqlite_utils.Database") -> None:
    """What models thought before they replied."""
    db.executescript(M007)


def m008_files_and_lesson_changes(db: "sqlite_utils.Database") -> None:
    """From which file a memory came; a way back for what a person changes in lessons."""
    db.executescript(M008)


def m009_what_replies_read(db: "sqlite_utils.Database") -> None:
    """How much of a talk the model of a reply was given word for word."""
    db.executescript(M009)


STEPS: tuple[Callable[["sqlite_utils.Database"], None], ...] = (
    m001_records,
    m002_claims,
    m003_coverage,
    m004_learned,
    m005_persona_memory,
    m006_guard,
    m007_thoughts,
    m008_files_and_lesson_changes,
    m009_what_replies_read,
)


def migrations(steps: tuple[Callable[["sqlite_utils.Database"], None], ...] = STEPS) -> "Migrations":
    """The steps as sqlite-utils keeps them."""
    from sqlite_utils import Migrations

    known = Migrations(NAME)
    for step in steps:
        known(name=step.__name__)(step)
    return known


def check_version(path: Path) -> None:
    """Refuse, without touching it, a file that a newer version or another program wrote.

    Raises NewerSchemaError, DataFolderError.
    """
    if path.stat().st_size == 0:
        return
    with (
        speaking_plainly(path),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as reader,
    ):
        tables = {name for (name,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        applied: set[str] = set()
        if STEPS_TABLE in tables:
            found = reader.execute(f"SELECT name FROM {STEPS_TABLE} WHERE migration_set = ?", [NAME])
            applied = {name for (name,) in found}
    if tables - {STEPS_TABLE} and not applied:
        raise DataFolderError(f"{path} belongs to another program: it was left as it is.", PUT_BACK)
    if applied - {step.__name__ for step in STEPS}:
        raise NewerSchemaError(
            f"{path} was written by a newer version of Keepsake: nothing in it was touched.",
            "Install the newest version of Keepsake, then start it again.",
        )


def migrate(
    connection: "sqlite_utils.Database",
    path: Path,
    *,
    backups: Path,
    now: Callable[[], datetime],
    known: "Migrations | None" = None,
) -> None:
    """Apply the steps that are still missing, after a backup where there is something to lose.

    Run it inside a transaction, so that of two processes only one does it.

    Raises DataFolderError.
    """
    known = known or migrations()
    missing = known.pending(connection)
    if missing and known.applied(connection):
        dated_copy(path, backups, f"before-{missing[0].name}", now=now)
    if missing:
        known.apply(connection)
