"""What operations of supply-chain finance write: who holds what, who was paid, and what a core still owes."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.contract.played_steps import beside
from ledger.contract.test_kit import check_contract
from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.money import annual_cost_ppm, discounted_cents, interest_cents
from scenarios.shipping.cast import CANGHAI, JIANGLAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.supply_chain_finance import cast, payments, services
from scenarios.supply_chain_finance.certificates import DEPTH_MAX, LEAVES_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import AMOUNT_CENTS_MAX
from scenarios.supply_chain_finance.state import invoices_behind
from tests import scf_rules, shipping_world
from tests import scf_world as given
from tests.scf_world import FACE, MILLION, World
from tests.support import enrolled

PRICE = discounted_cents(FACE, 45_000, on("2026-07-08"), on("2026-10-05"))
"""Of the root, by Haihe's offer of 8 July."""


def changes(world: World) -> dict[str, int]:
    return {name: account.change_cents for name, account in world.contract.accounts.items() if account.change_cents}


def left(world: World) -> dict[str, Any]:
    """What a payment leaves: of each leaf state, holder, what was paid and is owed; money; and Haihe's debt."""
    obligor = world.contract.obligors[cast.HAIHE]
    return {
        "leaves": {
            key: (leaf.state, leaf.holder, leaf.paid_cents, leaf.owed_cents)
            for key, leaf in world.contract.certificates.items()
            if not leaf.children
        },
        "money": changes(world),
        "outstanding": obligor.outstanding_cents,
        "overdue": obligor.overdue_cents,
        "blocked": obligor.blocked,
        "falling due": [row.owed_cents for _, row in world.contract.maturities.items()],
    }


def taken_early() -> World:
    return given.offered().do((cast.BEICHEN, cast.CLEARING), Scf.early_pay, certificate=given.ROOT, price_cents=PRICE)


def part_paid(cents: int) -> World:
    return given.split(given.held()).at("2026-10-05").pay(cents)


def thawed() -> World:
    """A frozen leaf of a core that paid too little."""
    world = given.frozen(given.split(given.held()), "R-2").at("2026-10-05").pay(5 * MILLION)
    return world.do((cast.COURT, cast.CLEARING), Scf.unfreeze, certificate="R-2", order="lifted")


def bought_back() -> World:
    """The seller has bought the root back, and then Haihe pays."""
    world = given.overdue().do(cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT)
    world.do((cast.BEICHEN, cast.CLEARING), Scf.pay_recourse, certificate=given.ROOT)
    return world.at("2026-10-20").pay(FACE)


