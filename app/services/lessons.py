"""What the guard learned, for the person to see and to change; and how their decisions teach it."""

from dataclasses import replace

from app.services import words
from app.services.stores import Stores
from app.services.views import Done, LessonLine
from graphs.lesson_book import LessonBook
from personas.errors import UserError
from storage.records import Author, Lesson, LessonKind, Memory, MemoryState, Outcome

LONGEST = 2_000
"""Characters of a lesson."""


class LessonService:
    """Lessons of personas."""

    def __init__(self, stores: Stores, book: LessonBook) -> None:
        self._stores = stores
        self._book = book

    def list(self, persona_id: str) -> tuple[LessonLine, ...]:
        """A persona's lessons in words, the strongest first."""
        return tuple(self._line(lesson) for lesson in self._book.of(persona_id))

    def edit(self, lesson_id: str, text: str) -> Done:
        """Say differently what a lesson is about. Raises UserError, NotFoundError."""
        clean = text.strip()
        if not clean or len(clean) > LONGEST:
            raise UserError("A lesson needs some words, and not too many.", "Or let it go altogether.")
        batch_id, lesson = self._stores.ids(), self._stores.lessons.get(lesson_id)
        self._stores.lessons.save(replace(lesson, text=clean), batch_id=batch_id)
        return Done(batch_id, "The lesson is changed.", (lesson.memory_id,))

    def delete(self, lesson_id: str) -> Done:
        """Let a lesson go. Raises NotFoundError."""
        batch_id, lesson = self._stores.ids(), self._stores.lessons.get(lesson_id)
        self._stores.lessons.delete(lesson_id, batch_id=batch_id)
        return Done(batch_id, "The lesson is gone.", (lesson.memory_id,))

    def undo(self, batch_id: str) -> int:
        """Take back what was learned or unlearned under a batch; how many changes that were.

        Raises UndoConflictError where a lesson says something else since.
        """
        return self._stores.lessons.undo(batch_id)

    def why_aside(self, memory: Memory) -> str:
        """Why a memory waits for the person, or was left out of a reply last; empty where neither is so."""
        changes = self._stores.memories.history(memory.id)
        if memory.state is MemoryState.QUARANTINED:
            return next((one.reason for one in changes if one.action == "quarantine"), "")
        if memory.state is not MemoryState.ACTIVE or self._is_allowed(memory):
            return ""
        recalls = [recall for recall, _ in self._stores.recalls.for_memory(memory.id)]
        last = next((one for one in recalls if one.outcome is not Outcome.LEFT_OUT), None)
        return last.reason if last and last.outcome is Outcome.SET_ASIDE else ""

    def distrusted_for(self, memory: Memory) -> str:
        """Why what the person sent is not taken for their own words; empty where it is."""
        changes = self._stores.memories.history(memory.id)
        return next(
            (one.reason for one in changes if one.action == "distrust" and one.by is Author.GUARD), ""
        )

    def allowed(self, memory: Memory, batch_id: str) -> bool:
        """The person says that a memory is so: it is not held against another like it again.

        Whether anything was learned from that.
        """
        reason = self.why_aside(memory)
        if reason:
            self._book.allow(memory, reason, batch_id=batch_id)
        return bool(reason)

    def refused(self, memory: Memory, batch_id: str) -> None:
        """The person forgets a memory that the guard had set aside: it was right."""
        reason = self.why_aside(memory)
        if reason:
            self._book.refuse(memory, reason, batch_id=batch_id)

    def _is_allowed(self, memory: Memory) -> bool:
        lessons = self._book.of(memory.persona_id)
        return any(one.kind is LessonKind.ALLOW and one.memory_id == memory.id for one in lessons)

    def _line(self, lesson: Lesson) -> LessonLine:
        instead = self._stores.memories.find(lesson.instead_id or "")
        return LessonLine(
            id=lesson.id,
            text=lesson.text,
            allows=lesson.kind is LessonKind.ALLOW,
            reason=lesson.reason,
            instead=instead.text if instead else "",
            applied=words.count(lesson.applied, "time"),
            memory_id=lesson.memory_id,
        )
