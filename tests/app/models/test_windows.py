"""Models with a sliding window, and models that cannot go back: never a wrong reply, whatever was kept."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.models.engine import Engine, Lane
from app.models.gguf_file import read_info
from app.models.llama import LlamaChat
from app.models.native import NativeModel
from graphs.ports import ChatMessage, Priority, Sampling
from tests.fakes import tiny_gguf

GO = threading.Event()
NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = [3 + (7 * place) % 200 for place in range(300)]
OTHER = [*FIRST[:150], *(3 + (11 * place) % 200 for place in range(60))]
ROUNDING = 0.05
"""Tokens read in other batches round differently; a wrong cache was off by 0.6."""


@pytest.fixture
def windowed(tmp_path: Path) -> Path:
    return tiny_gguf.build_windowed(tmp_path / "window.gguf", window=32)


def expects(engine: Engine, tokens: list[int]) -> NDArray[np.float32]:
    """What the engine expects after these tokens."""
    assert engine.read(tokens, lane=Lane.TALK, stop=GO)
    native, words = engine._native, engine._native.llama_vocab_n_tokens(engine._model.vocabulary)
    found = np.ctypeslib.as_array(native.llama_get_logits_ith(engine._context, -1), (words,))
    return np.array(found, dtype=np.float32)


def test_a_loaded_state_is_never_gone_back_in_behind_its_window(windowed: Path, tmp_path: Path) -> None:
    model = NativeModel(windowed)
    kept, loaded, fresh = (Engine(model, context_tokens=1024, threads=1) for _ in range(3))
    expects(kept, FIRST)
    assert kept.save(tmp_path / "state")
    assert loaded.load(tmp_path / "state", len(FIRST))
    wanted = expects(fresh, OTHER)
    assert np.abs(expects(loaded, OTHER) - wanted).max() < ROUNDING
    assert loaded.fresh == len(OTHER)
    assert np.abs(expects(kept, OTHER) - wanted).max() < ROUNDING
    assert kept.fresh == len(OTHER) - 150
    for engine in (kept, loaded, fresh):
        engine.close()
    model.close()


def test_a_loaded_state_is_gone_on_from_at_its_end(windowed: Path, tmp_path: Path) -> None:
    model = NativeModel(windowed)
    kept, loaded = (Engine(model, context_tokens=1024, threads=1) for _ in range(2))
    expects(kept, FIRST)
    assert kept.save(tmp_path / "state")
    assert loaded.load(tmp_path / "state", len(FIRST))
    longer = [*FIRST, *OTHER[150:]]
    assert np.abs(expects(loaded, longer) - expects(kept, longer)).max() < ROUNDING
    assert (loaded.fresh, kept.fresh) == (60, 60)
    for engine in (kept, loaded):
        engine.close()
    model.close()


@pytest.mark.parametrize("build", [tiny_gguf.build_windowed, tiny_gguf.build_recurrent])
def test_a_talk_goes_on_after_a_restart_as_it_would_have(build: object, tmp_path: Path) -> None:
    path = build(tmp_path / "model.gguf")  # type: ignore[operator]
    asked = [ChatMessage("user", "hello there " * 30)]
    more = [*asked, ChatMessage("assistant", "Yes."), ChatMessage("user", "And then? " * 8)]
    replies = []
    for states in (tmp_path / "states", tmp_path / "states", None):
        model = LlamaChat(path, now=lambda: NOW, context_tokens=1024, threads=1, states=states)
        texts = []
        for prompt in (asked, more, asked):
            chunks = model.stream(prompt, Sampling(0.0, 12, 1), stop=GO)
            texts.append("".join(chunk.text for chunk in chunks))
        replies.append(texts)
        model.keep()
        model.close()
    assert replies[0] == replies[1] == replies[2]


def test_side_work_runs_on_a_model_that_cannot_go_back(tmp_path: Path) -> None:
    path = tiny_gguf.build_recurrent(tmp_path / "state.gguf")
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    model = LlamaChat(path, now=lambda: NOW, context_tokens=1024, threads=1)
    prompts = [[ChatMessage("user", f"Is it so? {number}")] for number in range(3)]
    sampling = Sampling(0.0, 300, 1)
    found = model.structured_many(prompts, schema, sampling, stop=GO, priority=Priority.GUARD)
    assert [one is None or set(one) >= {"ok"} for one in found] == [True] * 3
    model.close()


def test_a_model_that_cannot_go_back_is_known_by_its_file(windowed: Path, tmp_path: Path) -> None:
    recurrent = tiny_gguf.build_recurrent(tmp_path / "state.gguf")
    assert read_info(recurrent).recurrent
    assert not read_info(windowed).recurrent
