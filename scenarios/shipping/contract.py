"""The contract of shipping: its parts, each over the same state (`state.py`), and who may read what is sealed.

    bill/instructions   users of platforms, space on a ship, what shipper and carrier agree that a document is to say
    bill/documents      transport documents through their states, and their issue
    bill/title          title and possession of electronic bills of lading, by DCSA's action codes
    bill/surrender      surrender for delivery or amendment, void and reissue, to paper and back
    bill/platforms      transfer to another eBL platform, with DCSA's response codes
    bill/credits        letters of credit, pledge
    bill/deals          sold against money on another ledger
    box/events          track and trace
    box/release         customs, free time, charges, release of cargo
    flags               what is doubtful about a document, controls of trade, goods that went without it

States and what leads from one to the other stand in `transitions.py`.
"""

from collections.abc import Iterator

from ledger.contract import Context, Member
from ledger.identity.records import StateModel
from scenarios.identifiers import organization_of
from scenarios.shipping.bill.credits import CreditOperations
from scenarios.shipping.bill.deals import DealOperations
from scenarios.shipping.bill.documents import DocumentOperations
from scenarios.shipping.bill.instructions import BookingOperations, InstructionOperations
from scenarios.shipping.bill.platforms import PlatformOperations
from scenarios.shipping.bill.surrender import SurrenderOperations
from scenarios.shipping.bill.title import TitleOperations
from scenarios.shipping.box.events import EventOperations
from scenarios.shipping.box.release import ReleaseOperations
from scenarios.shipping.flags import FlagOperations
from scenarios.shipping.records import ChainEntry, Credit, Presentation, ShippingInstructions, TransportDocument
from scenarios.shipping.roles import CUSTOMS

Entitled = Iterator[tuple[str, str]]
"""Read rule and the party that it entitles."""


class Shipping(
    BookingOperations,
    InstructionOperations,
    DocumentOperations,
    TitleOperations,
    SurrenderOperations,
    PlatformOperations,
    CreditOperations,
    DealOperations,
    EventOperations,
    ReleaseOperations,
    FlagOperations,
):
    """Electronic bills of lading from booking to release, on one ledger of all who touch the box."""

    name = "shipping"
    words = "words.toml"

    # A member of a party's organization reads as that party. Possession and title themselves are open: the ledger must know
    # who may sign. Why they passed and for whom is sealed, and opens to the carrier when the bill comes back to it.

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
