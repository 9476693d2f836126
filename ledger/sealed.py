"""Sealed fields: a salted digest stands on the ledger, the opening goes to the entitled outside of it.

    OPENING       {"salt": 32 hexadecimal digits, "value": …}
    SALT(name)    the first 32 digits of digest("field-salt", canonical([salt, name]))
    FIELD(name)   digest("sealed-field", canonical([SALT(name), name, value of the field]))
    SEALED        {"sealed": digest("sealed", canonical([[name, FIELD(name)], … in order of names]))}

The value of an opening is sealed field by field, so that its holder can show one of them (an amount) and keep the others
(a price) hidden (`ledger.disclosure`). A value that is no object, has no fields or has a field without a name is sealed as one
field whose name is empty.

The salt has 128 random bits and is used once, so that a value with few possibilities (a price) cannot be found by trying; a
disclosed field's own salt reveals nothing about the others'. The caller draws it: nothing in `ledger` draws random numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict, Field

from ledger.codec import Codec, HexNonce
from ledger.encoding import digest, encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.primitives import HEX_32, HEX_64, Digest, is_digest

WHOLE = ""
"""Name of the one field of a value without fields."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealed(Generic[T]):
    """A value of type T of which the ledger holds only the salted digest."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    sealed: Annotated[str, Field(pattern=f"^{HEX_64.pattern}$")]


@dataclass(frozen=True, slots=True)
class Opening:
    """What the entitled hold of a sealed field: its value, and the salt that leads to the digest."""

    salt: HexNonce
    """16 random bytes in hexadecimal, never used twice."""
    value: Any
    """JSON."""

    @property
    def names(self) -> list[str]:
        """Names of the fields that are sealed, in order."""
        return sorted(fields_of(self.value))

    def to_json(self) -> JsonValue:
        """Both fields."""
        return OPENINGS.to_json(self)


OPENINGS = Codec(Opening, "bad-opening")
parse_opening = OPENINGS.parse
"""Reads the JSON form of an opening; raises MalformedError `bad-opening`."""


def sealed_digest(opening: Opening) -> Digest:
    """The digest that is on the ledger for this opening; also the address of the private document."""
    return digest_of(field_digests(opening))


def verify_opening(sealed: Sealed[T], opening: Opening) -> None:
    """Raises VerificationError `wrong-opening` unless this opening belongs to this sealed field."""
    if sealed_digest(opening) != sealed.sealed:  # check: sealed-opening
        raise VerificationError("wrong-opening", f"The opening does not give the sealed digest {sealed.sealed}.")


def sealed_in(value: JsonValue) -> Iterator[str]:
    """The digests of all sealed fields in a record as it stands on the ledger, in the order of its spelling."""
    if isinstance(value, dict) and value.keys() == {"sealed"} and is_digest(value["sealed"]):
        yield str(value["sealed"])
    elif isinstance(value, dict):
        for name in sorted(value):
            yield from sealed_in(value[name])
    elif isinstance(value, list):
        for part in value:
            yield from sealed_in(part)


def fields_of(value: JsonValue) -> dict[str, JsonValue]:
    """The fields that are sealed of a value."""
    return value if isinstance(value, dict) and value and WHOLE not in value else {WHOLE: value}


def field_digests(opening: Opening) -> tuple[tuple[str, Digest], ...]:
    """Digest of every field by name; raises MalformedError `bad-salt`, since with a short salt a price can be found by trying."""
    if not HEX_32.fullmatch(opening.salt):  # check: sealed-salt
        raise MalformedError("bad-salt", "A salt is 16 bytes in 32 lower-case hexadecimal digits.")
    encode(opening.value)  # names of fields are ASCII as well
    values = sorted(fields_of(opening.value).items())
    return tuple((name, field_digest(name, Opening(salt_of(opening, name), value))) for name, value in values)


def salt_of(opening: Opening, name: str) -> str:
    """SALT(name)."""
    return digest("field-salt", encode([opening.salt, name]))[:32]


def field_digest(name: str, opening: Opening) -> Digest:
    """FIELD(name), of an opening with the field's own salt and value."""
    return digest("sealed-field", encode([opening.salt, name, opening.value]))


def digest_of(fields: tuple[tuple[str, Digest], ...]) -> Digest:
    """SEALED."""
    return digest("sealed", encode([[name, field] for name, field in fields]))
