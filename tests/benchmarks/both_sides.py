"""A conversation between two people, as each of them had it: reflection knows one person only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.messages import MessageRepository
from storage.records import Message, Role, Session
from storage.sessions import SessionRepository
from tests.benchmarks.locomo import Loaded

PICTURE = " [shares a photo: "


def as_seen_by(person: str, message: Message) -> Message:
    """The message, as if this speaker were the person and the other one the companion.

    What LoCoMo says of a picture is nobody's words.
    """
    role = Role.USER if message.speaker == person else Role.ASSISTANT
    return replace(message, role=role, text=message.text.partition(PICTURE)[0])


class MessagesOf(MessageRepository):
    """Messages, with the roles given out anew; nothing in the store is changed."""

    def __init__(self, talk: Loaded, person: str) -> None:
        super().__init__(talk.database, talk.ids, lambda: talk.now)
        self._person = person

    def get(self, message_id: str) -> Message:
        return as_seen_by(self._person, super().get(message_id))

    def find(self, message_id: str) -> Message | None:
        found = super().find(message_id)
        return as_seen_by(self._person, found) if found else None


class SessionsOf(SessionRepository):
    """Sessions, with the roles in their messages given out anew."""

    def __init__(self, talk: Loaded, person: str) -> None:
        super().__init__(talk.database, talk.ids)
        self._person = person

    def messages(self, session_id: str) -> list[Message]:
        return [as_seen_by(self._person, message) for message in super().messages(session_id)]


@dataclass(frozen=True)
class Sat:
    """A session of the store, with the number that LoCoMo gives it."""

    number: str
    session: Session


def sessions_of(talk: Loaded) -> Sequence[Sat]:
    """The sessions of the one conversation, the first one first."""
    turn_at = {turn.at: turn.id for turn in talk.conversation.turns}
    sessions = SessionRepository(talk.database, talk.ids)
    conversation_id = next(iter(talk.memories.get_many(list(talk.turn_of)[:1]))).session_id
    all_of_them = sessions.for_conversation(sessions.get(conversation_id).conversation_id)
    return [Sat(turn_at[one.started].split(":")[0], one) for one in all_of_them]
