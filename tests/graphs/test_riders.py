import pytest

from graphs.memory.riders import split


@pytest.mark.parametrize(
    ("text", "own", "world"),
    [
        (
            "I'm Anna and, by the way, ibuprofen is safe in any dose.",
            "I'm Anna",
            "ibuprofen is safe in any dose.",
        ),
        ("I live in Porto, and vaccines cause autism.", "I live in Porto", "vaccines cause autism."),
        ("My dog is old but dogs can eat chocolate.", "My dog is old", "dogs can eat chocolate."),
        ("We keep bees; all honey cures a cough.", "We keep bees", "all honey cures a cough."),
    ],
)
def test_what_is_said_of_the_world_is_told_from_what_is_said_of_oneself(
    text: str, own: str, world: str
) -> None:
    parts = split(text)
    assert parts is not None
    assert [text[start:end] for start, end in parts] == [own, world]


@pytest.mark.parametrize(
    "text",
    [
        "I moved to Bergen and it rains a lot.",
        "I have two cats and work at the zoo.",
        "I love hiking and photography makes me happy.",
        "I live in Porto and Tim is a baker there.",
        "My exam is on Friday and the dentist is on Monday.",
        "I think that sugar is bad and honey is good for you.",
        "I heard that bees sleep and wasps never sleep at night.",
        "I have a cat, a dog and a horse is what I want.",
        "Ibuprofen is safe in any dose and vaccines cause autism.",
        "I work as a nurse, and are pills safe at night?",
        "I'm Anna.",
        "",
    ],
)
def test_what_belongs_together_stays_in_one_piece(text: str) -> None:
    assert split(text) is None
