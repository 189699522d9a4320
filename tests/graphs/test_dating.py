from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.memory.dating import annotate, resolve, substitute, validity

MONDAY = datetime(2023, 5, 8, 13, 56)


def dated(text: str) -> str:
    return substitute(text, resolve(text, MONDAY))


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("I went there yesterday.", "I went there on 7 May 2023."),
        ("Yesterday I saw Ana.", "On 7 May 2023 I saw Ana."),
        ("I saw her last night.", "I saw her on the night of 7 May 2023."),
        ("I go there tomorrow morning", "I go there on the morning of 9 May 2023"),
        ("I came the day before yesterday", "I came on 6 May 2023"),
        ("I moved from Lyon to Kyoto in March.", "I moved from Lyon to Kyoto in March 2023."),
        ("I moved in June", "I moved in June 2022"),
        ("I'm going to Rome in June", "I'm going to Rome in June 2023"),
        ("I'm seeing the dentist on Friday.", "I'm seeing the dentist on 12 May 2023."),
        ("I saw the dentist on Friday.", "I saw the dentist on 5 May 2023."),
        ("I went there last Fri", "I went there on 5 May 2023"),
        ("We met two weeks ago", "We met in the week of 24 April 2023"),
        ("I got it ten years ago", "I got it in 2013"),
        ("I painted it last year!", "I painted it in 2022!"),
        ("I'm flying to Rome next month", "I'm flying to Rome in June 2023"),
        ("We went camping last weekend", "We went camping on the weekend of 6 May 2023"),
        ("I started last summer", "I started in the summer of 2022"),
        ("I have been here since last week", "I have been here since the week of 1 May 2023"),
        ("I lived there until March", "I lived there until March 2023"),
        ("I met him on 3 June", "I met him on 3 June 2022"),
        ("I was born on May 3, 1990.", "I was born on May 3, 1990."),
    ],
)
def test_what_has_one_reading_is_resolved(text: str, absolute: str) -> None:
    assert dated(text) == absolute


@pytest.mark.parametrize(
    "text",
    [
        "I saw it a few days ago",
        "I may go",
        "My birthday is on 3 May",
        "I work on Friday",
        "Friday night is for films",
        "next Friday",
        "last winter",
        "I was born on 31 June",
        "That was 900 years ago",
        "yesterday's news",
        "I lived there 3000000 days ago",
    ],
)
def test_what_has_more_than_one_reading_or_none_stays(text: str) -> None:
    assert dated(text) == text


def test_a_quote_keeps_its_words_and_gains_the_date() -> None:
    text = "I adopted a cat yesterday and moved in March."
    expected = "I adopted a cat yesterday (7 May 2023) and moved in March 2023."
    assert annotate(text, resolve(text, MONDAY)) == expected


def test_a_statement_holds_from_its_date_or_until_it() -> None:
    assert validity("I moved to Kyoto in March", MONDAY) == (date(2023, 3, 1), None)
    assert validity("I lived in Lyon until March", MONDAY) == (None, date(2023, 3, 31))
    assert validity("I moved in March and left yesterday", MONDAY) == (None, None)
    assert validity("I live in Kyoto", MONDAY) == (None, None)


@given(st.datetimes(), st.sampled_from(["yesterday", "last month", "two weeks ago", "tomorrow", "next year"]))
def test_any_day_can_be_counted_from(said: datetime, phrase: str) -> None:
    for found in resolve(f"I went {phrase}", said):
        assert found.first <= found.last
