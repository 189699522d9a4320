"""Conversations, messages and reasons as pages and commands show them."""

import re
from collections.abc import Sequence
from datetime import datetime

from app.services import words
from app.services.standing import standing
from app.services.stores import Stores
from app.services.views import ConversationLine, MessageView, WhyLine, WhyView
from graphs.memory.continuing import Line
from graphs.memory.forgetting import as_kept_by
from graphs.memory.trusting import FACTS
from personas.model import Persona
from storage.records import (
    Conversation,
    Memory,
    MemoryState,
    Message,
    MessageState,
    Origin,
    Outcome,
    Recall,
    Role,
)

UNTITLED = "New conversation"
TITLE_WORDS, TITLE_LENGTH = 6, 48
_OPENING = re.compile(r"^(?:(?:hi|hello|hey|ok|okay|well|so|oh|please)\b[\s,.!-]*)+", re.IGNORECASE)
UNPROVEN_LENGTH = 90
SHOWN = frozenset({Outcome.FACT, Outcome.UNCONFIRMED})


def title_from(text: str) -> str:
    """A title from the first thing said: its first words, without the greeting."""
    flat = " ".join(text.split())
    told = _OPENING.sub("", flat) or flat
    first = re.split(r"(?<=[.!?])\s", told, maxsplit=1)[0]
    some = first.split()
    cut = " ".join(some[:TITLE_WORDS])[:TITLE_LENGTH].rstrip(" ,.;:!?-\"'“”")
    title = cut[:1].upper() + cut[1:] or UNTITLED
    return f"{title}…" if len(some) > TITLE_WORDS else title


class TalkViews:
    """Makes views of what was said."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def conversation(self, conversation: Conversation, query: str = "") -> ConversationLine:
        """A conversation in the list."""
        now = self._stores.clock.now()
        return ConversationLine(
            id=conversation.id,
            title=conversation.title or UNTITLED,
            updated=conversation.updated,
            when=words.when(conversation.updated, now),
            group=words.group(conversation.updated, now),
            origin=conversation.origin,
            preview=self._preview(conversation.id, query),
        )

    def messages(self, path: Sequence[Message]) -> list[MessageView]:
        """A path of messages, the first one first."""
        lines = self._standing(path)
        return [self._message(message, lines.get(message.id, Line(message))) for message in path]

    def message(self, message: Message) -> MessageView:
        """One message."""
        return self.messages([message])[0]

    def _standing(self, path: Sequence[Message]) -> dict[str, Line]:
        """What those that were imported are worth, by id."""
        imported = [message for message in path if message.origin is Origin.IMPORT]
        if not imported:
            return {}
        persona_id = self._stores.conversations.get(imported[0].conversation_id).persona_id
        return {line.message.id: line for line in standing(self._stores, persona_id, imported)}

    def _message(self, message: Message, line: Line) -> MessageView:
        now = self._stores.clock.now()
        reply = message.role is Role.ASSISTANT
        recalls = self._stores.recalls.for_message(message.id) if reply else []
        siblings = tuple(one.id for one in self._stores.messages.siblings(message.id))
        return MessageView(
            id=message.id,
            role=message.role,
            text=message.text,
            state=message.state,
            created=message.created,
            when=words.clock(message.created),
            day=words.day_heading(message.created, now),
            model=message.model,
            error=message.error,
            shown=sum(one.outcome in SHOWN for one in recalls),
            used=sum(one.used for one in recalls),
            siblings=siblings if len(siblings) > 1 else (),
            is_greeting=reply and message.parent_id is None,
            from_memory=_from_memory(message),
            thoughts=self._stores.messages.thoughts(message.id) if reply else "",
            unproven=self._unproven(recalls),
            imported=message.origin is Origin.IMPORT,
            elsewhere=line.elsewhere,
            file=line.file,
            aside=line.aside,
            reads_from=message.reads_from,
        )

    def _unproven(self, recalls: Sequence[Recall]) -> tuple[tuple[str, str], ...]:
        """What somebody else brought and the reply seems to rest on, as long as nobody vouches for it."""
        ids = [one.memory_id for one in recalls if one.used and one.outcome is Outcome.UNCONFIRMED]
        return tuple(
            (one.id, words.excerpt(one.text, UNPROVEN_LENGTH))
            for one in self._stores.memories.get_many(ids)
            if one.state is MemoryState.ACTIVE and one.trust not in FACTS and one.speaker is Role.USER
        )

    def why(self, message_id: str) -> WhyView:
        """Which memories a reply was shown, and what became of each."""
        message = self._stores.messages.get(message_id)
        persona_id = self._stores.conversations.get(message.conversation_id).persona_id
        persona = self._stores.personas.get(persona_id)
        recalls = self._stores.recalls.for_message(message_id)
        found = {one.id: one for one in self._stores.memories.get_many([one.memory_id for one in recalls])}
        now = self._stores.clock.now()
        lines = [
            why_line(one, found[one.memory_id], persona, now) for one in recalls if one.memory_id in found
        ]
        shown = [line for line in lines if line.outcome in SHOWN]
        return WhyView(
            message_id=message_id,
            sentence=_why_sentence(shown),
            used=tuple(line for line in shown if line.used),
            shown=tuple(line for line in shown if not line.used),
            left_out=tuple(line for line in lines if line.outcome not in SHOWN),
            model=message.model,
            timing=message.timing,
        )

    def _preview(self, conversation_id: str, query: str) -> str:
        """The person's last words, or those around what was looked for."""
        path = self._stores.messages.path(conversation_id)
        wanted = query.casefold().split()
        for message in reversed(path) if wanted else ():
            places = [at for word in wanted if (at := message.text.casefold().find(word)) >= 0]
            if places:
                start = max(0, min(places) - 20)
                head = "…" if start else ""
                return head + words.excerpt(message.text[start:], 70)
        mine = next((one for one in reversed(path) if one.role is Role.USER), None)
        return words.excerpt(mine.text, 70) if mine else ""


def _from_memory(message: Message) -> bool:
    """A finished reply of the chat that no model wrote: quotes, put together from memories."""
    asked = message.role is Role.ASSISTANT and message.parent_id is not None
    return (
        asked
        and not message.model
        and message.state is MessageState.COMPLETE
        and message.origin is Origin.CHAT
    )


def why_line(recall: Recall, memory: Memory, persona: Persona, now: datetime) -> WhyLine:
    """What one reply did with one memory."""
    gone = memory.state is MemoryState.FORGOTTEN
    held = as_kept_by(persona, memory)
    return WhyLine(
        memory_id=memory.id,
        text="" if gone else memory.text,
        where_from=words.where_from(memory, persona.name),
        when=words.when(memory.said_on, now),
        outcome=recall.outcome,
        used=recall.used,
        reason=recall.reason,
        strength=words.strength(held, now),
        strength_words=words.strength_words(held, now),
        gone=gone,
        quote="" if gone else next((one.quote for one in memory.sources if one.quote != memory.text), ""),
    )


def _why_sentence(shown: Sequence[WhyLine]) -> str:
    if not shown:
        return "No memory was shown to this reply."
    used = sum(line.used for line in shown)
    which = "the one memory that was" if len(shown) == 1 else f"{len(shown)} memories that were"
    return f"Used {used} of {which} shown."
