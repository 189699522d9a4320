"""A thinking model in llama.cpp: its thoughts end in time for the reply, and answers in form have none."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.models.llama import LlamaChat
from graphs.ports import ChatMessage, Chunk, Priority, Sampling
from tests.fakes import tiny_gguf

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASKED = [ChatMessage("user", "Hello.")]
OPENS = tiny_gguf.CHATML.replace("<|im_start|>assistant\n", "<|im_start|>assistant\n<think>\n")
MARKED = tiny_gguf.CHATML.replace("assistant\n", "assistant\n[THINK]")


Make = Callable[..., LlamaChat]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(template: str, **how: object) -> LlamaChat:
        path = tiny_gguf.build(tmp_path / "tiny.gguf", template=template, control=("[THINK]", "[/THINK]"))
        return LlamaChat(path, now=lambda: NOW, context_tokens=320, threads=1, **how)  # type: ignore[arg-type]

    return build


def drawn(model: LlamaChat, most: int = 20) -> list[Chunk]:
    sampling = Sampling(temperature=1.0, max_tokens=most, seed=3)
    return list(model.stream(ASKED, sampling, stop=threading.Event()))


def kinds(chunks: list[Chunk]) -> list[str]:
    return [kind for kind, _ in itertools.groupby(chunk.kind for chunk in chunks if chunk.text)]


@pytest.mark.parametrize("template", [OPENS, MARKED])
def test_a_thought_without_end_is_ended_and_the_reply_follows(make: Make, template: str) -> None:
    model = make(template)
    chunks = drawn(model)
    assert kinds(chunks) == ["thought", "said"]
    assert chunks[-1].finish == "length"
    model.close()


def test_the_reply_has_its_whole_length_beside_the_thought(make: Make) -> None:
    model = make(OPENS)
    chunks = drawn(model, most=30)
    said = sum(len(chunk.text) for chunk in chunks if chunk.kind == "said")
    assert said >= 20  # some tokens are half characters
    model.close()


def test_a_stop_ends_a_thought_within_a_token(make: Make) -> None:
    model, stop = make(OPENS), threading.Event()
    chunks = []
    for chunk in model.stream(ASKED, Sampling(1.0, 20, 3), stop=stop):
        chunks.append(chunk)
        stop.set()
    assert [(chunk.kind, chunk.finish) for chunk in chunks] == [("thought", None), ("said", "stopped")]
    model.close()


def test_an_answer_in_form_is_given_without_a_thought(make: Make) -> None:
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    model = make(OPENS)
    sampling, stop = Sampling(0.0, 40, 1), threading.Event()
    assert set(model.structured(ASKED, schema, sampling, stop=stop, priority=Priority.GUARD)) == {"ok"}
    many = model.structured_many([ASKED, ASKED], schema, sampling, stop=stop, priority=Priority.GUARD)
    assert [set(one or {}) for one in many] == [{"ok"}, {"ok"}]
    model.close()


def test_a_model_that_can_choose_thinks_only_where_it_is_wanted(make: Make) -> None:
    chooses = tiny_gguf.CHATML.replace(
        "<|im_start|>assistant\n", "<|im_start|>assistant\n{% if enable_thinking %}<think>\n{% endif %}"
    )
    plain, thinking = make(chooses), make(chooses, thinking=True)
    assert (plain.info.thinks, thinking.info.thinks) == (False, True)
    assert kinds(drawn(plain)) == ["said"]
    assert kinds(drawn(thinking)) == ["thought", "said"]
    plain.close()
    thinking.close()


def test_a_control_token_that_is_no_mark_is_not_shown(make: Make) -> None:
    model = make(MARKED)
    model.load()
    loaded = model._loaded
    assert loaded is not None
    assert set(loaded.marks.values()) == {"[THINK]", "[/THINK]"}
    model.close()
