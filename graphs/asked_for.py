"""Finding the facts that a message asks for by name, through what memories claim."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from graphs.memory.asking import asked_attributes
from graphs.memory.choosing import ASKED
from graphs.memory.ranking import Scored
from storage.memories import MemoryRepository

MOST: Final = 3
"""Of five that are shown: the search itself keeps room."""


def with_facts(
    memories: MemoryRepository,
    persona_id: str,
    text: str,
    found: Sequence[Scored],
    *,
    without: Sequence[str] = (),
) -> list[Scored]:
    """What was found, behind the facts that the message asks for by name, what was said last first.

    Those that rest on the messages `without` alone are passed over.
    """
    attributes = asked_attributes(text)
    if not attributes:
        return list(found)
    hidden = memories.resting_only_on(without)
    facts = [one for one in memories.claiming(persona_id, sorted(attributes)) if one.id not in hidden][:MOST]
    known = {one.memory.id: one for one in found}
    best = max((one.total for one in found), default=0.0)
    asked = [
        replace(known[one.id], total=best + 1, parts={**known[one.id].parts, ASKED: 1.0})
        if one.id in known
        else Scored(one, best + 1, {ASKED: 1.0})
        for one in facts
    ]
    ids = {one.memory.id for one in asked}
    return [*asked, *(one for one in found if one.memory.id not in ids)]
