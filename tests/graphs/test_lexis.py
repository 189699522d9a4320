import pytest

from graphs.memory.lexis import content_words, names, negations, numbers, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("adopt", "adopted"),
        ("move", "moving"),
        ("stop", "stopped"),
        ("story", "stories"),
        ("raise", "raised"),
        ("take", "took"),
        ("give", "gave"),
        ("make", "made"),
        ("making", "made"),
        ("drive", "drove"),
        ("child", "kids"),
        ("class", "classes"),
        ("two", "2"),
    ],
)
def test_the_forms_of_a_word_share_their_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("live", "love"), ("museum", "music"), ("two", "three")])
def test_different_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_only_telling_words_count() -> None:
    assert content_words("Oh yeah, I've really been to the museum!") == ["museum"]


def test_denials_are_seen_however_they_are_written() -> None:
    assert negations("I don't and I can\N{RIGHT SINGLE QUOTATION MARK}t, never") == 3
    assert negations("I note the knot") == 0


def test_numbers_are_digits_or_words() -> None:
    assert numbers("two cats, the 3rd of May, 1,200 euros at 10:30") == {"2", "3", "1,200", "10:30"}


def test_names_are_capitals_within_a_sentence() -> None:
    assert names("My sister Ana's in Porto. Yesterday I was too") == {"ana", "porto"}
