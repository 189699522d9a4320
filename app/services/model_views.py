"""What the services give to pages and commands about models: frozen, with every word already made."""

from dataclasses import dataclass
from typing import Literal

ModelStatus = Literal["ready", "idle", "loading", "fetching", "none", "missing", "failed"]
"""`idle`: chosen and there, not loaded yet. `missing`: its file or server is not there."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """Which model answers and how it is."""

    name: str
    state: ModelStatus
    words: str
    """One line for the page: what it is and, where something is wrong, what to do."""
    is_starter: bool = False
    target: str = ""
    """The setting behind it: `starter`, `catalogue:NAME`, `file:PATH`, `server:URL`, `none`."""
    pace_words: str = ""
    """How quick it was when it was tried; empty where it was not."""


@dataclass(frozen=True, slots=True)
class RunningView:
    """How models run on this machine, and what of it can be chosen."""

    thinking: bool
    """Whether a model that can choose thinks before it replies."""
    context_tokens: int
    gpu: bool
    """Whether a graphics card can be used."""
    gpu_layers: int | None
    """How many layers it takes; None for all."""
    build_words: str
    build_fits: bool
    """Whether llama.cpp uses what the processor has."""


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """A model that can be fetched."""

    name: str
    title: str
    words: str
    size: int
    """Bytes to download; 0 where nothing tells."""
    size_words: str
    memory_words: str
    licence: str
    installed: bool
    recommended: bool
    in_use: bool


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a download is."""

    name: str
    words: str
    done: int
    total: int
    finished: bool = False

    @property
    def share(self) -> float:
        """In [0, 1]; 0 while the size is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class SearchModelState:
    """Which model finds memories by meaning, and the change to another where one is under way."""

    name: str
    words: str
    """One line for the page: who finds, how far the change is, and what is wrong."""
    target: str
    """The setting behind the wanted one: `bundled`, `catalogue:NAME`, `file:PATH`."""
    moving: bool = False
    paused: bool = False
    share: float = 0.0
    """How far the change is, in [0, 1]."""
    trouble: bool = False
    """The words say what is wrong."""


@dataclass(frozen=True, slots=True)
class SearchModelLine:
    """A model that finds by meaning and can be had."""

    name: str
    title: str
    words: str
    size_words: str
    memory_words: str
    licence: str
    languages: str
    measured: str
    """What it was measured to bring."""
    installed: bool
    bundled: bool
    in_use: bool
    """It finds memories now."""
    wanted: bool
    """It is chosen, and finds memories now or soon."""
