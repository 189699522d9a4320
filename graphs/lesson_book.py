"""Where lessons are learned, applied and unlearned, by the rules of graphs/memory/lessons.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphs.memory import lessons
from graphs.memory.consensus import statement
from graphs.ports import Clock
from storage.lessons import LessonRepository
from storage.records import Lesson, LessonKind, Memory

NearLessons = Callable[[str, Sequence[Lesson], Sequence[str]], Mapping[str, Mapping[str, float]]]
"""For a persona, its lessons and some memories, by memory the cosine to each lesson, where it is known."""

NearText = Callable[[str, Sequence[Lesson], str], Mapping[str, float]]
"""For a persona, its lessons and a text, the cosine to each lesson, where it is known."""


def by_words_alone(
    _persona_id: str, _learned: Sequence[Lesson], _memory_ids: Sequence[str]
) -> Mapping[str, Mapping[str, float]]:
    """Nothing is known of what lessons mean."""
    return {}


def text_by_words_alone(_persona_id: str, _learned: Sequence[Lesson], _text: str) -> Mapping[str, float]:
    """Nothing is known of what lessons mean."""
    return {}


@dataclass(frozen=True, slots=True)
class LessonBook:
    """The lessons of all personas."""

    repository: LessonRepository
    ids: Callable[[], str]
    clock: Clock
    near: NearText = text_by_words_alone

    def of(self, persona_id: str) -> list[Lesson]:
        """A persona's lessons, the strongest first."""
        return self.repository.list(persona_id)

    def refuse(
        self,
        memory: Memory,
        reason: str,
        *,
        context_id: str | None = None,
        instead_id: str | None = None,
        batch_id: str = "",
    ) -> Lesson:
        """Learn to set aside what is like a memory. What is done under a batch can be taken back."""
        fresh = self._lesson(memory, LessonKind.AVOID, reason)
        return self.learn(replace(fresh, context_id=context_id, instead_id=instead_id), batch_id)

    def allow(self, memory: Memory, reason: str, *, batch_id: str = "") -> Lesson:
        """Learn not to set aside what is like a memory for this reason; lessons against it are weakened."""
        one = statement(memory.id, memory.text)
        against = [lesson for lesson in self.of(memory.persona_id) if lesson.kind is LessonKind.AVOID]
        cosines = self.near(memory.persona_id, against, memory.text) if against else lessons.UNKNOWN
        for lesson in against:
            if lessons.says_the_same(lesson, one, cosines.get(lesson.id, 0.0)):
                self._weaken(lesson, batch_id)
        return self.learn(self._lesson(memory, LessonKind.ALLOW, reason), batch_id)

    def applied(self, lesson_id: str) -> None:
        """Note that a lesson decided; one that was unlearned meanwhile does not matter."""
        lesson = self.repository.find(lesson_id)
        if lesson is not None:
            self.repository.save(lessons.applied(lesson, self.clock.now()))

    def learn(self, fresh: Lesson, batch_id: str = "") -> Lesson:
        """Keep a lesson, as one with another that says the same; of too many the weakest goes."""
        old = self._known(fresh)
        kept = self.repository.save(lessons.merged(old, fresh) if old else fresh, batch_id=batch_id)
        gone = [old.id] if old and old.id != kept.id else []
        for lesson_id in (*gone, *lessons.too_many(self.of(fresh.persona_id))):
            self.repository.delete(lesson_id, batch_id=batch_id)
        return kept

    def _known(self, fresh: Lesson) -> Lesson | None:
        """The lesson that says the same. Meaning is asked for only where words do not tell."""
        learned = self.of(fresh.persona_id)
        old = lessons.known(learned, fresh)
        if old or fresh.kind is not LessonKind.AVOID or not learned:
            return old
        return lessons.known(learned, fresh, self.near(fresh.persona_id, learned, fresh.text))

    def _lesson(self, memory: Memory, kind: LessonKind, reason: str) -> Lesson:
        return Lesson(
            id=self.ids(),
            persona_id=memory.persona_id,
            memory_id=memory.id,
            kind=kind,
            text=memory.text,
            reason=reason,
            created=self.clock.now(),
        )

    def _weaken(self, lesson: Lesson, batch_id: str) -> None:
        left = lessons.overruled(lesson)
        if left is None:
            self.repository.delete(lesson.id, batch_id=batch_id)
        else:
            self.repository.save(left, batch_id=batch_id)
