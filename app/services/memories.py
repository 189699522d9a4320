"""What a person does with memories: look, search, correct, and let go."""

from collections.abc import Callable
from typing import Any

from app.services import words
from app.services.kinship import kin
from app.services.lessons import LessonService
from app.services.memory_views import SourceViews, curve, history_lines, memory_line
from app.services.stores import Stores
from app.services.views import Done, HistoryLine, MemoryDetail, MemoryLine, MemoryPage
from graphs.changing import ended_with
from graphs.memory.claims import is_lasting, read
from graphs.memory.file_names import plain_name
from graphs.memory.forgetting import as_kept_by, initial_strength, lasting, lifetime
from graphs.retrieval import Retriever
from personas.errors import NotFoundError, UserError
from personas.model import Persona
from storage.fading import count_fading
from storage.memory_filter import MemoryFilter
from storage.records import Author, Granularity, Memory, MemoryState, Role, Trust

LONGEST = 2_000
"""Characters of a memory that is typed; longer texts are better imported."""
TYPED_IMPORTANCE = 0.8
"""Who takes the trouble to write a memory down wants it kept."""


class MemoryService:
    """Memories of personas. Every change can be undone until the memory is changed again."""

    def __init__(
        self,
        *,
        stores: Stores,
        retriever: Callable[[], Retriever],
        changed: Callable[[], None],
    ) -> None:
        self._stores = stores
        self._memories = stores.memories
        self._views = SourceViews(stores)
        self._retriever = retriever
        self._clock = stores.clock
        self._changed = changed
        self.lessons = LessonService(stores, stores.lesson_book)

    def search(self, persona_id: str, what: MemoryFilter) -> MemoryPage:
        """A page of the memories that match, with the counts for the line above it."""
        persona, now = self._persona(persona_id), self._clock.now()
        counts = self._memories.counts(persona_id)
        fading = count_fading(
            self._stores.database, persona_id, now + words.FADING_SOON, lasting(persona) * lifetime(1.0)
        )
        its_own = MemoryFilter(states=(MemoryState.ACTIVE,), speaker=Role.ASSISTANT)
        return MemoryPage(
            lines=tuple(
                memory_line(memory, persona, now) for memory in self._memories.list(persona_id, what)
            ),
            total=self._memories.count(persona_id, what),
            counts=counts,
            fading=fading,
            words=words.summary(counts, fading, self._memories.count(persona_id, its_own), persona.name),
        )

    def recall(self, persona_id: str, text: str, limit: int = 10) -> list[MemoryLine]:
        """What a chat would recall at these words, best first."""
        persona, now = self._persona(persona_id), self._clock.now()
        found = self._retriever().search(persona_id, text, limit=limit, now=now)
        return [memory_line(one.memory, persona, now, score=one.total, parts=one.parts) for one in found]

    def line(self, memory_id: str) -> MemoryLine:
        """One memory as it stands in a list."""
        memory = self._memories.get(memory_id)
        return memory_line(memory, self._persona(memory.persona_id), self._clock.now())

    def open(self, memory_id: str) -> MemoryDetail:
        """Everything about a memory."""
        memory, now = self._memories.get(memory_id), self._clock.now()
        persona = self._persona(memory.persona_id)
        held = as_kept_by(persona, memory)
        return MemoryDetail(
            memory=memory,
            line=memory_line(memory, persona, now),
            sources=self._views.sources(memory, persona.name, now),
            history=self.history(memory_id),
            used_in=self._views.used_in(memory, now),
            curve=curve(held, now),
            fades_about=words.fading_date(held),
            aside=self.lessons.why_aside(memory),
            distrusted=self.lessons.distrusted_for(memory),
            file=plain_name(memory.file),
        )

    def history(self, memory_id: str) -> tuple[HistoryLine, ...]:
        """A memory's changes in words, newest first."""
        self._memories.get(memory_id)
        return history_lines(self._memories.history(memory_id), self._clock.now())

    def add(self, persona_id: str, text: str) -> Memory:
        """Remember what the person writes down."""
        self._stores.personas.get(persona_id)
        now = self._clock.now()
        memory = Memory(
            id=self._stores.ids(),
            persona_id=persona_id,
            granularity=Granularity.PROFILE if is_lasting(read(text, now)) else Granularity.TOPIC,
            text=_checked(text),
            trust=Trust.TYPED,
            created=now,
            said_on=now,
            importance=TYPED_IMPORTANCE,
            strength=initial_strength(TYPED_IMPORTANCE),
        )
        self._memories.add(memory, Author.USER)
        self._changed()
        return memory

    def edit(self, memory_id: str, text: str) -> Done:
        """Correct a memory; what rests on the same words no longer counts."""
        memory, fresh = self._memories.get(memory_id), _checked(text)
        if fresh == memory.text:
            return Done("", "Nothing was changed.", (memory_id,))
        batch_id = self._stores.ids()
        others = kin(self._stores, memory)
        fields = {"text": fresh, "trust": Trust.TYPED, "speaker": Role.USER}
        with self._stores.database.atomic():
            self._memories.change(memory_id, Author.USER, "edit", batch_id=batch_id, **fields)
            for other in others:
                self._memories.change(
                    other.id,
                    Author.USER,
                    "supersede",
                    batch_id=batch_id,
                    state=MemoryState.SUPERSEDED,
                    superseded_by=memory_id,
                )
        tail = f"; {_others(others)} no longer used" if others else ""
        return self._done(batch_id, f"Changed{tail}.", memory, *others)

    def pin(self, memory_id: str) -> Done:
        """Keep a memory from fading."""
        return self._set(memory_id, "pin", "Pinned: it does not fade.", pinned=True)

    def unpin(self, memory_id: str) -> Done:
        """Let a memory fade as others do."""
        return self._set(memory_id, "unpin", "Unpinned: it fades like any other.", pinned=False)

    def fade(self, memory_id: str) -> Done:
        """Take a memory out of recall; it stays in the list and comes back when it is revived."""
        return self._set(
            memory_id, "fade", "Faded: no longer recalled, still here.", state=MemoryState.FADED, pinned=False
        )

    def revive(self, memory_id: str) -> Done:
        """Bring a memory back into recall, as fresh as if it had just come up."""
        memory = self._memories.get(memory_id)
        over = memory.state is MemoryState.SUPERSEDED
        turns = ended_with(self._memories, memory) if over else []
        batch_id = self._stores.ids()
        with self._stores.database.atomic():
            self._memories.change(
                memory_id,
                Author.USER,
                "revive",
                batch_id=batch_id,
                state=MemoryState.ACTIVE,
                last_used=self._clock.now(),
                superseded_by=None,
                valid_to=None if over else memory.valid_to,
            )
            for turn in turns:
                self._memories.change(turn.id, Author.USER, "revive", batch_id=batch_id, valid_to=None)
        return self._done(batch_id, "Brought back.", memory, *turns)

    def confirm(self, memory_id: str) -> Done:
        """Say that what was set aside or unconfirmed is so; the guard learns from it."""
        fields = {"state": MemoryState.ACTIVE, "trust": Trust.TYPED}
        return self._set(memory_id, "confirm", "Confirmed.", teaches=True, **fields)

    def allow(self, memory_id: str) -> Done:
        """Let in what was set aside, as unconfirmed as it was; the guard learns from it."""
        return self._set(
            memory_id, "allow", "Let in, as unconfirmed.", teaches=True, state=MemoryState.ACTIVE
        )

    def forget(self, memory_id: str) -> Done:
        """Forget a memory and what rests on the same words, so that it does not come back through that."""
        memory = self._memories.get(memory_id)
        batch_id = self._stores.ids()
        others = kin(self._stores, memory)
        with self._stores.database.atomic():
            self.lessons.refused(memory, batch_id)
            for one in (memory, *others):
                self._memories.change(
                    one.id,
                    Author.USER,
                    "forget",
                    batch_id=batch_id,
                    state=MemoryState.FORGOTTEN,
                    pinned=False,
                )
        tail = f", with {_others(others)} that said the same" if others else ""
        return self._done(batch_id, f"Forgotten{tail}.", memory, *others)

    def undo(self, batch_id: str) -> Done:
        """Take back everything that was done under this batch."""
        with self._stores.database.atomic():
            unlearned = self.lessons.undo(batch_id)
            some = self._memories.batch(batch_id)
            restored = self._memories.undo(batch_id, Author.USER) if some or not unlearned else []
        if not restored and not unlearned:
            raise NotFoundError("There is nothing to undo any more.")
        self._changed()
        which = f"All {len(restored)} are" if len(restored) > 1 else "It is"
        return Done("", f"Undone. {which} as before.", tuple(memory.id for memory in restored))

    def _set(
        self, memory_id: str, action: str, sentence: str, *, teaches: bool = False, **fields: Any
    ) -> Done:
        """Change a memory; where it `teaches`, the guard learns that it was wrong to set it aside."""
        memory, batch_id = self._memories.get(memory_id), self._stores.ids()
        with self._stores.database.atomic():
            learned = teaches and self.lessons.allowed(memory, batch_id)
            if all(getattr(memory, name) == value for name, value in fields.items()):
                told = sentence if action == "allow" else "It is so already."
                return Done(batch_id if learned else "", told, (memory_id,))
            self._memories.change(memory_id, Author.USER, action, batch_id=batch_id, **fields)
        return self._done(batch_id, sentence, memory)

    def _done(self, batch_id: str, sentence: str, *changed: Memory) -> Done:
        self._changed()
        return Done(batch_id, sentence, tuple(memory.id for memory in changed))

    def _persona(self, persona_id: str) -> Persona:
        return self._stores.personas.get(persona_id)


def _others(others: list[Memory]) -> str:
    return words.count(len(others), "other memory", "other memories")


def _checked(text: str) -> str:
    clean = text.strip()
    if not clean:
        raise UserError("A memory needs some words.", "Write what to remember.")
    if len(clean) > LONGEST:
        raise UserError(
            f"A memory has at most {LONGEST:,} characters; this one has {len(clean):,}.",
            "Split it, or import it as a file.",
        )
    return clean
