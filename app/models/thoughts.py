"""What a thinking model thinks before it replies, told apart from the reply while both come.

Each family marks its thoughts in its own way; some templates open the thought themselves, so that only its
end is drawn. A thought is known at the beginning alone: later on the same words are what somebody says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from graphs.ports import ChunkKind

MOST_TOKENS: Final = 1024
"""A thought is ended after so many, so that it comes to a reply within minutes on a laptop."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a family marks its thoughts."""

    opening: str
    closing: str
    lead: str = ""
    """What the reply then begins with, and a person need not see."""
    ending: str = ""
    """What a reply with this lead ends with."""
    unopened: str = ""
    """How its prompts end where neither thought nor reply is opened yet."""

    @property
    def end(self) -> str:
        """What ends a thought so that the reply follows."""
        return self.closing + self.lead if self.unopened else f"{self.closing}\n\n"


FORMS: Final = (
    Form("<think>", "</think>", lead="<response>", ending="</response>"),
    Form("<thinking>", "</thinking>"),
    Form("<thought>", "</thought>"),
    Form("<reasoning>", "</reasoning>"),
    Form("<seed:think>", "</seed:think>"),
    Form("[THINK]", "[/THINK]"),
    Form("◁think▷", "◁/think▷"),
    Form("<|START_THINKING|>", "<|END_THINKING|>", lead="<|START_RESPONSE|>", ending="<|END_RESPONSE|>"),
    Form(
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        lead="<|begin_of_solution|>",
        ending="<|end_of_solution|>",
    ),
    Form("<|channel>thought", "<channel|>"),
    Form(
        "<|channel|>analysis<|message|>",
        "<|end|>",
        lead="<|start|>assistant<|channel|>final<|message|>",
        unopened="<|start|>assistant",
    ),
)
LEADS: Final = {form.lead: form.ending for form in FORMS if form.lead} | {"<|channel|>final<|message|>": ""}
TELLING: Final = tuple(form.closing for form in FORMS if form.closing.startswith(("</", "[/")))
"""Ends that nothing else is likely to mean, so that what came before them was a thought."""
_UNOPENED: Final = tuple(form for form in FORMS if form.unopened)
_BEGINNINGS: Final = (*LEADS, *(form.opening for form in FORMS))
_ALL: Final = " ".join(part for form in FORMS for part in (form.opening, form.closing, form.lead))


def is_mark(text: str) -> bool:
    """Whether a control token's text belongs to the marks of thoughts."""
    return bool(text) and text in _ALL


def opened_by(prompt: str) -> Form | None:
    """The thought that a prompt ends in the middle of."""
    tail = prompt.rstrip()
    return next((form for form in FORMS if tail.endswith(form.opening)), None)


def without(prompt: str, template: str) -> str:
    """What to put after a prompt so that the model replies without a thought."""
    form = opened_by(prompt)
    if form:
        return form.end
    tail = prompt.rstrip()
    found = (form for form in FORMS if form.unopened and form.opening.split(">")[0] in template)
    return next((form.lead.removeprefix(form.unopened) for form in found if tail.endswith(form.unopened)), "")


def can_choose(template: str) -> bool:
    """Whether a template lets one choose that the model thinks first."""
    return "enable_thinking" in template or "if thinking" in template


def thinks(template: str, *, wanted: bool) -> bool:
    """Whether a model with this template is known to think before it replies.

    Others that think are known by their first thought: that a template takes thoughts out of a history says
    nothing, since templates are handed on in a family.
    """
    if can_choose(template):
        return wanted
    _, asked, prompt = template.rpartition("add_generation_prompt")
    opens = bool(asked) and any(form.opening in prompt and form.closing not in prompt for form in FORMS)
    return opens or any(
        form.unopened in prompt and form.opening.split(">")[0] in template for form in _UNOPENED
    )


Told = list[tuple[ChunkKind, str]]


class ThoughtFilter:
    """Takes the drawn text in pieces, and gives it back told apart."""

    def __init__(self, form: Form | None = None, *, strays: bool = False) -> None:
        """`form`: the thought that the prompt has opened.

        With `strays` an end without a beginning makes all before it a thought: servers leave beginnings out.
        """
        self.thinking = form
        """The thought under way."""
        self.begun = False
        """Whether the reply has begun."""
        self.strays = strays
        self._led = False
        self._ending = ""
        self._held = ""

    def feed(self, piece: str) -> Iterator[tuple[ChunkKind, str]]:
        """The next pieces, of which it is known what they are."""
        self._held += piece
        more = True
        while more and self._held:
            more, told = self._step()
            yield from told

    def end(self) -> Iterator[tuple[ChunkKind, str]]:
        """What was held back, and is no mark after all."""
        rest, self._held = self._held, ""
        if rest:
            yield ("thought" if self.thinking else "said"), rest

    def _step(self) -> tuple[bool, Told]:
        if self.thinking:
            return self._think(self.thinking)
        return self._say() if self.begun else (self._look(), [])

    def _look(self) -> bool:
        """Find out whether a thought or the reply begins; False where that is not known yet."""
        held = self._held = self._held.lstrip()
        form = next((form for form in FORMS if held.startswith(form.opening)), None)
        lead = next((lead for lead in LEADS if held.startswith(lead)), "")
        if self._led:
            self.begun = bool(held)
        elif form:
            self.thinking, self._held = form, held.removeprefix(form.opening)
        elif lead:
            self._led, self._ending, self._held = True, LEADS[lead], held.removeprefix(lead)
        else:
            self.begun = bool(held) and not any(mark.startswith(held) for mark in _BEGINNINGS)
        return bool(form or lead or self.begun)

    def _think(self, form: Form) -> tuple[bool, Told]:
        thought, found, rest = self._held.partition(form.closing)
        if found:
            self.thinking, self._held = None, rest
        else:
            thought, self._held = _apart(thought, [form.closing])
        return bool(found), [("thought", thought)] if thought else []

    def _say(self) -> tuple[bool, Told]:
        stray = next((mark for mark in TELLING if self.strays and mark in self._held), "")
        if stray:
            said, _, self._held = self._held.partition(stray)
            self.strays = self.begun = False
            return True, [("said", said), ("unsaid", "")]
        marks = [*(TELLING if self.strays else ()), *filter(None, [self._ending])]
        said, self._held = _apart(self._held.replace(self._ending, "") if self._ending else self._held, marks)
        return False, [("said", said)] if said else []


def _apart(text: str, marks: Sequence[str]) -> tuple[str, str]:
    """The text without the beginning of a mark at its end, and that beginning."""
    sizes = (size for mark in marks for size in range(1, len(mark)) if text.endswith(mark[:size]))
    cut = len(text) - max(sizes, default=0)
    return text[:cut], text[cut:]
