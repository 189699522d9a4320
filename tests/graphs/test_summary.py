from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.summary import LONGEST, chosen, worded
from tests.graphs.memories import SAID_ON, memory


def test_a_talk_of_one_line_needs_no_summary() -> None:
    assert chosen([memory()], SAID_ON) == []


def test_the_most_important_lines_stand_in_the_order_of_time() -> None:
    plain = [
        memory(f"Ida once saw a {thing} near the old harbour wall.", f"m{place}", importance=0.3)
        for place, thing in enumerate(("seal", "heron", "kite", "ferry", "buoy", "crane"))
    ]
    grave = memory("Ida is allergic to nuts.", "nuts", importance=0.9)
    wedding = memory("Ida's sister got married in Lyon.", "wedding", importance=0.8)
    lines = [grave, *plain, wedding]
    kept = chosen(lines, SAID_ON)
    assert kept[0] is grave
    assert kept[-1] is wedding


def test_what_was_told_already_is_not_told_again() -> None:
    lines = [
        memory("Ida moved to Porto in March.", "a", importance=0.8),
        memory("Ida moved to Porto.", "b", importance=0.7),
        memory("Ida plays the cello.", "c", importance=0.4),
    ]
    assert [line.id for line in chosen(lines, SAID_ON)] == ["a", "c"]


def test_a_summary_says_when_and_what() -> None:
    text = worded([memory("Ida plays the cello"), memory("Ana lives in Porto.")], SAID_ON)
    assert text == "Talk on Sunday, 3 May 2026: Ida plays the cello. Ana lives in Porto."


@given(st.lists(st.tuples(st.text("abc de", min_size=1, max_size=200), st.floats(0, 1)), max_size=12))
def test_a_summary_is_never_too_long_and_says_only_its_lines(told: list[tuple[str, float]]) -> None:
    lines = [
        memory(text, f"m{n}", importance=weight) for n, (text, weight) in enumerate(told) if text.strip()
    ]
    kept = chosen(lines, SAID_ON)
    assert not kept or len(worded(kept, SAID_ON)) <= LONGEST
    assert [line for line in lines if line in kept] == kept
    assert len(kept) != 1
