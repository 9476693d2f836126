"""Hourly certificates of 1 Wh: issued on metered positive energy, once an hour, with ids that tile 1 to the last."""

from ledger.contract import Collection, Context, DigestText, NonNegative, Positive, Role, operation
from ledger.encoding import digest, encode
from scenarios.energy.devices import ISSUING
from scenarios.energy.quantities import expires_ms, hours_in
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import Bundle, Device, Hour, Month, Name, Readings, Slice


class IssueOperations(ReadingOperations):
    """The part of the contract that turns readings into certificates."""

    bundles = Collection(Bundle)

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
        found = self.devices[device]
        held = self.readings[f"{device}:{month}"]
        issued = self.issuance(device, month)
        end = first_hour + len(energy_wh)
        # CHECK
        context.require(found.technology != "storage", "storage-by-discharge", device=device)
        context.require(0 < len(energy_wh) <= hours_in(month) - first_hour, "beyond-month", month=month, hours=hours_in(month))
        context.require(held.scheme != "monthly", "certified-otherwise", month=month, scheme=held.scheme)
        context.require(sum(energy_wh) > 0, "nothing-generated", month=month, hour=first_hour)
        for hour, asked_wh in enumerate(energy_wh, first_hour):
            if asked_wh:
                context.require(issued.issued_wh[hour] == 0, "hour-issued", month=month, hour=hour)
                self.require_metered(context, held, month, hour, asked_wh)
        self.require_next_id(context, found.ids_max + 1, first_id)
        # WRITE
        slices = tuple_slices(first_hour, energy_wh, first_id)
        self.readings[f"{device}:{month}"] = held.replace(scheme="hourly")
        amounts = (*issued.issued_wh[:first_hour], *map(sum, zip(issued.issued_wh[first_hour:end], energy_wh, strict=True)))
        self.issuances[f"{device}:{month}"] = issued.replace(issued_wh=(*amounts, *issued.issued_wh[end:]))
        self.put_bundle(context, device, found, month, slices)

    def put_bundle(self, context: Context, device: Name, found: Device, month: Month, slices: tuple[Slice, ...]) -> str:
        """A new bundle for the owner of the device; its ids are the device's next."""
        context.require(context.time_ms < expires_ms(month), "expired", month=month)
        key = f"{device}:{month}:{slices[0].hour:03}"
        if key in self.bundles:  # a storage gives out several charges in one hour
            key = f"{key}#{slices[0].first}"
        self.devices[device] = found.replace(ids_max=slices[-1].last)
        self.bundles[key] = Bundle(
            device=device,
            month=month,
            zone=found.zone,
            is_storage=found.technology == "storage",
            slices=slices,
            energy_wh=sum(part.energy_wh for part in slices),
            lineage=lineage_of(device, slices, ""),
            expires_ms=expires_ms(month),
            account=found.owner,
        )
        self.moved(context, key, "none", "active", self.bundles[key])
        return key

    def require_metered(self, context: Context, held: Readings, month: Month, hour: Hour, asked_wh: int) -> None:
        """Refuses more than a good reading shows for the hour."""
        metered_wh = held.energy_wh[hour] or 0
        context.require(metered_wh > 0, "nothing-generated", month=month, hour=hour)
        context.require(self.fit_wh(held, hour) > 0, "quality-unfit", month=month, hour=hour, quality=held.quality[hour])
        context.require(asked_wh <= metered_wh, "above-metered", hour=hour, metered_wh=metered_wh)

    def moved(self, context: Context, key: str, before: str, after: str, bundle: Bundle, **data: object) -> None:
        """Announces a change of state."""
        context.emit("moved", bundle=key, before=before, after=after, energy_wh=bundle.energy_wh, account=bundle.account, **data)

    def require_next_id(self, context: Context, expected: int, got: int) -> None:
        """Ids neither overlap nor leave a gap."""
        context.require(got >= expected, "ids-overlap", expected=expected, got=got)
        context.require(got == expected, "ids-gap", expected=expected, got=got)


def tuple_slices(first_hour: int, energy_wh: tuple[int, ...], first_id: int) -> tuple[Slice, ...]:
    """One slice for each hour with energy, ids in succession."""
    slices = []
    for hour, amount in enumerate(energy_wh, first_hour):
        if amount:
            slices.append(Slice(hour, first_id, first_id + amount - 1))
            first_id += amount
    return tuple(slices)


def lineage_of(device: str, slices: tuple[Slice, ...], parent: str) -> DigestText:
    """Binds a bundle to its ids and to the bundle that it was cut from."""
    return digest("energy-lineage", encode([device, [list(part) for part in slices], parent]))
