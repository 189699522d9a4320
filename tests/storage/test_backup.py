import sqlite3
import stat
from pathlib import Path

import pytest

from storage.backup import backup, dated_backup
from storage.errors import DataFolderError
from tests.storage.store import Store, open_store


def titles(path: Path) -> list[str]:
    with sqlite3.connect(path) as reader:
        found = [title for (title,) in reader.execute("SELECT title FROM conversations")]
    reader.close()
    return found


def test_a_backup_holds_what_was_committed_even_if_only_in_the_log(store: Store, tmp_path: Path) -> None:
    store.conversation(title="kept")
    target = tmp_path / "copies" / "copy.db"
    backup(store.database, target)
    assert titles(target) == ["kept"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]


def test_a_backup_can_be_opened_as_a_store(store: Store, tmp_path: Path) -> None:
    store.conversation(title="kept")
    backup(store.database, tmp_path / "elsewhere" / "keepsake.db")
    again = open_store(tmp_path / "elsewhere")
    assert [talk.title for talk in again.conversations.list("mira")] == ["kept"]
    again.database.close()


def test_only_the_newest_of_a_kind_stay(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for n in range(5):
        store.conversation(title=str(n))
        store.clock.advance(days=1)
        dated_backup(store.database, folder, "daily", now=store.clock.now, keep=2)
    dated_backup(store.database, folder, "before-m002", now=store.clock.now, keep=2)
    kinds = sorted(path.name.split("-2")[0] for path in folder.iterdir())
    assert kinds == ["before-m002", "daily", "daily"]
    assert len(titles(max(folder.glob("daily-*")))) == 5


def test_a_failed_backup_says_so_and_keeps_the_one_before(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup(store.database, target)
    before = target.read_bytes()
    (tmp_path / "copy.db.part").mkdir()
    with pytest.raises(DataFolderError, match="No backup"):
        backup(store.database, target)
    assert target.read_bytes() == before
