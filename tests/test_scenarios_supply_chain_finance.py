"""Every rule of supply-chain finance, each with an attempt that only this rule refuses, and what operations write."""

from collections.abc import Callable

import pytest

from ledger.contract.calendar import DAY_MS
from ledger.contract.test_kit import check_contract
from ledger.identity.records import Member
from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    HAIHE,
    LANHAI,
    LULIN,
    MEMBERS,
    MINGHE,
    REGISTRY,
    REGULATOR,
    TONGDA,
    TUOHAI,
    XINYUAN,
    YANSHAN,
)
from scenarios.supply_chain_finance.certificates import DEPTH_MAX, LEAVES_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests.scf_rules import LICENCE, MORE_RULES
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
    issued,
    opened,
    overdue,
    part,
    registered,
    registration,
    sealed,
    sealing,
    split,
    terms,
)

USCC = "91350100M000100Y43"


def newcomer() -> World:
    world = opened()
    world.enrol("new.person", "supplier")
    return world


def colleague() -> World:
    """Somebody else of the organization that runs the platform."""
    world = opened()
    world.enrol("tongda.fin", "supplier")
    return world


def deep() -> World:
    world, name = held(), ROOT
    for _ in range(DEPTH_MAX):
        invoiced(world, f"D{name}", LULIN, BEICHEN, 2)
        world.do(
            BEICHEN,
            Scf.split_transfer,
            certificate=name,
            parts=[part(BEICHEN, size(world, name) - 1), part(LULIN, 1, f"D{name}")],
        )
        name += "-1"
    return world


def wide() -> World:
    world = held()
    parts = [part(BEICHEN, 1) for _ in range(PARTS_MAX - 1)]
    return world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[*parts, part(LULIN, FACE - PARTS_MAX + 1, "L")])


def size(world: World, certificate: str) -> int:
    return world.contract.certificates[certificate].amount_cents


def disputed() -> World:
    world = invoiced(opened(), "A", BEICHEN, HAIHE, FACE, confirm=False).at("2026-04-03")
    return world.do(HAIHE, Scf.dispute, invoice="A", reason="broken")


def due() -> World:
    return held().at("2026-10-05")


def defaulted_second() -> World:
    world = overdue()
    return invoiced(world, "B", BEICHEN, HAIHE, MILLION)


