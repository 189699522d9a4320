"""Lessons by meaning: each persona's stand in a collection of their own, apart from the memories.

It is derived: what is missing is read again from the store, a few at a time, and what is no lesson any more
is taken out. Without an index or an embedder lessons go by their words alone.
"""

import logging
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.index_access import AskedNeighbours, NoNeighbours
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.index import VectorIndex
from storage.lessons import LessonRepository
from storage.records import Lesson, LessonKind

SHELF: Final = ".lessons"
"""Behind a persona's id, the name of the collection: no persona's id has a dot."""
AT_ONCE: Final = 8
"""So many lessons are read before a reply; more wait for the next one, or for the background."""
LONGEST: Final = 2_000
Reached = VectorIndex | AskedNeighbours | NoNeighbours
log = logging.getLogger(__name__)


class LessonIndex:
    """Finds the lessons that are near to memories. Safe to share between threads."""

    def __init__(
        self,
        lessons: LessonRepository,
        *,
        embedder: Callable[[], Embedder],
        reach: Callable[[], Reached],
        level: Callable[[float], float] = lambda cosine: cosine,
    ) -> None:
        """`level` brings cosines to the scale of the bundled embedder."""
        self._lessons = lessons
        self._embedder = embedder
        self._reach = reach
        self._level = level
        self._lock = threading.Lock()
        self._known: dict[str, tuple[VectorIndex, set[str]]] = {}
        """By persona, what is in its collection, and of which index that was true."""

    def near(
        self, persona_id: str, learned: Sequence[Lesson], memory_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, float]]:
        """By memory, the cosine to each lesson that says what to avoid, as far as both are in the index.

        `learned` are the persona's lessons. Never raises, and does not wait for a `sync` under way: a reply
        does without.
        """
        taught = _by_key(learned)
        if not taught or not memory_ids:
            return {}
        try:
            index = self._reach()
            if not isinstance(index, VectorIndex):
                return {}
            held = self._taken_in(index, persona_id, taught)
            there = [key for key in taught if key in held]
            found = {
                memory_id: index.cosines(_shelf(persona_id), vector, there)
                for memory_id, vector in index.vectors(persona_id, memory_ids).items()
            }
        except Exception as error:  # noqa: BLE001 - whatever it is, the reply must come
            log.warning("lessons go by their words alone: %s", type(error).__name__)
            return {}
        if any(len(some) < len(there) for some in found.values()):
            self._known.pop(persona_id, None)  # the index began anew: it is looked at again next time
        return {
            memory_id: {taught[key].id: self._level(cosine) for key, cosine in some.items()}
            for memory_id, some in found.items()
        }

    def near_text(self, persona_id: str, learned: Sequence[Lesson], text: str) -> Mapping[str, float]:
        """The cosine of a text to each lesson that says what to avoid, as far as it is in the index.

        Never raises: without an index or an embedder lessons go by their words.
        """
        taught = _by_key(learned)
        if not taught or not text.strip():
            return {}
        try:
            index = self._reach()
            if not isinstance(index, VectorIndex):
                return {}
            held = self._taken_in(index, persona_id, taught)
            [vector] = self._embedder().embed([text[:LONGEST]], "passage")
            there = [key for key in taught if key in held]
            found = index.cosines(_shelf(persona_id), vector, there)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lesson is learned
            log.warning("lessons go by their words alone: %s", type(error).__name__)
            return {}
        if len(found) < len(there):
            self._known.pop(persona_id, None)
        return {taught[key].id: self._level(cosine) for key, cosine in found.items()}

    def sync(self, persona_ids: Sequence[str]) -> None:
        """Take in all that is missing, and take out what is no lesson any more, for deleted personas too."""
        try:
            index = self._reach()
            if isinstance(index, VectorIndex):
                for persona_id in [*{*persona_ids, *self._known}]:
                    with self._lock:
                        self._take_in(index, persona_id, _by_key(self._lessons.list(persona_id)), None)
        except KeepsakeError as error:
            log.warning("lessons go by their words alone: %s", type(error).__name__)

    def _taken_in(self, index: VectorIndex, persona_id: str, taught: Mapping[str, Lesson]) -> set[str]:
        """What the collection holds, with a few more of what it misses where nobody else is at it."""
        if not self._lock.acquire(blocking=False):
            _, held = self._known.get(persona_id, (index, set()))
            return held
        try:
            return self._take_in(index, persona_id, taught, AT_ONCE)
        finally:
            self._lock.release()

    def _take_in(
        self, index: VectorIndex, persona_id: str, taught: Mapping[str, Lesson], most: int | None
    ) -> set[str]:
        """What the collection then holds. Under the lock."""
        there = self._there(index, persona_id, taught)
        missing = [key for key in taught if key not in there][:most]
        extra = there - taught.keys()
        if extra:
            index.remove(_shelf(persona_id), sorted(extra), erased=True)
        if missing:
            texts = [taught[key].text[:LONGEST] for key in missing]
            index.upsert(_shelf(persona_id), missing, self._embedder().embed(texts, "passage"))
        there = (there - extra) | set(missing)
        self._known[persona_id] = (index, there)
        return there

    def _there(self, index: VectorIndex, persona_id: str, taught: Mapping[str, Lesson]) -> set[str]:
        """What the collection holds: known from before, or looked up where the index is another one."""
        before = self._known.get(persona_id)
        if before and before[0] is index:
            return before[1]
        found = index.check(_shelf(persona_id), list(taught))
        if not found.searchable:
            index.reset(_shelf(persona_id))
            return set()
        return (taught.keys() - set(found.missing)) | set(found.extra)


def _by_key(lessons: Sequence[Lesson]) -> dict[str, Lesson]:
    """Lessons that say what to avoid, by the ids of their vectors, which change with the words."""
    return {
        f"{lesson.id}.{zlib.crc32(lesson.text.encode()):08x}": lesson
        for lesson in lessons
        if lesson.kind is LessonKind.AVOID
    }


def _shelf(persona_id: str) -> str:
    return f"{persona_id}{SHELF}"
