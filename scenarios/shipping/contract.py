"""The contract of shipping, put together from its parts.

    booking        users of platforms, space on a ship
    instructions   what shipper and carrier agree that a document is to say
    documents      transport documents through their states
    title          title and possession of electronic bills of lading, by DCSA's action codes
    surrender      surrender for delivery or amendment, void and reissue, to paper and back
    platforms      transfer to another eBL platform, with DCSA's response codes
    finance        letters of credit, pledge
    reading        who may read what is sealed
    events         track and trace
    release        customs, free time, charges, release of cargo

The states of instructions and documents stand in `transitions.py`.
"""

from ledger.contract.words import read_words
from scenarios.shipping.entitlement import DocumentReading
from scenarios.shipping.release import ReleaseOperations

WORDS = read_words("scenarios.shipping")


class Shipping(DocumentReading, ReleaseOperations):
    """Electronic bills of lading from booking to release, on one ledger of all who touch the box."""

    name = "shipping"
    refusals = WORDS.refusals
    read_rules = WORDS.read_rules
