"""Supply-chain finance without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from functools import cache
from typing import Any, Literal, Self

from ledger.contract import Sealed
from ledger.contract.played_steps import beside
from ledger.encoding import decode_object, encode
from scenarios.dates import on
from scenarios.energy.contract import Energy
from scenarios.energy.records import Claim
from scenarios.fractional import PARTS_MAX
from scenarios.government.contract import Government
from scenarios.government.records import Licence
from scenarios.shipping.contract import Shipping
from scenarios.shipping.records import Acknowledgement, DocumentState, Title, TransportDocument
from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.certificates import DEPTH_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised
from tests import contract_world, shipping_world

MILLION = 1_000_000_00
FACE = 10 * MILLION
ROOT = "R"
DEEPEST, LAST = ROOT + "-1" * DEPTH_MAX, f"{ROOT}-{PARTS_MAX}"
"""The part of the most splits; the one great part of the widest."""
LICENCE, EVIDENCE = "1" * 64, "2" * 64
ANSWER = {"number": "ZD-1", "answered_at_ms": on("2026-04-07"), "digest": "3" * 64, "names_another": False}
USCC = "91350100M000100Y43"
OFFER = {"certificate": ROOT, "rate_ppm": 45_000, "until_ms": on("2026-07-16")}
PRICE = 9_890_000_00
"""Of ten million at 4.5 % on the price for 89 days, from 8 July to 5 October, but for what the test works out."""


class World(contract_world.World[Scf]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Scf, {person["member"]: tuple(person["roles"]) for person in cast.MEMBERS}, "2026-03-30")

    def split(self, holder: str, certificate: str, *parts: tuple[object, ...]) -> Self:
        """A holder splits a certificate into parts of (to, cents, invoices …)."""
        return self.do(holder, Scf.split_transfer, certificate=certificate, parts=[part(*one) for one in parts])

    def open_line(self, bank: str, limit_cents: int) -> Self:
        """A bank says how much of Haihe's debt it is ready to finance."""
        return self.do(bank, Scf.set_line, core=cast.HAIHE, limit_cents=limit_cents, expires_on_ms=on("2027-03-31"))

    def check(self, *invoices: str, certificate: str = ROOT, outside: object = ANSWER) -> Self:
        """Yanshan queries the registries, and states that it has seen these invoices."""
        self.do(cast.YANSHAN, Scf.query_registry, certificate=certificate, outside=outside)
        return self.do(cast.YANSHAN, Scf.check_documents, certificate=certificate, invoices=invoices, evidence=EVIDENCE)

    def acknowledge(self, *flags: str) -> Self:
        """Yanshan takes flags of the root upon itself."""
        return self.do(cast.YANSHAN, Scf.acknowledge_flags, certificate=ROOT, flags=flags, reason="looked into")

    def register(self, *invoices: str, certificate: str = ROOT, months: int = 12, outside: object = ANSWER) -> Self:
        """The same, and Yanshan registers."""
        self.check(*invoices, certificate=certificate, outside=outside)
        entry = {"contract_on_ms": on("2026-04-07"), "months": months}
        return self.do(cast.YANSHAN, Scf.register_assignment, certificate=certificate, **entry)

    def pay(self, amount_cents: int, certificate: str = ROOT) -> Self:
        """Haihe pays a root."""
        return self.do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=certificate, amount_cents=amount_cents)


def opened() -> World:
    """Parties, a limit on terms, and a line of 12 million on Haihe; 31 March."""
    world = World()
    world.do(cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), limits=cast.limits(12, 6))
    world.do(cast.CLEARING, Scf.set_holidays, days=(on("2026-10-01"), on("2026-10-02")), name="National Day")
    for person in cast.MEMBERS:
        if person["kind"]:
            world.do(
                cast.TONGDA,
                Scf.onboard,
                licence=LICENCE,
                licence_number="L-1",
                **{name: person[name] for name in ("member", "kind", "uscc")},
            )
    world.at("2026-03-31")
    world.open_line(cast.YANSHAN, 10 * MILLION).open_line(cast.LANHAI, 2 * MILLION)
    return world


def vat(name: str) -> str:
    """A number in the form of a VAT invoice's, for a name."""
    return f"26{int(fingerprint_of('', '', name)[:15], 16) % 10**18:018}"


def registration(name: str, number: str, seller: str, buyer: str, day: str = "2026-03-27", cents: int = 2) -> dict[str, Any]:
    """Arguments of an open invoice."""
    paper = {"number": number, "buyer": buyer, "issued_on_ms": on(day), "net_cents": cents - 1, "tax_cents": 1}
    return {"invoice": name, "paper": paper, **prints(number, seller, buyer)}


