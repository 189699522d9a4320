"""Answering from memory alone, without a language model: what was said, and when."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from storage.records import Memory, Role, Trust

NOTHING: Final = "I remember nothing about that."
LONGEST: Final = 300
"""Characters of one quotation."""


def answer(facts: Sequence[Memory], unconfirmed: Sequence[Memory], day: Callable[[datetime], str]) -> str:
    """Quotations, the best match first; an honest line where there is nothing to quote."""
    lines = [quotation(memory, day) for memory in (*facts, *unconfirmed)]
    return "\n\n".join(lines) if lines else NOTHING


def quotation(memory: Memory, day: Callable[[datetime], str]) -> str:
    """A memory's words with who said them, and when."""
    text = memory.text.strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return f"{_lead(memory)} {day(memory.said_on)}: \u201c{text}\u201d"


def _lead(memory: Memory) -> str:
    who = memory.speaker_name
    if memory.trust is Trust.TYPED:
        return "You wrote on"
    if memory.trust is Trust.NOTED:
        return "Noted from what you said on"
    if memory.trust is Trust.SAID:
        return "You said on"
    if memory.trust is Trust.IMPORTED:
        return f"Imported, unconfirmed: {who or ('you' if memory.speaker is Role.USER else 'the other')} on"
    if memory.trust is Trust.PASTED:
        return "Pasted by you, unconfirmed, on"
    return "I said on" if memory.speaker is Role.ASSISTANT else "Unconfirmed, from"
