from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from personas.errors import NotFoundError
from storage.memories import MemoryFilter
from storage.records import Author, Granularity, Memory, MemoryState, Role, Source, Trust
from tests.storage.store import Store


def texts(memories: list[Memory]) -> list[str]:
    return [memory.text for memory in memories]


def test_a_memory_comes_back_as_it_was(store: Store) -> None:
    said = store.say(store.conversation().id, "Ana lives in Porto")
    now = store.clock.now()
    memory = Memory(
        id=store.ids(),
        persona_id="mira",
        granularity=Granularity.PROFILE,
        text="Ana lives in Porto — since 2020",
        trust=Trust.NOTED,
        created=now,
        said_on=now - timedelta(days=3),
        speaker=Role.ASSISTANT,
        speaker_name="Mira",
        session_id=said.session_id,
        valid_from=now - timedelta(days=2000),
        valid_to=now,
        state=MemoryState.QUARANTINED,
        pinned=True,
        importance=0.9,
        strength=77.5,
        last_used=now,
        recalls=3,
        superseded_by="another",
        sources=(Source(said.id, "lives in Porto"),),
    )
    assert store.memories.add(memory, Author.REFLECTION) == memory
    assert store.memories.get(memory.id) == memory


def test_a_change_is_noted_with_before_and_after(store: Store) -> None:
    memory = store.remember("Ana lives in Porto")
    changed = store.memories.change(
        memory.id, Author.USER, "edit", reason="moved", text="Ana lives in Braga", pinned=True
    )
    assert changed == replace(memory, text="Ana lives in Braga", pinned=True) == store.memories.get(memory.id)
    edit, add = store.memories.history(memory.id)
    assert (edit.action, edit.by, edit.reason) == ("edit", Author.USER, "moved")
    assert edit.before == {"text": "Ana lives in Porto", "pinned": False}
    assert edit.after == {"text": "Ana lives in Braga", "pinned": True}
    assert (add.action, add.before, add.after["text"]) == ("add", None, "Ana lives in Porto")


def test_a_change_to_the_same_values_is_no_change(store: Store) -> None:
    memory = store.remember("tea")
    assert store.memories.change(memory.id, Author.USER, "edit", text="tea", pinned=False) == memory
    assert len(store.memories.history(memory.id)) == 1


@pytest.mark.parametrize("field", ["id", "persona_id", "created", "colour"])
def test_fields_that_are_fixed_or_unknown_are_refused(store: Store, field: str) -> None:
    memory = store.remember("tea")
    given: dict[str, Any] = {field: "x"}
    with pytest.raises(TypeError, match=field):
        store.memories.change(memory.id, Author.USER, "edit", **given)


def test_a_failed_add_leaves_nothing_behind(store: Store) -> None:
    memory = store.remember("tea")
    with pytest.raises(Exception, match="UNIQUE"):
        store.memories.add(memory, Author.USER)
    assert store.memories.count("mira") == 1
    assert store.outbox.size() == 1
    assert len(store.memories.history(memory.id)) == 1


def test_many_are_given_in_the_order_asked_for(store: Store) -> None:
    a, b, c = (store.remember(text) for text in "abc")
    assert store.memories.get_many([c.id, "gone", a.id, c.id]) == [c, a]
    assert store.memories.get_many([]) == []
    assert store.memories.find("gone") is None
    with pytest.raises(NotFoundError):
        store.memories.get(b.id + "x")


def test_what_rests_on_a_message_is_found_in_any_state(store: Store) -> None:
    said = store.say(store.conversation().id, "hello")
    resting = store.remember("hello", said)
    forgotten = store.remember("greets", said, state=MemoryState.FORGOTTEN)
    store.remember("else")
    assert store.memories.from_message(said.id) == [resting, forgotten]


def test_counts_name_every_state(store: Store) -> None:
    store.remember("a")
    store.remember("b", state=MemoryState.FADED)
    counts = store.memories.counts("mira")
    assert (counts[MemoryState.ACTIVE], counts[MemoryState.FADED], counts[MemoryState.FORGOTTEN]) == (1, 1, 0)