Attempt = Callable[[World], str]
RULES: dict[str, tuple[Callable[[], World], Attempt]] = {
    "retroactive": (
        opened,
        lambda w: w.code(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), months_max=9, months_without_reason=9),
    ),
    "role-missing": (
        newcomer,
        lambda w: w.code(TONGDA, Scf.onboard, licence=LICENCE, member="new.person", kind="bank", uscc=USCC),
    ),
    "already-onboarded": (
        opened,
        lambda w: w.code(TONGDA, Scf.onboard, licence=LICENCE, member=LULIN, kind="supplier", uscc=USCC),
    ),
    "bad-uscc": (
        newcomer,
        lambda w: w.code(TONGDA, Scf.onboard, licence=LICENCE, member="new.person", kind="supplier", uscc=USCC[:-1] + "4"),
    ),
    "company-onboarded": (
        newcomer,
        lambda w: w.code(
            TONGDA, Scf.onboard, licence=LICENCE, member="new.person", kind="supplier", uscc=w.contract.parties[LULIN].uscc
        ),
    ),
    "onboard-platform-no-party": (
        colleague,
        lambda w: w.code(TONGDA, Scf.onboard, licence=LICENCE, member="tongda.fin", kind="supplier", uscc=USCC),
    ),
    "holiday-retroactive": (opened, lambda w: w.code(CLEARING, Scf.set_holidays, days=(on("2026-03-31"),), name="a storm")),
    "line-in-use": (
        issued,
        lambda w: w.code(YANSHAN, Scf.set_line, core=HAIHE, limit_cents=8 * MILLION - 1, expires_on_ms=on("2027-03-31")),
    ),
    "platform-no-party": (
        held,
        lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(TONGDA, FACE, "L")]),
    ),
    "not-onboarded": (
        held,
        lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(REGULATOR, FACE, "L")]),
    ),
    "invoice-exists": (
        issued,
        lambda w: w.code((LULIN, REGISTRY), Scf.register_invoice, **registration("A", "another", LULIN, HAIHE)),
    ),
    "invoice-to-self": (
        opened,
        lambda w: w.code((LULIN, REGISTRY), Scf.register_invoice, **registration("S", "S", LULIN, LULIN)),
    ),
    "dated-ahead": (
        lambda: opened().at("2026-04-03"),
        lambda w: w.code((LULIN, REGISTRY), Scf.register_invoice, **registration("F", "F", LULIN, HAIHE, "2026-04-04")),
    ),
    "duplicate-invoice": (
        issued,
        lambda w: w.code(
            (BEICHEN, REGISTRY), Scf.register_invoice, **registration("A2", "NUMBER-A-OF-2026", BEICHEN, HAIHE, cents=6)
        ),
    ),
    "duplicate-sealed-invoice": (
        lambda: sealed(opened(), "S1", LULIN, BEICHEN),
        lambda w: w.code((LULIN, REGISTRY), Scf.register_sealed_invoice, **sealing("S2", "SEALED S1 OF 2026", LULIN, BEICHEN)),
    ),
    "confirm-not-buyer": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE, confirm=False),
        lambda w: w.code(BEICHEN, Scf.confirm_payable, invoice="A"),
    ),
    "confirm-disputed": (disputed, lambda w: w.code(HAIHE, Scf.confirm_payable, invoice="A")),
    "dispute-not-buyer": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE, confirm=False),
        lambda w: w.code(TUOHAI, Scf.dispute, invoice="A", reason="envy"),
    ),
    "payable-unconditional": (issued, lambda w: w.code(HAIHE, Scf.dispute, invoice="A", reason="noise")),
    "no-trade": (held, lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE)])),
    "wrong-trade": (
        lambda: invoiced(held(), "M", MINGHE, BEICHEN, FACE),
        lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE, "M")]),
    ),
    "use-disputed": (disputed, lambda w: w.code(HAIHE, Scf.issue, **issue())),
    "not-confirmed": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE, confirm=False).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue()),
    ),
    "invoice-used-up": (issued, lambda w: w.code(HAIHE, Scf.issue, **issue("R2", amount_cents=1))),
    "invoice-named-twice": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(invoices=("A", "A"), amount_cents=FACE + MILLION)),
    ),
    "sealed-invoice-used-twice": (
        lambda: sealed(held(), "S", LULIN, BEICHEN),
        lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, 1, "S"), part(LULIN, FACE - 1, "S")]),
    ),
    "certificate-exists": (
        lambda: invoiced(issued(), "B", BEICHEN, HAIHE, MILLION),
        lambda w: w.code(HAIHE, Scf.issue, **issue(amount_cents=MILLION, invoices=("B",))),
    ),
    "part-number": (
        lambda: invoiced(held(), "B", BEICHEN, HAIHE, MILLION),
        lambda w: w.code(HAIHE, Scf.issue, **issue(f"{ROOT}-1", amount_cents=MILLION, invoices=("B",))),
    ),
    "root-on-sealed": (
        lambda: sealed(opened().at("2026-04-03"), "S", BEICHEN, HAIHE),
        lambda w: w.code(HAIHE, Scf.issue, **issue(invoices=("S",))),
    ),
    "not-platform": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(platform=REGISTRY)),
    ),
    "core-blocked": (
        defaulted_second,
        lambda w: w.code(HAIHE, Scf.issue, **issue("R2", amount_cents=MILLION, invoices=("B",), due_on_ms=on("2026-12-01"))),
    ),
    "late-core-blocked": (
        lambda: invoiced(held(), "B", BEICHEN, HAIHE, MILLION).at("2026-10-06"),
        lambda w: w.code(HAIHE, Scf.issue, **issue("R2", amount_cents=MILLION, invoices=("B",), due_on_ms=on("2026-12-01"))),
    ),
    "no-tenor-rule": (
        lambda: invoiced(opened().at("2026-03-30"), "A", BEICHEN, HAIHE, FACE),
        lambda w: w.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2026-09-01"))),
    ),
    "not-after-today": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2026-04-03") + DAY_MS - 1)),
    ),
    "tenor-too-long": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2027-04-04"), reason="a bridge")),
    ),
    "tenor-without-reason": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2026-10-04"))),
    ),
    "over-line": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, 2 * FACE).at("2026-04-03"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(amount_cents=12 * MILLION + 1)),
    ),
    "expired-line": (
        lambda: invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2027-03-31"),
        lambda w: w.code(HAIHE, Scf.issue, **issue(due_on_ms=on("2027-06-01"))),
    ),
    "accept-not-offered-to": (issued, lambda w: w.code(LULIN, Scf.accept, certificate=ROOT)),
    "offer-expired": (lambda: issued().at("2026-04-13", 1), lambda w: w.code(BEICHEN, Scf.accept, certificate=ROOT)),
    "reject-not-offered-to": (issued, lambda w: w.code(LULIN, Scf.reject, certificate=ROOT)),
    "void-not-holder": (issued, lambda w: w.code(BEICHEN, Scf.void, certificate=ROOT)),
    "offer-stands": (lambda: issued().at("2026-04-13"), lambda w: w.code(LULIN, Scf.expire, certificate=ROOT)),
    "too-deep": (
        lambda: invoiced(deep(), "Z", LULIN, BEICHEN, FACE),
        lambda w: w.code(
            BEICHEN,
            Scf.split_transfer,
            certificate=ROOT + "-1" * DEPTH_MAX,
            parts=[part(LULIN, size(w, ROOT + "-1" * DEPTH_MAX), "Z")],
        ),
    ),
    "too-many-leaves": (
        lambda: invoiced(wide().do(LULIN, Scf.accept, certificate=f"{ROOT}-{PARTS_MAX}"), "M", MINGHE, LULIN, FACE),
        lambda w: w.code(
            LULIN,
            Scf.split_transfer,
            certificate=f"{ROOT}-{PARTS_MAX}",
            parts=[
                *(part(LULIN, 1) for _ in range(LEAVES_MAX - PARTS_MAX + 1)),
                part(MINGHE, FACE - LEAVES_MAX, "M"),
            ],
        ),
    ),
    "split-to-self": (held, lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(BEICHEN, FACE)])),
    "wrong-state": (
        lambda: split(held()),
        lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE, "L")]),
    ),
    "transfer-not-holder": (
        held,
        lambda w: w.code(LULIN, Scf.apply_finance, **terms()),
    ),
    "past-due": (lambda: held().at("2026-10-01"), lambda w: w.code(BEICHEN, Scf.apply_finance, **terms())),
    "disburse-past-due": (
        lambda: registered().at("2026-11-01"),
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    "wrong-sum": (
        held,
        lambda w: w.code(
            BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(BEICHEN, 4 * MILLION), part(LULIN, 6 * MILLION - 1, "L")]
        ),
    ),
    "no-parts": (held, lambda w: w.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[])),
    "release-not-holder": (applied, lambda w: w.code(LULIN, Scf.release, certificate=ROOT)),
    "registration-stands": (registered, lambda w: w.code(BEICHEN, Scf.release, certificate=ROOT)),
    "documents-incomplete": (
        applied,
        lambda w: w.code(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=(), flags=()),
    ),
    "flags-unreviewed": (
        applied,
        lambda w: w.code(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=("A",), flags=("round-trip",)),
    ),
    "registered-earlier": (
        registered,
        lambda w: w.code(LANHAI, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-01"), months=12),
    ),
    "register-not-queried": (
        applied,
        lambda w: w.code(YANSHAN, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-07"), months=12),
    ),
    "not-bank": (
        lambda: applied().do(LANHAI, Scf.query_registry, certificate=ROOT),
        lambda w: w.code(LANHAI, Scf.check_documents, certificate=ROOT, invoices=("A",), flags=()),
    ),
    "disburse-not-queried": (
        applied,
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    "documents-not-checked": (
        lambda: applied().do(YANSHAN, Scf.query_registry, certificate=ROOT),
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    "not-registered": (
        lambda: (
            applied()
            .do(YANSHAN, Scf.query_registry, certificate=ROOT)
            .do(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=("A",), flags=())
        ),
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET),
    ),
    "nothing-left": (
        lambda: registered(fee_cents=FACE),
        lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=0),
    ),
    "wrong-net": (registered, lambda w: w.code((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET + 1)),
    "pay-not-core": (due, lambda w: w.code((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)),
    "not-due": (
        lambda: held().at("2026-10-04"),
        lambda w: w.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE),
    ),
    "pay-pending": (
        lambda: issued().at("2026-10-05"),
        lambda w: w.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE),
    ),
    "over-payment": (due, lambda w: w.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE + 1)),
    "not-overdue": (due, lambda w: w.code(LULIN, Scf.mark_overdue, certificate=ROOT)),
    "overdue-nothing-owed": (
        lambda: due().do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE).at("2026-10-06"),
        lambda w: w.code(LULIN, Scf.mark_overdue, certificate=ROOT),
    ),
    "claim-not-holder": (overdue, lambda w: w.code(LANHAI, Scf.claim_recourse, certificate=ROOT)),
    "without-recourse": (
        lambda: overdue(with_recourse=False),
        lambda w: w.code(YANSHAN, Scf.claim_recourse, certificate=ROOT),
    ),
    "not-seller": (
        lambda: overdue().do(YANSHAN, Scf.claim_recourse, certificate=ROOT),
        lambda w: w.code((LULIN, CLEARING), Scf.pay_recourse, certificate=ROOT),
    ),
    "write-off-not-holder": (overdue, lambda w: w.code(BEICHEN, Scf.write_off, certificate=ROOT)),
    "not-assignee": (
        lambda: overdue().do(YANSHAN, Scf.write_off, certificate=ROOT),
        lambda w: w.code(LANHAI, Scf.cancel_registration, certificate=ROOT),
    ),
    "still-live": (financed, lambda w: w.code(YANSHAN, Scf.cancel_registration, certificate=ROOT)),
    "not-a-root": (
        lambda: split(held()).at("2026-10-05"),
        lambda w: w.code((HAIHE, CLEARING), Scf.pay_at_maturity, certificate="R-2", amount_cents=1),
    ),
}
"""Name of the rule (its code, or where it stands and its code) -> the state before, and the attempt."""
CODES = {
    "holiday-retroactive": "retroactive",
    "late-core-blocked": "core-blocked",
    "onboard-platform-no-party": "platform-no-party",
    "invoice-to-self": "to-self",
    "expired-line": "over-line",
    "split-to-self": "to-self",
    "duplicate-sealed-invoice": "duplicate-invoice",
    "use-disputed": "disputed",
    "confirm-disputed": "disputed",
    "invoice-named-twice": "invoice-used-up",
    "sealed-invoice-used-twice": "invoice-used-up",
    "pay-pending": "wrong-state",
    "overdue-nothing-owed": "wrong-state",
}
PLACES = (
    "confirm-",
    "dispute-",
    "accept-",
    "reject-",
    "void-",
    "transfer-",
    "release-",
    "register-",
    "disburse-",
    "pay-",
    "claim-",
    "write-off-",
)


