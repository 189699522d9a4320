"""A chat over a real store, with a model that says what a test tells it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.chat_model import ScriptedChatModel
from tests.graphs.chat import Chat


@pytest.fixture
def model() -> ScriptedChatModel:
    return ScriptedChatModel()


@pytest.fixture
def chat(tmp_path: Path, model: ScriptedChatModel) -> Iterator[Chat]:
    opened = Chat(tmp_path, model)
    yield opened
    opened.close()
