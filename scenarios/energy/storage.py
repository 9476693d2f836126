"""What a storage gives out has an origin only where what went in had one, in the order in which it went in.

Cancelled certificates stand for what its meter drew in the same hours. Its state of charge follows from its readings, its losses
and what it can hold; so grey power of the night comes out as grey, before the sun of noon that went in after it.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping

from ledger.contract import Anyone, Context, Identifier, Positive, Role, operation
from scenarios.energy.books import certify, require_metered, state_after
from scenarios.energy.quantities import HOUR_MS, after_losses_wh, hour_ms, month_start_ms
from scenarios.energy.records import ISSUING, Charge, Discharge, Hour, Month, Name, StorageTerms
from scenarios.energy.state import EnergyState

NO_HOUR = -1
"""The origin of what was in a storage before anybody measured."""


class StorageOperations(EnergyState):
    """Operations that give what comes out of a storage the origin of what went in."""

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
        is_of_the_grid = self.devices[certificates.device].connection == "grid" or battery.connection != "grid"
        context.require(is_of_the_grid, "not-tradable")
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
        out_wh = self._out_wh(charge, source, month, hour)
        # CHECK
        context.require(hour < len(readings.energy_wh), "beyond-month", month=month, hours=len(readings.energy_wh))
        require_metered(context, readings, month, hour, issued.issued_wh[hour] + energy_wh)
        context.require(energy_wh <= out_wh, "not-first-out", month=month, hour=hour, out_wh=out_wh, asked_wh=energy_wh)
        # WRITE
        battery = battery.replace(closed_ms=max(battery.closed_ms, hour_ms(month, hour)))
        bundle = certify(self, context, storage, battery, month, hour, (energy_wh,), first_id)
        self.discharges[bundle] = Discharge(storage=storage, charge=charge, month=month, hour=hour, energy_wh=energy_wh)

    def _out_wh(self, charge: str, source: Charge, month: str, hour: int) -> int:
        """What of a charge came out in an hour, first in first out, and is not certified; an hour's origins come out mixed."""
        drawn = self.readings[f"{source.storage}:{source.month}"]
        terms = self.devices[source.storage].storage_terms
        assert terms is not None, "a charge is of a storage"
        layers = first_out(self._metered(source.storage), terms)[hour_ms(month, hour)]
        shares = [
            layers[hour_ms(source.month, part.hour)] * part.energy_wh // -drawn.good_wh(part.hour)
            for part in self.bundles[charge].slices
        ]
        earlier = self.discharges.items(prefix=f"{source.storage}:{month}:")
        return sum(shares) - sum(found.energy_wh for _, found in earlier if (found.charge, found.hour) == (charge, hour))

    def _metered(self, storage: str) -> Iterator[tuple[int, int | None]]:
        """Every hour of the storage's months with its net energy, None where no good reading is."""
        for key, held in self.readings.items(prefix=f"{storage}:"):
            start_ms = month_start_ms(key.rpartition(":")[2])
            for hour, energy_wh in enumerate(held.energy_wh):
                yield start_ms + hour * HOUR_MS, energy_wh if held.is_good(hour) else None


def first_out(metered: Iterable[tuple[int, int | None]], terms: StorageTerms) -> Mapping[int, Counter[int]]:
    """Which hour's charge came out in which hour, in Wh after losses: what went in first comes out first.

    What was in the storage at the beginning is of no hour. After an hour without a good reading it is taken to be full of such
    energy; what it cannot hold is lost.
    """
    out: defaultdict[int, Counter[int]] = defaultdict(Counter)
    stock, next_ms = deque([(NO_HOUR, terms.opening_wh)]), 0
    for start_ms, energy_wh in metered:
        if energy_wh is None or next_ms not in (0, start_ms):
            stock = deque([(NO_HOUR, terms.holds_wh)])
        next_ms = start_ms + HOUR_MS
        given_wh = energy_wh or 0
        if given_wh < 0:
            room_wh = terms.holds_wh - sum(held_wh for _, held_wh in stock)
            stock.append((start_ms, min(after_losses_wh(-given_wh, terms.efficiency_ppm), room_wh)))
        while given_wh > 0 and stock:
            origin_ms, held_wh = stock.popleft()
            out[start_ms][origin_ms] += min(held_wh, given_wh)
            if held_wh > given_wh:
                stock.appendleft((origin_ms, held_wh - given_wh))
            given_wh -= min(held_wh, given_wh)
    return out
