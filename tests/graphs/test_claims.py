from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from graphs.memory.claims import claims_of, is_elliptical, is_lasting, read
from storage.records import ClaimKind, Granularity, Memory, Source, Trust

SUNDAY = datetime(2026, 5, 3, 18, tzinfo=UTC)


def told(text: str) -> list[tuple[str, str, str, str]]:
    return [(fact.subject, fact.attribute, fact.value, fact.kind.value) for fact in read(text, SUNDAY)]


@pytest.mark.parametrize(
    ("text", "subject", "attribute", "value", "kind"),
    [
        ("I live in Lyon.", "self", "home", "lyon", "holds"),
        ("I live in Kyoto now.", "self", "home", "kyoto", "begins"),
        ("My wife and I moved to Oslo last year.", "self", "home", "oslo", "begins"),
        ("I used to live in Porto.", "self", "home", "porto", "ends"),
        ("I don't live in Porto any more.", "self", "home", "porto", "ends"),
        ("My sister Ana lives in Porto.", "sister ana", "home", "porto", "holds"),
        ("Ana moved to Madrid.", "ana", "home", "madrid", "begins"),
        ("I work at the aquarium, feeding the penguins.", "self", "work", "aquarium", "holds"),
        ("I also work at the bakery on Saturdays.", "self", "work", "bakery", "adds"),
        ("I got a new job at the museum.", "self", "work", "museum", "begins"),
        ("I quit my job at the aquarium.", "self", "work", "aquarium", "ends"),
        ("I lost my job.", "self", "work", "", "ends"),
        ("I'm a nurse at the hospital.", "self", "job", "nurse", "holds"),
        ("I dropped out of university.", "self", "school", "university", "ends"),
        ("We broke up.", "self", "relationship", "", "ends"),
        ("I'm divorced now.", "self", "relationship", "divorced", "begins"),
        ("I'm not vegan any more.", "self", "diet", "vegan", "ends"),
        ("I eat meat again.", "self", "diet", "meat", "begins"),
        ("I quit smoking last week.", "self", "smoking", "smoking", "ends"),
        ("I started smoking again.", "self", "smoking", "smoking", "begins"),
        ("Call me Sam.", "self", "name", "sam", "holds"),
        ("I turned 35 yesterday.", "self", "age", "35", "begins"),
        ("Green is my favorite color.", "self", "favourite colour", "green", "holds"),
        ("My phone number is 555 1234.", "self", "phone number", "555 1234", "holds"),
        ("I have two cats.", "self", "has", "two cats", "holds"),
        ("My boyfriend is called Leo.", "self", "partner", "leo", "holds"),
        ("I like olives.", "self", "like", "olives", "holds"),
        ("I don't like olives any more.", "self", "like", "olives", "ends"),
        ("My knee hurts when I run.", "self", "health", "knee", "holds"),
        ("My leg is fine again.", "self", "health", "leg", "ends"),
        ("I sold the car.", "self", "any", "car", "ends"),
        ("The trip to Spain fell through.", "self", "any", "trip to spain", "ends"),
        ("I traded my Fiat for a Volvo.", "self", "any", "fiat", "ends"),
        ("I stopped playing the cello.", "self", "does", "am playing the cello", "ends"),
        ("Our cat Miso sleeps all day.", "cat miso", "does", "sleeps all day", "holds"),
        ("I read that coffee cures colds.", "world", "does", "read that coffee cures colds.", "holds"),
        ("The museum closes at five.", "world", "does", "museum closes at five", "holds"),
        ("I worked at the museum all day.", "self", "does", "worked at the museum all day", "happened"),
    ],
)
def test_a_claim_is_read_with_subject_attribute_value_and_kind(
    text: str, subject: str, attribute: str, value: str, kind: str
) -> None:
    assert (subject, attribute, value, kind) in told(text)


def test_a_move_ends_one_home_and_begins_another() -> None:
    began, ended = read("I moved from Lyon to Kyoto in March.", SUNDAY)
    assert (began.value, began.kind, began.first) == ("kyoto", ClaimKind.BEGINS, date(2026, 3, 1))
    assert (ended.value, ended.kind, ended.last) == ("lyon", ClaimKind.ENDS, date(2026, 3, 1))


