"""What the companion promised in one session, kept apart from what is known of the person."""

from collections.abc import Sequence
from typing import Final

from graphs.memory import dating, promises
from graphs.memory.forgetting import initial_strength
from graphs.memory.selection import Line
from graphs.reflection_context import ReflectionContext
from storage.memory_filter import MemoryFilter
from storage.records import (
    Author,
    Granularity,
    Memory,
    MemoryState,
    Message,
    Origin,
    Role,
    Session,
    Source,
    Trust,
)

IMPORTANCE: Final = 0.6
"""More than a middling line: a word given is expected to be kept."""


def keep_promises(context: ReflectionContext, session_id: str, *, batch_id: str) -> int:
    """Keep the companion's promises of a session that are not known yet; say how many there were.

    What it promised before is not kept again, whatever became of it: a reply that repeats a remembered
    promise must not make it a new one.
    """
    session = context.sessions.get(session_id)
    found = promises.promised(context.sessions.messages(session_id))
    if not found:
        return 0
    made = 0
    with context.database.atomic():
        known = _known(context, session)
        for line in found:
            message = context.messages.get(line.message_id)
            if _is_known(line, known) or _taken_back(context, message):
                continue
            kept = context.memories.add(
                _memory(context, session, message, line), Author.REFLECTION, batch_id=batch_id
            )
            known.append(kept)
            made += 1
    return made


def _known(context: ReflectionContext, session: Session) -> list[Memory]:
    wanted = MemoryFilter(granularities=(Granularity.TOPIC,), speaker=Role.ASSISTANT, limit=-1)
    return context.memories.list(session.persona_id, wanted)


def _is_known(line: Line, known: Sequence[Memory]) -> bool:
    rests = (source for memory in known for source in memory.sources)
    return any(source.message_id == line.message_id and source.quote == line.text for source in rests) or any(
        promises.same_promise(line.text, memory.text) for memory in known
    )


def _taken_back(context: ReflectionContext, message: Message) -> bool:
    """Whether the person has taken the message out of what is remembered."""
    return any(
        memory.granularity is Granularity.TURN and memory.state is MemoryState.FORGOTTEN
        for memory in context.memories.from_message(message.id)
    )


def _memory(context: ReflectionContext, session: Session, message: Message, line: Line) -> Memory:
    said = message.created.astimezone(context.zone)
    days = dating.resolve(line.text, said, sense=1)
    return Memory(
        id=context.ids(),
        persona_id=session.persona_id,
        granularity=Granularity.TOPIC,
        text=" ".join(dating.annotate(line.text, days).split()),
        trust=Trust.IMPORTED if message.origin is Origin.IMPORT else Trust.INFERRED,
        created=context.clock.now(),
        said_on=message.created,
        speaker=Role.ASSISTANT,
        speaker_name=message.speaker,
        session_id=session.id,
        valid_from=dating.midnight(days[0].first, said) if len(days) == 1 else None,
        importance=IMPORTANCE,
        strength=initial_strength(IMPORTANCE),
        sources=(Source(message.id, line.text),),
    )
