"""The rule table of supply-chain finance: every state × operation × signer, found by trying, compared with a golden file.

The first part follows one certificate of ten million through its states; the second one an invoice, and its parties.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ledger.contract import Operation
from ledger.errors import RefusedError
from scenarios.dates import on
from scenarios.supply_chain_finance import cast, payments, services
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import CertificateState
from scenarios.supply_chain_finance.signatures import TABLE as ENTITLED
from scenarios.supply_chain_finance.transitions import CERTIFICATES
from tests import scf_world as given
from tests.contract_world import World as AnyWorld
from tests.rule_table import GOLDEN, Attempt, RuleTable
from tests.scf_world import World

NAME = "supply-chain-finance"
PARTIES = {
    "core": cast.HAIHE, "core 2": cast.TUOHAI, "seller": cast.BEICHEN, "tier 2": cast.LULIN,
    "bank": cast.YANSHAN, "bank 2": cast.LANHAI, "platform": cast.TONGDA, "platform 2": cast.JINQIAO,
    "registry": cast.REGISTRY, "clearing": cast.CLEARING, "regulator": cast.REGULATOR, "court": cast.COURT,
}  # fmt: skip
Arguments = Callable[[AnyWorld[Any]], Mapping[str, object]]


def found(operation: Operation, signers: tuple[str, ...], field: str) -> Arguments:
    """The amount that the ledger would have, read from its refusal of a wrong one; 1 where it refuses for another reason."""

    def arguments(world: AnyWorld[Any]) -> Mapping[str, object]:
        try:
            world.copy().do(signers, operation, certificate=given.ROOT, **{field: 0})
        except RefusedError as error:
            return {"certificate": given.ROOT, field: error.details.get("expected_cents", 1)}
        raise AssertionError("nothing is a price")

    return arguments


def owed(world: AnyWorld[Any]) -> Mapping[str, object]:
    """All that the root's leaves are owed."""
    leaves = payments.live_leaves(world.contract, given.ROOT) if given.ROOT in world.contract.certificates else ()
    return {"certificate": given.ROOT, "amount_cents": sum(leaf.owed_cents for _, leaf in leaves) or 1}


def books(platform: str) -> Arguments:
    """What the platform's books say when they are right."""
    return lambda world: {"day_ms": world.time_ms, "tallies": services.tallies_of(world.contract, platform)}


def with_x(*, confirm: bool = True) -> World:
    """An invoice X of ten million."""
    return given.invoiced(given.opened().at("2026-04-03"), "X", cast.BEICHEN, cast.HAIHE, given.FACE, confirm=confirm)


