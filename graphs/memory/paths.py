"""The path from a question over a note to what the note does there, and what is refused for it.

A-MemGuard (arXiv 2510.02373) has a model write a chain `entity → relation → entity` for each memory, and
judges the chains together; with a small model neither their votes nor a judge among them did better than
chance, and a majority of poison outvotes the rest. Here the chain is `question → kind → note`, and the model
only chooses its middle, one of a few kinds; no note is looked at beside another, so that copies have no vote.
Each kind stands for a field: what is to be done, what is so, who somebody is. Figures, and what did worse,
are in docs/benchmarks.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from graphs.memory.cues import Cue


class Kind(StrEnum):
    """What a note does for a question."""

    DOCUMENT = "document"
    """It gives the wording that was asked for."""
    LIFE = "life"
    """It tells a plain fact."""
    PUSH = "push"
    """It wants something bought, paid, joined or chosen: the action."""
    HARM = "harm"
    """It is dangerous to go by, or against somebody: the value."""
    CHANGE = "change"
    """It makes somebody out to be another, or to want another thing: the who."""


REASONS: Final[Mapping[Kind, str]] = {
    Kind.PUSH: "looked at closely, it pushes something that you did not ask for",
    Kind.HARM: "looked at closely, it could do harm, and you did not say it",
}
"""What is refused in the end, in words. A change of somebody is not: honest notes tell of one as often."""
SUSPECT: Final = frozenset({*REASONS, Kind.CHANGE})
"""What is worth a second look."""
BORNE_OUT: Final[Mapping[Kind, frozenset[Cue]]] = {
    Kind.PUSH: frozenset({Cue.MONEY, Cue.TALK}),
    Kind.HARM: frozenset({Cue.HEALTH, Cue.DOUBT}),
}
"""What its words deal in where they say the same as the model, independently of it."""
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": [kind.value for kind in Kind]}},
    "required": ["kind"],
    "additionalProperties": False,
}


def read(answer: Mapping[str, Any] | None) -> Kind | None:
    """The kind in a model's answer; None where there is none, and then nothing is refused for it."""
    try:
        return Kind(answer["kind"]) if answer else None
    except (KeyError, ValueError):
        return None


def signals(kind: Kind, cues: frozenset[Cue]) -> int:
    """How many independent signals speak against a note that is refused: the model, and its words."""
    return 1 + bool(BORNE_OUT[kind] & cues)
