"""What a reply is warned of: that something like what it is shown was refused before.

What was refused is not repeated, since a small model repeats what it reads. A lesson matters where something
unconfirmed is shown, and the lesson decided on a memory just now or resembles what is shown. That a question
has words in common with a lesson says nothing (docs/benchmarks.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphs.memory import lessons
from graphs.memory.consensus import statement
from graphs.memory.trusting import FACTS
from storage.memories import MemoryRepository
from storage.records import Lesson, Memory, MemoryState

MOST: Final = 2
"""So many things that the person told instead are repeated."""


def that_matter(
    learned: Sequence[Lesson],
    places: Sequence[Mapping[str, Any]],
    unconfirmed: Sequence[Memory],
    near: Mapping[str, Mapping[str, float]],
) -> list[Lesson]:
    """The lessons that matter beside what is `unconfirmed`; `near` as for the guard."""
    if not unconfirmed:
        return []
    decided = {place["lesson_id"] for place in places if place.get("lesson_id")}
    resembled = {
        lesson.id
        for memory in unconfirmed
        for lesson in learned
        if (cosine := near.get(memory.id, lessons.UNKNOWN).get(lesson.id))
        and lessons.resembles(lesson, statement(memory.id, memory.text), cosine)
    }
    return [lesson for lesson in learned if lesson.id in decided | resembled]


def told_instead(
    memories: MemoryRepository, warned: Sequence[Lesson], facts: Sequence[Memory]
) -> list[str] | None:
    """What the person told in the place of what was refused, unless it is shown as a fact anyway.

    None where there is nothing to warn of.
    """
    if not warned:
        return None
    shown = {memory.id for memory in facts}
    told = memories.get_many([lesson.instead_id for lesson in warned if lesson.instead_id])
    return [
        memory.text
        for memory in told
        if memory.id not in shown and memory.trust in FACTS and memory.state is MemoryState.ACTIVE
    ][:MOST]
