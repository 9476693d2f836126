"""A bill that is sold against money on another ledger: locked, then handed over or given back. Rules: `scenarios.deal_terms`."""

from ledger.contract import Anyone, Context, CrossingProof, DigestText, RecordView, operation
from ledger.primitives import Digest
from scenarios.deal_terms import Goods, Lock, deal_id, is_followed, part_digest
from scenarios.shipping.bill.title import endorsable, enter, require_user
from scenarios.shipping.records import BillLock, Title, TransportDocument
from scenarios.shipping.state import ShippingState

LEDGER, ENDS = "finance", "deals.crossing_ends"
"""Which ledger decides, and where."""


class EndView(RecordView):
    """How a deal ended, as the finance ledger shows it."""

    end: str


class DealOperations(ShippingState):
    """The part of the contract that sells a bill against money on the finance ledger."""

    @operation(signed_by=Anyone())
    def lock_bill(self, context: Context, goods: Goods, money: DigestText) -> None:
        """The seller, who has the title and possesses the bill, locks it for one deal."""
        # READ
        _, title = endorsable(self, context, goods.bill)
        deal = deal_id(part_digest(goods), Digest(money))
        # CHECK
        context.require(goods.seller == title.possessor, "not-possessor", possessor=title.possessor)
        context.require(not title.pledgee, "pledged", pledgee=title.pledgee)
        context.require(goods.buyer != goods.seller, "to-self", member=goods.buyer)
        require_user(self, context, title.platform, goods.buyer)
        context.require(is_followed(context, LEDGER, goods.finance), "other-ledger", ledger=goods.finance)
        context.require(deal not in self.crossing_locks, "deal-known", deal=deal)
        # WRITE
        self.crossing_locks[deal] = Lock()
        self.bill_locks[goods.bill] = BillLock(deal=deal)
        # EMIT
        context.emit("locked", document=goods.bill, deal=deal)

    @operation(signed_by=Anyone())
    def hand_over(self, context: Context, goods: Goods, money: DigestText, end: CrossingProof) -> None:
        """Whoever proves that the deal was executed brings the bill to the buyer, with its title."""
        # READ
        bill, title = self._locked(context, goods, money, "executed", end)
        # WRITE
        del self.bill_locks[goods.bill]
        sold = title.replace(kind="named", title_holder=goods.buyer)
        enter(self, context, bill, sold, "ENDORSE_TO_ORDER", goods.seller, goods.buyer)
        passed = self.titles[goods.bill].replace(possessor=goods.buyer)
        enter(self, context, bill, passed, "TRANSFER", goods.seller, goods.buyer)

    @operation(signed_by=Anyone())
    def give_back(self, context: Context, goods: Goods, money: DigestText, end: CrossingProof) -> None:
        """Whoever proves that the deal was cancelled frees the bill for the seller."""
        # CHECK
        self._locked(context, goods, money, "cancelled", end)
        # WRITE
        del self.bill_locks[goods.bill]
        # EMIT
        context.emit("given-back", document=goods.bill)

    def _locked(
        self, context: Context, goods: Goods, money: DigestText, end: str, proof: CrossingProof
    ) -> tuple[TransportDocument, Title]:
        """The bill that is locked for a deal of which the other ledger says that it ended so."""
        deal, lock = deal_id(part_digest(goods), Digest(money)), self.bill_locks.get(goods.bill)
        context.require(lock is not None and lock.deal == deal, "not-locked", document=goods.bill, deal=deal)
        proved = context.proved(LEDGER, ENDS, deal, proof, EndView)
        found = proved.record.end if proved.record else ""
        context.require(found == end, "deal-not-so", deal=deal, end=found or "open")
        return self.documents[goods.bill], self.titles[goods.bill]
