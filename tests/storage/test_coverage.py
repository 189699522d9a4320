from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.coverage import CoverageRepository, TalksRead
from storage.records import Role, SessionState
from tests.storage.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.database.close()


def test_what_is_read_what_failed_and_what_waits_is_known(store: Store) -> None:
    coverage, talk = CoverageRepository(store.database), store.conversation()
    one, two, three = (store.say(talk.id, text) for text in ("one", "two", "three"))
    store.say(talk.id, "a reply", Role.ASSISTANT)
    coverage.note_read([one.id], store.clock.now())
    coverage.note_failed(two.id, store.clock.now(), "The model is damaged.")
    found = coverage.of_session(one.session_id)
    assert (found.read, found.failed, found.waiting) == (
        [one.id],
        {two.id: "The model is damaged."},
        [three.id],
    )
    coverage.note_read([two.id], store.clock.now())
    assert coverage.of_session(one.session_id).failed == {}


def test_a_deleted_message_leaves_no_trace(store: Store) -> None:
    coverage, talk = CoverageRepository(store.database), store.conversation()
    said = store.say(talk.id, "one")
    coverage.note_read([said.id], store.clock.now())
    store.conversations.delete(talk.id)
    coverage.note_read([said.id], store.clock.now())
    coverage.note_failed(said.id, store.clock.now(), "It was slow.")
    assert store.database.rows("SELECT * FROM coverage", []) == []


def test_finished_talks_are_counted(store: Store) -> None:
    coverage = CoverageRepository(store.database)
    assert coverage.talks() == TalksRead(finished=0, read=0, failed=0)
    sessions = [store.say(store.conversation().id, "one").session_id for _ in range(4)]
    store.sessions.mark(sessions[0], SessionState.REFLECTED)
    store.sessions.close(sessions[1])
    store.sessions.mark(sessions[2], SessionState.FAILED, error="The model is damaged.")
    assert coverage.talks() == TalksRead(3, 1, 1, "The model is damaged.")
