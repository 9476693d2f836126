"""Hourly certificates of 1 Wh: on metered positive energy, once an hour, with ids that tile 1 to the last.

What a storage gives out has an origin only where what went in had one: cancelled certificates of the hours in which it drew.
"""

from ledger.contract import Anyone, Context, Identifier, NonNegative, Positive, Role, operation
from scenarios.energy.books import announce, lineage_of, require_next_id, state_after
from scenarios.energy.quantities import after_losses_wh, expires_ms, hour_ms, hours_in
from scenarios.energy.records import ISSUING, Bundle, Charge, Device, Discharge, Hour, Month, Name, Readings, Slice, put_hours
from scenarios.energy.state import EnergyState


class IssueOperations(EnergyState):
    """Operations that turn readings into certificates."""

    @operation(signed_by=Role(ISSUING))
    def issue(
        self,
        context: Context,
        device: Name,
        month: Month,
        first_hour: Hour,
        energy_wh: tuple[NonNegative, ...],
        first_id: Positive,
    ) -> None:
        """The issuing body certifies successive hours: as many Wh as it says for each, 0 for hours that it leaves out.

        `first_id` is where its own books go on; it must be where the ledger's do.
        """
        # READ
        plant, readings = self.devices[device], self.readings[f"{device}:{month}"]
        issued = self.issuance(device, month)
        # CHECK
        context.require(plant.technology != "storage", "storage-by-discharge", device=device)
        context.require(0 < len(energy_wh) <= hours_in(month) - first_hour, "beyond-month", month=month, hours=hours_in(month))
        context.require(readings.scheme != "monthly", "certified-otherwise", month=month, scheme=readings.scheme)
        context.require(sum(energy_wh) > 0, "nothing-generated", month=month, hour=first_hour)
        for hour, asked_wh in enumerate(energy_wh, first_hour):
            if asked_wh:
                context.require(issued.issued_wh[hour] == 0, "hour-issued", month=month, hour=hour)
                _require_metered(context, readings, month, hour, asked_wh)
        # WRITE
        self._certify(context, device, plant, month, first_hour, energy_wh, first_id)

    @operation(signed_by=Anyone())
    def charge(self, context: Context, storage: Name, bundle: Identifier) -> None:
        """The owner of a storage allocates a cancelled bundle to what its meter drew in the same hours."""
        # READ
        battery, certificates = self.devices[storage], self.bundles[bundle]
        zones = {"zone": certificates.zone, "load_zone": battery.zone}
        # CHECK
        context.require(battery.technology == "storage", "not-storage", device=storage)
        context.require(context.signed_by(battery.owner), "not-owner", owner=battery.owner)
        after = state_after(context, "charge", bundle, certificates)
        context.require(certificates.used_by == "", "bundle-used", bundle=bundle, used_by=certificates.used_by)
        is_own = certificates.beneficiary == battery.owner
        context.require(is_own, "not-beneficiary", beneficiary=certificates.beneficiary)
        context.require(certificates.zone == battery.zone, "wrong-zone", bundle=bundle, **zones)
        key = f"{storage}:{certificates.month}"
        readings, issued = self.readings[key], self.issuance(storage, certificates.month)
        charged = list(issued.charged_wh)
        for part in certificates.slices:
            drawn_wh = max(-readings.good_wh(part.hour), 0)
            charged[part.hour] += part.energy_wh
            amounts = {"metered_wh": drawn_wh, "asked_wh": charged[part.hour]}
            context.require(charged[part.hour] <= drawn_wh, "above-charged", hour=part.hour, **amounts)
        # WRITE
        self.issuances[key] = issued.replace(charged_wh=tuple(charged))
        self.bundles[bundle] = certificates.replace(state=after, used_by=storage)
        self.charges[bundle] = Charge(
            storage=storage,
            month=certificates.month,
            last_hour=certificates.slices[-1].hour,
            charged_wh=certificates.energy_wh,
        )
        # EMIT
        context.emit("charged", storage=storage, bundle=bundle, energy_wh=certificates.energy_wh)

    @operation(signed_by=Role(ISSUING))
    def discharge(
        self, context: Context, charge: Identifier, month: Month, hour: Hour, energy_wh: Positive, first_id: Positive
    ) -> None:
        """The issuing body certifies what came out of a charge in an hour, as a new bundle of the storage."""
        # READ
        source = self.charges[charge]
        storage, battery = source.storage, self.devices[source.storage]
        readings, issued = self.readings[f"{storage}:{month}"], self.issuance(storage, month)
        left_wh = after_losses_wh(source.charged_wh, battery.efficiency_ppm) - source.discharged_wh
        # CHECK
        context.require(hour < len(readings.energy_wh), "beyond-month", month=month, hours=len(readings.energy_wh))
        is_later = hour_ms(month, hour) > hour_ms(source.month, source.last_hour)
        context.require(is_later, "discharge-before-charge")
        _require_metered(context, readings, month, hour, issued.issued_wh[hour] + energy_wh)
        context.require(energy_wh <= left_wh, "beyond-losses", left_wh=left_wh, asked_wh=energy_wh)
        # WRITE
        bundle = self._certify(context, storage, battery, month, hour, (energy_wh,), first_id)
        self.charges[charge] = source.replace(discharged_wh=source.discharged_wh + energy_wh)
        self.discharges[bundle] = Discharge(storage=storage, charge=charge, month=month, hour=hour, energy_wh=energy_wh)

    def _certify(
        self, context: Context, device: str, plant: Device, month: str, first: int, energy_wh: tuple[int, ...], first_id: int
    ) -> str:
        """A new bundle for the owner of the device, and what of the month is certified; the ids are the device's next."""
        require_next_id(context, plant.ids_max + 1, first_id)
        context.require(context.time_ms < expires_ms(month), "expired", month=month)
        of_month, issued = f"{device}:{month}", self.issuance(device, month)
        amounts = tuple(map(sum, zip(issued.issued_wh[first : first + len(energy_wh)], energy_wh, strict=True)))
        self.issuances[of_month] = issued.replace(issued_wh=put_hours(issued.issued_wh, first, amounts))
        self.readings[of_month] = self.readings[of_month].replace(scheme="hourly")
        slices = _slices(first, energy_wh, first_id)
        self.devices[device] = plant.replace(ids_max=slices[-1].last)
        key = f"{of_month}:{slices[0].hour:03}"
        if key in self.bundles:  # a storage gives out several charges in one hour
            key = f"{key}#{first_id}"
        bundle = Bundle(
            device=device,
            month=month,
            zone=plant.zone,
            is_storage=plant.technology == "storage",
            slices=slices,
            energy_wh=sum(energy_wh),
            lineage=lineage_of(device, slices, ""),
            expires_ms=expires_ms(month),
            holder=plant.owner,
        )
        self.bundles[key] = bundle
        announce(context, key, "none", bundle)
        return key


def _require_metered(context: Context, readings: Readings, month: str, hour: int, asked_wh: int) -> None:
    """Refuses more than a good reading shows for the hour."""
    metered_wh = readings.energy_wh[hour] or 0
    context.require(metered_wh > 0, "nothing-generated", month=month, hour=hour)
    context.require(readings.good_wh(hour) > 0, "quality-unfit", month=month, hour=hour, quality=readings.quality[hour])
    context.require(asked_wh <= metered_wh, "above-metered", hour=hour, metered_wh=metered_wh)


def _slices(first_hour: int, energy_wh: tuple[int, ...], first_id: int) -> tuple[Slice, ...]:
    """One slice for each hour with energy, ids in succession."""
    slices = []
    for hour, amount in enumerate(energy_wh, first_hour):
        if amount:
            slices.append(Slice(hour, first_id, first_id + amount - 1))
            first_id += amount
    return tuple(slices)