RULES |= MORE_RULES


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str) -> None:
    before, attempt = RULES[rule]
    assert attempt(before()) == code_of(rule)


def code_of(rule: str) -> str:
    if rule in MORE_RULES:
        return rule.partition(" (")[0]
    place = next((place for place in PLACES if rule.startswith(place) and rule not in Scf.refusals), "")
    return CODES.get(rule, rule.removeprefix(place))


def test_every_declared_refusal_is_tried() -> None:
    tried = {code_of(rule) for rule in RULES}
    by_fractional = {"too-many-parts", "part-too-small"}
    assert tried | by_fractional == set(Scf.refusals)


def test_a_signature_of_the_settlement_bank_is_asked_of_everybody_who_moves_money() -> None:
    moving = ("disburse", "pay_at_maturity", "pay_recourse")
    assert all("role:settlement-bank" in Scf.operations[name].policy.text() for name in moving)
    code = registered().code(YANSHAN, Scf.disburse, certificate=ROOT, net_cents=NET)
    assert code == "policy-not-satisfied"


def test_parts_below_a_cent_and_too_many_of_them() -> None:
    world = held()
    zero = [part(BEICHEN, FACE), part(LULIN, 0, "L")]
    dust = [part(LULIN, 1, "L") for _ in range(PARTS_MAX + 1)]
    assert world.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=zero) == "part-too-small"
    assert world.code(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=dust) == "too-many-parts"


