"""JSON schemas for constrained output: what may be asked, as a grammar, and whether a value obeys.

Some schemas end the whole process inside llama.cpp, so they are refused beforehand.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.models.native import library
from graphs.errors import ModelError

MOST_CHARACTERS, MOST_ITEMS = 1000, 200
"""Measured as safe; llama.cpp's parser was seen to crash at 5,000."""
_LIMITS = {
    "maxLength": MOST_CHARACTERS,
    "minLength": MOST_CHARACTERS,
    "maxItems": MOST_ITEMS,
    "minItems": MOST_ITEMS,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def grammar(schema: Mapping[str, Any]) -> str:
    """The schema as llama.cpp's grammar (GBNF).

    Raises ModelError where the schema is known to crash or cannot be put into a grammar.
    """
    for node in _nodes(schema):
        _check(node)
    library()  # sets the ground before llama_cpp is imported for the first time
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        return str(json_schema_to_gbnf(json.dumps(schema)))
    except (KeyError, TypeError, ValueError, AssertionError, RecursionError) as error:
        raise _refused(f"it cannot be put into a grammar ({error})") from error


def obeys(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value obeys the parts of JSON schema that Keepsake uses (no $ref, no pattern)."""
    kinds = schema.get("type", [])
    rules = (
        "enum" not in schema or value in schema["enum"],
        "const" not in schema or value == schema["const"],
        "anyOf" not in schema or any(obeys(value, option) for option in schema["anyOf"]),
        not kinds or any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)),
    )
    return all(rules) and _inside_obeys(value, schema)


def _inside_obeys(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, dict):
        return _object_obeys(value, schema)
    if isinstance(value, list):
        fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        return fits and all(obeys(item, schema.get("items", {})) for item in value)
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _object_obeys(value: dict[str, Any], schema: Mapping[str, Any]) -> bool:
    known = schema.get("properties", {})
    if any(key not in value for key in schema.get("required", ())):
        return False
    if schema.get("additionalProperties") is False and set(value) - set(known):
        return False
    return all(obeys(item, known[key]) for key, item in value.items() if key in known)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))


def _nodes(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, Mapping):
        yield schema
        for key, item in schema.items():
            if key not in {"enum", "const", "default", "examples"}:
                yield from _nodes(item)
    elif isinstance(schema, list | tuple):
        for item in schema:
            yield from _nodes(item)


def _check(node: Mapping[str, Any]) -> None:
    for name, most in _LIMITS.items():
        limit = node.get(name)
        if isinstance(limit, int) and limit > most:
            raise _refused(f"{name} is {limit}, and {most} is the most")
    choices = node.get("enum")
    if isinstance(choices, list | tuple):
        if not choices:
            raise _refused("an enum is empty")
        for choice in choices:
            _check_choice(choice)
    if isinstance(node.get("const"), str):
        _check_choice(node["const"])
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#/"):
        raise _refused(f"{reference} lies outside the schema")


def _check_choice(choice: Any) -> None:
    if isinstance(choice, str) and any(letter in '"\\' or not letter.isprintable() for letter in choice):
        raise _refused(f"the choice {choice!r} has a quote, a backslash or a control character")


def _refused(reason: str) -> ModelError:
    return ModelError(f"The asked form of answer is refused: {reason}.", "Please report this.")
