"""What somebody might try around the rules of supply-chain finance, by its purpose."""

from collections.abc import Callable

import pytest

from scenarios.dates import on
from scenarios.supply_chain_finance.cast import BEICHEN, CLEARING, HAIHE, LULIN, TUOHAI, YANSHAN
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests.scf_rules import OFFER, suspended
from tests.scf_world import (
    FACE,
    NET,
    ROOT,
    World,
    held,
    invoiced,
    issue,
    opened,
    part,
    registered,
    sealed,
    terms,
)


def test_a_core_that_sold_with_recourse_buys_back_like_a_supplier() -> None:
    world = invoiced(opened(), "T", TUOHAI, HAIHE, FACE).at("2026-04-03")
    world.do(HAIHE, Scf.issue, **issue(to=TUOHAI, invoices=("T",))).do(TUOHAI, Scf.accept, certificate=ROOT)
    world.at("2026-04-07").do(TUOHAI, Scf.apply_finance, **terms()).do(YANSHAN, Scf.query_registry, certificate=ROOT)
    world.do(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=("T",), flags=())
    world.do(YANSHAN, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-07"), months=12)
    world.do((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET)
    world.at("2026-10-06").do(LULIN, Scf.mark_overdue, certificate=ROOT).do(YANSHAN, Scf.claim_recourse, certificate=ROOT)
    assert world.code((BEICHEN, CLEARING), Scf.pay_recourse, certificate=ROOT) == "not-seller"
    assert world.code((TUOHAI, CLEARING), Scf.pay_recourse, certificate=ROOT) == "ok"
    assert world.contract.certificates[ROOT].holder == TUOHAI


LULIN_GETS_ALL = {"certificate": ROOT, "parts": [part(LULIN, FACE, "L")]}
DISBURSE = {"certificate": ROOT, "net_cents": NET}
WHILE_SUSPENDED: dict[str, tuple[Callable[[], World], str, Callable[[World], str]]] = {
    "split": (held, BEICHEN, lambda w: w.code(BEICHEN, Scf.split_transfer, **LULIN_GETS_ALL)),
    "confirm": (
        lambda: invoiced(held(), "Q", LULIN, BEICHEN, 5, confirm=False),
        BEICHEN,
        lambda w: w.code(BEICHEN, Scf.confirm_payable, invoice="Q"),
    ),
    "disburse, seller": (registered, BEICHEN, lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, **DISBURSE)),
    "disburse, bank": (registered, YANSHAN, lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, **DISBURSE)),
    "offer early pay": (held, HAIHE, lambda w: w.code(HAIHE, Scf.offer_early_pay, **OFFER)),
}


@pytest.mark.parametrize("name", WHILE_SUSPENDED)
def test_whoever_is_suspended_enters_nothing_new(name: str) -> None:
    begin, member, attempt = WHILE_SUSPENDED[name]
    assert attempt(begin()) == "ok"
    assert attempt(suspended(begin(), member)) == "suspended"


def test_several_sealed_invoices_behind_a_part_are_all_used_and_all_checked() -> None:
    world = sealed(sealed(held(), "S1", LULIN, BEICHEN), "S2", LULIN, BEICHEN)
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE, "S1", "S2")])
    assert world.contract.invoices_behind("R-1") == ("A", "S1", "S2")
    assert [world.contract.invoices[name].used_by for name in ("S1", "S2")] == ["R-1", "R-1"]
    world.do(LULIN, Scf.reject, certificate="R-1")
    again = {"certificate": "R-1-1", "parts": [part(LULIN, 1, "S2"), part(BEICHEN, FACE - 1)]}
    assert world.code(BEICHEN, Scf.split_transfer, **again) == "ok"
    once_more = {"certificate": "R-1-1-2", "parts": [part(LULIN, FACE - 1, "S1", "S2")]}
    assert world.code(BEICHEN, Scf.split_transfer, **once_more) == "invoice-used-up"


@pytest.mark.parametrize("reason", [" ", "\u200b", "--", "\u3000…"])
def test_a_reason_has_words(reason: str) -> None:
    world = invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03")
    assert world.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2026-12-01"), reason=reason)) == "tenor-without-reason"
    assert world.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2026-12-01"), reason="长期项目")) == "ok"
