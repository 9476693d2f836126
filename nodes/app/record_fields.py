"""Conditions on the fields of records, read from a query string and typed by the record model's own JSON Schema.

`FIELD=VALUE` or `FIELD.OPERATOR=VALUE`; a field inside a field is named with dots. A value is written as JSON writes it,
strings without quotes, and `null` is no value where a field may have none. Texts are ordered by code point, as keys are.
Only values of one type have an order: no bound holds for a null. A list takes only `has`.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from pydantic import BaseModel

from ledger.errors import InputError, JsonValue
from ledger.primitives import INTEGER_MAX

Scalar: TypeAlias = "str | int | bool | None"
SortKey: TypeAlias = "tuple[int, str | int]"
"""Order over all scalars: null, then booleans, integers, texts."""

CONDITIONS_MAX = 16
"""Conditions of one query."""
FIELD_DEPTH_MAX = 4
"""Names in a field's name."""
BOUNDS: Mapping[str, Callable[[SortKey, SortKey], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
OPERATORS = ("eq", "ne", *BOUNDS)
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
KINDS = ("null", "boolean", "integer", "string")


@dataclass(frozen=True, slots=True)
class Field:
    """One field that can be asked for."""

    name: str
    """Its names from the record down, joined by dots."""
    kinds: tuple[str, ...]
    """The JSON types that it may have, out of `KINDS`."""
    choices: tuple[Scalar, ...]
    """The only values that it may have; empty where there are many."""
    is_list: bool

    @property
    def operators(self) -> tuple[str, ...]:
        """What it can be asked with."""
        return ("has",) if self.is_list else OPERATORS

    def of(self, record: JsonValue) -> JsonValue:
        """Its value in a record; null where an older version of the record did not have it."""
        for part in self.name.split("."):
            record = record.get(part) if isinstance(record, dict) else None
        return record

    def parse(self, text: str, *, is_bound: bool) -> Scalar:
        """The value that a query writes; raises InputError `bad-field-value`."""
        found = [value for kind in self.kinds for value in _readings(kind, text)]
        if found and (is_bound or not self.choices or found[0] in self.choices):
            return found[0]
        allowed: JsonValue = [*self.choices] or [*self.kinds]
        what = ", ".join(map(str, self.choices or self.kinds))
        raise InputError("bad-field-value", f"{self.name} takes {what}; got {text!r:.80}.", field=self.name, allowed=allowed)


@dataclass(frozen=True, slots=True)
class Condition:
    """What the rows of an answer have in common."""

    field: Field
    operator: str
    value: Scalar

    def holds(self, record: JsonValue) -> bool:
        """Whether the record has it."""
        found, wanted = self.field.of(record), sort_key(self.value)
        if self.operator == "has":
            return isinstance(found, list) and wanted in map(sort_key, found)
        if self.operator in ("eq", "ne"):
            return (sort_key(found) == wanted) == (self.operator == "eq")
        return sort_key(found)[0] == wanted[0] > 0 and BOUNDS[self.operator](sort_key(found), wanted)


def parse_conditions(model: type[BaseModel], query: Sequence[tuple[str, str]]) -> tuple[Condition, ...]:
    """Raises InputError `unknown-field`, `unknown-operator`, `bad-field-value` or `too-many-conditions`."""
    if len(query) > CONDITIONS_MAX:  # check: condition-count
        raise InputError("too-many-conditions", f"A query has at most {CONDITIONS_MAX} conditions.", count_max=CONDITIONS_MAX)
    return tuple(_condition(model, name, text) for name, text in query)


def find_field(model: type[BaseModel], name: str) -> Field:
    """The field of this name; raises InputError `unknown-field`, which says those there are."""
    fields = fields_of(model)
    if name not in fields:  # check: unknown-field
        allowed: JsonValue = [*fields]
        message = f"A {model.__name__} has no field {name!r:.80} to ask for; there are {', '.join(fields)}."
        raise InputError("unknown-field", message, field=name[:80], allowed=allowed)
    return fields[name]


def parse_order(model: type[BaseModel], order: str) -> tuple[Field, bool]:
    """The field of `FIELD` or `-FIELD`, and whether the greatest comes first; raises InputError `unknown-field`."""
    field = find_field(model, order.removeprefix("-"))
    if field.is_list:  # check: ordered-field
        raise InputError("unknown-field", f"{field.name} is a list, which has no order.", field=field.name, allowed=[])
    return field, order.startswith("-")


@cache
def fields_of(model: type[BaseModel]) -> dict[str, Field]:
    """Every field that can be asked for: scalars and lists of scalars, those of inner objects too."""
    schema = model.model_json_schema()
    found: dict[str, Field] = {}
    _gather(schema, schema.get("$defs", {}), "", found)
    return found


def sort_key(value: JsonValue) -> SortKey:
    """Where a value stands among all; what is no scalar counts as null, and no field of those here holds such."""
    match value:
        case bool():
            return (1, value)
        case int():
            return (2, value)
        case str():
            return (3, value)
    return (0, 0)


def _condition(model: type[BaseModel], name: str, text: str) -> Condition:
    """A field's own name goes before an operator: `limit.eq` asks for a field that is named like a parameter."""
    front, _, last = name.rpartition(".")
    is_whole = name in fields_of(model) or front not in fields_of(model)
    field = find_field(model, name if is_whole else front)
    chosen = field.operators[0] if is_whole else last
    if chosen not in field.operators:  # check: field-operator
        allowed: JsonValue = [*field.operators]
        message = f"{field.name} is asked with {', '.join(field.operators)}; got {chosen}."
        raise InputError("unknown-operator", message, field=field.name, allowed=allowed)
    return Condition(field, chosen, field.parse(text, is_bound=chosen in BOUNDS))


def _readings(kind: str, text: str) -> list[Scalar]:
    """The text as a value of one JSON type, if it is one."""
    match kind:
        case "null":
            return [None] if text == "null" else []
        case "boolean":
            return [text == "true"] if text in ("true", "false") else []
        case "integer":
            return [int(text)] if INTEGER.fullmatch(text) and abs(int(text)) <= INTEGER_MAX else []
    return [text]


def _gather(schema: JsonValue, definitions: Mapping[str, JsonValue], name: str, found: dict[str, Field]) -> None:
    options = _options(schema, definitions)
    for option in options:
        properties = option.get("properties")
        if isinstance(properties, dict) and name.count(".") < FIELD_DEPTH_MAX - 1:
            for inner, part in properties.items():
                _gather(part, definitions, f"{name}.{inner}" if name else inner, found)
    lists = [inner for option in options if option.get("type") == "array" for inner in _items(option, definitions)]
    scalars = lists or options
    kinds = tuple(kind for kind in KINDS if any(kind == option.get("type") for option in scalars))
    if name and kinds and (lists or kinds != ("null",)):
        choices = [choice for option in scalars for choice in _choices(option)]
        is_closed = all(option.get("type") == "null" or _choices(option) for option in scalars)
        nothing = [None] if "null" in kinds else []
        found[name] = Field(name, kinds, (*choices, *nothing) if is_closed else (), bool(lists))


def _options(schema: JsonValue, definitions: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The schemas that a value may be of, without references."""
    assert isinstance(schema, dict)
    if "$ref" in schema:
        return _options(definitions[str(schema["$ref"]).removeprefix("#/$defs/")], definitions)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list):
        return [option for choice in choices for option in _options(choice, definitions)]
    return [schema]


def _items(schema: dict[str, JsonValue], definitions: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    items = schema.get("items")
    return _options(items, definitions) if isinstance(items, dict) else []


def _choices(schema: dict[str, JsonValue]) -> list[Scalar]:
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    assert isinstance(choices, list)
    return [choice for choice in choices if not isinstance(choice, dict | list)]
