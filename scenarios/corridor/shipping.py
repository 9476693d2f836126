"""Shipping on a ledger of its own: other ledgers see bills and events, and an exporter's licence is one that was brought."""

from ledger.contract import Collection
from scenarios.corridor.crossing_records import ShownDocument, ShownTitle, ShownVersion
from scenarios.deal_terms import AdmittedLedger
from scenarios.shipping.contract import Shipping
from scenarios.shipping.records import Title, TransportDocument, Version
from scenarios.shipping.state import LicenceView


class CorridorShipping(Shipping):
    """Shipping whose bills and events may be shown to other ledgers."""

    titles = Collection(Title, crosses=ShownTitle)
    documents = Collection(TransportDocument, crosses=ShownDocument)
    versions = Collection(Version, crosses=ShownVersion)
    reads = {"brought.licences": LicenceView, "governance.ledgers": AdmittedLedger}
