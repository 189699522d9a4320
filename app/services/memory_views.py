"""Memories as pages and commands show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.services import words
from app.services.stores import Stores
from app.services.views import CurvePoint, HistoryLine, MemoryLine, SourceView, UseLine
from graphs.memory.forgetting import as_kept_by, days_between, last_touched, retention, stays
from personas.model import Persona
from storage.records import Memory, Message, Revision, Role

CURVE_POINTS = 40
SHORTEST_CURVE = timedelta(days=30)
PASSED_OVER = frozenset({"use", "lose_source"})
"""Changes that do not stand in the way of undoing an earlier one."""
NOT_UNDONE = PASSED_OVER | {"add", "undo"}


def memory_line(
    memory: Memory,
    persona: Persona,
    now: datetime,
    *,
    score: float | None = None,
    parts: Mapping[str, float] | None = None,
) -> MemoryLine:
    """A memory of a persona as a line of a list."""
    held = as_kept_by(persona, memory)
    return MemoryLine(
        id=memory.id,
        text=memory.text,
        granularity=memory.granularity,
        kind=words.KINDS[memory.granularity],
        state=memory.state,
        state_words=words.STATES[memory.state],
        trust=memory.trust,
        where_from=words.where_from(memory, persona.name),
        said_on=memory.said_on,
        when=words.when(memory.said_on, now),
        speaker=words.speaker(memory, persona.name),
        pinned=memory.pinned,
        strength=words.strength(held, now),
        strength_words=words.strength_words(held, now),
        score=score,
        parts=parts or {},
    )


def history_lines(revisions: Sequence[Revision], now: datetime) -> tuple[HistoryLine, ...]:
    """A memory's changes, newest first; the newest one that is more than use can be undone."""
    undoable = next(
        (revision for revision in revisions if revision.action not in {"use", "lose_source"}), None
    )
    return tuple(
        HistoryLine(
            batch_id=revision.batch_id,
            at=revision.at,
            words=words.history_words(revision, now),
            action=revision.action,
            by=words.AUTHORS[revision.by],
            before=str((revision.before or {}).get("text", "")),
            after=str(revision.after.get("text", "")),
            can_undo=revision is undoable and revision.action not in NOT_UNDONE,
        )
        for revision in revisions
    )


def curve(memory: Memory, now: datetime) -> tuple[CurvePoint, ...]:
    """How much of a memory is kept, from its last use until well after it fades."""
    begin = last_touched(memory)
    fades = words.fading_date(memory)
    end = max(now, begin + SHORTEST_CURVE)
    if fades is not None:
        end = max(end, min(begin + (fades - begin) * 1.25, begin + timedelta(days=3650)))
    step = (end - begin) / (CURVE_POINTS - 1)
    moments = [begin + step * number for number in range(CURVE_POINTS)]
    return tuple(
        CurvePoint(at, 1.0 if stays(memory) else retention(days_between(begin, at), memory.strength))
        for at in moments
    )


class SourceViews:
    """Shows where memories come from and where they were used."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def sources(self, memory: Memory, companion: str, now: datetime) -> tuple[SourceView, ...]:
        """The messages that a memory derives from, the first one first."""
        found = [(source, self._stores.messages.find(source.message_id)) for source in memory.sources]
        return tuple(
            SourceView(
                message_id=message.id,
                conversation_id=message.conversation_id,
                conversation_title=self._stores.conversations.get(message.conversation_id).title,
                text=message.text,
                quote=source.quote or message.text,
                said_on=message.created,
                when=words.when(message.created, now),
                speaker=speaker_of(message, companion),
            )
            for source, message in found
            if message is not None
        )

    def used_in(self, memory: Memory, now: datetime) -> tuple[UseLine, ...]:
        """The replies that used a memory, newest first."""
        return tuple(
            UseLine(
                message_id=reply.id,
                conversation_id=reply.conversation_id,
                text=words.excerpt(reply.text, 140),
                at=reply.created,
                when=words.when(reply.created, now),
            )
            for recall, reply in self._stores.recalls.for_memory(memory.id)
            if recall.used
        )


def speaker_of(message: Message, companion: str) -> str:
    """Who wrote a message: `you`, the companion, or a transcript's speaker."""
    return message.speaker or ("you" if message.role is Role.USER else companion)
