"""Which of the ranked candidates are worth showing to the model: few, different, and to the point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graphs.memory.ranking import Scored
from storage.records import Granularity, Memory

SHOWN: Final = 5
"""RMM's M: of K = 20 ranked candidates the best five are shown (arXiv 2503.08026)."""
NEAR: Final = 0.3
"""Cosine from which two texts are about the same thing for all-MiniLM-L6-v2; strangers lie around 0.1."""
LEAST_WORDS: Final = 1.0
"""BM25 from which a shared word is a telling one rather than one that half the memories hold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate's place, and whether it is a candidate to be shown."""

    scored: Scored
    rank: int
    left_out: str = ""
    """Why not, in words; empty where it may be shown."""


def choose(found: Sequence[Scored], shown: int = SHOWN) -> list[Choice]:
    """Of candidates, best first, those to show."""
    kept: list[Memory] = []
    choices = []
    for rank, scored in enumerate(found):
        reason = _against(scored, kept, shown)
        if not reason:
            kept.append(scored.memory)
        choices.append(Choice(scored, rank, reason))
    return choices


def _against(scored: Scored, kept: Sequence[Memory], shown: int) -> str:
    memory = scored.memory
    if not is_near(scored):
        return "it has little to do with this"
    if any(repeats(memory, other) for other in kept):
        return "another memory says the same"
    if len(kept) >= shown:
        return "better ones were found"
    return ""


def is_near(scored: Scored) -> bool:
    """Whether a memory is about the same thing as the question at all."""
    parts = scored.parts
    return parts.get("cosine", 0.0) >= NEAR or parts.get("bm25", 0.0) >= LEAST_WORDS


def repeats(memory: Memory, other: Memory) -> bool:
    """Whether a memory rests on the same words as another, or has the same text."""
    if memory.text.strip().casefold() == other.text.strip().casefold():
        return True
    if memory.granularity is Granularity.SESSION or other.granularity is Granularity.SESSION:
        return False
    mine = {source.message_id: source.quote for source in memory.sources}
    theirs = {source.message_id: source.quote for source in other.sources}
    return any(
        not mine[shared]
        or not theirs[shared]
        or mine[shared] in theirs[shared]
        or theirs[shared] in mine[shared]
        for shared in mine.keys() & theirs.keys()
    )
