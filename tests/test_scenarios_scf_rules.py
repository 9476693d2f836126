"""The rule table of supply-chain finance: every state × operation × signer, found by trying, compared with a golden file.

The first part follows one certificate of ten million through its states; the second one an invoice, and its parties.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.contract import Operation
from ledger.errors import RefusedError
from scenarios.dates import on
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    COURT,
    HAIHE,
    JINQIAO,
    LANHAI,
    LULIN,
    REGISTRY,
    REGULATOR,
    TONGDA,
    TUOHAI,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import CertificateState
from tests.contract_world import World as AnyWorld
from tests.rule_table import GOLDEN, Attempt, RuleTable
from tests.scf_rules import LICENCE, OFFER, barred, frozen, offered, reported, set_aside, suspended, use
from tests.scf_world import (
    FACE,
    MILLION,
    ROOT,
    World,
    applied,
    financed,
    held,
    invoiced,
    issue,
    issued,
    opened,
    overdue,
    part,
    registered,
    registration,
    sealing,
    split,
    terms,
)

NAME = "supply-chain-finance"
PARTIES = {
    "core": HAIHE, "core 2": TUOHAI, "seller": BEICHEN, "tier 2": LULIN, "bank": YANSHAN, "bank 2": LANHAI, "platform": TONGDA,
    "platform 2": JINQIAO, "registry": REGISTRY, "clearing": CLEARING, "regulator": REGULATOR, "court": COURT,
}  # fmt: skip
Arguments = Callable[[AnyWorld[Any]], Mapping[str, object]]


def found(operation: Operation, signers: tuple[str, ...], field: str) -> Arguments:
    """The amount that the ledger would have, read from its refusal of a wrong one; 1 where it refuses for another reason."""

    def arguments(world: AnyWorld[Any]) -> Mapping[str, object]:
        try:
            world.copy().do(signers, operation, certificate=ROOT, **{field: 0})
        except RefusedError as error:
            return {"certificate": ROOT, field: error.details.get("expected_cents", 1)}
        raise AssertionError("nothing is a price")

    return arguments


def owed(world: AnyWorld[Any]) -> Mapping[str, object]:
    """All that the root's leaves are owed."""
    leaves = world.contract.live_leaves(ROOT) if ROOT in world.contract.certificates else ()
    return {"certificate": ROOT, "amount_cents": sum(leaf.owed_cents for _, leaf in leaves) or 1}


def books(platform: str) -> Arguments:
    """What the platform's books say when they are right."""
    return lambda world: {"day_ms": world.time_ms, "tallies": world.contract.tallies(platform)}


def paid() -> World:
    world = held().at("2026-10-05")
    return world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)


