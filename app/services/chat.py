"""Talking: conversations, and turns that are finished whether or not anybody still looks."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from app.services import words
from app.services.live import LiveTurns
from app.services.stores import Stores
from app.services.talk_views import TalkViews
from app.services.turn_memories import TurnMemories
from app.services.turn_taking import TurnTaking
from app.services.views import ConversationLine, Done, MessageView, TurnEvent, WhyView
from personas.errors import UserError
from personas.macros import fill
from storage.records import Conversation, Role, SessionState

NO_NAME = "you"
log = logging.getLogger(__name__)


class ChatService:
    """Conversations and their turns."""

    def __init__(
        self,
        *,
        stores: Stores,
        turns: TurnTaking,
        live: LiveTurns,
        memories: TurnMemories,
        person_name: Callable[[], str],
        changed: Callable[[], None],
        expecting: Callable[[str], None] = lambda _conversation_id: None,
        erased: Callable[[], None] = lambda: None,
    ) -> None:
        """`expecting` is told where somebody will soon say something, `erased` that words are gone."""
        self._stores = stores
        self._turns = turns
        self._live = live
        self._memories = memories
        self._views = TalkViews(stores)
        self._person_name = person_name
        self._changed = changed
        self._expecting = expecting
        self._erased = erased

    @property
    def last_words(self) -> datetime | None:
        """When the person last said something since the start."""
        return self._turns.last_words

    def conversations(
        self, persona_id: str, query: str = "", limit: int = 100, offset: int = 0
    ) -> list[ConversationLine]:
        """A persona's conversations, newest first; with a query those in which its words were said."""
        found = self._stores.conversations.list(persona_id, query, limit, offset)
        return [self._views.conversation(conversation, query) for conversation in found]

    def find(self, conversation_id: str) -> Conversation | None:
        """The conversation, if there is one."""
        return self._stores.conversations.find(conversation_id)

    def get(self, conversation_id: str) -> Conversation:
        """The conversation. Raises NotFoundError."""
        return self._stores.conversations.get(conversation_id)

    def latest(self, persona_id: str) -> Conversation:
        """The newest conversation, or a first one."""
        newest = self._stores.conversations.list(persona_id, limit=1)
        return newest[0] if newest else self.start(persona_id)

    def start(self, persona_id: str) -> Conversation:
        """A new conversation with the persona's greeting; one in which nothing was said yet is used again."""
        persona = self._stores.personas.get(persona_id)
        greeting = self._greeting(persona_id)
        newest = next(iter(self._stores.conversations.list(persona_id, limit=1)), None)
        if newest is not None:
            path = self._stores.messages.path(newest.id)
            if not any(message.role is Role.USER for message in path):
                if path and path[0].text != greeting:
                    self._stores.messages.update(path[0].id, text=greeting)
                return newest
            self._close_sessions(newest.id)
        with self._stores.database.atomic():
            fresh = self._stores.conversations.add(persona.id)
            if greeting:
                self._stores.messages.append(fresh.id, Role.ASSISTANT, greeting, parent_id=None)
        return self.get(fresh.id)

    def open(self, conversation_id: str, limit: int | None = None) -> list[MessageView]:
        """The chosen path, the first message first; with a limit only the newest."""
        path = self._stores.messages.path(conversation_id)
        return self._views.messages(path if limit is None else path[-limit:])

    def message(self, message_id: str) -> MessageView:
        """One message. Raises NotFoundError."""
        return self._views.message(self._stores.messages.get(message_id))

    def why(self, message_id: str) -> WhyView:
        """Why a reply says what it says."""
        return self._views.why(message_id)

    def send(self, conversation_id: str, text: str) -> Iterator[TurnEvent]:
        """Say something and follow the reply. What was said is stored before this returns.

        Raises UserError where there is nothing in it, or a reply is still under way.
        """
        return self._turns.send(conversation_id, text).follow()

    def edit_last(self, conversation_id: str, text: str) -> Iterator[TurnEvent]:
        """Put the last thing said differently; the earlier version stays beside it."""
        return self._turns.edit_last(conversation_id, text).follow()

    def again(self, conversation_id: str) -> Iterator[TurnEvent]:
        """Ask for another reply beside the last one."""
        return self._turns.again(conversation_id).follow()

    def retry(self, conversation_id: str) -> Iterator[TurnEvent]:
        """Try a reply once more that failed or broke off."""
        return self._turns.retry(conversation_id).follow()

    def choose_sibling(self, message_id: str) -> None:
        """Go on from this alternative. Raises UserError while a reply is under way there."""
        message = self._stores.messages.get(message_id)
        if self.is_busy(message.conversation_id):
            raise UserError("The last reply is still being written.", "Wait for it, or stop it first.")
        leaf = self._stores.messages.leaf(message_id)
        self._stores.conversations.set_head(message.conversation_id, leaf.id)
        self._memories.follow_path(message.conversation_id)
        self._changed()

    def expect(self, conversation_id: str) -> None:
        """Get ready for what will soon be said in a conversation that somebody looks at or types in."""
        if not self._live.any:
            self._expecting(conversation_id)

    def follow(self, conversation_id: str) -> Iterator[TurnEvent]:
        """The reply under way from its beginning; nothing where there is none."""
        turn = self._live.find(conversation_id)
        return turn.follow() if turn else iter(())

    def is_busy(self, conversation_id: str) -> bool:
        """Whether a reply is under way."""
        return self._live.find(conversation_id) is not None

    def stop(self, conversation_id: str) -> None:
        """End the reply under way; what is there of it stays."""
        self._live.stop(conversation_id)

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give it another title. Raises UserError for an empty one."""
        if not title.strip():
            raise UserError("A title needs some words.", "The old one is kept.")
        return self._stores.conversations.rename(conversation_id, words.excerpt(title, 120))

    def lost_with(self, conversation_id: str) -> int:
        """How many memories rest on this conversation alone, and go with it."""
        return self._stores.conversations.memories_lost_with(conversation_id)

    def delete(self, conversation_id: str) -> Done:
        """Delete a conversation for good, with the memories that rest on it alone."""
        self.stop(conversation_id)
        for _ in self.follow(conversation_id):
            pass
        gone = self._stores.conversations.delete(conversation_id)
        self._erased()
        self._changed()
        tail = f", with {words.count(gone, 'memory', 'memories')} that came from it" if gone else ""
        return Done("", f"The conversation is deleted{tail}.")

    def recover(self) -> int:
        """After a crash: settle what was left unfinished, so that it can be read and tried again."""
        left = self._stores.messages.interrupted()
        for message in left:
            persona_id = self.get(message.conversation_id).persona_id
            before = self._stores.messages.find(message.parent_id) if message.parent_id else None
            for one in (before, message):
                if one is not None and one.parent_id is not None:
                    self._memories.remember(one, persona_id)
        if left:
            log.warning("%d messages were left unfinished and have been settled", len(left))
        return len(left)

    def _close_sessions(self, conversation_id: str) -> None:
        """The talk is over, so memories can be made of it."""
        for session in self._stores.sessions.for_conversation(conversation_id):
            if session.state is SessionState.OPEN:
                self._stores.sessions.close(session.id)

    def _greeting(self, persona_id: str) -> str:
        persona = self._stores.personas.get(persona_id)
        return fill(persona.greeting, char=persona.name, user=self._person_name() or NO_NAME, seed=persona.id)
