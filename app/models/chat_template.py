"""A prompt from messages, through the model's own chat template.

What people write stays text: each message's content goes through the template as a placeholder, so that the
template's control tokens and the same words typed by a person can be told apart afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graphs.errors import ModelError
from graphs.ports import ChatMessage

_OPENING = "(The conversation begins.)"
"""For templates that insist on a first word from the person, before a greeting."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt: the template's own text, or what somebody wrote."""

    text: str
    written: bool


class ChatTemplate:
    """The Jinja template of a model file, run in a sandbox."""

    def __init__(
        self, source: str, *, begin: str, end: str, now: Callable[[], datetime], thinking: bool = False
    ) -> None:
        """`begin` and `end` are the texts of the model's begin and end tokens; templates ask for them.

        `thinking`: whether a model that can choose is to think first.

        Raises ModelError where the template cannot be understood.
        """
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self.source = source
        self._error: type[Exception] = TemplateError
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals.update(
            raise_exception=self._refuse,
            strftime_now=lambda form: now().strftime(form),
            bos_token=begin,
            eos_token=end,
            enable_thinking=thinking,
            thinking=thinking,
            reasoning_effort="medium" if thinking else "low",
        )
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise ModelError(
                f"The model's chat template cannot be read: {error}.", "Choose another model."
            ) from error

    def render(self, messages: Sequence[ChatMessage]) -> list[Part]:
        """The prompt in pieces, ending where the model is to go on.

        A template that knows no system message, or wants strict turns, gets them merged.

        Raises ModelError where the template refuses the messages all the same.
        """
        first: Exception | None = None
        for shaped in (messages, _without_system(messages), _strict_turns(messages)):
            try:
                parts = self._fill(shaped)
            except (self._error, TypeError, ValueError) as error:
                first = first or error
                continue
            if parts is not None:
                return parts
        raise ModelError(
            f"The model's chat template refuses the conversation: {first or 'it leaves messages out'}.",
            "Choose another model.",
        )

    def _fill(self, messages: Sequence[ChatMessage]) -> list[Part] | None:
        """The prompt in pieces, or None where the template left a message out."""
        marks = _marks(messages, self.source)
        text = self._template.render(
            messages=[
                {"role": message.role, "content": mark} for message, mark in zip(messages, marks, strict=True)
            ],
            add_generation_prompt=True,
        )
        parts: list[Part] = []
        for message, mark in zip(messages, marks, strict=True):
            before, found, text = text.partition(mark)
            if not found:
                return None
            parts += [Part(before, written=False), Part(message.content, written=True)]
        return [*parts, Part(text, written=False)]

    def _refuse(self, message: str) -> Any:
        raise self._error(message)


def _marks(messages: Sequence[ChatMessage], template: str) -> list[str]:
    """A placeholder for each message, found in none of their texts."""
    everything = template + "".join(message.content for message in messages)
    salt = 0
    while f"KS{salt}Q" in everything:
        salt += 1
    return [f"KS{salt}Q{index}Z" for index in range(len(messages))]


def _without_system(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same, with the system's words at the head of the first message from the person."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return rest
    if rest and rest[0].role == "user":
        return [replace(rest[0], content=f"{system}\n\n{rest[0].content}"), *rest[1:]]
    return [ChatMessage("user", system), *rest]


def _strict_turns(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same, beginning with the person and with turns that alternate."""
    turns: list[ChatMessage] = []
    for message in _without_system(messages):
        if turns and turns[-1].role == message.role:
            turns[-1] = replace(turns[-1], content=f"{turns[-1].content}\n\n{message.content}")
        else:
            turns.append(message)
    if turns and turns[0].role == "assistant":
        turns.insert(0, ChatMessage("user", _OPENING))
    return turns
