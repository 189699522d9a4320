from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models import catalogue, memory, minilm
from app.models.none import NoModel
from app.models.owner import OwnableModel
from app.models.select import Machine, canonical, canonical_embedder, entry_of, resolve, resolve_embedder
from app.models.server import ServerChat
from app.models.worker.chat import WorkerChat
from app.settings import EmbedderSettings
from graphs.errors import ModelError
from graphs.ports import Skill
from personas.errors import NotFoundError


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(models=tmp_path, context_tokens=512, memory_bytes=10**10)


@pytest.fixture
def opened() -> Iterator[list[OwnableModel]]:
    models: list[OwnableModel] = []
    yield models
    for model in models:
        model.close()


@pytest.mark.parametrize(
    ("typed", "setting"),
    [
        ("none", "none"),
        (" starter ", "starter"),
        ("catalogue:starter", "starter"),
        ("auto", "auto"),
        ("qwen3-4b", "catalogue:qwen3-4b"),
        ("catalogue:qwen3-4b", "catalogue:qwen3-4b"),
        ("/models/my.gguf", "file:/models/my.gguf"),
        ("/models/my", "file:/models/my"),
        ("file:/models/my.gguf", "file:/models/my.gguf"),
        ("http://127.0.0.1:8080", "server:http://127.0.0.1:8080"),
        ("server:http://127.0.0.1:8080/v1", "server:http://127.0.0.1:8080/v1"),
    ],
)
def test_what_is_typed_becomes_a_setting(typed: str, setting: str) -> None:
    assert canonical(typed) == setting


def test_relative_path_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert canonical("my.gguf") == f"file:{tmp_path / 'my.gguf'}"


@pytest.mark.parametrize("typed", ["gpt-9", "", "catalogue:gpt-9"])
def test_unknown_target_is_told(typed: str) -> None:
    with pytest.raises(NotFoundError, match="starter"):
        canonical(typed)


def test_no_model(machine: Machine) -> None:
    model = resolve("none", machine)
    assert isinstance(model, NoModel)
    assert model.info.skill is Skill.NONE


def test_server(machine: Machine) -> None:
    model = resolve("http://127.0.0.1:1", machine, server_model="llama3:8b")
    assert isinstance(model, ServerChat)
    assert (model.info.name, model.info.context_tokens) == ("llama3:8b", 512)


def test_file(machine: Machine, tiny_file: Path, opened: list[OwnableModel]) -> None:
    opened.append(resolve(str(tiny_file), machine))
    assert isinstance(opened[0], WorkerChat)
    assert (opened[0].info.name, opened[0].info.context_tokens) == ("tiny", 512)


@pytest.mark.skipif(minilm.installed_folder() is None, reason="the starter extra is not installed")
def test_starter_comes_from_the_installation(machine: Machine, opened: list[OwnableModel]) -> None:
    opened.append(resolve("starter", machine))
    assert opened[0].info.name == "SmolLM2 135M Instruct"
    entry = entry_of("auto", machine)
    assert entry is not None
    assert entry.is_starter


def test_model_not_fetched_yet_is_told(machine: Machine) -> None:
    with pytest.raises(ModelError, match=r"has not been fetched yet.*keepsake model get qwen3-4b"):
        resolve("qwen3-4b", machine)


def test_missing_and_damaged_files_are_told(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model file"):
        resolve(str(tmp_path / "gone.gguf"), machine)
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(ModelError, match="not a GGUF"):
        resolve(str(tmp_path / "text.gguf"), machine)


def test_model_too_large_for_the_machine_is_told(tiny_file: Path, tmp_path: Path) -> None:
    small = Machine(models=tmp_path, memory_bytes=100_000)
    with pytest.raises(ModelError, match="of memory, and this machine has"):
        resolve(str(tiny_file), small)


def test_fetched_model_gets_its_title(machine: Machine, tiny_file: Path, opened: list[OwnableModel]) -> None:
    entry = catalogue.get("qwen3-4b")
    (machine.models / entry.file_name).write_bytes(tiny_file.read_bytes())
    opened += [resolve("qwen3-4b", machine), resolve("auto", machine)]
    assert [model.info.name for model in opened] == ["Qwen3 4B Instruct 2507"] * 2


def test_embedder_is_chosen_by_setting(tmp_path: Path, tiny_file: Path) -> None:
    assert resolve_embedder(EmbedderSettings(), tmp_path).key == "minilm-l6-v2-mean"
    with pytest.raises(ModelError, match="not made for finding by meaning"):
        resolve_embedder(EmbedderSettings(source=f"file:{tiny_file}"), tmp_path)
    with pytest.raises(ModelError, match=r"has not been fetched yet.*keepsake model search get bge-m3"):
        resolve_embedder(EmbedderSettings(source="catalogue:bge-m3"), tmp_path)


@pytest.mark.parametrize(
    ("typed", "setting"),
    [
        ("bundled", "bundled"),
        (" all-minilm-l6-v2 ", "bundled"),
        ("bge-m3", "catalogue:bge-m3"),
        ("catalogue:bge-m3", "catalogue:bge-m3"),
        ("/models/my.gguf", "file:/models/my.gguf"),
        ("file:/models/my.gguf", "file:/models/my.gguf"),
    ],
)
def test_a_search_model_that_is_typed_becomes_a_setting(typed: str, setting: str) -> None:
    assert canonical_embedder(typed) == setting


@pytest.mark.parametrize("typed", ["gpt-9", "", "catalogue:gpt-9"])
def test_an_unknown_search_model_is_told(typed: str) -> None:
    with pytest.raises(NotFoundError, match="bge-m3"):
        canonical_embedder(typed)


def test_memory_of_this_machine_is_known() -> None:
    assert (memory.total_bytes() or 0) > 100_000_000
