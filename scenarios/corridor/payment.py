"""The contract `deals` on the finance ledger: money in accounts, and how deals end. The rules stand in `scenarios.deal_terms`."""

from ledger.contract import (
    AllOf,
    Anyone,
    Collection,
    Context,
    Contract,
    CrossingProof,
    DigestText,
    MemberId,
    NonNegative,
    Positive,
    Record,
    RecordView,
    Role,
    operation,
)
from ledger.primitives import Digest
from scenarios.deal_terms import AdmittedLedger, End, Money, deal_id, is_followed, part_digest

BANK = Role("settlement-bank")


class Account(Record):
    """What the settlement bank owes a member."""

    cents: NonNegative


class LockView(RecordView):
    """A lock, as the shipping ledger shows it."""

    is_locked: bool


class DealPayments(Contract):
    """Money that the settlement bank holds for members, and deals that are paid with it."""

    name = "deals"
    accounts = Collection(Account)
    crossing_ends = Collection(End)
    reads = {"governance.ledgers": AdmittedLedger}
    words = "payment.toml"

    @operation(signed_by=BANK)
    def deposit(self, context: Context, member: MemberId, cents: Positive) -> None:
        """The bank has received money for a member."""
        # WRITE
        self._add(member, cents)

    @operation(signed_by=AllOf(BANK, Anyone()))
    def withdraw(self, context: Context, member: MemberId, cents: Positive) -> None:
        """The bank pays out, and the member signs for it."""
        # CHECK
        context.require(context.signed_by(member), "not-the-owner", member=member)
        self._require_funds(context, member, cents)
        # WRITE
        self._add(member, -cents)

    @operation(signed_by=Anyone())
    def execute(self, context: Context, money: Money, goods: DigestText, lock: CrossingProof) -> None:
        """The buyer pays for a bill that is locked for this deal."""
        # READ
        deal = deal_id(Digest(goods), part_digest(money))
        # CHECK
        context.require(context.signed_by(money.payer), "not-the-payer", payer=money.payer)
        self._require_open(context, deal)
        context.require(is_followed(context, "shipping", money.shipping), "other-ledger", ledger=money.shipping)
        proved = context.proved("shipping", "shipping.crossing_locks", deal, lock, LockView)
        context.require(proved.record is not None, "not-locked", deal=deal)
        self._require_funds(context, money.payer, money.price_cents)
        # WRITE
        self._add(money.payer, -money.price_cents)
        self._add(money.payee, money.price_cents)
        self.crossing_ends[deal] = End(end="executed")
        # EMIT
        context.emit("executed", deal=deal, payer=money.payer, payee=money.payee, price_cents=money.price_cents)

    @operation(signed_by=Anyone())
    def cancel(self, context: Context, money: Money, goods: DigestText) -> None:
        """Either party gives up a deal that has no end, also one that was never locked."""
        # READ
        deal = deal_id(Digest(goods), part_digest(money))
        # CHECK
        is_party = context.signed_by(money.payer) or context.signed_by(money.payee)
        context.require(is_party, "not-a-party", deal=deal)
        self._require_open(context, deal)
        # WRITE
        self.crossing_ends[deal] = End(end="cancelled")
        # EMIT
        context.emit("cancelled", deal=deal)

    def _require_open(self, context: Context, deal: Digest) -> None:
        """Refuses for a deal that has ended."""
        before = self.crossing_ends.get(deal)
        context.require(before is None, "deal-ended", deal=deal, end=before.end if before else "")

    def _require_funds(self, context: Context, member: str, cents: int) -> None:
        account = self.accounts.get(member)
        held = account.cents if account else 0
        context.require(held >= cents, "no-funds", member=member, cents=held)

    def _add(self, member: str, cents: int) -> None:
        account = self.accounts.get(member) or Account(cents=0)
        self.accounts[member] = account.replace(cents=account.cents + cents)
