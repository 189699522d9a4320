"""Taking turns: what the person said is stored first; the reply follows in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.services.live import Emit, LiveTurn, LiveTurns, Work
from app.services.standing import standing
from app.services.stores import Stores
from app.services.talk_views import title_from
from app.services.turn_memories import TurnMemories
from app.services.views import Failed
from personas.errors import KeepsakeError, UserError
from storage.records import Conversation, Message, MessageState, Role

LONGEST_MESSAGE = 100_000
UNFORESEEN = "The reply failed for a reason that Keepsake did not foresee ({kind}); the log file says more."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """A turn to do: the person's message and the place of the reply, both already stored."""

    persona_id: str
    conversation_id: str
    message_id: str
    reply_id: str


class Turn(Protocol):
    """Does a turn, telling what happens; what it raises is told to the person."""

    def __call__(self, request: TurnRequest, stop: threading.Event, emit: Emit) -> None:
        """Fill the reply in."""


class TurnTaking:
    """Begins turns, and sees to what must follow each, however it ends."""

    def __init__(
        self,
        *,
        stores: Stores,
        turn: Turn,
        live: LiveTurns,
        memories: TurnMemories,
        changed: Callable[[], None],
    ) -> None:
        self._stores = stores
        self._turn = turn
        self._live = live
        self._memories = memories
        self._changed = changed
        self._last_words: datetime | None = None

    @property
    def last_words(self) -> datetime | None:
        """When the person last said something since the start."""
        return self._last_words

    def send(self, conversation_id: str, text: str) -> LiveTurn:
        """Say something and follow the reply. What was said is stored before this returns.

        Raises UserError where there is nothing in it, or a reply is still under way.
        """
        said = _checked(text)

        def prepare() -> Work:
            conversation = self._stores.conversations.get(conversation_id)
            message = self._say(conversation, said, conversation.head_id)
            return self._reply(conversation, message)

        return self._live.begin(conversation_id, prepare)

    def edit_last(self, conversation_id: str, text: str) -> LiveTurn:
        """Put the last thing said differently; the earlier version stays beside it."""
        said = _checked(text)

        def prepare() -> Work:
            conversation = self._stores.conversations.get(conversation_id)
            last = self._last_said(conversation_id)
            message = self._say(conversation, said, last.parent_id)
            return self._reply(conversation, message, path_changed=True)

        return self._live.begin(conversation_id, prepare)

    def again(self, conversation_id: str) -> LiveTurn:
        """Ask for another reply beside the last one."""

        def prepare() -> Work:
            conversation = self._stores.conversations.get(conversation_id)
            return self._reply(conversation, self._last_said_here(conversation), path_changed=True)

        return self._live.begin(conversation_id, prepare)

    def retry(self, conversation_id: str) -> LiveTurn:
        """Try a reply once more that failed or broke off."""

        def prepare() -> Work:
            conversation = self._stores.conversations.get(conversation_id)
            said = self._last_said_here(conversation)
            head = self._stores.messages.get(conversation.head_id or said.id)
            reuse = head if head.state is MessageState.FAILED and not head.text else None
            return self._reply(conversation, said, reuse, path_changed=True)

        return self._live.begin(conversation_id, prepare)

    def _say(self, conversation: Conversation, text: str, parent_id: str | None) -> Message:
        """Store what the person said, before anything else happens."""
        self._last_words = self._stores.clock.now()
        message = self._stores.messages.append(conversation.id, Role.USER, text, parent_id=parent_id)
        if not conversation.title:
            self._stores.conversations.rename(conversation.id, title_from(text))
        return message

    def _reply(
        self,
        conversation: Conversation,
        said: Message,
        reuse: Message | None = None,
        *,
        path_changed: bool = False,
    ) -> Work:
        messages = self._stores.messages
        if reuse is not None:
            reply = messages.update(reuse.id, state=MessageState.PENDING, error="")
        else:
            reply = messages.append(
                conversation.id, Role.ASSISTANT, "", parent_id=said.id, state=MessageState.PENDING
            )
        request = TurnRequest(conversation.persona_id, conversation.id, said.id, reply.id)

        def work(stop: threading.Event, emit: Emit) -> None:
            try:
                self._turn(request, stop, emit)
            except Exception as error:  # noqa: BLE001 - told to the person, whatever it is
                self._note_failure(reply.id, error, emit)
            finally:
                self._after(request, path_changed=path_changed)

        return work

    def _note_failure(self, reply_id: str, error: Exception, emit: Emit) -> None:
        known = isinstance(error, KeepsakeError)
        if known:
            log.warning("a reply failed: %s", type(error).__name__)
        else:
            log.error("a reply failed unexpectedly", exc_info=error)
        failed = Failed(
            error.message
            if isinstance(error, KeepsakeError)
            else UNFORESEEN.format(kind=type(error).__name__),
            error.hint if isinstance(error, KeepsakeError) else "Your message is kept; try again.",
            reply_id,
        )
        text = f"{failed.message} {failed.hint}".strip()
        reply = self._stores.messages.find(reply_id)
        if reply is not None:
            self._stores.messages.update(reply_id, state=MessageState.FAILED, error=text)
        emit(failed)

    def _after(self, request: TurnRequest, *, path_changed: bool) -> None:
        """The reply is there or has failed: remember what was said."""
        for message_id in (request.message_id, request.reply_id):
            message = self._stores.messages.find(message_id)
            if message is not None:
                self._memories.remember(message, request.persona_id)
        if path_changed:
            self._memories.follow_path(request.conversation_id)
        self._changed()

    def _last_said(self, conversation_id: str) -> Message:
        path = self._stores.messages.path(conversation_id)
        last = next((message for message in reversed(path) if message.role is Role.USER), None)
        if last is None:
            raise UserError("You have not said anything here yet.", "Write something first.")
        return last

    def _last_said_here(self, conversation: Conversation) -> Message:
        """The last thing said, to be answered once more, unless it comes from elsewhere."""
        last = self._last_said(conversation.id)
        [line] = standing(self._stores, conversation.persona_id, [last])
        if line.elsewhere:
            raise UserError(
                "This was said elsewhere, so it is not answered again.", "Write something to go on."
            )
        return last


def _checked(text: str) -> str:
    said = text.strip()
    if not said:
        raise UserError("There is nothing in this message.", "Write something first.")
    if len(said) > LONGEST_MESSAGE:
        raise UserError(
            f"This message has {len(said):,} characters; at most {LONGEST_MESSAGE:,} can be sent.",
            "Shorten it, or import it as a file.",
        )
    return said
