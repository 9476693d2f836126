"""Government services on a ledger of their own: other ledgers see whether a licence holds."""

from ledger.contract import Collection
from scenarios.corridor.crossing_records import ShownLicence
from scenarios.government.contract import Government
from scenarios.government.records import Licence


class CorridorGovernment(Government):
    """Government services whose licences may be shown to other ledgers."""

    licences = Collection(Licence, crosses=ShownLicence)
