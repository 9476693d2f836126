"""Energy records on a ledger of their own: other ledgers see whether a claim of green power was attested."""

from ledger.contract import Collection
from scenarios.corridor.crossing_records import ShownClaim
from scenarios.energy.contract import Energy
from scenarios.energy.records import Claim


class CorridorEnergy(Energy):
    """Energy records whose claims may be shown to other ledgers."""

    claims = Collection(Claim, crosses=ShownClaim)
