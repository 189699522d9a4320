"""What a persona is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ReplyLength = Literal["short", "medium", "long"]
Remembers = Literal["weeks", "months", "years", "always"]
Guard = Literal["off", "light", "full"]
"""How strict a persona is with memories that the person did not tell."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A companion's character. Texts may hold the card macros {{char}} and {{user}}."""

    id: str
    """A slug, such as `mira`; stable, unique, part of the index collection's name."""
    name: str
    tagline: str = ""
    """A few words under the name, such as `curious, dry, kind`."""
    avatar: str = ""
    """File name of a bundled avatar (`mira.png`), or of a picture in the data folder's `avatars/`."""
    greeting: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    example_dialogue: str = ""
    reply_length: ReplyLength = "medium"
    temperature: float = 0.7
    remembers: Remembers = "months"
    """How long it remembers what goes unused; `always`: nothing fades."""
    guard: Guard = "light"
    """`off`: what the person did not tell is only marked as unconfirmed; `full`: the language model looks
    at what `light` leaves open. Never read from a card."""
    bundled: bool = False
    version: int = 1
    """Grows by one with each saved change."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Character-card fields that Keepsake does not use itself and gives back on export."""
