"""Lessons: what was refused once is set aside again at once, and what was allowed is let be.

A-MemGuard's second memory (arXiv 2510.02373), with what its reproduction found missing: a lesson comes only
from what a person decided or two independent signals agree on, like lessons are one, their number is bounded,
and a person who overrules one weakens it. Lessons are compared by their words, and by their meaning. By
vectors alone a poisoned note and an honest one about the same thing are equally near; so what is near must
push the same name or number as well (docs/benchmarks.md). What one lesson sets aside makes it stronger, and
is no second one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from graphs.memory.consensus import Statement, statement
from storage.records import Lesson, LessonKind

MOST: Final = 200
"""Lessons that a persona keeps; the weakest goes when one more comes."""
ALIKE: Final = 0.6
"""Share of the fewer telling words that two texts must share to say the same."""
FEWEST: Final = 3
"""Words that they must share at least."""
NEAR: Final = 0.55
"""Cosine from which two texts that push the same name or number say the same."""
RESEMBLES: Final = 0.45
"""The same, from which one is worth a word of caution beside the other."""
SHORT_NUMBER: Final = 2
"""Digits of a number that anybody may use."""
UNKNOWN: Final[Mapping[str, float]] = {}
STRONGEST: Final = 5.0
OVERRULED: Final = 0.5
"""What is left of a lesson's strength when a person overrules it."""
WEAKEST: Final = 0.4
"""Below this a lesson is forgotten."""


def is_like(lesson: Lesson, one: Statement) -> bool:
    """Whether a memory says what a lesson is about."""
    taught = statement(lesson.memory_id, lesson.text, vouched_for=True)
    shared = taught.words & one.words
    fewer = min(len(taught.words), len(one.words))
    return len(shared) >= FEWEST and len(shared) >= ALIKE * fewer


def is_near(lesson: Lesson, one: Statement, cosine: float, least: float = NEAR) -> bool:
    """Whether a memory says in other words what a lesson is about, and pushes the same name or number."""
    if cosine < least:
        return False
    taught = statement(lesson.memory_id, lesson.text, vouched_for=True)
    numbers = {number for number in taught.numbers & one.numbers if len(number) > SHORT_NUMBER}
    return bool(taught.names & one.names or numbers)


def says_the_same(lesson: Lesson, one: Statement, cosine: float) -> bool:
    """Whether a memory says what a lesson is about, in its words or in others."""
    return is_like(lesson, one) or is_near(lesson, one, cosine)


def avoiding(
    lessons: Sequence[Lesson], one: Statement, cosines: Mapping[str, float] = UNKNOWN
) -> Lesson | None:
    """The strongest lesson by which a memory is set aside; None where there is none, or one allows it.

    `cosines` tell by lesson how near the memory is to it by meaning, where that is known.
    """
    if any(lesson.kind is LessonKind.ALLOW and is_like(lesson, one) for lesson in lessons):
        return None
    found = [
        lesson
        for lesson in lessons
        if lesson.kind is LessonKind.AVOID and says_the_same(lesson, one, cosines.get(lesson.id, 0.0))
    ]
    return max(found, key=lambda lesson: lesson.strength, default=None)


def resembles(lesson: Lesson, one: Statement, cosine: float) -> bool:
    """Whether a memory may be another piece of what a lesson says to avoid, though it is not set aside."""
    return lesson.kind is LessonKind.AVOID and is_near(lesson, one, cosine, RESEMBLES)


def allowing(lessons: Sequence[Lesson], one: Statement, reason: str) -> bool:
    """Whether this very memory was allowed, or one like it that had been refused for this reason."""
    return any(
        lesson.kind is LessonKind.ALLOW
        and (lesson.memory_id == one.id or (lesson.reason == reason and is_like(lesson, one)))
        for lesson in lessons
    )


def known(lessons: Sequence[Lesson], new: Lesson, cosines: Mapping[str, float] = UNKNOWN) -> Lesson | None:
    """The first lesson that says the same as a new one; None where it is new indeed.

    What allows is compared by its words alone: a wrong match would let something in. `cosines` tell by lesson
    how near the new one is to it by meaning, where that is known.
    """
    one = statement(new.memory_id, new.text, vouched_for=True)
    for old in lessons:
        if old.kind is not new.kind:
            continue
        if old.kind is LessonKind.AVOID and says_the_same(old, one, cosines.get(old.id, 0.0)):
            return old
        if old.kind is LessonKind.ALLOW and old.reason == new.reason and is_like(old, one):
            return old
    return None


def merged(old: Lesson, new: Lesson) -> Lesson:
    """Two lessons as one: the stronger's words, with what both have decided; the older one's where equal."""
    kept = new if new.strength > old.strength else old
    return replace(
        kept,
        strength=min(STRONGEST, old.strength + new.strength),
        context_id=new.context_id or old.context_id,
        instead_id=new.instead_id or old.instead_id,
        applied=old.applied + new.applied,
        last_applied=max(filter(None, (old.last_applied, new.last_applied)), default=None),
    )


def applied(lesson: Lesson, now: datetime) -> Lesson:
    """A lesson that decided once more is stronger."""
    return replace(
        lesson,
        strength=min(STRONGEST, lesson.strength + 1),
        applied=lesson.applied + 1,
        last_applied=now,
    )


def overruled(lesson: Lesson) -> Lesson | None:
    """What is left of a lesson that a person overruled; None where nothing is."""
    strength = lesson.strength * OVERRULED
    return replace(lesson, strength=strength) if strength >= WEAKEST else None


def too_many(lessons: Sequence[Lesson]) -> list[str]:
    """The ids of those that must go, the weakest and oldest, so that at most `MOST` stay."""
    by_strength = sorted(lessons, key=lambda lesson: (lesson.strength, lesson.created, lesson.id))
    return [lesson.id for lesson in by_strength[: max(0, len(lessons) - MOST)]]
