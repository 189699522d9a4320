"""One process owns a data folder's index: who holds it, and where that one can be asked.

The index must not be opened twice. Whoever needs it takes this lock; `keepsake run` keeps it while it
serves, and says in the lock file where it can be reached, so that a command beside it can ask it.
"""

import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

FAR = 1 << 30
"""Where Windows locks a byte: beyond what is written, so that others may read who holds it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock."""

    pid: int
    command: str
    url: str = ""
    """Where it serves; empty for a command that serves nothing."""
    token: str = ""
    """What a request to it must carry; the file is readable by its owner alone."""


class InstanceLock:
    """The lock of one data folder, freed by the system if the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._holder: Holder | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._file is not None

    @property
    def token(self) -> str:
        """What other processes of the same person show to be answered; empty unless announced."""
        return self._holder.token if self._holder else ""

    def acquire(self, command: str) -> bool:
        """Take it; False where another process has it."""
        if self._file is not None:
            return True
        file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
        if not _lock(file):
            file.close()
            return False
        self._file = file
        self._write(Holder(os.getpid(), command))
        return True

    def announce(self, url: str) -> None:
        """Say where this process serves."""
        if self._holder is not None:
            self._write(Holder(self._holder.pid, self._holder.command, url, secrets.token_urlsafe(32)))

    def holder(self) -> Holder | None:
        """Who wrote the lock file last; only of meaning while it is held."""
        try:
            return Holder(**json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def release(self) -> None:
        """Give it back."""
        if self._file is None:
            return
        self._file.seek(0)
        self._file.truncate()
        self._file.close()
        self._file = self._holder = None

    def _write(self, holder: Holder) -> None:
        assert self._file is not None
        self._holder = holder
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(holder)))
        self._file.flush()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        file.seek(FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
