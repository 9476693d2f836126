"""Random JSON that fits a JSON Schema, as far as pydantic writes schemas for contracts; for the test kit."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from ledger.errors import JsonValue
from ledger.primitives import INTEGER_MAX

Schema: TypeAlias = dict[str, Any]
Values: TypeAlias = "st.SearchStrategy[JsonValue]"
T = TypeVar("T")
TEXT = st.characters(exclude_categories=["Cs"])
ITEMS_MAX = 5


def values_of(schema: Schema, names: Sequence[str]) -> Values:
    """Values for a schema. Strings are often drawn from `names`, so that operations meet each other's records."""
    definitions = schema.get("$defs", {})

    def make(part: Schema) -> Values:
        match part:
            case {"$ref": str(place)}:
                return make(definitions[place.removeprefix("#/$defs/")])
            case {"const": value}:
                return st.just(value)
            case {"enum": options}:
                return st.sampled_from(options)
            case {"anyOf": options} | {"oneOf": options}:
                return st.one_of(list(map(make, options)))
            case {"type": "string"}:
                return _strings(part, names)
            case {"type": "integer"}:
                return _integers(part)
            case {"type": "boolean"}:
                return st.booleans()
            case {"type": "null"}:
                return st.none()
            case {"type": "array", "prefixItems": items}:
                return st.tuples(*map(make, items)).map(list)
            case {"type": "array"}:
                least = part.get("minItems", 0)
                return st.lists(make(part.get("items", {})), min_size=least, max_size=max(least, ITEMS_MAX))
            case {"type": "object", "properties": dict(properties)} if properties:
                required = part.get("required", [])
                always = {name: make(properties[name]) for name in properties if name in required}
                return st.fixed_dictionaries(
                    always, optional={name: make(properties[name]) for name in properties if name not in required}
                )
            case {"type": "object", "additionalProperties": inner} if inner:
                return st.dictionaries(_ascii(), make(inner) if isinstance(inner, dict) else anything(), max_size=ITEMS_MAX)
            case {"type": "object"}:
                return st.just({})
        return anything()

    return make(schema)


def anything() -> Values:
    """Any JSON that canonical JSON can hold, nested a little."""
    plain: Values = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(TEXT, max_size=20)
    return plain | st.lists(plain, max_size=3) | st.dictionaries(_ascii(), plain, max_size=3)


def mostly(often: "st.SearchStrategy[T]", seldom: "st.SearchStrategy[T]") -> "st.SearchStrategy[T]":
    """The first in eight cases of nine."""
    return st.integers(0, 8).flatmap(lambda number: seldom if number == 8 else often)


def _ascii() -> st.SearchStrategy[str]:
    return st.text(st.characters(max_codepoint=127), max_size=8)


def _strings(schema: Schema, names: Sequence[str]) -> Values:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 100)
    if "pattern" in schema:
        # Without its anchors: for Python `$` also matches before a last line break, for pydantic it does not.
        pattern = re.compile(schema["pattern"].removeprefix("^").removesuffix("$"))
        fresh: st.SearchStrategy[str] = st.from_regex(pattern, fullmatch=True)
        fitting = [name for name in names if pattern.fullmatch(name)]
    else:
        fresh = st.text(TEXT, min_size=least, max_size=min(most, least + 20))
        fitting = [name for name in names if least <= len(name) <= most]
    return mostly(st.sampled_from(fitting), fresh) if fitting else fresh


def _integers(schema: Schema) -> Values:
    least = max(schema.get("minimum", -INTEGER_MAX), schema.get("exclusiveMinimum", -INTEGER_MAX - 1) + 1)
    most = min(schema.get("maximum", INTEGER_MAX), schema.get("exclusiveMaximum", INTEGER_MAX + 1) - 1)
    small = st.integers(max(least, -20), min(most, max(least, -20) + 40))
    if edges := [number for number in (0, 1) if least <= number <= most]:
        small = small | st.sampled_from(edges)  # where contracts most often forget something
    return mostly(small, st.integers(least, most) | st.sampled_from([least, most]))
