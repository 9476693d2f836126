"""Supply-chain finance without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from ledger.contract import Context, Member, Operation
from ledger.contract.calendar import DAY_MS, day_from_date
from ledger.contract.model import json_of
from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.identity.records import MEMBERSHIP, Organization
from ledger.primitives import Digest
from ledger.state.overlay import Overlay, StateView
from nodes.storage.memory import MemoryStore
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    HAIHE,
    LANHAI,
    LULIN,
    MEMBERS,
    REGULATOR,
    TONGDA,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf

MILLION = 1_000_000_00
FACE = 10 * MILLION
ROOT = "R"


def on(text: str) -> int:
    """Midnight UTC of a date."""
    year, month, day = map(int, text.split("-"))
    return day_from_date(year, month, day)


class World:
    """A state and a clock at nine in the morning."""

    def __init__(self) -> None:
        self.state = Overlay(StateView(MemoryStore()))
        self.time_ms = 0
        self.at("2026-03-30")
        self.events: list[tuple[str, dict[str, Any]]] = []
        for person in MEMBERS:
            self.grant(person["member"], *person["roles"])
            self.enrol(person["member"], *person["roles"])

    def grant(self, member: str, *roles: str) -> None:
        """The member's organization, by state alone: it may give its members these roles."""
        record = Organization(name=member.partition(".")[0], root_certificate="none", roles=roles)
        self.state.put(MEMBERSHIP, "organizations", record.name, encode(record.model_dump(mode="json")))

    def enrol(self, member: str, *roles: str) -> None:
        """A member by state alone."""
        record = Member(member=member, public_key="0" * 64, roles=roles, not_before_ms=0, not_after_ms=10**14, certificate="none")
        self.state.put(MEMBERSHIP, "members", member, encode(record.model_dump(mode="json")))

    def at(self, text: str, days: int = 0) -> "World":
        """Moves the clock."""
        self.time_ms = on(text) + days * DAY_MS + 9 * 3_600_000
        return self

    @property
    def contract(self) -> Scf:
        """For reading."""
        return Scf(self.state)

    def do(self, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> "World":
        """Runs an operation; raises RefusedError, and then nothing was written."""
        names = (signers,) if isinstance(signers, str) else signers
        draft = Overlay(self.state)
        context = self.context(*names, state=draft)
        Scf.run(draft, context, operation.name, {name: json_of(value) for name, value in arguments.items()})
        draft.commit()
        self.events += [(event.name, event.data) for event in context.events]
        return self

    def code(self, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> str:
        """The code with which it is refused, `ok` if it is not."""
        try:
            self.do(signers, operation, **arguments)
        except RefusedError as error:
            return error.code
        return "ok"

    def context(self, *signers: str, state: Overlay | None = None) -> Context:
        """What an operation is given."""
        found = [Context.member(self._context((), self.state), name) for name in signers]
        return self._context(tuple(member for member in found if member), state or self.state)

    def _context(self, signers: tuple[Member, ...], state: Overlay) -> Context:
        return Context(
            contract=Scf.name,
            refusals=Scf.refusals,
            state=state,
            signers=signers,
            time_ms=self.time_ms,
            height=1,
            transaction=Digest("0" * 64),
        )


def opened() -> World:
    """Parties, a limit on terms, and a line of 12 million on Haihe; 31 March."""
    world = World()
    world.do(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), months_max=12, months_without_reason=6)
    world.do(CLEARING, Scf.set_holidays, days=(on("2026-10-01"), on("2026-10-02")), name="National Day")
    for person in MEMBERS:
        if person["kind"]:
            world.do(TONGDA, Scf.onboard, **{name: person[name] for name in ("member", "kind", "uscc")})
    world.at("2026-03-31")
    for bank, limit in ((YANSHAN, 9), (LANHAI, 3)):
        world.do(bank, Scf.set_line, core=HAIHE, limit_cents=limit * MILLION, expires_on_ms=on("2027-03-31"))
    return world


def invoiced(world: World, name: str, seller: str, buyer: str, cents: int, *, confirm: bool = True) -> World:
    """An open invoice, confirmed unless told otherwise."""
    world.do(
        seller, Scf.register_invoice, invoice=name, number=f"number {name} of 2026", buyer=buyer,
        issued_on_ms=on("2026-03-27"), net_cents=cents - 1, tax_cents=1,
    )  # fmt: skip
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def issue(certificate: str = ROOT, **changes: object) -> dict[str, Any]:
    """Arguments of a good issue on 3 April."""
    return {
        "certificate": certificate,
        "to": BEICHEN,
        "amount_cents": FACE,
        "due_on_ms": on("2026-10-01"),
        "invoices": ("A",),
        "platform": TONGDA,
        **changes,
    }


def issued() -> World:
    """Haihe has issued ten million to Beichen, who may accept; 3 April."""
    world = invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03")
    return world.do(HAIHE, Scf.issue, **issue())


def held() -> World:
    """Beichen holds the root and has a confirmed invoice of Lulin to pay; 7 April."""
    world = issued().do(BEICHEN, Scf.accept, certificate=ROOT)
    return invoiced(world, "L", LULIN, BEICHEN, FACE).at("2026-04-07")


def part(to: str, cents: int, *invoices: str) -> dict[str, Any]:
    """One part of a split."""
    return {"to": to, "amount_cents": cents, "invoices": invoices}


def split(world: World) -> World:
    """Beichen holds R-1 (4 million), Lulin R-2 (6 million)."""
    world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[part(BEICHEN, 4 * MILLION), part(LULIN, 6 * MILLION, "L")])
    return world.do(LULIN, Scf.accept, certificate="R-2")


def terms(**changes: object) -> dict[str, Any]:
    """Arguments of a good application at Yanshan."""
    return {
        "certificate": ROOT,
        "bank": YANSHAN,
        "rate_ppm": 36_000,
        "basis": "ACT/360",
        "fee_cents": 100_00,
        "with_recourse": True,
        **changes,
    }


def applied(**changes: object) -> World:
    """Beichen has applied for finance of the root; 7 April."""
    return held().do(BEICHEN, Scf.apply_finance, **terms(**changes))


def registered(**changes: object) -> World:
    """Yanshan has queried, checked and registered."""
    world = applied(**changes).do(YANSHAN, Scf.query_registry, certificate=ROOT)
    world.do(YANSHAN, Scf.check_documents, certificate=ROOT, invoices=("A",), flags=())
    return world.do(YANSHAN, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-07"))


NET = FACE - 181_000_00 - 100_00
"""10 million at 3.6 % for the 181 days from 7 April to 5 October, after two holidays and a weekend, and a fee of 100 yuan."""


def financed(**changes: object) -> World:
    """Yanshan has paid and holds the root."""
    return registered(**changes).do((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET)


def overdue(**changes: object) -> World:
    """Nobody was paid by 6 October."""
    return financed(**changes).at("2026-10-06").do(LULIN, Scf.mark_overdue, certificate=ROOT)
