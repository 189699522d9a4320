"""Takes an export back in: personas that are missing, conversations, memories, and their history.

A file is somebody's claim. Unless the person says that it is theirs, every memory in it counts as
imported: unpinned, with a strength like any other, and without the history that the file tells; and what
it says that the guard has learned is not learned.
"""

import functools
from dataclasses import fields
from datetime import datetime
from typing import Any

from app.services import words
from app.services.door import let_in
from app.services.stores import Stores
from app.services.transcripts import find_same
from app.services.transfer_format import (
    ConversationLine,
    Export,
    LessonLine,
    MemoryLine,
    MessageLine,
    PersonaLine,
    RevisionLine,
    SessionLine,
)
from app.services.views import ImportReport
from graphs.memory.file_names import plain_name
from personas.model import Persona
from personas.validation import checked
from storage.memory_filter import MemoryFilter
from storage.plain import storable
from storage.records import (
    Author,
    Granularity,
    Lesson,
    Memory,
    MemoryState,
    Message,
    Origin,
    SessionState,
    Source,
    Trust,
)
from storage.revisions import RevisionLog

Known = tuple[str, str, datetime]
"""A memory's granularity, text and day: what makes it the same as another."""
ADD = "add"


class Restoration:
    """One export on its way in. Use it once, inside a transaction."""

    def __init__(
        self, stores: Stores, export: Export, into: str | None, file: str = "", *, mine: bool
    ) -> None:
        """`file` is the name of the file; `into` a persona that takes all of it."""
        self._stores = stores
        self._file = plain_name(file)
        self._lines = export.lines
        self._into = into
        self._mine = mine
        self._personas: dict[str, str] = {}
        self._messages: dict[str, Message] = {}
        self._memories: dict[str, str] = {}
        self._there: dict[str, str] = {}
        """By the file's ids, memories that were here already."""
        self._known: dict[str, dict[Known, str]] = {}
        self._counts = {"conversations": 0, "messages": 0, "memories": 0, "lessons": 0, "already_there": 0}

    def run(self) -> ImportReport:
        """Write what is not there yet."""
        for persona in self._of(PersonaLine):
            self._restore_persona(persona)
        for conversation in self._of(ConversationLine):
            self._restore_conversation(conversation)
        for memory in self._of(MemoryLine):
            self._restore_memory(memory)
        self._restore_links()
        if self._mine:
            self._restore_history()
            for lesson in self._of(LessonLine):
                self._restore_lesson(lesson)
        return ImportReport(self._sentence(), **self._counts)

    def _of(self, kind: type[Any]) -> list[Any]:
        return [line for line in self._lines if isinstance(line, kind)]

    def _restore_persona(self, line: PersonaLine) -> None:
        if self._into is not None:
            self._personas[line.id] = self._into
        elif self._stores.personas.find(line.id):
            self._personas[line.id] = line.id
        else:
            values = line.model_dump(exclude={"kind"} if self._mine else {"kind", "guard"})
            self._personas[line.id] = self._stores.personas.add(checked(Persona(**values))).id

    def _persona_for(self, persona_id: str) -> str:
        if persona_id not in self._personas:
            self._personas[persona_id] = self._into or self._stores.personas.get(persona_id).id
        return self._personas[persona_id]

    def _restore_conversation(self, line: ConversationLine) -> None:
        persona_id = self._persona_for(line.persona_id)
        messages = [one for one in self._of(MessageLine) if one.conversation_id == line.id]
        there = find_same(self._stores, persona_id, _path(messages, line.head_id)) if messages else None
        if there is not None:
            by_content = {
                (one.role, one.text, one.created): one for one in self._stores.messages.all(there.id)
            }
            for one in messages:
                twin = by_content.get((one.role, storable(one.text), one.created))
                if twin is not None:
                    self._messages[one.id] = twin
            self._counts["already_there"] += len(messages)
            return
        origin = line.origin if self._mine else Origin.IMPORT
        fresh = self._stores.conversations.add(persona_id, line.title, origin, created=line.created)
        for one in messages:
            self._restore_message(one, fresh.id)
        if line.head_id in self._messages:
            self._stores.conversations.set_head(fresh.id, self._messages[line.head_id].id)
        self._settle_sessions(line.id, fresh.id)
        self._counts["conversations"] += 1

    def _restore_message(self, line: MessageLine, conversation_id: str) -> None:
        parent = self._messages.get(line.parent_id or "")
        message = self._stores.messages.append(
            conversation_id,
            line.role,
            line.text,
            parent_id=parent.id if parent else None,
            state=line.state,
            created=line.created,
            origin=line.origin if self._mine else Origin.IMPORT,
            speaker=line.speaker,
            model=line.model,
        )
        if line.error:
            self._stores.messages.update(message.id, error=line.error)
        self._messages[line.id] = message
        self._counts["messages"] += 1

    def _settle_sessions(self, exported_id: str, conversation_id: str) -> None:
        """What had been reflected on is not reflected on again: its memories are in the file."""
        reflected = {
            one.started
            for one in self._of(SessionLine)
            if one.conversation_id == exported_id and one.state is SessionState.REFLECTED
        }
        for session in self._stores.sessions.for_conversation(conversation_id):
            if session.started in reflected:
                self._stores.sessions.mark(session.id, SessionState.REFLECTED)
            else:
                self._stores.sessions.close(session.id)

    def _restore_memory(self, line: MemoryLine) -> None:
        persona_id = self._persona_for(line.persona_id)
        known = self._known_to(persona_id)
        key = (line.granularity.value, storable(line.text), line.said_on)
        if key in known:
            self._there[line.id] = known[key]
            self._counts["already_there"] += 1
            return
        sources = [(self._messages.get(one.message_id), one.quote) for one in line.sources]
        memory = Memory(
            id=self._stores.ids(),
            persona_id=persona_id,
            granularity=line.granularity,
            text=line.text,
            trust=line.trust if self._mine else Trust.IMPORTED,
            created=line.created if self._mine else self._stores.clock.now(),
            said_on=line.said_on,
            speaker=line.speaker,
            speaker_name=line.speaker_name,
            session_id=next((message.session_id for message, _ in sources if message), ""),
            valid_from=line.valid_from,
            valid_to=line.valid_to,
            state=line.state,
            file=self._file,
            sources=tuple(Source(message.id, quote) for message, quote in sources if message),
            **self._standing(line),
        )
        if self._mine:
            self._stores.memories.add(memory, Author.USER, reason="imported")
        else:
            let_in(self._stores, memory, Author.USER, reason="imported", alone=False)
        self._memories[line.id] = known[key] = memory.id
        self._counts["memories"] += 1

    def _restore_lesson(self, line: LessonLine) -> None:
        """Learn it too. The memory that taught it may have been forgotten, and so not be in the file."""
        persona_id = self._persona_for(line.persona_id)
        said = (line.teaches, storable(line.text), storable(line.reason))
        if said in {(one.kind, one.text, one.reason) for one in self._stores.lessons.list(persona_id)}:
            self._counts["already_there"] += 1
            return
        instead = line.instead_id or ""
        message = self._messages.get(line.context_id or "")
        lesson = Lesson(
            id=self._stores.ids(),
            persona_id=persona_id,
            memory_id=self._here(line.memory_id) or self._forgotten(line, persona_id),
            kind=line.teaches,
            text=line.text,
            reason=line.reason,
            created=line.created,
            context_id=message.id if message else None,
            instead_id=self._here(instead) or None,
            strength=line.strength,
            applied=line.applied,
            last_applied=line.last_applied,
        )
        self._stores.lesson_book.learn(lesson)
        self._counts["lessons"] += 1

    def _here(self, memory_id: str) -> str:
        return self._memories.get(memory_id) or self._there.get(memory_id, "")

    def _forgotten(self, line: LessonLine, persona_id: str) -> str:
        memory = Memory(
            id=self._stores.ids(),
            persona_id=persona_id,
            granularity=Granularity.TOPIC,
            text=line.text,
            trust=Trust.IMPORTED,
            created=self._stores.clock.now(),
            said_on=line.created,
            state=MemoryState.FORGOTTEN,
            file=self._file,
        )
        return self._stores.memories.add(memory, Author.USER, reason="imported").id

    def _standing(self, line: MemoryLine) -> dict[str, Any]:
        if not self._mine:
            return {}
        return {
            name: getattr(line, name) for name in ("pinned", "importance", "strength", "last_used", "recalls")
        }

    def _known_to(self, persona_id: str) -> dict[Known, str]:
        if persona_id not in self._known:
            everything = self._stores.memories.list(persona_id, MemoryFilter(limit=-1))
            self._known[persona_id] = {
                (one.granularity.value, one.text, one.said_on): one.id for one in everything
            }
        return self._known[persona_id]

    def _restore_links(self) -> None:
        for line in self._of(MemoryLine):
            here, newer = self._memories.get(line.id), self._memories.get(line.superseded_by or "")
            if here and newer:
                self._stores.memories.change(
                    here, Author.USER, "supersede", reason="imported", superseded_by=newer
                )

    def _restore_history(self) -> None:
        """Older changes, told as they were; what they say of messages and of other memories is left out."""
        allowed = {field.name for field in fields(Memory)} - {"id", "persona_id", "sources", "superseded_by"}
        for line in self._of(RevisionLine):
            memory_id = self._memories.get(line.memory_id)
            if memory_id is None or line.action == ADD:
                continue
            log = RevisionLog(self._stores.database, self._stores.ids, functools.partial(_given, line.at))
            before, after = (
                {name: value for name, value in (side or {}).items() if name in allowed}
                for side in (line.before, line.after)
            )
            log.write(
                memory_id, line.by, line.action, before, after, batch_id=line.batch_id, reason=line.reason
            )

    def _sentence(self) -> str:
        new, old = self._counts, self._counts["already_there"]
        if not (new["conversations"] or new["memories"] or new["lessons"]):
            return "Everything in this file is here already, so nothing was added."
        parts = [
            words.count(new["conversations"], "conversation"),
            words.count(new["messages"], "message"),
            words.count(new["memories"], "memory", "memories"),
        ]
        tail = f" {old:,} things were here already." if old else ""
        if new["lessons"]:
            parts.append(words.count(new["lessons"], "lesson"))
        return f"Imported {', '.join(parts[:-1])} and {parts[-1]}.{tail}"


def _given(at: datetime) -> datetime:
    return at


def _path(messages: list[MessageLine], head_id: str | None) -> list[tuple[Any, str, datetime]]:
    """The chosen path of an exported conversation, from its first message."""
    by_id = {one.id: one for one in messages}
    line: list[tuple[Any, str, datetime]] = []
    here = by_id.get(head_id or messages[-1].id)
    while here is not None and len(line) <= len(messages):
        line.append((here.role, storable(here.text), here.created))
        here = by_id.get(here.parent_id or "")
    return line[::-1]
