"""Reflection that is killed where it stands goes on later, and ends as if nothing had happened."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from storage.memory_filter import MemoryFilter
from storage.records import Role, Session, SessionState
from tests.fakes.writer import Writer
from tests.graphs.sitting import Sitting
from tests.storage.store import Store, open_store

ROOT = Path(__file__).parents[2]
REFLECTS = """
import os
import signal
import sys
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from tests.fakes.writer import Writer
from tests.graphs.sitting import Sitting
from tests.storage.store import open_store

folder, waits_at, seed, dies_at = Path(sys.argv[1]), *map(int, sys.argv[2:])
asked = stored = 0


def dying(write):
    def then(*given, **named):
        global stored
        stored += 1
        mine, found = stored, write(*given, **named)
        if mine == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return then


def write(note):
    global asked
    asked += 1
    print(asked, flush=True)
    if asked == waits_at:
        sys.stdin.readline()
    return note


store = open_store(folder, seed)
with SqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
    saver.put, saver.put_writes = dying(saver.put), dying(saver.put_writes)
    sitting = Sitting(store, model=Writer(write), checkpointer=saver)
    (session,) = store.sessions.due()
    sitting.reflect(session)
"""
TOLD = (
    "My sister Ana lives in Porto.",
    "I work at the museum on weekdays.",
    "My sister Ana lives in Porto, as I said.",
    "I play the cello on Sundays.",
    "I adopted a grey cat yesterday.",
)
LAST = 4
"""One of the lines is known from the one before it, but each is put to the model."""
NEVER = 99


def told(store: Store) -> Session:
    sitting = Sitting(store)
    conversation = sitting.begin()
    for text in TOLD:
        sitting.say(conversation, text)
        sitting.say(conversation, "I will ask you about the concert on Sunday.", Role.ASSISTANT)
    return sitting.close(conversation)


def goes_on(folder: Path) -> list[dict[str, Any]]:
    """Reflect on what is due to its end, and say what there is then, apart from ids and times."""
    store = open_store(folder, seed=50)
    with SqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
        sitting = Sitting(store, model=Writer(), checkpointer=saver)
        for session in store.sessions.due():
            assert sitting.reflect(session).session.state is SessionState.REFLECTED
        assert saver.conn.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
    found = []
    for memory in store.memories.list("mira", MemoryFilter(order="said_on", limit=-1)):
        fields = dataclasses.asdict(memory)
        gone = {"id", "session_id", "created", "last_used", "said_on", "valid_from", "sources"}
        kept = {name: value for name, value in fields.items() if name not in gone}
        quotes = [source.quote for source in memory.sources]
        actions = [revision.action for revision in store.memories.history(memory.id)]
        found.append(kept | {"quotes": quotes, "actions": actions})
    read = [len(sitting.context().coverage.of_session(one.id).read) for one in _all(store)]
    found.append({"read": read})
    assert len({_batch(store, memory.id) for memory in sitting.made()}) == 1
    store.database.close()
    return found


def _all(store: Store) -> list[Session]:
    return [
        one for talk in store.conversations.list("mira") for one in store.sessions.for_conversation(talk.id)
    ]


def _batch(store: Store, memory_id: str) -> str:
    return store.memories.history(memory_id)[-1].batch_id


def begin(folder: Path, waits_at: int, seed: int, dies_at: int = NEVER) -> "subprocess.Popen[str]":
    """Reflect in a process of its own. Its clock stands still, so that only the seed keeps ids apart."""
    return subprocess.Popen(
        [sys.executable, "-c", REFLECTS, str(folder), str(waits_at), str(seed), str(dies_at)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[dict[str, Any]]:
    store = open_store(tmp_path / "undisturbed")
    told(store)
    store.database.close()
    return goes_on(tmp_path / "undisturbed")


@pytest.mark.parametrize("killed_at", [1, 3, LAST])
def test_killed_while_the_model_writes_it_ends_like_an_undisturbed_run(
    tmp_path: Path, undisturbed: list[dict[str, Any]], killed_at: int
) -> None:
    store = open_store(tmp_path)
    told(store)
    store.database.close()
    with begin(tmp_path, killed_at, 1) as process:
        assert process.stdout
        while int(process.stdout.readline()) < killed_at:
            pass
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert goes_on(tmp_path) == undisturbed


@pytest.mark.parametrize("dies_at", range(13, 17))
def test_killed_between_a_step_and_the_next_it_is_still_one_batch(
    tmp_path: Path, undisturbed: list[dict[str, Any]], dies_at: int
) -> None:
    """A step's outcome, and that it is over, are two writes to the checkpoints."""
    store = open_store(tmp_path)
    told(store)
    store.database.close()
    with begin(tmp_path, NEVER, 1, dies_at) as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert goes_on(tmp_path) == undisturbed


def test_killed_anywhere_and_again_it_ends_like_an_undisturbed_run(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    """The process does not wait, so that each kill falls where it falls: in a commit, or between two."""
    store = open_store(tmp_path)
    told(store)
    store.database.close()
    for seed in range(1, 4):
        with begin(tmp_path, NEVER, seed) as process:
            assert process.stdout
            for _ in range(seed):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
    assert goes_on(tmp_path) == undisturbed
