from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.changes import all_over, order, outdated, since
from graphs.memory.claims import claims_of
from storage.records import Granularity, Held, Memory, Trust

JANUARY = datetime(2026, 1, 10, 18, tzinfo=UTC)
NAMES = ("ana", "bea")


def held(text: str, days: int = 0, trust: Trust = Trust.NOTED, speaker: str = "") -> Held:
    said = JANUARY + timedelta(days=days)
    memory = Memory(f"{days:05}", "mira", Granularity.TOPIC, text, Trust.TYPED, said, said)
    return Held(memory.id, trust, said, speaker, pinned=False, claims=tuple(claims_of(memory)))


def ends(new: str, old: str) -> bool:
    newer, older = held(new, 60), held(old)
    ended = outdated(newer, older)
    return bool(ended) and all_over(older, ended)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I live in Lyon.", "I live in Kyoto now."),
        ("I live in Lyon.", "I live in Kyoto."),
        ("I live in Lyon.", "I moved from Lyon to Kyoto in March."),
        ("I live in a flat in Lyon.", "I moved to Kyoto."),
        ("I work at the aquarium.", "I quit my job at the aquarium."),
        ("I work at the aquarium.", "I quit the aquarium."),
        ("I work at the aquarium.", "I lost my job."),
        ("I work at the aquarium.", "I got a new job at the museum."),
        ("I'm dating Karla.", "We broke up."),
        ("I'm vegetarian.", "I eat meat again."),
        ("I smoke.", "I quit smoking."),
        ("I quit smoking.", "I started smoking again."),
        ("I like olives on everything.", "I don't like olives any more."),
        ("I have a car.", "I sold the car."),
        ("I have a dog called Rex.", "My dog Rex died last week."),
        ("My exam is on 5 June.", "My exam is on 7 June."),
        ("My maths exam is on 5 June.", "My exam has been moved to 7 June."),
        ("My sister Ana lives in Porto.", "My sister moved to Madrid."),
        ("My sister is called Ana.", "Actually, my sister is called Anna."),
        ("I go to the gym three times a week.", "I stopped going to the gym."),
        ("My phone is an old Nokia.", "I swapped my Nokia for a Fairphone."),
        ("I broke my leg skiing.", "My leg is fine again."),
    ],
)
def test_what_changed_ends_what_was_said_before(old: str, new: str) -> None:
    assert ends(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I live in Lyon.", "I live in Lyon, near the river."),
        ("I live in Porto.", "I live in Portugal."),
        ("I live in Lyon.", "I used to live in Dublin."),
        ("I live in Lyon.", "My brother moved to Rome."),
        ("My mum lives in Leeds.", "My dad lives in York."),
        ("My sister Ana lives in Porto.", "My sister Bea lives in Rome."),
        ("I live with two friends.", "I live near the harbour."),
        ("I work at the museum.", "I met a friend at the museum in Basel."),
        ("I work at the florist.", "I also work at the cinema on Saturdays."),
        ("I'm a nurse.", "I work at the clinic."),
        ("I have a cat called Biscuit.", "I adopted another cat."),
        ("My sister is called Ana.", "My sister is called Bea."),
        ("I like jazz.", "I like opera."),
        ("I have two cats.", "My cat died."),
        ("I like coffee.", "I don't like cold coffee."),
        ("I'm allergic to cats.", "I'm allergic to pollen."),
        ("I play the cello.", "I play the piano."),
        ("My maths exam is on 3 June.", "My physics exam is on 9 June."),
        ("My exam was on 3 January.", "My exam is on 9 June."),
        ("My favourite book is Emma.", "My favourite film is Emma."),
        ("I live in Lyon.", "If I were rich I would live in Monaco."),
        ("I work at the bakery.", "I might quit the bakery."),
        ("The museum closes at five.", "The museum closes at six."),
        ("I met Tom at the aquarium.", "I quit the aquarium."),
        ("I went to the gym yesterday.", "I stopped going to the gym."),
        ("I'm married.", "My friend got divorced."),
    ],
)
def test_unrelated_facts_never_retire_each_other(old: str, new: str) -> None:
    assert not outdated(held(new, 60), held(old))


def test_a_memory_with_two_claims_stands_when_one_of_them_ends() -> None:
    older = held("I live in Lyon and I work at the museum.")
    ended = outdated(held("I moved to Kyoto.", 60), older)
    assert [claim.attribute for claim in ended] == ["home"]
    assert not all_over(older, ended)


def test_the_name_of_a_pet_goes_with_the_pet() -> None:
    older = held("I have a cat. She's called Biscuit.")
    assert all_over(older, outdated(held("My cat died.", 60), older))


@pytest.mark.parametrize("trust", [Trust.IMPORTED, Trust.INFERRED])
def test_what_is_trusted_less_never_ends_the_persons_word(trust: Trust) -> None:
    assert not outdated(held("I live in Kyoto.", 60, trust), held("I live in Lyon."))
    assert outdated(held("I live in Kyoto.", 60), held("I live in Lyon.", trust=trust))


@pytest.mark.parametrize("trust", [Trust.SAID, Trust.TYPED])
def test_what_the_person_says_may_end_what_they_wrote(trust: Trust) -> None:
    assert outdated(held("I live in Kyoto.", 60), held("I live in Lyon.", trust=trust))


def test_speakers_of_a_transcript_do_not_end_each_others_claims() -> None:
    assert not outdated(held("I live in Kyoto.", 60, speaker="Ana"), held("I live in Lyon.", speaker="Bea"))


def test_it_is_over_from_the_day_that_was_named_or_when_it_was_said() -> None:
    older = held("I live in Lyon.")
    moved = held("I moved to Kyoto in March.", 90)
    assert since(moved, outdated(moved, older)) == datetime(2026, 3, 1, tzinfo=UTC)
    plainly = held("I live in Kyoto.", 90)
    assert since(plainly, outdated(plainly, older)) == plainly.last_said


def test_the_later_said_is_the_newer_whichever_is_read_first() -> None:
    early, late = held("I live in Lyon."), held("I live in Kyoto.", 60)
    assert order(early, late) == order(late, early) == (late, early)


STATEMENTS = (
    "I live in Lyon.",
    "I moved from Lyon to Kyoto.",
    "I live in Oslo now.",
    "I used to live in Oslo.",
    "I work at the zoo.",
    "I quit my job.",
    "I got a job at the bank.",
    "I also work at the cinema.",
    "I have a cat.",
    "My cat died.",
    "I sold the car.",
    "I have a car.",
    "My exam is on 5 June.",
    "My exam has been moved to 9 June.",
    "I like olives.",
    "I don't like olives.",
    "My sister moved to Rome.",
    "I live in Bern and I work at the zoo.",
    "I'm vegan.",
    "I'm not vegan any more.",
    "Nice weather today.",
)
statements = st.sampled_from(STATEMENTS)


@given(statements, statements, st.integers(-30, 30))
def test_nothing_ends_itself_nor_what_was_said_later(one: str, other: str, days: int) -> None:
    newer, older = order(held(one), held(other, days))
    ended = outdated(newer, older)
    assert set(ended) <= set(older.claims)
    assert not outdated(replace(older, memory_id="again"), older)
