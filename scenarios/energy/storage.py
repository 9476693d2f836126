"""Storage: what went in with a known origin comes out with one, after losses, and is certified in the hour it comes out."""

from ledger.contract import Anyone, Collection, Context, Identifier, Positive, Role, operation
from scenarios.energy.bundles import BundleOperations
from scenarios.energy.devices import ISSUING
from scenarios.energy.quantities import after_losses_wh, hour_ms
from scenarios.energy.records import FIT, Bundle, Charge, Discharge, Hour, Issuance, Month, Name, Readings, Slice


class StorageOperations(BundleOperations):
    """The part of the contract that follows energy through batteries."""

    charges = Collection(Charge)
    discharges = Collection(Discharge)

    @operation(signed_by=Anyone())
    def charge(self, context: Context, storage: Name, bundle: Identifier) -> None:
        """The owner of a storage allocates a cancelled bundle to what its meter drew in the same hours."""
        # READ
        device = self.devices[storage]
        found = self.bundles[bundle]
        # CHECK
        context.require(device.technology == "storage", "not-storage", device=storage)
        context.require(context.signed_by(device.owner), "not-owner", owner=device.owner)
        self._require_state(context, bundle, found, "cancelled")
        context.require(found.used_by == "", "bundle-used", bundle=bundle, used_by=found.used_by)
        context.require(found.beneficiary == device.owner, "not-beneficiary", beneficiary=found.beneficiary)
        context.require(found.zone == device.zone, "wrong-zone", bundle=bundle, zone=found.zone, load_zone=device.zone)
        issued = self.issuance(storage, found.month)
        charged = self._charged(context, self.readings[f"{storage}:{found.month}"], issued, found)
        # WRITE
        self.issuances[f"{storage}:{found.month}"] = issued.replace(charged_wh=charged)
        self.bundles[bundle] = found.replace(used_by=storage)
        last = found.slices[-1].hour
        self.charges[bundle] = Charge(storage=storage, month=found.month, last_hour=last, charged_wh=found.energy_wh)
        # EMIT
        context.emit("charged", storage=storage, bundle=bundle, energy_wh=found.energy_wh)

    @operation(signed_by=Role(ISSUING))
    def discharge(
        self, context: Context, charge: Identifier, month: Month, hour: Hour, energy_wh: Positive, first_id: Positive
    ) -> None:
        """The issuing body certifies what came out of a charge in an hour, as a new bundle of the storage."""
        # READ
        source = self.charges[charge]
        device = self.devices[source.storage]
        key = f"{source.storage}:{month}"
        held, issued = self.readings[key], self.issuance(source.storage, month)
        left_wh = after_losses_wh(source.charged_wh, device.efficiency_ppm) - source.discharged_wh
        # CHECK
        context.require(hour < len(held.energy_wh), "beyond-month", month=month, hours=len(held.energy_wh))
        is_later = hour_ms(month, hour) > hour_ms(source.month, source.last_hour)
        context.require(is_later, "discharge-before-charge")
        self.require_metered(context, held, month, hour, issued.issued_wh[hour] + energy_wh)
        context.require(energy_wh <= left_wh, "beyond-losses", left_wh=left_wh, asked_wh=energy_wh)
        self.require_next_id(context, device.ids_max + 1, first_id)
        # WRITE
        amounts = (*issued.issued_wh[:hour], issued.issued_wh[hour] + energy_wh, *issued.issued_wh[hour + 1 :])
        self.issuances[key] = issued.replace(issued_wh=amounts)
        self.readings[key] = held.replace(scheme="hourly")
        self.charges[charge] = source.replace(discharged_wh=source.discharged_wh + energy_wh)
        slices = (Slice(hour, first_id, first_id + energy_wh - 1),)
        bundle = self.put_bundle(context, source.storage, device, month, slices)
        self.discharges[bundle] = Discharge(storage=source.storage, charge=charge, month=month, hour=hour, energy_wh=energy_wh)

    def _charged(self, context: Context, held: Readings, issued: Issuance, found: Bundle) -> tuple[int, ...]:
        """What has an origin by hour, the bundle included: no more than the meter drew."""
        charged = list(issued.charged_wh)
        for part in found.slices:
            value = held.energy_wh[part.hour]
            drawn_wh = max(-value, 0) if value is not None and held.quality[part.hour] in FIT else 0
            charged[part.hour] += part.energy_wh
            asked_wh = charged[part.hour]
            context.require(asked_wh <= drawn_wh, "above-charged", hour=part.hour, metered_wh=drawn_wh, asked_wh=asked_wh)
        return tuple(charged)
