import pytest

from graphs.memory.mentioning import LONGEST, NEAR, brings_up

CAT = "My cat Biscuit is afraid of thunder"


@pytest.mark.parametrize(
    ("message", "cosine"),
    [
        ("Is Biscuit, my cat, still afraid of thunder?", None),
        ("Biscuit the cat is afraid again", None),
        ("How did my cat take the thunder last night?", NEAR),
    ],
)
def test_a_message_that_speaks_of_it_brings_it_up(message: str, cosine: float | None) -> None:
    assert brings_up(message, CAT, cosine)


@pytest.mark.parametrize(
    ("message", "cosine"),
    [
        ("Biscuit", 0.9),
        ("I ate a biscuit", 0.9),
        ("How did my cat take the thunder last night?", NEAR - 0.01),
        ("How did my cat take the thunder last night?", None),
        ("My boat is called Ida", 0.99),
        ("", 1.0),
    ],
)
def test_a_word_alone_or_a_distant_likeness_does_not(message: str, cosine: float | None) -> None:
    assert not brings_up(message, CAT, cosine)


def test_pasted_text_brings_nothing_up() -> None:
    pasted = " ".join(f"word{number}" for number in range(LONGEST))
    assert not brings_up(f"{pasted} {CAT}", CAT, 1.0)
