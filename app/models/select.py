"""From a setting, or what a person typed, to a model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.models import catalogue, embedders, memory, minilm
from app.models.catalogue import Entry
from app.models.embedders import EmbedderEntry
from app.models.embedding import MINILM, file_spec
from app.models.engine import SIDE_TOKENS
from app.models.gguf_file import read_info
from app.models.llama import DEFAULT_CONTEXT
from app.models.none import NoModel
from app.models.owner import OwnableModel
from app.models.worker.chat import WorkerChat
from app.models.worker.embed import WorkerEmbedder
from app.settings import EmbedderSettings
from graphs.errors import ModelError
from personas.errors import NotFoundError

if TYPE_CHECKING:
    from app.models.server_embedder import ServerEmbedder, ServerSpec

    FileOrServer = WorkerEmbedder | ServerEmbedder

AUTO, NONE, BUNDLED = "auto", "none", "bundled"
_CATALOGUE, _FILE, _SERVER = "catalogue:", "file:", "server:"
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model gets to work with."""

    models: Path
    context_tokens: int = DEFAULT_CONTEXT
    threads: int | None = None
    """None: as many as are good."""
    states: Path | None = None
    """Where a model keeps what it has read; None keeps nothing."""
    thinking: bool = False
    """Whether a model that can choose thinks before it replies."""
    gpu_layers: int = -1
    """How many layers go to the graphics card, where llama.cpp knows one; -1 for all."""
    memory_bytes: int | None = None
    """None: all that the machine has."""


def canonical(target: str) -> str:
    """The setting for what a person typed: NAME, PATH, URL, `none`, `starter`, `auto`, or a setting itself.

    Raises NotFoundError where it is nothing of that kind.
    """
    text = target.strip()
    if text.startswith(_CATALOGUE):
        return canonical(catalogue.get(text.removeprefix(_CATALOGUE)).name)
    if text in {AUTO, NONE, catalogue.STARTER} or text.startswith((_FILE, _SERVER)):
        return text
    if text.startswith(("http://", "https://")):
        return _SERVER + text
    if catalogue.find(text):
        return _CATALOGUE + text
    if file := _as_file(text):
        return file
    known = ", ".join(entry.name for entry in catalogue.entries())
    raise NotFoundError(
        f"{text or 'An empty name'} is no known model, no GGUF file and no address.",
        f"Known: {known}. Or give a path, a URL, or none.",
    )


def entry_of(source: str, machine: Machine) -> Entry | None:
    """The catalogue's entry behind a setting; None for files, servers and no model."""
    if source == AUTO:
        return catalogue.best_installed(machine.models, _memory(machine))
    if source == catalogue.STARTER:
        return catalogue.get(source)
    return catalogue.get(source.removeprefix(_CATALOGUE)) if source.startswith(_CATALOGUE) else None


def resolve(source: str, machine: Machine, *, server_model: str = "", api_key: str = "") -> OwnableModel:
    """The model behind a setting, checked but not loaded.

    Raises ModelError where its file is not there, is damaged, or does not fit this machine.
    """
    source = canonical(source)
    if source.startswith(_SERVER):
        from app.models.server import ServerChat

        url = source.removeprefix(_SERVER)
        return ServerChat(
            url,
            model=server_model,
            api_key=api_key,
            context_tokens=machine.context_tokens,
            thinking=machine.thinking,
        )
    if source.startswith(_FILE):
        return _from_file(Path(source.removeprefix(_FILE)), machine)
    entry = entry_of(source, machine)
    if entry is None:
        return NoModel()
    path = entry.path(machine.models)
    if path is None:
        raise ModelError(
            f"{entry.title} has not been fetched yet.",
            f"Fetch it on the model page, or with keepsake model get {entry.name}.",
        )
    return _from_file(path, machine, name=entry.title)


def canonical_embedder(target: str) -> str:
    """The setting for the search model that a person named: NAME, PATH, URL, `bundled`, or a setting itself.

    Raises NotFoundError where it is nothing of that kind.
    """
    text = target.strip()
    if text in {BUNDLED, embedders.BUNDLED, _CATALOGUE + embedders.BUNDLED}:
        return BUNDLED
    if text.startswith(_CATALOGUE):
        return _CATALOGUE + embedders.get(text.removeprefix(_CATALOGUE)).name
    if text.startswith((_FILE, _SERVER)):
        return text
    if text.startswith(("http://", "https://")):
        return _SERVER + text
    if embedders.find(text):
        return _CATALOGUE + text
    path = Path(text).expanduser()
    if (
        text
        and "://" not in text
        and (path.suffix.lower() == ".gguf" or len(path.parts) > 1 or path.is_file())
    ):
        return f"{_FILE}{path.absolute()}"
    known = ", ".join(entry.name for entry in embedders.entries())
    raise NotFoundError(
        f"{text or 'An empty name'} is no known search model, no GGUF file and no address.",
        f"Known: {known}. Or give a path or a URL.",
    )