def invoiced(
    world: World, name: str, seller: str, buyer: str, cents: int, *, confirm: bool = True, day: str = "2026-03-27"
) -> World:
    """An open invoice, confirmed unless told otherwise."""
    arguments = registration(name, vat(name), seller, buyer, day, cents)
    world.do((seller, cast.REGISTRY), Scf.register_invoice, **arguments)
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def prints(number: str, seller: str, buyer: str) -> dict[str, Any]:
    """The fingerprint as an honest registry would sign it: the argument of another platform's report."""
    return {"fingerprint": fingerprint_of(seller, buyer, normalised(number), "keyed")}


def sealing(name: str, number: str, seller: str, buyer: str) -> dict[str, Any]:
    """Arguments of a sealed invoice."""
    sealed = {"sealed": "0" * 64}
    return {
        "invoice": name,
        "buyer": buyer,
        "issued_on_ms": on("2026-03-27"),
        "document": sealed,
        **prints(number, seller, buyer),
    }


def sealed(world: World, name: str, seller: str, buyer: str, *, confirm: bool = True) -> World:
    """A sealed invoice, confirmed unless told otherwise."""
    arguments = sealing(name, vat(f"sealed {name}"), seller, buyer)
    world.do((seller, cast.REGISTRY), Scf.register_sealed_invoice, **arguments)
    return world.do(buyer, Scf.confirm_payable, invoice=name) if confirm else world


def issue(certificate: str = ROOT, **changes: object) -> dict[str, Any]:
    """Arguments of a good issue on 3 April."""
    promise = cast.promise(cast.BEICHEN, FACE, on("2026-10-01"), "A").replace(**changes)
    return {"certificate": certificate, "promise": promise.model_dump(mode="json")}


def ready() -> World:
    """Haihe has confirmed an invoice of ten million; 3 April."""
    return invoiced(opened(), "A", cast.BEICHEN, cast.HAIHE, FACE).at("2026-04-03")


def unconfirmed() -> World:
    """The same, not confirmed yet."""
    return invoiced(opened(), "A", cast.BEICHEN, cast.HAIHE, FACE, confirm=False).at("2026-04-03")


def issued() -> World:
    """Haihe has issued ten million to Beichen, who may accept; 3 April."""
    return ready().do(cast.HAIHE, Scf.issue, **issue())


def held() -> World:
    """Beichen holds the root and has a confirmed invoice of Lulin to pay; 7 April."""
    world = issued().do(cast.BEICHEN, Scf.accept, certificate=ROOT)
    return invoiced(world, "L", cast.LULIN, cast.BEICHEN, FACE).at("2026-04-07")


def part(to: object, cents: object, *invoices: object) -> dict[str, Any]:
    """One part of a split."""
    return {"to": to, "amount_cents": cents, "invoices": invoices}


def split(world: World) -> World:
    """Beichen holds R-1 (4 million), Lulin R-2 (6 million)."""
    world.split(cast.BEICHEN, ROOT, (cast.BEICHEN, 4 * MILLION), (cast.LULIN, 6 * MILLION, "L"))
    return world.do(cast.LULIN, Scf.accept, certificate="R-2")


def terms(certificate: str = ROOT, **changes: object) -> dict[str, Any]:
    """Arguments of a good application at Yanshan."""
    agreed = {"bank": cast.YANSHAN, "rate_ppm": 36_000, "basis": "ACT/360", "fee_cents": 100_00, "with_recourse": True}
    return {"certificate": certificate, "terms": {**agreed, **changes}}


def applied(**changes: Any) -> World:
    """Beichen has applied for finance of the root; 7 April."""
    return held().do(cast.BEICHEN, Scf.apply_finance, **terms(**changes))


def registered(**changes: object) -> World:
    """Yanshan has queried, checked and registered."""
    return applied(**changes).register("A")


NET = FACE - 181_000_00 - 100_00
"""10 million at 3.6 % for the 181 days from 7 April to 5 October, after two holidays and a weekend, and a fee of 100 yuan."""


def financed(**changes: object) -> World:
    """Yanshan has paid and holds the root."""
    return registered(**changes).do((cast.YANSHAN, cast.CLEARING), Scf.disburse, certificate=ROOT, net_cents=NET)


def overdue(**changes: object) -> World:
    """Nobody was paid by 6 October."""
    return financed(**changes).at("2026-10-06").do(cast.LULIN, Scf.mark_overdue, certificate=ROOT)


