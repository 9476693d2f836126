"""What contracts are made of: records, and the plain types of their fields and arguments.

Models are strict, frozen and refuse unknown fields. Integers stay within what canonical JSON holds; there are no floats.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, Field, StringConstraints

from ledger.errors import JsonValue
from ledger.identity.records import StateModel
from ledger.primitives import INTEGER_MAX, MEMBER_ID

TIMESTAMP_MAX = 253_402_300_799_999
"""Last millisecond of the year 9999."""
TEXT_LENGTH_MAX = 4_000

Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,128}$")]
"""A name that can be a key: 1 to 128 letters, digits and `_ . : # -`. ASCII, so that no two look alike by normal form."""
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LENGTH_MAX)]
"""Words for people, 1 to 4,000 characters."""
MemberId: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{MEMBER_ID.pattern}$")]
"""`organization.member`."""
DigestText: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal: of a document, of a photograph."""
Integer: TypeAlias = Annotated[int, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)]
"""Any whole number that the ledger can hold."""
NonNegative: TypeAlias = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
"""0 and above."""
Positive: TypeAlias = Annotated[int, Field(gt=0, le=INTEGER_MAX)]
"""1 and above."""
Timestamp: TypeAlias = Annotated[int, Field(ge=0, le=TIMESTAMP_MAX)]
"""Milliseconds since the epoch, UTC, up to the year 9999."""


class Record(StateModel):
    """A value of a collection. It never changes; `replace` makes the next one."""

    def replace(self, **changes: object) -> Self:
        """The same record with some fields changed, validated again; an unknown field is an error."""
        return type(self).model_validate({**self.__dict__, **changes})


def json_of(value: object) -> JsonValue:
    """The JSON of a value that a contract names in an event or a refusal.

    Raises TypeError for what has no one spelling: floats, sets, objects.
    """
    if value is None or type(value) in (str, int, bool):
        return value  # type: ignore[return-value]
    if isinstance(value, BaseModel):
        return json_of(value.model_dump(mode="json"))
    if is_dataclass(value):
        return {field.name: json_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return json_of(value.value)
    if isinstance(value, Mapping):
        return {str(name): json_of(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [json_of(member) for member in value]
    raise TypeError(f"A contract cannot publish a {type(value).__name__}.")
