"""Which other memories say what one says, so that what is forgotten does not come back through them."""

from collections.abc import Iterable

from app.services.stores import Stores
from graphs.memory.lexis import content_words, stems
from storage.records import Granularity, Memory, MemoryState, Message, Role

RECALLABLE = frozenset({MemoryState.ACTIVE, MemoryState.FADED, MemoryState.QUARANTINED})
ECHO = 0.5
"""Share of a memory's telling words that a reply must repeat to count as saying it again."""


def kin(stores: Stores, memory: Memory) -> list[Memory]:
    """What rests on the same words of a message, and the companion's replies that say it again."""
    found = {other.id: other for other in (*_resting_on_same(stores, memory), *_echoes(stores, memory))}
    found.pop(memory.id, None)
    return [other for other in found.values() if other.state in RECALLABLE]


def _resting_on_same(stores: Stores, memory: Memory) -> Iterable[Memory]:
    for source in memory.sources:
        for other in stores.memories.from_message(source.message_id):
            if _overlap(memory, other):
                yield other


def _overlap(one: Memory, other: Memory) -> bool:
    """Whether two memories rest on the same words of some message; no quote means all of its words."""
    return any(
        mine.message_id == theirs.message_id
        and (not mine.quote or not theirs.quote or mine.quote in theirs.quote or theirs.quote in mine.quote)
        for mine in one.sources
        for theirs in other.sources
    )


def _echoes(stores: Stores, memory: Memory) -> Iterable[Memory]:
    wanted = stems(content_words(memory.text))
    for reply in _replies(stores, memory):
        said = stems(content_words(reply.text))
        if wanted and len(wanted & said) >= ECHO * len(wanted):
            for other in stores.memories.from_message(reply.id):
                if other.granularity is Granularity.TURN:
                    yield other


def _replies(stores: Stores, memory: Memory) -> Iterable[Message]:
    """Replies that used the memory, and those that answered the messages it comes from."""
    yield from (reply for recall, reply in stores.recalls.for_memory(memory.id) if recall.used)
    for source in memory.sources:
        message = stores.messages.find(source.message_id)
        if message is not None:
            yield from (
                one
                for one in stores.messages.all(message.conversation_id)
                if one.parent_id == message.id and one.role is Role.ASSISTANT
            )
