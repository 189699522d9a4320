"""What is kept of one chosen line: a model's statement of it if that holds, else the line itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graphs.errors import OutputCutError, PromptTooLongError
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


def rewritten(
    line: str, said: datetime, before: Sequence[str], *, model: ChatModel, person: str, stop: Stop
) -> Rewritten:
    """The line as a statement about the person by the model, or the line itself where that does not hold.

    `said` is in the zone where it was said; `before` is what the person said just before, newest last.

    Raises PreemptedError, and ModelError where the model itself fails.
    """
    who = naming.label(person)
    text = without_opening(line)
    note = turned(dating.substitute(text, dating.resolve(text, said)), who)
    near = before if leans(line) else ()
    plainly = quoted(line, said)
    try:
        answer = model.structured(
            _messages(note, near, who), SCHEMA, SAMPLING, stop=stop, priority=Priority.REFLECTION
        )
    except (OutputCutError, PromptTooLongError) as error:
        return Rewritten(plainly.text, problem=error.message)
    statement = str(answer.get("statement", ""))
    checked = checking.check(statement, line, note, person=person, before=near)
    if checked.problem:
        return Rewritten(plainly.text, problem=checked.problem)
    return Rewritten(checked.text, by_model=True)


def writes(model: ChatModel | None) -> bool:
    """Whether a model may write memories."""
    return model is not None and model.info.skill is Skill.WRITES


def _messages(note: str, before: Sequence[str], who: str) -> list[ChatMessage]:
    rules = ChatMessage("system", render("reflect_rules", person=who))
    if not before:
        return [rules, ChatMessage("user", render("reflect_line", line=note))]
    said = "\n".join(turned(" ".join(text.split())[-LONGEST_BEFORE:], who) for text in before)
    return [rules, ChatMessage("user", render("reflect_line_in_context", before=said, line=note))]
