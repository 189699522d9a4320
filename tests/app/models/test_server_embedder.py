"""Vectors from a server: in order, of length one, in parts that it takes, and its faults in words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app.models.select import canonical_embedder, completed, resolve_embedder
from app.models.server_embedder import AT_ONCE, MOST_CHARACTERS, ServerEmbedder, ServerSpec, found_out
from app.settings import EmbedderSettings
from graphs.errors import ModelError
from tests.fakes.embedder import BagOfWords
from tests.fakes.openai_server import OpenAIServer, embeddings

WORDS = BagOfWords()


def by_words(texts: list[str]) -> tuple[int, Any]:
    return embeddings(7 * WORDS.embed(texts, "passage"))


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.vectors = by_words
        yield running


def embedder(server: OpenAIServer, **how: Any) -> ServerEmbedder:
    return ServerEmbedder(ServerSpec(server.url, "bag", WORDS.dimension, **how))


def test_vectors_come_in_order_and_of_length_one(server: OpenAIServer) -> None:
    texts = [f"ana has {number} cats" for number in range(AT_ONCE + 5)]
    vectors = embedder(server).embed(texts, "passage")
    assert np.allclose(vectors, WORDS.embed(texts, "passage"), atol=1e-5)
    assert [len(asked["input"]) for asked in server.embedded] == [AT_ONCE, 5]
    assert server.embedded[0]["model"] == "bag"


def test_empty_texts_are_not_sent_and_give_zero_vectors(server: OpenAIServer) -> None:
    vectors = embedder(server).embed(["", "Ana", " \n"], "query")
    assert [bool(row.any()) for row in vectors] == [False, True, False]
    assert server.embedded[0]["input"] == ["Ana"]
    assert embedder(server).embed([], "query").shape == (0, WORDS.dimension)
    assert len(server.embedded) == 1


def test_prefixes_key_and_cut_reach_the_server(server: OpenAIServer) -> None:
    made = embedder(server, api_key="secret", query_prefix="query: ", passage_prefix="passage: ")
    made.embed(["ana"], "query")
    made.embed(["word " * 1000], "passage")
    assert server.embedded[0]["input"] == ["query: ana"]
    assert len(server.embedded[1]["input"][0]) == MOST_CHARACTERS + len("passage: ")
    assert server.keys == ["Bearer secret"] * 2


def test_what_is_too_much_for_the_server_goes_in_smaller_parts(server: OpenAIServer) -> None:
    def small(texts: list[str]) -> tuple[int, Any]:
        if len(texts) > 3 or max(map(len, texts)) > 900:
            return 413, {"error": {"message": "too large"}}
        return by_words(texts)

    server.vectors = small
    texts = [f"ana has {number} cats" for number in range(10)]
    vectors = embedder(server).embed(texts, "passage")
    assert np.allclose(vectors, WORDS.embed(texts, "passage"), atol=1e-5)
    assert embedder(server).embed(["word " * 300], "passage").any()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"error": {"message": "bad key"}}), "wants a key"),
        ((404, {"error": "model not found"}), "model not found"),
        ((500, {"error": {"message": "out of memory"}}), "out of memory"),
        ((400, {"error": {"message": "no such thing"}}), "no such thing"),
        ((200, {"data": []}), "no OpenAI-compatible server"),
        ((200, b"<html>"), "no OpenAI-compatible server"),
        ((200, {"data": [{"index": 4, "embedding": [1.0]}]}), "no OpenAI-compatible server"),
        ((200, {"data": [{"index": 0, "embedding": None}]}), "no OpenAI-compatible server"),
        ((200, {"data": [{"index": 0, "embedding": [0.0] * 256}]}), "mean nothing"),
        ((200, {"data": [{"index": 0, "embedding": [1.0, 2.0]}]}), "vectors of 2 numbers"),
    ],
)
def test_faults_are_told_in_words(server: OpenAIServer, answer: tuple[int, Any], said: str) -> None:
    server.vectors = lambda _texts: answer
    made = ServerEmbedder(ServerSpec(server.url, "bag", 256))
    with pytest.raises(ModelError, match=said):
        made.embed(["ana"], "query")


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(server: OpenAIServer) -> None:
    time = [0.0]
    with OpenAIServer() as gone:
        url = gone.url
    made = ServerEmbedder(ServerSpec(url, "bag", WORDS.dimension), now=lambda: time[0])
    for _ in range(2):
        with pytest.raises(ModelError, match="No model server answers"):
            made.embed(["ana"], "query")
    made._base = f"{server.url}/v1"
    with pytest.raises(ModelError):
        made.embed(["ana"], "query")
    assert not server.embedded
    time[0] = 60.0
    assert made.embed(["ana"], "query").any()


def test_model_and_length_are_found_out(server: OpenAIServer) -> None:
    server.models = ["llama3:8b", "nomic-embed-text:latest"]
    found = found_out(ServerSpec(server.url, "", 0))
    assert (found.model, found.dimension) == ("nomic-embed-text:latest", WORDS.dimension)
    assert found_out(ServerSpec(server.url, "mine", 0)).model == "mine"
    server.models = []
    with pytest.raises(ModelError, match="offers no model"):
        found_out(ServerSpec(server.url, "", 0))
    server.vectors = None
    with pytest.raises(ModelError, match="refused"):
        found_out(ServerSpec(server.url, "llama3:8b", 0))


def test_the_key_of_an_index_names_the_model_and_not_the_address() -> None:
    def key(**how: Any) -> str:
        return ServerSpec(**{"url": "http://a", "model": "M 1", "dimension": 3, **how}).key

    assert key() == key(url="http://b", api_key="other")
    keys = {key(), key(model="M 2"), key(dimension=4), key(query_prefix="q: "), key(passage_prefix="q: ")}
    assert len(keys) == 5
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for one in keys)


def test_a_setting_leads_to_a_server(server: OpenAIServer, tmp_path: Any) -> None:
    source = canonical_embedder(server.url)
    assert source == f"server:{server.url}"
    wanted = completed(EmbedderSettings(source=source))
    assert (wanted.server_model, wanted.dimension) == ("tiny-1.5b", WORDS.dimension)
    asked = len(server.embedded)
    made = resolve_embedder(wanted, tmp_path)
    assert (made.key, made.dimension) == (resolve_embedder(wanted, tmp_path).key, WORDS.dimension)
    assert len(server.embedded) == asked
    by_hand = resolve_embedder(EmbedderSettings(source=source), tmp_path)
    assert by_hand.dimension == WORDS.dimension
