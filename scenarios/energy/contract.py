"""The contract of the energy records. Its parts work on one state and can be read in any order.

    devices     accounts under real names, sites with their meters
    readings    metered once, corrected with a reason; loads of consumers sealed
    issuance    hourly certificates of 1 Wh with ids that tile
    storage     charge, losses, and first in first out
    bundles     split, transfer, reserve, lock, cancel, withdraw, expire
    claims      consumption met hour by hour, in one zone, and attested
    green       monthly green certificates of 1 MWh: carried over, sold once, used within their year; or carbon credits
    imbalance   forecast against metered

`state.py` has the collections, `transitions.py` the states, `books.py` what several parts ask and do.
"""

from ledger.contract import Context
from ledger.identity.records import Member, StateModel
from scenarios.energy.bundles import BundleOperations
from scenarios.energy.claims import ClaimOperations
from scenarios.energy.devices import DeviceOperations
from scenarios.energy.green import GreenOperations
from scenarios.energy.imbalance import ImbalanceOperations
from scenarios.energy.issuance import IssueOperations
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import ISSUING, METERING, Claim, Consumption
from scenarios.energy.storage import StorageOperations
from scenarios.identifiers import organization_of


class Energy(
    DeviceOperations,
    ReadingOperations,
    IssueOperations,
    StorageOperations,
    BundleOperations,
    ClaimOperations,
    GreenOperations,
    ImbalanceOperations,
):
    """Metered energy hour by hour: certified, passed on, used once, and claimed in the hour in which it was generated."""

    name = "energy"
    words = "words.toml"

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """A sealed load opens to its consumer, the meter operator and the issuing body; a claim's evidence to its verifier too.

        Everything else on this ledger is open to its members.
        """
        if not isinstance(record, Consumption | Claim):
            return "open"
        if reader.organization == organization_of(record.consumer):
            return "consumer"
        if METERING in reader.roles or ISSUING in reader.roles:
            return "meter"
        is_verifier = isinstance(record, Claim) and reader.organization == organization_of(record.verifier)
        return "verifier" if is_verifier else ""