IT = {"certificate": ROOT}
PARTS = [part(BEICHEN, 4 * MILLION), part(LULIN, 6 * MILLION, "L")]
CERTIFICATE_STATES: Mapping[str, Callable[[], World]] = {
    "none": lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
    "pending": issued,
    "active": held,
    "active, offer": offered,
    "active, due": lambda: held().at("2026-10-05"),
    "active, late": lambda: held().at("2026-10-06"),
    "consumed": lambda: split(held()),
    "locked": applied,
    "locked, queried": lambda: applied().do(YANSHAN, Scf.query_registry, certificate=ROOT),
    "locked, registered": registered,
    "financed": financed,
    "financed, due": lambda: financed().at("2026-10-05"),
    "overdue": overdue,
    "recourse": lambda: overdue().do(YANSHAN, Scf.claim_recourse, certificate=ROOT),
    "frozen": lambda: frozen(held()),
    "frozen, due": lambda: frozen(financed()).at("2026-10-05"),
    "frozen, overdue": lambda: frozen(overdue()),
    "settled": paid,
    "rejected": lambda: issued().do(BEICHEN, Scf.reject, certificate=ROOT),
    "void": lambda: issued().do(HAIHE, Scf.void, certificate=ROOT),
    "expired": lambda: issued().at("2026-04-20").do(LULIN, Scf.expire, certificate=ROOT),
    "written-off": lambda: overdue().do(YANSHAN, Scf.write_off, certificate=ROOT),
}
CERTIFICATE_ATTEMPTS = (
    Attempt(Scf.issue, issue("R2", amount_cents=MILLION, invoices=("B",), due_on_ms=on("2026-12-01"), reason="a bridge")),
    Attempt(Scf.accept, IT),
    Attempt(Scf.reject, IT),
    Attempt(Scf.void, IT),
    Attempt(Scf.expire, IT),
    Attempt(Scf.split_transfer, {**IT, "parts": PARTS}),
    Attempt(Scf.offer_early_pay, {**OFFER, "until_ms": on("2026-12-01")}),
    Attempt(Scf.early_pay, found(Scf.early_pay, (BEICHEN, CLEARING), "price_cents"), beside=(CLEARING,)),
    Attempt(Scf.apply_finance, terms()),
    Attempt(Scf.release, IT),
    Attempt(Scf.query_registry, IT),
    Attempt(Scf.check_documents, {**IT, "invoices": ("A",), "flags": ()}),
    Attempt(Scf.register_assignment, {**IT, "contract_on_ms": on("2026-04-07"), "months": 12}),
    Attempt(Scf.disburse, found(Scf.disburse, (YANSHAN, CLEARING), "net_cents"), beside=(CLEARING,)),
    Attempt(Scf.expire_registration, IT),
    Attempt(Scf.cancel_registration, IT),
    Attempt(Scf.pay_at_maturity, owed, beside=(CLEARING,)),
    Attempt(Scf.mark_overdue, IT),
    Attempt(Scf.claim_recourse, IT),
    Attempt(Scf.pay_recourse, IT, beside=(CLEARING,)),
    Attempt(Scf.write_off, IT),
    Attempt(Scf.freeze, {**IT, "order": "an order"}),
    Attempt(Scf.unfreeze, {**IT, "order": "lifted"}),
    Attempt(Scf.reconcile, books(TONGDA)),
)
TRADE_STATES: Mapping[str, Callable[[], World]] = {
    "no invoice": lambda: opened().at("2026-04-03"),
    "registered": lambda: invoiced(opened().at("2026-04-03"), "X", BEICHEN, HAIHE, FACE, confirm=False),
    "disputed": lambda: invoiced(opened().at("2026-04-03"), "X", BEICHEN, HAIHE, FACE, confirm=False).do(
        HAIHE, Scf.dispute, invoice="X", reason="broken"
    ),
    "confirmed": lambda: invoiced(opened().at("2026-04-03"), "X", BEICHEN, HAIHE, FACE),
    "used": lambda: invoiced(opened().at("2026-04-03"), "X", BEICHEN, HAIHE, FACE).do(HAIHE, Scf.issue, **issue(invoices=("X",))),
    "used elsewhere": reported,
    "suspended": lambda: suspended(opened().at("2026-04-03"), BEICHEN),
    "barred": lambda: barred(opened().at("2026-04-03")),
}
LATER = on("2026-06-01")
BOND = {"core": HAIHE, "cause": "bond-default", "reference": "a bond"}
TRADE_ATTEMPTS = (
    Attempt(Scf.set_tenor_rule, {"effective_on_ms": LATER, "months_max": 6, "months_without_reason": 6}),
    Attempt(Scf.set_holidays, {"days": (LATER,), "name": "a storm"}),
    Attempt(Scf.announce_default, BOND),
    Attempt(Scf.announce_cure, BOND),
    Attempt(Scf.onboard, {"member": "new.person", "kind": "supplier", "uscc": "91350100M000100Y43", "licence": LICENCE}),
    Attempt(Scf.suspend, {"member": BEICHEN, "reason": "licence withdrawn"}),
    Attempt(Scf.reinstate, {"member": BEICHEN, "licence": LICENCE}),
    Attempt(Scf.set_line, {"core": HAIHE, "limit_cents": 2 * FACE, "expires_on_ms": on("2027-06-01")}),
    Attempt(Scf.register_invoice, registration("Y", "number X of 2026", BEICHEN, HAIHE), (REGISTRY,), "X once more"),
    Attempt(Scf.register_invoice, registration("J", "J-1", LULIN, BEICHEN), (REGISTRY,), "J-1 of tier 2"),
    Attempt(Scf.register_sealed_invoice, sealing("Z", "Z", BEICHEN, HAIHE), (REGISTRY,)),
    Attempt(Scf.report_use, use("number X of 2026", BEICHEN, HAIHE), (REGISTRY,), "X"),
    Attempt(Scf.report_use, use("J-1", LULIN, BEICHEN), (REGISTRY,), "J-1"),
    Attempt(Scf.confirm_payable, {"invoice": "X"}),
    Attempt(Scf.dispute, {"invoice": "X", "reason": "noise"}),
    Attempt(Scf.issue, issue("R2", amount_cents=MILLION, invoices=("X",)), (), "on X"),
)


def certificates() -> RuleTable:
    """The certificate's part; every world has an invoice for another promise, and is otherwise as it stands."""
    states = {
        name: lambda begin=begin: invoiced(begin(), "B", BEICHEN, HAIHE, MILLION) for name, begin in CERTIFICATE_STATES.items()
    }
    return RuleTable(Scf, states, CERTIFICATE_ATTEMPTS, PARTIES)


def trades() -> RuleTable:
    """The part of invoices and parties; somebody new waits to be let in."""

    def with_newcomer(begin: Callable[[], World]) -> World:
        world = begin()
        world.enrol("new.person", "supplier")
        return world

    states = {name: lambda begin=begin: with_newcomer(begin) for name, begin in TRADE_STATES.items()}
    return RuleTable(Scf, states, TRADE_ATTEMPTS, PARTIES)


def text() -> str:
    """Both parts."""
    return f"{certificates().text()}\n{trades().text()}"


def test_every_operation_is_tried_in_one_of_the_parts() -> None:
    assert set(certificates().untried()) & set(trades().untried()) == set()


def test_every_state_of_a_certificate_stands_in_the_table() -> None:
    named = {name.partition(",")[0] for name in CERTIFICATE_STATES} - {"none"}
    assert named == set(CertificateState.__args__)  # type: ignore[attr-defined]
    for name, begin in CERTIFICATE_STATES.items():
        certificate = begin().contract.certificates.get(ROOT)
        assert (certificate.state if certificate else "none") == name.partition(",")[0]


def test_every_cell_is_as_it_was_read() -> None:
    assert text() == (GOLDEN / f"rules_{NAME}.txt").read_text(encoding="utf-8")


def test_what_was_set_aside_is_paid_with_the_custodians_signature() -> None:
    world = set_aside()
    assert world.code((COURT, CLEARING), Scf.unfreeze, certificate="R-2", order="lifted") == "ok"
    assert world.contract.certificates["R-2"].state == "settled"
    assert world.contract.accounts[CLEARING].change_cents == 0
    assert world.contract.accounts[LULIN].change_cents == 6 * MILLION


if __name__ == "__main__":
    (GOLDEN / f"rules_{NAME}.txt").write_text(text(), encoding="utf-8")
