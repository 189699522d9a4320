"""What a persona may be: the limits, and what is said when something breaks one."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from personas.errors import UserError
from personas.model import Guard, Persona, Remembers, ReplyLength

LIMITS = {
    "name": 60,
    "tagline": 120,
    "greeting": 10_000,
    "description": 20_000,
    "personality": 20_000,
    "scenario": 20_000,
    "example_dialogue": 20_000,
}
"""The most characters a text may have."""
ROOMY = 6_000
"""Characters of prompt text from which little of a 4,096-token context is left for the talk."""
COOLEST, HOTTEST = 0.0, 2.0
WORDS = {"example_dialogue": "example dialogue", "reply_length": "reply length"}

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u2028\u2029]")


class InvalidPersonaError(UserError):
    """Something about a persona breaks a limit; `field` names what."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.field = field


def checked(persona: Persona) -> Persona:
    """The persona with its texts tidied. Raises InvalidPersonaError for the first fault."""
    texts: dict[str, Any] = {name: tidy(str(getattr(persona, name))) for name in LIMITS}
    texts |= {name: one_line(texts[name]) for name in ("name", "tagline")}
    tidied = replace(persona, **texts)
    for fault in _faults(tidied):
        raise fault
    return tidied


def warning(persona: Persona) -> str:
    """A word on texts that are allowed but leave little room in the model's context; empty otherwise."""
    texts = (persona.description, persona.personality, persona.scenario, persona.example_dialogue)
    size = sum(map(len, texts))
    if size <= ROOMY:
        return ""
    return (
        f"{persona.name}'s description and examples are long ({size:,} characters), "
        "so little of the conversation fits beside them."
    )


def tidy(text: str) -> str:
    """Plain line ends, no control characters, no blank edges."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()


def one_line(text: str) -> str:
    """All on one line."""
    return " ".join(text.split())


def _faults(persona: Persona) -> Iterator[InvalidPersonaError]:
    if not persona.name:
        yield InvalidPersonaError("name", "A persona needs a name.", "Give it one; it was not saved.")
    for name, most in LIMITS.items():
        if (size := len(getattr(persona, name))) > most:
            yield InvalidPersonaError(
                name,
                f"The {WORDS.get(name, name)} has {size:,} characters; at most {most:,} are kept.",
                "Shorten it; nothing was saved.",
            )
    if not _is_temperature(persona.temperature):
        yield InvalidPersonaError(
            "temperature",
            f"The temperature is {persona.temperature}; {COOLEST:g} is steady, {HOTTEST:g} is wild.",
            "About 0.7 suits most.",
        )
    if persona.guard not in get_args(Guard):
        yield InvalidPersonaError(
            "guard",
            f"There is no strictness \u201c{persona.guard}\u201d.",
            f"Choose one of {', '.join(get_args(Guard))}.",
        )
    if persona.reply_length not in get_args(ReplyLength):
        yield InvalidPersonaError(
            "reply_length",
            f"There is no reply length “{persona.reply_length}”.",
            f"Choose one of {', '.join(get_args(ReplyLength))}.",
        )
    if persona.remembers not in get_args(Remembers):
        yield InvalidPersonaError(
            "remembers",
            f"A persona cannot remember for “{persona.remembers}”.",
            f"Choose one of {', '.join(get_args(Remembers))}.",
        )


def _is_temperature(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and COOLEST <= value <= HOTTEST
    )
