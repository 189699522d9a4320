"""The short list of language models that can be fetched, and which one suits a machine.

Where an entry has no size or hash, nobody here could check them: they are read from the hub's own metadata
while it is fetched. `memory_bytes` is an estimate with a context of 4,096 tokens.
"""

import functools
import json
import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.models.sources import installed
from personas.errors import NotFoundError

STARTER = "starter"
WITHOUT_HUB = "qwen2.5-coder-1.5b"
SMALL_MACHINE, LARGE_MACHINE = "qwen2.5-1.5b", "qwen3-4b"
LARGE_MACHINE_BYTES = 14_000_000_000
"""A machine sold with 16 GB reports somewhat less."""
_COUNTED = re.compile(r"\{(\d+)\.\.(\d+)\}")

FileName = Annotated[str, Field(pattern=r"^[\w][\w.-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HubSource(_Part):
    """A file in a repository of the model hub; the hub itself tells size and hash."""

    kind: Literal["hub"]
    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    file: FileName


class UrlSource(_Part):
    """A file at a plain address."""

    kind: Literal["url"]
    url: Annotated[str, Field(pattern=r"^https?://")]


class PackagesSource(_Part):
    """Parts carried by Python packages, which are read as archives and never installed."""

    kind: Literal["packages"]
    requirements: tuple[str, ...]
    """Pinned; `{1..22}` stands for the numbers from 1 to 22."""
    member: str
    """A pattern for the files in the archives that make up the model, in order of their numbers."""

    def expanded(self) -> list[str]:
        """Each requirement by itself."""
        expanded: list[str] = []
        for requirement in self.requirements:
            counted = _COUNTED.search(requirement)
            numbers: Iterable[int] = range(int(counted[1]), int(counted[2]) + 1) if counted else [0]
            expanded += [_COUNTED.sub(str(number), requirement) for number in numbers]
        return expanded


class InstalledSource(_Part):
    """A file inside an installed package, found without importing it."""

    kind: Literal["installed"]
    package: str
    file: FileName


Source = Annotated[HubSource | UrlSource | PackagesSource | InstalledSource, Field(discriminator="kind")]


class Entry(_Part):
    """A model that can be fetched."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    title: str
    words: str
    licence: str
    billions: float
    """Parameters, as its makers count them."""
    memory_bytes: int
    file_name: FileName
    sources: tuple[Source, ...]
    size_bytes: int | None = None
    sha256: Sha256 | None = None

    @property
    def is_starter(self) -> bool:
        """Whether it is the test model that comes with the installation."""
        return self.name == STARTER

    def path(self, models: Path) -> Path | None:
        """Where it lies on this machine, fetched or installed; None where it does not."""
        fetched = models / self.file_name
        if fetched.is_file():
            return fetched
        for source in self.sources:
            if isinstance(source, InstalledSource):
                found = installed.find(source.package, source.file)
                if found and self.size_bytes in {None, found.stat().st_size}:
                    return found
        return None


class _Catalogue(_Part):
    models: tuple[Entry, ...]


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All models of the list, smallest first."""
    text = resources.files("app.models").joinpath("catalogue.json").read_text(encoding="utf-8")
    return _Catalogue.model_validate(json.loads(text)).models


def find(name: str) -> Entry | None:
    """The entry of this name."""
    return next((entry for entry in entries() if entry.name == name), None)


def get(name: str) -> Entry:
    """The entry of this name.

    Raises NotFoundError.
    """
    entry = find(name)
    if entry is None:
        raise NotFoundError(
            f"There is no model called {name}.", "Known: " + ", ".join(one.name for one in entries()) + "."
        )
    return entry


def default_entry(memory_bytes: int | None, *, hub_reachable: bool) -> Entry:
    """The model that suits a machine; `memory_bytes` is all its memory, None where nobody knows."""
    if not hub_reachable:
        return get(WITHOUT_HUB)
    return get(LARGE_MACHINE if (memory_bytes or 0) >= LARGE_MACHINE_BYTES else SMALL_MACHINE)


def best_installed(models: Path, memory_bytes: int | None) -> Entry | None:
    """The largest model on this machine that fits its memory; the starter where nothing else is there."""
    there = [entry for entry in entries() if entry.path(models)]
    fitting = [entry for entry in there if memory_bytes is None or entry.memory_bytes < memory_bytes]
    return max(fitting, key=lambda entry: entry.billions, default=None)
