"""What a person typed is never lost, not even when the program is killed in mid-write."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.store import open_store

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from tests.storage.store import open_store

store = open_store(Path(sys.argv[1]))
talk = store.conversation()
n = 0
while True:
    said = store.say(talk.id, f"message {n}")
    store.remember(f"memory {n}", said)
    print(f"message {n}", flush=True)
    n += 1
"""


@pytest.mark.parametrize("acknowledged", [1, 120])
def test_every_acknowledged_message_survives_a_kill(tmp_path: Path, acknowledged: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as writer:
        assert writer.stdout
        heard = [writer.stdout.readline().strip() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        heard += [line.strip() for line in writer.stdout]
    assert writer.returncode == -signal.SIGKILL

    store = open_store(tmp_path)
    assert store.database.row("PRAGMA integrity_check") == {"integrity_check": "ok"}
    (talk,) = store.conversations.list("mira")
    kept = [message.text for message in store.messages.path(talk.id)]
    assert kept[: len(heard)] == heard
    remembered = {memory.text for memory in store.memories.get_many(store.memories.ids("mira"))}
    assert remembered >= {text.replace("message", "memory") for text in heard}
    assert {entry.memory_id for entry in store.outbox.pending(10_000)} == set(store.memories.ids("mira"))
    store.database.close()
