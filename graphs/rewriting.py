"""What is kept of one chosen line: a model's statement of it if that holds, else the line itself."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.memory import checking, dating, naming
from graphs.memory.speech import leans, without_opening
from graphs.memory.thirdperson import turned
from graphs.ports import ChatMessage, ChatModel, Priority, Sampling, Skill, Stop
from graphs.prompts import render

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"statement": {"type": "string", "minLength": 1, "maxLength": checking.LONGEST}},
    "required": ["statement"],
}
LONGEST_BEFORE: Final = 240
"""Characters of an earlier message that are shown, counted from its end."""
SAMPLING: Final = Sampling(temperature=0.0, max_tokens=140, seed=0)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text of a memory to be."""

    text: str
    by_model: bool = False
    problem: str = ""
    """Why a model's statement was not taken; empty where it was, or where none was asked for."""


def quoted(line: str, said: datetime) -> Rewritten:
    """The line as it was said, without a "by the way", its dates made plain beside it."""
    text = without_opening(line)
    return Rewritten(" ".join(dating.annotate(text, dating.resolve(text, said)).split()))


@dataclass(frozen=True, slots=True)
class Task:
    """One line to be put as a statement."""

    line: str
    said: datetime
    """In the zone where it was said."""
    before: Sequence[str]
    """What the person said just before, newest last."""
    person: str

    @property
    def note(self) -> str:
        """The line turned to speak about the person."""
        text = without_opening(self.line)
        return turned(dating.substitute(text, dating.resolve(text, self.said)), naming.label(self.person))

    @property
    def near(self) -> Sequence[str]:
        """What was said before, where the line leans on it."""
        return self.before if leans(self.line) else ()

    def prompt(self) -> list[ChatMessage]:
        """What a model is asked."""
        return _messages(self.note, self.near, naming.label(self.person))


Answers = dict[str, dict[str, Any] | None]
"""By prompt, what a model answered; None where its answer was cut."""


def asked_at_once(model: ChatModel, tasks: Sequence[Task], *, stop: Stop) -> Answers:
    """The answers to several lines, drawn at the same time; none where the model cannot, or fails.

    Raises PreemptedError; asked once more, a model goes on where it was stopped.
    """
    prompts = [task.prompt() for task in tasks[: model.info.at_once]]
    if len(prompts) < 2:  # noqa: PLR2004 - one alone is asked as ever
        return {}
    try:
        found = model.structured_many(prompts, SCHEMA, SAMPLING, stop=stop, priority=Priority.REFLECTION)
    except PreemptedError:
        raise
    except (ModelError, PromptTooLongError) as error:
        log.warning("lines are put into words one by one: %s", type(error).__name__)
        return {}
    return {key_of(prompt): answer for prompt, answer in zip(prompts, found, strict=True)}


def key_of(prompt: Sequence[ChatMessage]) -> str:
    """A prompt as one text."""
    return "\n".join(message.content for message in prompt)


def rewritten(task: Task, *, model: ChatModel, stop: Stop, answers: Answers | None = None) -> Rewritten:
    """The line as a statement about the person by the model, or the line itself where that does not hold.

    `answers` are those that the model has given already.

    Raises PreemptedError, and ModelError where the model itself fails.
    """
    plainly = quoted(task.line, task.said)
    try:
        answer = _answer(task.prompt(), model, stop, answers or {})
    except (OutputCutError, PromptTooLongError) as error:
        return Rewritten(plainly.text, problem=error.message)
    statement = str(answer.get("statement", ""))
    checked = checking.check(statement, task.line, task.note, person=task.person, before=task.near)
    if checked.problem:
        return Rewritten(plainly.text, problem=checked.problem)
    return Rewritten(checked.text, by_model=True)


def _answer(prompt: list[ChatMessage], model: ChatModel, stop: Stop, answers: Answers) -> dict[str, Any]:
    key = key_of(prompt)
    if key not in answers:
        return model.structured(prompt, SCHEMA, SAMPLING, stop=stop, priority=Priority.REFLECTION)
    answer = answers[key]
    if answer is None:
        raise OutputCutError("The answer ran into its length limit before it was whole.")
    return answer


def writes(model: ChatModel | None) -> bool:
    """Whether a model may write memories."""
    return model is not None and model.info.skill is Skill.WRITES


def _messages(note: str, before: Sequence[str], who: str) -> list[ChatMessage]:
    rules = ChatMessage("system", render("reflect_rules", person=who))
    if not before:
        return [rules, ChatMessage("user", render("reflect_line", line=note))]
    said = "\n".join(turned(" ".join(text.split())[-LONGEST_BEFORE:], who) for text in before)
    return [rules, ChatMessage("user", render("reflect_line_in_context", before=said, line=note))]
