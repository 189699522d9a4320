"""Answers drawn at the same time: what was stopped goes on where it was."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.branches import Begun, Branch, draw_all
from app.models.engine import Engine
from app.models.native import NativeModel
from app.models.schema import grammar
from graphs.ports import Sampling
from tests.fakes import tiny_gguf

RULES = grammar(
    {
        "type": "object",
        "properties": {"kind": {"type": "string", "minLength": 30, "maxLength": 40}},
        "required": ["kind"],
        "additionalProperties": False,
    }
)
SAMPLING = Sampling(0.8, 200, 3)
SHARED = [3 + place % 200 for place in range(80)]
PROMPTS = [[*SHARED, *range(10 + number, 20 + 3 * number)] for number in range(4)]


class Counting(Engine):
    """Counts the batches that it takes in, and sets a stop at one of them."""

    grown = 0
    stop_at = 10**9
    stop: threading.Event

    def grow(self, tokens, *, stop):  # type: ignore[no-untyped-def]
        self.grown += 1
        if self.grown == self.stop_at:
            self.stop.set()
        return super().grow(tokens, stop=stop)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[NativeModel]:
    loaded = NativeModel(tiny_gguf.build(tmp_path / "tiny.gguf"))
    yield loaded
    loaded.close()


@pytest.fixture
def engine(model: NativeModel) -> Iterator[Counting]:
    made = Counting(model, context_tokens=512, threads=1)
    made.stop = threading.Event()
    yield made
    made.close()


def drawn(engine: Counting, model: NativeModel, begun: Begun) -> list[Branch] | None:
    return draw_all(engine, model, PROMPTS, SAMPLING, RULES, stop=engine.stop, begun=begun)


def test_what_was_stopped_goes_on_where_it_was(engine: Counting, model: NativeModel) -> None:
    begun = Begun()
    engine.stop_at = 25
    assert drawn(engine, model, begun) is None
    kept = [list(branch.drawn) for branch in begun._branches]
    assert all(len(tokens) > 15 for tokens in kept)
    engine.stop.clear()
    engine.grown, engine.stop_at = 0, 10**9
    branches = drawn(engine, model, begun)
    assert branches is not None
    for before, branch in zip(kept, branches, strict=True):
        assert branch.drawn[: len(before)] == before
        text = b"".join(map(model.piece, branch.drawn)).decode("utf-8", "replace")
        assert branch.finish == "length" or text.rstrip().endswith("}")
    whole = Counting(model, context_tokens=512, threads=1)
    whole.stop = threading.Event()
    assert drawn(whole, model, Begun())
    assert engine.grown < whole.grown
    whole.close()


def test_stopped_again_and_again_it_comes_to_its_end(engine: Counting, model: NativeModel) -> None:
    begun, stopped, branches = Begun(), 0, None
    while branches is None:
        engine.grown, engine.stop_at = 0, 12
        engine.stop.clear()
        branches = drawn(engine, model, begun)
        stopped += branches is None
    assert stopped >= 2
    assert all(branch.finish for branch in branches)


def test_what_was_begun_is_gone_on_with_only_by_its_like() -> None:
    begun = Begun()
    first, second = Branch([1, 2], drawn=[7]), Branch([1, 3])
    begun.keep("so", [first, second])
    assert begun.take("otherwise", [[1, 2]]) == [Branch([1, 2])]
    begun.keep("so", [first, second])
    taken = begun.take("so", [[1, 2], [1, 2], [1, 4]])
    assert [branch.drawn for branch in taken] == [[7], [], []]
    assert begun.take("so", [[1, 2]]) == [Branch([1, 2])]
    begun.keep("so", [first])
    begun.forget()
    assert begun.take("so", [[1, 2]])[0].drawn == []