def test_one_root_of_the_most_leaves_is_paid_in_one_transaction() -> None:
    world = invoiced(wide().do(LULIN, Scf.accept, certificate=f"{ROOT}-{PARTS_MAX}"), "M", MINGHE, LULIN, FACE)
    rest = FACE - PARTS_MAX + 1
    parts = [*(part(LULIN, 1) for _ in range(LEAVES_MAX - PARTS_MAX)), part(MINGHE, rest - LEAVES_MAX + PARTS_MAX, "M")]
    world.do(LULIN, Scf.split_transfer, certificate=f"{ROOT}-{PARTS_MAX}", parts=parts).at("2026-10-05")
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)
    assert world.contract.obligors[HAIHE].outstanding_cents == 0
    assert world.contract.accounts[HAIHE].change_cents == -FACE


def test_an_offer_that_is_declined_goes_back_and_its_invoice_with_it() -> None:
    world = held()
    parts = [part(BEICHEN, 4 * MILLION), part(LULIN, 6 * MILLION, "L")]
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts).do(LULIN, Scf.reject, certificate="R-2")
    returned = world.contract.certificates["R-2-1"]
    assert (returned.state, returned.holder, returned.amount_cents) == ("active", BEICHEN, 6 * MILLION)
    assert world.contract.invoices["L"].used_cents == 0


