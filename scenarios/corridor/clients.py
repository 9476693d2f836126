"""What the clients of the corridor work out just before they sign: proofs of another ledger, forged ones, the parts of a deal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ledger.contract import Operation
from ledger.errors import JsonValue
from ledger.genesis import parse_genesis
from scenarios.client_files import ClientFiles
from scenarios.corridor.brought import KINDS, BroughtRecords, Kind
from scenarios.corridor.cast import FINANCE, SHIPPING
from scenarios.corridor.stage import CorridorFiles, CorridorStage
from scenarios.deal_terms import Goods, Money, deal_id, part_digest
from scenarios.story.story import PreparedArgument, Snapshot, StoryWriter, prepared

Examination = Callable[[ClientFiles, Snapshot], str]
Forgery = Literal["few", "swapped", "changed"]
"""Two of the signatures; each in the name of another; true ones under another header."""


def corridor_of(files: ClientFiles) -> CorridorStage:
    """The ledgers that a client asks."""
    assert isinstance(files, CorridorFiles), "the corridor is played on a stage of several ledgers"
    return files.corridor


@prepared
def crossing(files: ClientFiles, actor: str, target: str, source: str, place: str, key: str) -> JsonValue:
    """The proof of what `source` holds in one of its crossing collections, for use on `target`."""
    return corridor_of(files).cross(target, source, place, key).proof


def bring(writer: StoryWriter, actor: str, target: str, kind: Kind, key: str, *, en: str, zh: str, refused: str = "") -> None:
    """A step in which a record of the ledger that has this kind is shown to another one."""
    source = KINDS[kind][0]
    proof = crossing(target, source, f"{source}.crossing_{kind}", key)
    arguments: dict[str, Any] = {"kind": kind, "key": key, "proof": proof}
    writer.step(actor, BroughtRecords.bring, **arguments, on=target, en=en, zh=zh, refused=refused)


def keeps(label: str, source: str, place: str, key: str) -> Examination:
    """Somebody keeps a proof of today under a label."""

    def keep(files: ClientFiles, state: Snapshot) -> str:
        corridor_of(files).keep(label, source, place, key)
        return ""

    return keep


@prepared
def old_proof(files: ClientFiles, actor: str, label: str, target: str, source: str) -> JsonValue:
    """A proof that was kept: true, and led to the newest header."""
    return corridor_of(files).cross_old(target, source, label).proof


@prepared
def forged(files: ClientFiles, actor: str, target: str, source: str, how: Forgery) -> JsonValue:
    """The block that `advance` would take, made as well as it can be without the validators' keys."""
    corridor = corridor_of(files)
    proof = corridor.newest(target, source)
    header, certificate = proof["header"], proof["certificate"]
    if how == "changed":
        header = {**header, "state_root": "1" * 64}
    elif how == "few":
        certificate = {**certificate, **{name: certificate[name][:2] for name in ("signers", "signatures")}}
    else:
        certificate = {**certificate, "signatures": certificate["signatures"][::-1]}
    return [{"header": header, "certificate": certificate}]


def forks(source: str, operation: Operation, **changes: JsonValue) -> Examination:
    """A majority of a ledger's validators decides a second block of an operation's height, with another argument in it."""

    def fork(files: ClientFiles, state: Snapshot) -> str:
        corridor_of(files).fork(source, operation, changes)
        return ""

    return fork


@prepared
def side_of_fork(files: ClientFiles, actor: str, source: str, place: int) -> JsonValue:
    """The block that the ledger kept, or the other one."""
    return dict(corridor_of(files).forked[source][place])


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
