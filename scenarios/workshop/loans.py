"""The contract of lab 10's bank: it lends on crates in a harbour by what the harbour's own ledger proves (`quay.py`)."""

from ledger.contract import (
    Anyone,
    Collection,
    Context,
    Contract,
    CrossingProof,
    Identifier,
    MemberId,
    NonNegative,
    Record,
    RecordView,
    Refusal,
    operation,
)

HARBOUR = "harbour"
"""What the bank's ledger calls the other one."""
AGE_MAX_MS = 3_600_000


class Seen(Record):
    """Who holds a crate, as the harbour's ledger proved it. Key: its number."""

    holder: MemberId
    height: NonNegative
    """Of the harbour's block."""


class Loan(Record):
    """Money lent on a crate. Key: its number."""

    height: NonNegative
    """Of the harbour's block after which the crate was not pledged."""


class StoredView(RecordView):
    """What the bank asks of a crate."""

    holder: MemberId


class PledgedView(RecordView):
    """What it asks of a pledge."""

    creditor: MemberId


class Loans(Contract):
    """A desk that notes who holds a crate at the harbour, and lends on one that is not pledged there."""

    name = "loans"
    crates = Collection(Seen)
    loans = Collection(Loan)
    refusals = {
        "pledged": Refusal(en="{crate} is pledged to {creditor} at the harbour.", zh="{crate} 在港口已质押给 {creditor}。"),
        "no-crate": Refusal(en="The harbour has no crate {crate}.", zh="港口没有货箱 {crate}。"),
    }

    @operation(signed_by=Anyone())
    def note(self, context: Context, crate: Identifier, proof: CrossingProof) -> None:
        """Notes who holds a crate at the harbour, by proof."""
        # READ
        proved = context.proved(HARBOUR, "quay.crossing_crates", crate, proof, StoredView)
        # CHECK
        if proved.record is None:  # check: loans-no-crate
            context.refuse("no-crate", crate=crate)
        # WRITE
        self.crates[crate] = Seen(holder=proved.record.holder, height=proved.height)

    @operation(signed_by=Anyone())
    def lend(self, context: Context, crate: Identifier, proof: CrossingProof) -> None:
        """Lends on a crate, by proof that it was not pledged an hour ago or later."""
        # READ
        proved = context.proved(HARBOUR, "quay.crossing_pledges", crate, proof, PledgedView, AGE_MAX_MS)
        # CHECK
        if proved.record is not None:  # check: loans-pledged
            context.refuse("pledged", crate=crate, creditor=proved.record.creditor)
        # WRITE
        self.loans[crate] = Loan(height=proved.height)
