"""Attempts that one rule alone refuses, for what joined supply-chain finance later: name `code (place)` → world and attempt."""

from collections.abc import Callable

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
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests.scf_world import (
    FACE,
    MILLION,
    NET,
    ROOT,
    World,
    applied,
    financed,
    held,
    invoiced,
    issue,
    numbered,
    opened,
    registered,
    registration,
    sealed,
    sealing,
    split,
    terms,
)

LICENCE = "1" * 64
OFFER = {"certificate": ROOT, "rate_ppm": 45_000, "until_ms": on("2026-07-16")}
PRICE = 9_890_000_00
"""Of ten million at 4.5 % on the price for 89 days, from 8 July to 5 October, but for what the test works out."""


def use(number: str, seller: str, buyer: str) -> dict[str, object]:
    """Arguments of another platform's report."""
    prints = numbered(number, seller, buyer)
    return {"fingerprint": prints["fingerprint"], "stem": prints["stem"]}


def reported() -> World:
    """An invoice J-1 of Lulin to Beichen is used on another platform."""
    return held().do((JINQIAO, REGISTRY), Scf.report_use, **use("J-1", LULIN, BEICHEN))


def suspended(world: World, member: str) -> World:
    """A member whose licence was withdrawn."""
    return world.do(TONGDA, Scf.suspend, member=member, reason="licence withdrawn")


def barred(world: World) -> World:
    """Haihe has defaulted on a bond."""
    return world.do(REGULATOR, Scf.announce_default, core=HAIHE, cause="bond-default", reference="bond 24 Haihe 01")


def ready(world: World) -> World:
    """Something that Haihe could promise against."""
    return invoiced(world, "B", BEICHEN, HAIHE, MILLION)


def offered() -> World:
    """Haihe offers to pay the root early, until 16 July; 8 July."""
    return held().at("2026-07-08").do(HAIHE, Scf.offer_early_pay, **OFFER)


def frozen(world: World, certificate: str = ROOT) -> World:
    """A court has frozen a certificate."""
    return world.do(COURT, Scf.freeze, certificate=certificate, order="(2026) 61")


def run_out() -> World:
    """Yanshan registered for a month on 7 April; it is 7 May."""
    world = applied().do(YANSHAN, Scf.query_registry, certificate=ROOT)
    world.do(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=("A",), flags=())
    world.do(YANSHAN, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-07"), months=1)
    return world.at("2026-05-07")


def set_aside() -> World:
    """Lulin's six million of ten were frozen, and Haihe has paid all."""
    world = frozen(split(held()), "R-2").at("2026-10-05")
    return world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)


def tallied(count: int = 1, owed_cents: int = FACE, day: str = "2026-04-07") -> dict[str, object]:
    """Arguments of a reconciliation, by the platform's books."""
    return {"day_ms": on(day), "tallies": [{"core": HAIHE, "count": count, "owed_cents": owed_cents}]}


def beyond() -> dict[str, object]:
    """The same with a core that owes nothing."""
    true = tallied()
    assert isinstance(true["tallies"], list)
    return {**true, "tallies": [*true["tallies"], {"core": "tuohai.sun", "count": 1, "owed_cents": 1}]}


def second_order(world: World) -> dict[str, object]:
    """Another promise of a million, in December."""
    return issue("R2", amount_cents=MILLION, invoices=("B",), due_on_ms=on("2026-09-01"))


