"""What the clients of the corridor work out just before they sign: proofs of another ledger, forged ones, the parts of a deal."""

from dataclasses import dataclass
from typing import Any

from ledger.errors import JsonValue
from ledger.genesis import parse_genesis
from scenarios.client_files import ClientFiles
from scenarios.corridor.cast import FINANCE, SHIPPING
from scenarios.corridor.stage import CorridorFiles, CorridorStage
from scenarios.deal_terms import Goods, Money, deal_id, part_digest
from scenarios.story.story import PreparedArgument, prepared


def corridor_of(files: ClientFiles) -> CorridorStage:
    """The ledgers that a client asks."""
    assert isinstance(files, CorridorFiles), "the corridor is played on a stage of several ledgers"
    return files.corridor


@prepared
def crossing(files: ClientFiles, actor: str, target: str, source: str, place: str, key: str) -> JsonValue:
    """The proof of what `source` holds in one of its crossing collections, for use on `target`."""
    return corridor_of(files).cross(target, source, place, key).proof


@prepared
def admission(files: ClientFiles, actor: str, name: str) -> JsonValue:
    """The action by which a ledger admits another one, as its genesis tells."""
    stage = corridor_of(files).stages[name]
    genesis = parse_genesis(stage.genesis_bytes)
    return {"kind": "admit-ledger", "name": name, "ledger": genesis.ledger, "validators": genesis.validator_set.to_json()}


@dataclass(frozen=True, slots=True)
class Deal:
    """What a seller and a buyer have agreed on: a bill against money."""

    bill: str
    seller: str
    buyer: str
    payee: str
    payer: str
    price_cents: int
    nonce: str

    def goods(self, corridor: CorridorStage) -> Goods:
        """Its part on shipping."""
        return Goods(finance=corridor.genesis[FINANCE], bill=self.bill, seller=self.seller, buyer=self.buyer)

    def money(self, corridor: CorridorStage) -> Money:
        """Its part on finance."""
        return Money(
            shipping=corridor.genesis[SHIPPING],
            payee=self.payee,
            payer=self.payer,
            price_cents=self.price_cents,
            nonce=self.nonce,
        )

    def id(self, corridor: CorridorStage) -> str:
        """Its name on both."""
        return deal_id(part_digest(self.goods(corridor)), part_digest(self.money(corridor)))

    def on_shipping(self) -> dict[str, Any]:
        """Arguments of an operation on the bill."""
        return {"goods": _goods(self), "money": _money_digest(self)}

    def on_finance(self) -> dict[str, Any]:
        """Arguments of an operation on the money."""
        return {"money": _money(self), "goods": _goods_digest(self)}

    def lock(self) -> PreparedArgument:
        """The proof that the bill is locked, for finance."""
        return _proof_of(self, FINANCE, SHIPPING, "shipping.crossing_locks")

    def end(self) -> PreparedArgument:
        """The proof how it ended, for shipping."""
        return _proof_of(self, SHIPPING, FINANCE, "deals.crossing_ends")


@prepared
def _goods(files: ClientFiles, actor: str, deal: Deal) -> JsonValue:
    return deal.goods(corridor_of(files)).model_dump(mode="json")


@prepared
def _money(files: ClientFiles, actor: str, deal: Deal) -> JsonValue:
    return deal.money(corridor_of(files)).model_dump(mode="json")


@prepared
def _goods_digest(files: ClientFiles, actor: str, deal: Deal) -> JsonValue:
    return part_digest(deal.goods(corridor_of(files)))


@prepared
def _money_digest(files: ClientFiles, actor: str, deal: Deal) -> JsonValue:
    return part_digest(deal.money(corridor_of(files)))


@prepared
def _proof_of(files: ClientFiles, actor: str, deal: Deal, target: str, source: str, place: str) -> JsonValue:
    corridor = corridor_of(files)
    return corridor.cross(target, source, place, deal.id(corridor)).proof