def test_each_part_of_a_sentence_claims_something_of_its_own() -> None:
    assert [fact[1] for fact in told("I live in Kyoto now and work at the museum.")] == ["home", "work"]
    mum, dad = told("My mum lives in Porto and my dad lives in Lisbon.")
    assert (mum[0], dad[0]) == ("mum", "dad")


def test_she_is_whom_the_sentence_before_named() -> None:
    assert ("cat", "name", "biscuit", "holds") in told("I adopted a cat today. She's called Biscuit.")


def test_the_date_of_an_event_is_a_claim_with_its_days() -> None:
    (exam,) = read("My exam is on 5 June.", SUNDAY)
    assert (exam.attribute, exam.first, exam.last) == ("date of exam", date(2026, 6, 5), date(2026, 6, 5))
    (wedding,) = read("The wedding has been moved to September.", SUNDAY)
    assert (wedding.attribute, wedding.kind) == ("date of wedding", ClaimKind.BEGINS)
    assert (wedding.first, wedding.last) == (date(2026, 9, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    "text",
    [
        "My exam is on the 7th, not the 5th.",
        "My exam is not on the 5th but on the 7th.",
        "My exam is on the 5th of June. Sorry, I meant the 7th.",
    ],
)
def test_a_correction_claims_the_right_value_only(text: str) -> None:
    (exam,) = read(text, SUNDAY)
    assert exam.value.removeprefix("the ") == "7th"
    assert exam.kind is ClaimKind.CORRECTS


@pytest.mark.parametrize(
    "text",
    [
        "If I won the lottery I would move to Hawaii.",
        "I might move to Rome.",
        "I wish I had a horse.",
        "I'm thinking of moving to Rome.",
        "Do I live in Rome?",
        "I live on the moon, lol",
        "Imagine I were single again.",
        "",
    ],
)
def test_wishes_jokes_and_questions_claim_nothing(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("line", "elliptical"),
    [
        ("Sorry, I meant the 7th.", True),
        ("Actually it's the 7th, not the 5th.", True),
        ("not the 5th but the 7th", True),
        ("Sorry, I meant that I moved.", False),
        ("I meant to say that I live in Linz.", False),
        ("I live in Linz.", False),
    ],
)
def test_what_only_puts_right_is_told_from_what_stands_alone(line: str, elliptical: bool) -> None:
    assert is_elliptical(line) is elliptical


@pytest.mark.parametrize(
    ("text", "lasting"),
    [
        ("I live in Lyon.", True),
        ("I'm allergic to peanuts.", True),
        ("I have two cats.", True),
        ("I like olives.", False),
        ("I quit my job.", False),
        ("My sister Ana lives in Porto.", False),
        ("The museum closes at five.", False),
    ],
)
def test_what_lasts_about_the_person_belongs_to_the_profile(text: str, lasting: bool) -> None:
    assert is_lasting(read(text, SUNDAY)) is lasting


def memory(text: str, trust: Trust, *quotes: str) -> Memory:
    sources = tuple(Source(f"m{place}", quote) for place, quote in enumerate(quotes))
    return Memory("a", "mira", Granularity.TOPIC, text, trust, SUNDAY, SUNDAY, sources=sources)


def test_claims_come_from_the_persons_own_words_until_they_edit_the_memory() -> None:
    (noted,) = claims_of(memory("Ida lives in Lyon.", Trust.NOTED, "I live in Lyon"))
    assert (noted.subject, noted.value) == ("self", "lyon")
    (edited,) = claims_of(memory("I live in Nice.", Trust.TYPED, "I live in Lyon"))
    assert edited.value == "nice"


def test_yesterday_is_the_day_before_where_the_person_is() -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    moved = replace(
        memory("Ida moved to Kyoto yesterday.", Trust.NOTED, "I moved to Kyoto yesterday"), said_on=late
    )
    (in_utc,) = claims_of(moved)
    (in_tokyo,) = claims_of(moved, ZoneInfo("Asia/Tokyo"))
    assert in_utc.valid_from == datetime(2026, 3, 2, tzinfo=UTC)
    assert in_tokyo.valid_from == datetime(2026, 3, 3, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_a_turn_claims_nothing_beside_what_is_made_of_it() -> None:
    turn = Memory("a", "mira", Granularity.TURN, "I live in Lyon", Trust.SAID, SUNDAY, SUNDAY)
    assert claims_of(turn) == []
