"""Finding the summaries of talks that a message asks about, by their day rather than by their words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from graphs.memory.choosing import SHOWN, TALK
from graphs.memory.dating import midnight
from graphs.memory.ranking import Scored
from graphs.memory.talks import Asked, asked
from storage.memories import MemoryRepository
from storage.memory_filter import MemoryFilter
from storage.records import Granularity, MemoryState

SUMMARIES: Final = MemoryFilter(
    granularities=(Granularity.SESSION,), states=(MemoryState.ACTIVE,), order="said_on", limit=-1
)


def with_talks(
    memories: MemoryRepository,
    persona_id: str,
    text: str,
    found: Sequence[Scored],
    *,
    now: datetime,
    without: Sequence[str] = (),
) -> list[Scored]:
    """What was found, behind the summaries of the talks that the message asks about, the newest first.

    `now` is in the person's zone; summaries of the messages `without` alone are passed over.
    """
    wanted = asked(text, now, SHOWN)
    if wanted is None:
        return list(found)
    hidden = memories.resting_only_on(without)
    summaries = [one for one in memories.list(persona_id, _filter(wanted, now)) if one.id not in hidden]
    best = max((one.total for one in found), default=0.0)
    talks = [Scored(one, best + 1, {TALK: 1.0}) for one in summaries[: wanted.most]]
    ids = {one.memory.id for one in talks}
    return [*talks, *(one for one in found if one.memory.id not in ids)]


def _filter(wanted: Asked, now: datetime) -> MemoryFilter:
    if wanted.first is None or wanted.last is None:
        return SUMMARIES
    return replace(
        SUMMARIES,
        since=midnight(wanted.first, now),
        until=midnight(wanted.last + timedelta(days=1), now),
    )
