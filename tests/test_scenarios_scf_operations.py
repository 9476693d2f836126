"""What the later operations of supply-chain finance write: early payment, freezing, registrations, books, large amounts."""

import pytest

from scenarios.dates import on
from scenarios.money import annual_cost_ppm, discounted_cents, interest_cents
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    COURT,
    HAIHE,
    JINQIAO,
    LANHAI,
    LULIN,
    MINGHE,
    REGISTRY,
    REGULATOR,
    TONGDA,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import AMOUNT_CENTS_MAX
from tests.scf_rules import LICENCE, OFFER, barred, frozen, offered, ready, run_out, second_order, set_aside, suspended, use
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
    opened,
    overdue,
    part,
    registration,
    sealed,
    sealing,
    split,
    terms,
)


def changes(world: World) -> dict[str, int]:
    return {name: account.change_cents for name, account in world.contract.accounts.items() if account.change_cents}


# Early payment


def test_two_per_cent_for_thirty_days_are_a_quarter_a_year() -> None:
    """The vector of the trade: a discount d taken t days early costs d / (1 - d) x 360 / t; 2 % for 30 days is 24.49 %."""
    rate_ppm = annual_cost_ppm(1_000_000_00, 980_000_00, 30)
    assert rate_ppm == 244_898
    assert discounted_cents(1_000_000_00, rate_ppm, on("2026-09-01"), on("2026-10-01")) == 980_000_00


def test_a_price_moves_with_the_days_that_are_left() -> None:
    prices = [discounted_cents(FACE, 45_000, on(day), on("2026-10-05")) for day in ("2026-07-08", "2026-07-09", "2026-10-05")]
    assert prices[0] < prices[1] < prices[2] == FACE


def test_a_holder_that_takes_the_offer_has_less_and_has_it_now() -> None:
    price = discounted_cents(FACE, 45_000, on("2026-07-08"), on("2026-10-05"))
    world = offered().do((BEICHEN, CLEARING), Scf.early_pay, certificate=ROOT, price_cents=price)
    found = world.contract.certificates[ROOT]
    assert (found.state, found.paid_cents, found.discount_cents) == ("settled", price, FACE - price)
    assert changes(world) == {HAIHE: -price, BEICHEN: price}
    assert world.contract.obligors[HAIHE].outstanding_cents == 0
    assert dict(world.contract.maturities.items()) == {}
    assert world.at("2026-10-06").code(LULIN, Scf.mark_overdue, certificate=ROOT) == "wrong-state"


def test_what_was_paid_early_is_not_paid_once_more_on_the_day() -> None:
    world = split(held()).at("2026-07-08").do(HAIHE, Scf.offer_early_pay, **{**OFFER, "certificate": "R-2"})
    price = discounted_cents(6 * MILLION, 45_000, on("2026-07-08"), on("2026-10-05"))
    world.do((LULIN, CLEARING), Scf.early_pay, certificate="R-2", price_cents=price).at("2026-10-05")
    assert world.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE) == "over-payment"
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=4 * MILLION)
    assert changes(world) == {HAIHE: -price - 4 * MILLION, LULIN: price, BEICHEN: 4 * MILLION}


# Freezing


def test_a_frozen_leafs_share_is_set_aside_and_the_core_is_discharged() -> None:
    world = set_aside()
    assert changes(world) == {HAIHE: -FACE, BEICHEN: 4 * MILLION, CLEARING: 6 * MILLION}
    obligor = world.contract.obligors[HAIHE]
    assert (obligor.outstanding_cents, obligor.blocked) == (0, False)
    leaf, order = world.contract.certificates["R-2"], world.contract.freezes["R-2"]
    assert (leaf.state, leaf.holder, order.before, order.held_cents) == ("frozen", LULIN, "settled", 6 * MILLION)
    assert world.at("2026-10-06").code(LULIN, Scf.mark_overdue, certificate=ROOT) == "wrong-state"


def test_a_frozen_leaf_of_a_core_that_pays_too_little_thaws_overdue() -> None:
    world = frozen(split(held()), "R-2").at("2026-10-05")
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=5 * MILLION)
    assert world.contract.freezes["R-2"].before == "overdue"
    assert world.contract.obligors[HAIHE].overdue_cents == 5 * MILLION
    world.do((COURT, CLEARING), Scf.unfreeze, certificate="R-2", order="lifted")
    leaf = world.contract.certificates["R-2"]
    assert (leaf.state, leaf.paid_cents, leaf.owed_cents) == ("overdue", 3 * MILLION, 3 * MILLION)
    assert changes(world) == {HAIHE: -5 * MILLION, BEICHEN: 2 * MILLION, LULIN: 3 * MILLION}


