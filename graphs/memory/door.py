"""What a memory is let in as: looked at once, when it is stored, by its form and where it comes from.

No model is asked. What the person says in words that are not their own is trusted less; what others sent is
kept apart for the person to decide where it plays a role in the prompt, gives orders to whoever answers,
repeats what the person told with something in it changed, or comes many times at once.
Nothing is thrown away here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from graphs.memory import copying, pasting
from graphs.memory.commanding import IMITATES, ORDERS, addresses_companion, imitates_program
from graphs.memory.trusting import FACTS
from storage.records import Memory, Role, Trust

OWN = frozenset({Trust.SAID, Trust.NOTED})
"""What the door may take for somebody else's words; what the person wrote into the page is theirs."""
Beside = Callable[[], Sequence[Memory]]
"""Active memories that share words in a row with the new one, fetched only where they are needed."""
MANY: Final = 2
"""So many that say the same from elsewhere are enough."""
AT_ONCE: Final = timedelta(hours=1)
"""What came within this time came at once."""
FLOODS: Final = "the same came many times at once"


def nobody() -> Sequence[Memory]:
    """Nothing is remembered beside it."""
    return ()


@dataclass(frozen=True, slots=True)
class Entry:
    """How a memory enters."""

    trust: Trust
    distrusted: str = ""
    """Why it is trusted less than where it comes from, in words; empty where it is not."""
    kept_apart: str = ""
    """Why it waits for the person to decide, in words; empty where it does not."""


def inspect(memory: Memory, others: pasting.Others = pasting.nothing, beside: Beside = nobody) -> Entry:
    """How a new memory enters. `others` gives some of what the person said before."""
    trust, distrusted = memory.trust, ""
    if memory.trust in OWN and memory.speaker is Role.USER:
        found = pasting.look(memory.text, others)
        if found is not None:
            trust, distrusted = Trust.PASTED, found.reason
    return Entry(trust, distrusted, _kept_apart(memory, trust, beside))


def _kept_apart(memory: Memory, trust: Trust, beside: Beside) -> str:
    if trust in FACTS or (memory.speaker is Role.ASSISTANT and trust is Trust.INFERRED):
        return ""
    if imitates_program(memory.text):
        return IMITATES
    if addresses_companion(memory.text):
        return ORDERS
    near = beside()
    if any(one.trust in FACTS and copying.is_changed_copy(memory.text, one.text) for one in near):
        return copying.CHANGED
    with_it = [one for one in near if one.trust is trust and memory.created - one.created <= AT_ONCE]
    if sum(copying.is_same_again(memory.text, one.text) for one in with_it) >= MANY:
        return FLOODS
    return ""
