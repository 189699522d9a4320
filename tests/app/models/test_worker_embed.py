"""An embedding model in a process of its own: the same vectors, and a crash is not the end."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.models.embedding import file_embedder, file_spec
from app.models.worker import embed
from app.models.worker.embed import WorkerEmbedder
from app.models.worker.process import WorkerLostError, WorkerProcess
from app.models.worker.protocol import Message, vectors_in, vectors_out
from graphs.errors import ModelError
from tests.fakes import tiny_embedder

TEXTS = ["ana moved to lyon", "the cat is called biscuit", "", "a"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tiny_embedder.build(tmp_path / "tiny.gguf")


@pytest.fixture
def worker(file: Path) -> Iterator[WorkerEmbedder]:
    made = WorkerEmbedder(lambda: file, file_spec(file, query_prefix="query: "), threads=1)
    yield made
    made.close()


def test_the_vectors_are_those_of_this_process(worker: WorkerEmbedder, file: Path) -> None:
    here = file_embedder(file, query_prefix="query: ", threads=1)
    assert (worker.key, worker.dimension) == (here.key, here.dimension)
    for kind in ("query", "passage"):
        there = worker.embed(TEXTS, kind)
        assert np.array_equal(there, here.embed(TEXTS, kind))
    assert not there[2].any()
    here.close()


def test_empty_texts_start_no_process(worker: WorkerEmbedder) -> None:
    assert worker.embed(["", " \n"], "query").shape == (2, 32)
    assert worker.pid is None


def test_a_crash_costs_nothing(worker: WorkerEmbedder) -> None:
    before = worker.embed(TEXTS, "passage")
    assert worker.pid is not None
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    assert np.array_equal(worker.embed(TEXTS, "passage"), before)
    assert worker.pid != first


class Dying(WorkerProcess):
    """Dies at each of the first so many calls."""

    deaths = 0
    calls = 0

    def call(self, order: Message, stop: object = None) -> Iterator[Message]:  # type: ignore[override]
        Dying.calls += 1
        if Dying.calls <= Dying.deaths:
            raise WorkerLostError("The model broke down.", "Try again.")
        yield {"is": "done", "value": vectors_out(np.ones((len(order["texts"]), 32), dtype=np.float32))}


@pytest.mark.parametrize(("deaths", "calls"), [(1, 2), (5, 2)])
def test_texts_that_end_the_process_twice_are_given_up(
    worker: WorkerEmbedder, monkeypatch: pytest.MonkeyPatch, deaths: int, calls: int
) -> None:
    monkeypatch.setattr(embed, "WorkerProcess", Dying)
    monkeypatch.setattr(Dying, "calls", 0)
    monkeypatch.setattr(Dying, "deaths", deaths)
    if deaths > 1:
        with pytest.raises(ModelError, match="broke down"):
            worker.embed(["ana"], "query")
    else:
        assert worker.embed(["ana"], "query").all()
    assert Dying.calls == calls


def test_put_away_it_comes_back(worker: WorkerEmbedder) -> None:
    before = worker.embed(TEXTS, "passage")
    worker.close()
    assert worker.pid is None
    assert np.array_equal(worker.embed(TEXTS, "passage"), before)


def test_a_file_that_is_gone_is_told(worker: WorkerEmbedder, file: Path) -> None:
    file.unlink()
    with pytest.raises(ModelError, match="no model file"):
        worker.load()


def test_vectors_cross_unchanged() -> None:
    vectors = np.random.default_rng(1).standard_normal((3, 5)).astype(np.float32)
    assert np.array_equal(vectors_in(vectors_out(vectors)), vectors)
    assert vectors_in(vectors_out(vectors[:0])).shape == (0, 5)
