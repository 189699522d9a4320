import itertools
import threading
import time
from collections.abc import Callable

import pytest

from app.models.llama import LlamaChat
from app.models.pace import measure
from graphs.errors import ModelError
from tests.fakes.chat_model import ScriptedChatModel

GO = threading.Event()


def test_words_a_second_are_told() -> None:
    model = ScriptedChatModel().say("one two three four")
    pace = measure(model, itertools.count(0.0, 0.5).__next__, GO)
    assert pace is not None
    assert pace.reads > pace.writes > 0


def test_each_try_reads_its_own_text() -> None:
    model = ScriptedChatModel().say("one two", "one two")
    now = itertools.count(0.0, 0.1).__next__
    for _ in range(2):
        measure(model, now, GO)
    assert model.calls[0].messages != model.calls[1].messages


def test_a_stop_ends_it_without_figures() -> None:
    stopped = threading.Event()
    stopped.set()
    assert measure(ScriptedChatModel().say("one two"), time.monotonic, stopped) is None


def test_a_model_that_says_nothing_in_time_is_told() -> None:
    model = ScriptedChatModel().say("one two three")
    with pytest.raises(ModelError, match="ten seconds"):
        measure(model, itertools.count(0.0, 20.0).__next__, GO)


def test_a_real_model_is_tried(chat: Callable[..., LlamaChat]) -> None:
    pace = measure(chat(), time.monotonic, GO)
    assert pace is not None
    assert pace.reads > 0
