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


def fitting(
    model: ChatModel, who: composing.Speakers, before: Sequence[Message], said: str
) -> Sequence[Message]:
    """The end of a conversation that fits beside the persona, the memories, what was said and the reply."""
    fixed = [*composing.opening(who), ChatMessage("user", said)]
    budget = (
        model.info.context_tokens
        - model.count_tokens(fixed)
        - NOTES_TOKENS
        - composing.MOST_TOKENS[who.persona.reply_length]
        - (min(THOUGHT_TOKENS, model.info.context_tokens // THOUGHT_SHARE) if model.info.thinks else 0)
    )
    lengths = [model.count_tokens(composing.told([one])) if one.text.strip() else 0 for one in before]
    return before[composing.first_kept(lengths, max(budget, 0)) :]


def beginning(model: ChatModel, who: composing.Speakers, before: Sequence[Message]) -> list[ChatMessage]:
    """What the next prompt of a conversation begins with, whatever will be said."""
    return [*composing.opening(who), *composing.told(fitting(model, who, before, ""))]
