"""Sealed fields: a salted digest stands on the ledger, the opening goes to the entitled outside of it.

    SEALED  = {"sealed": digest("sealed", canonical([salt, value]))}
    OPENING = {"salt": 32 hexadecimal digits, "value": …}

The salt has 128 random bits and is used once, so that a value out of few (a price) cannot be found by trying.
It comes from the caller: nothing in `ledger` draws random numbers.
"""

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from ledger.contract.model import DigestText, json_of
from ledger.encoding import digest, encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.primitives import HEX_32, Digest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealed(Generic[T]):
    """A value of type T of which the ledger holds only the salted digest."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    sealed: DigestText


@dataclass(frozen=True, slots=True)
class Opening:
    """What the entitled hold: with it, a sealed field says its value."""

    salt: str
    """16 random bytes in hexadecimal, never used twice."""
    value: JsonValue

    def to_json(self) -> JsonValue:
        """Both fields."""
        return {"salt": self.salt, "value": self.value}


def seal(value: T, salt: str) -> tuple[Sealed[T], Opening]:
    """The field for the ledger and the opening for the entitled."""
    opening = Opening(salt, json_of(value))
    return Sealed(_digest(opening)), opening


def verify_opening(sealed: Sealed[T], opening: Opening) -> None:
    """Raises VerificationError `wrong-opening` unless this opening belongs to this sealed field."""
    if _digest(opening) != sealed.sealed:  # check: sealed-opening
        raise VerificationError("wrong-opening", f"The opening does not give the sealed digest {sealed.sealed}.")


def parse_opening(value: JsonValue) -> Opening:
    """Reads the JSON form; raises MalformedError `bad-opening`."""
    if not isinstance(value, dict) or value.keys() != {"salt", "value"}:
        raise MalformedError("bad-opening", "An opening has exactly salt and value.")
    salt = value["salt"]
    if not isinstance(salt, str) or not HEX_32.fullmatch(salt):
        raise MalformedError("bad-opening", "The salt of an opening is 32 lower-case hexadecimal digits.")
    return Opening(salt, value["value"])


def _digest(opening: Opening) -> Digest:
    """Raises MalformedError for a salt of another length: a short one would let a price be found by trying."""
    if not HEX_32.fullmatch(opening.salt):  # check: sealed-salt
        raise MalformedError("bad-salt", "A salt is 16 bytes in 32 lower-case hexadecimal digits.")
    return digest("sealed", encode([opening.salt, opening.value]))