Attempt = Callable[[World], str]
MORE_RULES: dict[str, tuple[Callable[[], World], Attempt]] = {
    # Parties and limits
    "announced-already": (
        lambda: barred(opened()),
        lambda w: w.code(REGULATOR, Scf.announce_default, core=HAIHE, cause="bond-default", reference="again"),
    ),
    "not-announced": (
        lambda: barred(opened()),
        lambda w: w.code(REGULATOR, Scf.announce_cure, core=HAIHE, cause="bills-overdue", reference="list of May"),
    ),
    "core-barred": (lambda: barred(ready(held())), lambda w: w.code(HAIHE, Scf.issue, **second_order(w))),
    "suspended": (lambda: suspended(opened(), LULIN), lambda w: w.code(TONGDA, Scf.suspend, member=LULIN, reason="again")),
    "other-platform": (opened, lambda w: w.code(JINQIAO, Scf.suspend, member=LULIN, reason="envy")),
    "other-platform (reinstate)": (
        lambda: suspended(opened(), LULIN),
        lambda w: w.code(JINQIAO, Scf.reinstate, member=LULIN, licence=LICENCE),
    ),
    "not-suspended": (opened, lambda w: w.code(TONGDA, Scf.reinstate, member=LULIN, licence=LICENCE)),
    "suspended (apply)": (lambda: suspended(held(), BEICHEN), lambda w: w.code(BEICHEN, Scf.apply_finance, **terms())),
    "line-in-use (by the bank itself)": (
        lambda: financed().do(LANHAI, Scf.set_line, core=HAIHE, limit_cents=FACE, expires_on_ms=on("2027-03-31")),
        lambda w: w.code(YANSHAN, Scf.set_line, core=HAIHE, limit_cents=FACE - 1, expires_on_ms=on("2027-03-31")),
    ),
    "retroactive (line)": (
        held,
        lambda w: w.code(LANHAI, Scf.set_line, core=HAIHE, limit_cents=10**14, expires_on_ms=on("2026-04-07")),
    ),
    # Invoices
    "bank-no-seller": (
        opened,
        lambda w: w.code((YANSHAN, LULIN, REGISTRY), Scf.register_sealed_invoice, **sealing("Y", "1", YANSHAN, BEICHEN)),
    ),
    "duplicate-invoice (open after sealed)": (
        lambda: sealed(opened(), "S1", LULIN, BEICHEN),
        lambda w: w.code((LULIN, REGISTRY), Scf.register_invoice, **registration("O", "Sealed-S1/of 2026", LULIN, BEICHEN)),
    ),
    "duplicate-invoice (sealed after open)": (
        held,
        lambda w: w.code((LULIN, REGISTRY), Scf.register_sealed_invoice, **sealing("S", "number L of 2026", LULIN, BEICHEN)),
    ),
    "duplicate-invoice (on another platform)": (
        held,
        lambda w: w.code((JINQIAO, REGISTRY), Scf.report_use, **use("Number L of 2026", LULIN, BEICHEN)),
    ),
    "used-elsewhere": (
        reported,
        lambda w: w.code((LULIN, REGISTRY), Scf.register_invoice, **registration("J", "j 1", LULIN, BEICHEN)),
    ),
    # Registry and finance
    "not-registered (run out)": (
        run_out,
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    "registration-runs": (registered, lambda w: w.code(LULIN, Scf.expire_registration, certificate=ROOT)),
    "registration-over": (
        lambda: registered().do(YANSHAN, Scf.release, certificate=ROOT),
        lambda w: w.code(YANSHAN, Scf.cancel_registration, certificate=ROOT),
    ),
    "still-live (frozen)": (
        lambda: frozen(registered()),
        lambda w: w.code(YANSHAN, Scf.cancel_registration, certificate=ROOT),
    ),
    "over-own-line": (
        lambda: (
            registered()
            .do(LANHAI, Scf.set_line, core=HAIHE, limit_cents=FACE, expires_on_ms=on("2027-03-31"))
            .do(YANSHAN, Scf.set_line, core=HAIHE, limit_cents=FACE - 1, expires_on_ms=on("2027-03-31"))
        ),
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    # Paid early
    "not-core (offer)": (held, lambda w: w.code("tuohai.sun", Scf.offer_early_pay, **OFFER)),
    "retroactive (offer)": (
        lambda: held().at("2026-07-16"),
        lambda w: w.code(HAIHE, Scf.offer_early_pay, **OFFER),
    ),
    "core-barred (offer)": (lambda: barred(held()), lambda w: w.code(HAIHE, Scf.offer_early_pay, **OFFER)),
    "not-holder (early)": (offered, lambda w: w.code((LULIN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=1)),
    "no-early-offer": (held, lambda w: w.code((BEICHEN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=1)),
    "no-early-offer (over)": (
        lambda: offered().at("2026-07-16"),
        lambda w: w.code((BEICHEN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=1),
    ),
    "wrong-price": (offered, lambda w: w.code((BEICHEN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=PRICE)),
    "wrong-state (early)": (
        lambda: offered().do(BEICHEN, Scf.apply_finance, **terms()),
        lambda w: w.code((BEICHEN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=PRICE),
    ),
    # Freezing
    "wrong-state (freeze twice)": (
        lambda: frozen(held()),
        lambda w: w.code(COURT, Scf.freeze, certificate=ROOT, order="again"),
    ),
    "wrong-state (unfreeze)": (held, lambda w: w.code(COURT, Scf.unfreeze, certificate=ROOT, order="lifted")),
    "wrong-state (pay a frozen offer)": (
        lambda: frozen(pending()).at("2026-10-05"),
        lambda w: w.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE),
    ),
    "set-aside": (set_aside, lambda w: w.code(COURT, Scf.unfreeze, certificate="R-2", order="lifted")),
    # Reconciliation
    "wrong-day": (held, lambda w: w.code(TONGDA, Scf.reconcile, **tallied(day="2026-04-06"))),
    "reconciled-already": (
        lambda: held().do(TONGDA, Scf.reconcile, **tallied()),
        lambda w: w.code(TONGDA, Scf.reconcile, **tallied()),
    ),
    "books-differ": (held, lambda w: w.code(TONGDA, Scf.reconcile, **tallied(owed_cents=FACE - 1))),
    "books-beyond": (held, lambda w: w.code(TONGDA, Scf.reconcile, **beyond())),
}


def pending() -> World:
    """A root that Beichen has not accepted; 3 April."""
    return invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03").do(HAIHE, Scf.issue, **issue())
