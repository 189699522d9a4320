import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.models.server import ServerChat
from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Priority, Sampling, Skill
from tests.fakes.openai_server import OpenAIServer

ASK = [ChatMessage("system", "Be kind."), ChatMessage("user", "Where does Ana live?")]
SAMPLING = Sampling(0.7, 50, 3)
GO = threading.Event()
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"enum": ["person", "place"]}},
    "required": ["kind"],
}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def words(model: ServerChat) -> str:
    return "".join(chunk.text for chunk in model.stream(ASK, SAMPLING, stop=GO))


def answer(model: ServerChat) -> dict[str, Any]:
    return model.structured(ASK, FORM, SAMPLING, stop=GO, priority=Priority.GUARD)


def test_reply_streams(server: OpenAIServer) -> None:
    server.say("Ana ", "lives ", "in Porto.")
    chunks = list(ServerChat(server.url).stream(ASK, SAMPLING, stop=GO))
    assert [chunk.text for chunk in chunks] == ["Ana ", "lives ", "in Porto.", ""]
    assert chunks[-1].finish == "stop"
    sent = server.requests[0]
    assert sent["messages"] == [{"role": m.role, "content": m.content} for m in ASK]
    assert (sent["model"], sent["temperature"], sent["max_tokens"], sent["seed"]) == ("tiny-1.5b", 0.7, 50, 3)


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_address_may_be_given_in_any_form(server: OpenAIServer, tail: str) -> None:
    server.say("Yes.")
    assert words(ServerChat(server.url + tail)) == "Yes."


def test_cut_reply_is_told(server: OpenAIServer) -> None:
    server.say("Ana", finish="length")
    assert list(ServerChat(server.url).stream(ASK, SAMPLING, stop=GO))[-1].finish == "length"


def test_stop_ends_a_reply_and_the_connection(server: OpenAIServer) -> None:
    server.say("Ana ", hold=threading.Event())
    stop = threading.Event()
    chunks = []
    for chunk in ServerChat(server.url).stream(ASK, SAMPLING, stop=stop):
        chunks.append(chunk)
        stop.set()
    assert [chunk.finish for chunk in chunks] == [None, "stopped"]
    assert server.hung_up.wait(10)


def test_stop_ends_the_wait_for_the_first_word(server: OpenAIServer) -> None:
    server.say("never", hold_before=threading.Event())
    stop = threading.Event()
    chunks: list[Any] = []
    reading = threading.Thread(
        target=lambda: chunks.extend(ServerChat(server.url).stream(ASK, SAMPLING, stop=stop))
    )
    reading.start()
    assert server.arrived.wait(10)
    stop.set()
    reading.join(10)
    assert [chunk.finish for chunk in chunks] == ["stopped"]
    assert server.hung_up.wait(10)


def test_generator_closed_in_the_middle_hangs_up(server: OpenAIServer) -> None:
    server.say("Ana ", hold=threading.Event())
    stream = ServerChat(server.url).stream(ASK, SAMPLING, stop=GO)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(10)


def test_server_that_breaks_off_is_told(server: OpenAIServer) -> None:
    server.say("Ana ", "lives", finish=None)
    with pytest.raises(ModelError, match="broke off"):
        words(ServerChat(server.url))


def test_nobody_there_is_told() -> None:
    with OpenAIServer() as gone:
        url = gone.url
    with pytest.raises(ModelError, match="No model server answers at"):
        words(ServerChat(url))
    with pytest.raises(ModelError, match="No model server answers at"):
        ServerChat("http://").models()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": {"message": "bad key"}}, "wants a key"),
        (404, {"error": "model not found"}, "model not found"),
        (500, b"<html>", "refused \\(500\\)"),
        (200, b"<html>hello</html>", "broke off"),
    ],
)
def test_refusals_are_told_in_words(server: OpenAIServer, status: int, body: Any, said: str) -> None:
    server.say(status=status, body=body)
    with pytest.raises(ModelError, match=said):
        words(ServerChat(server.url))


def test_error_in_the_middle_of_a_stream_is_told(server: OpenAIServer) -> None:
    server.say(body=b'data: {"error": {"message": "out of memory"}}\n\n')
    with pytest.raises(ModelError, match="out of memory"):
        words(ServerChat(server.url))


