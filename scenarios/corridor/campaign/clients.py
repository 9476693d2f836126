"""The clients of the four ledgers: they sell bills, apply for finance, give and withhold licences, each as chance has it.

They try what is allowed and what is not: a proof too early, too late or of another end, two deals for one payment, a bill that is
locked already, a claim for a second batch. Once all is well again they bring to its end whatever has one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import JsonValue
from ledger.transaction import Transaction
from scenarios.corridor.books import deal_name, part_name
from scenarios.corridor.brought import KINDS, Kind
from scenarios.corridor.campaign.carriers import Proofs
from scenarios.corridor.campaign.ground import BILLS, CLAIMS, ground
from scenarios.corridor.campaign.world import World
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, SHIPPING
from scenarios.economy.cast import LICENCE
from scenarios.economy.story_day import MARGIN_PPM, TODAY, TRADES, due, seen
from scenarios.energy.cast import ASSURANCE, METERS
from scenarios.government.cast import MARKET
from scenarios.shipping.cast import JIANGLAN, NORDLICHT
from scenarios.story.play import plain
from scenarios.supply_chain_finance.cast import CLEARING, PRICE_PPM, YANSHAN, terms
from scenarios.supply_chain_finance.documents import outside_answer

TRADERS = (JIANGLAN, NORDLICHT, YANSHAN)
"""Who buys and sells bills: on shipping and on finance under one name."""
DEALS_MAX = 14
PRICE_CENTS_MAX = 900_000
SCF = "supply-chain-finance"
JUDGING = (
    (ASSURANCE, "attest_claim"), (ASSURANCE, "attest_claim"), (ASSURANCE, "dispute_claim"), (JIANGLAN, "withdraw_claim")
)  # fmt: skip
EVIDENCE: tuple[Kind, ...] = ("titles", "documents")
LONG_MS = 11 * 60_000
"""More than what was brought may be relied on."""


@dataclass(frozen=True, slots=True)
class Deal:
    """What a seller and a buyer agreed on, as both sign it."""

    goods: Mapping[str, JsonValue]
    money: Mapping[str, JsonValue]

    @property
    def seller(self) -> str:
        """Who has the bill."""
        return str(self.goods["seller"])

    @property
    def payer(self) -> str:
        """Who has the money."""
        return str(self.money["payer"])

    @property
    def id(self) -> str:
        """Its name on both ledgers."""
        return deal_name(part_name(self.goods), part_name(self.money))

    def on_shipping(self) -> dict[str, JsonValue]:
        """Arguments there."""
        return {"goods": dict(self.goods), "money": part_name(self.money)}

    def on_finance(self) -> dict[str, JsonValue]:
        """Arguments here."""
        return {"goods": part_name(self.goods), "money": dict(self.money)}


class Clients:
    """All of them, driven by one chance."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.chance
        self.proofs = Proofs(world)
        self.deals: list[Deal] = []
        self.actions: tuple[tuple[int, Callable[[], None]], ...] = (
            (18, self.agree), (6, self.lock), (18, self.execute), (7, self.cancel), (6, self.hand_over), (5, self.give_back),
            (15, self.claim_bill),
            (5, self.deposit), (5, self.change_licence), (9, self.bring), (22, self.finance), (9, self.pass_on), (5, self.claim),
            (2, self.wait_long),
        )  # fmt: skip
        self._weights = [action for weight, action in self.actions for _ in range(weight)]

    def begin(self) -> None:
        """Money for the first deals."""
        for member in TRADERS:
            self.post(FINANCE, (CLEARING,), "deals", "deposit", member=member, cents=PRICE_CENTS_MAX)

    def act(self) -> None:
        """One of them does something."""
        self.chance.pick(self._weights)()

    def post(self, ledger: str, signers: Sequence[str], contract: str, operation: str, **arguments: Any) -> None:
        """Signs and sends."""
        named = {name: plain(value) for name, value in arguments.items()}
        self.world.post(ledger, self.world.sign(ledger, signers, contract, operation, named))

    # Deals

    def agree(self) -> None:
        """A new deal; sometimes a second one for a payment that another deal has already."""
        if len(self.deals) >= DEALS_MAX:
            self.world.chance.pick((self.execute, self.hand_over, self.give_back))()
            return
        bill = self.chance.pick(BILLS)
        title = self.read(SHIPPING, "shipping", "titles", bill)
        if title is None:
            return
        seller = str(title["possessor"])
        buyer = self.chance.pick([member for member in TRADERS if member != seller])
        simulations = self.world.simulations
        money: Mapping[str, JsonValue] = {
            "shipping": simulations[SHIPPING].ledger,
            "payee": seller,
            "payer": buyer,
            "price_cents": self.chance.between(1, PRICE_CENTS_MAX),
            "nonce": self.chance.hexadecimal(32),
        }
        if self.deals and self.chance.happens(200):
            self.world.fired["two deals for one payment"] += 1
            money = self.chance.pick(self.deals).money
        goods: Mapping[str, JsonValue] = {
            "finance": simulations[FINANCE].ledger, "bill": bill, "seller": seller, "buyer": buyer
        }  # fmt: skip
        self.deals.append(Deal(goods, money))
        if self.chance.happens(850):
            self.post(SHIPPING, (seller,), "shipping", "lock_bill", **self.deals[-1].on_shipping())

    def lock(self) -> None:
        """The seller of some deal locks its bill, perhaps once more."""
        if self.deals:
            deal = self._some()
            self.post(SHIPPING, (deal.seller,), "shipping", "lock_bill", **deal.on_shipping())

    def execute(self) -> None:
        """The buyer pays: on a proof of the lock, or of none."""
        if self.deals:
            locked = [deal for deal in self.deals if self._believes_locked(deal)]
            deal = self.chance.pick(locked) if locked and self.chance.happens(700) else self._some()
            carried = self.proofs.ask(SHIPPING, "shipping.crossing_locks", deal.id)
            if carried is not None:
                what = ("deals", "execute", "lock", carried, deal.on_finance())
                self.world.post(FINANCE, *self.proofs.transactions(FINANCE, (deal.payer,), *what))

    def cancel(self) -> None:
        """Either party gives up, also what was executed or never locked."""
        if self.deals:
            deal = self._some()
            party = self.chance.pick([str(deal.money["payer"]), str(deal.money["payee"])])
            self.post(FINANCE, (party,), "deals", "cancel", **deal.on_finance())

    def hand_over(self) -> None:
        """Somebody wants the bill for the buyer, whatever the end."""
        if self.deals:
            self.free(self._some(), "hand_over")

    def give_back(self) -> None:
        """Somebody wants it back for the seller, whatever the end."""
        if self.deals:
            self.free(self._some(), "give_back")

    def claim_bill(self) -> None:
        """Who is entitled to a locked bill asks for it as its deal has ended."""
        for deal in self.deals:
            end = self.read(FINANCE, "deals", "crossing_ends", deal.id) if self._believes_locked(deal) else None
            if end is not None:
                self.free(deal, "hand_over" if end["end"] == "executed" else "give_back")

    def free(self, deal: Deal, operation: str) -> None:
        """With a proof how the deal ended, if somebody has one."""
        carried = self.proofs.ask(FINANCE, "deals.crossing_ends", deal.id)
        if carried is not None:
            what = ("shipping", operation, "end", carried, deal.on_shipping())
            self.world.post(SHIPPING, *self.proofs.transactions(SHIPPING, (self.chance.pick(TRADERS),), *what))

    def deposit(self) -> None:
        """More money."""
        cents = self.chance.between(1, PRICE_CENTS_MAX)
        self.post(FINANCE, (CLEARING,), "deals", "deposit", member=self.chance.pick(TRADERS), cents=cents)

    def pass_on(self) -> None:
        """Bills go other ways than by deals: handed on, pledged to the bank, let go."""
        bill = self.chance.pick(BILLS)
        title = self.read(SHIPPING, "shipping", "titles", bill)
        if title is None:
            return
        holder, pledgee = str(title["possessor"]), str(title["pledgee"])
        if pledgee:
            way = self.chance.below(3)
            if way == 0:
                self.post(SHIPPING, (pledgee,), "shipping", "unpledge", document=bill)
            elif holder != YANSHAN:
                self.post(SHIPPING, (holder, YANSHAN), "shipping", "transfer", document=bill, to=YANSHAN)
            else:
                self.post(SHIPPING, (YANSHAN,), "shipping", "transfer", document=bill, to=JIANGLAN)
        elif holder != YANSHAN and self.chance.happens(600):
            secures = self.chance.pick([*TRADES])
            self.post(SHIPPING, (holder, YANSHAN), "shipping", "pledge", document=bill, pledgee=YANSHAN, secures=secures)
        else:
            to = self.chance.pick([member for member in TRADERS if member != holder])
            self.post(SHIPPING, (holder,), "shipping", self.chance.pick(("transfer", "endorse_to_order")), document=bill, to=to)

    # Finance, and what it relies on

    def change_licence(self) -> None:
        """The bureau withholds the licence, or gives it back."""
        licence = self.read(GOVERNMENT, "government", "licences", LICENCE)
        if licence is not None:
            operation = "withhold_licence" if licence["state"] == "valid" else "restore_licence"
            self.post(GOVERNMENT, (MARKET,), "government", operation, licence=LICENCE, reason="seat")

    def claim(self) -> None:
        """Green power: claimed for either batch, attested, disputed, taken back."""
        way = self.chance.below(5)
        if way < 2:
            self.post(ENERGY, (JIANGLAN, METERS), "energy", "claim", **ground().claims[way])
            return
        signer, operation = self.chance.pick(JUDGING)
        reason = {"reason": "meter"} if operation == "dispute_claim" else {}
        self.post(ENERGY, (signer,), "energy", operation, claim=self.chance.pick(CLAIMS), **reason)

    def bring(self) -> None:
        """Somebody shows finance, or shipping, how a record stands elsewhere."""
        kind: Kind = self.chance.pick(("licences", "licences", "claims", "titles", "documents"))
        keys = {"licences": (LICENCE,), "claims": CLAIMS}.get(kind, BILLS)
        target = SHIPPING if kind == "licences" and self.chance.happens(200) else FINANCE
        self.bring_one(target, kind, self.chance.pick(keys))

    def bring_one(self, target: str, kind: Kind, key: str) -> None:
        """This one."""
        source = KINDS[kind][0]
        carried = self.proofs.ask(source, f"{source}.crossing_{kind}", key)
        if carried is not None:
            what = ("brought", "bring", "proof", carried, {"kind": kind, "key": key})
            self.world.post(target, *self.proofs.transactions(target, (JIANGLAN,), *what))

    def finance(self) -> None:
        """The next step of some certificate on its way to the bank's money, or one out of turn."""
        certificate = self.chance.pick([*TRADES])
        held = self.read(FINANCE, SCF, "certificates", certificate)
        if held is None or held["state"] == "financed":
            return
        application = self.read(FINANCE, SCF, "applications", certificate)
        if held["state"] != "locked" or application is None:
            self._apply(certificate)
        elif self.chance.happens(120):
            self.post(FINANCE, (YANSHAN,), SCF, "release", certificate=certificate)
        elif not application["queried_at_ms"]:
            self.post(
                FINANCE, (YANSHAN,), SCF, "query_registry", certificate=certificate, outside=outside_answer(certificate, TODAY)
            )
        elif not application["checked_at_ms"] or self.chance.happens(200):
            self._check(certificate)
        else:
            margin = int(application["green_margin_ppm"])
            net_cents = due(certificate, PRICE_PPM - margin)
            self.post(FINANCE, (YANSHAN,), SCF, "register_assignment", certificate=certificate, contract_on_ms=TODAY, months=12)
            self.post(FINANCE, (YANSHAN, CLEARING), SCF, "disburse", certificate=certificate, net_cents=net_cents)

    def _apply(self, certificate: str) -> None:
        """Most bring what they rely on first."""
        if self.chance.happens(600):
            self.bring_one(FINANCE, "licences", LICENCE)
        asked = terms(YANSHAN)
        if self.chance.happens(300):
            claim = self.chance.pick(CLAIMS)
            self.bring_one(FINANCE, "claims", claim)
            asked = asked.replace(green_claim=claim, green_margin_ppm=MARGIN_PPM)
        self.post(FINANCE, (JIANGLAN,), SCF, "apply_finance", certificate=certificate, terms=asked)

    def _check(self, certificate: str) -> None:
        """With a bill as evidence or without; whether it is pledged is for finance to find out."""
        bills = list[dict[str, str]]()
        if self.chance.happens(600):
            bill = self.chance.pick(BILLS)
            for kind in EVIDENCE:
                self.bring_one(FINANCE, kind, bill)
            bills.append({"document": bill, "pledgee": YANSHAN})
        self.post(FINANCE, (YANSHAN,), SCF, "check_documents", **seen(certificate), bills=bills)

    def wait_long(self) -> None:
        """So long that nothing that was brought may be relied on any more."""
        self.world.set_clocks(LONG_MS)

    # The end

    def bring_to_an_end(self) -> bool:
        """Each party does what ends its deals; True once nothing is left to do."""
        waiting = [deal for deal in self.deals if self._is_locked(deal)]
        for deal in waiting:
            end = self.world.record(FINANCE, "deals", "crossing_ends", deal.id)
            if end is None:
                self._once(deal, FINANCE, (str(deal.money["payee"]),), "cancel", deal.on_finance())
            else:
                self.free(deal, "hand_over" if end["end"] == "executed" else "give_back")
        return not waiting

    def _once(self, deal: Deal, ledger: str, signers: Sequence[str], operation: str, arguments: Mapping[str, JsonValue]) -> None:
        """Not while the same is under way."""
        under_way: Sequence[Transaction] = [*self.world.outstanding[ledger].values()]
        if not any(one.operation == operation and one.arguments == arguments for one in under_way):
            self.world.post(ledger, self.world.sign(ledger, signers, "deals", operation, arguments))

    def _believes_locked(self, deal: Deal) -> bool:
        return bool(self.world.simulations[SHIPPING].up()) and self._is_locked(deal)

    def _is_locked(self, deal: Deal) -> bool:
        lock = self.world.record(SHIPPING, "shipping", "bill_locks", str(deal.goods["bill"]))
        return lock is not None and lock["deal"] == deal.id

    def read(self, ledger: str, contract: str, collection: str, key: str) -> dict[str, Any] | None:
        """What a client believes of a ledger on which it is at home."""
        return self.world.record(ledger, contract, collection, key) if self.world.simulations[ledger].up() else None

    def _some(self) -> Deal:
        """Mostly one of the last few."""
        return self.chance.pick(self.deals[-4:] if self.chance.happens(700) else self.deals)
