"""A data folder that cannot be used, is full, is somebody else's, or is in use."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.instance import InstanceLock
from tests.faults.conftest import Told

Keepsake = Callable[..., Told]
posix = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX systems")


def test_a_folder_that_cannot_be_made_is_named(keepsake: Keepsake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = keepsake("personas", data=tmp_path / "file" / "data")
    assert told.code == 1
    assert str(tmp_path / "file" / "data") in told.err
    assert "--data" in told.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(keepsake: Keepsake, tmp_path: Path) -> None:
    keepsake("memories", "add", "Ida keeps hives.")
    data = tmp_path / "data"
    for path in (data, *data.iterdir()):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        told = keepsake("memories", "add", "Ida keeps bees.")
    finally:
        for path in (data, *data.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
    assert told.code == 1
    assert "cannot be written to" in told.err
    assert "Ida keeps hives." in keepsake("memories", "list").out


@posix
def test_a_full_disk_keeps_what_was_there_and_writes_an_import_whole_or_not_at_all(
    keepsake: Keepsake, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    import resource

    assert keepsake("memories", "add", "Ida keeps hives.").code == 0
    talk = tmp_path / "talk.jsonl"
    line = {"role": "user", "time": "2026-04-20T18:00:00Z"}
    talk.write_text(
        "\n".join(json.dumps(line | {"text": f"line {n} " + "word " * 200}) for n in range(2_000))
    )

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    process = start("-m", "app", "import", str(talk), limits=small_files_only)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, (out, err)
    assert len(err.splitlines()) == 1
    assert "what was stored before is kept" in err
    assert keepsake("memories", "list").out.count("\n") == 3
    assert keepsake("import", str(talk)).code == 0


def test_a_store_of_a_newer_version_is_left_as_it_is(keepsake: Keepsake, tmp_path: Path) -> None:
    keepsake("memories", "add", "Ida keeps hives.")
    store = tmp_path / "data" / "keepsake.db"
    with sqlite3.connect(store) as database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('keepsake', 'm999_new', 'now')"
        )
    database.close()
    before = store.read_bytes()
    for command in (["memories", "add", "x"], ["run", "--no-browser"], ["export"]):
        told = keepsake(*command)
        assert told.code == 1
        assert "newer" in told.err
    assert store.read_bytes() == before


def test_a_damaged_store_is_told_and_left_as_it_is(keepsake: Keepsake, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "keepsake.db").write_bytes(b"this is no database" * 100)
    told = keepsake("memories", "list")
    assert told.code == 1
    assert "keepsake.db" in told.err
    assert (data / "keepsake.db").read_bytes() == b"this is no database" * 100


def test_a_second_run_on_a_folder_says_where_the_first_one_serves(keepsake: Keepsake, tmp_path: Path) -> None:
    keepsake("personas")
    first = InstanceLock(tmp_path / "data" / "instance.lock")
    assert first.acquire("run")
    first.announce("http://127.0.0.1:7870")
    told = keepsake("run", "--no-browser")
    first.release()
    assert told.code == 1
    assert "http://127.0.0.1:7870" in told.err


def test_a_command_beside_another_that_serves_nothing_goes_by_words(
    keepsake: Keepsake, tmp_path: Path
) -> None:
    keepsake("memories", "add", "Sindre plays the fiddle.")
    other = InstanceLock(tmp_path / "data" / "instance.lock")
    assert other.acquire("chat")
    found = keepsake("memories", "search", "fiddle", "--json")
    rebuilt = keepsake("reindex")
    other.release()
    assert [row["text"] for row in json.loads(found.out)] == ["Sindre plays the fiddle."]
    assert rebuilt.code == 1
    assert "Another Keepsake" in rebuilt.err
    assert keepsake("reindex").code == 0


def test_a_port_in_use_is_told(keepsake: Keepsake) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = keepsake("run", "--no-browser", "--port", port)
    assert told.code == 1
    assert told.err.startswith(f"Port {port} is not to be had")


def test_beyond_this_machine_a_password_is_needed(
    keepsake: Keepsake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEEPSAKE_PASSWORD", raising=False)
    told = keepsake("run", "--no-browser", "--host", "0.0.0.0")
    assert told.code == 1
    assert "KEEPSAKE_PASSWORD" in told.err


@posix
def test_what_was_said_survives_a_killed_program(
    keepsake: Keepsake, start: Callable[..., subprocess.Popen[str]], tiny_model: Path
) -> None:
    process = start("-m", "app", "chat", "--once", "I keep eleven hives.", "--model", str(tiny_model))
    assert process.stdout is not None
    process.stdout.read(1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rows = [json.loads(line) for line in keepsake("export").out.splitlines()]
    said = [row for row in rows if row.get("kind") == "message" and row["role"] == "user"]
    assert [row["text"] for row in said] == ["I keep eleven hives."]
