"""The program as a process: it serves, with commands beside it, ends well, and has everything again."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="ends the program by a signal"),
    pytest.mark.timeout(300),
]


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "KEEPSAKE_HOME": str(data)}


def keepsake(data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The program's address; in the end it is asked to stop, and must do so cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--no-browser", "--model", "none"],
        cwd=ROOT,
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, (line, process.communicate())
        yield found[0]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
    finally:
        process.kill()
        process.communicate()


def ask(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def test_it_serves_with_commands_beside_it_and_finds_everything_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as address:
        health = json.loads(ask(f"{address}/healthz"))
        assert health["model"]["state"] == "none"
        assert b"Keepsake" in ask(address)
        keepsake(data, "memories", "add", "My flatmate Sindre plays the hardanger fiddle.")
        (found,) = json.loads(keepsake(data, "memories", "search", "who plays music at my place", "--json"))
        assert found["parts"]["cosine"] > 0.2, "asked the running one for its index"
        with pytest.raises(AssertionError, match=re.escape(address)):
            keepsake(data, "run", "--no-browser")
    with running(data) as address:
        health = json.loads(ask(f"{address}/healthz"))
        assert health["index"]["counts"]["total"] == 1
    assert list((data / "logs").iterdir())
    assert "Sindre" not in "".join(file.read_text() for file in (data / "logs").iterdir())
