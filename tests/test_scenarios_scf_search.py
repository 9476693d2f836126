"""Seeded search over sequences of operations: whatever people try, in whatever order, the books must add up.

Each walk lets random members try random operations with plausible and with bad arguments, while days pass. After every
operation that succeeds, what the state says is added up again by this file, which shares no rule with the contract.
"""

from collections.abc import Iterator
from random import Random
from string import ascii_uppercase
from typing import Any

import pytest

from ledger.contract.calendar import day_of
from ledger.errors import RefusedError
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
    TUOHAI,
    XINYUAN,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import LIVE, Certificate
from tests.scf_world import MILLION, World, numbered, opened, registration, sealing

PEOPLE = (HAIHE, BEICHEN, LULIN, MINGHE, YANSHAN, LANHAI)
TRADES = ((BEICHEN, HAIHE), (LULIN, BEICHEN), (MINGHE, LULIN), (BEICHEN, MINGHE), (LULIN, HAIHE))
STEPS = 900
SEEDS = 10
OFTEN = ("register_invoice", "confirm_payable", "issue", "issue", "issue", "accept", "accept", "split_transfer",
         "apply_finance", "query_registry", "check_documents", "register_assignment", "disburse",
         "pay_at_maturity")  # fmt: skip
SELDOM = ("register_sealed_invoice", "dispute", "reject", "void", "expire", "release", "mark_overdue", "claim_recourse",
          "pay_recourse", "write_off", "cancel_registration", "expire_registration", "offer_early_pay", "offer_early_pay",
          "early_pay", "early_pay", "freeze", "unfreeze", "reconcile", "announce_default", "announce_cure", "suspend",
          "reinstate", "report_use", "set_line")  # fmt: skip


