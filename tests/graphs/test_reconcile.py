from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.reconcile import ALIKE, Action, plan, says_the_same
from storage.records import Granularity, Memory, Trust

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
OLD = Memory("old", "mira", Granularity.TOPIC, "Ida lives in Porto.", Trust.NOTED, NOON, NOON)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I work at the museum.", "I work at the museum"),
        ("Ida works at the museum.", "I work at the museum."),
        ("I live in Porto", "I'm living in Porto now"),
        ("My sister Ana lives in Porto.", "Ida's sister Ana lives in Porto."),
        ("I adopted a grey cat called Biscuit.", "I adopted a grey cat named Biscuit"),
        ("I really love hiking", "I enjoy hiking a lot"),
        ("I have two cats.", "I've got 2 cats"),
        ("I don't eat meat", "I do not eat meat"),
    ],
)
def test_the_same_in_other_words_is_the_same(one: str, other: str) -> None:
    assert says_the_same(one, other, "Ida")
    assert says_the_same(other, one, "Ida")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Porto", "I lived in Porto"),
        ("I live in Porto", "I live in Lyon"),
        ("I like red curry", "I like green curry"),
        ("Ana gave me a book", "I gave Ana a book"),
        ("Ana lives with Bob", "Bob lives with Ana"),
        ("I have two cats", "I have three cats"),
        ("I do not eat meat", "I eat meat"),
        ("I used to work at the museum", "I work at the museum"),
        ("I might move to Rome", "I moved to Rome"),
        ("I work at the museum", "I work at the museum on weekdays"),
        ("My mother is a nurse", "I am a nurse"),
        ("I ran on 3 May 2026", "I ran on 4 May 2026"),
        ("", ""),
    ],
)
def test_what_differs_in_fact_is_not_the_same(one: str, other: str) -> None:
    assert not says_the_same(one, other, "Ida")
    assert not says_the_same(other, one, "Ida")


def test_the_same_words_with_another_meaning_are_not_the_same() -> None:
    assert not says_the_same("I work at the museum.", "I work at the museum.", "Ida", ALIKE - 0.1)


@given(st.text(max_size=80), st.text(max_size=80))
def test_saying_the_same_goes_both_ways(one: str, other: str) -> None:
    assert says_the_same(one, other, "Ida") == says_the_same(other, one, "Ida")


def test_what_is_new_is_added() -> None:
    assert plan("Ida plays the cello.", Trust.NOTED, [(OLD, 0.2)], "Ida").action is Action.ADD


@pytest.mark.parametrize("trust", [Trust.SAID, Trust.TYPED, Trust.NOTED])
def test_saying_a_known_thing_again_is_merged(trust: Trust) -> None:
    old = replace(OLD, trust=trust)
    assert plan("I live in Porto.", Trust.NOTED, [(old, None)], "Ida").action is Action.MERGE


def test_an_import_of_what_the_person_said_changes_nothing() -> None:
    assert plan("I live in Porto.", Trust.IMPORTED, [(OLD, None)], "Ida").action is Action.KNOWN


@pytest.mark.parametrize("trust", [Trust.INFERRED, Trust.IMPORTED])
def test_the_persons_word_replaces_what_came_from_elsewhere(trust: Trust) -> None:
    made = plan("I live in Porto.", Trust.NOTED, [(replace(OLD, trust=trust), None)], "Ida")
    assert (made.action, made.target_id) == (Action.REPLACE, "old")


def test_the_most_trusted_of_several_is_taken() -> None:
    imported = replace(OLD, id="import", trust=Trust.IMPORTED)
    made = plan("I live in Porto.", Trust.NOTED, [(imported, None), (OLD, None)], "Ida")
    assert (made.action, made.target_id) == (Action.MERGE, "old")


def test_an_import_said_twice_is_merged() -> None:
    imported = replace(OLD, trust=Trust.IMPORTED)
    assert plan("I live in Porto.", Trust.IMPORTED, [(imported, None)], "Ida").action is Action.MERGE
