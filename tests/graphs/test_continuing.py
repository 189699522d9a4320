from datetime import UTC, datetime

import pytest

from graphs.memory.continuing import LAST, Line, begins_at, ending, own
from storage.records import Message, MessageState, Role

NOW = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)


def said(text: str, name: str = "") -> Message:
    return Message(name or text, "c", "s", None, Role.USER, text, MessageState.COMPLETE, NOW)


def there(text: str, aside: str = "") -> Line:
    return Line(said(text), elsewhere=True, aside=aside)


def test_what_comes_from_elsewhere_is_no_part_of_the_talk() -> None:
    assert own([there("a"), there("b", aside="it waits"), Line(said("c"))]) == [said("c")]


@pytest.mark.parametrize("text", ["Go on.", "And then?", "Well?", "Hm"])
def test_a_message_that_says_little_is_about_the_last_lines(text: str) -> None:
    lines = [there(f"line {number}") for number in range(LAST + 3)]
    assert ending(lines, text) == [one.message for one in lines[-LAST:]]


def test_one_that_says_more_is_not() -> None:
    assert ending([there("a")], "Where does my dentist live?") == []


def test_nor_is_one_that_follows_on_something_said_here() -> None:
    assert ending([there("a"), Line(said("b"))], "Go on.") == []
    assert ending([], "Go on.") == []


def test_the_end_has_nothing_of_what_is_set_aside_or_was_said_here() -> None:
    lines = [Line(said("a")), there("b"), there("c", aside="it waits"), there("d")]
    assert [one.text for one in ending(lines, "Go on.")] == ["b", "d"]


def test_it_is_known_from_where_on_a_talk_is_repeated() -> None:
    talk = [said("a"), said(" ", name="blank"), said("b"), said("c")]
    assert begins_at(talk, talk, "new") == ""
    assert begins_at(talk, talk[2:], "new") == "b"
    assert begins_at(talk, [], "new") == "new"
    assert begins_at([], [], "new") == ""
    assert begins_at(talk[1:], talk[2:], "new") == "", "nothing is missing"
