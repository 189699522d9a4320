import pytest

from graphs.memory.form import form_of


def test_length_is_in_words_and_a_question_ends_like_one() -> None:
    assert form_of("She slept in the wardrobe. Is that normal? ").is_question
    form = form_of("My dog is called Rex")
    assert (form.length, form.is_question) == (5, False)


@pytest.mark.parametrize(
    ("text", "oneself", "when"),
    [
        ("I moved last May", True, True),
        ("Ours is blue", True, False),
        ("Is it Tuesday?", False, True),
        ("The cat is in the wardrobe", False, False),
        ("Mimi inspected it", False, False),
    ],
)
def test_whom_and_what_time_it_speaks_of(text: str, *, oneself: bool, when: bool) -> None:
    form = form_of(text)
    assert (form.about_oneself, form.tells_when) == (oneself, when)
