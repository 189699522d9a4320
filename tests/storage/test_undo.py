from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personas.errors import NotFoundError
from storage.errors import UndoConflictError
from storage.records import Author, Granularity, Memory, MemoryState, Role, Source, Trust
from tests.fakes.clock import START
from tests.storage.store import Store, open_store

moments = st.integers(-2000, 2000).map(lambda days: START + timedelta(days=days, microseconds=7))
changes = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=20),
        "granularity": st.sampled_from(Granularity),
        "trust": st.sampled_from(Trust),
        "said_on": moments,
        "speaker": st.sampled_from(Role),
        "speaker_name": st.text(max_size=5),
        "session_id": st.sampled_from(["", "s1", "s2"]),
        "valid_from": st.none() | moments,
        "valid_to": st.none() | moments,
        "state": st.sampled_from(MemoryState),
        "pinned": st.booleans(),
        "importance": st.floats(0, 1),
        "strength": st.floats(1, 36500),
        "last_used": st.none() | moments,
        "recalls": st.integers(0, 9),
        "superseded_by": st.none() | st.sampled_from(["a", "b"]),
        "sources": st.lists(st.tuples(st.integers(0, 2), st.text(max_size=5)), max_size=3),
    },
)
batches = st.lists(st.tuples(st.integers(0, 4), changes), min_size=1, max_size=8)
ADD = 4
"""Of the places 0 to 4 in a batch, this one adds a memory."""


def everything(store: Store) -> dict[str, Memory]:
    states = MemoryState
    ids = [memory_id for state in states for memory_id in store.memories.ids("mira", state)]
    return {memory.id: memory for memory in store.memories.get_many(ids)}


def apply(store: Store, batch: list[tuple[int, dict[str, Any]]], batch_id: str, messages: list[str]) -> None:
    olds = sorted(everything(store))
    for place, fields in batch:
        if place == ADD:
            fresh = Memory(
                store.ids(), "mira", Granularity.TOPIC, "new", Trust.NOTED, store.clock.now(), START
            )
            store.memories.add(fresh, Author.REFLECTION, batch_id=batch_id)
        else:
            given_fields = dict(fields)
            if "sources" in given_fields:
                pairs = given_fields["sources"]
                given_fields["sources"] = tuple(Source(messages[at], quote) for at, quote in pairs)
            store.memories.change(olds[place], Author.REFLECTION, "edit", batch_id=batch_id, **given_fields)


