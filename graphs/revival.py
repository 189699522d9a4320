"""What had faded comes back when the person brings it up."""

from datetime import datetime
from typing import Final

from graphs.memory.choosing import may_be_shown
from graphs.memory.forgetting import days_between, last_touched, retention, strengthen
from graphs.memory.mentioning import brings_up, shares_enough
from graphs.memory.question import understand
from graphs.memory.turns import says_little
from graphs.retrieval import Retriever
from storage.memories import MemoryRepository
from storage.records import Author, Memory, MemoryState

CONSIDERED: Final = 20
"""Faded memories that are looked at more closely, as many as a turn has candidates."""
MOST: Final = 5
"""So many come back at once, as many as one reply is shown."""


def revive_mentioned(
    memories: MemoryRepository,
    retriever: Retriever,
    persona_id: str,
    message: str,
    *,
    now: datetime,
) -> list[Memory]:
    """Bring back the faded memories that a message speaks of, each a change that can be undone.

    What a person let fade themselves stays so until they bring it back themselves, and what says little by
    itself is not what anybody speaks of.
    """
    topic = understand(message, memories.speaker_names(persona_id))
    near = [
        memory
        for memory in retriever.faded(persona_id, topic, CONSIDERED)
        if may_be_shown(memory)
        and not says_little(memory)
        and shares_enough(topic.meaning, memory.text)
        and not _let_go_by_hand(memories, memory)
    ]
    cosines = retriever.cosines(topic, [memory.text for memory in near])
    due = [
        memory
        for memory, cosine in zip(near, cosines, strict=True)
        if brings_up(topic.meaning, memory.text, cosine)
    ]
    return [_revive(memories, memory, now) for memory in due[:MOST]]


def _revive(memories: MemoryRepository, memory: Memory, now: datetime) -> Memory:
    kept = retention(days_between(last_touched(memory), now), memory.strength)
    return memories.change(
        memory.id,
        Author.DECAY,
        "revive",
        state=MemoryState.ACTIVE,
        strength=strengthen(memory.strength, kept, memory.importance),
        last_used=now,
    )


def _let_go_by_hand(memories: MemoryRepository, memory: Memory) -> bool:
    changes = (change for change in memories.history(memory.id) if "state" in change.after)
    newest = next(changes, None)
    return newest is not None and newest.by is Author.USER and newest.before is not None
