"""What several parts of the contract ask and do: accounts, plausible energy, ids in order, bundles from state to state."""

from ledger.contract import Context, DigestText
from ledger.encoding import digest, encode
from scenarios.energy.quantities import MARKET_OFFSET_MS, capacity_wh, hour_ms
from scenarios.energy.records import Bundle, Device, Slice
from scenarios.energy.state import EnergyState
from scenarios.energy.transitions import BUNDLES

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
    most_wh, since_ms = capacity_wh(plant.capacity_w), plant.commissioned_on_ms
    context.require(abs(energy_wh) <= most_wh, "above-capacity", hour=hour, energy_wh=energy_wh, most_wh=most_wh)
    is_there = hour_ms(month, hour) >= since_ms - MARKET_OFFSET_MS
    context.require(is_there, "before-commissioning", month=month, hour=hour, commissioned_on_ms=since_ms)


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
