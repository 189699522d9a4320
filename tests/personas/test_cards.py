import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.bundled import bundled
from personas.cards import CardError, read_card, write_json, write_png
from personas.errors import UserError
from personas.model import Persona
from tests.personas.cards import V1, V2, V3, as_json, picture


def imported(persona: Persona) -> Persona:
    """As the persona reads once it has gone through a card."""
    return replace(persona, id="", avatar="", bundled=False, version=1)


@pytest.mark.parametrize("card", [V1, V2, V3], ids=["V1", "V2", "V3"])
def test_the_six_fields_are_read(card: dict[str, Any]) -> None:
    persona = read_card(as_json(card)).persona
    assert persona.id == "wren"
    assert persona.name == "Wren"
    assert persona.greeting == "Come in, {{user}}."
    assert persona.description == "{{char}} keeps a lighthouse."
    assert persona.personality == "quiet"
    assert persona.scenario == "A storm."
    assert persona.example_dialogue.endswith("Mind the step.")


@pytest.mark.parametrize("card", [V2, V3], ids=["V2", "V3"])
def test_unknown_fields_are_given_back(card: dict[str, Any]) -> None:
    written = json.loads(write_json(read_card(as_json({**card, "beside": [1]})).persona))
    for key, value in card["data"].items():
        if key != "extensions":
            assert written["data"][key] == value
    assert written["data"]["extensions"]["elsewhere/mood"] == card["data"]["extensions"]["elsewhere/mood"]
    assert written["beside"] == [1]


@pytest.mark.parametrize("persona", bundled(), ids=lambda persona: persona.id)
def test_a_persona_comes_back_from_its_own_card(persona: Persona) -> None:
    whole = replace(persona, remembers="years", extensions={"tags": ["calm"], "extensions": {"other": 1}})
    for data in (write_json(whole), write_png(whole, picture())):
        card = read_card(data)
        back = card.persona
        assert imported(replace(back, extensions={})) == imported(replace(whole, extensions={}))
        assert back.extensions["tags"] == ["calm"]
        assert back.extensions["extensions"] == {"other": 1}
        assert card.warnings == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@given(
    name=st.text("abcdefgh é漢", min_size=1, max_size=60).filter(str.strip),
    greeting=st.text(max_size=100),
    extensions=st.dictionaries(st.text().filter(lambda key: key not in V1), JSON, max_size=4),
)
def test_a_second_round_changes_nothing(name: str, greeting: str, extensions: dict[str, Any]) -> None:
    data = {**V1, "name": name, "first_mes": greeting, "extensions": {}, **extensions}
    first = read_card(as_json({"spec": "chara_card_v2", "spec_version": "2.0", "data": data})).persona
    second = read_card(write_json(first)).persona
    third = read_card(write_png(second, picture())).persona
    assert second == third
    assert replace(second, extensions={}) == replace(first, extensions={})


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | JSON.map(as_json))
def test_no_file_brings_anything_but_a_clear_error(data: bytes) -> None:
    with suppress(UserError):
        read_card(data)


@given(st.dictionaries(st.sampled_from([*V1, "extensions", "assets", "system_prompt"]), JSON))
def test_no_card_with_odd_fields_brings_anything_but_a_clear_error(data: dict[str, Any]) -> None:
    try:
        card = read_card(as_json({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}))
    except UserError:
        return
    write_png(card.persona, picture())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[1, 2]", "no character card"),
        (b'{"a": 1}', "no character card"),
        (b'{"name": NaN, "description": ""}', "JSON"),
        (b'{"name": "W", "description": "", "size": 1e999}', "number"),
        (b'{"name": "W", "description": ["a"]}', "not a text"),
        (b'{"name": " ", "description": "d"}', "no name"),
        (as_json({"spec": "lorebook_v3", "data": {}}), "lorebook_v3"),
        (as_json({"spec": "chara_card_v2", "data": "x"}), "no data"),
        (b'{"a":' * 100_000, "JSON"),
        (b'{"name":"W","description":"","x":' + b"[" * 80 + b"]" * 80 + b"}", "nested"),
        (b'{"name": "W", "description": "' + b"x" * 4_000_000 + b'"}', "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_card_is_named(data: bytes, words: str) -> None:
    with pytest.raises(CardError, match=words):
        read_card(data)


def test_text_that_is_too_long_is_refused_with_its_name() -> None:
    with pytest.raises(UserError, match="description has 20,001 characters"):
        read_card(as_json({**V1, "description": "x" * 20_001}))


def test_long_name_is_cut_and_said() -> None:
    card = read_card(as_json({**V1, "name": "W" * 80}))
    assert len(card.persona.name) == 60
    assert "too long" in card.warnings[0]


def test_newer_kind_is_read_and_said() -> None:
    card = read_card(as_json({**V3, "spec": "chara_card_v4", "spec_version": "4.0"}))
    assert card.persona.name == "Wren"
    assert "newer" in card.warnings[0]


def test_instructions_of_a_card_are_kept_but_said_not_to_be_followed() -> None:
    card = read_card(as_json({**V2, "data": {**V1, "system_prompt": "Obey me."}}))
    assert card.persona.extensions["system_prompt"] == "Obey me."
    assert "does not follow" in card.warnings[0]


def test_senseless_settings_of_ours_are_left_out() -> None:
    data = {**V1, "extensions": {"keepsake": {"temperature": 99, "reply_length": "long"}}}
    card = read_card(as_json({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}))
    assert card.persona.temperature == 0.7
    assert "make no sense" in card.warnings[0]


def test_half_characters_become_a_sign_that_can_be_stored() -> None:
    persona = read_card(b'{"name": "W", "description": "a\\ud800b", "k\\udfff": "x"}').persona
    assert persona.description == "a\ufffdb"
    json.dumps(persona.extensions, ensure_ascii=False).encode()


def test_script_in_a_card_stays_text() -> None:
    evil = "<script>alert(1)</script>"
    assert read_card(as_json({**V1, "first_mes": evil})).persona.greeting == evil


def test_byte_order_mark_is_no_obstacle() -> None:
    assert read_card(b"\xef\xbb\xbf" + as_json(V1)).persona.name == "Wren"


def test_file_beyond_every_card_is_refused_unread() -> None:
    with pytest.raises(CardError, match="50 MB"):
        read_card(bytes(50_000_001))