@pytest.mark.parametrize(
    ("begin", "state"),
    [(held, "active"), (applied, "locked"), (financed, "financed"), (overdue, "overdue")],
    ids=["active", "locked", "financed", "overdue"],
)
def test_a_thawed_certificate_is_what_it_was(begin: object, state: str) -> None:
    assert callable(begin)
    world = frozen(begin())
    assert world.contract.certificates[ROOT].state == "frozen"
    world.do(COURT, Scf.unfreeze, certificate=ROOT, order="lifted")
    assert world.contract.certificates[ROOT].state == state
    assert dict(world.contract.freezes.items()) == {}


def test_a_frozen_certificate_that_nobody_pays_blocks_its_core() -> None:
    world = frozen(held()).at("2026-10-06").do(LULIN, Scf.mark_overdue, certificate=ROOT)
    assert world.contract.certificates[ROOT].state == "frozen"
    assert world.contract.obligors[HAIHE].blocked
    assert world.code(LULIN, Scf.mark_overdue, certificate=ROOT) == "ok"
    assert world.contract.obligors[HAIHE].overdue_cents == FACE, "marked twice, owed once"


# Registrations


def test_after_an_entry_has_run_out_another_bank_may_register() -> None:
    world = run_out().do(BEICHEN, Scf.release, certificate=ROOT)
    assert world.contract.registrations[ROOT].state == "expired"
    world.do(BEICHEN, Scf.apply_finance, **terms(bank=LANHAI)).do(LANHAI, Scf.query_registry, certificate=ROOT)
    assert world.events[-1] == ("registry-answered", {"certificate": ROOT, "assigned": False})
    world.do(LANHAI, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-05-07"), months=12)
    assert world.contract.registrations[ROOT].assignee == LANHAI
    assert world.contract.registrations[ROOT].state == "registered"


def test_an_entry_is_marked_as_expired_once() -> None:
    world = run_out().do(MINGHE, Scf.expire_registration, certificate=ROOT)
    assert world.contract.registrations[ROOT].state == "expired"
    assert world.code(MINGHE, Scf.expire_registration, certificate=ROOT) == "registration-runs"


# Announced defaults, suspension, terms


def test_a_barred_core_is_free_when_the_last_cause_is_cured() -> None:
    world = barred(ready(held()))
    world.do(REGULATOR, Scf.announce_default, core=HAIHE, cause="bills-overdue", reference="list of June")
    for cause in ("bond-default", "bills-overdue"):
        assert world.code(HAIHE, Scf.issue, **second_order(world)) == "core-barred"
        world.do(REGULATOR, Scf.announce_cure, core=HAIHE, cause=cause, reference="paid")
    assert world.code(HAIHE, Scf.issue, **second_order(world)) == "ok"


def test_a_barred_core_pays_what_it_owes() -> None:
    world = barred(held()).at("2026-10-05")
    assert world.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE) == "ok"


def test_a_suspended_holder_is_paid_and_enters_nothing() -> None:
    world = suspended(split(held()), LULIN)
    assert world.code((LULIN, REGISTRY), Scf.register_invoice, **registration("N", "N", LULIN, BEICHEN)) == "suspended"
    assert world.code(LULIN, Scf.apply_finance, **terms(certificate="R-2")) == "suspended"
    world.at("2026-10-05").do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)
    assert changes(world)[LULIN] == 6 * MILLION
    world.do(TONGDA, Scf.reinstate, member=LULIN, licence=LICENCE)
    assert world.code((LULIN, REGISTRY), Scf.register_invoice, **registration("N", "N", LULIN, BEICHEN)) == "ok"


def test_a_suspended_receiver_does_not_accept() -> None:
    world = held().do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE, "L")])
    assert suspended(world, LULIN).code(LULIN, Scf.accept, certificate="R-1") == "suspended"


def test_a_shorter_limit_counts_for_what_is_issued_from_its_day_on() -> None:
    world = invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03")
    world.do(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-05-01"), months_max=6, months_without_reason=6)
    long = {"amount_cents": MILLION, "reason": "a bridge"}
    world.do(HAIHE, Scf.issue, **issue("R1", **long, due_on_ms=on("2026-12-03"))).do(BEICHEN, Scf.accept, certificate="R1")
    world.at("2026-05-01")
    assert world.code(HAIHE, Scf.issue, **issue("R2", **long, due_on_ms=on("2026-12-01"))) == "tenor-too-long"
    assert world.code(HAIHE, Scf.issue, **issue("R3", **long, due_on_ms=on("2026-11-01"))) == "ok"
    assert world.at("2026-12-03").code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate="R1", amount_cents=MILLION) == "ok"


# Invoices


