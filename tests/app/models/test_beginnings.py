"""The guard's examples are read once, whatever uses the lane of side work in between."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.models.beginnings import FOLDER
from app.models.engine import READ_TOKENS, SIDE_TOKENS, Lane
from app.models.llama import LlamaChat
from graphs.errors import PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Priority, Sampling
from tests.fakes import tiny_gguf
from tests.fakes.counting_engine import CountingEngine

Make = Callable[..., LlamaChat]
GO = threading.Event()
STEADY = Sampling(0.0, 12, 1)
FORM = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
LOOK = [ChatMessage("system", "Look. " * 60), ChatMessage("user", "One?"), ChatMessage("assistant", "Yes.")]
AGAIN = [ChatMessage("system", "Once more. " * 40)]
FEW = 80
"""Tokens of a question and its answer, each character being one."""


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.loaded.Engine", CountingEngine)


@pytest.fixture
def states(tmp_path: Path) -> Path:
    return tmp_path / "states"


def engine_of(model: LlamaChat) -> CountingEngine:
    model.load()
    assert model._loaded is not None
    engine = model._loaded.engine
    assert isinstance(engine, CountingEngine)
    return engine


def asks(model: LlamaChat, examples: list[ChatMessage], *texts: str) -> int:
    """Put questions to the guard's model; how many tokens that took."""
    return _asks(model, examples, *texts, priority=Priority.GUARD)


def reflects(model: LlamaChat) -> int:
    return _asks(model, [ChatMessage("system", "z" * 900)], "It rained.", priority=Priority.REFLECTION)


def _asks(model: LlamaChat, examples: list[ChatMessage], *texts: str, priority: Priority) -> int:
    engine = engine_of(model)
    before = engine.taken
    prompts = [[*examples, ChatMessage("user", text)] for text in texts]
    model.structured_many(prompts, FORM, STEADY, stop=GO, priority=priority)
    return engine.taken - before


def kept(states: Path) -> list[Path]:
    return sorted((states / FOLDER).glob("*.state"))


def test_examples_are_read_once_whatever_comes_between(chat: Make, states: Path) -> None:
    model = chat(states=states)
    assert asks(model, LOOK, "Tea?") > 300
    assert asks(model, AGAIN, "Tea?") > 400
    reflects(model)
    list(model.stream([ChatMessage("user", "a" * 600)], STEADY, stop=GO))
    for _ in range(3):
        assert asks(model, LOOK, "Where is the key?") < FEW
        assert asks(model, AGAIN, "Where is the key?") < FEW
        assert reflects(model) > 900
    assert len(kept(states)) == 2


def test_without_a_folder_they_are_read_again_each_time(chat: Make) -> None:
    model = chat()
    asks(model, LOOK, "Tea?")
    assert asks(model, LOOK, "Cake?") < FEW
    reflects(model)
    assert asks(model, LOOK, "Cake?") > 300


@pytest.mark.parametrize("build", [tiny_gguf.build_windowed, tiny_gguf.build_recurrent])
def test_models_that_do_not_go_back_as_others_do_find_them_too(
    chat: Make, states: Path, tmp_path: Path, build: Callable[..., Path]
) -> None:
    model = chat(build(tmp_path / "other.gguf"), states=states)
    assert asks(model, LOOK, "Tea?") > 300
    for _ in range(2):
        assert asks(model, LOOK, "Where is the key?") < FEW
        reflects(model)


def test_another_life_of_the_program_finds_them(chat: Make, states: Path) -> None:
    asks(chat(states=states), LOOK, "Tea?", "Cake?")
    other = chat(states=states)
    assert asks(other, LOOK, "Where is the key?") < FEW
    assert engine_of(other).held(Lane.SIDE)


def test_changed_examples_are_read_anew(chat: Make, states: Path) -> None:
    asks(chat(states=states), LOOK, "Tea?")
    changed = [*LOOK[:-1], ChatMessage("assistant", "No.")]
    other = chat(states=states)
    assert asks(other, changed, "Tea?") > 300
    assert len(kept(states)) == 1, "they take the place of the older ones"
    reflects(other)
    assert asks(other, changed, "Tea?") < FEW


def test_nothing_of_the_question_is_kept(chat: Make, states: Path) -> None:
    model = chat(states=states)
    asks(model, LOOK, "Where is the key?", "Where is the kettle?")
    [path] = kept(states)
    tokens = np.load(path.with_suffix(".npy")).tolist()[:-1]
    prompt = engine_of(model).held(Lane.SIDE)
    whole = model.count_tokens([*LOOK, ChatMessage("user", "")])
    assert tokens == prompt[: len(tokens)]
    assert whole - 30 < len(tokens) < whole


def test_reflection_leaves_nothing_on_the_disk(chat: Make, states: Path) -> None:
    reflects(chat(states=states))
    assert kept(states) == []


def test_a_broken_file_is_read_anew_and_replaced(chat: Make, states: Path) -> None:
    asks(chat(states=states), LOOK, "Tea?")
    [path] = kept(states)
    path.write_bytes(bytes(path.stat().st_size))
    other = chat(states=states)
    assert asks(other, LOOK, "Tea?") > 300
    reflects(other)
    assert asks(other, LOOK, "Tea?") < FEW
    assert any(path.read_bytes())


class StopAt:
    """Stops where so many tokens have been taken in."""

    def __init__(self, engine: CountingEngine, most: int) -> None:
        self.engine, self.most = engine, most

    def is_set(self) -> bool:
        return self.engine.taken > self.most


def test_reading_that_was_stopped_goes_on_where_it_was(chat: Make, states: Path) -> None:
    model = chat(states=states)
    engine = engine_of(model)
    prompts = [[*LOOK, ChatMessage("user", "Tea?")]]
    with pytest.raises(PreemptedError):
        model.structured_many(
            prompts, FORM, STEADY, stop=StopAt(engine, READ_TOKENS), priority=Priority.GUARD
        )
    assert kept(states) == []
    assert len(engine.held(Lane.SIDE)) == READ_TOKENS
    whole = model.count_tokens(prompts[0])
    assert asks(model, LOOK, "Tea?") < whole - READ_TOKENS + FEW
    reflects(model)
    assert asks(model, LOOK, "Tea?") < FEW


def test_they_are_dropped_with_the_talks(chat: Make, states: Path) -> None:
    model = chat(states=states)
    asks(model, LOOK, "Tea?")
    model.forget()
    assert kept(states) == []
    assert not [path for path in states.rglob("*") if path.is_file()]


def test_what_is_too_long_for_side_work_is_told_and_not_kept(chat: Make, states: Path) -> None:
    model = chat(states=states)
    with pytest.raises(PromptTooLongError):
        asks(model, [ChatMessage("system", "b" * SIDE_TOKENS)], "Tea?")
    assert kept(states) == []


def test_another_talk_clears_what_lies_behind_the_long_one(chat: Make) -> None:
    model = chat()
    model.load()
    engine = engine_of(model)
    go = threading.Event()
    long, side = [5] * 200, [6] * 20
    engine.read(long, lane=Lane.TALK, stop=go)
    engine.read(side, lane=Lane.SIDE, stop=go)
    engine.read([*long, 7, 8], lane=Lane.TALK, stop=go)
    assert engine.held(Lane.SIDE) == side
    engine.read([9] * 20, lane=Lane.TALK, stop=go)
    assert engine.held(Lane.SIDE) == []
