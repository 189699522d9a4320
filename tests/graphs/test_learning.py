import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graphs.learning import Experience, Learning
from graphs.memory.ranking import WEIGHTS, Scored
from tests.graphs.memories import memory
from tests.storage.store import Store, open_store

NAMES = tuple(WEIGHTS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.database.close()


def parts(**values: float) -> tuple[float, ...]:
    return tuple(values.get(name, 0.0) for name in NAMES)


SHOWN = [
    Scored(memory(memory_id="a"), 3.0, {}, parts(words=2.0)),
    Scored(memory(memory_id="b"), 2.0, {}, parts(meaning=2.0)),
    Scored(memory(memory_id="c"), 1.0, {}, parts(meaning=1.0, length=1.0)),
]


def test_nothing_learnt_is_the_plain_order(store: Store) -> None:
    assert Experience.begin().weights == dict(WEIGHTS)
    assert Learning(store.learned, "mini").weights("mira") == dict(WEIGHTS)


def test_what_was_learnt_is_there_after_a_restart(store: Store) -> None:
    learning = Learning(store.learned, "mini")
    for _ in range(12):
        learning.after_reply("mira", SHOWN, {"b"})
    again = Learning(store.learned, "mini").weights("mira")
    assert again == learning.weights("mira")
    assert again["meaning"] > 1.05
    assert again["words"] < 1.0


def test_each_persona_and_embedder_learns_for_itself(store: Store) -> None:
    Learning(store.learned, "mini").after_reply("mira", SHOWN, {"b"})
    assert Learning(store.learned, "other").weights("mira") == pytest.approx(dict(WEIGHTS))
    assert store.learned.newest("juno") is None


def test_what_the_order_did_not_find_tells_it_nothing(store: Store) -> None:
    learning = Learning(store.learned, "mini")
    asked = Scored(memory(memory_id="fact"), 9.0, {"asked": 1.0})
    learning.after_reply("mira", [asked, *SHOWN], {"fact"})
    assert store.learned.newest("mira") is None
    learning.after_reply("mira", [asked, *SHOWN], {"fact", "b"})
    assert store.learned.newest("mira") is not None


@pytest.mark.parametrize("used", [{"a", "b", "c"}, set(), {"somewhere else"}])
def test_all_or_none_used_is_not_even_written(store: Store, used: set[str]) -> None:
    Learning(store.learned, "mini").after_reply("mira", SHOWN, used)
    assert store.learned.newest("mira") is None


def test_a_signal_that_turns_round_is_trusted_less_until_it_is_learnt() -> None:
    rows = np.array([one.features for one in SHOWN])
    learnt = Experience.begin()
    for _ in range(30):
        learnt = learnt.after(rows, [False, True, False])
    trusted, gained, moved = learnt.blend.weight, learnt.blend.gain, learnt.weights["meaning"]
    gains = []
    for _ in range(20):
        learnt = learnt.after(rows, [True, False, False])
        gains.append(learnt.blend.gain)
    assert trusted == 1.0
    assert min(gains) < gained / 2
    assert moved > 1.1 > learnt.weights["meaning"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE learned SET arrays = x'00'",
        "UPDATE learned SET arrays = x''",
        "UPDATE learned SET names = '[\"words\"]'",
        "UPDATE learned SET names = 'nonsense'",
    ],
)
def test_a_damaged_state_means_the_plain_order_and_is_learnt_anew(store: Store, statement: str) -> None:
    learning = Learning(store.learned, "mini")
    learning.after_reply("mira", SHOWN, {"b"})
    store.database.execute(statement)
    assert learning.weights("mira") == dict(WEIGHTS)
    learning.after_reply("mira", SHOWN, {"b"})
    healed = store.learned.find("mira", "mini")
    assert healed is not None
    assert healed.turns == 1


def test_numbers_that_are_none_are_damage(store: Store) -> None:
    count = len(NAMES)
    arrays = [np.full((count, count), np.nan), np.zeros(count), np.zeros(3)]
    store.learned.save("mira", "mini", turns=1, gain=0.0, names=NAMES, arrays=arrays)
    assert Learning(store.learned, "mini").weights("mira") == dict(WEIGHTS)


def test_a_store_that_cannot_be_written_to_is_borne(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store.learned, "save", full)
    Learning(store.learned, "mini").after_reply("mira", SHOWN, {"b"})
