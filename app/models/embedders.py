"""The short list of models that find memories by meaning.

Sizes and hashes stand here where several projects pin the same file by them; the others are read from the
hub's own metadata while the file is fetched. Conversions differ: of multilingual-e5-small three are about
that llama.cpp refuses, or that run and find nothing, so every model is tried before it is used (trial.py).
"""

import functools
import json
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.models import minilm
from app.models.catalogue import Entry
from personas.errors import NotFoundError

BUNDLED = "all-minilm-l6-v2"
Of100 = Annotated[int, Field(ge=0, le=100)]


class EmbedderEntry(Entry):
    """A model that finds memories by meaning, and how it wants to be asked."""

    languages: str
    query_prefix: str = ""
    passage_prefix: str = ""
    alone_of_100: Of100 | None = None
    """Recall@10 of LoCoMo's evidence by this model alone, in percent; read elsewhere (METHODS)."""
    with_words_of_100: Of100 | None = None
    """The same together with the search by words, on five of its conversations; measured here."""

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with the installation."""
        return self.name == BUNDLED

    def path(self, models: Path) -> Path | None:
        """Where it lies on this machine; the bundled one may have to be converted first."""
        if not self.is_bundled:
            return super().path(models)
        converted, package = models / minilm.FILE_NAME, minilm.installed_folder()
        if converted.is_file():
            return converted
        return package / minilm.WEIGHTS if package and (package / minilm.WEIGHTS).is_file() else None


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    models: tuple[EmbedderEntry, ...]


@functools.cache
def entries() -> tuple[EmbedderEntry, ...]:
    """All models of the list, smallest first."""
    text = resources.files("app.models").joinpath("embedders.json").read_text(encoding="utf-8")
    return _List.model_validate(json.loads(text)).models


def find(name: str) -> EmbedderEntry | None:
    """The entry of this name."""
    return next((entry for entry in entries() if entry.name == name), None)


def get(name: str) -> EmbedderEntry:
    """The entry of this name.

    Raises NotFoundError.
    """
    entry = find(name)
    if entry is None:
        known = ", ".join(one.name for one in entries())
        raise NotFoundError(f"There is no search model called {name}.", f"Known: {known}.")
    return entry
