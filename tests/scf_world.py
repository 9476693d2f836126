"""Supply-chain finance without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from scenarios.dates import on
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    HAIHE,
    LANHAI,
    LULIN,
    MEMBERS,
    REGISTRY,
    REGULATOR,
    TONGDA,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised, stem_of
from tests import contract_world

MILLION = 1_000_000_00
FACE = 10 * MILLION
ROOT = "R"


class World(contract_world.World[Scf]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Scf, {person["member"]: tuple(person["roles"]) for person in MEMBERS}, "2026-03-30")


def opened() -> World:
    """Parties, a limit on terms, and a line of 12 million on Haihe; 31 March."""
    world = World()
    world.do(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), months_max=12, months_without_reason=6)
    world.do(CLEARING, Scf.set_holidays, days=(on("2026-10-01"), on("2026-10-02")), name="National Day")
    for person in MEMBERS:
        if person["kind"]:
            world.do(TONGDA, Scf.onboard, licence="1" * 64, **{name: person[name] for name in ("member", "kind", "uscc")})
    world.at("2026-03-31")
    for bank, limit in ((YANSHAN, 10), (LANHAI, 2)):
        world.do(bank, Scf.set_line, core=HAIHE, limit_cents=limit * MILLION, expires_on_ms=on("2027-03-31"))
    return world


def registration(name: str, number: str, seller: str, buyer: str, day: str = "2026-03-27", cents: int = 2) -> dict[str, Any]:
    """Arguments of an open invoice."""
    amounts = {"net_cents": cents - 1, "tax_cents": 1}
    return {"invoice": name, "issued_on_ms": on(day), **amounts, **numbered(number, seller, buyer)}


def invoiced(world: World, name: str, seller: str, buyer: str, cents: int, *, confirm: bool = True) -> World:
    """An open invoice, confirmed unless told otherwise."""
    arguments = registration(name, f"number {name} of 2026", seller, buyer, cents=cents)
    world.do((seller, REGISTRY), Scf.register_invoice, **arguments)
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def numbered(number: str, seller: str, buyer: str) -> dict[str, Any]:
    """Number and buyer with fingerprints as an honest registry would sign them."""
    prints = {
        "fingerprint": fingerprint_of(seller, buyer, normalised(number), "keyed"),
        "stem": fingerprint_of(seller, buyer, stem_of(number), "keyed stem"),
    }
    return {"number": number, "buyer": buyer, **prints}


def sealing(name: str, number: str, seller: str, buyer: str) -> dict[str, Any]:
    """Arguments of a sealed invoice."""
    arguments = {"invoice": name, "issued_on_ms": 0, "document": {"sealed": "0" * 64}, **numbered(number, seller, buyer)}
    del arguments["number"]
    return arguments


def sealed(world: World, name: str, seller: str, buyer: str, *, confirm: bool = True) -> World:
    """A sealed invoice, confirmed unless told otherwise."""
    arguments = sealing(name, f"sealed {name} of 2026", seller, buyer)
    world.do((seller, REGISTRY), Scf.register_sealed_invoice, **arguments)
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
    return world.do(YANSHAN, Scf.register_assignment, certificate=ROOT, contract_on_ms=on("2026-04-07"), months=12)


NET = FACE - 181_000_00 - 100_00
"""10 million at 3.6 % for the 181 days from 7 April to 5 October, after two holidays and a weekend, and a fee of 100 yuan."""


def financed(**changes: object) -> World:
    """Yanshan has paid and holds the root."""
    return registered(**changes).do((YANSHAN, CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET)


def overdue(**changes: object) -> World:
    """Nobody was paid by 6 October."""
    return financed(**changes).at("2026-10-06").do(LULIN, Scf.mark_overdue, certificate=ROOT)
