"""Supply-chain finance without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    COURT,
    HAIHE,
    JINQIAO,
    LANHAI,
    LULIN,
    MEMBERS,
    REGISTRY,
    REGULATOR,
    TONGDA,
    YANSHAN,
)
from scenarios.supply_chain_finance.certificates import DEPTH_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised, stem_of
from tests import contract_world

MILLION = 1_000_000_00
FACE = 10 * MILLION
ROOT = "R"
LICENCE = "1" * 64
USCC = "91350100M000100Y43"
OFFER = {"certificate": ROOT, "rate_ppm": 45_000, "until_ms": on("2026-07-16")}
PRICE = 9_890_000_00
"""Of ten million at 4.5 % on the price for 89 days, from 8 July to 5 October, but for what the test works out."""


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
            world.do(TONGDA, Scf.onboard, licence=LICENCE, **{name: person[name] for name in ("member", "kind", "uscc")})
    world.at("2026-03-31")
    for bank, limit in ((YANSHAN, 10), (LANHAI, 2)):
        world.do(bank, Scf.set_line, core=HAIHE, limit_cents=limit * MILLION, expires_on_ms=on("2027-03-31"))
    return world


def registration(name: str, number: str, seller: str, buyer: str, day: str = "2026-03-27", cents: int = 2) -> dict[str, Any]:
    """Arguments of an open invoice."""
    paper = {"number": number, "buyer": buyer, "issued_on_ms": on(day), "net_cents": cents - 1, "tax_cents": 1}
    return {"invoice": name, "paper": paper, **prints(number, seller, buyer)}


def invoiced(world: World, name: str, seller: str, buyer: str, cents: int, *, confirm: bool = True) -> World:
    """An open invoice, confirmed unless told otherwise."""
    arguments = registration(name, f"number {name} of 2026", seller, buyer, cents=cents)
    world.do((seller, REGISTRY), Scf.register_invoice, **arguments)
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def prints(number: str, seller: str, buyer: str) -> dict[str, Any]:
    """Fingerprints as an honest registry would sign them: the arguments of another platform's report."""
    return {
        "fingerprint": fingerprint_of(seller, buyer, normalised(number), "keyed"),
        "stem": fingerprint_of(seller, buyer, stem_of(number), "keyed stem"),
    }


def sealing(name: str, number: str, seller: str, buyer: str) -> dict[str, Any]:
    """Arguments of a sealed invoice."""
    sealed = {"sealed": "0" * 64}
    return {"invoice": name, "buyer": buyer, "issued_on_ms": 0, "document": sealed, **prints(number, seller, buyer)}


def sealed(world: World, name: str, seller: str, buyer: str, *, confirm: bool = True) -> World:
    """A sealed invoice, confirmed unless told otherwise."""
    arguments = sealing(name, f"sealed {name} of 2026", seller, buyer)
    world.do((seller, REGISTRY), Scf.register_sealed_invoice, **arguments)
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def issue(certificate: str = ROOT, **changes: object) -> dict[str, Any]:
    """Arguments of a good issue on 3 April."""
    promise = cast.promise(BEICHEN, FACE, on("2026-10-01"), "A").replace(**changes)
    return {"certificate": certificate, "promise": promise.model_dump(mode="json")}


def ready() -> World:
    """Haihe has confirmed an invoice of ten million; 3 April."""
    return invoiced(opened(), "A", BEICHEN, HAIHE, FACE).at("2026-04-03")


def unconfirmed() -> World:
    """The same, not confirmed yet."""
    return invoiced(opened(), "A", BEICHEN, HAIHE, FACE, confirm=False).at("2026-04-03")


def issued() -> World:
    """Haihe has issued ten million to Beichen, who may accept; 3 April."""
    return ready().do(HAIHE, Scf.issue, **issue())


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


def terms(certificate: str = ROOT, **changes: object) -> dict[str, Any]:
    """Arguments of a good application at Yanshan."""
    agreed = {"bank": YANSHAN, "rate_ppm": 36_000, "basis": "ACT/360", "fee_cents": 100_00, "with_recourse": True}
    return {"certificate": certificate, "terms": {**agreed, **changes}}


def applied(**changes: Any) -> World:
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


def reported() -> World:
    """An invoice J-1 of Lulin to Beichen is used on another platform."""
    return held().do((JINQIAO, REGISTRY), Scf.report_use, **prints("J-1", LULIN, BEICHEN))


def suspended(world: World, member: str) -> World:
    """A member whose licence was withdrawn."""
    return world.do(TONGDA, Scf.suspend, member=member, reason="licence withdrawn")


def barred(world: World) -> World:
    """Haihe has defaulted on a bond."""
    return world.do(REGULATOR, Scf.announce_default, core=HAIHE, cause="bond-default", reference="bond 24 Haihe 01")


def ready_again(world: World) -> World:
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


def newcomer() -> World:
    """A supplier that nobody has let in."""
    world = opened()
    world.enrol("new.person", "supplier")
    return world


def colleague() -> World:
    """Somebody else of the organization that runs the platform."""
    world = opened()
    world.enrol("tongda.fin", "supplier")
    return world


def deep() -> World:
    """A certificate that was split as often as it can be."""
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
    """A root in as many parts as one split makes; the last one is offered to Lulin."""
    world = held()
    parts = [part(BEICHEN, 1) for _ in range(PARTS_MAX - 1)]
    return world.do(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=[*parts, part(LULIN, FACE - PARTS_MAX + 1, "L")])


def size(world: World, certificate: str) -> int:
    """The face."""
    return world.contract.certificates[certificate].amount_cents


def disputed() -> World:
    """Haihe contests the invoice of ten million."""
    return unconfirmed().do(HAIHE, Scf.dispute, invoice="A", reason="broken")


def due() -> World:
    """The day of payment."""
    return held().at("2026-10-05")


def defaulted_second() -> World:
    """The same as overdue, with an invoice for another promise."""
    world = overdue()
    return invoiced(world, "B", BEICHEN, HAIHE, MILLION)