def words_agree(store: Store, memories: Mapping[str, Memory]) -> bool:
    """Whether the full-text index holds what the memories hold, by its own check."""
    store.database.execute("INSERT INTO memory_words (memory_words) VALUES ('integrity-check')")
    waiting = {entry.memory_id: entry.op for entry in store.outbox.pending(1000)}
    return all(
        (op == "upsert") == (memories[memory_id].state is MemoryState.ACTIVE)
        for memory_id, op in waiting.items()
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(earlier=batches, batch=batches)
def test_undo_restores_every_field_and_undoing_the_undo_brings_the_change_back(
    earlier: list[tuple[int, dict[str, Any]]], batch: list[tuple[int, dict[str, Any]]]
) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        talk = store.conversation()
        messages = [store.say(talk.id, text).id for text in "abc"]
        for text in "wxyz":
            store.remember(text)
        apply(store, earlier, "earlier", messages)
        before = everything(store)
        apply(store, batch, "batch", messages)
        after = everything(store)

        if store.memories.batch("batch"):
            store.memories.undo("batch", Author.USER, undo_batch_id="undo")
        undone = everything(store)
        assert {memory_id: undone[memory_id] for memory_id in before} == before
        assert all(undone[new].state is MemoryState.FORGOTTEN for new in undone.keys() - before)
        assert words_agree(store, undone)

        if store.memories.batch("undo"):
            store.memories.undo("undo", Author.USER)
        assert everything(store) == after
        assert words_agree(store, after)
        store.database.close()


def test_what_was_undone_reaches_the_index_too(store: Store) -> None:
    memory = store.remember("tea")
    store.memories.change(memory.id, Author.USER, "forget", batch_id="b", state=MemoryState.FORGOTTEN)
    store.outbox.done([entry.id for entry in store.outbox.pending()])
    store.memories.undo("b", Author.USER)
    assert [(entry.memory_id, entry.op) for entry in store.outbox.pending()] == [(memory.id, "upsert")]
    assert store.words.search("mira", "tea", 5)


def test_undo_is_in_the_history(store: Store) -> None:
    memory = store.remember("tea")
    store.memories.change(memory.id, Author.USER, "edit", batch_id="b", text="coffee")
    store.memories.undo("b", Author.USER)
    newest = store.memories.history(memory.id)[0]
    assert (newest.action, newest.before, newest.after) == ("undo", {"text": "coffee"}, {"text": "tea"})


def test_all_that_was_changed_together_is_undone_together(store: Store) -> None:
    memories = [store.remember(text) for text in "abc"]
    for memory in memories:
        store.memories.change(memory.id, Author.USER, "forget", batch_id="b", state=MemoryState.FORGOTTEN)
    assert {memory.id for memory in store.memories.undo("b", Author.USER)} == {m.id for m in memories}
    assert store.memories.ids("mira") == [memory.id for memory in memories]


def test_a_newer_change_of_the_same_field_is_not_overwritten(store: Store) -> None:
    memory = store.remember("one")
    other = store.remember("other")
    store.memories.change(other.id, Author.USER, "edit", batch_id="b", text="changed")
    store.memories.change(memory.id, Author.USER, "edit", batch_id="b", text="two")
    store.memories.change(memory.id, Author.USER, "edit", text="three")
    with pytest.raises(UndoConflictError, match="nothing was undone"):
        store.memories.undo("b", Author.USER)
    assert store.memories.get(memory.id).text == "three"
    assert store.memories.get(other.id).text == "changed"


def test_use_since_then_does_not_stand_in_the_way(store: Store) -> None:
    memory = store.remember("one")
    store.memories.change(
        memory.id, Author.USER, "revive", batch_id="b", strength=60.0, last_used=store.clock.now()
    )
    store.memories.change(memory.id, Author.REFLECTION, "use", strength=90.0, recalls=1)
    (undone,) = store.memories.undo("b", Author.USER)
    assert (undone.strength, undone.last_used, undone.recalls) == (memory.strength, None, 1)


def test_a_memory_changed_since_it_was_added_can_be_taken_out(store: Store) -> None:
    memory = Memory(store.ids(), "mira", Granularity.TOPIC, "new", Trust.NOTED, START, START)
    store.memories.add(memory, Author.REFLECTION, batch_id="b")
    store.memories.change(memory.id, Author.DECAY, "fade", state=MemoryState.FADED)
    (undone,) = store.memories.undo("b", Author.USER)
    assert undone.state is MemoryState.FORGOTTEN


def test_the_last_batch_is_never_mere_use(store: Store) -> None:
    memory = store.remember("tea")
    store.memories.change(memory.id, Author.USER, "pin", batch_id="b", pinned=True)
    store.memories.change(memory.id, Author.REFLECTION, "fade", batch_id="c", importance=0.1)
    store.memories.change(memory.id, Author.REFLECTION, "use", recalls=1)
    assert store.memories.last_batch("mira") == "c"
    assert store.memories.last_batch("mira", by=Author.USER) == "b"
    assert store.memories.last_batch("ada") is None


def test_there_is_nothing_to_undo_twice_over(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.memories.undo("never", Author.USER)
    memory = store.remember("tea")
    store.memories.change(memory.id, Author.USER, "edit", batch_id="b", text="coffee")
    store.memories.erase(memory.id)
    with pytest.raises(NotFoundError):
        store.memories.undo("b", Author.USER)