def test_like_invoices_are_marked_with_how_they_match() -> None:
    world = opened()
    for name, number, cents in (("A", "K-7001", 50_000), ("B", "K-7001-2", 20_000), ("C", "Q-1", 50_000), ("D", "Z-9", 70_000)):
        world.do((BEICHEN, REGISTRY), Scf.register_invoice, **registration(name, number, BEICHEN, HAIHE, cents=cents))
    found = [(name, invoice.match, invoice.resembles) for name, invoice in world.contract.invoices.items()]
    assert found == [("A", "none", ""), ("B", "number", "A"), ("C", "amount", "A"), ("D", "none", "")]


def test_lines_of_a_sealed_invoice_and_of_one_used_elsewhere_are_marked() -> None:
    world = opened().do((JINQIAO, REGISTRY), Scf.report_use, **use("P 100", LULIN, BEICHEN))
    world.do((LULIN, REGISTRY), Scf.register_sealed_invoice, **sealing("S", "T 200", LULIN, BEICHEN))
    world.do((LULIN, REGISTRY), Scf.register_invoice, **registration("T2", "T-200-2", LULIN, BEICHEN))
    world.do((LULIN, REGISTRY), Scf.register_sealed_invoice, **sealing("P2", "P/100/B", LULIN, BEICHEN))
    found = world.contract.invoices
    assert (found["T2"].match, found["T2"].resembles) == ("number", "S")
    assert (found["P2"].match, found["P2"].resembles) == ("number", JINQIAO)


def test_a_mark_reaches_the_certificate() -> None:
    world = sealed(held(), "S", LULIN, BEICHEN)
    world.do((LULIN, REGISTRY), Scf.register_invoice, **registration("S2", "sealed S of 2026 2", LULIN, BEICHEN, cents=MILLION))
    world.do(BEICHEN, Scf.confirm_payable, invoice="S2")
    parts = [part(BEICHEN, 9 * MILLION), part(LULIN, MILLION, "S2")]
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts)
    assert world.contract.certificates["R-2"].flags == ("similar-invoice",)


# Books of a day


def test_books_are_kept_by_platform_and_agree_after_every_kind_of_move() -> None:
    for begin in (held, financed, overdue, set_aside, offered):
        world = begin()
        tallies = world.contract.tallies(TONGDA)
        owed = [found.owed_cents for _, found in world.contract.live_leaves(ROOT)]
        assert [(t.count, t.owed_cents) for t in tallies] == ([(len(owed), sum(owed))] if owed else [])
        assert world.code(TONGDA, Scf.reconcile, day_ms=world.time_ms, tallies=tallies) == "ok"
        assert world.code(JINQIAO, Scf.reconcile, day_ms=world.time_ms, tallies=()) == "ok"


# Large amounts


def test_ninety_thousand_billion_cents_are_split_financed_and_shared_to_the_cent() -> None:
    whole, odd = 9 * 10**13, 3 * 10**13 + 7
    world = opened()
    for bank in (YANSHAN, LANHAI):
        world.do(bank, Scf.set_line, core=HAIHE, limit_cents=AMOUNT_CENTS_MAX, expires_on_ms=on("2027-03-31"))
    invoiced(invoiced(world, "A", BEICHEN, HAIHE, whole), "L", LULIN, BEICHEN, whole).at("2026-04-03")
    world.do(HAIHE, Scf.issue, **issue(amount_cents=whole)).do(BEICHEN, Scf.accept, certificate=ROOT).at("2026-04-07")
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(BEICHEN, odd), part(LULIN, whole - odd, "L")])
    world.do(LULIN, Scf.accept, certificate="R-2").do(BEICHEN, Scf.apply_finance, **terms(certificate="R-1"))
    it = {"certificate": "R-1"}
    world.do(YANSHAN, Scf.query_registry, **it).do(YANSHAN, Scf.check_documents, **it, invoices=("A",), flags=())
    world.do(YANSHAN, Scf.register_assignment, **it, contract_on_ms=on("2026-04-07"), months=12)
    interest = interest_cents(odd, 36_000, "ACT/360", on("2026-04-07"), on("2026-10-05"))
    # 30,000,000,000,007 cents at 3.6 % for 181 days by ACT/360 are 543,000,000,000.1267 cents.
    assert interest == 543_000_000_000
    world.do((YANSHAN, CLEARING), Scf.disburse, **it, net_cents=odd - interest - 100_00).at("2026-10-05")
    paid = whole - 1
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=paid)
    leaves = [world.contract.certificates[name] for name in ("R-1", "R-2")]
    assert sum(leaf.paid_cents for leaf in leaves) == paid
    assert sum(leaf.owed_cents for leaf in leaves) == 1
    assert sum(changes(world).values()) == 0
    assert changes(world)[HAIHE] == -paid
