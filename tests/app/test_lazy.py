import threading
from collections.abc import Iterator

import pytest

from app.lazy import Lazy


def test_it_is_made_once_whoever_comes_first() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    lazy = Lazy(make)
    threads = [threading.Thread(target=lazy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert lazy() is made[0]


def test_a_failure_is_not_kept() -> None:
    answers: Iterator[ValueError | int] = iter([ValueError("not yet"), 7])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    lazy = Lazy(make)
    with pytest.raises(ValueError, match="not yet"):
        lazy()
    assert not lazy.made
    assert lazy() == 7
