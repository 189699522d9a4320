"""When something changes: what a new memory ends is marked as no longer so, in the batch that brought it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from graphs.memory import changes, lexis
from graphs.reflection_context import ReflectionContext
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.records import Author, Claim, Granularity, Held, Memory, MemoryState

MOST: Final = 3
"""Memories that one session may retire; what it would retire beyond that waits for the person."""
RETIRE: Final = "supersede"
COUNTS: Final = frozenset({MemoryState.ACTIVE, MemoryState.FADED})


def settle(context: ReflectionContext, memory: Memory, *, batch_id: str, chosen: Sequence[str] = ()) -> int:
    """Hold a memory against all others with the same subject and attribute; say how many were retired.

    Whichever was said later ends the other, so that it does not matter in which order sessions are read.
    `chosen` are ids of memories that a model took for ended; these wait for the person.
    """
    mine = context.claims.held(memory)
    if mine is None:
        return 0
    mine = changes.without_unclear(mine, context.claims.known(memory.persona_id, memory.said_on))
    retired = 0
    for rival in context.claims.rivals(memory, changes.attributes_of(mine.claims)):
        newer, older = changes.order(mine, rival)
        ended = changes.outdated(newer, older)
        retired += bool(ended) and _end(context, newer, older, ended, batch_id)
    for old_id in chosen:
        old = context.memories.find(old_id)
        rest = context.claims.held(old) if old else None
        if rest and changes.order(mine, rest)[0] is mine:
            context.claims.propose(rest.memory_id, mine.memory_id, changes.since(mine, rest.claims))
    return retired


def _end(context: ReflectionContext, newer: Held, older: Held, ended: Sequence[Claim], batch_id: str) -> bool:
    """End claims of a memory, and the memory with its last one; whether it was retired."""
    at = changes.since(newer, ended)
    if not changes.all_over(older, ended):
        for claim in ended:
            context.claims.end(claim, by=newer.memory_id)
        return False
    if older.pinned or _retired(context, batch_id) >= MOST:
        context.claims.propose(older.memory_id, newer.memory_id, at)
        return False
    with context.database.atomic():
        retire(context.memories, context.messages, older.memory_id, newer.memory_id, at,
               batch_id=batch_id, by=Author.REFLECTION)  # fmt: skip
    return True


def retire(
    memories: MemoryRepository,
    messages: MessageRepository,
    old_id: str,
    new_id: str,
    at: datetime,
    *,
    batch_id: str,
    by: Author,
) -> None:
    """Mark a memory as no longer so from a time on, and with it the turn that says nothing else.

    The turn stays recallable, since the past may be asked for; what is shown of it says that it is past.
    """
    old = memories.get(old_id)
    memories.change(
        old_id,
        by,
        RETIRE,
        batch_id=batch_id,
        state=MemoryState.SUPERSEDED,
        superseded_by=new_id,
        valid_to=at,
    )
    for turn in _saying_nothing_else(memories, messages, old):
        memories.change(turn.id, by, "end", batch_id=batch_id, valid_to=at)


def ended_with(memories: MemoryRepository, old: Memory) -> list[Memory]:
    """The turns that were marked as past together with a memory."""
    return [
        turn
        for source in old.sources
        for turn in memories.from_message(source.message_id)
        if turn.granularity is Granularity.TURN and old.valid_to and turn.valid_to == old.valid_to
    ]


def _saying_nothing_else(
    memories: MemoryRepository, messages: MessageRepository, old: Memory
) -> Iterable[Memory]:
    for source in old.sources:
        message = messages.find(source.message_id)
        if message is None or lexis.content_words(message.text.replace(source.quote, " ")):
            continue
        for turn in memories.from_message(message.id):
            if turn.granularity is Granularity.TURN and turn.state in COUNTS and turn.valid_to is None:
                yield turn


def _retired(context: ReflectionContext, batch_id: str) -> int:
    """How many memories this reflection has retired so far, also before a crash."""
    return sum(change.action == RETIRE and not change.reason for change in context.memories.batch(batch_id))
