"""Bundles of hourly certificates: split without losing a Wh, passed on, reserved, locked, cancelled once, expired, withdrawn."""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, Identifier, MemberId, NonNegative, Record, Role, Text, operation
from scenarios.energy.devices import ISSUING
from scenarios.energy.issuance import IssueOperations, lineage_of
from scenarios.energy.records import LIVE, Bundle, BundleState, PartWh, Slice
from scenarios.fractional import PARTS_MAX, fault_of_lots_split

DEPTH_MAX = 20
"""Longest way from an issue: keys grow with it."""
SWEEP_MAX = 100
"""Most bundles in one sweep, so that its writes fit a transaction."""


class Part(Record):
    """One part of a split: how much of each slice goes into it, in the order of the bundle's slices."""

    energy_wh: tuple[PartWh, ...]
    first_id: NonNegative = 0
    """Where the sender's own books let the part begin; 0 where they say nothing."""


class BundleOperations(IssueOperations):
    """The part of the contract that moves and ends bundles."""

    @operation(signed_by=Anyone())
    def split(self, context: Context, bundle: Identifier, parts: tuple[Part, ...]) -> None:
        """The holder cuts a bundle: every Wh of every hour goes into exactly one part."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        self._require_free(context, bundle, found, "active")
        context.require(found.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        fault = fault_of_lots_split([part.energy_wh for part in found.slices], [part.energy_wh for part in parts])
        if fault is not None:  # check: energy-bad-split
            sums = {"sum_wh": sum(sum(part.energy_wh) for part in parts), "bundle_wh": found.energy_wh}
            context.refuse(fault, parts_max=PARTS_MAX, **sums)
        # WRITE
        names = tuple(f"{bundle}-{number}" for number in range(1, len(parts) + 1))
        cuts = cut(found.slices, [part.energy_wh for part in parts])
        for name, part, slices in zip(names, parts, cuts, strict=True):
            if part.first_id:
                self.require_next_id(context, slices[0].first, part.first_id)
            self.bundles[name] = found.replace(
                slices=slices,
                energy_wh=sum(piece.energy_wh for piece in slices),
                lineage=lineage_of(found.device, slices, found.lineage),
                parent=bundle,
                depth=found.depth + 1,
            )
        self._end(context, bundle, found, "split", children=names)

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, bundle: Identifier, to: MemberId) -> None:
        """The holder passes a bundle on to an account that accepts certificates from it."""
        # READ
        found = self.bundles[bundle]
        receiver = self.accounts.get(to)
        # CHECK
        self._require_free(context, bundle, found, "active")
        self._require_for(context, found, to)
        context.require(to != found.account, "to-self", member=to)
        self.require_account(context, to)
        context.require(receiver is not None and found.account in receiver.whitelist, "not-whitelisted", to=to)
        # WRITE
        self.bundles[bundle] = found.replace(account=to)
        # EMIT
        context.emit("transferred", bundle=bundle, sender=found.account, to=to, energy_wh=found.energy_wh)

    @operation(signed_by=Anyone())
    def reserve(self, context: Context, bundle: Identifier, beneficiary: MemberId) -> None:
        """The holder sets a bundle aside for one beneficiary: until released it can only be cancelled, and for that one."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        self._require_free(context, bundle, found, "active")
        self._require_for(context, found, beneficiary)
        self.require_account(context, beneficiary)
        # WRITE
        self._end(context, bundle, found, "reserved", reserved_for=beneficiary)

    @operation(signed_by=Anyone())
    def release(self, context: Context, bundle: Identifier) -> None:
        """Whom it was reserved for gives the bundle free."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        context.require(context.signed_by(found.reserved_for), "not-reserved-for", reserved_for=found.reserved_for)
        self._require_state(context, bundle, found, "reserved")
        # WRITE
        self._end(context, bundle, found, "active", reserved_for="")

    @operation(signed_by=Role(ISSUING))
    def lock(self, context: Context, bundle: Identifier, reason: Text) -> None:
        """The issuing body stops a bundle while it looks into something."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        self._require_state(context, bundle, found, "active", "reserved")
        context.require(reason.strip() != "", "no-reason")
        # WRITE
        self._end(context, bundle, found, "locked", reason=reason)

    @operation(signed_by=Role(ISSUING))
    def unlock(self, context: Context, bundle: Identifier) -> None:
        """The issuing body lets it go again, as it was before."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        self._require_state(context, bundle, found, "locked")
        # WRITE
        self._end(context, bundle, found, "reserved" if found.reserved_for else "active", reason="")

    @operation(signed_by=Anyone())
    def cancel(self, context: Context, bundle: Identifier, beneficiary: MemberId, purpose: Text) -> None:
        """The holder uses a bundle up for one beneficiary and one purpose. It never comes back."""
        # READ
        found = self.bundles[bundle]
        # CHECK
        self._require_free(context, bundle, found, "active", "reserved")
        self._require_for(context, found, beneficiary)
        self.require_account(context, beneficiary)
        context.require(
            found.reserved_for in ("", beneficiary), "reserved-for-other", bundle=bundle, reserved_for=found.reserved_for
        )
        context.require(purpose.strip() != "", "no-purpose")
        # WRITE
        self._end(context, bundle, found, "cancelled", beneficiary=beneficiary, purpose=purpose)

    @operation(signed_by=Role(ISSUING))
    def withdraw(self, context: Context, bundle: Identifier, reason: Text) -> None:
        """The issuing body takes back what should not have been issued; never what was already used."""
        # READ
        found = self.bundles[bundle]
        issued = self.issuance(found.device, found.month)
        # CHECK
        self._require_state(context, bundle, found, *LIVE)
        context.require(reason.strip() != "", "no-reason")
        # WRITE
        withdrawn = list(issued.withdrawn_wh)
        for part in found.slices:
            withdrawn[part.hour] += part.energy_wh
        self.issuances[f"{found.device}:{found.month}"] = issued.replace(withdrawn_wh=tuple(withdrawn))
        self._end(context, bundle, found, "withdrawn", reason=reason)

    @operation(signed_by=Anyone())
    def expire(self, context: Context, bundles: tuple[Identifier, ...]) -> None:
        """Anybody may sweep out what has outlived its two years."""
        # CHECK
        context.require(0 < len(bundles) <= SWEEP_MAX, "sweep-size", most=SWEEP_MAX)
        for name in bundles:
            found = self.bundles[name]
            self._require_state(context, name, found, *LIVE)
            context.require(context.time_ms >= found.expires_ms, "not-expired", bundle=name, expires_ms=found.expires_ms)
            # WRITE
            self._end(context, name, found, "expired")

    def _require_free(self, context: Context, bundle: str, found: Bundle, *states: BundleState) -> None:
        """The holder signs, the bundle is in one of the states, and its two years are not over, swept or not."""
        context.require(context.signed_by(found.account), "not-holder", holder=found.account)
        self._require_state(context, bundle, found, *states)
        context.require(context.time_ms < found.expires_ms, "expired", month=found.month)

    def _require_for(self, context: Context, found: Bundle, other: MemberId) -> None:
        """Power that never came to the grid is nobody else's."""
        context.require(other == found.account or self.devices[found.device].connection == "grid", "not-tradable")

    def _require_state(self, context: Context, bundle: str, found: Bundle, *states: BundleState) -> None:
        context.require(found.state in states, "wrong-state", bundle=bundle, state=found.state)

    def _end(self, context: Context, bundle: str, found: Bundle, state: BundleState, **changes: object) -> None:
        """Writes and announces a change of state."""
        self.bundles[bundle] = found.replace(state=state, **changes)
        self.moved(context, bundle, found.state, state, self.bundles[bundle], **changes)


def cut(slices: Sequence[Slice], parts: Sequence[Sequence[int]]) -> list[tuple[Slice, ...]]:
    """The slices of each part: within an hour ids go to the parts in their order, one after the other."""
    taken: list[list[Slice]] = [[] for _ in parts]
    for place, whole in enumerate(slices):
        first = whole.first
        for part, pieces in zip(parts, taken, strict=True):
            if part[place]:
                pieces.append(Slice(whole.hour, first, first + part[place] - 1))
                first += part[place]
    return [tuple(pieces) for pieces in taken]
