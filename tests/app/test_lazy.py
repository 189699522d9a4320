import threading

import pytest

from app.lazy import Lazy


def test_it_is_made_once_whoever_comes_first() -> None:
    made: list[object] = []
    lazy = Lazy(lambda: made.append(object()) or made[-1])
    threads = [threading.Thread(target=lazy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert lazy() is made[0]


def test_a_failure_is_not_kept() -> None:
    answers = iter([ValueError("not yet"), 7])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    lazy = Lazy(make)
    with pytest.raises(ValueError, match="not yet"):
        lazy()
    assert not lazy.made
    assert lazy() == 7
