"""Install Keepsake into the virtual environment that runs this: `install.py program` or `install.py dev`.

Standard library only, since nothing else is there yet.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from importlib import metadata
from pathlib import Path

LOG = Path(sys.prefix) / "install.log"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
LOCKED = ["--require-hashes", "--no-deps", "--no-build-isolation", "-v", "-r"]
COMPILERS = ("c++", "g++", "clang++")
NO_COMPILER = """\
No C++ compiler was found ({names}). llama.cpp, which runs the language model, is compiled for
your own machine, so that it uses all that your processor can do.
  Debian, Ubuntu: sudo apt install build-essential
  Fedora:         sudo dnf install gcc-c++
  Mac:            xcode-select --install"""
TAIL = 25


def main(what: str) -> None:
    """Install `what`, saying what happens and how far it is."""
    LOG.write_text("")
    if what == "dev":
        install("The tools for tests", "requirements-dev.lock")
        return
    needs_compiler = locked("llama-cpp-python") != installed("llama-cpp-python")
    if needs_compiler and not os.environ.get("CXX") and not any(map(shutil.which, COMPILERS)):
        sys.exit(NO_COMPILER.format(names=", ".join(COMPILERS)))
    install("What it is built with", "requirements-build.lock")
    if needs_compiler:
        print("Next come about 140 packages (some 400 MB), then llama.cpp is compiled for this machine:")
        print("three to fifteen minutes, once. The details go to", LOG)
    install("What it runs on", "requirements.lock")
    run("Keepsake itself", ["--no-deps", "--no-build-isolation", "-v", "-e", "."])


def install(title: str, lock: str) -> None:
    """Install exactly what a lock file names."""
    run(title, [*LOCKED, lock])


def run(title: str, arguments: list[str]) -> None:
    """Run pip with one line of progress; its whole output goes to the log."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # With it set, llama.cpp would be compiled for any processor instead of this one.
    environment.pop("SOURCE_DATE_EPOCH", None)
    last: deque[str] = deque(maxlen=TAIL)
    progress = Progress(title)
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [*PIP, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            last.append(line)
            progress.read(line)
    progress.end("done" if process.returncode == 0 else "failed")
    if process.returncode:
        print("".join(last), end="", file=sys.stderr)
        sys.exit(f"{title}: this did not work. The whole story is in {LOG}; the next try goes on from here.")


class Progress:
    """Turns pip's output into one line that changes on a terminal, and a line now and then elsewhere."""

    EVERY = 20

    def __init__(self, title: str) -> None:
        self.title = title
        self.live = sys.stdout.isatty()
        self.packages = 0
        self.shown = ("", -1)

    def read(self, line: str) -> None:
        """Take one line of pip's output."""
        if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            self.packages += 1
            self.show("packages", self.packages, f"package {self.packages}, {found[1]}")
        elif found := re.match(r"\s*\[(\d+)/(\d+)\] ", line):
            percent = int(found[1]) * 100 // int(found[2])
            self.show("compiling", percent, f"compiling llama.cpp, {percent} %")
        elif line.startswith("Installing collected packages"):
            self.show("unpacking", 0, "unpacking")

    def show(self, phase: str, count: int, words: str) -> None:
        """Say how far it is, where that is news."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{f'{self.title}: {words}'[:width]}", end="", flush=True)
        elif (phase, count // self.EVERY) != self.shown:
            print(f"{self.title}: {words}", flush=True)
        self.shown = (phase, count // self.EVERY)

    def end(self, words: str) -> None:
        """Say how it ended, for good."""
        print(f"\r\033[K{self.title}: {words}" if self.live else f"{self.title}: {words}", flush=True)


def locked(name: str) -> str:
    """The version of a package in the lock."""
    found = re.search(rf"^{name}==([^\s;]+)", Path("requirements.lock").read_text(), re.MULTILINE)
    return found[1] if found else ""


def installed(name: str) -> str:
    """The version of a package in the environment; empty where it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next try goes on from here.")
