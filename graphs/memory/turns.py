"""Every message becomes a memory of its own as soon as it is complete."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from graphs.memory.file_names import plain_name
from graphs.memory.forgetting import initial_strength
from graphs.memory.lexis import STOP_WORDS, content_words, tokens
from graphs.memory.selection import choose, importance
from graphs.memory.sentences import sentences
from graphs.memory.speech import Kind, kind
from storage.records import Granularity, Memory, Message, MessageState, Origin, Role, Source, Trust

WHOLE: Final = frozenset({MessageState.COMPLETE, MessageState.STOPPED})
"""States in which a message's text is final."""
SAYS_LITTLE: Final = 0.3
"""Importance of a message that only keeps the talk going, and of the companion's replies."""
SAYS_SOMETHING: Final = 0.42
"""Of one that reflection would choose a line of, or that holds as much: what it says also becomes a
statement, which mostly lasts longer than the message itself."""
GRAVE: Final = 0.7
"""Importance of a line from which its message is worth as much as the line."""
UNKNOWN: Final = 0.5
"""Of one in a language that the rules do not know."""
TELLING: Final = frozenset({Kind.STATEMENT, Kind.SHORT})
MUCH: Final = 8
"""Different telling words: twice as many as make one sentence worth keeping for its content alone."""
FEWEST_WORDS: Final = 4
"""Of a shorter message nobody can tell which language it is in."""
ENGLISH: Final = 0.3
"""Share of English stop words from which a message is English: half of LoCoMo's have .58 or more, one in 180
has less than this; sentences in five other languages had a quarter at most."""


def remember_turn(
    message: Message, persona_id: str, *, memory_id: str, now: datetime, mine: bool = False, file: str = ""
) -> Memory | None:
    """The memory of one message; None for one that says nothing or is not final.

    `mine`: the person vouches for an imported transcript as their own words. `file`: where it came from.
    """
    if not message.text.strip() or message.state not in WHOLE:
        return None
    weight = worth(message)
    return Memory(
        id=memory_id,
        persona_id=persona_id,
        granularity=Granularity.TURN,
        text=message.text,
        trust=trust_of(message, mine=mine),
        created=now,
        said_on=message.created,
        speaker=message.role,
        speaker_name=message.speaker,
        session_id=message.session_id,
        importance=weight,
        strength=initial_strength(weight),
        file=plain_name(file),
        sources=(Source(message.id),),
    )


def trust_of(message: Message, *, mine: bool = False) -> Trust:
    """What a message is worth as evidence about the person."""
    if message.origin is Origin.IMPORT and not mine:
        return Trust.IMPORTED
    return Trust.SAID if message.role is Role.USER else Trust.INFERRED


def worth(message: Message) -> float:
    """The importance of a message as it is, in [0, 1]."""
    if message.role is Role.ASSISTANT and message.origin is Origin.CHAT:
        return SAYS_LITTLE
    if not _is_english(message.text):
        return UNKNOWN
    lines = choose([replace(message, role=Role.USER, state=MessageState.COMPLETE)])
    most = max((importance(line.text) for line in lines), default=0.0)
    if most >= GRAVE:
        return most
    return SAYS_SOMETHING if lines or _says_something(message.text) else SAYS_LITTLE


def says_little(memory: Memory) -> bool:
    """Whether a memory is a message that only keeps the talk going."""
    return memory.granularity is Granularity.TURN and memory.importance <= SAYS_LITTLE


def _says_something(text: str) -> bool:
    if len(set(content_words(text))) >= MUCH:
        return True
    return any(kind(text[start:end]) in TELLING for start, end in sentences(text))


def _is_english(text: str) -> bool:
    words = tokens(text)
    return len(words) < FEWEST_WORDS or sum(word in STOP_WORDS for word in words) >= ENGLISH * len(words)
