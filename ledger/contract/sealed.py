"""Sealed fields, as contracts and their clients import them (`ledger/sealed`)."""

from typing import TypeVar

from ledger.contract.records import json_of
from ledger.disclosure import Disclosure, disclose, parse_disclosure, verify_disclosure
from ledger.sealed import Opening, Sealed, parse_opening, sealed_digest, sealed_in, verify_opening

__all__ = [
    "Disclosure",
    "Opening",
    "Sealed",
    "disclose",
    "parse_disclosure",
    "parse_opening",
    "seal",
    "sealed_digest",
    "sealed_in",
    "verify_disclosure",
    "verify_opening",
]
T = TypeVar("T")


def seal(value: T, salt: str) -> tuple[Sealed[T], Opening]:
    """The field for the ledger and the opening for the entitled."""
    opening = Opening(salt, json_of(value))
    return Sealed(sealed_digest(opening)), opening
