import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from storage.ids import UlidSource
from tests.fakes.clock import FakeClock


def source(clock: FakeClock) -> UlidSource:
    return UlidSource(clock.now, random.Random(1))


def test_ids_of_one_millisecond_grow() -> None:
    ids = source(FakeClock())
    made = [ids() for _ in range(1000)]
    assert made == sorted(set(made))


def test_ids_go_on_growing_when_the_clock_is_set_back() -> None:
    clock = FakeClock()
    ids = source(clock)
    before = ids()
    clock.advance(timedelta(hours=-2))
    assert ids() > before


def test_ids_sort_by_time() -> None:
    clock = FakeClock()
    ids = source(clock)
    first = ids()
    clock.advance(seconds=1)
    assert first < ids()


def test_threads_never_get_the_same_id() -> None:
    ids = source(FakeClock())
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids(), range(2000)))
    assert len(set(made)) == 2000
