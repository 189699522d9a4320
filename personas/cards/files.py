"""Card files: what kind a file is, and the whole way from bytes to a persona and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personas.cards import limits, png
from personas.cards.charx import Charx, is_zip
from personas.cards.convert import parse, to_persona, to_v2, to_v3
from personas.cards.errors import CardError
from personas.model import Persona


@dataclass(frozen=True, slots=True)
class Card:
    """What a card file held."""

    persona: Persona
    """Its id is a first suggestion; it has no avatar yet."""
    picture: bytes | None = None
    """The card's own picture, as it came: decode it with care (`personas.avatars`)."""
    warnings: tuple[str, ...] = ()
    """What the person should know, a sentence each."""


def read_card(data: bytes) -> Card:
    """The character in a PNG, JSON or CHARX file. Raises CardError, InvalidPersonaError."""
    if len(data) > limits.FILE:
        raise CardError(
            f"This file is larger than {limits.FILE // 1_000_000} MB, too large for a character card."
        )
    if data.startswith(png.SIGNATURE):
        return _from_png(data)
    if is_zip(data):
        charx = Charx(data)
        card = parse(charx.card())
        return _card(card, charx.picture(_data(card)))
    return _card(parse(data), None)


def write_json(persona: Persona) -> bytes:
    """A V3 card as a JSON file."""
    return json.dumps(to_v3(persona), ensure_ascii=False, indent=2).encode()


def write_png(persona: Persona, picture: bytes) -> bytes:
    """A V3 card inside a PNG picture, with a V2 one beside it for programs that do not know V3."""
    cards = {"chara": to_v2(persona), "ccv3": to_v3(persona)}
    return png.with_cards(picture, {key: json.dumps(card).encode() for key, card in cards.items()})


def _from_png(data: bytes) -> Card:
    """The best card that can be read; an older one stands in for a newer one that is damaged."""
    first: CardError | None = None
    for decode in png.cards(data):
        try:
            return _card(parse(decode()), data)
        except CardError as error:
            first = first or error
    raise first or CardError("This picture holds no character.")


def _card(card: Mapping[str, Any], picture: bytes | None) -> Card:
    persona, warnings = to_persona(card)
    return Card(persona, picture, warnings)


def _data(card: Mapping[str, Any]) -> Mapping[str, Any]:
    data = card.get("data")
    return data if isinstance(data, dict) else {}
