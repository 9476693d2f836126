"""What somebody might try around the rules of supply-chain finance, by its purpose."""

from collections.abc import Callable

import pytest

from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.state import invoices_behind
from tests import scf_rules
from tests import scf_world as given
from tests.scf_rules import attempt
from tests.scf_world import World


def test_a_core_that_sold_with_recourse_buys_back_like_a_supplier() -> None:
    world = given.invoiced(given.opened(), "T", cast.TUOHAI, cast.HAIHE, given.FACE).at("2026-04-03")
    world.do(cast.HAIHE, Scf.issue, **given.issue(to=cast.TUOHAI, invoices=("T",))).do(
        cast.TUOHAI, Scf.accept, certificate=given.ROOT
    )
    world.at("2026-04-07").do(cast.TUOHAI, Scf.apply_finance, **given.terms()).register("T")
    world.do((cast.YANSHAN, cast.CLEARING), Scf.disburse, certificate=given.ROOT, net_cents=given.NET)
    world.at("2026-10-06").do(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT).do(
        cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT
    )
    assert world.code((cast.BEICHEN, cast.CLEARING), Scf.pay_recourse, certificate=given.ROOT) == "not-seller"
    assert world.code((cast.TUOHAI, cast.CLEARING), Scf.pay_recourse, certificate=given.ROOT) == "ok"
    assert world.contract.certificates[given.ROOT].holder == cast.TUOHAI


LULIN_GETS_ALL = {"certificate": given.ROOT, "parts": [given.part(cast.LULIN, given.FACE, "L")]}
OFFERED = lambda: given.held().do(cast.BEICHEN, Scf.split_transfer, **LULIN_GETS_ALL)  # noqa: E731
UNCONFIRMED = lambda: given.invoiced(given.held(), "Q", cast.LULIN, cast.BEICHEN, 5, confirm=False)  # noqa: E731
DISBURSE = {"certificate": given.ROOT, "net_cents": given.NET}
WHILE_SUSPENDED: dict[str, tuple[Callable[[], World], str, scf_rules.Attempt]] = {
    "split": (given.held, cast.BEICHEN, attempt(cast.BEICHEN, Scf.split_transfer, **LULIN_GETS_ALL)),
    "accept": (OFFERED, cast.LULIN, attempt(cast.LULIN, Scf.accept, certificate="R-1")),
    "confirm": (UNCONFIRMED, cast.BEICHEN, attempt(cast.BEICHEN, Scf.confirm_payable, invoice="Q")),
    "disburse, seller": (given.registered, cast.BEICHEN, attempt((cast.YANSHAN, cast.CLEARING), Scf.disburse, **DISBURSE)),
    "disburse, bank": (given.registered, cast.YANSHAN, attempt((cast.YANSHAN, cast.CLEARING), Scf.disburse, **DISBURSE)),
    "offer early pay": (given.held, cast.HAIHE, attempt(cast.HAIHE, Scf.offer_early_pay, **given.OFFER)),
}


@pytest.mark.parametrize("name", WHILE_SUSPENDED)
def test_whoever_is_suspended_enters_nothing_new(name: str) -> None:
    begin, member, tried = WHILE_SUSPENDED[name]
    assert tried(begin()) == "ok"
    assert tried(given.suspended(begin(), member)) == "suspended"


def test_several_sealed_invoices_behind_a_part_are_all_used_and_all_checked() -> None:
    world = given.sealed(given.sealed(given.held(), "S1", cast.LULIN, cast.BEICHEN), "S2", cast.LULIN, cast.BEICHEN)
    world.split(cast.BEICHEN, given.ROOT, (cast.LULIN, given.FACE, "S1", "S2"))
    assert invoices_behind(world.contract, "R-1") == ("A", "S1", "S2")
    assert [world.contract.invoices[name].used_by for name in ("S1", "S2")] == ["R-1", "R-1"]
    world.do(cast.LULIN, Scf.reject, certificate="R-1")
    again = {"certificate": "R-1-1", "parts": [given.part(cast.LULIN, 1, "S2"), given.part(cast.BEICHEN, given.FACE - 1)]}
    assert world.code(cast.BEICHEN, Scf.split_transfer, **again) == "ok"
    once_more = {"certificate": "R-1-1-2", "parts": [given.part(cast.LULIN, given.FACE - 1, "S1", "S2")]}
    assert world.code(cast.BEICHEN, Scf.split_transfer, **once_more) == "invoice-used-up"