def embedder_entry(source: str) -> EmbedderEntry | None:
    """The list's entry behind a setting; None for a file or a server."""
    if source == BUNDLED:
        return embedders.get(embedders.BUNDLED)
    return embedders.get(source.removeprefix(_CATALOGUE)) if source.startswith(_CATALOGUE) else None


def resolve_embedder(wanted: EmbedderSettings, models: Path, *, threads: int = 2) -> "FileOrServer":
    """The embedder behind a setting, checked but not loaded.

    Raises ModelError where its file is not there or is none, NotFoundError for a name that is not known.
    """
    source = canonical_embedder(wanted.source)
    if source == BUNDLED:
        return WorkerEmbedder(lambda: minilm.prepare(models), MINILM, threads=threads)
    if source.startswith(_SERVER):
        return _from_server(wanted)
    entry = embedder_entry(source)
    if entry is None:
        path = Path(source.removeprefix(_FILE)).expanduser()
        return _in_worker(path, wanted.query_prefix, wanted.passage_prefix, threads)
    fetched = entry.path(models)
    if fetched is None:
        raise ModelError(
            f"{entry.title} has not been fetched yet.",
            f"Fetch it on the model page, or with keepsake model search get {entry.name}.",
        )
    return _in_worker(fetched, entry.query_prefix, entry.passage_prefix, threads)


def completed(wanted: EmbedderSettings) -> EmbedderSettings:
    """With what has to be asked of a server before its vectors can be kept.

    Raises ModelError where none answers, or its model gives no vectors.
    """
    if not wanted.source.startswith(_SERVER):
        return wanted
    from app.models.server_embedder import found_out

    spec = found_out(_server_spec(wanted))
    return wanted.model_copy(update={"server_model": spec.model, "dimension": spec.dimension})


def _from_server(wanted: EmbedderSettings) -> "ServerEmbedder":
    from app.models.server_embedder import ServerEmbedder

    known = wanted if wanted.dimension and wanted.server_model else completed(wanted)
    return ServerEmbedder(_server_spec(known))


def _server_spec(wanted: EmbedderSettings) -> "ServerSpec":
    from app.models.server_embedder import ServerSpec

    return ServerSpec(
        url=wanted.source.removeprefix(_SERVER),
        model=wanted.server_model,
        dimension=wanted.dimension,
        api_key=wanted.api_key,
        query_prefix=wanted.query_prefix,
        passage_prefix=wanted.passage_prefix,
    )


def _in_worker(path: Path, query_prefix: str, passage_prefix: str, threads: int) -> WorkerEmbedder:
    spec = file_spec(path, query_prefix=query_prefix, passage_prefix=passage_prefix)
    return WorkerEmbedder(lambda: path, spec, threads=threads)


def _as_file(text: str) -> str:
    """The setting for a path; empty where it does not look like one."""
    path = Path(text).expanduser()
    looks = bool(text) and (path.suffix.lower() == ".gguf" or len(path.parts) > 1 or path.is_file())
    return f"{_FILE}{path.absolute()}" if looks else ""


def _from_file(path: Path, machine: Machine, name: str = "") -> WorkerChat:
    info = read_info(path)
    context = min(machine.context_tokens, info.context_tokens)
    needed, there = info.memory_bytes(context + SIDE_TOKENS), _memory(machine)
    if there is not None and needed > there:
        raise ModelError(
            f"{name or path.name} needs about {needed / _GB:.1f} GB of memory, and this machine has "
            f"{there / _GB:.1f} GB.",
            "Choose a smaller model, or a shorter context.",
        )
    return WorkerChat(
        path,
        name=name,
        context_tokens=context,
        threads=machine.threads,
        states=machine.states,
        thinking=machine.thinking,
        gpu_layers=machine.gpu_layers,
    )


def _memory(machine: Machine) -> int | None:
    return machine.memory_bytes if machine.memory_bytes is not None else memory.total_bytes()
