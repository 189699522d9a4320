import pytest

from storage.records import Author, MemoryState
from tests.storage.store import Store


def ops(store: Store) -> list[tuple[str, str, str]]:
    return [(entry.memory_id, entry.op, entry.text) for entry in store.outbox.pending()]


@pytest.fixture
def told(store: Store) -> Store:
    """A store whose index knows everything."""
    store.remember("tea")
    store.outbox.done([entry.id for entry in store.outbox.pending()])
    return store


def test_a_new_memory_waits_for_the_index(store: Store) -> None:
    memory = store.remember("tea")
    assert ops(store) == [(memory.id, "upsert", "tea")]


def test_forgotten_memory_leaves_the_index(told: Store) -> None:
    (memory_id,) = told.memories.ids("mira")
    told.memories.change(memory_id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    assert ops(told) == [(memory_id, "remove", "")]


def test_what_to_do_follows_from_what_the_memory_is_by_now(told: Store) -> None:
    (memory_id,) = told.memories.ids("mira")
    told.memories.change(memory_id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    told.memories.change(memory_id, Author.USER, "revive", state=MemoryState.ACTIVE, text="green tea")
    assert ops(told) == [(memory_id, "upsert", "green tea")]


def test_a_change_that_the_index_does_not_see_does_not_bother_it(told: Store) -> None:
    (memory_id,) = told.memories.ids("mira")
    told.memories.change(memory_id, Author.REFLECTION, "use", strength=80.0, recalls=1, pinned=True)
    assert told.outbox.size() == 0


def test_a_memory_that_changed_while_it_was_being_indexed_waits_again(store: Store) -> None:
    memory = store.remember("tea")
    taken = store.outbox.pending()
    store.memories.change(memory.id, Author.USER, "edit", text="coffee")
    store.outbox.done([entry.id for entry in taken])
    assert ops(store) == [(memory.id, "upsert", "coffee")]


def test_a_change_that_is_rolled_back_is_not_told(told: Store) -> None:
    with pytest.raises(RuntimeError):
        remember_and_fail(told)
    assert told.outbox.size() == 0


def remember_and_fail(store: Store) -> None:
    with store.database.atomic():
        store.remember("coffee")
        raise RuntimeError


def test_those_that_waited_longest_come_first(store: Store) -> None:
    made = [store.remember(text).id for text in "abc"]
    assert [entry.memory_id for entry in store.outbox.pending(2)] == made[:2]


def test_refilling_queues_every_active_memory(told: Store) -> None:
    told.remember("old", state=MemoryState.FADED)
    told.outbox.done([entry.id for entry in told.outbox.pending()])
    assert told.outbox.refill("ada") == 0
    assert told.outbox.refill("mira") == 1
    assert told.outbox.refill() == 1
    assert [text for _, _, text in ops(told)] == ["tea"]


def test_single_memories_can_be_queued_again(told: Store) -> None:
    (memory_id,) = told.memories.ids("mira")
    told.outbox.queue([memory_id, "gone"])
    assert ops(told) == [(memory_id, "upsert", "tea")]
