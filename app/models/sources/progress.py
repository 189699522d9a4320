"""What every source tells while it fetches, and how it fails."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graphs.ports import Stop
from personas.errors import SetupError

ROOM_TO_SPARE = 200_000_000
"""Bytes that stay free on the disk."""

Phase = Literal["asking", "fetching", "checking", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a download is."""

    phase: Phase
    done_bytes: int
    total_bytes: int
    """0 while nobody knows."""
    words: str

    @property
    def share(self) -> float:
        """The share done, in [0, 1]; 0 while nobody knows the whole."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source is to fetch."""

    target: Path
    """The unfinished file; what is there already from an earlier try may be gone on with."""
    size_bytes: int | None
    sha256: str | None
    stop: Stop


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source has learned of the file, beyond what the catalogue knows."""

    size_bytes: int | None = None
    sha256: str | None = None
    licence: str = ""
    origin: str = ""


class SourceError(SetupError):
    """This source did not give the file; the next one may."""


class StoppedError(Exception):
    """The person ended it; what came so far is kept."""


def check_room(target: Path, needed_bytes: int) -> None:
    """Raises SetupError where the target's disk has not that much room left, and some to spare."""
    free = shutil.disk_usage(target.parent).free
    if free < needed_bytes + ROOM_TO_SPARE:
        raise SetupError(
            f"The model needs {(needed_bytes + ROOM_TO_SPARE) / 1e9:.1f} GB more on the disk, and "
            f"{free / 1e9:.1f} GB are free.",
            "Free some space and try again; what came so far is kept.",
        )
