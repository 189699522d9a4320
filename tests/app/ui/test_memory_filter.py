"""The address of the memory page says what to list."""

from datetime import UTC, datetime, timedelta

import pytest

from app.ui.parts.memory_filter import filter_of, is_narrowed
from app.ui.words import Memories
from storage.records import Granularity, MemoryState, Role, Trust

NOW = datetime(2025, 5, 3, 18, tzinfo=UTC)


def test_an_empty_address_lists_what_the_person_said_and_is_remembered() -> None:
    wanted = filter_of({}, NOW)
    assert (wanted.states, wanted.speaker, wanted.offset) == ((MemoryState.ACTIVE,), Role.USER, 0)
    assert not is_narrowed({})


def test_each_choice_narrows() -> None:
    where = {"q": "cat", "kind": "topic", "state": "faded", "from": "noted", "when": "7", "n": "2"}
    wanted = filter_of(where, NOW)
    assert wanted.query == "cat"
    assert wanted.granularities == (Granularity.TOPIC,)
    assert wanted.states == (MemoryState.FADED,)
    assert wanted.trusts == (Trust.NOTED,)
    assert wanted.since == NOW - timedelta(days=7)
    assert wanted.offset == 100
    assert is_narrowed(where)


@pytest.mark.parametrize(
    "options", [Memories.kinds, Memories.states, Memories.origins, Memories.times, Memories.orders]
)
def test_every_option_on_the_page_means_something(options: tuple[tuple[str, str], ...]) -> None:
    keys = {
        Memories.kinds: "kind",
        Memories.states: "state",
        Memories.origins: "from",
        Memories.times: "when",
    }
    key = keys.get(options, "order")
    filters = {value: filter_of({key: value}, NOW) for value, _ in options}
    assert len(set(filters.values())) == len(options)


@pytest.mark.parametrize(
    "where", [{"n": "-1"}, {"n": "x"}, {"when": "soon"}, {"state": "odd"}, {"order": "?"}]
)
def test_an_odd_address_lists_the_usual(where: dict[str, str]) -> None:
    assert filter_of(where, NOW) == filter_of({}, NOW)
