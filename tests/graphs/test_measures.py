import pytest

from graphs.memory.measures import BARE, COUNT, DAY, TIME, YEAR, differing, measured


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The lesson begins at 17:30.", {TIME}),
        ("We meet at half past eight.", {TIME}),
        ("Supper is at seven o'clock.", {TIME}),
        ("She was away for three days.", {"day"}),
        ("Le cours commence à 19 h 15.", {TIME}),
        ("The fair is on the 12th.", {DAY}),
        ("The fair is on 12 June.", {DAY}),
        ("Das Fest ist am 12. Juni um 15 Uhr.", {DAY, TIME}),
        ("The bridge has stood there since 1952.", {YEAR}),
        ("The rent is 480 euros.", {"money"}),
        ("She swims forty lengths.", {"length"}),
        ("The locker is 318.", {BARE}),
        ("All three of us came.", {COUNT}),
        ("Only one of them came.", set()),
        ("Nobody came.", set()),
    ],
)
def test_what_a_number_measures_is_told_by_what_stands_beside_it(text: str, kinds: set[str]) -> None:
    assert measured(text).keys() == kinds


def test_numbers_are_compared_as_digits() -> None:
    assert measured("She takes forty drops.") == measured("She takes 40 drops.")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("The match is on the 9th.", "The match is on the 7th."),
        ("The bus leaves at 8:10.", "The bus leaves at 7:40."),
        ("Locker 318.", "My locker is 381."),
        ("The rent is 940.", "The rent is 490 euros."),
        ("Sixty drops.", "I take ten drops."),
    ],
)
def test_another_number_for_the_same_measure_differs(mine: str, theirs: str) -> None:
    assert differing(measured(mine), measured(theirs))
    assert differing(measured(theirs), measured(mine))


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("The match is on the 9th.", "The match takes ninety minutes."),
        ("Supper is at 19:00.", "All three of us come to supper."),
        ("The plot has number 44.", "I waited five years for the plot."),
        ("Only records from before 1970.", "We have forty records."),
        ("The match is on the 9th at 18:00.", "The match is on the 9th."),
    ],
)
def test_other_measures_and_equal_numbers_do_not(mine: str, theirs: str) -> None:
    assert not differing(measured(mine), measured(theirs))