def reported() -> World:
    """An invoice J of Lulin to Beichen is used on another platform."""
    return used_elsewhere(held(), "J", cast.LULIN, cast.BEICHEN)


def used_elsewhere(world: World, name: str, seller: str, buyer: str) -> World:
    """Another platform reports an invoice, registered here or not."""
    return world.do((cast.JINQIAO, cast.REGISTRY), Scf.report_use, **prints(vat(name), seller, buyer))


def withdrawn(world: World, name: str, seller: str, buyer: str) -> World:
    """The platform takes its report back."""
    report = prints(vat(name), seller, buyer)
    return world.do((cast.JINQIAO, cast.REGISTRY), Scf.withdraw_use, **report, reason="a mistake of the clerk")


def related(world: World) -> World:
    """Beichen declares that it belongs to Haihe."""
    return world.do(cast.TONGDA, Scf.declare_relation, member=cast.BEICHEN, other=cast.HAIHE, ground="30 %")


def credit(cents: int, number: str = "red", invoice: str = "A") -> dict[str, Any]:
    """Arguments of a red-letter invoice."""
    return {"invoice": invoice, "number": vat(number), "amount_cents": cents, **prints(vat(number), cast.BEICHEN, cast.HAIHE)}


def credited(world: World) -> World:
    """Beichen takes back all but a cent of the root's invoice."""
    return world.do((cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **credit(FACE - 1, "all the rest"))


def suspended(world: World, member: str) -> World:
    """A member whose licence was withdrawn."""
    return world.do(cast.TONGDA, Scf.suspend, member=member, reason="licence withdrawn")


def barred(world: World) -> World:
    """Haihe has defaulted on a bond."""
    return world.do(cast.REGULATOR, Scf.announce_default, core=cast.HAIHE, cause="bond-default", reference="bond 24 Haihe 01")


def ready_again(world: World) -> World:
    """Something that Haihe could promise against."""
    return invoiced(world, "B", cast.BEICHEN, cast.HAIHE, MILLION)


def offered() -> World:
    """Haihe offers to pay the root early, until 16 July; 8 July."""
    return held().at("2026-07-08").do(cast.HAIHE, Scf.offer_early_pay, **OFFER)


def frozen(world: World, certificate: str = ROOT) -> World:
    """A court has frozen a certificate."""
    return world.do(cast.COURT, Scf.freeze, certificate=certificate, order="(2026) 61")


def run_out() -> World:
    """Yanshan registered for a month on 7 April; it is 7 May."""
    return applied().register("A", months=1).at("2026-05-07")


def set_aside() -> World:
    """Lulin's six million of ten were frozen, and Haihe has paid all."""
    return frozen(split(held()), "R-2").at("2026-10-05").pay(FACE)


def tallied(count: int = 1, owed_cents: int = FACE, day: str = "2026-04-07") -> dict[str, object]:
    """Arguments of a reconciliation, by the platform's books."""
    return {"day_ms": on(day), "tallies": [{"core": cast.HAIHE, "count": count, "owed_cents": owed_cents}]}


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
        invoiced(world, f"D{name}", cast.LULIN, cast.BEICHEN, 2)
        world.split(cast.BEICHEN, name, (cast.BEICHEN, size(world, name) - 1), (cast.LULIN, 1, f"D{name}"))
        name += "-1"
    return world


def wide() -> World:
    """A root in as many parts as one split makes; Lulin has the last one."""
    world = held().split(cast.BEICHEN, ROOT, *[(cast.BEICHEN, 1)] * (PARTS_MAX - 1), (cast.LULIN, FACE - PARTS_MAX + 1, "L"))
    return world.do(cast.LULIN, Scf.accept, certificate=LAST)


def size(world: World, certificate: str) -> int:
    """The face."""
    return world.contract.certificates[certificate].amount_cents


def disputed() -> World:
    """Haihe contests the invoice of ten million."""
    return unconfirmed().do(cast.HAIHE, Scf.dispute, invoice="A", reason="broken")


def due() -> World:
    """The day of payment."""
    return held().at("2026-10-05")


def defaulted_second() -> World:
    """The same as overdue, with an invoice for another promise."""
    world = overdue()
    return invoiced(world, "B", cast.BEICHEN, cast.HAIHE, MILLION)


# What other contracts of the ledger keep


def licence_needed(world: World) -> World:
    """From 8 April on nobody is financed without a licence."""
    world.do(cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-04-08"), limits=cast.limits(12, 6, licence_needed=True))
    return world.at("2026-04-08")


def licensed(world: World, **changes: Any) -> World:
    """The same, and Beichen has a licence."""
    return licence_needed(with_licence(world, **changes))


def outdated(world: World) -> World:
    """The licence was brought from another ledger, and that is too long ago."""
    said = {**decode_object(world.state.get("government", "licences", "L-1") or b""), "until_ms": world.time_ms - 1}
    world.state.put("government", "licences", "L-1", encode(said))
    return world


def renewed(world: World) -> World:
    """Beichen has shown its platform a licence with another number, after it was suspended."""
    suspended(world, cast.BEICHEN)
    return world.do(cast.TONGDA, Scf.reinstate, member=cast.BEICHEN, licence=LICENCE, licence_number="L-2")


def with_licence(world: World, **changes: Any) -> World:
    """Beichen has a licence, whether one is needed or not."""
    said = {"valid_from_on_ms": on("2026-01-01"), "valid_to_on_ms": on("2026-12-31"), "content": Sealed("0" * 64)}
    code = world.contract.parties[cast.BEICHEN].uscc
    about = {"item": "EL-001", "holder": "beichen", "holder_code": code, "holder_key": "0" * 64, "issuer": "market-bureau"}
    beside(world.state, Government).licences["L-1"] = Licence(
        **{**about, **said, "type_code": "1", "number": "1", "version": 1, "issued_at_ms": 0, "changed_at_ms": 0, **changes}
    )
    return world


@cache
def at_sea() -> tuple[TransportDocument, Title]:
    """A bill of lading that is out, and its title."""
    shipping = shipping_world.bearer().contract
    return shipping.documents[shipping_world.BILL], shipping.titles[shipping_world.BILL]


def pledged(
    world: World, pledgee: str = cast.YANSHAN, status: DocumentState = "ISSUED", times_flagged: int = 0, **changes: Any
) -> World:
    """Two bills of lading in the hands of their pledgee, who has acknowledged two doubts about each; `changes` of the titles."""
    shipping, (bill, title) = beside(world.state, Shipping), at_sea()
    doubts = {"flags": ("event-late",) if times_flagged else (), "times_flagged": times_flagged}
    for document in ("TD-1", "TD-2"):
        shipping.titles[document] = title.replace(**{"pledgee": pledgee, "possessor": pledgee, **changes})
        shipping.documents[document] = bill.replace(reference=document, status=status, **doubts)
        shipping.acknowledgements[f"{document}:{pledgee}"] = Acknowledgement(times_flagged=2)
    return world


def amended(world: World) -> World:
    """One was issued in place of the other."""
    shipping = beside(world.state, Shipping)
    shipping.documents["TD-2"] = shipping.documents["TD-2"].replace(replaces="TD-1")
    return world


def named(*invoices: str, bill: str = "TD-1", pledgee: str = cast.YANSHAN) -> dict[str, Any]:
    """Arguments of a check that names a bill."""
    return {"invoices": invoices, "evidence": EVIDENCE, "bills": [{"document": bill, "pledgee": pledgee}]}


GREEN: dict[str, Any] = {"green_claim": "G-1", "green_margin_ppm": 1_000}


def green(world: World, consumer: str = cast.BEICHEN, state: Literal["pending", "attested", "disputed"] = "attested") -> World:
    """A claim of green power."""
    said: dict[str, Any] = {
        "month": "2026-03",
        "zone": "NORTH",
        "hours": (),
        "energy_wh": 1,
        "bundles": (),
        "verifier": "lvheng.fang",
    }
    claim = Claim(consumer=consumer, state=state, evidence=Sealed("0" * 64), **said)
    beside(world.state, Energy).claims["G-1"] = claim
    return world


def disputed_since() -> World:
    """A claim that was attested when Beichen applied."""
    world = green(held()).do(cast.BEICHEN, Scf.apply_finance, **terms(**GREEN)).register("A")
    return green(world, state="disputed")


def unpledged() -> World:
    """Yanshan has named a bill that is not pledged to it any more."""
    world = pledged(registered()).do(cast.YANSHAN, Scf.check_documents, certificate=ROOT, **named("A"))
    return pledged(world, "")


def cited_once() -> World:
    """Yanshan was asked for both parts of the root, and has paid the first, for which it named a bill."""
    world = pledged(split(held()))
    for holder, name in ((cast.BEICHEN, "R-1"), (cast.LULIN, "R-2")):
        world.do(holder, Scf.apply_finance, **terms(name))
    world.register("A", certificate="R-1").do(cast.YANSHAN, Scf.check_documents, certificate="R-1", **named("A"))
    return world.do((cast.YANSHAN, cast.CLEARING), Scf.disburse, certificate="R-1", net_cents=4 * MILLION - 72_400_00 - 100_00)