def test_ids_are_of_one_persona_and_state(store: Store) -> None:
    kept = store.remember("a")
    faded = store.remember("b", state=MemoryState.FADED)
    assert store.memories.ids("mira") == [kept.id]
    assert store.memories.ids("mira", MemoryState.FADED) == [faded.id]
    assert store.memories.ids("ada") == []


@pytest.fixture
def shelf(store: Store) -> Store:
    """Four memories that differ in every field that a filter looks at."""
    day = timedelta(days=1)
    now = store.clock.now()
    fields: list[tuple[str, dict[str, object]]] = [
        ("Ana lives in Porto", {"said_on": now - 9 * day, "strength": 10.0, "created": now - 9 * day}),
        (
            "Ana drinks green tea",
            {"said_on": now - 5 * day, "granularity": Granularity.TOPIC, "pinned": True, "strength": 1.0},
        ),
        (
            "äpfel are ripe in Porto",
            {
                "said_on": now - 2 * day,
                "trust": Trust.IMPORTED,
                "state": MemoryState.QUARANTINED,
                "strength": 300.0,
            },
        ),
        (
            "Mira told a joke",
            {
                "said_on": now - day,
                "speaker": Role.ASSISTANT,
                "session_id": "s1",
                "last_used": now - 20 * day,
                "strength": 20.0,
            },
        ),
    ]
    for text, given in fields:
        store.remember(text, **given)  # type: ignore[arg-type]
    return store


PORTO, TEA, APPLES, JOKE = (
    "Ana lives in Porto",
    "Ana drinks green tea",
    "äpfel are ripe in Porto",
    "Mira told a joke",
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (MemoryFilter(), [JOKE, APPLES, TEA, PORTO]),
        (MemoryFilter(descending=False), [PORTO, TEA, APPLES, JOKE]),
        (MemoryFilter(granularities=(Granularity.TOPIC,)), [TEA]),
        (MemoryFilter(states=(MemoryState.ACTIVE, MemoryState.FADED)), [JOKE, TEA, PORTO]),
        (MemoryFilter(trusts=(Trust.IMPORTED,)), [APPLES]),
        (MemoryFilter(speaker=Role.ASSISTANT), [JOKE]),
        (MemoryFilter(pinned=True), [TEA]),
        (MemoryFilter(pinned=False, states=(MemoryState.ACTIVE,)), [JOKE, PORTO]),
        (MemoryFilter(session_id="s1"), [JOKE]),
        (MemoryFilter(query="porto"), [PORTO, APPLES]),
        (MemoryFilter(query="port", order="said_on"), [APPLES, PORTO]),
        (MemoryFilter(query="where does Ana live"), [PORTO]),
        (MemoryFilter(query="apfel"), [APPLES]),
        (MemoryFilter(query="porto", states=(MemoryState.ACTIVE,)), [PORTO]),
        (MemoryFilter(query='"'), [JOKE, APPLES, TEA, PORTO]),
        (MemoryFilter(order="text", descending=False), [TEA, PORTO, JOKE, APPLES]),
        (MemoryFilter(order="strength"), [TEA, APPLES, PORTO, JOKE]),
        (MemoryFilter(order="relevance"), [JOKE, APPLES, TEA, PORTO]),
        (MemoryFilter(limit=2, offset=1), [APPLES, TEA]),
        (MemoryFilter(limit=-1), [JOKE, APPLES, TEA, PORTO]),
    ],
)
def test_a_filter_lets_through_what_it_names(shelf: Store, wanted: MemoryFilter, found: list[str]) -> None:
    assert texts(shelf.memories.list("mira", wanted)) == found
    assert shelf.memories.count("mira", replace(wanted, limit=50, offset=0)) >= len(found)


def test_a_span_of_time_holds_its_beginning_and_not_its_end(shelf: Store) -> None:
    day = timedelta(days=1)
    now = shelf.clock.now()
    wanted = MemoryFilter(since=now - 5 * day, until=now - 2 * day)
    assert texts(shelf.memories.list("mira", wanted)) == [TEA]
    assert shelf.memories.count("mira", wanted) == 1


def test_order_by_use_counts_the_day_of_storing_for_the_unused(shelf: Store) -> None:
    found = texts(shelf.memories.list("mira", MemoryFilter(order="last_used")))
    assert found[-1] == JOKE
    assert found[-2] == PORTO
