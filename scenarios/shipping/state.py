"""The collections of documents, title and finance: every part of the contract reads them, one writes each."""

from ledger.contract import Collection, Contract
from scenarios.shipping.records import Booking, PlatformUser, ShippingInstructions, TransportDocument
from scenarios.shipping.records_title import ChainEntry, Credit, Envelope, Presentation, SignedEntry, Title


class ShippingState(Contract):
    """What the parts of the contract have in common."""

    bookings = Collection(Booking)
    instructions = Collection(ShippingInstructions)
    documents = Collection(TransportDocument)
    platform_users = Collection(PlatformUser)
    titles = Collection(Title)
    chain = Collection(ChainEntry)
    envelopes = Collection(Envelope)
    signed_entries = Collection(SignedEntry)
    credits = Collection(Credit)
    presentations = Collection(Presentation)
