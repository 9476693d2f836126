"""Random JSON that fits a JSON Schema, as far as pydantic writes schemas for contracts; for the test kit."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from ledger.errors import JsonValue
from ledger.primitives import INTEGER_MAX

Schema: TypeAlias = "dict[str, JsonValue]"
Values: TypeAlias = "st.SearchStrategy[JsonValue]"
T = TypeVar("T")
TEXT = st.characters(exclude_categories=["Cs"])
ITEMS_MAX = 5


def values_of(schema: JsonValue, names: Sequence[str]) -> Values:
    """Values for a schema. Strings are often drawn from `names`, so that operations meet each other's records."""
    assert isinstance(schema, dict)
    definitions = schema.get("$defs", {})
    assert isinstance(definitions, dict)
    return _Maker(definitions, tuple(names)).make(schema)


def anything() -> Values:
    """Any JSON that canonical JSON can hold, nested a little."""
    plain: Values = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(TEXT, max_size=20)
    return plain | st.lists(plain, max_size=3) | st.dictionaries(_ascii(), plain, max_size=3)


def mostly(often: "st.SearchStrategy[T]", seldom: "st.SearchStrategy[T]") -> "st.SearchStrategy[T]":
    """The first in eight cases of nine."""
    return st.integers(0, 8).flatmap(lambda number: seldom if number == 8 else often)


def _ascii() -> st.SearchStrategy[str]:
    return st.text(st.characters(max_codepoint=127), max_size=8)


class _Maker:
    def __init__(self, definitions: Schema, names: tuple[str, ...]) -> None:
        self.definitions = definitions
        self.names = names

    def make(self, schema: JsonValue) -> Values:
        """The strategy of one schema."""
        assert isinstance(schema, dict)
        if "$ref" in schema:
            return self.make(self.definitions[str(schema["$ref"]).removeprefix("#/$defs/")])
        if "const" in schema:
            return st.just(schema["const"])
        for choice in ("enum", "anyOf", "oneOf"):
            if choice in schema:
                options = schema[choice]
                assert isinstance(options, list)
                return st.sampled_from(options) if choice == "enum" else st.one_of([self.make(option) for option in options])
        makers: dict[str, Callable[[Schema], Values]] = {
            "string": self._string,
            "integer": self._integer,
            "boolean": lambda _: st.booleans(),
            "null": lambda _: st.none(),
            "array": self._array,
            "object": self._object,
        }
        return makers[str(schema["type"])](schema) if "type" in schema else anything()

    def _string(self, schema: Schema) -> Values:
        least, most = _bound(schema, "minLength", 0), _bound(schema, "maxLength", 100)
        if "pattern" in schema:
            # Without its anchors: for Python `$` also matches before a last line break, for pydantic it does not.
            pattern = re.compile(str(schema["pattern"]).removeprefix("^").removesuffix("$"))
            fresh: st.SearchStrategy[str] = st.from_regex(pattern, fullmatch=True)
            fitting = [name for name in self.names if pattern.fullmatch(name)]
        else:
            fresh = st.text(TEXT, min_size=least, max_size=min(most, least + 20))
            fitting = [name for name in self.names if least <= len(name) <= most]
        return mostly(st.sampled_from(fitting), fresh) if fitting else fresh

    def _integer(self, schema: Schema) -> Values:
        least = max(_bound(schema, "minimum", -INTEGER_MAX), _bound(schema, "exclusiveMinimum", -INTEGER_MAX - 1) + 1)
        most = min(_bound(schema, "maximum", INTEGER_MAX), _bound(schema, "exclusiveMaximum", INTEGER_MAX + 1) - 1)
        small = st.integers(max(least, -20), min(most, max(least, -20) + 40))
        if edges := [number for number in (0, 1) if least <= number <= most]:
            small = small | st.sampled_from(edges)  # where contracts most often forget something
        return mostly(small, st.integers(least, most) | st.sampled_from([least, most]))

    def _array(self, schema: Schema) -> Values:
        if "prefixItems" in schema:
            items = schema["prefixItems"]
            assert isinstance(items, list)
            return st.tuples(*map(self.make, items)).map(list)
        least = _bound(schema, "minItems", 0)
        return st.lists(self.make(schema.get("items", {})), min_size=least, max_size=max(least, ITEMS_MAX))

    def _object(self, schema: Schema) -> Values:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        assert isinstance(properties, dict)
        assert isinstance(required, list)
        if not properties and schema.get("additionalProperties"):
            inner = self.make(schema["additionalProperties"]) if isinstance(schema["additionalProperties"], dict) else anything()
            return st.dictionaries(_ascii(), inner, max_size=ITEMS_MAX)
        members = {name: self.make(part) for name, part in properties.items()}
        always = {name: maker for name, maker in members.items() if name in required}
        optional = {name: maker for name, maker in members.items() if name not in required}
        return st.fixed_dictionaries(always, optional=optional)


def _bound(schema: Schema, name: str, default: int) -> int:
    value = schema.get(name, default)
    assert isinstance(value, int)
    return value
