"""What a turn leaves behind: recalls, and memories that grew stronger by being used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graphs.memory.forgetting import days_between, retention, strengthen
from storage.memories import MemoryRepository
from storage.records import Author, Outcome, Recall


def recalls_of(
    reply_id: str, places: Sequence[Mapping[str, Any]], usage: Mapping[str, float], used: Mapping[str, float]
) -> list[Recall]:
    """A recall for each candidate."""
    return [
        Recall(
            message_id=reply_id,
            memory_id=place["memory_id"],
            rank=place["rank"],
            scores=place["scores"],
            outcome=Outcome(place["outcome"]),
            reason=place["reason"],
            used=place["memory_id"] in used,
            usage=round(usage.get(place["memory_id"], 0.0), 3),
        )
        for place in places
    ]


def strengthen_used(memories: MemoryRepository, used: Mapping[str, float], now: datetime) -> None:
    """Each use makes a memory last longer, the more the nearer it was to being forgotten."""
    for memory in memories.get_many(list(used)):
        kept = retention(days_between(memory.last_used or memory.created, now), memory.strength)
        memories.change(
            memory.id,
            Author.DECAY,
            "use",
            strength=strengthen(memory.strength, kept, memory.importance),
            last_used=now,
            recalls=memory.recalls + 1,
        )
