"""Which of the memories that a reply was shown it rests on.

Models of this size seldom cite (docs/benchmarks.md), so the words decide: those that the reply shares with
a memory, and that neither the question nor the conversation before it holds, can hardly have come from
elsewhere. A citation counts as well where the reply shares anything with what it cites.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from graphs.memory.lexis import content_words, stems

ENOUGH: Final = 0.5
"""Usage from which a memory counts as used."""
FULL: Final = 4
"""So many shared words are full usage, however long memory and reply are."""
CITED: Final = 0.5


def usage(
    reply: str, known: Sequence[str], memories: Mapping[str, str], cited: Collection[str] = ()
) -> dict[str, float]:
    """How strongly a reply rests on each memory, in [0, 1], by id.

    `known` are the texts that the reply could have its words from as well: the question, what was said
    before it, the persona, today's date. `memories` are their texts as shown, so with their dates. A word
    that several memories hold is shared between them.
    """
    elsewhere = _words(*known)
    fresh = _words(reply) - elsewhere
    words = {memory_id: _words(text) for memory_id, text in memories.items()}
    owners = {word: sum(word in held for held in words.values()) for word in fresh}
    found = {}
    for memory_id, held in words.items():
        own = held - elsewhere
        shared = sum(1 / owners[word] for word in fresh & held)
        share = shared / max(1, min(FULL, len(own), len(fresh)))
        found[memory_id] = min(1.0, share + (CITED if memory_id in cited else 0.0))
    return found


def used(strengths: Mapping[str, float]) -> dict[str, float]:
    """The memories that count as used, with their usage."""
    return {memory_id: strength for memory_id, strength in strengths.items() if strength >= ENOUGH}


def _words(*texts: str) -> set[str]:
    return stems(word for text in texts for word in content_words(text))
