import numpy as np
import pytest

from storage.vector_cache import VectorCache

E1, E2, E3 = np.eye(3, dtype=np.float32)


def test_the_oldest_make_way_for_the_newest() -> None:
    cache = VectorCache(3, most=2)
    cache.put(["a", "b"], np.stack([E1, E2]))
    cache.put(["c"], E3[None])
    assert cache.cosines(E3, ["a", "b", "c"]) == {"b": 0.0, "c": 1.0}


def test_what_is_put_again_is_replaced_and_what_is_dropped_is_gone() -> None:
    cache = VectorCache(3, most=2)
    cache.put(["a", "b"], np.stack([E1, E2]))
    cache.put(["a"], E3[None])
    cache.drop(["b", "gone"])
    assert cache.cosines(E3, ["a", "b"]) == {"a": 1.0}
    cache.put(["c", "d"], np.stack([E1, E2]))
    assert set(cache.cosines(E1, ["a", "b", "c", "d"])) == {"c", "d"}


def test_it_grows_with_what_it_holds() -> None:
    cache = VectorCache(3)
    ids = [str(number) for number in range(1_000)]
    cache.put(ids, np.repeat((E1 * 0.6 + E2 * 0.8)[None], 1_000, axis=0))
    found = cache.cosines(E1, ids)
    assert list(found) == ids
    assert found["999"] == pytest.approx(0.6, abs=1e-3)
