"""What the messages of a talk are worth: the person's own, from elsewhere, or set aside."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from graphs import guard
from graphs.memory.choosing import ENDING
from graphs.memory.continuing import Line, ending
from graphs.memory.ranking import Scored
from graphs.memory.trusting import FACTS, REASONS
from graphs.memory.turns import remember_turn
from storage.memories import MemoryRepository
from storage.records import Lesson, Memory, MemoryState, Message, MessageState, Origin, Outcome, Role, Trust

TAKEN_BACK: Final = frozenset({MemoryState.QUARANTINED, MemoryState.FORGOTTEN})
"""States of a message's memory in which nobody is to read it; in others it was said all the same."""


def seen(memories: MemoryRepository, messages: Sequence[Message]) -> list[Line]:
    """What the messages of a talk are worth, in their order.

    Those said here are the person's and the companion's. What was imported is worth what its memory is, set
    out of band: the person's own where they vouch for these very words, else a line from elsewhere.
    """
    imported = [message.id for message in messages if message.origin is Origin.IMPORT]
    turns: dict[str, list[Memory]] = defaultdict(list)
    for memory in memories.turns_of(imported) if imported else ():
        for source in memory.sources:
            turns[source.message_id].append(memory)
    return [_line(message, turns[message.id]) for message in messages]


def judged(lines: Sequence[Line], learned: Sequence[Lesson]) -> list[Line]:
    """The same; of lines from elsewhere also whether their form sets them aside, whatever is asked."""
    return [
        replace(line, aside=_objection(line.message, learned)) if line.elsewhere and not line.aside else line
        for line in lines
    ]


def with_ending(
    memories: MemoryRepository, before: Sequence[Line], text: str, found: Sequence[Scored]
) -> list[Scored]:
    """What was found, and the end of an imported talk where a message can only be about that."""
    last = [message.id for message in ending(before, text)]
    turns = [one for one in memories.turns_of(last) if one.state is MemoryState.ACTIVE] if last else []
    ids = {one.id for one in turns}
    others = [one for one in found if one.memory.id not in ids]
    return [*(Scored(one, 0.0, {ENDING: 1.0}) for one in reversed(turns)), *others]


def _line(message: Message, turns: Sequence[Memory]) -> Line:
    if message.origin is Origin.CHAT or (turns and all(_vouched_for(message, one) for one in turns)):
        return Line(message)
    aside = next((REASONS[one.state] for one in turns if one.state in TAKEN_BACK), "")
    file = next((one.file for one in turns if one.file), "")
    return Line(message, elsewhere=True, aside=aside, file=file)


def _vouched_for(message: Message, turn: Memory) -> bool:
    """Whether the person takes these very words for theirs, or for the companion's in a talk of theirs."""
    companions = message.role is Role.ASSISTANT and turn.trust is Trust.INFERRED
    counts = turn.state not in TAKEN_BACK and turn.text == message.text
    return counts and (turn.trust in FACTS or companions)


def _objection(message: Message, learned: Sequence[Lesson]) -> str:
    """Why the guard sets a line from elsewhere aside by its form, in words; empty where it does not."""
    final = replace(message, state=MessageState.COMPLETE)
    words = remember_turn(final, "", memory_id=message.id, now=message.created)
    if words is None:
        return ""
    verdict = guard.check([words], learned=learned, strict=False)[words.id]
    return verdict.reason if verdict.outcome is Outcome.SET_ASIDE else ""
