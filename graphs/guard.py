"""The guard: decides for each memory that is about to be shown whether as fact, as unconfirmed, or not.

First by trust and state (graphs/memory/trusting.py), then by what was learned (graphs/memory/lessons.py),
then by what a memory that nobody vouches for says beside what the person told (graphs/memory/consensus.py,
graphs/memory/copying.py, graphs/memory/reaching.py).
What moves an appointment is shown beside what was told (graphs/memory/moving.py).
Last, what is still unconfirmed stays out where the person's own words do better (graphs/memory/firsthand.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from graphs.memory import consensus, copying, firsthand, lessons, measures, moving, reaching, sources
from graphs.memory.commanding import ORDERS, addresses_companion
from graphs.memory.consensus import Objection, Statement
from graphs.memory.cues import asks_care, is_from_care
from graphs.memory.lexis import tokens
from graphs.memory.trusting import FACTS, Verdict, judge
from storage.records import Lesson, Memory, MemoryState, Outcome, Role, Trust

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
    scores: Mapping[str, float] | None = None,
) -> Mapping[str, Verdict]:
    """A verdict on each memory, by id.

    `beside` are other candidates for the reply: what the person told among them bears witness. `near` are the
    cosines of memories to lessons, by memory and lesson. Without `strict` nothing is looked into that stands
    as unconfirmed. `scores` are those by which candidates are ordered; without
    them each memory is judged by itself, and none is left out for a better one.
    """
    verdicts = {memory.id: _judged(memory, learned, query) for memory in memories}
    open_ones = [memory for memory in memories if verdicts[memory.id].outcome is Outcome.UNCONFIRMED]
    if not open_ones or not strict:
        return verdicts
    vouched_for = {memory.id: memory for memory in (*memories, *beside) if _vouched_for(memory)}
    told = [consensus.statement(one.id, one.text, vouched_for=True) for one in vouched_for.values()]
    statements = [consensus.statement(memory.id, memory.text) for memory in open_ones]
    moved = _moved(open_ones, statements, [(vouched_for[one.id], one) for one in told])
    guessed = [one.id for one in open_ones if one.trust is Trust.INFERRED and one.speaker is Role.USER]
    objections = _objections(statements, told, query, moved, guessed)
    for one in statements:
        lesson = lessons.avoiding(learned, one, near.get(one.id, lessons.UNKNOWN))
        so_far = verdicts[one.id]
        if one.id in moved:
            so_far = replace(so_far, reason=moving.MOVES, against_id=moved[one.id])
        verdicts[one.id] = _verdict(so_far, one, objections[one.id], learned, lesson)
    if scores is None or not told:
        return verdicts
    hearsay = [one for memory, one in zip(open_ones, statements, strict=True) if not _is_meant(memory, query)]
    verdicts |= _unsupported(verdicts, hearsay, told, query)
    alone = _alone_tells_when(hearsay, [one for one in told if one.id in verdicts], query)
    told_texts = [one.text for one in vouched_for.values()]
    known = [one.id for one in open_ones if _is_from_known(one, told_texts)]
    still = [one.id for one in hearsay if one.id not in {*moved, *alone, *known}]
    papers = {one.id for one in open_ones if one.trust is Trust.IMPORTED and sources.is_paper(one.text)}
    return verdicts | _own_words_first(verdicts, still, query, scores, papers)


def _objections(
    statements: Sequence[Statement],
    told: Sequence[Statement],
    query: str,
    moved: Collection[str],
    guessed: Collection[str],
) -> dict[str, Objection | None]:
    """What speaks against each, whatever it rests on."""
    found = consensus.objections(statements, told, query, moved, guessed)
    texts, told_texts = ({one.id: one.text for one in some} for some in (statements, told))
    copies = copying.objections(texts, told_texts, query)
    return {
        one.id: consensus.joined(
            consensus.joined(found.get(one.id), copies.get(one.id)), reaching.objection(one.text)
        )
        for one in statements
    }


def _alone_tells_when(hearsay: Sequence[Statement], told: Sequence[Statement], query: str) -> list[str]:
    """What answers when something is, where nothing does that the person told of it."""
    asked = firsthand.asks_when(query) and not firsthand.asks_advice(query)
    if not asked or any(measures.tells_when(one.text) for one in told):
        return []
    return [one.id for one in hearsay if measures.tells_when(one.text)]


def _moved(
    open_ones: Sequence[Memory],
    statements: Sequence[Statement],
    told: Sequence[tuple[Memory, Statement]],
) -> dict[str, str]:
    """Which of what nobody vouches for moves something in time, and what of what was told, if anything."""
    found = {
        memory.id: moving.what_it_moves(memory, one, told)
        for memory, one in zip(open_ones, statements, strict=True)
    }
    return {memory_id: told_id for memory_id, told_id in found.items() if told_id is not None}


def _is_meant(memory: Memory, query: str) -> bool:
    """Whether a question names whose words these are; the companion's are shown only where asked for."""
    own = memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED
    if own or (memory.speaker_name and set(tokens(memory.speaker_name)) & set(tokens(query))):
        return True
    return not firsthand.asks_advice(query) and sources.is_from_whom_asked_about(memory.text, query)


