"""Codes of companies, spelling of invoices, limits on terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.dates import on
from scenarios.identifiers import is_uscc
from scenarios.supply_chain_finance.cast import MEMBERS
from scenarios.supply_chain_finance.rules import fingerprint_of, is_part_number, is_vat_number, normalised
from tests.scf_rules import issuing
from tests.scf_world import ready

EXAMPLE = "91350100M000100Y43"  # the code that GB 32100-2015 gives as its example
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_the_standards_own_example_is_a_code() -> None:
    assert is_uscc(EXAMPLE)


def test_every_company_of_the_story_has_a_code() -> None:
    assert all(is_uscc(person["uscc"]) for person in MEMBERS if person["kind"])


@given(st.integers(0, 17), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_found(place: int, sign: str) -> None:
    changed = EXAMPLE[:place] + sign + EXAMPLE[place + 1 :]
    assert is_uscc(changed) == (changed == EXAMPLE)


@pytest.mark.parametrize("code", ["", EXAMPLE[:-1], EXAMPLE + "0", EXAMPLE.lower(), "I" + EXAMPLE[1:], "９" + EXAMPLE[1:]])
def test_what_is_no_code(code: str) -> None:
    assert not is_uscc(code)


@pytest.mark.parametrize("spelling", ["INV-001", "inv 001 ", "ＩＮＶ－００１", "Inv/001", " i-n-v-0-0-1"])
def test_cosmetic_changes_keep_the_number(spelling: str) -> None:
    assert normalised(spelling) == "1NV001"


def test_another_number_another_party_and_another_kind_have_other_fingerprints() -> None:
    prints = {
        fingerprint_of("a.a", "b.b", "INV001"),
        fingerprint_of("a.a", "b.b", "INV002"),
        fingerprint_of("a.c", "b.b", "INV001"),
        fingerprint_of("a.a", "b.c", "INV001"),
        fingerprint_of("a.a", "b.b", "INV001", "stem"),
    }
    assert len(prints) == 5


@pytest.mark.parametrize(
    "number", ["26112000000000000327", "2611-2000 0000 0000 0327", "２６１１２００００００００００００３２７", "01234567"]
)
def test_what_has_the_form_of_a_vat_invoices_number(number: str) -> None:
    assert is_vat_number(number)


@pytest.mark.parametrize("number", ["", "FP-77001", "2611200000000000032O", "1234567", "123456789012", "٢" * 8, "²" * 8 + "x"])
def test_what_has_not(number: str) -> None:
    assert not is_vat_number(number)


@pytest.mark.parametrize(
    ("today", "due", "reason", "code"),
    [
        ("2026-04-03", "2026-10-03", "", "ok"),
        ("2026-04-03", "2026-10-04", "", "tenor-without-reason"),
        ("2026-04-03", "2026-10-04", "  ", "tenor-without-reason"),
        ("2026-04-03", "2026-10-04", "a long project", "ok"),
        ("2026-04-03", "2027-04-03", "a long project", "ok"),
        ("2026-04-03", "2027-04-04", "a long project", "tenor-too-long"),
        ("2026-08-31", "2027-02-28", "", "ok"),  # 2026-08-31 + 6 months is 2027-02-28, by QuantLib 1.44
        ("2026-08-31", "2027-03-01", "", "tenor-without-reason"),
    ],
)
def test_terms_are_calendar_months_and_end_with_a_shorter_month(today: str, due: str, reason: str, code: str) -> None:
    assert issuing(due_on_ms=on(due), reason=reason)(ready().at(today)) == code


@pytest.mark.parametrize("reason", [" ", "\u200b", "--", "\u3000…"])
def test_a_reason_has_words(reason: str) -> None:
    assert issuing(due_on_ms=on("2026-12-01"), reason=reason)(ready()) == "tenor-without-reason"
    assert issuing(due_on_ms=on("2026-12-01"), reason="长期项目")(ready()) == "ok"


def test_numbers_of_parts_are_told_from_those_of_roots() -> None:
    assert [is_part_number(name) for name in ("R-1", "R-2-13", "HH-2026-1")] == [True] * 3
    assert [is_part_number(name) for name in ("R", "R-0", "R-01", "HH-2026-001", "-1", "R-1a", "12")] == [False] * 7
