"""The guard: decides for each memory that is about to be shown whether as fact, as unconfirmed, or not.

First by trust and state (graphs/memory/trusting.py), then by what those that nobody vouches for say beside
what the person told (graphs/memory/consensus.py). Neither needs a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphs.memory import consensus
from graphs.memory.trusting import FACTS, Verdict, judge
from storage.records import Memory, MemoryState, Outcome

__all__ = ["Verdict", "check"]


def check(
    memories: Sequence[Memory], *, beside: Sequence[Memory] = (), query: str = ""
) -> Mapping[str, Verdict]:
    """A verdict on each memory, by id.

    `beside` are other candidates for the reply: what the person told among them bears witness.
    """
    verdicts = {memory.id: judge(memory) for memory in memories}
    open_ones = [memory for memory in memories if verdicts[memory.id].outcome is Outcome.UNCONFIRMED]
    if not open_ones:
        return verdicts
    told = {memory.id: memory for memory in (*memories, *beside) if _vouched_for(memory)}
    objections = consensus.objections(
        [consensus.statement(memory.id, memory.text) for memory in open_ones],
        [consensus.statement(memory.id, memory.text, vouched_for=True) for memory in told.values()],
        query,
    )
    for memory_id, reason in objections.items():
        verdicts[memory_id] = replace(verdicts[memory_id], outcome=Outcome.SET_ASIDE, reason=reason)
    return verdicts


def _vouched_for(memory: Memory) -> bool:
    return memory.trust in FACTS and memory.state is MemoryState.ACTIVE