def test_nonsense_in_a_stream_is_told(server: OpenAIServer) -> None:
    server.say(body=b"data: not json\n\n")
    with pytest.raises(ModelError, match="no OpenAI-compatible server"):
        words(ServerChat(server.url))


def test_prompt_too_long_is_told_before_and_after_asking(server: OpenAIServer) -> None:
    server.say(status=400, body={"error": {"message": "exceeds the available context size"}})
    with pytest.raises(PromptTooLongError):
        words(ServerChat(server.url))
    long = [ChatMessage("user", "word " * 4000)]
    with pytest.raises(PromptTooLongError, match="holds 4096"):
        list(ServerChat(server.url).stream(long, SAMPLING, stop=GO))


def test_key_is_sent(server: OpenAIServer) -> None:
    server.say("Yes.")
    words(ServerChat(server.url, api_key="secret"))
    assert server.keys == ["Bearer secret"] * 2


def test_models_are_listed_and_the_first_is_taken(server: OpenAIServer) -> None:
    server.models = ["qwen2.5-0.5b-instruct", "other"]
    model = ServerChat(server.url)
    assert model.models() == ["qwen2.5-0.5b-instruct", "other"]
    model.load()
    assert (model.info.name, model.info.skill) == ("qwen2.5-0.5b-instruct", Skill.QUOTES)


def test_server_without_a_model_is_told(server: OpenAIServer) -> None:
    server.models = []
    with pytest.raises(ModelError, match="offers no model"):
        ServerChat(server.url).load()


@pytest.mark.parametrize(
    ("name", "skill"),
    [("llama3.2:3b", Skill.WRITES), ("SmolLM2-360M-Instruct", Skill.QUOTES), ("gpt-oss", Skill.WRITES)],
)
def test_skill_follows_the_size_in_the_name(name: str, skill: Skill) -> None:
    assert ServerChat("http://127.0.0.1:1", model=name).info.skill is skill


def test_structured_answer_is_asked_by_schema(server: OpenAIServer) -> None:
    server.say('{"kind"', ': "place"}')
    assert answer(ServerChat(server.url)) == {"kind": "place"}
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == FORM


def test_server_without_schemas_is_asked_in_words(server: OpenAIServer) -> None:
    model = ServerChat(server.url)
    for _ in ("json_schema", "json_object"):
        server.say(status=400, body={"error": {"message": "response_format is not supported"}})
    server.say('Sure! ```{"kind": "place"}```')
    assert answer(model) == {"kind": "place"}
    assert "response_format" not in server.requests[2]
    assert json.dumps(FORM) in server.requests[2]["messages"][-1]["content"]
    server.say('{"kind": "person"}')
    assert answer(model) == {"kind": "person"}
    assert len(server.requests) == 4


def test_server_that_knows_json_but_no_schemas_is_told_the_schema_in_words(server: OpenAIServer) -> None:
    server.say(status=400, body={"error": {"message": "This response_format type is unavailable"}})
    server.say('{"kind": "place"}')
    assert answer(ServerChat(server.url)) == {"kind": "place"}
    assert server.requests[1]["response_format"] == {"type": "json_object"}
    assert json.dumps(FORM) in server.requests[1]["messages"][-1]["content"]


def test_server_that_takes_a_schema_and_does_not_keep_to_it_is_asked_in_words(server: OpenAIServer) -> None:
    server.say("It is a place.").say('{"kind": "place"}')
    assert answer(ServerChat(server.url)) == {"kind": "place"}
    assert "response_format" not in server.requests[1]


def test_answer_off_the_schema_is_asked_again_once(server: OpenAIServer) -> None:
    model = ServerChat(server.url)
    server.say(status=422, body={"detail": "no"}).say(status=422, body={"detail": "no"})
    server.say('{"kind": "dog"}').say('{"kind": "person"}')
    assert answer(model) == {"kind": "person"}
    server.say("no idea").say("still none")
    with pytest.raises(ModelError, match="not in the asked form"):
        answer(model)


def test_cut_and_stopped_answers_are_told(server: OpenAIServer) -> None:
    server.say('{"kind"', finish="length")
    with pytest.raises(OutputCutError):
        answer(ServerChat(server.url))
    stop = threading.Event()
    stop.set()
    with pytest.raises(PreemptedError):
        ServerChat(server.url).structured(ASK, FORM, SAMPLING, stop=stop, priority=Priority.REFLECTION)
