"""Embedding models from a file: their pooling, their prefixes, and what is no such model."""

from pathlib import Path

import numpy as np
import pytest

from app.models import embedders
from app.models.embedding import LlamaEmbedder, file_embedder
from app.models.trial import BUNDLED, PAIRS, Level, try_out
from graphs.errors import ModelError
from personas.errors import NotFoundError
from tests.fakes import tiny_embedder
from tests.fakes.embedder import BagOfWords

TEXTS = ["ana moved to lyon", "the cat is called biscuit", "a"]


def test_prefixes_reach_the_model(tmp_path: Path) -> None:
    file = tiny_embedder.build(tmp_path / "tiny.gguf")
    plain = file_embedder(file, threads=1)
    marked = file_embedder(file, query_prefix="query: ", passage_prefix="passage: ", threads=1)
    for kind, prefix in (("query", "query: "), ("passage", "passage: ")):
        by_hand = plain.embed([prefix + text for text in TEXTS], "passage")
        assert np.allclose(marked.embed(TEXTS, kind), by_hand, atol=1e-5)  # type: ignore[arg-type]
        assert not np.allclose(marked.embed(TEXTS, kind), plain.embed(TEXTS, kind), atol=0.01)  # type: ignore[arg-type]
    plain.close()
    marked.close()


def test_pooling_is_the_files_own(tmp_path: Path) -> None:
    made = [
        file_embedder(tiny_embedder.build(tmp_path / f"tiny-{pooling}.gguf", pooling=pooling), threads=1)
        for pooling in (tiny_embedder.MEAN, tiny_embedder.FIRST)
    ]
    mean, first = (embedder.embed(TEXTS, "passage") for embedder in made)
    assert not np.allclose(mean, first, atol=0.01)
    for vectors in (mean, first):
        assert vectors.shape == (3, 32)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    for embedder in made:
        embedder.close()


def test_other_width_gives_other_dimension(tmp_path: Path) -> None:
    wide = file_embedder(tiny_embedder.build(tmp_path / "wide.gguf", width=64), threads=1)
    assert wide.dimension == 64
    assert wide.embed(TEXTS, "query").shape == (3, 64)
    wide.close()


def test_whatever_gives_other_vectors_gives_another_key(tmp_path: Path) -> None:
    file = tiny_embedder.build(tmp_path / "Tiny Ä.gguf")

    def key(**prefixes: str) -> str:
        return file_embedder(file, **prefixes).key  # type: ignore[arg-type]

    keys = [key(), key(query_prefix="query: "), key(passage_prefix="query: ")]
    tiny_embedder.build(file, seed=8)
    keys.append(key())
    assert len(set(keys)) == 4
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for one in keys)
    tiny_embedder.build(file)
    assert key() == keys[0]


@pytest.mark.parametrize("pooling", [None, tiny_embedder.NONE])
def test_a_model_without_a_vector_for_a_text_is_refused(tmp_path: Path, pooling: int | None) -> None:
    file = tiny_embedder.build(tmp_path / "tiny.gguf", pooling=pooling)
    with pytest.raises(ModelError, match="not made for finding by meaning"):
        file_embedder(file)


def test_a_model_that_means_nothing_is_found_out(tmp_path: Path) -> None:
    tiny = file_embedder(tiny_embedder.build(tmp_path / "tiny.gguf"), threads=1)
    with pytest.raises(ModelError, match="The tiny one cannot tell what belongs together"):
        try_out(tiny, "The tiny one")
    tiny.close()


def test_a_model_that_gives_no_numbers_is_found_out() -> None:
    class Nowhere(BagOfWords):
        def embed(self, texts, kind):  # type: ignore[no-untyped-def]
            return np.full((len(texts), self.dimension), np.nan, dtype=np.float32)

    with pytest.raises(ModelError, match="0 of 8"):
        try_out(Nowhere(), "It")


def test_the_bundled_model_passes_and_is_the_measure(embedder: LlamaEmbedder) -> None:
    level = try_out(embedder, "MiniLM")
    assert (level.strangers, level.kin) == pytest.approx((BUNDLED.strangers, BUNDLED.kin), abs=0.01)


def test_cosines_come_to_the_bundled_scale() -> None:
    """A model whose strangers lie at 0.8 must not find everything near."""
    level = Level(strangers=0.8, kin=0.9)
    assert level(0.8) == pytest.approx(BUNDLED.strangers)
    assert level(0.9) == pytest.approx(BUNDLED.kin)
    assert level(0.85) == pytest.approx((BUNDLED.strangers + BUNDLED.kin) / 2)


def test_questions_and_answers_share_no_telling_word() -> None:
    from graphs.memory.lexis import content_words, stems

    for question, passage in PAIRS:
        assert not stems(content_words(question)) & stems(content_words(passage))


def test_the_list_names_the_bundled_one_first_and_knows_how_to_ask() -> None:
    entries = embedders.entries()
    assert entries[0].is_bundled
    assert all(entry.sources for entry in entries[1:])
    assert all(entry.licence and entry.alone_of_100 for entry in entries)
    e5 = embedders.get("multilingual-e5-small")
    assert (e5.query_prefix, e5.passage_prefix) == ("query: ", "passage: ")
    with pytest.raises(NotFoundError, match=r"Known: all-minilm-l6-v2, "):
        embedders.get("word2vec")
