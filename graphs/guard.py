"""The guard: decides for each memory that is about to be shown whether as fact, as unconfirmed, or not.

First by trust and state (graphs/memory/trusting.py), then by what was learned (graphs/memory/lessons.py),
then by what a memory that nobody vouches for says beside what the person told (graphs/memory/consensus.py,
graphs/memory/copying.py, graphs/memory/reaching.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphs.memory import consensus, copying, lessons, reaching
from graphs.memory.consensus import Objection, Statement
from graphs.memory.trusting import FACTS, Verdict, judge
from storage.records import Lesson, Memory, MemoryState, Outcome

__all__ = ["Verdict", "check"]

REFUSED_BEFORE = "something like it was refused before"
NOT_KNOWN: Mapping[str, Mapping[str, float]] = {}


def check(
    memories: Sequence[Memory],
    *,
    beside: Sequence[Memory] = (),
    query: str = "",
    learned: Sequence[Lesson] = (),
    near: Mapping[str, Mapping[str, float]] = NOT_KNOWN,
    strict: bool = True,
) -> Mapping[str, Verdict]:
    """A verdict on each memory, by id.

    `beside` are other candidates for the reply: what the person told among them bears witness. `near` are the
    cosines of memories to lessons, by memory and lesson. Without `strict` nothing is looked into that stands
    as unconfirmed.
    """
    verdicts = {memory.id: _judged(memory, learned) for memory in memories}
    open_ones = [memory for memory in memories if verdicts[memory.id].outcome is Outcome.UNCONFIRMED]
    if not open_ones or not strict:
        return verdicts
    told = {memory.id: memory for memory in (*memories, *beside) if _vouched_for(memory)}
    statements = [consensus.statement(memory.id, memory.text) for memory in open_ones]
    objections = consensus.objections(
        statements,
        [consensus.statement(memory.id, memory.text, vouched_for=True) for memory in told.values()],
        query,
    )
    copies = copying.objections(
        {memory.id: memory.text for memory in open_ones},
        {memory.id: memory.text for memory in told.values()},
        query,
    )
    for one in statements:
        objection = consensus.joined(objections.get(one.id), copies.get(one.id))
        objection = consensus.joined(objection, reaching.objection(one.text))
        lesson = lessons.avoiding(learned, one, near.get(one.id, lessons.UNKNOWN))
        verdicts[one.id] = _verdict(verdicts[one.id], one, objection, learned, lesson)
    return verdicts


def _verdict(
    so_far: Verdict,
    one: Statement,
    objection: Objection | None,
    learned: Sequence[Lesson],
    lesson: Lesson | None,
) -> Verdict:
    if lesson is not None:
        return replace(so_far, outcome=Outcome.SET_ASIDE, reason=REFUSED_BEFORE, lesson_id=lesson.id)
    if objection is None or lessons.allowing(learned, one, objection.reason):
        return so_far
    return replace(
        so_far,
        outcome=Outcome.SET_ASIDE,
        reason=objection.reason,
        signals=len(objection.signals),
        against_id=objection.against_id,
    )


def _judged(memory: Memory, learned: Sequence[Lesson]) -> Verdict:
    """By trust and state; what was allowed for its reason stands as unconfirmed."""
    verdict = judge(memory)
    if verdict.outcome is not Outcome.SET_ASIDE or memory.state is not MemoryState.ACTIVE:
        return verdict
    if lessons.allowing(learned, consensus.statement(memory.id, memory.text), verdict.reason):
        return Verdict(memory.id, Outcome.UNCONFIRMED, "you allowed something like it")
    return verdict


def _vouched_for(memory: Memory) -> bool:
    return memory.trust in FACTS and memory.state is MemoryState.ACTIVE