SETTLED = {"outstanding": 0, "overdue": 0, "blocked": False, "falling due": []}
LEFT: dict[str, tuple[Callable[[], World], dict[str, Any]]] = {
    "taken early: less, and now": (
        taken_early,
        {
            "leaves": {"R": ("settled", cast.BEICHEN, PRICE, 0)},
            "money": {cast.HAIHE: -PRICE, cast.BEICHEN: PRICE},
            **SETTLED,
        },
    ),
    "set aside: the core is discharged": (
        given.set_aside,
        {
            "leaves": {"R-1": ("settled", cast.BEICHEN, 4 * MILLION, 0), "R-2": ("frozen", cast.LULIN, 6 * MILLION, 0)},
            "money": {cast.HAIHE: -FACE, cast.BEICHEN: 4 * MILLION, cast.CLEARING: 6 * MILLION},
            **SETTLED,
        },
    ),
    "set aside, and paid out when it thaws": (
        lambda: given.set_aside().do((cast.COURT, cast.CLEARING), Scf.unfreeze, certificate="R-2", order="lifted"),
        {
            "leaves": {"R-1": ("settled", cast.BEICHEN, 4 * MILLION, 0), "R-2": ("settled", cast.LULIN, 6 * MILLION, 0)},
            "money": {cast.HAIHE: -FACE, cast.BEICHEN: 4 * MILLION, cast.LULIN: 6 * MILLION},
            **SETTLED,
        },
    ),
    "thawed after too little: overdue": (
        thawed,
        {
            "leaves": {
                "R-1": ("overdue", cast.BEICHEN, 2 * MILLION, 2 * MILLION),
                "R-2": ("overdue", cast.LULIN, 3 * MILLION, 3 * MILLION),
            },
            "money": {cast.HAIHE: -5 * MILLION, cast.BEICHEN: 2 * MILLION, cast.LULIN: 3 * MILLION},
            "outstanding": 5 * MILLION, "overdue": 5 * MILLION, "blocked": True, "falling due": [5 * MILLION],
        },
    ),
    "paid in part: shared to the cent": (
        lambda: part_paid(333_333_33),
        {
            "leaves": {
                "R-1": ("overdue", cast.BEICHEN, 133_333_33, 3_866_666_67),
                "R-2": ("overdue", cast.LULIN, 200_000_00, 5_800_000_00),
            },
            "money": {cast.HAIHE: -333_333_33, cast.BEICHEN: 133_333_33, cast.LULIN: 200_000_00},
            "outstanding": 9_666_666_67, "overdue": 9_666_666_67, "blocked": True, "falling due": [9_666_666_67],
        },
    ),
    "paid late: cured": (
        lambda: part_paid(333_333_33).at("2026-10-20").pay(FACE - 333_333_33),
        {
            "leaves": {"R-1": ("settled", cast.BEICHEN, 4 * MILLION, 0), "R-2": ("settled", cast.LULIN, 6 * MILLION, 0)},
            "money": {cast.HAIHE: -FACE, cast.BEICHEN: 4 * MILLION, cast.LULIN: 6 * MILLION},
            **SETTLED,
        },
    ),
    "written off: owed to nobody, blocked for good": (
        lambda: part_paid(5 * MILLION).do(cast.LULIN, Scf.write_off, certificate="R-2").pay(2 * MILLION),
        {
            "leaves": {
                "R-1": ("settled", cast.BEICHEN, 4 * MILLION, 0),
                "R-2": ("written-off", cast.LULIN, 3 * MILLION, 3 * MILLION),
            },
            "money": {cast.HAIHE: -7 * MILLION, cast.BEICHEN: 4 * MILLION, cast.LULIN: 3 * MILLION},
            "outstanding": 0, "overdue": 0, "blocked": True, "falling due": [],
        },
    ),
    "bought back: the core owes the seller": (
        bought_back,
        {
            "leaves": {"R": ("settled", cast.BEICHEN, FACE, 0)},
            "money": {cast.HAIHE: -FACE, cast.BEICHEN: given.NET, cast.YANSHAN: FACE - given.NET},
            **SETTLED,
        },
    ),
    "marked overdue while frozen, twice: owed once": (
        lambda: (
            given.frozen(given.held())
            .at("2026-10-06")
            .do(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT)
            .do(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT)
        ),
        {
            "leaves": {"R": ("frozen", cast.BEICHEN, 0, FACE)},
            "money": {}, "outstanding": FACE, "overdue": FACE, "blocked": True, "falling due": [FACE],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left(name: str) -> None:
    begin, expected = LEFT[name]
    assert left(begin()) == expected


@pytest.mark.parametrize("begin", [taken_early, given.set_aside])
def test_what_is_owed_to_nobody_is_not_overdue(begin: Callable[[], World]) -> None:
    assert begin().at("2026-10-06").code(cast.LULIN, Scf.mark_overdue, certificate=given.ROOT) == "wrong-state"


def test_what_was_paid_early_is_not_paid_once_more_on_the_day() -> None:
    world = given.split(given.held()).at("2026-07-08")
    world.do(cast.HAIHE, Scf.offer_early_pay, **{**given.OFFER, "certificate": "R-2"})
    price = discounted_cents(6 * MILLION, 45_000, on("2026-07-08"), on("2026-10-05"))
    world.do((cast.LULIN, cast.CLEARING), Scf.early_pay, certificate="R-2", price_cents=price).at("2026-10-05")
    assert scf_rules.paying(FACE)(world) == "over-payment"
    assert changes(world.pay(4 * MILLION)) == {cast.HAIHE: -price - 4 * MILLION, cast.LULIN: price, cast.BEICHEN: 4 * MILLION}


def test_two_per_cent_for_thirty_days_are_a_quarter_a_year() -> None:
    """The vector of the trade: a discount d taken t days early costs d / (1 - d) x 360 / t; 2 % for 30 days is 24.49 %."""
    rate_ppm = annual_cost_ppm(1_000_000_00, 980_000_00, 30)
    assert discounted_cents(1_000_000_00, rate_ppm, on("2026-09-01"), on("2026-10-01")) == 980_000_00


@pytest.mark.parametrize(
    ("begin", "state"),
    [(given.held, "active"), (given.applied, "locked"), (given.financed, "financed"), (given.overdue, "overdue")],
    ids=["active", "locked", "financed", "overdue"],
)
def test_a_thawed_certificate_is_what_it_was(begin: Callable[[], World], state: str) -> None:
    world = given.frozen(begin())
    assert world.contract.certificates[given.ROOT].state == "frozen"
    world.do(cast.COURT, Scf.unfreeze, certificate=given.ROOT, order="lifted")
    assert world.contract.certificates[given.ROOT].state == state
    assert dict(world.contract.freezes.items()) == {}


# Offers and splits


@pytest.mark.parametrize(("ending", "signer"), [("reject", cast.BEICHEN), ("void", cast.HAIHE), ("expire", cast.XINYUAN)])
def test_a_root_that_nobody_takes_ends_and_frees_line_and_invoice(ending: str, signer: str) -> None:
    world = given.issued().at("2026-04-20" if ending == "expire" else "2026-04-03")
    world.do(signer, Scf.operations[ending], certificate=given.ROOT)
    assert world.contract.obligors[cast.HAIHE].outstanding_cents == 0
    assert world.contract.invoices["A"].used_cents == 0
    assert world.contract.certificates[given.ROOT].state in ("rejected", "void", "expired")


def test_an_offer_that_is_declined_goes_back_and_its_invoice_with_it() -> None:
    world = given.held().split(cast.BEICHEN, given.ROOT, (cast.BEICHEN, 4 * MILLION), (cast.LULIN, 6 * MILLION, "L"))
    world.do(cast.LULIN, Scf.reject, certificate="R-2")
    returned = world.contract.certificates["R-2-1"]
    assert (returned.state, returned.holder, returned.amount_cents) == ("active", cast.BEICHEN, 6 * MILLION)
    assert world.contract.invoices["L"].used_cents == 0


def test_a_root_falls_due_from_its_acceptance_on() -> None:
    world = given.issued()
    assert left(world)["falling due"] == []
    world.do(cast.BEICHEN, Scf.accept, certificate=given.ROOT)
    due = {f"{cast.HAIHE}:{on('2026-10-01'):015}": FACE}
    assert {key: row.owed_cents for key, row in world.contract.maturities.items()} == due


def test_one_root_of_the_most_leaves_is_paid_in_one_transaction() -> None:
    world = given.invoiced(given.wide(), "M", cast.MINGHE, cast.LULIN, FACE)
    more = LEAVES_MAX - PARTS_MAX
    world.split(cast.LULIN, given.LAST, *[(cast.LULIN, 1)] * more, (cast.MINGHE, FACE - PARTS_MAX + 1 - more, "M"))
    world.at("2026-10-05").pay(FACE)
    assert world.contract.obligors[cast.HAIHE].outstanding_cents == 0
    assert world.contract.accounts[cast.HAIHE].change_cents == -FACE


def test_parts_of_the_longest_number_at_the_greatest_depth_can_be_named() -> None:
    world, name = given.ready(), "N" * 64
    world.do(cast.HAIHE, Scf.issue, **given.issue(name)).do(cast.BEICHEN, Scf.accept, certificate=name)
    for step in range(DEPTH_MAX):
        given.invoiced(world, f"{step}", cast.LULIN, cast.BEICHEN, FACE)
        world.split(cast.BEICHEN, name, (cast.LULIN, FACE, f"{step}")).do(cast.LULIN, Scf.reject, certificate=f"{name}-1")
        name += "-1-1"
    assert world.code(cast.BEICHEN, Scf.apply_finance, **given.terms(certificate=name)) == "ok"
    assert world.code(cast.HAIHE, Scf.issue, **given.issue("N" * 65)) == "bad-arguments"


# Invoices


ALIKE: dict[str, tuple[list[tuple[str, int]], list[tuple[str, str]]]] = {
    "a cent less, a yuan more, and more than that": (
        [("2026-03-27", 500_00), ("2026-03-27", 499_99), ("2026-03-30", 501_00), ("2026-03-27", 398_98)],
        [("none", ""), ("amount", "0"), ("amount", "0"), ("none", "")],
    ),
    "the same amount four days later": ([("2026-03-26", 500_00), ("2026-03-30", 500_00)], [("none", ""), ("none", "")]),
    "two parts of one": (
        [("2026-03-27", 900_00), ("2026-03-28", 700_00), ("2026-03-27", 199_50)],
        [("none", ""), ("none", ""), ("parts", "0")],
    ),
    "two parts before their whole": (
        [("2026-03-27", 700_00), ("2026-03-28", 199_50), ("2026-03-27", 900_00)],
        [("none", ""), ("none", ""), ("parts", "0")],
    ),
    "no part of itself": ([("2026-03-27", 900_00), ("2026-03-27", 50)], [("none", ""), ("none", "")]),
}


@pytest.mark.parametrize("name", ALIKE)
def test_like_invoices_are_marked_with_how_they_match(name: str) -> None:
    world, (papers, expected) = given.opened(), ALIKE[name]
    for place, (day, cents) in enumerate(papers):
        arguments = given.registration(f"{place}", given.vat(f"{place}"), cast.BEICHEN, cast.HAIHE, day, cents)
        world.do((cast.BEICHEN, cast.REGISTRY), Scf.register_invoice, **arguments)
    assert [(invoice.match, invoice.resembles) for _, invoice in world.contract.invoices.items()] == expected


def rolled_over() -> World:
    """Haihe promises five millions to Beichen five days before five others fall due."""
    five, world = 5 * MILLION, given.invoiced(given.ready(), "B", cast.BEICHEN, cast.HAIHE, 6 * MILLION)
    world.do(cast.HAIHE, Scf.issue, **given.issue("R0", amount_cents=five, invoices=("B",), due_on_ms=on("2026-04-08")))
    world.do(cast.BEICHEN, Scf.accept, certificate="R0").do(cast.HAIHE, Scf.issue, **given.issue(amount_cents=five))
    world.do(cast.BEICHEN, Scf.accept, certificate=given.ROOT).at("2026-04-07")
    return world.do(cast.BEICHEN, Scf.apply_finance, **given.terms()).register("A")


def sold_twice_alike() -> World:
    """The root stands on an invoice that is like another of its day."""
    world = given.invoiced(given.opened(), "A0", cast.BEICHEN, cast.HAIHE, FACE + 1)
    given.invoiced(world, "A", cast.BEICHEN, cast.HAIHE, FACE).at("2026-04-03").do(cast.HAIHE, Scf.issue, **given.issue())
    world.do(cast.BEICHEN, Scf.accept, certificate=given.ROOT).at("2026-04-07")
    return world.do(cast.BEICHEN, Scf.apply_finance, **given.terms()).register("A")


RAISED: dict[str, Callable[[], World]] = {
    "similar-invoice": sold_twice_alike,
    "reciprocal-trade": lambda: given.invoiced(given.registered(), "H", cast.HAIHE, cast.BEICHEN, MILLION),
    "related-parties": lambda: given.related(given.registered()),
    "roll-over": rolled_over,
    "old-invoice": lambda: given.registered().at("2026-05-27"),  # sixty-one days after the invoice
    "credited-invoice": lambda: given.registered().do((cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **given.credit(1)),
    "core-in-arrears": lambda: given.barred(given.registered()),
    "core-suspended": lambda: given.suspended(given.registered(), cast.HAIHE),
    "no-outside-answer": lambda: given.applied().register("A", outside=given.ANSWER | {"answered_at_ms": on("2026-04-06")}),
    "outside-entry": lambda: given.applied().register("A", outside=given.ANSWER | {"names_another": True}),
}


@pytest.mark.parametrize("flag", RAISED)
def test_a_flag_blocks_the_payment_until_the_bank_takes_it_upon_itself(flag: str) -> None:
    world = RAISED[flag]()
    assert scf_rules.disbursing(0)(world) == "flags-unacknowledged"
    world.acknowledge(flag)
    application = world.contract.applications[given.ROOT]
    assert (application.flags, application.acknowledged, application.evidence) == ((flag,), (flag,), given.EVIDENCE)
    assert scf_rules.disbursing(0)(world) == "wrong-net"  # as if nothing stood


@pytest.mark.parametrize(
    ("flag", "again"),
    [
        ("credited-invoice", given.credited),
        ("core-in-arrears", lambda w: w.do(cast.REGULATOR, Scf.announce_default, **scf_rules.BILLS)),
    ],
)
def test_what_was_acknowledged_does_not_cover_the_same_flag_for_another_cause(flag: str, again: Callable[[World], World]) -> None:
    world = again(RAISED[flag]().acknowledge(flag))
    assert scf_rules.disbursing(0)(world) == "flags-unacknowledged"
    assert scf_rules.disbursing(0)(world.acknowledge(flag)) == "wrong-net"


def test_a_certificate_that_was_paid_early_is_rolled_over_on_that_day() -> None:
    world = taken_early()
    given.invoiced(world, "B", cast.BEICHEN, cast.HAIHE, FACE, day="2026-07-07")
    world.do(cast.HAIHE, Scf.issue, **given.issue("R2", invoices=("B",), due_on_ms=on("2026-12-01")))
    world.do(cast.BEICHEN, Scf.accept, certificate="R2").do(cast.BEICHEN, Scf.apply_finance, **given.terms("R2"))
    assert "roll-over" in world.check("B", certificate="R2").contract.applications["R2"].flags


def test_a_report_that_was_withdrawn_bars_nothing() -> None:
    world = given.used_elsewhere(given.registered(), "A", cast.BEICHEN, cast.HAIHE)
    assert scf_rules.disbursing(given.NET)(given.withdrawn(world, "A", cast.BEICHEN, cast.HAIHE)) == "ok"
    world = given.withdrawn(given.reported(), "J", cast.LULIN, cast.BEICHEN)
    assert scf_rules.registering("J", given.vat("J"), cast.LULIN, cast.BEICHEN)(world) == "ok"


def test_no_flag_stands_on_a_sound_trade_sixty_days_after_the_invoice() -> None:
    assert scf_rules.disbursing(0)(given.registered().at("2026-05-26")) == "wrong-net"


def test_a_licence_that_ends_stops_new_finance_and_leaves_old_positions_alone() -> None:
    world = given.licensed(given.registered())
    net_cents = FACE - 180_000_00 - 100_00  # a day less
    assert scf_rules.disbursing(net_cents)(world) == "ok"
    given.with_licence(world, state="withdrawn").at("2026-10-05").pay(FACE)
    assert changes(world)[cast.YANSHAN] == FACE - net_cents


def test_a_bill_is_named_once_more_for_the_same_trade_and_a_green_margin_lowers_the_rate() -> None:
    world = given.cited_once()
    assert dict(world.contract.cited_bills.items())["TD-1"].certificate == "R-1"
    assert world.code(cast.YANSHAN, Scf.check_documents, certificate="R-2", **given.named("A", "L", bill="TD-2")) == "ok"
    world = given.green(given.held()).do(cast.BEICHEN, Scf.apply_finance, **given.terms(**given.GREEN)).register("A")
    assert scf_rules.disbursing(FACE - 175_972_22 - 100_00)(world) == "ok"  # 3.5 % for 181 days


def test_one_shipment_backs_one_certificate_whatever_its_bill_is_called() -> None:
    sea, world, both = shipping_world.pledged(), given.split(given.held()), (JIANGLAN, cast.YANSHAN)
    behind = {"R-1": ("A",), "R-2": ("A", "L")}
    for holder, name in ((cast.BEICHEN, "R-1"), (cast.LULIN, "R-2")):
        world.do(holder, Scf.apply_finance, **given.terms(name)).register(*behind[name], certificate=name)

    def shown(bill: str, name: str) -> str:
        for contract, collection, key, value in sea.state.writes():
            if contract == Shipping.name:
                world.state.write(contract, collection, key, value)
        beside(world.state, Shipping)
        return world.code(cast.YANSHAN, Scf.check_documents, certificate=name, **given.named(*behind[name], bill=bill))

    def amended(old: str, new: str, *signers: str) -> None:
        sea.do(signers, Shipping.request_surrender, document=old, carrier=CANGHAI, request="AREQ")
        sea.do(CANGHAI, Shipping.accept_surrender, document=old)
        sea.do((CANGHAI, *signers), Shipping.void_and_reissue, document=old, new=new, facts=shipping_world.facts())
        assert shown(new, "R-2") != "ok", "not delivered"
        sea.do(YUNTU, Shipping.answer_issuance, document=new, answer="ISSU")

    assert shown("TD-A", "R-1") == "bill-not-held", "its shipper has it in hand"
    amended("TD-A", "TD-A2", *both)
    sea.do(both, Shipping.transfer, document="TD-A2", to=cast.YANSHAN)
    assert (shown("TD-A", "R-2"), shown("TD-A2", "R-1")) == ("bill-not-pledged", "ok")
    net_cents = 4 * MILLION - 72_400_00 - 100_00
    world.do((cast.YANSHAN, cast.CLEARING), Scf.disburse, certificate="R-1", net_cents=net_cents)
    sea.do(cast.YANSHAN, Shipping.transfer, document="TD-A2", to=JIANGLAN).do(cast.YANSHAN, Shipping.unpledge, document="TD-A2")
    amended("TD-A2", "TD-A3", JIANGLAN)
    sea.do(both, Shipping.pledge, document="TD-A3", pledgee=cast.YANSHAN, secures="R-2")
    sea.do(both, Shipping.transfer, document="TD-A3", to=cast.YANSHAN)
    assert shown("TD-A3", "R-2") == "bill-cited"


def test_a_round_trip_shows_in_the_way_of_the_certificate() -> None:
    world = given.invoiced(given.split(given.held()), "B", cast.BEICHEN, cast.LULIN, FACE)
    world.split(cast.LULIN, "R-2", (cast.LULIN, 1), (cast.BEICHEN, 6 * MILLION - 1, "B"))
    world.do(cast.BEICHEN, Scf.accept, certificate="R-2-2")
    each_other = ("reciprocal-trade",)
    for holder, name, expected in ((cast.LULIN, "R-2-1", each_other), (cast.BEICHEN, "R-2-2", ("round-trip", *each_other))):
        world.do(holder, Scf.apply_finance, **given.terms(name))
        world.check(*invoices_behind(world.contract, name), certificate=name)
        assert world.contract.applications[name].flags == expected


def test_who_may_read_a_sealed_invoice() -> None:
    world = given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN)
    sides = {cast.LULIN, cast.BEICHEN, cast.REGULATOR}
    assert readers(world, "S") == sides
    world.split(cast.BEICHEN, given.ROOT, (cast.LULIN, FACE, "S")).do(cast.LULIN, Scf.accept, certificate="R-1")
    assert readers(world, "S") == sides
    world.do(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-1", bank=cast.LANHAI))
    assert readers(world, "S") == {*sides, cast.LANHAI}
    world.do(cast.LANHAI, Scf.release, certificate="R-1")
    assert readers(world, "S") == sides


def test_a_bank_below_reads_the_invoices_above_and_a_neighbour_does_not() -> None:
    world = given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN)
    world.split(cast.BEICHEN, given.ROOT, (cast.LULIN, 4 * MILLION, "S"), (cast.LULIN, 6 * MILLION, "L"))
    world.do(cast.LULIN, Scf.accept, certificate="R-1").do(cast.LULIN, Scf.accept, certificate="R-2")
    world.do(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-2", bank=cast.LANHAI))
    assert cast.LANHAI not in readers(world, "S")
    given.invoiced(world, "M", cast.MINGHE, cast.LULIN, FACE).split(cast.LULIN, "R-1", (cast.MINGHE, 4 * MILLION, "M"))
    world.do(cast.MINGHE, Scf.accept, certificate="R-1-1")
    world.do(cast.MINGHE, Scf.apply_finance, **given.terms(certificate="R-1-1", bank=cast.YANSHAN))
    assert cast.YANSHAN in readers(world, "S")
    assert readers(world, "L") >= {cast.XINYUAN, cast.TUOHAI}, "what is open is open to all"


def readers(world: World, invoice: str) -> set[str]:
    """Members that may open an invoice; asking changes nothing."""
    before = world.state.writes()
    record, people = world.contract.invoices[invoice], [str(person["member"]) for person in cast.MEMBERS]
    found = {
        person for person in people if Scf.read_rule(world.state, record, world.context(person).signers[0], world.time_ms, 1)
    }
    assert world.state.writes() == before
    return found


# Finance


def test_a_signature_of_the_settlement_bank_is_asked_of_everybody_who_moves_money() -> None:
    moving = ("disburse", "pay_at_maturity", "pay_recourse")
    assert all("role:settlement-bank" in Scf.operations[name].policy.text() for name in moving)


def test_the_registry_answers_yes_or_no_and_not_who() -> None:
    world = given.registered().do(cast.LANHAI, Scf.query_registry, certificate=given.ROOT)
    assert world.events[-1] == ("registry-answered", {"certificate": given.ROOT, "assigned": True})


def test_released_by_its_bank_a_certificate_is_free_and_its_registration_gone() -> None:
    world = given.registered().do(cast.YANSHAN, Scf.release, certificate=given.ROOT)
    assert world.contract.certificates[given.ROOT].state == "active"
    assert world.contract.registrations[given.ROOT].state == "cancelled"
    assert world.code(cast.BEICHEN, Scf.apply_finance, **given.terms(bank=cast.LANHAI)) == "ok"


def test_after_an_entry_has_run_out_another_bank_may_register() -> None:
    world = given.run_out().do(cast.BEICHEN, Scf.release, certificate=given.ROOT)
    assert world.contract.registrations[given.ROOT].state == "expired"
    world.do(cast.BEICHEN, Scf.apply_finance, **given.terms(bank=cast.LANHAI))
    world.do(cast.LANHAI, Scf.query_registry, certificate=given.ROOT)
    assert world.events[-1] == ("registry-answered", {"certificate": given.ROOT, "assigned": False})
    world.do(cast.LANHAI, Scf.register_assignment, certificate=given.ROOT, contract_on_ms=on("2026-05-07"), months=12)
    entry = world.contract.registrations[given.ROOT]
    assert (entry.assignee, entry.state) == (cast.LANHAI, "registered")


# Announced defaults, suspension, terms, books


def test_a_barred_core_is_free_when_the_last_cause_is_cured() -> None:
    world = given.barred(given.ready_again(given.held()))
    world.do(cast.REGULATOR, Scf.announce_default, core=cast.HAIHE, cause="bills-overdue", reference="list of June")
    for cause in ("bond-default", "bills-overdue"):
        assert world.code(cast.HAIHE, Scf.issue, **given.second_order(world)) == "core-barred"
        world.do(cast.REGULATOR, Scf.announce_cure, core=cast.HAIHE, cause=cause, reference="paid")
    assert world.code(cast.HAIHE, Scf.issue, **given.second_order(world)) == "ok"


def test_a_barred_core_pays_what_it_owes() -> None:
    assert scf_rules.paying(FACE)(given.barred(given.held()).at("2026-10-05")) == "ok"


def test_a_suspended_holder_is_paid_and_enters_nothing() -> None:
    world = given.suspended(given.split(given.held()), cast.LULIN)
    register = scf_rules.registering("N", given.vat("N"), cast.LULIN, cast.BEICHEN)
    assert register(world) == "suspended"
    assert world.code(cast.LULIN, Scf.apply_finance, **given.terms(certificate="R-2")) == "suspended"
    assert changes(world.at("2026-10-05").pay(FACE))[cast.LULIN] == 6 * MILLION
    world.do(cast.TONGDA, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE)
    assert register(world) == "ok"


def test_a_shorter_limit_counts_for_what_is_issued_from_its_day_on() -> None:
    world = given.ready()
    world.do(cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-05-01"), limits=cast.limits(6, 6))

    def issued(name: str, due: str) -> str:
        order = given.issue(name, amount_cents=MILLION, reason="a bridge", due_on_ms=on(due))
        return world.code(cast.HAIHE, Scf.issue, **order)

    assert issued("R1", "2026-12-03") == "ok"
    world.do(cast.BEICHEN, Scf.accept, certificate="R1").at("2026-05-01")
    assert issued("R2", "2026-12-01") == "tenor-too-long"
    assert issued("R3", "2026-11-01") == "ok"
    world.at("2026-12-03").pay(MILLION, "R1")


@pytest.mark.parametrize("begin", [given.held, given.financed, given.overdue, given.set_aside, given.offered])
def test_books_are_kept_by_platform_and_agree_after_every_kind_of_move(begin: Callable[[], World]) -> None:
    world = begin()
    tallies = services.tallies_of(world.contract, cast.TONGDA)
    owed = [found.owed_cents for _, found in payments.live_leaves(world.contract, given.ROOT)]
    assert [(t.count, t.owed_cents) for t in tallies] == ([(len(owed), sum(owed))] if owed else [])
    assert world.code(cast.TONGDA, Scf.reconcile, day_ms=world.time_ms, tallies=tallies) == "ok"
    assert world.code(cast.JINQIAO, Scf.reconcile, day_ms=world.time_ms, tallies=()) == "ok"


# Everything


def test_ninety_thousand_billion_cents_are_split_financed_and_shared_to_the_cent() -> None:
    whole, odd = 9 * 10**13, 3 * 10**13 + 7
    world = given.opened()
    world.open_line(cast.YANSHAN, AMOUNT_CENTS_MAX).open_line(cast.LANHAI, AMOUNT_CENTS_MAX)
    given.invoiced(given.invoiced(world, "A", cast.BEICHEN, cast.HAIHE, whole), "L", cast.LULIN, cast.BEICHEN, whole)
    world.at("2026-04-03").do(cast.HAIHE, Scf.issue, **given.issue(amount_cents=whole))
    world.do(cast.BEICHEN, Scf.accept, certificate=given.ROOT).at("2026-04-07")
    world.split(cast.BEICHEN, given.ROOT, (cast.BEICHEN, odd), (cast.LULIN, whole - odd, "L"))
    world.do(cast.LULIN, Scf.accept, certificate="R-2").do(cast.BEICHEN, Scf.apply_finance, **given.terms(certificate="R-1"))
    interest = interest_cents(odd, 36_000, "ACT/360", on("2026-04-07"), on("2026-10-05"))
    # 30,000,000,000,007 cents at 3.6 % for 181 days by ACT/360 are 543,000,000,000.1267 cents.
    assert interest == 543_000_000_000
    paid = {"certificate": "R-1", "net_cents": odd - interest - 100_00}
    world.register("A", certificate="R-1").do((cast.YANSHAN, cast.CLEARING), Scf.disburse, **paid)
    world.at("2026-10-05").pay(whole - 1)
    leaves = [world.contract.certificates[name] for name in ("R-1", "R-2")]
    assert sum(leaf.paid_cents for leaf in leaves) == whole - 1
    assert sum(leaf.owed_cents for leaf in leaves) == 1
    assert sum(changes(world).values()) == 0
    assert changes(world)[cast.HAIHE] == 1 - whole


def test_random_operations_end_or_are_refused_by_a_declared_rule() -> None:
    members = [enrolled(each["member"], *each["roles"]) for each in cast.MEMBERS]
    check_contract(Scf, members=members, examples=40)
