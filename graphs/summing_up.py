"""The summary of one session, made of the memories that rest on it, and made anew when they change."""

from graphs.memory import summary
from graphs.memory.forgetting import initial_strength
from graphs.memory.selection import is_own
from graphs.reflection_context import ReflectionContext
from storage.memory_filter import MemoryFilter
from storage.records import (
    Author,
    Granularity,
    Memory,
    MemoryState,
    Message,
    Role,
    Session,
    Source,
    least_trusted,
)

Telling = tuple[Memory, tuple[Source, ...]]
"""A memory, and the words of this session that it rests on."""


def summed_up(context: ReflectionContext, session_id: str, *, batch_id: str) -> bool:
    """Keep the session's summary or bring it up to date; say whether anything changed."""
    session = context.sessions.get(session_id)
    lines = _lines(context, context.sessions.messages(session_id))
    day = session.started.astimezone(context.zone)
    chosen = {memory.id for memory in summary.chosen([memory for memory, _ in lines], day)}
    told = [line for line in lines if line[0].id in chosen]
    if not told:
        return False
    text = summary.worded([memory for memory, _ in told], day)
    with context.database.atomic():
        old = _made_before(context, session)
        if old is None:
            context.memories.add(_memory(context, session, text, told), Author.REFLECTION, batch_id=batch_id)
            return True
        if old.state is not MemoryState.ACTIVE or _is_the_persons(context, old) or old.text == text:
            return False
        context.memories.change(
            old.id,
            Author.REFLECTION,
            "edit",
            batch_id=batch_id,
            reason="summed up anew",
            text=text,
            sources=_sources(told),
        )
        return True


def _lines(context: ReflectionContext, messages: list[Message]) -> list[Telling]:
    """The person's memories that rest on a session, in the order in which it says them."""
    found: dict[str, Telling] = {}
    for message in messages:
        if not is_own(message):
            continue
        places: list[tuple[int, Telling]] = []
        for memory in context.memories.from_message(message.id):
            quotes = [one for one in memory.sources if one.message_id == message.id and one.quote]
            if quotes and _counts(memory) and memory.id not in found:
                places.append((message.text.find(quotes[0].quote), (memory, tuple(quotes))))
        for _, telling in sorted(places, key=lambda place: place[0]):
            found[telling[0].id] = telling
    return list(found.values())


def _counts(memory: Memory) -> bool:
    told = memory.granularity in {Granularity.TOPIC, Granularity.PROFILE}
    return told and memory.state is MemoryState.ACTIVE and memory.speaker is Role.USER


def _sources(told: list[Telling]) -> tuple[Source, ...]:
    return tuple(source for _, sources in told for source in sources)


def _memory(context: ReflectionContext, session: Session, text: str, told: list[Telling]) -> Memory:
    weight = max(memory.importance for memory, _ in told)
    return Memory(
        id=context.ids(),
        persona_id=session.persona_id,
        granularity=Granularity.SESSION,
        text=text,
        trust=least_trusted([memory.trust for memory, _ in told]),
        created=context.clock.now(),
        said_on=session.started,
        speaker_name=told[0][0].speaker_name,
        session_id=session.id,
        importance=weight,
        strength=initial_strength(weight),
        sources=_sources(told),
    )


def _made_before(context: ReflectionContext, session: Session) -> Memory | None:
    wanted = MemoryFilter(granularities=(Granularity.SESSION,), session_id=session.id, limit=1)
    return next(iter(context.memories.list(session.persona_id, wanted)), None)


def _is_the_persons(context: ReflectionContext, memory: Memory) -> bool:
    """Whether the person has put it in their own words."""
    return any(
        revision.by is Author.USER and "text" in revision.after and revision.before is not None
        for revision in context.memories.history(memory.id)
    )
