from datetime import timedelta

import pytest

from personas.errors import InternalError, NotFoundError
from storage.records import Conversation, Message, MessageState, Origin, Role
from tests.storage.store import Store

USER, ASSISTANT = Role.USER, Role.ASSISTANT


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages]


@pytest.fixture
def talk(store: Store) -> Conversation:
    """hello, hi, tea? (with the replies `no` and, chosen, `yes`), thanks."""
    made = store.conversation()
    for n, text in enumerate(["hello", "hi", "tea?", "no"]):
        store.say(made.id, text, ASSISTANT if n % 2 else USER)
    asked = store.messages.path(made.id)[2]
    store.messages.append(made.id, ASSISTANT, "yes", parent_id=asked.id)
    store.say(made.id, "thanks")
    return made


def test_a_message_comes_back_as_it_was(store: Store) -> None:
    talk = store.conversation()
    at = store.clock.now() - timedelta(days=3, microseconds=5)
    message = store.messages.append(
        talk.id,
        USER,
        "Grüße 🌱",
        parent_id=None,
        state=MessageState.PENDING,
        created=at,
        origin=Origin.IMPORT,
        speaker="Ana",
        model="m",
    )
    assert store.messages.get(message.id) == message
    assert (message.created, message.origin, message.speaker, message.model, message.state) == (
        at,
        Origin.IMPORT,
        "Ana",
        "m",
        MessageState.PENDING,
    )


def test_a_reply_keeps_from_where_on_its_talk_was_read(store: Store, talk: Conversation) -> None:
    first, reply, *_ = store.messages.path(talk.id)
    assert reply.reads_from == ""
    store.messages.update(reply.id, reads_from=first.id)
    assert store.messages.update(reply.id, error="x").reads_from == first.id
    assert store.messages.update(reply.id, reads_from="").reads_from == ""


def test_the_path_follows_the_chosen_replies(store: Store, talk: Conversation) -> None:
    assert texts(store.messages.path(talk.id)) == ["hello", "hi", "tea?", "yes", "thanks"]


def test_another_head_is_another_path(store: Store, talk: Conversation) -> None:
    asked = store.messages.path(talk.id)[3]
    other = store.messages.siblings(asked.id)[0]
    store.conversations.set_head(talk.id, store.messages.leaf(other.id).id)
    assert texts(store.messages.path(talk.id)) == ["hello", "hi", "tea?", "no"]
    store.conversations.set_head(talk.id, store.messages.leaf(asked.id).id)
    assert texts(store.messages.path(talk.id)) == ["hello", "hi", "tea?", "yes", "thanks"]


def test_siblings_come_in_the_order_made(store: Store, talk: Conversation) -> None:
    chosen = store.messages.path(talk.id)[3]
    assert texts(store.messages.siblings(chosen.id)) == ["no", "yes"]
    first = store.messages.path(talk.id)[0]
    store.messages.append(talk.id, USER, "good day", parent_id=None)
    assert texts(store.messages.siblings(first.id)) == ["hello", "good day"]


def test_the_first_messages_of_other_conversations_are_no_siblings(store: Store, talk: Conversation) -> None:
    alone = store.say(store.conversation().id, "hello")
    assert store.messages.siblings(alone.id) == [alone]


def test_an_empty_conversation_has_an_empty_path(store: Store) -> None:
    assert store.messages.path(store.conversation().id) == []


def test_updating_changes_only_what_is_given(store: Store, talk: Conversation) -> None:
    before = store.messages.path(talk.id)[-1]
    after = store.messages.update(before.id, state=MessageState.STOPPED, timing={"reply": 12.5})
    assert (after.text, after.state, after.timing) == ("thanks", MessageState.STOPPED, {"reply": 12.5})
    assert store.messages.update(before.id, text="", error="e", model="m").text == ""
    assert store.messages.get(before.id).timing == {"reply": 12.5}


def test_neighbours_follow_the_newest_branch(store: Store, talk: Conversation) -> None:
    hello, hi, tea, yes, thanks = store.messages.path(talk.id)
    assert store.messages.around(tea.id, 1) == [hi, tea, yes]
    assert store.messages.around(tea.id, 9) == [hello, hi, tea, yes, thanks]
    assert store.messages.around(tea.id, 0) == [tea]
    no = store.messages.siblings(yes.id)[0]
    assert texts(store.messages.around(no.id, 2)) == ["hi", "tea?", "no"]


def test_neighbours_stay_within_the_session(store: Store, talk: Conversation) -> None:
    last = store.messages.path(talk.id)[-1]
    store.clock.advance(hours=1)
    later = store.say(talk.id, "back again")
    assert later not in store.messages.around(last.id, 5)
    assert store.messages.around(later.id, 5) == [later]


def test_a_message_goes_only_where_there_is_a_place_for_it(store: Store, talk: Conversation) -> None:
    elsewhere = store.say(store.conversation().id, "hi")
    with pytest.raises(InternalError):
        store.messages.append(talk.id, USER, "x", parent_id=elsewhere.id)
    for conversation_id, parent_id in (("gone", None), (talk.id, "gone")):
        with pytest.raises(NotFoundError):
            store.messages.append(conversation_id, USER, "x", parent_id=parent_id)
    for call in (store.messages.get, store.messages.siblings, store.messages.leaf):
        with pytest.raises(NotFoundError):
            call("gone")
    with pytest.raises(NotFoundError):
        store.messages.path("gone")


@pytest.mark.parametrize(
    ("role", "text", "state", "settled"),
    [
        (USER, "my words", MessageState.PENDING, MessageState.COMPLETE),
        (ASSISTANT, "half a re", MessageState.STREAMING, MessageState.STOPPED),
        (ASSISTANT, "", MessageState.PENDING, MessageState.FAILED),
        (ASSISTANT, "", MessageState.STREAMING, MessageState.FAILED),
    ],
)
def test_what_a_crash_interrupted_is_settled_with_its_text(
    store: Store, talk: Conversation, *, role: Role, text: str, state: MessageState, settled: MessageState
) -> None:
    head = store.conversations.get(talk.id).head_id
    left = store.messages.append(talk.id, role, text, parent_id=head, state=state)
    (found,) = store.messages.interrupted()
    assert (found.id, found.text, found.state) == (left.id, text, settled)
    assert bool(found.error) == (settled is MessageState.FAILED)
    assert store.messages.interrupted() == []


def test_text_that_sqlite_cannot_hold_is_mended_and_not_lost(store: Store) -> None:
    talk = store.conversation()
    assert store.say(talk.id, "a\0b\ud800c").text == "a\ufffdb\ufffdc"
