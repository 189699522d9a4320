"""The guard: decides for each memory that is about to be shown whether as fact, as unconfirmed, or not.

The first tier, which needs no model: trust, state and words (graphs/memory/trusting.py).
"""

from collections.abc import Mapping, Sequence

from graphs.memory.trusting import Verdict, judge
from storage.records import Memory

__all__ = ["Verdict", "check"]


def check(memories: Sequence[Memory]) -> Mapping[str, Verdict]:
    """A verdict on each memory, by id."""
    return {memory.id: judge(memory) for memory in memories}
