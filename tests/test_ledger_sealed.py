"""Sealed fields: the digest on the ledger, the opening outside of it."""

import hashlib
import json
from dataclasses import replace

import pytest

from ledger.contract import Positive, Record
from ledger.contract.sealed import seal
from ledger.disclosure import DISCLOSURE_FORMAT, Disclosure, disclose, parse_disclosure, verify_disclosure
from ledger.encoding import digest, encode
from ledger.errors import InputError, JsonValue, MalformedError, VerificationError
from ledger.sealed import Opening, Sealed, parse_opening, sealed_in, verify_opening
from tests.support import refusal

SALT = "00112233445566778899aabbccddeeff"


class Price(Record):
    """A price with its unit."""

    cents: Positive
    words: str


def tagged(tag: str, value: object) -> str:
    """The digest of the format, with nothing of the project in it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"tallystick/{tag}\0{text}".encode()).hexdigest()


def field(name: str, value: object) -> list[str]:
    return [name, tagged("sealed-field", [tagged("field-salt", [SALT, name])[:32], name, value])]


def test_digest_is_of_the_fields_and_each_has_its_own_salt() -> None:
    assert seal(1_250_00, SALT) == (Sealed(tagged("sealed", [field("", 125_000)])), Opening(SALT, 125_000))
    sealed, _ = seal(Price(cents=5, words="five"), SALT)
    assert sealed.sealed == tagged("sealed", [field("cents", 5), field("words", "five")])


@pytest.mark.parametrize("value", [7, None, [1], {}, {"": 1, "a": 2}, {"b": 1, "a": 2}])
def test_an_opening_names_the_fields_that_are_sealed(value: JsonValue) -> None:
    opening = Opening(SALT, value)
    assert opening.names == [name for name, _ in disclose(opening, []).fields]
    assert opening.names == (["a", "b"] if value == {"b": 1, "a": 2} else [""])


def test_values_that_look_alike_are_sealed_apart() -> None:
    alike: list[JsonValue] = [5, {"": 5}, {}, {"": {}}, [], [["", 5]], None, "", {"a": {"b": 5}}, {"a": 5, "b": 5}]
    assert len({seal(value, SALT)[0].sealed for value in alike}) == len(alike)


def test_names_of_fields_are_ascii() -> None:
    refusal(MalformedError, seal, {"价": 5}, SALT)


def test_opening_of_another_value_is_refused() -> None:
    sealed, opening = seal(125_000, SALT)
    verify_opening(sealed, opening)
    for wrong in (Opening(SALT, 125_001), Opening(SALT[::-1], 125_000), Opening(SALT, "125000")):
        error = refusal(VerificationError, verify_opening, sealed, wrong)
        assert (error.code, "does not give" in error.message) == ("wrong-opening", True)


def test_short_salt_is_refused() -> None:
    assert refusal(MalformedError, seal, 125_000, "00").code == "bad-salt"


def test_record_is_sealed_as_its_json() -> None:
    sealed, opening = seal(Price(cents=5, words="five"), SALT)
    assert opening.value == {"cents": 5, "words": "five"}
    verify_opening(sealed, parse_opening(opening.to_json()))


@pytest.mark.parametrize("value", [None, {}, {"salt": SALT}, {"salt": "x", "value": 1}, {"salt": SALT, "value": 1, "more": 1}])
def test_opening_of_another_shape_is_refused(value: JsonValue) -> None:
    assert refusal(MalformedError, parse_opening, value).code == "bad-opening"


@pytest.mark.parametrize("data", ['{"p":5}', '{"p":{"sealed":"00"}}', '{"p":{"sealed":"' + "0" * 64 + '","value":5}}'])
def test_sealed_field_holds_a_digest_and_nothing_else(data: str) -> None:
    class Offer(Record):
        """One sealed price."""

        p: Sealed[int]

    with pytest.raises(ValueError, match="validation error"):
        Offer.model_validate_json(data)


OFFER: JsonValue = {"amount_cents": 7_000, "goods": "dies", "price_cents": 70, "terms": {"days": 30}}


def offer() -> tuple[Sealed[JsonValue], Disclosure]:
    sealed, opening = seal(OFFER, SALT)
    return sealed, disclose(opening, ["amount_cents", "terms"])


def not_disclosed(sealed: Sealed[JsonValue], disclosure: Disclosure) -> str:
    """Why the disclosure is none of this sealed value."""
    error = refusal(VerificationError, verify_disclosure, sealed, disclosure)
    assert error.code == "wrong-disclosure"
    return error.message


def test_a_disclosure_shows_the_fields_asked_for_and_no_other() -> None:
    sealed, disclosure = offer()
    verify_disclosure(sealed, disclosure)
    assert disclosure.values == {"amount_cents": 7_000, "terms": {"days": 30}}
    text = encode(disclosure.to_json()).decode()
    assert "dies" not in text
    assert SALT not in text, "with it, every price could be tried"
    assert parse_disclosure(disclosure.to_json()) == disclosure
    plain: list[JsonValue] = [7, [], {}, {"": 1}]
    for value in plain:
        whole, opening = seal(value, SALT)
        verify_disclosure(whole, disclose(opening, [""]))
        verify_disclosure(whole, disclose(opening, []))


def test_a_field_that_is_not_there_cannot_be_disclosed() -> None:
    for name in ("number", ""):
        error = refusal(InputError, disclose, Opening(SALT, OFFER), [name])
        assert (error.code, "There is no field" in error.message) == ("no-such-field", True)


def test_another_value_salt_or_name_is_no_disclosure() -> None:
    sealed, disclosure = offer()
    (name, opening), *_ = disclosure.disclosed.items()
    for wrong in (
        (name, replace(opening, value=7_001)),
        (name, replace(opening, salt=SALT)),
        ("price_cents", opening),
        ("number", opening),
    ):
        assert "What is shown" in not_disclosed(sealed, replace(disclosure, disclosed=dict([wrong])))


def test_other_fields_are_not_those_of_the_sealed_digest() -> None:
    sealed, disclosure = offer()
    other = disclose(Opening(SALT, {"amount_cents": 1, "terms": 2}), ["terms"])
    for wrong in (other, replace(disclosure, fields=disclosure.fields[1:]), replace(disclosure, fields=disclosure.fields[::-1]),
                  replace(other, sealed=disclosure.sealed)):  # fmt: skip
        assert "The fields do not give" in not_disclosed(sealed, wrong)
        if wrong is not other:
            assert "The fields do not give" in not_disclosed(Sealed(other.sealed), wrong)


@pytest.mark.parametrize("names", [[], ["b", "a"], ["a", "a"], ["", "a"]])
def test_fields_have_names_in_order(names: list[str]) -> None:
    """Made by a liar: the digest is right, the names are not."""
    fields = tuple((name, digest("x", name.encode())) for name in names)
    sealed = digest("sealed", encode([[name, value] for name, value in fields]))
    made = Disclosure(DISCLOSURE_FORMAT, sealed, fields, {})
    assert "Fields have different names" in not_disclosed(Sealed(sealed), made)


def test_a_value_with_fields_is_not_shown_as_one_field() -> None:
    """Made by a liar: a second way to seal the same value."""
    opening = Opening(SALT, {"amount_cents": 7_000})
    fields = (("", digest("sealed-field", encode([SALT, "", opening.value]))),)
    sealed = digest("sealed", encode([list(pair) for pair in fields]))
    made = Disclosure(DISCLOSURE_FORMAT, sealed, fields, {"": opening})
    assert "sealed by them" in not_disclosed(Sealed(sealed), made)


@pytest.mark.parametrize("change", [{"format": "tallystick-disclosure-2"}, {"sealed": "00"}, {"fields": {}}, {"fields": [["a"]]},
                                    {"fields": [["a", "00"]]}, {"fields": [[1, "0" * 64]]}, {"disclosed": []},
                                    {"disclosed": {"a": 1}}, {"more": 1}])  # fmt: skip
def test_a_disclosure_of_another_shape_is_refused(change: dict[str, JsonValue]) -> None:
    whole = offer()[1].to_json()
    assert isinstance(whole, dict)
    assert refusal(MalformedError, parse_disclosure, {**whole, **change}).code in ("bad-disclosure", "bad-opening")


def test_sealed_fields_are_found_anywhere_in_a_record() -> None:
    record: JsonValue = {"b": [{"sealed": "b" * 64}], "a": {"c": {"sealed": "a" * 64}}, "d": {"sealed": "c" * 63}, "e": None}
    assert list(sealed_in(record)) == ["a" * 64, "b" * 64]
