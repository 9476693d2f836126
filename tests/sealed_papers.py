"""A small contract with a sealed field, for tests: agreements whose terms only their parties know."""

from ledger.contract import (
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    Member,
    MemberId,
    ReadRule,
    Record,
    Sealed,
    operation,
)


class Paper(Record):
    """What two have agreed."""

    seller: MemberId
    buyer: MemberId
    terms: Sealed[str]


class Papers(Contract):
    """Agreements whose terms only their parties know."""

    name = "papers"
    papers = Collection(Paper)
    read_rules = {"party": ReadRule(en="The parties know their terms.", zh="双方知悉条款。")}

    @operation(signed_by=Anyone())
    def file(self, context: Context, number: Identifier, buyer: MemberId, terms: Sealed[str]) -> None:
        """Files an agreement."""
        self.papers[number] = Paper(seller=context.signers[0].member, buyer=buyer, terms=terms)

    @operation(signed_by=Anyone())
    def pass_on(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Another takes the buyer's place."""
        self.papers[number] = self.papers[number].replace(buyer=to)

    def may_read(self, context: Context, record: object, reader: Member) -> str:
        """Everybody of the parties' organizations."""
        if not isinstance(record, Paper):
            return ""
        parties = (record.seller.partition(".")[0], record.buyer.partition(".")[0])
        return "party" if reader.organization in parties else ""
