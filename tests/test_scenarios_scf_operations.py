"""What the later operations of supply-chain finance write: early payment, freezing, registrations, books, large amounts."""

import pytest

from scenarios.dates import on
from scenarios.money import annual_cost_ppm, discounted_cents, interest_cents
from scenarios.supply_chain_finance import cast, payments, services
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import AMOUNT_CENTS_MAX
from tests import scf_world as given
from tests.scf_world import World


def changes(world: World) -> dict[str, int]:
    return {name: account.change_cents for name, account in world.contract.accounts.items() if account.change_cents}


# Early payment


def test_two_per_cent_for_thirty_days_are_a_quarter_a_year() -> None:
    """The vector of the trade: a discount d taken t days early costs d / (1 - d) x 360 / t; 2 % for 30 days is 24.49 %."""
    rate_ppm = annual_cost_ppm(1_000_000_00, 980_000_00, 30)
    assert rate_ppm == 244_898
    assert discounted_cents(1_000_000_00, rate_ppm, on("2026-09-01"), on("2026-10-01")) == 980_000_00


def test_a_price_moves_with_the_days_that_are_left() -> None:
    prices = [
        discounted_cents(given.FACE, 45_000, on(day), on("2026-10-05")) for day in ("2026-07-08", "2026-07-09", "2026-10-05")
    ]
    assert prices[0] < prices[1] < prices[2] == given.FACE


def test_a_holder_that_takes_the_offer_has_less_and_has_it_now() -> None:
    price = discounted_cents(given.FACE, 45_000, on("2026-07-08"), on("2026-10-05"))
    world = given.offered().do((cast.BEICHEN, cast.CLEARING), Scf.early_pay, certificate=given.ROOT, price_cents=price)
    found = world.contract.certificates[given.ROOT]
    assert (found.state, found.paid_cents, found.discount_cents) == ("settled", price, given.FACE - price)
    assert changes(world) == {cast.HAIHE: -price, cast.BEICHEN: price}
    assert world.contract.obligors[cast.HAIHE].outstanding_cents == 0
    assert dict(world.contract.maturities.items()) == {}
    assert world.at("2026-10-06").code(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT) == "wrong-state"


def test_what_was_paid_early_is_not_paid_once_more_on_the_day() -> None:
    world = (
        given.split(given.held()).at("2026-07-08").do(cast.HAIHE, Scf.offer_early_pay, **{**given.OFFER, "certificate": "R-2"})
    )
    price = discounted_cents(6 * given.MILLION, 45_000, on("2026-07-08"), on("2026-10-05"))
    world.do((cast.LULIN, cast.CLEARING), Scf.early_pay, certificate="R-2", price_cents=price).at("2026-10-05")
    assert (
        world.code((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE)
        == "over-payment"
    )
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=4 * given.MILLION)
    assert changes(world) == {cast.HAIHE: -price - 4 * given.MILLION, cast.LULIN: price, cast.BEICHEN: 4 * given.MILLION}


# Freezing


def test_a_frozen_leafs_share_is_set_aside_and_the_core_is_discharged() -> None:
    world = given.set_aside()
    assert changes(world) == {cast.HAIHE: -given.FACE, cast.BEICHEN: 4 * given.MILLION, cast.CLEARING: 6 * given.MILLION}
    obligor = world.contract.obligors[cast.HAIHE]
    assert (obligor.outstanding_cents, obligor.blocked) == (0, False)
    leaf, order = world.contract.certificates["R-2"], world.contract.freezes["R-2"]
    assert (leaf.state, leaf.holder, order.before, order.held_cents) == ("frozen", cast.LULIN, "settled", 6 * given.MILLION)
    assert world.at("2026-10-06").code(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT) == "wrong-state"