def _is_from_known(memory: Memory, told: Sequence[str]) -> bool:
    """Whether an imported note names as its source somebody whom the person spoke of."""
    return memory.trust is Trust.IMPORTED and sources.is_from_somebody_told_of(memory.text, told)


def _unsupported(
    verdicts: Mapping[str, Verdict], hearsay: Sequence[Statement], told: Sequence[Statement], query: str
) -> dict[str, Verdict]:
    """What a question about health is not answered with."""
    return {
        one.id: Verdict(one.id, Outcome.LEFT_OUT, firsthand.CARE)
        for one in hearsay
        if asks_care(query)
        and verdicts[one.id].outcome is Outcome.UNCONFIRMED
        and not (consensus.is_supported(one, told) or is_from_care(one.text))
    }


def _own_words_first(
    verdicts: Mapping[str, Verdict],
    hearsay: Sequence[str],
    query: str,
    scores: Mapping[str, float],
    papers: Collection[str],
) -> dict[str, Verdict]:
    """What stays out of this reply, though nothing speaks against it; `hearsay` is nobody's word.

    Papers are kept to be looked up: one that has to do with the question may answer it, however near the
    person's own words are.
    """
    open_ones = [one for one in hearsay if verdicts[one].outcome is Outcome.UNCONFIRMED]
    if firsthand.asks_for_words(query):
        return {}
    if firsthand.asks_advice(query):
        return {one: Verdict(one, Outcome.LEFT_OUT, firsthand.ADVICE) for one in open_ones}
    facts = {one: scores[one] for one, verdict in verdicts.items() if verdict.outcome is Outcome.FACT}
    behind = firsthand.behind(facts, {one: scores[one] for one in open_ones if one not in papers})
    return {one: Verdict(one, Outcome.LEFT_OUT, firsthand.NEARER) for one in behind}


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


def _judged(memory: Memory, learned: Sequence[Lesson], query: str) -> Verdict:
    """By trust and state; what was allowed for its reason, or is asked for, stands as unconfirmed."""
    verdict = judge(memory)
    if verdict.reason == ORDERS and _is_quoted(memory, query):
        return Verdict(memory.id, Outcome.UNCONFIRMED, "you ask for its words")
    if verdict.outcome is not Outcome.SET_ASIDE or memory.state is not MemoryState.ACTIVE:
        return verdict
    if lessons.allowing(learned, consensus.statement(memory.id, memory.text), verdict.reason):
        return Verdict(memory.id, Outcome.UNCONFIRMED, "you allowed something like it")
    return verdict


def _is_quoted(memory: Memory, query: str) -> bool:
    """Whether it is asked for what somebody ordered, and the order is not to the companion."""
    return (
        memory.state is MemoryState.ACTIVE
        and not addresses_companion(memory.text)
        and sources.is_asked_for(memory.text, query)
    )


def _vouched_for(memory: Memory) -> bool:
    return memory.trust in FACTS and memory.state is MemoryState.ACTIVE
