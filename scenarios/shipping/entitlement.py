"""Who may read what instructions, documents, entries of title and credits hide.

Whoever belongs to a party's organization reads as that party. Possession and title themselves are open: the ledger must
know who may sign. Why they passed and for whom is sealed, and opens to the carrier when the bill comes back to it.
"""

from collections.abc import Iterator

from ledger.contract import Context, Member
from ledger.identity.records import StateModel
from scenarios.identifiers import organization_of
from scenarios.shipping.finance import FinanceOperations
from scenarios.shipping.records import ShippingInstructions, TransportDocument
from scenarios.shipping.records_title import ChainEntry, Credit, Presentation
from scenarios.shipping.roles import CUSTOMS

Entitled = Iterator[tuple[str, str]]
"""Read rule and the party that it entitles."""


class DocumentReading(FinanceOperations):
    """The part of the contract that opens sealed values: goods, terms of entries, invoices and credits."""

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """Name of the read rule; "" where it is none of the reader's business. What has nothing sealed is open."""
        if not isinstance(record, ShippingInstructions | TransportDocument | ChainEntry | Credit | Presentation):
            return "open"
        if isinstance(record, TransportDocument) and CUSTOMS in reader.roles and record.issued_at_ms:
            return "customs"
        if isinstance(record, ChainEntry) and record.terms is None:
            return "open"
        rules = self._entitled(record)
        return next((rule for rule, party in rules if party and organization_of(party) == reader.organization), "")

    def _entitled(self, record: StateModel) -> Entitled:
        if isinstance(record, ShippingInstructions):
            yield from (("shipper", record.shipper), ("carrier", record.carrier))
        elif isinstance(record, TransportDocument):
            yield from self._readers_of_document(record)
        elif isinstance(record, ChainEntry):
            yield from (("chain-party", record.actor), ("chain-party", record.recipient))
            document = self.documents[record.document]
            if document.status != "ISSUED":
                yield "surrender", document.carrier
        elif isinstance(record, Credit):
            yield from (("credit-party", party) for party in (record.applicant, record.beneficiary, record.issuing_bank))
        elif isinstance(record, Presentation):
            credit = self.credits[record.credit]
            yield from (("credit-party", credit.beneficiary), ("examining-bank", credit.issuing_bank))
            if credit.state == "accepted" or record.waived:
                yield "credit-party", credit.applicant

    def _readers_of_document(self, document: TransportDocument) -> Entitled:
        yield from (("shipper", document.shipper), ("carrier", document.carrier))
        if document.issued_at_ms:
            yield "consignee", document.content.consignee
        title = self.titles.get(document.reference)
        if title is not None:
            yield from (("holder", party) for party in (title.possessor, title.title_holder, title.surrendered_by))
            yield from (("pledgee", title.pledgee), ("platform", title.platform))
