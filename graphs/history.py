"""How much of a conversation a prompt repeats."""

from collections.abc import Sequence
from typing import Final

from graphs.memory import composing
from graphs.ports import ChatMessage, ChatModel
from storage.records import Message

NOTES_TOKENS: Final = 700
"""Kept free for memories, the date and what stands around the newest message."""
THOUGHT_TOKENS: Final = 1024
"""Kept free for what a model thinks before it replies, but never more than a part of its context."""
THOUGHT_SHARE: Final = 4
SAID_SHARE: Final = 16
"""Of the context, kept free for what is said. Was it said's own length, each turn would cut the history in
another place, and all behind it would be read again."""


def fitting(
    model: ChatModel, who: composing.Speakers, before: Sequence[Message], said: str
) -> Sequence[Message]:
    """The end of a conversation that fits beside the persona, the memories, what was said and the reply."""
    return before[_cut(model, who, before, said).start :]


def beginnings(
    model: ChatModel, who: composing.Speakers, before: Sequence[Message]
) -> Sequence[list[ChatMessage]]:
    """What the next prompt of a conversation begins with, whatever will be said.

    Some turns before the conversation is cut to fit also what the prompts after that will begin with.
    """
    cut = _cut(model, who, before, "")
    starts = [cut.start, *(place for place in (cut.next,) if place is not None and place < len(before))]
    return [[*composing.opening(who), *composing.told(before[start:])] for start in starts]


def _cut(model: ChatModel, who: composing.Speakers, before: Sequence[Message], said: str) -> composing.Cut:
    opening = composing.opening(who)
    nothing_said = model.count_tokens([*opening, ChatMessage("user", "")])
    usual = model.info.context_tokens // SAID_SHARE
    budget = (
        model.info.context_tokens
        - nothing_said
        - usual
        - NOTES_TOKENS
        - composing.MOST_TOKENS[who.persona.reply_length]
        - (min(THOUGHT_TOKENS, model.info.context_tokens // THOUGHT_SHARE) if model.info.thinks else 0)
    )
    lengths = [model.count_tokens(composing.told([one])) if one.text.strip() else 0 for one in before]
    cut = composing.first_kept(lengths, max(budget, 0))
    length = model.count_tokens([*opening, ChatMessage("user", said)]) - nothing_said
    room, start = max(budget - max(length - usual, 0), 0), cut.start
    while start < len(lengths) and sum(lengths[start:]) > room:
        start += 1
    return composing.Cut(start, cut.next)
