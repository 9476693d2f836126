"""Random members who try random operations of supply-chain finance, with plausible and with bad arguments, while days pass."""

from collections.abc import Sequence
from random import Random
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Protocol, TypeVar

from ledger.contract.calendar import day_of
from ledger.errors import RefusedError
from scenarios.supply_chain_finance import finance, payments
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
from tests.scf_world import MILLION, World, financed, held, opened, overdue, prints, registration, sealing, split

PEOPLE = (HAIHE, BEICHEN, LULIN, MINGHE, YANSHAN, LANHAI)
TRADES = ((BEICHEN, HAIHE), (LULIN, BEICHEN), (MINGHE, LULIN), (BEICHEN, MINGHE), (LULIN, HAIHE))
OFTEN = ("register_invoice", "confirm_payable", "issue", "issue", "issue", "accept", "accept", "split_transfer", "split_transfer",
         "apply_finance", "query_registry", "check_documents", "register_assignment", "disburse", "disburse", "disburse",
         "pay_at_maturity", "claim_recourse", "pay_recourse")  # fmt: skip
SELDOM = ("register_sealed_invoice", "dispute", "reject", "void", "expire", "release", "mark_overdue", "write_off",
          "cancel_registration", "expire_registration", "offer_early_pay", "offer_early_pay", "early_pay", "early_pay", "freeze",
          "unfreeze", "reconcile", "announce_default", "announce_cure", "suspend", "reinstate", "report_use",
          "set_line")  # fmt: skip
BEGINNINGS = (lambda: opened().at("2026-04-03"), lambda: split(held()), financed, overdue)
NUMBERS = (*ascii_uppercase, *ascii_lowercase, *(f"{letter}2" for letter in ascii_uppercase))
T = TypeVar("T")


class Chooser(Protocol):
    """Chance, or whoever stands for it."""

    def choice(self, options: Sequence[T], /) -> T:
        """One of them."""

    def randrange(self, end: int, /) -> int:
        """A whole number below."""


class Walk:
    """One sequence of attempts."""

    def __init__(self, seed: int) -> None:
        self.random: Chooser = Random(seed)
        self.world = BEGINNINGS[seed % len(BEGINNINGS)]()
        self.start_ms = self.world.time_ms
        self.days = 0

    def step(self) -> str:
        """Tries one operation as somebody and says what took effect; refusals are what rules are for."""
        operation = self.random.choice(OFTEN * 5 + SELDOM)
        if self.random.randrange(40) == 0:
            self.days += self.random.choice((1, 1, 3, 9, 30))
            self.world.time_ms = self.start_ms + self.days * 86_400_000
        signers, arguments = getattr(self, operation)()
        try:
            self.world.do(signers, Scf.operations[operation], **arguments)
        except RefusedError:
            return ""
        return f"{operation} {arguments} by {signers}"

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
            "certificate": self.random.choice((*NUMBERS, "A-1", "B-2")),
            "promise": {
                "to": to, "amount_cents": max(1, self.amount(left)), "invoices": (name,), "platform": TONGDA,
                "due_on_ms": day_of(self.world.time_ms) + self.random.choice((0, 40, 90, 150)) * 86_400_000,
            },
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
        named = [self.invoice(to, holder) for _ in range(self.random.choice((1, 1, 1, 2)))]
        parts = [{"to": to, "amount_cents": given, "invoices": named}]
        if given != face:
            parts.append({"to": holder, "amount_cents": face - given, "invoices": []})
        return self.someone(holder), {"certificate": name, "parts": parts}

    def apply_finance(self) -> tuple[Any, dict[str, Any]]:
        name, found = self.certificate("active")
        return self.someone(*([found.holder] if found else [])), {
            "certificate": name,
            "terms": {
                "bank": self.random.choice((YANSHAN, LANHAI)), "rate_ppm": self.random.choice((0, 35_000)),
                "basis": self.random.choice(("ACT/360", "30/360")), "fee_cents": self.random.choice((0, 0, 3)),
                "with_recourse": bool(self.random.randrange(2)),
            },
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
        behind = finance.invoices_behind(self.world.contract, name) if found else ()
        return self.bank(name), {"certificate": name, "invoices": behind, "flags": found.flags if found else ()}

    def register_assignment(self) -> tuple[Any, dict[str, Any]]:
        name, _ = self.certificate("locked")
        return self.bank(name), {"certificate": name, "contract_on_ms": self.start_ms, "months": self.random.choice((1, 12))}

    def disburse(self) -> tuple[Any, dict[str, Any]]:
        asked = [name for name, one in self.world.contract.applications.items() if one.state == "applied" and one.checked_at_ms]
        name = self.random.choice(asked if asked and self.random.randrange(8) else [self.certificate("locked")[0]])
        return (self.bank(name), CLEARING), {"certificate": name, "net_cents": self.net(name)}

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
        held = self.world.contract.certificates.items()
        unpaid = {c.root: c for name, c in held if not c.children and c.state in LIVE and c.owed_cents and c.state != "pending"}
        due = [name for name, found in unpaid.items() if found.due_on_ms <= self.world.time_ms]
        name = self.random.choice(due if due and self.random.randrange(8) else [*unpaid, "none"])
        owed = sum(leaf.owed_cents for _, leaf in payments.live_leaves(self.world.contract, name)) if name in unpaid else 0
        return (self.someone(HAIHE), CLEARING), {"certificate": name, "amount_cents": max(1, self.amount(owed))}

    def mark_overdue(self) -> tuple[Any, dict[str, Any]]:
        return self.someone(), {"certificate": self.certificate("consumed", "active", "financed")[0].partition("-")[0]}

    def claim_recourse(self) -> tuple[Any, dict[str, Any]]:
        late = [name for name, c in self.world.contract.certificates.items() if c.state == "overdue" and c.recourse_to]
        name = self.random.choice(late) if late else self.certificate("overdue")[0]
        found = self.world.contract.certificates.get(name)
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
        return (JINQIAO, REGISTRY), prints(f"{seller} {self.random.randrange(60)}", seller, buyer)

    def set_line(self) -> tuple[Any, dict[str, Any]]:
        bank, most = self.random.choice(((YANSHAN, 10), (LANHAI, 2)))
        limit = self.random.choice((most, most, most, 1)) * MILLION
        return bank, {"core": HAIHE, "limit_cents": limit, "expires_on_ms": self.start_ms + 10**12}


def leaves_of(world: World) -> dict[str, Certificate]:
    """Certificates that nothing came of."""
    return {name: found for name, found in world.contract.certificates.items() if not found.children}
