from datetime import timedelta

import pytest

from personas.errors import NotFoundError
from storage.records import Origin, Role, SessionState
from tests.storage.store import Store


def test_messages_close_together_share_a_session(store: Store) -> None:
    talk = store.conversation()
    first = store.say(talk.id, "a")
    store.clock.advance(minutes=29)
    second = store.say(talk.id, "b", Role.ASSISTANT)
    store.clock.advance(minutes=29)
    third = store.say(talk.id, "c")
    assert first.session_id == second.session_id == third.session_id
    session = store.sessions.get(first.session_id)
    assert (session.started, session.ended, session.persona_id) == (first.created, third.created, "mira")


def test_a_long_pause_closes_the_session_and_begins_another(store: Store) -> None:
    talk = store.conversation()
    first = store.say(talk.id, "a")
    store.clock.advance(minutes=31)
    second = store.say(talk.id, "b")
    assert [session.id for session in store.sessions.for_conversation(talk.id)] == [
        first.session_id,
        second.session_id,
    ]
    assert store.sessions.get(first.session_id).state is SessionState.CLOSED
    assert store.sessions.get(second.session_id).state is SessionState.OPEN


def test_a_closed_session_takes_no_further_question(store: Store) -> None:
    talk = store.conversation()
    first = store.say(talk.id, "a")
    store.sessions.close(first.session_id)
    assert store.say(talk.id, "b").session_id != first.session_id


def test_a_reply_belongs_to_its_question_even_if_the_session_was_closed_meanwhile(store: Store) -> None:
    talk = store.conversation()
    asked = store.say(talk.id, "a")
    store.sessions.close(asked.session_id)
    assert store.say(talk.id, "b", Role.ASSISTANT).session_id == asked.session_id


def test_a_reply_made_again_days_later_belongs_to_today(store: Store) -> None:
    talk = store.conversation()
    asked = store.say(talk.id, "a")
    store.clock.advance(days=2)
    today = store.say(talk.id, "hello again")
    again = store.messages.append(talk.id, Role.ASSISTANT, "b", parent_id=asked.id)
    assert again.session_id == today.session_id


def test_a_transcript_is_cut_into_sessions_by_its_own_times(store: Store) -> None:
    talk = store.conversations.add("mira", "Old", Origin.IMPORT)
    begun = store.clock.now() - timedelta(days=300)
    parent = None
    for minutes in (0, 1, 2, 600, 601, 5000):
        parent = store.messages.append(
            talk.id,
            Role.USER,
            f"at {minutes}",
            parent_id=parent,
            created=begun + timedelta(minutes=minutes),
            origin=Origin.IMPORT,
        ).id
    sessions = store.sessions.for_conversation(talk.id)
    counts = [len(store.sessions.messages(session.id)) for session in sessions]
    assert counts == [3, 2, 1]
    assert sessions[0].started == begun


def test_idle_sessions_are_those_with_nothing_new(store: Store) -> None:
    idle = store.say(store.conversation().id, "a")
    store.clock.advance(minutes=25)
    busy = store.say(store.conversation().id, "b")
    since = store.clock.now() - timedelta(minutes=20)
    assert [session.id for session in store.sessions.open_before(since)] == [idle.session_id]
    store.sessions.close(idle.session_id)
    assert store.sessions.open_before(since) == []
    assert store.sessions.get(busy.session_id).state is SessionState.OPEN


def test_closed_sessions_are_due_until_they_are_reflected_on(store: Store) -> None:
    session_id = store.say(store.conversation().id, "a").session_id
    assert store.sessions.due() == []
    store.sessions.close(session_id)
    assert [session.id for session in store.sessions.due()] == [session_id]
    done = store.sessions.mark(session_id, SessionState.REFLECTED, reflected_by="qwen")
    assert done.reflected_by == "qwen"
    assert store.sessions.due() == []
    assert store.sessions.close(session_id).state is SessionState.REFLECTED


def test_a_failing_session_is_tried_three_times(store: Store) -> None:
    session_id = store.say(store.conversation().id, "a").session_id
    store.sessions.close(session_id)
    tries = 0
    while store.sessions.due():
        failed = store.sessions.mark(session_id, SessionState.FAILED, error="out of memory")
        tries += 1
    assert (tries, failed.attempts, failed.error) == (3, 3, "out of memory")


def test_a_session_holds_only_the_chosen_path(store: Store) -> None:
    talk = store.conversation()
    first = store.say(talk.id, "I live in Portp")
    edited = store.messages.append(talk.id, Role.USER, "I live in Porto", parent_id=None)
    assert first.session_id == edited.session_id
    assert store.sessions.messages(first.session_id) == [edited]


def test_a_session_that_is_gone_says_so(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.sessions.get("gone")
    with pytest.raises(NotFoundError):
        store.sessions.close("gone")
