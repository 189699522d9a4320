import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.labels import LabelFilter


def through(pieces: list[str], name: str = "Mira") -> str:
    label = LabelFilter(name)
    return "".join(label.feed(piece) for piece in pieces) + label.end()


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["Mira", ":", " Hello", " there"], "Hello there"),
        (["**Mira", "**: Hi"], "Hi"),
        (["Mira:\n\n", "As"], "As"),
        (["Mira likes: cats"], "Mira likes: cats"),
        (["Mi", "nd the gap: Mira: no"], "Mind the gap: Mira: no"),
        (["Hello"], "Hello"),
        (["Mira"], "Mira"),
        (["Mira:"], ""),
        ([], ""),
    ],
)
def test_only_a_leading_name_is_left_out(pieces: list[str], shown: str) -> None:
    assert through(pieces) == shown


@given(st.lists(st.text(max_size=6)))
def test_text_that_does_not_begin_with_the_name_passes_whole(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert through(["x", *pieces]) == "x" + text


def test_a_name_is_taken_literally() -> None:
    assert through(["A.B: yes"], "A.B") == "yes"
    assert through(["AxB: yes"], "A.B") == "AxB: yes"
