from typing import Any

import pytest

from app.models.schema import grammar, obeys
from graphs.errors import ModelError

TEXT: dict[str, Any] = {"type": "string", "maxLength": 40}


def an_object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (an_object(kind={"enum": []}), "enum is empty"),
        (an_object(kind={"enum": ['say "hi"']}), "has a quote"),
        (an_object(kind={"const": "a\\b"}), "backslash"),
        (an_object(kind={"enum": ["a\nb"]}), "control character"),
        (an_object(text={"type": "string", "maxLength": 5000}), "maxLength is 5000"),
        (an_object(many={"type": "array", "items": TEXT, "maxItems": 1000}), "maxItems is 1000"),
        (an_object(deep={"anyOf": [{"type": "array", "items": {"enum": []}}]}), "enum is empty"),
        (an_object(far={"$ref": "https://example.org/schema.json"}), "outside the schema"),
        (an_object(odd={"type": "nonsense"}), "cannot be put into a grammar"),
    ],
)
def test_schema_that_would_crash_is_refused(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        grammar(schema)


def test_good_schema_becomes_a_grammar() -> None:
    rules = grammar(an_object(text=TEXT, kind={"enum": ["person", "place"]}, line={"type": "integer"}))
    assert "root ::=" in rules


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"kind": "a", "text": "x", "list": [1]}, True),
        ({"kind": "c", "text": "x", "list": [1]}, False),
        ({"kind": "a", "text": "x" * 41, "list": [1]}, False),
        ({"kind": "a", "text": "x", "list": []}, False),
        ({"kind": "a", "text": "x", "list": [1, 2, 3]}, False),
        ({"kind": "a", "text": "x", "list": ["1"]}, False),
        ({"kind": "a", "text": "x", "list": [True]}, False),
        ({"kind": "a", "text": "x", "list": [9]}, False),
        ({"kind": "a", "text": None, "list": [1]}, True),
        ({"kind": "a", "text": "x"}, False),
        ({"kind": "a", "text": "x", "list": [1], "more": 1}, False),
        (["a"], False),
    ],
)
def test_value_is_held_to_the_schema(value: Any, fits: bool) -> None:
    schema = an_object(
        kind={"enum": ["a", "b"]},
        text={"anyOf": [TEXT, {"type": "null"}]},
        list={"type": "array", "items": {"type": "integer", "maximum": 5}, "minItems": 1, "maxItems": 2},
    )
    assert obeys(value, schema) is fits
