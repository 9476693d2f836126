"""What several parts of the contract ask and do: accounts, possible energy, ids in order, a bundle from its issue on."""

from ledger.contract import Context, DigestText
from ledger.encoding import digest, encode
from scenarios.energy.daylight import is_dark
from scenarios.energy.quantities import MARKET_OFFSET_MS, capacity_wh, expires_ms, hour_ms
from scenarios.energy.records import VERIFIER, Bundle, Consumption, Device, Readings, Slice, put_hours
from scenarios.energy.state import EnergyState
from scenarios.energy.transitions import BUNDLES
from scenarios.identifiers import organization_of

DEPTH_MAX = 20
"""Longest way of a bundle or lot from its issue: keys grow with it."""
SWEEP_MAX = 100
"""Most bundles or lots in one operation, so that its writes fit a transaction."""


def require_account(state: EnergyState, context: Context, member: str) -> None:
    """Refuses a member without an account."""
    context.require(member in state.accounts, "no-account", member=member)


def require_possible(context: Context, plant: Device, month: str, hour: int, energy_wh: int | None) -> None:
    """Refuses what the device cannot have done in an hour."""
    if energy_wh is None:
        return
    most_wh, at_ms = capacity_wh(plant.capacity_w), hour_ms(month, hour)
    context.require(abs(energy_wh) <= most_wh, "above-capacity", hour=hour, energy_wh=energy_wh, most_wh=most_wh)
    is_there = at_ms >= plant.commissioned_on_ms - MARKET_OFFSET_MS and not 0 < plant.decommissioned_ms <= at_ms
    context.require(is_there, "not-in-service", month=month, hour=hour, commissioned_on_ms=plant.commissioned_on_ms)
    is_sun = plant.technology == "solar" and energy_wh > 0
    is_night = plant.place is not None and is_dark(plant.place, at_ms)
    context.require(not (is_sun and is_night), "sun-after-dark", month=month, hour=hour)
    context.require(plant.closed_ms == 0 or at_ms > plant.closed_ms, "storage-closed", closed_ms=plant.closed_ms)


def require_load(
    state: EnergyState, context: Context, consumer: str, month: str, scheme: str, claim: str, verifier: str
) -> Consumption:
    """The metered load of a month, which one kind of certificate meets; a new claim to it has a verifier of another company."""
    context.require(f"{consumer}:{month}" in state.consumptions, "no-load", consumer=consumer, month=month)
    load, checker = state.consumptions[f"{consumer}:{month}"], context.member(verifier)
    context.require(load.scheme in ("", scheme), "claimed-otherwise", month=month, scheme=load.scheme)
    context.require(claim not in state.claims, "claim-exists", claim=claim)
    context.require(checker is not None and VERIFIER in checker.roles, "not-verifier", member=verifier)
    context.require(organization_of(verifier) != organization_of(consumer), "own-verifier", member=verifier)
    return load


def require_before_residual(state: EnergyState, context: Context, plant: Device, month: str) -> None:
    """Refuses to certify what a published residual mix gave to everybody; what never came to the grid is in none."""
    is_published = plant.connection == "grid" and f"{plant.zone}:{month}" in state.residual_mixes
    context.require(not is_published, "residual-published", zone=plant.zone, month=month)


def require_next_id(context: Context, expected: int, got: int) -> None:
    """Ids neither overlap nor leave a gap."""
    context.require(got >= expected, "ids-overlap", expected=expected, got=got)
    context.require(got == expected, "ids-gap", expected=expected, got=got)


def lineage_of(device: str, slices: tuple[Slice, ...], parent: str) -> DigestText:
    """Binds a bundle to its ids and to the bundle that it was cut from."""
    return digest("energy-lineage", encode([device, [list(part) for part in slices], parent]))


def state_after(context: Context, operation: str, key: str, bundle: Bundle) -> str:
    """Where the operation leads from the bundle's state; refuses if nowhere."""
    after = BUNDLES[operation].get(bundle.state, "")
    context.require(after != "", "wrong-state", bundle=key, state=bundle.state)
    return after


def turn(state: EnergyState, context: Context, key: str, bundle: Bundle, after: str, **changes: object) -> None:
    """Writes and announces a change of a bundle's state."""
    turned = bundle.replace(state=after, **changes)
    state.bundles[key] = turned
    announce(context, key, bundle.state, turned, **changes)


def announce(context: Context, key: str, before: str, bundle: Bundle, **data: object) -> None:
    """The event of a change of state."""
    about = {"energy_wh": bundle.energy_wh, "holder": bundle.holder}
    context.emit("moved", bundle=key, before=before, after=bundle.state, **about, **data)


def require_metered(context: Context, readings: Readings, month: str, hour: int, asked_wh: int) -> None:
    """Refuses more than a good reading shows for the hour."""
    metered_wh = readings.energy_wh[hour] or 0
    context.require(metered_wh > 0, "nothing-generated", month=month, hour=hour)
    context.require(readings.good_wh(hour) > 0, "quality-unfit", month=month, hour=hour, quality=readings.quality[hour])
    context.require(asked_wh <= metered_wh, "above-metered", hour=hour, metered_wh=metered_wh)


def certify(
    state: EnergyState,
    context: Context,
    device: str,
    plant: Device,
    month: str,
    first: int,
    energy_wh: tuple[int, ...],
    first_id: int,
) -> str:
    """A new bundle for the owner of the device, if anything is left for one; the ids are the device's next."""
    require_next_id(context, plant.ids_max + 1, first_id)
    context.require(context.time_ms < expires_ms(month), "expired", month=month)
    of_month, issued = f"{device}:{month}", state.issuance(device, month)
    amounts = tuple(map(sum, zip(issued.issued_wh[first : first + len(energy_wh)], energy_wh, strict=True)))
    state.issuances[of_month] = issued.replace(issued_wh=put_hours(issued.issued_wh, first, amounts))
    state.readings[of_month] = state.readings[of_month].replace(scheme="hourly")
    slices = _slices(first, energy_wh, first_id)
    state.devices[device] = plant.replace(ids_max=first_id + sum(energy_wh) - 1)
    if not slices:
        return ""
    key = f"{of_month}:{slices[0].hour:03}"
    if key in state.bundles:  # a storage gives out several charges in one hour
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
    state.bundles[key] = bundle
    announce(context, key, "none", bundle)
    return key


def _slices(first_hour: int, energy_wh: tuple[int, ...], first_id: int) -> tuple[Slice, ...]:
    """One slice for each hour with energy, ids in succession."""
    slices = []
    for hour, amount in enumerate(energy_wh, first_hour):
        if amount:
            slices.append(Slice(hour, first_id, first_id + amount - 1))
            first_id += amount
    return tuple(slices)
