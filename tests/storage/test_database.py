import gc
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import DataFolderError
from storage.records import Role
from tests.fakes.clock import FakeClock
from tests.storage.store import Store


def open_at(path: Path) -> Database:
    return Database.open(path, backups=path.parent / "backups", now=FakeClock().now)


def begin_and_fail(store: Store) -> None:
    with store.database.atomic():
        store.conversation()
        raise RuntimeError


def test_what_fails_halfway_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        begin_and_fail(store)
    assert store.conversations.list("mira") == []


def test_a_nested_block_fails_alone(store: Store) -> None:
    with store.database.atomic():
        kept = store.conversation()
        with pytest.raises(RuntimeError):
            begin_and_fail(store)
    assert store.conversations.list("mira") == [kept]


def test_many_threads_write_without_loss(store: Store) -> None:
    talk = store.conversation()

    def write(n: int) -> None:
        for i in range(20):
            store.messages.append(talk.id, Role.USER, f"{n}-{i}", parent_id=None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert store.database.number("SELECT count(*) FROM messages") == 160
    assert len({session.id for session in store.sessions.for_conversation(talk.id)}) == 1


def test_a_reader_is_not_held_up_by_a_writer(store: Store) -> None:
    kept = store.conversation()
    with store.database.atomic(), ThreadPoolExecutor(1) as pool:
        store.conversation()
        seen = pool.submit(store.conversations.list, "mira").result(timeout=10)
    assert seen == [kept]


def test_connections_of_ended_threads_are_closed(store: Store) -> None:
    for _ in range(20):
        thread = threading.Thread(target=store.conversation)
        thread.start()
        thread.join()
    assert len(store.database._connections) <= 2


def test_a_closed_store_says_so(store: Store) -> None:
    store.database.close()
    with pytest.raises(sqlite3.ProgrammingError), ThreadPoolExecutor(1) as pool:
        pool.submit(store.conversations.list, "mira").result()


def test_only_the_owner_can_read_the_files(store: Store) -> None:
    store.conversation()
    for path in store.database.path.parent.glob("keepsake.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_loses_only_the_last_change(store: Store) -> None:
    talk = store.conversation()
    kept = store.say(talk.id, "kept")
    pages = store.database.number("PRAGMA page_count")
    store.database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DataFolderError, match="disk is full") as caught:
        store.say(talk.id, "x" * 1_000_000)
    assert "Free some space" in caught.value.hint
    assert store.messages.path(talk.id) == [kept]
    store.database.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    assert store.say(talk.id, "again").text == "again"


def test_a_read_only_store_says_so_and_keeps_what_it_has(store: Store) -> None:
    talk = store.conversation()
    store.database.execute("PRAGMA query_only = ON")
    with pytest.raises(DataFolderError, match="cannot be written to"):
        store.say(talk.id, "hello")
    assert store.conversations.get(talk.id) == talk


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataFolderError) as caught:
        open_at(tmp_path / "file" / "keepsake.db")
    assert "--data" in caught.value.hint


@pytest.mark.parametrize("content", [b"this is a letter, not a store\n" * 200, b"\0" * 5000])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keepsake.db"
    path.write_bytes(content)
    with pytest.raises(DataFolderError, match="not a Keepsake store"):
        open_at(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "keepsake.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(DataFolderError, match="another program"):
        open_at(path)
    assert path.read_bytes() == before


def test_a_folder_name_with_odd_characters_works(tmp_path: Path) -> None:
    path = tmp_path / "Ana's 100% #1? döné" / "keepsake.db"
    open_at(path).close()
    open_at(path).close()
    assert path.exists()


def test_a_damaged_store_says_so_and_is_left_as_it_is(store: Store) -> None:
    talk = store.conversation()
    store.say(talk.id, "hello " * 5000)
    store.database.close()
    path = store.database.path
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(DataFolderError, match="damaged") as caught:
        open_at(path)
    assert "backups" in caught.value.hint
    assert path.read_bytes() == damaged


def test_opening_leaves_no_open_connection_behind_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "keepsake.db"
    path.write_bytes(b"nothing of ours " * 500)
    with pytest.raises(DataFolderError):
        open_at(path)
    gc.collect()
    path.unlink()


OPENER = """
import sys
from pathlib import Path
from tests.storage.store import open_store

sys.stdin.readline()
store = open_store(Path(sys.argv[1]), seed=int(sys.argv[2]))
for n in range(20):
    store.conversation(title=f"{sys.argv[2]}-{n}")
"""


def test_processes_that_open_a_new_store_together_share_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    opened = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(tmp_path), str(n)],
            cwd=root,
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for n in range(2)
    ]
    for process in opened:
        process.communicate("go\n")
    assert [process.returncode for process in opened] == [0, 0]
    database = open_at(tmp_path / "keepsake.db")
    assert database.number("SELECT count(*) FROM conversations") == 40
    database.close()