class Walk:
    """One sequence of attempts."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.world = opened().at("2026-04-03")
        self.start_ms = self.world.time_ms
        self.days = 0
        self.taken: dict[str, int] = {}
        """How often each operation succeeded."""

    def step(self, *, is_judged: bool = True) -> None:
        """Tries one operation as somebody; refusals are what rules are for."""
        operation = self.random.choice(OFTEN * 8 + SELDOM)
        if self.random.randrange(40) == 0:
            self.days += self.random.choice((1, 3, 9, 40))
            self.world.time_ms = self.start_ms + self.days * 86_400_000
        signers, arguments = getattr(self, operation)()
        try:
            self.world.do(signers, Scf.operations[operation], **arguments)
        except RefusedError:
            return
        self.taken[operation] = self.taken.get(operation, 0) + 1
        faults = [*faults_of(self.world)] if is_judged else []
        assert not faults, (operation, signers, arguments, faults)

    def someone(self, *usual: str) -> str:
        """Mostly one of those who may, sometimes anybody."""
        return self.random.choice(usual if usual and self.random.randrange(8) else PEOPLE)

    def certificate(self, *states: str) -> tuple[str, Certificate | None]:
        """Mostly one in such a state, sometimes any."""
        held = dict(self.world.contract.certificates.items())
        fitting = [name for name, found in held.items() if found.state in states]
        name = self.random.choice(fitting if fitting and self.random.randrange(8) else [*held, "none"])
        return name, held.get(name)

    def invoice(self, seller: str, buyer: str) -> str:
        """Mostly a confirmed one of this trade."""
        held = dict(self.world.contract.invoices.items())
        fitting = [n for n, i in held.items() if (i.seller, i.buyer, i.state) == (seller, buyer, "confirmed")]
        return self.random.choice(fitting if fitting and self.random.randrange(8) else [*held, "none"])

    def amount(self, whole: int) -> int:
        """All of it, a part, one cent, or one cent too much."""
        return self.random.choice((whole, whole, max(1, whole // 2), 1, whole + 1))

    def register_invoice(self) -> tuple[Any, dict[str, Any]]:
        seller, buyer = self.random.choice(TRADES)
        number = self.random.randrange(60)
        cents = self.random.choice((2, 8, MILLION + 1))
        arguments = registration(f"I{number}", f"{seller} {number}", seller, buyer, "2026-04-03", cents)
        return (seller, REGISTRY), arguments

    def register_sealed_invoice(self) -> tuple[Any, dict[str, Any]]:
        seller, buyer = self.random.choice(TRADES)
        number = self.random.randrange(60)
        return (seller, REGISTRY), sealing(f"S{number}", f"{seller} {number}", seller, buyer)

    def confirm_payable(self) -> tuple[Any, dict[str, Any]]:
        known = [*self.world.contract.invoices.items()]
        held = [(name, found) for name, found in known if found.state == "registered"] or known
        name, found = self.random.choice(held) if held else ("none", None)
        return self.someone(*([found.buyer] if found else [])), {"invoice": name}

    def dispute(self) -> tuple[Any, dict[str, Any]]:
        signer, arguments = self.confirm_payable()
        return signer, {**arguments, "reason": "noise"}

    def issue(self) -> tuple[Any, dict[str, Any]]:
        to = self.random.choice((BEICHEN, LULIN))
        invoice = self.world.contract.invoices.get(name := self.invoice(to, HAIHE))
        left = min(invoice.amount_cents - invoice.used_cents, 2 * MILLION) if invoice else 1
        return self.someone(HAIHE), {
            "certificate": self.random.choice((*ascii_uppercase, "A-1", "B-2")), "to": to,
            "amount_cents": max(1, self.amount(left)),
            "due_on_ms": day_of(self.world.time_ms) + self.random.choice((0, 20, 60, 150)) * 86_400_000, "invoices": (name,),
            "platform": TONGDA,
        }  # fmt: skip

    def accept(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("pending")
        return self.someone(*([found.offered_to] if found and found.offered_to else [])), {"certificate": name}

    reject = accept

    def void(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("pending")
        return self.someone(*([found.holder] if found else [])), {"certificate": name}

    expire = void

    def split_transfer(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("active")
        holder, face = (found.holder, found.amount_cents) if found else (BEICHEN, 2)
        to = self.random.choice([seller for seller, buyer in TRADES if buyer == holder] or [MINGHE])
        given = self.amount(face)
        parts = [{"to": to, "amount_cents": given, "invoices": [self.invoice(to, holder)]}]
        if given != face:
            parts.append({"to": holder, "amount_cents": face - given, "invoices": []})
        return self.someone(holder), {"certificate": name, "parts": parts}

    def apply_finance(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("active")
        return self.someone(*([found.holder] if found else [])), {
            "certificate": name, "bank": self.random.choice((YANSHAN, LANHAI)), "rate_ppm": self.random.choice((0, 35_000)),
            "basis": self.random.choice(("ACT/360", "30/360")), "fee_cents": self.random.choice((0, 3)),
            "with_recourse": bool(self.random.randrange(2)),
        }  # fmt: skip

    def release(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("locked")
        return self.someone(YANSHAN, LANHAI, *([found.holder] if found else [])), {"certificate": name}

    def query_registry(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("locked")
        return self.bank(name), {"certificate": name}

    def bank(self, name: str) -> str:
        application = self.world.contract.applications.get(name)
        return self.someone(*([application.bank] if application else [YANSHAN, LANHAI]))

    def check_documents(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("locked")
        behind = self.world.contract.invoices_behind(name) if found else ()
        return self.bank(name), {"certificate": name, "invoices": behind, "flags": found.flags if found else ()}

    def register_assignment(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("locked")
        return self.bank(name), {"certificate": name, "contract_on_ms": self.start_ms, "months": self.random.choice((1, 12))}

    def disburse(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("locked")
        net = self.net(name)
        return (self.bank(name), CLEARING), {"certificate": name, "net_cents": net}

    def net(self, name: str) -> int:
        """What the contract would have, found as a bank finds it: from the refusal."""
        try:
            self.world.do((self.bank(name), CLEARING), Scf.disburse, certificate=name, net_cents=0)
        except RefusedError as error:
            expected = error.details.get("expected_cents", 0)
            assert isinstance(expected, int)
            return expected
        return 0

    def pay_at_maturity(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("consumed", "active", "financed", "overdue")
        found = self.world.contract.certificates.get(name.partition("-")[0])
        leaves = self.world.contract.live_leaves(name.partition("-")[0]) if found else ()
        owed = sum(leaf.amount_cents - leaf.paid_cents for _, leaf in leaves)
        return (self.someone(HAIHE), CLEARING), {"certificate": name.partition("-")[0], "amount_cents": max(1, self.amount(owed))}

    def mark_overdue(self) -> tuple[Any, dict[str, Any]]:
        return self.someone(), {"certificate": self.certificate("consumed", "active", "financed")[0].partition("-")[0]}

    def claim_recourse(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("overdue")
        return self.someone(*([found.holder] if found else [])), {"certificate": name}

    def pay_recourse(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("recourse")
        return (self.someone(*([found.recourse_to] if found and found.recourse_to else [])), CLEARING), {"certificate": name}

    def write_off(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("overdue" if self.random.randrange(4) == 0 else "recourse")
        return self.someone(*([found.holder] if found else [])), {"certificate": name}

    def cancel_registration(self) -> tuple[Any, dict[str, Any]]:
        name = self.random.choice([*(key for key, _ in self.world.contract.registrations.items()), "none"])
        return self.someone(YANSHAN, LANHAI), {"certificate": name}

    def expire_registration(self) -> tuple[Any, dict[str, Any]]:
        return self.someone(), {"certificate": self.cancel_registration()[1]["certificate"]}

    def offer_early_pay(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("active", "financed")
        until_ms = self.world.time_ms + self.random.choice((0, 9, 90)) * 86_400_000
        return self.someone(HAIHE), {"certificate": name, "rate_ppm": self.random.choice((1, 45_000)), "until_ms": until_ms}

    def early_pay(self) -> tuple[Any, dict[str, Any]]:
        offers = [key for key, _ in self.world.contract.early_offers.items()]
        name = self.random.choice([*offers, "none"])
        found = self.world.contract.certificates.get(name)
        holder = self.someone(*([found.holder] if found else []))
        try:
            self.world.do((holder, CLEARING), Scf.early_pay, certificate=name, price_cents=0)
        except RefusedError as error:
            return (holder, CLEARING), {"certificate": name, "price_cents": error.details.get("expected_cents", 1)}
        raise AssertionError("nothing is a price")

    def freeze(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("active", "financed", "locked", "pending", "overdue")
        return self.random.choice((COURT, COURT, LANHAI)), {"certificate": name, "order": "an order"}

    def unfreeze(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("frozen")
        return self.random.choice((COURT, (COURT, CLEARING))), {"certificate": name, "order": "lifted"}

    def reconcile(self) -> tuple[Any, dict[str, Any]]:
        owed = [leaf.owed_cents for leaf in leaves_of(self.world).values() if leaf.state in LIVE and leaf.owed_cents]
        books = [{"core": HAIHE, "count": len(owed), "owed_cents": max(0, self.amount(sum(owed) or 1))}] if owed else []
        return TONGDA, {"day_ms": self.world.time_ms, "tallies": books}

    def announce_default(self) -> tuple[Any, dict[str, Any]]:
        core = self.random.choice((HAIHE, *[TUOHAI] * 5))
        return REGULATOR, {"core": core, "cause": self.random.choice(("bond-default", "bills-overdue")), "reference": "a list"}

    def announce_cure(self) -> tuple[Any, dict[str, Any]]:
        announced = self.world.contract.obligors[HAIHE].announced
        return REGULATOR, {"core": HAIHE, "cause": [*announced, "bond-default"][0], "reference": "a list"}

    def suspend(self) -> tuple[Any, dict[str, Any]]:
        return self.random.choice((TONGDA, JINQIAO)), {"member": self.random.choice((MINGHE, XINYUAN)), "reason": "no licence"}

    def reinstate(self) -> tuple[Any, dict[str, Any]]:
        return TONGDA, {"member": self.random.choice((MINGHE, XINYUAN)), "licence": "2" * 64}

    def report_use(self) -> tuple[Any, dict[str, Any]]:
        seller, buyer = self.random.choice(TRADES)
        prints = numbered(f"{seller} {self.random.randrange(60)}", seller, buyer)
        return (JINQIAO, REGISTRY), {"fingerprint": prints["fingerprint"], "stem": prints["stem"]}

    def set_line(self) -> tuple[Any, dict[str, Any]]:
        bank, most = self.random.choice(((YANSHAN, 10), (LANHAI, 2)))
        limit = self.random.choice((most, most, most, 1)) * MILLION
        return bank, {"core": HAIHE, "limit_cents": limit, "expires_on_ms": self.start_ms + 10**12}


def leaves_of(world: World) -> dict[str, Certificate]:
    """Certificates that nothing came of."""
    return {name: found for name, found in world.contract.certificates.items() if not found.children}


def faults_of(world: World) -> Iterator[str]:
    """What does not add up: certificates, invoices, debts, dates, registrations, cash."""
    held = dict(world.contract.certificates.items())
    leaves = {name: found for name, found in held.items() if not found.children}
    owed = 0
    for name, found in held.items():
        below = [leaf.amount_cents for leaf in leaves.values() if leaf.root == name]
        if found.root == name and sum(below) != found.amount_cents:
            yield f"I1 {name}: {sum(below)} below {found.amount_cents}"
        if found.root == name and len(below) != found.leaves:
            yield f"{name}: {len(below)} leaves, {found.leaves} counted"
        if found.parent and name not in held[found.parent].children:
            yield f"I1 {name} is no child of {found.parent}"
        got = found.paid_cents + found.discount_cents
        if got > found.amount_cents or (standing(world, name, found) == "settled") != (got == found.amount_cents):
            yield f"I1 {name}: {found.state} with {got} paid or let go"
        if (found.state == "frozen") != (name in world.contract.freezes):
            yield f"{name}: {found.state}, and the court's order says otherwise"
        if (found.due_on_ms, found.core, found.platform) != (held[found.root].due_on_ms, held[found.root].core, TONGDA):
            yield f"I3 {name}"
        if name in leaves and found.state in LIVE:
            owed += found.amount_cents - found.paid_cents - found.discount_cents
        registration, application = world.contract.registrations.get(name), world.contract.applications.get(name)
        if registration and registration.state == "registered" and application.bank != registration.assignee:  # type: ignore[union-attr]
            yield f"I2 {name}: registered by {registration.assignee}"
        if found.state == "financed" and (registration is None or application is None or application.bank != found.holder):
            yield f"I2 {name}: financed, and not with its bank"
        if found.state == "financed" and registration is not None and registration.state == "cancelled":
            yield f"I2 {name}: financed without a registration"
    for name, invoice in world.contract.invoices.items():
        drawn = [part.amount_cents for found in held.values() for part in found.backing if part.invoice == name]
        if sum(drawn) != invoice.used_cents or (len(drawn) > 1 if invoice.document else sum(drawn) > invoice.amount_cents):
            yield f"I4 {name}: {sum(drawn)} of {invoice.amount_cents}"
    obligor = world.contract.obligors[HAIHE]
    late_leaves = [found for name, found in held.items() if standing(world, name, found) in ("overdue", "recourse")]
    late = sum(found.amount_cents - found.paid_cents for found in late_leaves)
    if (obligor.outstanding_cents, obligor.overdue_cents) != (owed, late) or owed > 12 * MILLION:
        yield f"I5 {obligor} but {owed} owed, {late} late"
    if (late > 0 or obligor.written_off_cents > 0) != obligor.blocked:
        yield f"I8 blocked is {obligor.blocked} with {late} late"
    lost = sum(found.amount_cents - found.paid_cents for found in held.values() if found.state == "written-off")
    if lost != obligor.written_off_cents:
        yield f"I1 {lost} lost, {obligor.written_off_cents} booked"
    offered_roots = [found for name, found in held.items() if standing(world, name, found) == "pending" and not found.parent]
    offered = sum(found.amount_cents for found in offered_roots)
    for bank in (YANSHAN, LANHAI):
        financed = sum(found.owed_cents for name, found in held.items() if found.holder == bank and found.state in LIVE)
        if financed > world.contract.lines[f"{HAIHE}:{bank}"].limit_cents:
            yield f"{bank}: {financed} beyond its own line"
    waiting = sum(order.held_cents for _, order in world.contract.freezes.items())
    if sum(row.owed_cents for _, row in world.contract.maturities.items()) != owed - offered:
        yield "what falls due is not what was accepted and is owed"
    changes = {name: account.change_cents for name, account in world.contract.accounts.items()}
    if sum(changes.values()) != 0 or TONGDA in changes:
        yield f"I7 {changes}"
    if -changes[HAIHE] != sum(found.paid_cents for found in held.values()):
        yield f"I7 Haihe paid {-changes[HAIHE]}"
    if changes.get(CLEARING, 0) != waiting:
        yield f"I7 {changes.get(CLEARING)} with the settlement bank, {waiting} set aside"


def standing(world: World, name: str, found: Certificate) -> str:
    """A certificate's state, of a frozen one the state that waits."""
    order = world.contract.freezes.get(name)
    return order.before if order else found.state


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_tried_the_books_add_up(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()


def test_walks_reach_every_operation() -> None:
    taken: dict[str, int] = {}
    for seed in range(100, 130):
        walk = Walk(seed)
        for _ in range(STEPS):
            walk.step(is_judged=False)
        taken |= walk.taken
    assert set(OFTEN + SELDOM) - set(taken) == set()
