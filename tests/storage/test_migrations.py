import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.database import Database
from storage.errors import NewerSchemaError
from storage.migrations import STEPS, migrate, migrations
from tests.fakes.clock import FakeClock
from tests.storage.store import open_store

if TYPE_CHECKING:
    import sqlite_utils


def m999_moods(db: "sqlite_utils.Database") -> None:
    db.execute("CREATE TABLE moods (name TEXT)")


def m999_fails(db: "sqlite_utils.Database") -> None:
    db.execute("CREATE TABLE half (name TEXT)")
    raise RuntimeError("halfway")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    """A store by today's version, with a conversation in it, seen from a later version."""
    store = open_store(tmp_path)
    store.conversation(title="Kept")
    yield store.database
    store.database.close()


def step_up(database: Database, step: object, folder: Path) -> None:
    known = migrations((*STEPS, step))  # type: ignore[arg-type]
    with database.atomic():
        migrate(
            database.connection, database.path, backups=folder / "backups", now=FakeClock().now, known=known
        )


def test_a_new_store_is_made_without_a_backup(tmp_path: Path, old: Database) -> None:
    assert not (tmp_path / "backups").exists()


def test_opening_again_changes_nothing(tmp_path: Path, old: Database) -> None:
    before = old.rows("SELECT * FROM _sqlite_migrations")
    old.close()
    again = open_store(tmp_path).database
    assert again.rows("SELECT * FROM _sqlite_migrations") == before
    again.close()


def test_an_older_store_is_brought_up_to_date_after_a_backup(tmp_path: Path, old: Database) -> None:
    step_up(old, m999_moods, tmp_path)
    assert old.rows("SELECT * FROM moods") == []
    assert [row["title"] for row in old.rows("SELECT title FROM conversations")] == ["Kept"]
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("before-m999_moods-")
    with sqlite3.connect(copy) as reader:
        assert reader.execute("SELECT title FROM conversations").fetchall() == [("Kept",)]
        assert not reader.execute("SELECT 1 FROM sqlite_master WHERE name = 'moods'").fetchall()
    reader.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path, old: Database) -> None:
    with pytest.raises(RuntimeError, match="halfway"):
        step_up(old, m999_fails, tmp_path)
    assert not old.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'")
    step_up(old, m999_moods, tmp_path)
    assert old.rows("SELECT * FROM moods") == []


def test_a_newer_store_is_refused_untouched(tmp_path: Path, old: Database) -> None:
    step_up(old, m999_moods, tmp_path)
    old.checkpoint()
    old.close()
    before, changed = old.path.read_bytes(), old.path.stat().st_mtime_ns
    with pytest.raises(NewerSchemaError, match="newer version") as caught:
        open_store(tmp_path)
    assert "newest version" in caught.value.hint
    assert (old.path.read_bytes(), old.path.stat().st_mtime_ns) == (before, changed)


def test_a_released_steps_schema_never_changes(old: Database) -> None:
    """Edit a released step and stores in the field differ from new ones: add a step instead."""
    tables = {row["name"] for row in old.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = {name for name in tables if not name.startswith(("message_words_", "memory_words_", "sqlite_"))}
    assert ours == {
        "_sqlite_migrations",
        "personas",
        "conversations",
        "sessions",
        "messages",
        "message_words",
        "memories",
        "memory_words",
        "sources",
        "revisions",
        "recalls",
        "outbox",
        "claims",
        "proposals",
        "lessons",
        "lesson_changes",
        "learned",
        "coverage",
        "thoughts",
    }


def test_personas_of_an_older_store_remember_as_before(tmp_path: Path) -> None:
    file = tmp_path / "keepsake.db"
    before = next(place for place, step in enumerate(STEPS) if step.__name__ == "m005_persona_memory")
    old = Database(file)
    with old.atomic():
        migrations(STEPS[:before]).apply(old.connection)
    texts = ", ".join("''" for _ in range(7))
    old.execute(
        f"INSERT INTO personas VALUES ('mira', 1, 'Mira', {texts}, 'short', 0.5, 0, 1, '{{}}')",
    )
    old.close()
    store = open_store(tmp_path)
    assert store.personas.get("mira").remembers == "months"
    store.database.close()
