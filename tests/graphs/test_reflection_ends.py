"""What reflection does at the end of a session, and when a line of it fails."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphs.errors import ModelError
from graphs.failing import MOST
from storage.records import Author, Granularity, MemoryState, Origin, Role, Session, SessionState, Trust
from storage.sessions import ATTEMPTS
from tests.fakes.writer import Writer
from tests.graphs.sitting import Sitting
from tests.storage.store import open_store

MUSEUM = "I work at the museum on weekdays."
SISTER = "My sister Ana lives in Porto."
EXAM = "I'll ask you about the exam on Friday."


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    store = open_store(tmp_path)
    yield Sitting(store)
    store.database.close()


def answered(sitting: Sitting, said: str, *replies: str) -> Session:
    """A talk in which the companion says these things."""
    conversation = sitting.begin()
    for reply in replies:
        sitting.say(conversation, said)
        sitting.say(conversation, reply, Role.ASSISTANT)
    return sitting.close(conversation)


def fails_on(word: str) -> Writer:
    def write(note: str) -> str:
        if word in note:
            raise ModelError("The model file is damaged.")
        return note

    return Writer(write)


def test_a_talk_is_summed_up_with_the_words_that_it_rests_on(sitting: Sitting) -> None:
    session = sitting.tell(SISTER, "Nice weather.", MUSEUM)
    assert sitting.reflect(session).done == {"added": 2, "summed up": 1}
    (summary,) = sitting.summaries()
    assert summary.text == f"Talk on Monday, 4 May 2026: {SISTER} {MUSEUM}"
    assert summary.trust is Trust.NOTED
    assert [source.quote for source in summary.sources] == [SISTER, MUSEUM]
    messages = {message.id: message.text for message in sitting.store.sessions.messages(session.id)}
    assert all(source.quote in messages[source.message_id] for source in summary.sources)


def test_a_talk_with_one_line_is_not_summed_up(sitting: Sitting) -> None:
    sitting.reflect(sitting.tell(SISTER, "How are you?"))
    assert sitting.summaries() == []


def test_a_summary_is_renewed_and_not_doubled(sitting: Sitting) -> None:
    session = sitting.tell(SISTER, MUSEUM)
    sitting.reflect(session)
    (before,) = sitting.summaries()
    assert "summed up" not in sitting.reflect(session).done
    sitting.model = Writer()
    sitting.reflect(session)
    (after,) = sitting.summaries()
    assert after.id == before.id
    assert after.text.endswith("Ida's sister Ana lives in Porto. Ida works at the museum on weekdays.")
    assert after.sources == before.sources


@pytest.mark.parametrize("change", [{"text": "We spoke of Ana."}, {"state": MemoryState.FORGOTTEN}])
def test_what_the_person_did_with_a_summary_stays(sitting: Sitting, change: dict[str, Any]) -> None:
    session = sitting.tell(SISTER, MUSEUM)
    sitting.reflect(session)
    changed = sitting.store.memories.change(sitting.summaries()[0].id, Author.USER, "edit", **change)
    sitting.model = Writer()
    sitting.reflect(session)
    assert [summary.text for summary in sitting.summaries()] == [changed.text]
    assert sitting.summaries()[0].state is changed.state


def test_what_was_said_again_belongs_to_the_summary_too(sitting: Sitting) -> None:
    sitting.reflect(sitting.tell(SISTER))
    sitting.reflect(sitting.tell(SISTER, MUSEUM))
    (summary,) = sitting.summaries()
    assert summary.text.endswith(f"{SISTER} {MUSEUM}")
    assert len(summary.sources) == 2


def test_a_summary_of_an_import_is_trusted_no_more_than_it(sitting: Sitting) -> None:
    sitting.reflect(sitting.tell(SISTER, MUSEUM, origin=Origin.IMPORT))
    assert [summary.trust for summary in sitting.summaries()] == [Trust.IMPORTED]


def test_a_summary_does_not_keep_a_line_from_being_remembered(sitting: Sitting) -> None:
    session = sitting.tell(SISTER, MUSEUM)
    sitting.reflect(session)
    sitting.store.memories.erase(*(memory.id for memory in sitting.made()))
    sitting.reflect(session)
    assert sitting.texts() == [SISTER, MUSEUM]


def test_what_the_companion_promised_is_kept_as_its_own(sitting: Sitting) -> None:
    session = answered(sitting, "I have my exam on Friday.", f"Good luck! {EXAM}")
    assert sitting.reflect(session).done["promised"] == 1
    (promise,) = sitting.promises()
    assert promise.text == "I'll ask you about the exam on Friday (8 May 2026)."
    assert (promise.granularity, promise.speaker, promise.trust) == (
        Granularity.TOPIC,
        Role.ASSISTANT,
        Trust.INFERRED,
    )
    assert promise.valid_from == datetime(2026, 5, 8, tzinfo=UTC)
    assert [source.quote for source in promise.sources] == [EXAM]
    assert EXAM not in " ".join(sitting.texts())


def test_a_promise_is_undone_with_the_rest(sitting: Sitting) -> None:
    sitting.reflect(answered(sitting, SISTER, EXAM))
    batch_id = sitting.store.memories.last_batch("mira")
    assert batch_id
    assert len(sitting.store.memories.undo(batch_id, Author.USER)) == 2
    assert [promise.state for promise in sitting.promises()] == [MemoryState.FORGOTTEN]


def test_a_promise_that_is_repeated_is_no_new_one(sitting: Sitting) -> None:
    """Fifty talks in which the companion repeats what it was shown of its own promise."""
    sitting.reflect(answered(sitting, "Hello.", EXAM))
    for _ in range(50):
        again = answered(sitting, "Do you remember?", "I'll ask you about the exam on Friday (8 May 2026).")
        assert sitting.reflect(again).new_memories == 0
    assert len(sitting.promises()) == 1


def test_a_promise_of_a_message_that_was_forgotten_is_not_kept(sitting: Sitting) -> None:
    session = answered(sitting, "Hello.", EXAM)
    (turn,) = [one for one in sitting.store.memories.list("mira") if one.text == EXAM]
    sitting.store.memories.change(turn.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    sitting.reflect(session)
    assert sitting.promises() == []


def test_each_message_is_known_to_be_read(sitting: Sitting) -> None:
    session = sitting.tell(SISTER, "Nice weather.", MUSEUM)
    coverage = sitting.context().coverage
    assert len(coverage.of_session(session.id).waiting) == 3
    sitting.reflect(session)
    found = coverage.of_session(session.id)
    assert (len(found.read), found.failed, found.waiting) == (3, {}, [])


def test_a_line_that_fails_keeps_no_other_waiting_and_is_tried_again(sitting: Sitting) -> None:
    sitting.model = fails_on("Porto")
    session = sitting.tell(SISTER, MUSEUM)
    failed = sitting.reflect(session)
    assert failed.session.state is SessionState.FAILED
    assert failed.session.error == "The model file is damaged."
    assert failed.done == {"failed": 1, "added": 1}
    assert sitting.texts() == ["Ida works at the museum on weekdays."]
    found = sitting.context().coverage.of_session(session.id)
    assert list(found.failed.values()) == ["The model file is damaged."]
    assert len(found.read) == 1
    sitting.model = Writer()
    assert sitting.reflect(session).session.state is SessionState.REFLECTED
    assert sitting.model.notes == ["Ida's sister Ana lives in Porto."]
    assert sitting.context().coverage.of_session(session.id).failed == {}


def test_what_a_model_cannot_write_in_the_end_is_quoted(sitting: Sitting) -> None:
    sitting.model = fails_on("Porto")
    session = sitting.tell(SISTER, MUSEUM)
    states = [sitting.reflect(session).session.state for _ in range(ATTEMPTS)]
    assert states == [SessionState.FAILED] * (ATTEMPTS - 1) + [SessionState.REFLECTED]
    assert sorted(sitting.texts()) == ["Ida works at the museum on weekdays.", SISTER]


def test_a_model_that_does_not_work_at_all_is_not_asked_for_every_line(sitting: Sitting) -> None:
    sitting.model = fails_on("")
    session = sitting.tell(*(f"I bought {number} red apples in Porto." for number in range(2, 22)))
    failed = sitting.reflect(session)
    assert failed.session.state is SessionState.FAILED
    assert len(sitting.model.prompts) == MOST
    found = sitting.context().coverage.of_session(session.id)
    assert (len(found.failed), len(found.waiting)) == (MOST, 20 - MOST)


def test_a_session_of_two_thousand_messages_is_read_to_its_end(sitting: Sitting) -> None:
    conversation = sitting.begin()
    with sitting.store.database.atomic():
        for number in range(1_000):
            text = f"I bought {number} red apples." if number % 20 == 0 else "Fine, thanks."
            text = SISTER if number == 999 else text
            sitting.say(conversation, text)
            sitting.say(conversation, "I see.", Role.ASSISTANT)
    session = sitting.close(conversation)
    assert sitting.reflect(session).done["added"] == 51
    found = sitting.context().coverage.of_session(session.id)
    assert (len(found.read), found.failed, found.waiting) == (1_000, {}, [])
    assert len(sitting.summaries()) == 1


def test_what_the_person_says_is_not_merged_with_a_promise(sitting: Sitting) -> None:
    sitting.reflect(answered(sitting, "Hello.", "I'll bring up the harbour trip with Ana on Friday."))
    sitting.reflect(sitting.tell("I'll bring up the harbour trip with Ana on Friday."))
    assert [promise.state for promise in sitting.promises()] == [MemoryState.ACTIVE]
    assert len(sitting.texts()) == 1
