"""A chat model behind any OpenAI-compatible server: llama-server, vLLM, Ollama, LM Studio."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil
from typing import Any

import httpx

from app.models.llama import LEAST_REPLY, parsed, skill_of
from app.models.schema import obeys
from app.models.server_abilities import SIDE_SLOT, Abilities, abilities, listed
from app.models.server_errors import FormUnsupportedError, NotInFormError, in_words
from app.models.server_reply import ServerReply
from app.models.server_url import api_base, root
from app.models.sse import EventStream, client
from app.models.thoughts import MOST_TOKENS as THOUGHT_TOKENS
from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop
from personas.errors import KeepsakeError

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
        self,
        url: str,
        *,
        model: str = "",
        api_key: str = "",
        context_tokens: int = DEFAULT_CONTEXT,
        thinking: bool = False,
    ) -> None:
        """With `thinking` a model that can choose thinks before it replies."""
        self._base = api_base(url)
        self._root = root(self._base)
        self._model = model
        self._context = context_tokens
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._forms: tuple[str, ...] = ("json_schema", "json_object")
        """What it may know of `response_format`, the best first."""
        self._abilities = Abilities()
        self._asked = False
        self._thinking = thinking
        self._thinks = False

    @property
    def info(self) -> ModelInfo:
        """The name is the server's address until the server has told its model."""
        name = self._model or self._base.split("://", 1)[-1].removesuffix("/v1")
        return ModelInfo(name, _skill_by_name(self._model), self._context, self._thinks)

    def models(self) -> list[str]:
        """What the server offers.

        Raises ModelError where none answers.
        """
        return [str(entry["id"]) for entry in self._listed()]

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:  # noqa: ARG002
        """Ask the server for its model, where none was chosen, and for what it can do; once.

        Raises ModelError where none answers.
        """
        if progress:
            progress("loading", 0.0)
        if self._asked:
            return
        try:
            entries = self._listed()
        except ModelError:
            if not self._model:
                raise
            return  # a server need not list its models; one that is not there yet is asked again
        if not self._model:
            if not entries:
                raise ModelError(f"The server at {self._base} offers no model.", "Load one there first.")
            self._model = str(entries[0]["id"])
        entry = next((entry for entry in entries if entry["id"] == self._model), {})
        self._abilities = abilities(entry, self._props)
        self._context = min(self._context, self._abilities.context_tokens or self._context)
        self._asked = True

    def _listed(self) -> list[Mapping[str, Any]]:
        with in_words(self._base):
            return listed(self._get(f"{self._base}/models"))

    def _props(self) -> Any:
        with suppress(httpx.HTTPError, ValueError):
            return self._get(f"{self._root}/props")
        return None

    def _get(self, url: str) -> Any:
        with client(httpx.Timeout(LIST_S, connect=CONNECT_S)) as http:
            response = http.get(url, headers=self._headers)
            response.raise_for_status()
            return response.json()

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
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """Generate a reply; ends within a moment of `stop`.

        Raises ModelError, PromptTooLongError.
        """
        if progress:
            progress("reading", 0.0)
        side = priority is not Priority.PERSON
        yield from self._chat(messages, sampling, stop=stop, side=side, progress=progress)

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
        while self._forms:
            kind = self._forms[0]
            asked = list(messages) if kind == "json_schema" else _wished(messages, schema)
            try:
                return self._checked(asked, schema, sampling, stop=stop, form=_form(kind, schema))
            except FormUnsupportedError:
                self._forms = self._forms[1:]
            except NotInFormError:
                break  # it takes the form and does not keep to it
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

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """Have llama-server read what the next prompt begins with; others read as they see fit."""
        if self._abilities.slots and not later and not stop.is_set():
            with suppress(KeepsakeError):
                for _ in self._chat(messages, Sampling(0.0, 1), stop=stop, side=False):
                    pass

    def keep(self) -> None:
        """A server keeps what it sees fit to keep."""

    def forget(self) -> None:
        """Have llama-server forget what it has read; others keep nothing that one could reach."""
        for slot in range(min(self._abilities.slots, SIDE_SLOT + 1)):
            with suppress(httpx.HTTPError), client(httpx.Timeout(LIST_S, connect=CONNECT_S)) as http:
                http.post(f"{self._root}/slots/{slot}?action=erase", headers=self._headers)

    def close(self) -> None:
        """There is nothing to free."""

    def _in_words(
        self, messages: Sequence[ChatMessage], schema: Mapping[str, Any], sampling: Sampling, *, stop: Stop
    ) -> dict[str, Any]:
        asked = _wished(messages, schema)
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
        chunks = list(self._chat(messages, sampling, stop=stop, side=True, form=form))
        kinds = [chunk.kind for chunk in chunks]
        first = len(kinds) - kinds[::-1].index("unsaid") if "unsaid" in kinds else 0
        text = "".join(chunk.text for chunk in chunks[first:] if chunk.kind == "said")
        start, end = text.find("{"), text.rfind("}")
        if chunks[-1].finish == "stop" and start < 0:
            raise NotInFormError
        try:
            value = parsed(text[start : end + 1], chunks[-1].finish)
        except (OutputCutError, PreemptedError):
            raise
        except ModelError as error:
            raise NotInFormError from error
        if not obeys(value, schema):
            raise NotInFormError
        return value

    def _chat(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        side: bool,
        form: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        with in_words(self._base, form_asked=form is not None):
            self.load()
            self._check_length(messages)
            knew = self._thinks
            reply = ServerReply(progress)
            yield from reply.chunks(self._events(messages, sampling, stop=stop, side=side, form=form))
            self._thinks = self._thinks or reply.thought
            if reply.finish == "length" and reply.thought and not (reply.said or knew or stop.is_set()):
                # It used up on its thoughts what was meant for the reply; now there is room for both.
                reply = ServerReply(progress)
                yield from reply.chunks(self._events(messages, sampling, stop=stop, side=side, form=form))
        if reply.finish is None and not stop.is_set():
            raise ModelError(
                "The model server broke off in the middle.", "Try again; what came so far is kept."
            )
        yield Chunk("", reply.finish or "stopped", reply.read)

    def _events(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        side: bool,
        form: Mapping[str, Any] | None,
    ) -> Iterator[str]:
        room = self._context - self.count_tokens(messages)
        most = min(sampling.max_tokens + THOUGHT_TOKENS, room) if self._thinks else sampling.max_tokens
        body = _body(self._model, messages, replace(sampling, max_tokens=most))
        body |= self._abilities.options(side=side, thinking=self._thinking)
        if form:
            body["response_format"] = dict(form)
        return iter(
            EventStream(
                f"{self._base}/chat/completions",
                body,
                headers=self._headers,
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                stop=stop,
            )
        )

    def _check_length(self, messages: Sequence[ChatMessage]) -> None:
        tokens = self.count_tokens(messages)
        if tokens + LEAST_REPLY > self._context:
            raise PromptTooLongError(
                f"The message is too long: about {tokens} tokens, and the model holds {self._context}.",
                "Shorten the message, or set a longer context if the server has one.",
            )


def _body(model: str, messages: Sequence[ChatMessage], sampling: Sampling) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_tokens,
        "stream": True,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    return body


def _form(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "json_schema":
        return {"type": kind, kind: {"name": "answer", "strict": True, "schema": dict(schema)}}
    return {"type": kind}


def _wished(messages: Sequence[ChatMessage], schema: Mapping[str, Any]) -> list[ChatMessage]:
    wish = f"Answer with one JSON object and nothing else. It must obey this schema:\n{json.dumps(schema)}"
    return [*messages[:-1], ChatMessage(messages[-1].role, f"{messages[-1].content}\n\n{wish}")]


def _skill_by_name(name: str) -> Skill:
    """By the size in the name (`qwen2.5-1.5b`); somebody who runs a server runs more than a toy."""
    found = _SIZE_IN_NAME.search(name.replace("-", " ").replace("_", " ").replace(":", " "))
    if not found:
        return Skill.WRITES
    return skill_of(int(float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6)))
