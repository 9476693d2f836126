"""Storage: what went in with a known origin comes out with one, after losses, and is certified in the hour it comes out."""

from ledger.contract import Anyone, Collection, Context, Identifier, Positive, Role, operation
from scenarios.energy.bundles import BundleOperations
from scenarios.energy.devices import ISSUING
from scenarios.energy.records import Charge, Discharge, Hour, Month, Name


class StorageOperations(BundleOperations):
    """The part of the contract that follows energy through batteries."""

    charges = Collection(Charge)
    discharges = Collection(Discharge)

    @operation(signed_by=Anyone())
    def charge(self, context: Context, storage: Name, bundle: Identifier) -> None:
        """The owner of a storage allocates a cancelled bundle to what its meter drew in the same hours."""

    @operation(signed_by=Role(ISSUING))
    def discharge(
        self, context: Context, charge: Identifier, month: Month, hour: Hour, energy_wh: Positive, first_id: Positive
    ) -> None:
        """The issuing body certifies what came out of a charge in an hour, as a new bundle of the storage."""