@pytest.mark.parametrize("ending", ["reject", "void", "expire"])
def test_a_root_that_nobody_takes_ends_and_frees_line_and_invoice(ending: str) -> None:
    world = issued()
    if ending == "expire":
        world.at("2026-04-20")
    signer = {"reject": BEICHEN, "void": HAIHE, "expire": XINYUAN}[ending]
    world.do(signer, Scf.operations[ending], certificate=ROOT)
    assert world.contract.obligors[HAIHE].outstanding_cents == 0
    assert world.contract.invoices["A"].used_cents == 0
    assert world.contract.certificates[ROOT].state in ("rejected", "void", "expired")


def test_a_partial_payment_is_shared_to_the_cent_blocks_and_a_late_one_cures() -> None:
    world = split(held()).at("2026-10-05")
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=333_333_33)
    leaves = [world.contract.certificates[name] for name in ("R-1", "R-2")]
    assert [leaf.paid_cents for leaf in leaves] == [133_333_33, 200_000_00]
    assert {leaf.state for leaf in leaves} == {"overdue"}
    assert world.contract.obligors[HAIHE].blocked
    world.at("2026-10-20").do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE - 333_333_33)
    obligor = world.contract.obligors[HAIHE]
    assert (obligor.outstanding_cents, obligor.overdue_cents, obligor.blocked) == (0, 0, False)


def test_after_recourse_the_core_owes_the_seller() -> None:
    world = overdue().do(YANSHAN, Scf.claim_recourse, certificate=ROOT)
    world.do((BEICHEN, CLEARING), Scf.pay_recourse, certificate=ROOT)
    world.at("2026-10-20").do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=FACE)
    assert world.contract.certificates[ROOT].holder == BEICHEN
    changes = {name: account.change_cents for name, account in world.contract.accounts.items()}
    assert changes[BEICHEN] == NET
    assert changes[YANSHAN] == FACE - NET
    assert sum(changes.values()) == 0


def test_a_round_trip_and_a_similar_invoice_are_marked_and_inherited() -> None:
    world = invoiced(split(held()), "B", BEICHEN, LULIN, FACE)
    world.do(LULIN, Scf.split_transfer, certificate="R-2", parts=[part(LULIN, 1), part(BEICHEN, 6 * MILLION - 1, "B")])
    assert world.contract.certificates["R-2-1"].flags == ()
    assert world.contract.certificates["R-2-2"].flags == ("round-trip",)
    world = opened()
    for name in ("X-001-1", "X-001-2"):
        world.do((BEICHEN, REGISTRY), Scf.register_invoice, **registration(name, name, BEICHEN, HAIHE))
    assert world.contract.invoices["X-001-1"].resembles == ""
    assert world.contract.invoices["X-001-2"].resembles == "X-001-1"


def test_leading_zeros_and_letters_of_lines_make_invoices_alike() -> None:
    world = opened()
    for name in ("BC-0327", "BC-327", "BC-327-B"):
        world.do((BEICHEN, REGISTRY), Scf.register_invoice, **registration(name, name, BEICHEN, HAIHE))
    assert [world.contract.invoices[name].resembles for name in ("BC-0327", "BC-327", "BC-327-B")] == ["", "BC-0327", "BC-0327"]


def test_parts_of_the_longest_number_at_the_greatest_depth_can_be_named() -> None:
    world = invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03")
    name = "N" * 64
    world.do(HAIHE, Scf.issue, **issue(name)).do(BEICHEN, Scf.accept, certificate=name)
    for step in range(DEPTH_MAX):
        invoiced(world, f"{step}", LULIN, BEICHEN, FACE)
        world.do(BEICHEN, Scf.split_transfer, certificate=name, parts=[part(LULIN, FACE, f"{step}")])
        world.do(LULIN, Scf.reject, certificate=f"{name}-1")
        name += "-1-1"
    assert world.code(BEICHEN, Scf.apply_finance, **terms(certificate=name)) == "ok"
    assert world.code(HAIHE, Scf.issue, **issue("N" * 65)) == "bad-arguments"


