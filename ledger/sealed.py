"""Sealed fields: a salted digest stands on the ledger, the opening goes to the entitled outside of it.

    OPENING       {"salt": 32 hexadecimal digits, "value": …}
    SALT(name)    the first 32 digits of digest("field-salt", canonical([salt, name]))
    FIELD(name)   digest("sealed-field", canonical([SALT(name), name, value of the field]))
    SEALED        {"sealed": digest("sealed", canonical([[name, FIELD(name)], … in order of names]))}
    DISCLOSURE    {"format": "tallystick-disclosure-1", "sealed": …, "fields": [[name, FIELD(name)], …],
                   "disclosed": {name: {"salt": SALT(name), "value": …}, …}}

The value of an opening is sealed field by field, so that its holder can show one of them (an amount) and keep the others
(a price) hidden: a disclosure shows the names of all fields and the values of the disclosed ones. A value that is no object,
has no fields or has a field without a name is sealed as one field whose name is empty.

The salt has 128 random bits and is used once, so that a value with few possibilities (a price) cannot be found by trying; a
disclosed field's own salt reveals nothing about the others'. The caller draws it: nothing in `ledger` draws random numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from ledger.codec import Codec, HexDigest, HexNonce, Many
from ledger.encoding import digest, encode
from ledger.errors import JsonValue, MalformedError, NotFoundError, VerificationError
from ledger.primitives import HEX_32, HEX_64, Digest, is_digest

DISCLOSURE_FORMAT: Final = "tallystick-disclosure-1"
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
        return sorted(_fields(self.value))

    def to_json(self) -> JsonValue:
        """Both fields."""
        return _OPENINGS.to_json(self)


_OPENINGS = Codec(Opening, "bad-opening")
parse_opening = _OPENINGS.parse
"""Reads the JSON form of an opening; raises MalformedError `bad-opening`."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Some fields of a sealed value, and what is needed to check them against the sealed digest."""

    format: Literal["tallystick-disclosure-1"]
    sealed: HexDigest
    fields: Many[tuple[str, HexDigest]]
    """Name and digest of every field, in order of names."""
    disclosed: dict[str, Annotated[Opening, _OPENINGS.part]]
    """Own salt and value of the fields shown, by name."""

    @property
    def values(self) -> dict[str, JsonValue]:
        """What is shown, by name of field."""
        return {name: opening.value for name, opening in self.disclosed.items()}

    def to_json(self) -> JsonValue:
        """The form in which it is handed on."""
        return _DISCLOSURES.to_json(self)


_DISCLOSURES = Codec(Disclosure, "bad-disclosure", disclosed=_OPENINGS)
parse_disclosure = _DISCLOSURES.parse
"""Reads the JSON form of a disclosure; raises MalformedError `bad-disclosure` or `bad-opening`. `verify_disclosure` checks it."""


def sealed_digest(opening: Opening) -> Digest:
    """The digest that is on the ledger for this opening; also the address of the private document."""
    return _digest_of(_digests(opening))


def verify_opening(sealed: Sealed[T], opening: Opening) -> None:
    """Raises VerificationError `wrong-opening` unless this opening belongs to this sealed field."""
    if sealed_digest(opening) != sealed.sealed:  # check: sealed-opening
        raise VerificationError("wrong-opening", f"The opening does not give the sealed digest {sealed.sealed}.")


def disclose(opening: Opening, names: Sequence[str]) -> Disclosure:
    """Shows the fields of these names and no other; raises NotFoundError `no-such-field`."""
    values = _fields(opening.value)
    for name in names:
        if name not in values:  # check: disclosed-field-known
            raise NotFoundError("no-such-field", f"There is no field {name!r:.80}; there are {', '.join(values)}.", field=name)
    digests = _digests(opening)
    shown = {name: Opening(_salt_of(opening, name), values[name]) for name in sorted(set(names))}
    return Disclosure(DISCLOSURE_FORMAT, _digest_of(digests), digests, shown)


def verify_disclosure(sealed: Sealed[T], disclosure: Disclosure) -> None:
    """Raises VerificationError `wrong-disclosure` unless the fields shown are fields of what was sealed."""
    fields = dict(disclosure.fields)
    # 1. The fields are those of the sealed digest, each once and in order.
    if not disclosure.sealed == _digest_of(disclosure.fields) == sealed.sealed:  # check: disclosure-fields
        raise VerificationError("wrong-disclosure", f"The fields do not give the sealed digest {sealed.sealed}.")
    # 2. A value has fields, or is one field without a name; so a value is sealed in one way only.
    names = [name for name, _ in disclosure.fields]
    if not names or names != sorted(set(names)) or (WHOLE in names and len(names) > 1):  # check: disclosure-names
        raise VerificationError("wrong-disclosure", "Fields have different names, in order, or there is one without a name.")
    for name, opening in disclosure.disclosed.items():
        # 3. What is shown gives the digest of its field.
        if name not in fields or _field_digest(name, opening) != fields[name]:  # check: disclosure-value
            raise VerificationError("wrong-disclosure", f"What is shown as {name!r:.80} does not give that field's digest.")
        if name == WHOLE and WHOLE not in _fields(opening.value):  # check: disclosure-whole
            raise VerificationError("wrong-disclosure", "A value that has fields is sealed by them.")


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


def _fields(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) and value and WHOLE not in value else {WHOLE: value}


def _digests(opening: Opening) -> tuple[tuple[str, Digest], ...]:
    """Digest of every field by name; raises MalformedError `bad-salt`, since with a short salt a price can be found by trying."""
    if not HEX_32.fullmatch(opening.salt):  # check: sealed-salt
        raise MalformedError("bad-salt", "A salt is 16 bytes in 32 lower-case hexadecimal digits.")
    encode(opening.value)  # names of fields are ASCII as well
    values = sorted(_fields(opening.value).items())
    return tuple((name, _field_digest(name, Opening(_salt_of(opening, name), value))) for name, value in values)


def _salt_of(opening: Opening, name: str) -> str:
    return digest("field-salt", encode([opening.salt, name]))[:32]


def _field_digest(name: str, opening: Opening) -> Digest:
    return digest("sealed-field", encode([opening.salt, name, opening.value]))


def _digest_of(fields: tuple[tuple[str, Digest], ...]) -> Digest:
    return digest("sealed", encode([[name, field] for name, field in fields]))