IT = {"certificate": given.ROOT}
PARTS = [given.part(cast.BEICHEN, 4 * given.MILLION), given.part(cast.LULIN, 6 * given.MILLION, "L")]
CERTIFICATE_STATES: Mapping[str, Callable[[], World]] = {
    "none": lambda: given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, given.FACE).at("2026-04-03"),
    "pending": given.issued,
    "active": given.held,
    "active, offer": given.offered,
    "active, due": lambda: given.held().at("2026-10-05"),
    "active, late": lambda: given.held().at("2026-10-06"),
    "consumed": lambda: given.split(given.held()),
    "locked": given.applied,
    "locked, queried": lambda: given.applied().do(cast.YANSHAN, Scf.query_registry, certificate=given.ROOT),
    "locked, registered": given.registered,
    "financed": given.financed,
    "financed, due": lambda: given.financed().at("2026-10-05"),
    "overdue": given.overdue,
    "recourse": lambda: given.overdue().do(cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT),
    "frozen": lambda: given.frozen(given.held()),
    "frozen, due": lambda: given.frozen(given.financed()).at("2026-10-05"),
    "frozen, overdue": lambda: given.frozen(given.overdue()),
    "settled": lambda: given.held().at("2026-10-05").pay(given.FACE),
    "rejected": lambda: given.issued().do(cast.BEICHEN, Scf.reject, certificate=given.ROOT),
    "void": lambda: given.issued().do(cast.HAIHE, Scf.void, certificate=given.ROOT),
    "expired": lambda: given.issued().at("2026-04-20").do(cast.LULIN, Scf.expire, certificate=given.ROOT),
    "written-off": lambda: given.overdue().do(cast.YANSHAN, Scf.write_off, certificate=given.ROOT),
}
CERTIFICATE_ATTEMPTS = (
    Attempt(
        Scf.issue, given.issue("R2", amount_cents=given.MILLION, invoices=("B",), due_on_ms=on("2026-12-01"), reason="a bridge")
    ),
    Attempt(Scf.accept, IT),
    Attempt(Scf.reject, IT),
    Attempt(Scf.void, IT),
    Attempt(Scf.expire, IT),
    Attempt(Scf.split_transfer, {**IT, "parts": PARTS}),
    Attempt(Scf.offer_early_pay, {**given.OFFER, "until_ms": on("2026-12-01")}),
    Attempt(Scf.early_pay, found(Scf.early_pay, (cast.BEICHEN, cast.CLEARING), "price_cents"), beside=(cast.CLEARING,)),
    Attempt(Scf.apply_finance, given.terms()),
    Attempt(Scf.release, IT),
    Attempt(Scf.query_registry, IT),
    Attempt(Scf.check_documents, {**IT, "invoices": ("A",), "evidence": given.EVIDENCE}),
    Attempt(Scf.acknowledge_flags, {**IT, "flags": (), "reason": "none stands"}),
    Attempt(Scf.register_assignment, {**IT, "contract_on_ms": on("2026-04-07"), "months": 12}),
    Attempt(Scf.disburse, found(Scf.disburse, (cast.YANSHAN, cast.CLEARING), "net_cents"), beside=(cast.CLEARING,)),
    Attempt(Scf.expire_registration, IT),
    Attempt(Scf.cancel_registration, IT),
    Attempt(Scf.pay_at_maturity, owed, beside=(cast.CLEARING,)),
    Attempt(Scf.mark_overdue, IT),
    Attempt(Scf.claim_recourse, IT),
    Attempt(Scf.pay_recourse, IT, beside=(cast.CLEARING,)),
    Attempt(Scf.write_off, IT),
    Attempt(Scf.freeze, {**IT, "order": "an order"}),
    Attempt(Scf.unfreeze, {**IT, "order": "lifted"}),
    Attempt(Scf.reconcile, books(cast.TONGDA)),
)
TRADE_STATES: Mapping[str, Callable[[], World]] = {
    "no invoice": lambda: given.opened().at("2026-04-03"),
    "registered": lambda: with_x(confirm=False),
    "disputed": lambda: with_x(confirm=False).do(cast.HAIHE, Scf.dispute, invoice="X", reason="broken"),
    "confirmed": lambda: with_x(),
    "used": lambda: with_x().do(cast.HAIHE, Scf.issue, **given.issue(invoices=("X",))),
    "used elsewhere": given.reported,
    "X used elsewhere": lambda: given.used_elsewhere(with_x(confirm=False), "X", cast.BEICHEN, cast.HAIHE),
    "suspended": lambda: given.suspended(given.opened().at("2026-04-03"), cast.BEICHEN),
    "barred": lambda: given.barred(given.opened().at("2026-04-03")),
}
LATER = on("2026-06-01")
BOND = {"core": cast.HAIHE, "cause": "bond-default", "reference": "a bond"}
TRADE_ATTEMPTS = (
    Attempt(Scf.set_tenor_rule, {"effective_on_ms": LATER, "limits": cast.limits(6, 6)}),
    Attempt(Scf.set_holidays, {"days": (LATER,), "name": "a storm"}),
    Attempt(Scf.announce_default, BOND),
    Attempt(Scf.announce_cure, BOND),
    Attempt(Scf.onboard, {"member": "new.person", "kind": "supplier", "uscc": "91350100M000100Y43", "licence": given.LICENCE}),
    Attempt(Scf.suspend, {"member": cast.BEICHEN, "reason": "licence withdrawn"}),
    Attempt(Scf.reinstate, {"member": cast.BEICHEN, "licence": given.LICENCE}),
    Attempt(Scf.set_line, {"core": cast.HAIHE, "limit_cents": 2 * given.FACE, "expires_on_ms": on("2027-06-01")}),
    Attempt(
        Scf.register_invoice,
        given.registration("Y", given.vat("X"), cast.BEICHEN, cast.HAIHE),
        (cast.REGISTRY,),
        "X once more",
    ),
    Attempt(
        Scf.register_invoice, given.registration("J", given.vat("J"), cast.LULIN, cast.BEICHEN), (cast.REGISTRY,), "J of tier 2"
    ),
    Attempt(Scf.register_sealed_invoice, given.sealing("Z", "Z", cast.BEICHEN, cast.HAIHE), (cast.REGISTRY,)),
    Attempt(Scf.report_use, given.prints(given.vat("X"), cast.BEICHEN, cast.HAIHE), (cast.REGISTRY,), "X"),
    Attempt(Scf.report_use, given.prints(given.vat("J"), cast.LULIN, cast.BEICHEN), (cast.REGISTRY,), "J"),
    Attempt(
        Scf.withdraw_use, {**given.prints(given.vat("X"), cast.BEICHEN, cast.HAIHE), "reason": "a mistake"}, (cast.REGISTRY,)
    ),
    Attempt(Scf.confirm_payable, {"invoice": "X"}),
    Attempt(Scf.dispute, {"invoice": "X", "reason": "noise"}),
    Attempt(Scf.credit_invoice, given.credit(1, invoice="X"), (cast.REGISTRY,)),
    Attempt(Scf.declare_relation, {"member": cast.BEICHEN, "other": cast.HAIHE, "ground": "30 %"}),
    Attempt(Scf.issue, given.issue("R2", amount_cents=given.MILLION, invoices=("X",)), (), "on X"),
)


