"""What a memory is let in as: looked at once, when it is stored, by its form and where it comes from.

No model is asked. What the person says in words that are not their own is trusted less; what others sent is
kept apart for the person to decide where it plays a role in the prompt or gives orders to whoever answers.
Nothing is thrown away here.
"""

from dataclasses import dataclass

from graphs.memory import pasting
from graphs.memory.commanding import IMITATES, ORDERS, addresses_companion, imitates_program
from storage.records import Memory, Role, Trust

OWN = frozenset({Trust.SAID, Trust.NOTED})
"""What the door may take for somebody else's words; what the person wrote into the page is theirs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a memory enters."""

    trust: Trust
    distrusted: str = ""
    """Why it is trusted less than where it comes from, in words; empty where it is not."""
    kept_apart: str = ""
    """Why it waits for the person to decide, in words; empty where it does not."""


def inspect(memory: Memory, others: pasting.Others = pasting.nothing) -> Entry:
    """How a new memory enters. `others` gives some of what the person said before."""
    trust, distrusted = memory.trust, ""
    if memory.trust in OWN and memory.speaker is Role.USER:
        found = pasting.look(memory.text, others)
        if found is not None:
            trust, distrusted = Trust.PASTED, found.reason
    return Entry(trust, distrusted, _kept_apart(memory, trust))


def _kept_apart(memory: Memory, trust: Trust) -> str:
    if trust in OWN or trust is Trust.TYPED or (memory.speaker is Role.ASSISTANT and trust is Trust.INFERRED):
        return ""
    if imitates_program(memory.text):
        return IMITATES
    if addresses_companion(memory.text):
        return ORDERS
    return ""
