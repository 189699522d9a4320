"""Killed in the middle of a change of search models: the old one finds, and the change goes on."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.services.moving import BATCH
from storage.index import VectorIndex
from tests.app.services.finding import Bench, Words
from tests.app.world import open_world

COUNT = 4 * BATCH


def models() -> dict[str, Words]:
    return {"bundled": Words("small"), "file:big": Words("big", 80)}


def die_in_the_middle(folder: Path) -> None:
    """Run by the child: never comes back."""
    import os

    bench = Bench(open_world(folder), models())
    bench.index.open()
    for number in range(COUNT):
        bench.add(f"Memory {number} about the fiddle.")
    bench.index.sync()
    bench.want("file:big")
    big = bench.models["file:big"]

    def die(_texts: object) -> None:
        if len(big.embedded) >= 2 * BATCH:
            os.kill(os.getpid(), signal.SIGKILL)

    big.before_embedding = die
    bench.moving.work()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_a_killed_change_goes_on_at_the_next_start(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.faults import test_moving_killed as test;"
        "test.die_in_the_middle(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    world = open_world(tmp_path)
    bench = Bench(world, models())
    bench.index.open()
    assert bench.finders.serving().key == "small"
    assert bench.nearest("Memory 20 about the fiddle.") == "Memory 20 about the fiddle."
    bench.moving.work()
    assert bench.finders.serving().key == "big"
    read = [text for text in bench.models["file:big"].embedded if text.startswith("Memory")]
    assert len(read) <= COUNT - BATCH
    index = bench.finders.serving().index
    assert isinstance(index, VectorIndex)
    assert index.check("mira", world.stores.memories.ids("mira")).ok
    assert bench.nearest("Memory 20 about the fiddle.") == "Memory 20 about the fiddle."
    bench.finders.close()
    world.close()
