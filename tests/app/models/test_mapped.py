"""What a loaded model does not need leaves the process, and comes back where it is asked for."""

import mmap
import os
import sys
from pathlib import Path

import pytest

from app.models import mapped

SIZE = 4 * 2**20
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def resident(path: Path) -> int:
    """Bytes of a file that this process has mapped and read."""
    found, total = False, 0
    for line in Path(f"/proc/{os.getpid()}/smaps").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if "-" in name and " " in name:
            found = line.endswith(str(path))
        elif name == "Rss" and found:
            total += 1024 * int(rest.split()[0])
    return total


def test_pages_are_let_go_of_and_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "a model (1).gguf"
    file.write_bytes(bytes(range(256)) * (SIZE // 256))
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        before = sum(data[::4096])
        assert resident(file) == SIZE
        assert mapped.let_go(file) == SIZE
        assert resident(file) == 0
        assert data[257] == 1
        assert sum(data[::4096]) == before


def test_what_could_have_been_written_to_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(bytes(SIZE))
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as data:
        data[5] = 7
        assert mapped.let_go(file) == 0
        assert data[5] == 7
