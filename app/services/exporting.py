"""Everything said and remembered, as lines of JSON."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any

from app.services.stores import Stores
from app.services.transfer_format import FORM
from app.services.words import iso
from personas.model import Persona
from storage.memory_filter import MemoryFilter
from storage.records import Conversation, Memory, MemoryState

KEPT = tuple(state for state in MemoryState if state is not MemoryState.FORGOTTEN)
"""What was forgotten is not handed on."""
NOT_HANDED_ON = frozenset({"avatar", "bundled", "version", "reads_from"})


def lines(stores: Stores, persona_id: str | None) -> Iterator[str]:
    """The export of one persona or of all, a line at a time."""
    yield _line({"keepsake": FORM, "exported": stores.clock.now()})
    chosen = stores.personas.list() if persona_id is None else [stores.personas.get(persona_id)]
    for persona in chosen:
        yield from _persona(stores, persona)


def _persona(stores: Stores, persona: Persona) -> Iterator[str]:
    yield _record("persona", persona)
    for conversation in reversed(stores.conversations.list(persona.id, limit=-1)):
        yield from _conversation(stores, conversation)
    everything = MemoryFilter(states=KEPT, limit=-1, order="said_on", descending=False)
    for memory in stores.memories.list(persona.id, everything):
        yield from _memory(stores, memory)
    for lesson in reversed(stores.lessons.list(persona.id)):
        fields = {
            name: value for name, value in dataclasses.asdict(lesson).items() if name not in {"id", "kind"}
        }
        yield _line({"kind": "lesson", "teaches": lesson.kind} | fields)


def _conversation(stores: Stores, conversation: Conversation) -> Iterator[str]:
    yield _record("conversation", conversation)
    for session in stores.sessions.for_conversation(conversation.id):
        yield _record("session", session)
    for message in stores.messages.all(conversation.id):
        yield _record("message", message)


def _memory(stores: Stores, memory: Memory) -> Iterator[str]:
    yield _record("memory", memory)
    for revision in reversed(stores.memories.history(memory.id)):
        yield _record("revision", revision)


def _record(kind: str, record: Any) -> str:
    names = [field.name for field in dataclasses.fields(record) if field.name not in NOT_HANDED_ON]
    return _line({"kind": kind} | {name: getattr(record, name) for name in names})


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"Not to be exported: {type(value).__name__}")
