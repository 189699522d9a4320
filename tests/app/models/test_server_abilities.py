"""Thinking models behind a server, and what llama-server and others can do beyond the protocol."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.models.server import ServerChat
from app.models.thoughts import MOST_TOKENS
from graphs.errors import PromptTooLongError
from graphs.ports import ChatMessage, Chunk, Priority, Sampling
from tests.fakes.openai_server import OpenAIServer

ASK = [ChatMessage("user", "Where does Ana live?")]
SAMPLING = Sampling(0.7, 50, 3)
GO = threading.Event()
FORM: dict[str, Any] = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def llama_server(server: OpenAIServer) -> OpenAIServer:
    server.owned_by = "llamacpp"
    server.props = {"total_slots": 4, "default_generation_settings": {"n_ctx": 2048}}
    return server


def told(model: ServerChat, priority: Priority = Priority.PERSON) -> tuple[str, str, list[Chunk]]:
    """What was thought, what was said, and all pieces."""
    chunks = list(model.stream(ASK, SAMPLING, stop=GO, priority=priority))
    thought, said = (
        "".join(chunk.text for chunk in chunks if chunk.kind == kind) for kind in ("thought", "said")
    )
    return thought, said, chunks


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_in_a_field_of_their_own_are_told_apart(server: OpenAIServer, field: str) -> None:
    server.say("Por", "to.", thoughts=["Hm, ", "Ana."], thought_field=field)
    assert told(ServerChat(server.url))[:2] == ("Hm, Ana.", "Porto.")


def test_thoughts_in_the_text_are_told_apart(server: OpenAIServer) -> None:
    server.say("<thi", "nk>\nHm.", "</think>\n\nPor", "to.")
    assert told(ServerChat(server.url))[:2] == ("\nHm.", "Porto.")


def test_thoughts_without_a_beginning_are_taken_back(server: OpenAIServer) -> None:
    server.say("Hm, Ana.", "\n</think>", "Porto.")
    kinds = [chunk.kind for chunk in told(ServerChat(server.url))[2]]
    assert kinds == ["said", "said", "unsaid", "said", "said"]


def test_room_used_up_by_thoughts_is_made_and_the_model_asked_once_more(server: OpenAIServer) -> None:
    model = ServerChat(server.url)
    server.say(thoughts=["Hm"], finish="length").say("Porto.", thoughts=["Hm"])
    assert told(model)[1] == "Porto."
    assert [sent["max_tokens"] for sent in server.requests] == [50, 50 + MOST_TOKENS]
    assert model.info.thinks
    server.say(thoughts=["Hm"], finish="length")
    assert told(model)[2][-1].finish == "length"
    assert len(server.requests) == 3


def test_an_answer_in_form_is_read_without_the_thoughts(server: OpenAIServer) -> None:
    server.say('<think>{"no": 1}</think>{"ok": true}').say('{"hm": 1} </think> {"ok": true}')
    model = ServerChat(server.url)
    for _ in range(2):
        answer = model.structured(ASK, FORM, SAMPLING, stop=GO, priority=Priority.GUARD)
        assert answer == {"ok": True}


def test_talk_and_side_work_have_slots_of_their_own(llama_server: OpenAIServer) -> None:
    model = ServerChat(llama_server.url)
    llama_server.say("Porto.").say('{"ok": true}').say("Yes.")
    told(model)
    model.structured(ASK, FORM, SAMPLING, stop=GO, priority=Priority.REFLECTION)
    told(model, Priority.GUARD)
    assert [sent["id_slot"] for sent in llama_server.requests] == [0, 1, 1]
    assert all(sent["cache_prompt"] for sent in llama_server.requests)
    assert llama_server.requests[0]["chat_template_kwargs"] == {"enable_thinking": False}


def test_one_slot_is_left_to_choose_itself(llama_server: OpenAIServer) -> None:
    llama_server.props = {"total_slots": 1}
    llama_server.say("Porto.")
    told(ServerChat(llama_server.url))
    assert "id_slot" not in llama_server.requests[0]


def test_other_servers_get_nothing_they_might_not_know(server: OpenAIServer) -> None:
    server.say("Porto.")
    told(ServerChat(server.url, thinking=True))
    expected = {"model", "messages", "temperature", "max_tokens", "stream", "seed"}
    assert set(server.requests[0]) == expected


def test_a_servers_own_context_counts(llama_server: OpenAIServer) -> None:
    model = ServerChat(llama_server.url)
    with pytest.raises(PromptTooLongError, match="holds 2048"):
        list(model.stream([ChatMessage("user", "word " * 1500)], SAMPLING, stop=GO))
    assert model.info.context_tokens == 2048


def test_how_far_it_has_read_is_told(llama_server: OpenAIServer) -> None:
    read = [
        {"choices": [], "prompt_progress": {"total": 300, "cache": 100, "processed": done}}
        for done in (100, 200, 300)
    ]
    llama_server.say("Porto.", first=read, last={"timings": {"prompt_n": 200}})
    shares: list[float] = []
    chunks = list(
        ServerChat(llama_server.url).stream(
            ASK, SAMPLING, stop=GO, progress=lambda _name, share: shares.append(share)
        )
    )
    assert shares == [0.0, 0.0, 0.5, 1.0]
    assert chunks[-1].read == 200


def test_reading_ahead_and_forgetting_are_asked_of_llama_server_alone(llama_server: OpenAIServer) -> None:
    model = ServerChat(llama_server.url)
    model.read_ahead(ASK, stop=GO)
    model.forget()
    assert not llama_server.requests
    model.load()
    llama_server.say("P", finish="length")
    model.read_ahead(ASK, stop=GO)
    model.forget()
    assert [(sent["max_tokens"], sent["id_slot"]) for sent in llama_server.requests] == [(1, 0)]
    assert llama_server.erased == ["/slots/0?action=erase", "/slots/1?action=erase"]


def test_a_failure_while_reading_ahead_is_nobodys_business(llama_server: OpenAIServer) -> None:
    model = ServerChat(llama_server.url)
    model.load()
    llama_server.say(status=500, body={"error": "busy"})
    model.read_ahead(ASK, stop=GO)


def test_a_server_that_lists_no_models_is_asked_for_the_named_one(server: OpenAIServer) -> None:
    server.models = []
    server.say("Porto.")
    assert told(ServerChat(server.url, model="named"))[1] == "Porto."
    assert server.requests[0]["model"] == "named"
