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

from scenarios.shipping.entitlement import DocumentReading
from scenarios.shipping.read_rules import READ_RULES
from scenarios.shipping.refusals import REFUSALS
from scenarios.shipping.release import ReleaseOperations


class Shipping(DocumentReading, ReleaseOperations):
    """Electronic bills of lading from booking to release, on one ledger of all who touch the box."""

    name = "shipping"
    refusals = REFUSALS
    read_rules = READ_RULES
