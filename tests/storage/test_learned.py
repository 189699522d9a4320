from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as arrays_of

from personas.model import Persona
from tests.storage.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.database.close()


def learn(store: Store, embedder: str = "mini", turns: int = 3, persona_id: str = "mira") -> None:
    store.learned.save(
        persona_id,
        embedder,
        turns=turns,
        gain=0.02,
        names=["meaning", "words"],
        arrays=[np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([0.25, -3.0])],
    )


def test_what_was_learnt_comes_back_as_it_was(store: Store) -> None:
    learn(store)
    found = store.learned.find("mira", "mini")
    assert found is not None
    assert (found.turns, found.gain, found.names) == (3, 0.02, ("meaning", "words"))
    assert found.updated == store.clock.now()
    matrix, row = found.arrays
    assert matrix.tolist() == [[1.0, 0.5], [0.5, 2.0]]
    assert row.tolist() == [0.25, -3.0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(arrays_of.arrays(np.float64, arrays_of.array_shapes(min_dims=1, max_dims=2, max_side=6)))
def test_any_array_comes_back_bit_by_bit(store: Store, array: np.ndarray) -> None:
    store.learned.save("mira", "any", turns=1, gain=0.0, names=["one"], arrays=[array, array])
    found = store.learned.find("mira", "any")
    assert found is not None
    assert [one.tobytes() for one in found.arrays] == [array.tobytes()] * 2
    assert found.arrays[0].shape == array.shape


def test_each_embedder_has_its_own_and_the_newest_is_known(store: Store) -> None:
    learn(store, "mini", 3)
    store.clock.advance(days=1)
    learn(store, "other", 5)
    first, newest = store.learned.find("mira", "mini"), store.learned.newest("mira")
    assert first is not None
    assert newest is not None
    assert (first.turns, newest.turns) == (3, 5)
    assert store.learned.find("mira", "third") is None


def test_what_another_version_learnt_is_not_read_and_is_written_over(store: Store) -> None:
    learn(store)
    store.database.execute("UPDATE learned SET version = version + 1")
    assert store.learned.find("mira", "mini") is None
    assert store.learned.newest("mira") is None
    learn(store, turns=1)
    found = store.learned.find("mira", "mini")
    assert found is not None
    assert found.turns == 1


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all", b"\x80\x04N."])
def test_damage_is_an_error_and_nothing_is_unpickled(store: Store, damage: bytes) -> None:
    learn(store)
    store.database.execute("UPDATE learned SET arrays = ?", [damage])
    if damage:
        with pytest.raises(ValueError, match=r".+"):
            store.learned.find("mira", "mini")
    else:
        found = store.learned.find("mira", "mini")
        assert found is not None
        assert found.arrays == ()


def test_reset_lets_go_of_all_and_says_of_how_much(store: Store) -> None:
    learn(store, "mini", 3)
    learn(store, "other", 5)
    assert store.learned.reset("mira") == 8
    assert store.learned.newest("mira") is None
    assert store.learned.reset("mira") == 0


def test_it_goes_with_its_persona_alone(store: Store) -> None:
    store.personas.add(Persona("juno", "Juno"))
    learn(store)
    learn(store, persona_id="juno")
    store.personas.delete("juno")
    assert store.learned.newest("juno") is None
    assert store.learned.newest("mira") is not None
