"""Between a card's JSON object and a Persona."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from personas.cards import limits
from personas.cards.charx import INSIDE
from personas.cards.errors import CardError
from personas.model import Persona
from personas.slugs import slug
from personas.validation import LIMITS, InvalidPersonaError, checked, one_line, tidy

FIELDS = {
    "name": "name",
    "description": "description",
    "personality": "personality",
    "scenario": "scenario",
    "greeting": "first_mes",
    "example_dialogue": "mes_example",
}
"""Ours → the card's."""
OURS = "keepsake"
"""Our name in the card's `extensions`."""
OUR_FIELDS = ("tagline", "reply_length", "temperature", "remembers")
TOP = "beside data"
"""Where unknown fields beside `data` are kept, in `Persona.extensions`; the rest are `data`'s own."""
V2_ONLY: dict[str, Any] = {
    "creator_notes": "",
    "system_prompt": "",
    "post_history_instructions": "",
    "alternate_greetings": [],
    "tags": [],
    "creator": "",
    "character_version": "",
}
"""What every V2 and V3 card must have, with its default."""
V3_ONLY = {
    "assets",
    "nickname",
    "creator_notes_multilingual",
    "source",
    "group_only_greetings",
    "creation_date",
    "modification_date",
}
KNOWN = {"chara_card_v2": 2.0, "chara_card_v3": 3.0}
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(text: bytes) -> dict[str, Any]:
    """The card's JSON object. Raises CardError for anything else."""
    if len(text) > limits.JSON:
        raise CardError("This card is too large.")
    try:
        card = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CardError("This file holds no character card: it cannot be read as JSON.") from error
    if not isinstance(card, dict):
        raise CardError("This file holds no character card.")
    cleaned: dict[str, Any] = _clean(card, limits.DEPTH)
    return cleaned


def to_persona(card: Mapping[str, Any]) -> tuple[Persona, tuple[str, ...]]:
    """The persona of a parsed card, and what the person should know about it."""
    warnings: list[str] = []
    data, top = _split(card, warnings)
    texts: dict[str, Any] = {ours: _text(data, theirs) for ours, theirs in FIELDS.items()}
    if not texts["name"]:
        raise CardError("This card has no name in it.")
    if len(texts["name"]) > LIMITS["name"]:
        texts["name"] = texts["name"][: LIMITS["name"]].rstrip()
        warnings.append(f"The name was too long and is now “{texts['name']}”.")
    rest = {key: value for key, value in data.items() if key not in FIELDS.values()}
    if top:
        rest[TOP] = top
    bare = Persona(id=slug(texts["name"]), extensions=rest, **texts)
    if rest.get("system_prompt") or rest.get("post_history_instructions"):
        warnings.append(
            "The card brings instructions for the model. Keepsake keeps them but does not follow them."
        )
    return _with_ours(checked(bare), warnings), tuple(warnings)


def to_v3(persona: Persona) -> dict[str, Any]:
    """The persona as a V3 card."""
    data = {"group_only_greetings": [], **_data(persona)}
    if isinstance(assets := data.get("assets"), list):
        data["assets"] = [item for item in assets if not _lies_elsewhere(item)]
    return {**_top(persona), "spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def to_v2(persona: Persona) -> dict[str, Any]:
    """The persona as a V2 card, for programs that do not know V3."""
    data = {key: value for key, value in _data(persona).items() if key not in V3_ONLY}
    return {**_top(persona), "spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def _split(card: Mapping[str, Any], warnings: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card's data, and what stands beside it."""
    spec = card.get("spec")
    if spec is None:
        if "name" not in card or not any(key in card for key in FIELDS.values() if key != "name"):
            raise CardError("This file is JSON, but no character card.")
        names = {*FIELDS.values(), *V2_ONLY, "extensions"}
        return (
            {key: value for key, value in card.items() if key in names},
            {key: value for key, value in card.items() if key not in names},
        )
    if spec not in KNOWN and not str(spec).startswith("chara_card_v"):
        raise CardError(f"This file says it is “{str(spec)[:40]}”, which is no character card.")
    data = card.get("data")
    if not isinstance(data, dict):
        raise CardError("This card has no data in it.")
    if spec not in KNOWN or _version(card) > KNOWN[spec]:
        warnings.append("The card is of a newer kind than Keepsake knows; what it does not know is kept.")
    beside = {"spec", "spec_version", "data", *FIELDS.values()}
    return data, {key: value for key, value in card.items() if key not in beside}


def _version(card: Mapping[str, Any]) -> float:
    try:
        return float(card.get("spec_version", 0))
    except (TypeError, ValueError):
        return 0.0


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CardError(f"The card's “{key}” is not a text.")
    return one_line(tidy(value)) if key == "name" else tidy(value)


def _with_ours(persona: Persona, warnings: list[str]) -> Persona:
    """With the fields that Keepsake itself wrote into the card, where they are sound."""
    extensions = persona.extensions.get("extensions")
    if not isinstance(extensions, dict) or not isinstance(ours := extensions.get(OURS), dict):
        return persona
    others = {key: value for key, value in extensions.items() if key != OURS}
    bare = replace(persona, extensions={**persona.extensions, "extensions": others})
    try:
        return checked(replace(bare, **{key: ours[key] for key in OUR_FIELDS if key in ours}))
    except InvalidPersonaError:
        warnings.append("The card's settings for Keepsake make no sense and were left out.")
        return bare


def _data(persona: Persona) -> dict[str, Any]:
    rest = {key: value for key, value in persona.extensions.items() if key != TOP}
    extensions = rest.get("extensions")
    ours = {key: getattr(persona, key) for key in OUR_FIELDS}
    return {
        **{theirs: getattr(persona, name) for name, theirs in FIELDS.items()},
        **V2_ONLY,
        **rest,
        "extensions": {**(extensions if isinstance(extensions, dict) else {}), OURS: ours},
    }


def _top(persona: Persona) -> dict[str, Any]:
    top = persona.extensions.get(TOP)
    return dict(top) if isinstance(top, Mapping) else {}


def _lies_elsewhere(asset: object) -> bool:
    """Whether an asset points into the file that the card came in."""
    uri = str(asset.get("uri", "")) if isinstance(asset, dict) else ""
    return uri.startswith((*INSIDE, "__asset:"))


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _clean(value: Any, depth: int) -> Any:
    """Without half characters, which no file can hold. Raises CardError for what is too deep or too large."""
    if depth == 0:
        raise CardError("This card is nested too deeply.")
    if isinstance(value, float) and not math.isfinite(value):
        raise CardError("A number in this card is too large.")
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): _clean(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    return value
