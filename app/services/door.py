"""How memories enter the store: inspected once; what was found are changes that can be taken back."""

from collections.abc import Sequence
from typing import Final

from app.services.stores import Stores
from graphs.memory.door import inspect
from storage.memory_filter import MemoryFilter
from storage.records import Author, Memory, MemoryState, Role, Trust

OTHERS: Final = 8
"""So many of the person's newest messages tell their language."""
ALIKE: Final = 20
"""So many memories that share words in a row with a new one are compared with it."""


def let_in(
    stores: Stores,
    memory: Memory,
    by: Author,
    *,
    reason: str = "",
    alone: bool = True,
) -> Memory:
    """Keep a new memory as what it may enter as. `alone`: it is no part of a file with many."""
    entry = inspect(
        memory,
        (lambda: _own_words(stores, memory.persona_id)) if alone else tuple,
        lambda: _worded_alike(stores, memory),
    )
    batch_id = stores.ids()
    with stores.database.atomic():
        kept = stores.memories.add(memory, by, reason=reason)
        if entry.distrusted:
            kept = stores.memories.change(
                memory.id,
                Author.GUARD,
                "distrust",
                batch_id=batch_id,
                reason=entry.distrusted,
                trust=entry.trust,
            )
        if entry.kept_apart and memory.state is MemoryState.ACTIVE:
            kept = stores.memories.change(
                memory.id,
                Author.GUARD,
                "quarantine",
                batch_id=batch_id,
                reason=entry.kept_apart,
                state=MemoryState.QUARANTINED,
            )
    return kept


def _own_words(stores: Stores, persona_id: str) -> Sequence[str]:
    wanted = MemoryFilter(speaker=Role.USER, trusts=(Trust.SAID,), limit=OTHERS)
    return [memory.text for memory in stores.memories.list(persona_id, wanted)]


def _worded_alike(stores: Stores, memory: Memory) -> Sequence[Memory]:
    ids = stores.words.sharing_phrases(memory.persona_id, memory.text, ALIKE)
    return stores.memories.get_many(ids)