def test_a_frozen_leaf_of_a_core_that_pays_too_little_thaws_overdue() -> None:
    world = given.frozen(given.split(given.held()), "R-2").at("2026-10-05")
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=5 * given.MILLION)
    assert world.contract.freezes["R-2"].before == "overdue"
    assert world.contract.obligors[cast.HAIHE].overdue_cents == 5 * given.MILLION
    world.do((cast.COURT, cast.CLEARING), Scf.unfreeze, certificate="R-2", order="lifted")
    leaf = world.contract.certificates["R-2"]
    assert (leaf.state, leaf.paid_cents, leaf.owed_cents) == ("overdue", 3 * given.MILLION, 3 * given.MILLION)
    assert changes(world) == {cast.HAIHE: -5 * given.MILLION, cast.BEICHEN: 2 * given.MILLION, cast.LULIN: 3 * given.MILLION}


@pytest.mark.parametrize(
    ("begin", "state"),
    [(given.held, "active"), (given.applied, "locked"), (given.financed, "financed"), (given.overdue, "overdue")],
    ids=["active", "locked", "financed", "overdue"],
)
def test_a_thawed_certificate_is_what_it_was(begin: object, state: str) -> None:
    assert callable(begin)
    world = given.frozen(begin())
    assert world.contract.certificates[given.ROOT].state == "frozen"
    world.do(cast.COURT, Scf.unfreeze, certificate=given.ROOT, order="lifted")
    assert world.contract.certificates[given.ROOT].state == state
    assert dict(world.contract.freezes.items()) == {}


def test_a_frozen_certificate_that_nobody_pays_blocks_its_core() -> None:
    world = given.frozen(given.held()).at("2026-10-06").do(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT)
    assert world.contract.certificates[given.ROOT].state == "frozen"
    assert world.contract.obligors[cast.HAIHE].blocked
    assert world.code(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT) == "ok"
    assert world.contract.obligors[cast.HAIHE].overdue_cents == given.FACE, "marked twice, owed once"


# Registrations


def test_after_an_entry_has_run_out_another_bank_may_register() -> None:
    world = given.run_out().do(cast.BEICHEN, Scf.release, certificate=given.ROOT)
    assert world.contract.registrations[given.ROOT].state == "expired"
    world.do(cast.BEICHEN, Scf.apply_finance, **given.terms(bank=cast.LANHAI)).do(
        cast.LANHAI, Scf.query_registry, certificate=given.ROOT
    )
    assert world.events[-1] == ("registry-answered", {"certificate": given.ROOT, "assigned": False})
    world.do(cast.LANHAI, Scf.register_assignment, certificate=given.ROOT, contract_on_ms=on("2026-05-07"), months=12)
    assert world.contract.registrations[given.ROOT].assignee == cast.LANHAI
    assert world.contract.registrations[given.ROOT].state == "registered"


def test_an_entry_is_marked_as_expired_once() -> None:
    world = given.run_out().do(cast.MINGHE, Scf.expire_registration, certificate=given.ROOT)
    assert world.contract.registrations[given.ROOT].state == "expired"
    assert world.code(cast.MINGHE, Scf.expire_registration, certificate=given.ROOT) == "registration-runs"


# Announced defaults, suspension, terms


def test_a_barred_core_is_free_when_the_last_cause_is_cured() -> None:
    world = given.barred(given.ready_again(given.held()))
    world.do(cast.REGULATOR, Scf.announce_default, core=cast.HAIHE, cause="bills-overdue", reference="list of June")
    for cause in ("bond-default", "bills-overdue"):
        assert world.code(cast.HAIHE, Scf.issue, **given.second_order(world)) == "core-barred"
        world.do(cast.REGULATOR, Scf.announce_cure, core=cast.HAIHE, cause=cause, reference="paid")
    assert world.code(cast.HAIHE, Scf.issue, **given.second_order(world)) == "ok"


