import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.decay import fade_due
from graphs.memory.forgetting import FADE_BELOW, fades_at, last_touched
from storage.records import Author, Granularity, Memory, MemoryState
from tests.storage.store import Store, open_store

COPIES = """
WITH RECURSIVE n (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 50000)
INSERT INTO memories (id, persona_id, granularity, text, trust, created, said_on, speaker, speaker_name,
session_id, valid_from, valid_to, state, pinned, importance, strength, last_used, recalls, superseded_by)
SELECT 'copy' || n.value, persona_id, granularity, text, trust, created, said_on, speaker, speaker_name,
session_id, valid_from, valid_to, state, pinned, importance, strength, last_used, recalls, superseded_by
FROM memories, n
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.database.close()


def is_active(memory: Memory) -> bool:
    return memory.state is MemoryState.ACTIVE


def sweep(store: Store, lasting: float = 1.0) -> int:
    return fade_due(
        store.database, store.memories, "mira", now=store.clock.now(), ids=store.ids, lasting=lasting
    )


def test_a_memory_fades_on_its_day_and_not_before(store: Store) -> None:
    memory = store.remember("Lives in Porto.", strength=10.0)
    day = fades_at(last_touched(memory), memory.strength, FADE_BELOW)
    assert day
    store.clock.advance(day - store.clock.now() - timedelta(minutes=1))
    assert sweep(store) == 0
    store.clock.advance(timedelta(minutes=2))
    assert sweep(store) == 1
    assert store.memories.get(memory.id).state is MemoryState.FADED


@pytest.mark.parametrize("granularity", list(Granularity))
def test_every_kind_of_memory_fades_and_is_still_there(store: Store, granularity: Granularity) -> None:
    memory = store.remember("Lives in Porto.", granularity=granularity)
    store.clock.advance(timedelta(days=4000))
    assert sweep(store) == 1
    kept = store.memories.get(memory.id)
    assert kept.text == memory.text
    assert store.memories.history(memory.id)[0].by is Author.DECAY


def test_a_pinned_memory_never_fades(store: Store) -> None:
    store.remember("Allergic to penicillin.", pinned=True, strength=1.0)
    store.clock.advance(timedelta(days=40_000))
    assert sweep(store) == 0


def test_what_the_profile_says_stays_once_it_has_been_used(store: Store) -> None:
    used = store.remember("Lives in Porto.", granularity=Granularity.PROFILE, last_used=store.clock.now())
    unused = store.remember("Has a sister.", granularity=Granularity.PROFILE)
    topic = store.remember("Has a boat.", granularity=Granularity.TOPIC, last_used=store.clock.now())
    store.clock.advance(days=40_000)
    assert sweep(store) == 2
    faded = {unused.id, topic.id}
    assert {one.id for one in store.memories.get_many([used.id, *faded]) if not is_active(one)} == faded


@pytest.mark.parametrize(("lasting", "days"), [(0.125, 48), (1.0, 383), (4.0, 1534)])
def test_a_persona_may_keep_things_for_longer_or_shorter(store: Store, lasting: float, days: int) -> None:
    store.remember("Lives in Porto.", strength=30.0)
    store.clock.advance(days=days - 1)
    assert sweep(store, lasting) == 0
    store.clock.advance(days=2)
    assert sweep(store, lasting) == 1


def test_a_persona_may_keep_everything(store: Store) -> None:
    store.remember("Lives in Porto.", strength=1.0)
    store.clock.advance(days=200_000)
    assert sweep(store, math.inf) == 0


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.floats(1.0, 400.0), st.booleans(), st.sampled_from(Granularity)), max_size=12))
def test_a_second_sweep_finds_nothing_and_an_undone_one_leaves_all_as_it_was(
    store: Store, kinds: list[tuple[float, bool, Granularity]]
) -> None:
    ids = [
        store.remember(f"Fact {n}.", strength=strength, pinned=pinned, granularity=granularity).id
        for n, (strength, pinned, granularity) in enumerate(kinds)
    ]
    before = store.memories.get_many(ids)
    store.clock.advance(days=1000)
    faded = sweep(store)
    assert sweep(store) == 0
    batch_id = store.memories.last_batch("mira", Author.DECAY)
    if faded and batch_id:
        store.memories.undo(batch_id, Author.USER)
    assert store.memories.get_many(ids) == before
    store.memories.erase(*ids)


def test_a_used_memory_starts_again(store: Store) -> None:
    memory = store.remember("Lives in Porto.", strength=10.0)
    store.clock.advance(timedelta(days=100))
    store.memories.change(memory.id, Author.REFLECTION, "use", last_used=store.clock.now())
    store.clock.advance(timedelta(days=100))
    assert sweep(store) == 0


def test_what_the_person_let_go_is_not_touched(store: Store) -> None:
    store.remember("Lives in Porto.", state=MemoryState.FORGOTTEN)
    store.clock.advance(timedelta(days=4000))
    assert sweep(store) == 0


def test_what_faded_together_is_undone_together(store: Store) -> None:
    kept = [store.remember(f"Fact {number}.").id for number in range(700)]
    store.clock.advance(timedelta(days=4000))
    assert sweep(store) == 700
    batch_id = store.memories.last_batch("mira")
    assert batch_id
    store.memories.undo(batch_id, Author.USER)
    assert {memory.state for memory in store.memories.get_many(kept)} == {MemoryState.ACTIVE}


@pytest.mark.slow
def test_of_fifty_thousand_memories_those_that_are_due_fade(store: Store) -> None:
    store.remember("Lives in Porto.")
    store.database.execute(COPIES)
    assert sweep(store) == 0
    store.database.execute("UPDATE memories SET strength = 1 WHERE seq % 100 = 0")
    store.clock.advance(days=30)
    assert sweep(store) == 500
