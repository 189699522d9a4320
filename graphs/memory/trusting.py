"""What a memory may be shown as: fact, unconfirmed, or not at all. The first tier of the guard.

Trust goes by lineage, set out of band (arXiv 2510.02373; AuthMem-Bench): what the person said, wrote, or
what was noted from their own words with a quote is a fact about them; everything else is unconfirmed. What
gives the companion orders, or plays a role in the prompt, is set aside where it does not come from the
person; a person's own standing wishes ("always call me Ida") are theirs to give.
"""

import re
from dataclasses import dataclass
from typing import Final

from graphs.memory.commanding import IMITATES, ORDERS, addresses_companion, imitates_program
from storage.records import Memory, MemoryState, Outcome, Role, Trust

FACTS: Final = frozenset({Trust.SAID, Trust.TYPED, Trust.NOTED})
ORDER: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instruction|previous|prior|above|prompt)"
    r"|\bfrom now on\b[^.!?]{0,12}\byou\b|\bnew instructions?\b|\bsystem prompt\b"
    r"|\b(?:always|never|you must|you should|make sure to|be sure to)\s+"
    r"(?:recommend|suggest|mention|tell (?:her|him|them)|praise|insist|pretend|act as|promote|urge|steer)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Orders to whoever reads a memory."""
REASONS: Final = {
    MemoryState.QUARANTINED: "it waits for you to decide",
    MemoryState.SUPERSEDED: "something newer took its place",
    MemoryState.FADED: "it has faded",
    MemoryState.FORGOTTEN: "you asked to forget it",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a memory may be shown as, and why not as more."""

    memory_id: str
    outcome: Outcome
    reason: str = ""
    lesson_id: str = ""
    """The lesson that decided it."""
    signals: int = 0
    """How many independent signals spoke against it."""
    against_id: str = ""
    """What the person told that it contradicts."""


def judge(memory: Memory) -> Verdict:
    """The verdict on one memory by its state, its words and its trust."""
    if memory.state is not MemoryState.ACTIVE:
        return Verdict(memory.id, Outcome.SET_ASIDE, REASONS[memory.state])
    if memory.trust in FACTS:
        return Verdict(memory.id, Outcome.FACT)
    if imitates_program(memory.text):
        return Verdict(memory.id, Outcome.SET_ASIDE, IMITATES)
    if ORDER.search(memory.text) or addresses_companion(memory.text):
        return Verdict(memory.id, Outcome.SET_ASIDE, ORDERS)
    return Verdict(memory.id, Outcome.UNCONFIRMED, _origin(memory))


def _origin(memory: Memory) -> str:
    if memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED:
        return "the companion said it, not you"
    if memory.trust is Trust.IMPORTED:
        return "it was imported"
    if memory.trust is Trust.PASTED:
        return "you pasted it, it is not in your own words"
    return "it was guessed, not said"
