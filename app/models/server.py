"""A chat model behind any OpenAI-compatible server: llama-server, vLLM, Ollama, LM Studio."""

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from math import ceil
from typing import Any, Literal

import httpx

from app.models.llama import LEAST_REPLY, parsed, skill_of
from app.models.schema import obeys
from app.models.server_errors import FormUnsupportedError, NotInFormError, in_words, message_of
from app.models.sse import EventStream, client
from graphs.errors import ModelError, OutputCutError, PromptTooLongError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop

CONNECT_S, READ_S, LIST_S = 5.0, 300.0, 5.0
"""A server may read a long prompt for minutes before its first word."""
DEFAULT_CONTEXT = 4096
_BYTES_PER_TOKEN = 3.5
"""A careful guess: English has about 4.3; there is no common way to ask a server."""
_TOKENS_PER_MESSAGE = 8
_FORM_TRIES = 2
_SIZE_IN_NAME = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)


class ServerChat:
    """A ChatModel over HTTP. Nothing is asked of the server before the first call."""

    def __init__(
        self, url: str, *, model: str = "", api_key: str = "", context_tokens: int = DEFAULT_CONTEXT
    ) -> None:
        self._base = _api_base(url)
        self._model = model
        self._context = context_tokens
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._forms_supported = True

    @property
    def info(self) -> ModelInfo:
        """The name is the server's address until the server has told its model."""
        name = self._model or self._base.split("://", 1)[-1].removesuffix("/v1")
        return ModelInfo(name, _skill_by_name(self._model), self._context)

    def models(self) -> list[str]:
        """What the server offers.

        Raises ModelError where none answers.
        """
        with (
            in_words(self._base),
            client(httpx.Timeout(LIST_S, connect=CONNECT_S)) as http,
        ):
            response = http.get(f"{self._base}/models", headers=self._headers)
            response.raise_for_status()
            listed = response.json()
        entries = listed.get("data", []) if isinstance(listed, dict) else []
        return [str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")]

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:  # noqa: ARG002
        """Ask the server for its model, where none was chosen.

        Raises ModelError where none answers.
        """
        if progress:
            progress("loading", 0.0)
        if not self._model:
            offered = self.models()
            if not offered:
                raise ModelError(f"The server at {self._base} offers no model.", "Load one there first.")
            self._model = offered[0]

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """A careful guess of the prompt's length."""
        texts = sum(
            ceil(len(message.content.encode("utf-8", "replace")) / _BYTES_PER_TOKEN) for message in messages
        )
        return texts + _TOKENS_PER_MESSAGE * len(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,  # noqa: ARG002 (the owner's business)
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """Generate a reply; ends within a moment of `stop`.

        Raises ModelError, PromptTooLongError.
        """
        if progress:
            progress("reading", 0.0)
        yield from self._chat(messages, sampling, stop=stop)

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,  # noqa: ARG002
    ) -> dict[str, Any]:
        """A JSON object that obeys `schema`; a server without that gift is asked in words, and checked.

        Raises OutputCutError where the token limit cut it, PreemptedError where `stop` did, else as `stream`.
        """
        if self._forms_supported:
            form = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            }
            try:
                return self._checked(messages, schema, sampling, stop=stop, form=form)
            except FormUnsupportedError:
                self._forms_supported = False
        return self._in_words(messages, schema, sampling, stop=stop)

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        """An object for each prompt, one after another; None where the token limit cut it."""
        answers: list[dict[str, Any] | None] = []
        for messages in prompts:
            try:
                answers.append(self.structured(messages, schema, sampling, stop=stop, priority=priority))
            except OutputCutError:
                answers.append(None)
        return answers

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop) -> None:
        """A server keeps, and reads, as it sees fit."""

    def keep(self) -> None:
        """A server keeps, and reads, as it sees fit."""

    def forget(self) -> None:
        """A server keeps, and reads, as it sees fit."""

    def close(self) -> None:
        """There is nothing to free."""

    def _in_words(
        self, messages: Sequence[ChatMessage], schema: Mapping[str, Any], sampling: Sampling, *, stop: Stop
    ) -> dict[str, Any]:
        wish = (
            f"Answer with one JSON object and nothing else. It must obey this schema:\n{json.dumps(schema)}"
        )
        asked = [*messages[:-1], ChatMessage(messages[-1].role, f"{messages[-1].content}\n\n{wish}")]
        for attempt in range(1, _FORM_TRIES + 1):
            try:
                return self._checked(asked, schema, sampling, stop=stop)
            except NotInFormError:
                if attempt == _FORM_TRIES:
                    raise
        raise AssertionError

    def _checked(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        form: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        chunks = list(self._chat(messages, sampling, stop=stop, form=form))
        text = "".join(chunk.text for chunk in chunks)
        start, end = text.find("{"), text.rfind("}")
        if chunks[-1].finish == "stop" and start < 0:
            raise NotInFormError
        value = parsed(text[start : end + 1], chunks[-1].finish)
        if not obeys(value, schema):
            raise NotInFormError
        return value

    def _chat(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        form: Mapping[str, Any] | None = None,
    ) -> Iterator[Chunk]:
        self._check_length(messages)
        with in_words(self._base, form_asked=form is not None):
            self.load()
            events = EventStream(
                f"{self._base}/chat/completions",
                _body(self._model, messages, sampling, form),
                headers=self._headers,
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                stop=stop,
            )
            finish = yield from _chunks(iter(events))
        if finish is None and not stop.is_set():
            raise ModelError(
                "The model server broke off in the middle.", "Try again; what came so far is kept."
            )
        yield Chunk("", finish or "stopped")

    def _check_length(self, messages: Sequence[ChatMessage]) -> None:
        tokens = self.count_tokens(messages)
        if tokens + LEAST_REPLY > self._context:
            raise PromptTooLongError(
                f"The message is too long: about {tokens} tokens, and the model holds {self._context}.",
                "Shorten the message, or set a longer context if the server has one.",
            )


def _body(
    model: str, messages: Sequence[ChatMessage], sampling: Sampling, form: Mapping[str, Any] | None
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_tokens,
        "stream": True,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if form:
        body["response_format"] = form
    return body


def _chunks(events: Iterator[str]) -> Generator[Chunk, None, Literal["stop", "length"] | None]:
    finish: Literal["stop", "length"] | None = None
    begun = False
    for data in events:
        if data == "[DONE]":
            break
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError(event)  # noqa: TRY004 (what json.loads raises where it is no JSON at all)
        if "error" in event:
            raise ModelError(
                f"The model server failed: {message_of(event)}.", "Look at the server's own messages."
            )
        for choice in event.get("choices") or []:
            text = (choice.get("delta") or {}).get("content") or ""
            text = text if begun else text.lstrip()
            if text:
                begun = True
                yield Chunk(text)
            if choice.get("finish_reason"):
                finish = "length" if choice["finish_reason"] == "length" else "stop"
    return finish


def _api_base(url: str) -> str:
    base = url.strip().rstrip("/").removesuffix("/chat/completions")
    return base if re.search(r"/v\d+$", base) else f"{base}/v1"


def _skill_by_name(name: str) -> Skill:
    """By the size in the name (`qwen2.5-1.5b`); somebody who runs a server runs more than a toy."""
    found = _SIZE_IN_NAME.search(name.replace("-", " ").replace("_", " ").replace(":", " "))
    if not found:
        return Skill.WRITES
    return skill_of(int(float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6)))