def test_a_barred_core_pays_what_it_owes() -> None:
    world = given.barred(given.held()).at("2026-10-05")
    assert world.code((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE) == "ok"


def test_a_suspended_holder_is_paid_and_enters_nothing() -> None:
    world = given.suspended(given.split(given.held()), cast.LULIN)
    assert (
        world.code((cast.LULIN, cast.REGISTRY), Scf.register_invoice, **given.registration("N", "N", cast.LULIN, cast.BEICHEN))
        == "suspended"
    )
    assert world.code(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-2")) == "suspended"
    world.at("2026-10-05").do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE)
    assert changes(world)[cast.LULIN] == 6 * given.MILLION
    world.do(cast.TONGDA, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE)
    assert (
        world.code((cast.LULIN, cast.REGISTRY), Scf.register_invoice, **given.registration("N", "N", cast.LULIN, cast.BEICHEN))
        == "ok"
    )


def test_a_suspended_receiver_does_not_accept() -> None:
    world = given.held().do(
        cast.BEICHEN, Scf.split_transfer, certificate=given.ROOT, parts=[given.part(cast.LULIN, given.FACE, "L")]
    )
    assert given.suspended(world, cast.LULIN).code(cast.LULIN, Scf.accept, certificate="R-1") == "suspended"


def test_a_shorter_limit_counts_for_what_is_issued_from_its_day_on() -> None:
    world = given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, given.FACE).at("2026-04-03")
    world.do(cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-05-01"), months_max=6, months_without_reason=6)
    long = {"amount_cents": given.MILLION, "reason": "a bridge"}
    world.do(cast.HAIHE, Scf.issue, **given.issue("R1", **long, due_on_ms=on("2026-12-03"))).do(
        cast.BEICHEN, Scf.accept, certificate="R1"
    )
    world.at("2026-05-01")
    assert world.code(cast.HAIHE, Scf.issue, **given.issue("R2", **long, due_on_ms=on("2026-12-01"))) == "tenor-too-long"
    assert world.code(cast.HAIHE, Scf.issue, **given.issue("R3", **long, due_on_ms=on("2026-11-01"))) == "ok"
    assert (
        world.at("2026-12-03").code(
            (cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate="R1", amount_cents=given.MILLION
        )
        == "ok"
    )


# Invoices


def test_like_invoices_are_marked_with_how_they_match() -> None:
    world = given.opened()
    for name, number, cents in (("A", "K-7001", 50_000), ("B", "K-7001-2", 20_000), ("C", "Q-1", 50_000), ("D", "Z-9", 70_000)):
        world.do(
            (cast.BEICHEN, cast.REGISTRY),
            Scf.register_invoice,
            **given.registration(name, number, cast.BEICHEN, cast.HAIHE, cents=cents),
        )
    found = [(name, invoice.match, invoice.resembles) for name, invoice in world.contract.invoices.items()]
    assert found == [("A", "none", ""), ("B", "number", "A"), ("C", "amount", "A"), ("D", "none", "")]


def test_lines_of_a_sealed_invoice_and_of_one_used_elsewhere_are_marked() -> None:
    world = given.opened().do((cast.JINQIAO, cast.REGISTRY), Scf.report_use, **given.prints("P 100", cast.LULIN, cast.BEICHEN))
    world.do((cast.LULIN, cast.REGISTRY), Scf.register_sealed_invoice, **given.sealing("S", "T 200", cast.LULIN, cast.BEICHEN))
    world.do((cast.LULIN, cast.REGISTRY), Scf.register_invoice, **given.registration("T2", "T-200-2", cast.LULIN, cast.BEICHEN))
    world.do((cast.LULIN, cast.REGISTRY), Scf.register_sealed_invoice, **given.sealing("P2", "P/100/B", cast.LULIN, cast.BEICHEN))
    found = world.contract.invoices
    assert (found["T2"].match, found["T2"].resembles) == ("number", "S")
    assert (found["P2"].match, found["P2"].resembles) == ("number", cast.JINQIAO)


def test_a_mark_reaches_the_certificate() -> None:
    world = given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN)
    world.do(
        (cast.LULIN, cast.REGISTRY),
        Scf.register_invoice,
        **given.registration("S2", "sealed S of 2026 2", cast.LULIN, cast.BEICHEN, cents=given.MILLION),
    )
    world.do(cast.BEICHEN, Scf.confirm_payable, invoice="S2")
    parts = [given.part(cast.BEICHEN, 9 * given.MILLION), given.part(cast.LULIN, given.MILLION, "S2")]
    world.do(cast.BEICHEN, Scf.split_transfer, certificate=given.ROOT, parts=parts)
    assert world.contract.certificates["R-2"].flags == ("similar-invoice",)


# Books of a day


def test_books_are_kept_by_platform_and_agree_after_every_kind_of_move() -> None:
    for begin in (given.held, given.financed, given.overdue, given.set_aside, given.offered):
        world = begin()
        tallies = services.tallies_of(world.contract, cast.TONGDA)
        owed = [found.owed_cents for _, found in payments.live_leaves(world.contract, given.ROOT)]
        assert [(t.count, t.owed_cents) for t in tallies] == ([(len(owed), sum(owed))] if owed else [])
        assert world.code(cast.TONGDA, Scf.reconcile, day_ms=world.time_ms, tallies=tallies) == "ok"
        assert world.code(cast.JINQIAO, Scf.reconcile, day_ms=world.time_ms, tallies=()) == "ok"


# Large amounts


def test_ninety_thousand_billion_cents_are_split_financed_and_shared_to_the_cent() -> None:
    whole, odd = 9 * 10**13, 3 * 10**13 + 7
    world = given.opened()
    for bank in (cast.YANSHAN, cast.LANHAI):
        world.do(bank, Scf.set_line, core=cast.HAIHE, limit_cents=AMOUNT_CENTS_MAX, expires_on_ms=on("2027-03-31"))
    given.invoiced(given.invoiced(world, "A", cast.BEICHEN, cast.HAIHE, whole), "L", cast.LULIN, cast.BEICHEN, whole).at(
        "2026-04-03"
    )
    world.do(cast.HAIHE, Scf.issue, **given.issue(amount_cents=whole)).do(cast.BEICHEN, Scf.accept, certificate=given.ROOT).at(
        "2026-04-07"
    )
    world.do(
        cast.BEICHEN,
        Scf.split_transfer,
        certificate=given.ROOT,
        parts=[given.part(cast.BEICHEN, odd), given.part(cast.LULIN, whole - odd, "L")],
    )
    world.do(cast.LULIN, Scf.accept, certificate="R-2").do(cast.BEICHEN, Scf.apply_finance, **given.terms(certificate="R-1"))
    it = {"certificate": "R-1"}
    world.do(cast.YANSHAN, Scf.query_registry, **it).do(cast.YANSHAN, Scf.check_documents, **it, invoices=("A",), flags=())
    world.do(cast.YANSHAN, Scf.register_assignment, **it, contract_on_ms=on("2026-04-07"), months=12)
    interest = interest_cents(odd, 36_000, "ACT/360", on("2026-04-07"), on("2026-10-05"))
    # 30,000,000,000,007 cents at 3.6 % for 181 days by ACT/360 are 543,000,000,000.1267 cents.
    assert interest == 543_000_000_000
    world.do((cast.YANSHAN, cast.CLEARING), Scf.disburse, **it, net_cents=odd - interest - 100_00).at("2026-10-05")
    paid = whole - 1
    world.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=paid)
    leaves = [world.contract.certificates[name] for name in ("R-1", "R-2")]
    assert sum(leaf.paid_cents for leaf in leaves) == paid
    assert sum(leaf.owed_cents for leaf in leaves) == 1
    assert sum(changes(world).values()) == 0
    assert changes(world)[cast.HAIHE] == -paid