def certificates() -> RuleTable:
    """The certificate's part; every world has an invoice for another promise, and is otherwise as it stands."""
    states = {
        name: lambda begin=begin: given.invoiced(begin(), "B", cast.BEICHEN, cast.HAIHE, given.MILLION)
        for name, begin in CERTIFICATE_STATES.items()
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
        certificate = begin().contract.certificates.get(given.ROOT)
        assert (certificate.state if certificate else "none") == name.partition(",")[0]


def state_of(name: str) -> Any:
    return name.partition(",")[0]


@pytest.mark.parametrize("name", CERTIFICATE_STATES)
def test_operations_lead_where_the_table_of_states_says(name: str) -> None:
    begun, before = CERTIFICATE_STATES[name](), state_of(name)
    if before in ("none", "consumed", "frozen"):
        return  # nothing to lead from; a root whose parts move; what shows when the court lifts its order
    for attempt in CERTIFICATE_ATTEMPTS:
        ways = CERTIFICATES.get(attempt.operation.name, {})
        for member in PARTIES.values() if ways else ():
            world = begun.copy()
            if certificates().cell(world, attempt, member) == "ok" and attempt.operation.name != "issue":
                kept = before if attempt.operation.name == "mark_overdue" else "refused"  # marked twice it stays as it is
                after = world.contract.certificates[given.ROOT].state
                assert after == ways.get(before, kept), (attempt.operation.name, member)


def test_the_oracle_of_signatures_knows_every_change_of_the_table_of_states() -> None:
    changes = {(before or "none", after) for ways in CERTIFICATES.values() for before, after in ways.items() if before != after}
    thaws = {change for change in ENTITLED if change[0] == "frozen"}
    assert changes == ENTITLED.keys() - thaws


def test_every_cell_is_as_it_was_read() -> None:
    assert text() == (GOLDEN / f"rules_{NAME}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    (GOLDEN / f"rules_{NAME}.txt").write_text(text(), encoding="utf-8")
