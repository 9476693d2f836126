"""The contract of lab 10's harbour, on a ledger of its own: whose a crate is, and to whom it is pledged."""

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, MemberId, Record, operation


class Stored(Record):
    """A crate in the harbour's store. Key: its number."""

    holder: MemberId


class Pledged(Record):
    """A crate that secures somebody's money already. Key: its number."""

    creditor: MemberId


class Quay(Contract):
    """Crates in a harbour's store. Both collections may be shown to other ledgers."""

    name = "quay"
    crossing_crates = Collection(Stored)
    crossing_pledges = Collection(Pledged)

    @operation(signed_by=Anyone())
    def store(self, context: Context, crate: Identifier, to: MemberId) -> None:
        """Writes down whose a crate is."""
        self.crossing_crates[crate] = Stored(holder=to)

    @operation(signed_by=Anyone())
    def pledge(self, context: Context, crate: Identifier, to: MemberId) -> None:
        """Pledges a crate to a creditor."""
        self.crossing_pledges[crate] = Pledged(creditor=to)
