import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import logs
from app.main import run_command
from tests.fakes import tiny_gguf

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def keepsake(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Told]]:
    """Runs a command in this process; what it says of an error must be one line and no traceback."""

    def run(*arguments: str, data: Path = tmp_path / "data") -> Told:
        capfd.readouterr()
        code = run_command([*arguments, "--data", str(data)])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        assert len(err.splitlines()) <= 1, err
        return Told(code, out, err)

    yield run
    logs.tear_down()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.build(tmp_path_factory.mktemp("tiny") / "tiny.gguf", context=2048)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a program in a process of its own, which is killed in the end if it still runs."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, limits: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "KEEPSAKE_HOME": str(tmp_path / "data")},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=limits,  # noqa: PLW1509 - set before the program begins
            )
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
