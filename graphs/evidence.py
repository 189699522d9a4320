"""What of a person's messages may still be remembered, and how far it is trusted."""

from collections.abc import Iterable, Sequence
from typing import Final

from graphs.memory import pasting, riders
from graphs.memory.checking import is_verbatim
from graphs.memory.selection import Line, choose, is_own
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import quoted, writes
from storage.records import Granularity, Memory, MemoryState, Message, Origin, Source, Trust, least_trusted

COUNTS: Final = frozenset({MemoryState.ACTIVE, MemoryState.FADED})
"""States of a turn memory whose message may be reflected on; the others were taken back."""
WHOLE: Final = frozenset({Granularity.TURN, Granularity.SESSION})
"""What holds a line among others, so that the line may still be worth a memory of its own."""
CONTEXT_MESSAGES: Final = 3
"""How many of the person's messages before a line may tell what its pronouns mean."""


def lines_to_do(context: ReflectionContext, message_ids: Iterable[str]) -> list[Line]:
    """The chosen lines of some messages that count, and that no memory rests on yet."""
    messages = [found for found in map(context.messages.find, message_ids) if found]
    counting = [message for message in messages if _counts(context, message)]
    names = _names_before(context, messages[0]) if messages else frozenset()
    lines = [part for line in choose(counting, names) for part in _parts(line)]
    return [line for line in lines if not _is_done(context, line)]


def is_evidence(context: ReflectionContext, message_id: str, quote: str) -> bool:
    """Whether a message is the person's, complete, not taken back, and holds these very words."""
    message = context.messages.find(message_id)
    return (
        message is not None
        and is_own(message)
        and is_verbatim(quote, message.text)
        and _counts(context, message)
    )


def trust_of(context: ReflectionContext, message: Message, quote: str) -> Trust:
    """Noted; less where these words of the message are trusted less."""
    turns = [memory.trust for memory in _turns(context, message.id)]
    if turns and set(turns) == {Trust.PASTED} and _is_own_part(message.text, quote):
        return Trust.NOTED
    return least_trusted([Trust.NOTED, _worth(context, message)])


def resting_on(context: ReflectionContext, message_id: str, quote: str) -> list[Memory]:
    """Memories, whatever their state, that were made of these words of a message or of part of them."""
    return [
        memory
        for memory in context.memories.from_message(message_id)
        if memory.granularity not in WHOLE
        and any(_is_of(source, message_id, quote) for source in memory.sources)
    ]


def waits_for_a_writer(context: ReflectionContext, memory: Memory, message: Message, quote: str) -> bool:
    """Whether a memory is still the bare quote that was kept while no model could write."""
    kept = quoted(quote, message.created.astimezone(context.zone)).text
    return memory.state is MemoryState.ACTIVE and memory.text == kept


def said_before(context: ReflectionContext, piece: Sequence[str], message: Message, start: int) -> list[str]:
    """What the person said just before a character of a message, newest last.

    Nothing that is trusted less than the message: its words would be trusted as much in the memory.
    """
    place = piece.index(message.id) if message.id in piece else 0
    earlier = piece[max(0, place - CONTEXT_MESSAGES) : place]
    worth = max(Trust.NOTED.rank, _worth(context, message).rank)
    found = [one for one in map(context.messages.find, earlier) if one]
    texts = [one.text for one in found if _worth(context, one).rank <= worth]
    return [text for text in [*texts, message.text[:start].strip()] if text]


def _worth(context: ReflectionContext, message: Message) -> Trust:
    """How far a message is trusted as a whole."""
    turns = [memory.trust for memory in _turns(context, message.id)]
    if not turns:
        return Trust.IMPORTED if message.origin is Origin.IMPORT else Trust.SAID
    return least_trusted(turns)


def _parts(line: Line) -> list[Line]:
    """A line, or what it says of its speaker and what it says of the world, each by itself."""
    parts = riders.split(line.text)
    if parts is None:
        return [line]
    return [
        Line(line.message_id, line.start + start, line.start + end, line.text[start:end])
        for start, end in parts
    ]


def _names_before(context: ReflectionContext, message: Message) -> frozenset[str]:
    persona_id = context.sessions.get(message.session_id).persona_id
    return frozenset(context.claims.names(persona_id, message.created))


def _counts(context: ReflectionContext, message: Message) -> bool:
    return all(memory.state in COUNTS for memory in _turns(context, message.id))


def _is_own_part(text: str, quote: str) -> bool:
    """Whether some words of a message of which something was pasted are the person's own all the same."""
    return pasting.look(text) is not None and not pasting.is_pasted(text, quote)


def _is_done(context: ReflectionContext, line: Line) -> bool:
    made = resting_on(context, line.message_id, line.text)
    if made and writes(context.model):
        message = context.messages.get(line.message_id)
        return not any(waits_for_a_writer(context, memory, message, line.text) for memory in made)
    return bool(made)


def _turns(context: ReflectionContext, message_id: str) -> list[Memory]:
    return [
        memory
        for memory in context.memories.from_message(message_id)
        if memory.granularity is Granularity.TURN
    ]


def _is_of(source: Source, message_id: str, quote: str) -> bool:
    same_words = source.quote in quote or quote in source.quote
    return source.message_id == message_id and bool(source.quote) and same_words
