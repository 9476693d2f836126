"""Check signs. The examples are those of the standards, or of public registers, as named."""

import pytest

from scenarios.identifiers import check_sign, is_container_number, is_lei, is_ship_number, is_uscc


@pytest.mark.parametrize("number", ["CSQU3054383", "APZU4812090"])  # the first is the example of ISO 6346
def test_container_numbers(number: str) -> None:
    assert is_container_number(number)


@pytest.mark.parametrize("number", ["MSKU1234567", "CSQU3054384", "csqu3054383", "CSQX3054383", "ＣSQU3054383", ""])
def test_what_is_no_container_number(number: str) -> None:
    assert not is_container_number(number)


def test_ship_numbers() -> None:
    assert is_ship_number("9074729")  # the example of the IMO's page on its numbers
    assert not any(map(is_ship_number, ("7654321", "IMO9074729", "９074729", "907472", "")))


def test_legal_entities() -> None:
    assert is_lei("5493001KJTIIGC8Y1R12")  # an example of ISO 17442
    assert not any(map(is_lei, ("5493001KJTIIGC8Y1R13", "5493001kjtiigc8y1r12", "")))


def test_social_credit_codes_are_written_as_they_are() -> None:
    assert is_uscc("91350100M000100Y43")
    assert not any(map(is_uscc, ("91350100m000100y43", " 91350100M000100Y43", "91350100M000100Y44")))


def test_the_check_sign_of_a_licence() -> None:
    assert check_sign("11100000000013338W00911330105002500287C2025052201002") == "0"