def test_what_falls_due_is_booked_by_day_until_it_is_paid_or_written_off() -> None:
    world = issued()
    due = {f"{HAIHE}:{on('2026-10-01'):015}": FACE}
    assert maturities(world) == {}
    assert maturities(world.do(BEICHEN, Scf.accept, certificate=ROOT)) == due
    invoiced(world, "L", LULIN, BEICHEN, FACE)
    split(world)
    assert maturities(world) == due
    world.at("2026-10-05").do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=5 * MILLION)
    assert list(maturities(world).values()) == [5 * MILLION]
    world.do(LULIN, Scf.write_off, certificate="R-2")
    assert list(maturities(world).values()) == [2 * MILLION]
    world.do((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=2 * MILLION)
    assert maturities(world) == {}


def maturities(world: World) -> dict[str, int]:
    return {key: row.owed_cents for key, row in world.contract.maturities.items()}


def test_the_registry_answers_yes_or_no_and_not_who() -> None:
    world = registered().do(LANHAI, Scf.query_registry, certificate=ROOT)
    assert world.events[-1] == ("registry-answered", {"certificate": ROOT, "assigned": True})


def test_released_by_its_bank_a_certificate_is_free_and_its_registration_gone() -> None:
    world = registered().do(YANSHAN, Scf.release, certificate=ROOT)
    assert world.contract.certificates[ROOT].state == "active"
    assert world.contract.registrations[ROOT].state == "cancelled"
    assert world.code(BEICHEN, Scf.apply_finance, **terms(bank=LANHAI)) == "ok"


def test_who_may_read_a_sealed_invoice() -> None:
    world = sealed(held(), "S", LULIN, BEICHEN)
    assert readers(world, "S") == {LULIN, BEICHEN, REGULATOR}
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, FACE, "S")]).do(
        LULIN, Scf.accept, certificate="R-1"
    )
    assert readers(world, "S") == {LULIN, BEICHEN, REGULATOR}
    world.do(LULIN, Scf.apply_finance, **terms(certificate="R-1", bank=LANHAI))
    assert readers(world, "S") == {LULIN, BEICHEN, REGULATOR, LANHAI}
    world.do(LANHAI, Scf.release, certificate="R-1")
    assert readers(world, "S") == {LULIN, BEICHEN, REGULATOR}


def test_a_bank_below_reads_the_invoices_above_and_a_neighbour_does_not() -> None:
    world = sealed(held(), "S", LULIN, BEICHEN)
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(LULIN, 4 * MILLION, "S"), part(LULIN, 6 * MILLION, "L")])
    world.do(LULIN, Scf.accept, certificate="R-1").do(LULIN, Scf.accept, certificate="R-2")
    world.do(LULIN, Scf.apply_finance, **terms(certificate="R-2", bank=LANHAI))
    assert LANHAI not in readers(world, "S")
    invoiced(world, "M", MINGHE, LULIN, FACE)
    world.do(LULIN, Scf.split_transfer, certificate="R-1", parts=[part(MINGHE, 4 * MILLION, "M")]).do(
        MINGHE, Scf.accept, certificate="R-1-1"
    )
    world.do(MINGHE, Scf.apply_finance, **terms(certificate="R-1-1", bank=YANSHAN))
    assert YANSHAN in readers(world, "S")
    assert readers(world, "L") >= {XINYUAN, TUOHAI}, "what is open is open to all"


def readers(world: World, invoice: str) -> set[str]:
    """Members that may open an invoice; asking changes nothing."""
    people = (HAIHE, TUOHAI, BEICHEN, LULIN, MINGHE, XINYUAN, YANSHAN, LANHAI, TONGDA, REGISTRY, CLEARING, REGULATOR)
    before = world.state.writes()
    found = set()
    for person in people:
        reader = world.context(person).signers[0]
        if Scf.read_rule(world.state, world.contract.invoices[invoice], reader, world.time_ms, 1):
            found.add(person)
    assert world.state.writes() == before
    return found


def test_random_operations_end_or_are_refused_by_a_declared_rule() -> None:
    members = [
        Member(
            member=p["member"], public_key="0" * 64, roles=tuple(p["roles"]), not_before_ms=0, not_after_ms=10**14, certificate=""
        )
        for p in MEMBERS
    ]
    check_contract(Scf, members=members, examples=40)
