from dataclasses import replace
from typing import Any, cast

import pytest

from personas.model import Persona
from personas.validation import LIMITS, InvalidPersonaError, checked, warning

MIRA = Persona(id="mira", name="Mira")


def test_texts_are_tidied() -> None:
    persona = checked(replace(MIRA, name=" Mira\n B. ", greeting="Hello,\r\nyou\x00\x1b[0m  "))
    assert persona.name == "Mira B."
    assert persona.greeting == "Hello,\nyou[0m"


def test_text_of_the_greatest_length_is_kept() -> None:
    assert len(checked(replace(MIRA, name="n" * LIMITS["name"])).name) == LIMITS["name"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " \n ", "needs a name"),
        ("name", "n" * 61, "61 characters; at most 60"),
        ("tagline", "t" * 121, "tagline"),
        ("greeting", "g" * 10_001, "greeting"),
        ("description", "d" * 20_001, "description"),
        ("example_dialogue", "e" * 20_001, "example dialogue"),
        ("temperature", 2.01, "temperature"),
        ("temperature", -0.1, "temperature"),
        ("temperature", float("nan"), "temperature"),
        ("temperature", "warm", "temperature"),
        ("temperature", True, "temperature"),
        ("reply_length", "endless", "reply length"),
        ("remembers", "forever", "forever"),
        ("remembers", ["weeks"], "weeks"),
    ],
)
def test_what_breaks_a_limit_is_named(field: str, value: object, words: str) -> None:
    with pytest.raises(InvalidPersonaError) as caught:
        checked(replace(MIRA, **cast("Any", {field: value})))
    assert caught.value.field == field
    assert words in caught.value.message
    assert caught.value.hint


def test_long_texts_are_allowed_with_a_word() -> None:
    assert warning(MIRA) == ""
    assert "little of the conversation" in warning(replace(MIRA, description="d" * 7_000))
