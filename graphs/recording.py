"""What a turn leaves behind: recalls, and memories that grew stronger by being used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graphs.lesson_book import LessonBook
from graphs.memory.forgetting import days_between, retention, strengthen
from storage.memories import MemoryRepository
from storage.records import Author, MemoryState, Outcome, Recall


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


CONFIRMED = 2
"""So many independent signals confirm each other."""


def take_to_heart(
    memories: MemoryRepository, book: LessonBook, places: Sequence[Mapping[str, Any]], message_id: str
) -> None:
    """What two independent signals spoke against waits for the person, and teaches."""
    for place in places:
        if place.get("lesson_id"):
            book.applied(place["lesson_id"])
        memory = memories.find(place["memory_id"])
        if memory and place["outcome"] == Outcome.SET_ASIDE and place.get("signals", 0) >= CONFIRMED:
            batch_id = book.ids()
            memory = memories.change(
                memory.id,
                Author.GUARD,
                "quarantine",
                batch_id=batch_id,
                reason=place["reason"],
                state=MemoryState.QUARANTINED,
            )
            book.refuse(
                memory,
                place["reason"],
                context_id=message_id,
                instead_id=place.get("against_id") or None,
                batch_id=batch_id,
            )


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
