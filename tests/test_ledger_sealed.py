"""Sealed fields: the digest on the ledger, the opening outside of it."""

import hashlib

import pytest

from ledger.contract import Positive, Record
from ledger.contract.sealed import Opening, Sealed, parse_opening, seal, verify_opening
from ledger.errors import JsonValue, MalformedError, VerificationError

SALT = "00112233445566778899aabbccddeeff"


class Price(Record):
    """A price with its unit."""

    cents: Positive
    words: str


def test_digest_is_of_salt_and_value() -> None:
    sealed, opening = seal(1_250_00, SALT)
    assert sealed.sealed == hashlib.sha256(b'tallystick/sealed\x00["' + SALT.encode() + b'",125000]').hexdigest()
    assert opening == Opening(SALT, 125_000)


def test_opening_of_another_value_is_refused() -> None:
    sealed, opening = seal(125_000, SALT)
    verify_opening(sealed, opening)
    for wrong in (Opening(SALT, 125_001), Opening(SALT[::-1], 125_000), Opening(SALT, "125000")):
        with pytest.raises(VerificationError, match="does not give") as caught:
            verify_opening(sealed, wrong)
        assert caught.value.code == "wrong-opening"


def test_short_salt_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        seal(125_000, "00")
    assert caught.value.code == "bad-salt"


def test_record_is_sealed_as_its_json() -> None:
    sealed, opening = seal(Price(cents=5, words="five"), SALT)
    assert opening.value == {"cents": 5, "words": "five"}
    verify_opening(sealed, parse_opening(opening.to_json()))


@pytest.mark.parametrize("value", [None, {}, {"salt": SALT}, {"salt": "x", "value": 1}, {"salt": SALT, "value": 1, "more": 1}])
def test_opening_of_another_shape_is_refused(value: JsonValue) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_opening(value)
    assert caught.value.code == "bad-opening"


@pytest.mark.parametrize("data", ['{"p":5}', '{"p":{"sealed":"00"}}', '{"p":{"sealed":"' + "0" * 64 + '","value":5}}'])
def test_sealed_field_holds_a_digest_and_nothing_else(data: str) -> None:
    class Offer(Record):
        """One sealed price."""

        p: Sealed[int]

    with pytest.raises(ValueError, match="validation error"):
        Offer.model_validate_json(data)
