"""The macros that persona texts may hold, filled in one pass, so that a name cannot smuggle another in.

{{char}} <BOT>, {{user}} <USER>       the names
{{random:a,b}} {{pick:a,b}} {{roll:6}}  drawn from `seed`: always the same for one text and seed, so that
                                      what a model has read of a conversation stays as it was
{{reverse:abc}}                       backwards
{{// …}} {{comment:…}} {{hidden_key:…}}  left out
Whatever else stands in braces is left as it is.
"""

import random
import re
from collections.abc import Callable
from typing import Literal

_MACRO = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}|<(bot|user)>", re.IGNORECASE)
_BLOCK = re.compile(r"<START>", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_LINE = re.compile(r"^(?:\{\{(char|user)\}\}|<(bot|user)>):[ \t]*", re.IGNORECASE | re.MULTILINE)
_MOST_SIDES = 1_000_000


def fill(text: str, *, char: str, user: str, seed: str = "") -> str:
    """The text with its macros filled in."""
    draw = random.Random(f"{seed}\0{text}")  # noqa: S311
    names = {"char": char, "bot": char, "user": user}

    def put(match: re.Match[str]) -> str:
        inside = match[1] if match[2] is None else match[2]
        if (name := names.get(inside.lower())) is not None:
            return name
        if inside.startswith("//"):
            return ""
        word, colon, argument = inside.partition(":")
        made = _MAKERS.get(word.strip().lower()) if colon else None
        return match[0] if made is None else made(argument.strip(), draw)

    return _MACRO.sub(put, text)


def example_blocks(text: str) -> tuple[str, ...]:
    """The example dialogues that `<START>` keeps apart."""
    return tuple(block.strip() for block in _BLOCK.split(text) if block.strip())


def example_turns(block: str) -> tuple[tuple[Literal["user", "assistant"], str], ...]:
    """A block's lines by speaker, macros not filled in; empty where it is not written as a dialogue.

    Given to a model as turns they teach a voice better than the same lines within the instructions.
    """
    starts = list(_LINE.finditer(block))
    if not starts or block[: starts[0].start()].strip():
        return ()
    ends = [start.start() for start in starts[1:]] + [len(block)]
    return tuple(
        (
            "user" if (start[1] or start[2]).lower() == "user" else "assistant",
            block[start.end() : end].strip(),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def _choose(argument: str, draw: random.Random) -> str:
    options = [part.replace("\\,", ",").strip() for part in _COMMA.split(argument)]
    return draw.choice(options)


def _roll(argument: str, draw: random.Random) -> str:
    sides = argument.lower().removeprefix("d")
    if not (sides.isascii() and sides.isdigit() and len(sides) <= len(str(_MOST_SIDES)) and int(sides) > 0):
        return argument
    return str(draw.randint(1, int(sides)))


_MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "random": _choose,
    "pick": _choose,
    "roll": _roll,
    "reverse": lambda argument, _draw: argument[::-1],
    "comment": lambda _argument, _draw: "",
    "hidden_key": lambda _argument, _draw: "",
}
