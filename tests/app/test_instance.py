import stat
import subprocess
import sys
from pathlib import Path

from app.instance import InstanceLock

HOLD = """
import sys
from pathlib import Path
from app.instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print(lock.acquire("run"), flush=True)
lock.announce("http://127.0.0.1:7860")
print("announced", flush=True)
sys.stdin.read()
"""


def test_the_second_one_learns_who_has_the_folder_and_gets_it_when_that_one_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert other.stdout.readline() == "announced\n"
        lock = InstanceLock(path)
        assert not lock.acquire("search")
        holder = lock.holder()
        assert holder is not None
        assert (holder.pid, holder.command, holder.url) == (other.pid, "run", "http://127.0.0.1:7860")
        assert len(holder.token) > 20
        other.kill()
        other.wait()
        assert lock.acquire("search")
        lock.release()


def test_the_lock_file_with_its_token_is_for_its_owner_alone(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "lock")
    assert lock.acquire("run")
    lock.announce("http://127.0.0.1:1")
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    lock.release()
    assert InstanceLock(tmp_path / "lock").holder() is None


def test_taking_it_twice_is_taking_it_once(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "lock")
    assert lock.acquire("run")
    assert lock.acquire("run")
    lock.release()
    assert not lock.held
