import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.owner import OwnedChatModel
from app.models.worker.chat import WorkerChat
from app.services.ahead import ReadAhead
from graphs.history import beginnings
from graphs.memory.composing import Speakers
from graphs.ports import ChatMessage, Sampling
from personas.errors import NotFoundError
from tests.app.world import World
from tests.fakes import tiny_gguf

GO = threading.Event()


@pytest.fixture
def model(tmp_path: Path) -> Iterator[OwnedChatModel]:
    owned = OwnedChatModel(WorkerChat(tiny_gguf.build(tmp_path / "tiny.gguf"), threads=1))
    yield owned
    owned.close()


@pytest.fixture
def ahead(world: World, model: OwnedChatModel) -> ReadAhead:
    return ReadAhead(world.stores, lambda: model, lambda: "Ida")


def pieces_read(model: OwnedChatModel, prompt: list[ChatMessage]) -> int:
    told: list[float] = []
    list(model.stream(prompt, Sampling(0.8, 2, 1), stop=GO, progress=lambda _name, share: told.append(share)))
    return len(told)


def test_what_was_read_ahead_is_not_read_in_the_turn(
    world: World, model: OwnedChatModel, ahead: ReadAhead
) -> None:
    model.load()
    conversation, _ = world.talk("I adopted a cat. " * 20, "What is she called? " * 20)
    path = world.stores.messages.path(conversation.id)
    [prompt] = beginnings(model, Speakers(world.persona, "Ida", conversation.id), path)
    prompt.append(ChatMessage("user", "Biscuit."))
    ahead.read(conversation.id, GO)
    assert pieces_read(model, prompt) == 2


def test_what_the_prompts_after_the_next_cut_begin_with_is_read_as_well(world: World, tmp_path: Path) -> None:
    file = tiny_gguf.build(tmp_path / "long.gguf", context=4096)
    model = OwnedChatModel(WorkerChat(file, threads=1))
    model.load()
    conversation, _ = world.talk(*["I adopted a cat. " * 12] * 10)
    who = Speakers(world.persona, "Ida", conversation.id)
    now, later = beginnings(model, who, world.stores.messages.path(conversation.id))
    assert later[0] == now[0]
    assert 1 < len(later) < len(now)
    ReadAhead(world.stores, lambda: model, lambda: "Ida").read(conversation.id, GO)
    for begun in (now, later):
        assert pieces_read(model, [*begun, ChatMessage("user", "Biscuit.")]) == 2
    model.close()


def test_reading_ahead_ends_with_its_stop(world: World, model: OwnedChatModel, ahead: ReadAhead) -> None:
    model.load()
    conversation, _ = world.talk("I adopted a cat. " * 20)
    stopped = threading.Event()
    stopped.set()
    ahead.read(conversation.id, stopped)
    path = world.stores.messages.path(conversation.id)
    [prompt] = beginnings(model, Speakers(world.persona, "Ida", conversation.id), path)
    assert pieces_read(model, prompt) > 3


def test_a_conversation_that_is_gone_is_no_trouble_in_the_background(ahead: ReadAhead) -> None:
    with pytest.raises(NotFoundError):
        ahead.read("nowhere", GO)
    ahead.soon("nowhere")
    while ahead._working:
        pass
    ahead.close()
    ahead.soon("nowhere")
    assert not ahead._working


def test_looking_at_a_conversation_has_it_read(world: World) -> None:
    wanted: list[str] = []
    world.chat._expecting = wanted.append
    conversation, _ = world.talk("I adopted a cat.")
    world.chat.expect(conversation.id)
    assert wanted == [conversation.id]


def test_deleting_a_conversation_tells_that_words_are_gone(world: World) -> None:
    erased: list[bool] = []
    world.chat._erased = lambda: erased.append(True)
    conversation, _ = world.talk("I adopted a cat.")
    world.chat.delete(conversation.id)
    assert erased == [True]
