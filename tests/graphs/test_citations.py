import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.citations import MarkFilter


def passed(*pieces: str) -> tuple[str, set[int]]:
    marks = MarkFilter()
    text = "".join(marks.feed(piece) for piece in pieces)
    return text + marks.end(), marks.cited


@pytest.mark.parametrize(
    ("reply", "text", "cited"),
    [
        ("Ana lives in Porto [1].", "Ana lives in Porto.", {1}),
        ("Ana [1, 3] and Rex [2]", "Ana and Rex", {1, 2, 3}),
        ("In Porto[note 2], I think", "In Porto, I think", {2}),
        ("An [aside] stays", "An [aside] stays", set()),
        ("An open [ bracket", "An open [ bracket", set()),
        ("It ends open [1", "It ends open [1", set()),
        ("In [2026] it was", "In [2026] it was", set()),
        ("No marks at all.", "No marks at all.", set()),
        ("", "", set()),
    ],
)
def test_marks_are_taken_out_and_counted(reply: str, text: str, cited: set[int]) -> None:
    assert passed(reply) == (text, cited)


@given(st.text(alphabet="ab [],.12\n", max_size=40), st.data())
def test_it_does_not_matter_how_a_reply_is_cut_into_pieces(reply: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(reply)))))
    pieces = [reply[start:end] for start, end in zip([0, *cuts], [*cuts, len(reply)], strict=True)]
    assert passed(*pieces) == passed(*reply)


def test_half_a_mark_is_never_shown() -> None:
    marks = MarkFilter()
    assert [marks.feed(piece) for piece in ("Porto", " ", "[", "1", "]", ".")] == [
        "Porto",
        "",
        "",
        "",
        "",
        ".",
    ]
