from pathlib import Path

import pytest

import assets
from personas.bundled import bundled
from personas.macros import example_blocks, example_turns, fill
from personas.model import Persona

AVATARS = Path(assets.__file__).parent / "avatars"
CHARACTERS = 800
"""About 180 tokens of English."""


def test_three_come_in_order() -> None:
    assert [persona.id for persona in bundled()] == ["mira", "anselm", "juno"]


@pytest.mark.parametrize("persona", bundled(), ids=lambda persona: persona.id)
def test_bundled_persona_is_whole_and_short(persona: Persona) -> None:
    texts = (persona.description, persona.personality, persona.scenario, persona.example_dialogue)
    assert persona.bundled
    assert persona.tagline
    assert persona.greeting
    assert all(texts)
    assert sum(map(len, texts)) <= CHARACTERS
    (block,) = example_blocks(persona.example_dialogue)
    assert [role for role, _ in example_turns(block)] == ["user", "assistant"] * 2
    assert (AVATARS / persona.avatar).is_file()


@pytest.mark.parametrize("persona", bundled(), ids=lambda persona: persona.id)
def test_bundled_texts_have_only_known_macros(persona: Persona) -> None:
    for text in (persona.greeting, persona.description, persona.personality, persona.example_dialogue):
        assert "{" not in fill(text, char=persona.name, user="Ida")


def test_voices_differ_in_settings_too() -> None:
    assert len({(persona.reply_length, persona.temperature) for persona in bundled()}) == 3
