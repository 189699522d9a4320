from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.plain import storable, time_of, time_text

times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))


@given(times)
def test_a_time_comes_back_as_it_was_in_utc(at: datetime) -> None:
    try:
        written = time_text(at)
    except OverflowError:  # within a day of the calendar's ends
        return
    assert time_of(written) == at
    assert time_of(written).tzinfo == UTC


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_texts_of_times_sort_as_times_do(found: list[datetime]) -> None:
    assert sorted(map(time_text, found)) == [time_text(at) for at in sorted(found)]


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        time_text(datetime(2026, 5, 3))


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("plain — ünïcödé 🌱", "plain — ünïcödé 🌱"),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83c\udf31", "🌱"),
        ("line\nbreak\r\n", "line\nbreak\r\n"),
    ],
)
def test_what_sqlite_cannot_hold_is_replaced_and_the_rest_kept(given_text: str, kept: str) -> None:
    assert storable(given_text) == kept
