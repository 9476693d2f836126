"""Bundles of hourly certificates: split without losing a Wh, passed on, reserved, locked, cancelled once, expired, withdrawn."""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, Identifier, MemberId, NonNegative, Record, Role, Text, operation
from scenarios.energy.books import DEPTH_MAX, SWEEP_MAX, lineage_of, require_account, require_next_id, state_after, turn
from scenarios.energy.records import ISSUING, Bundle, PartWh, Slice
from scenarios.energy.state import EnergyState
from scenarios.fractional import PARTS_MAX, fault_of_lots_split


class Part(Record):
    """One part of a split: how much of each slice goes into it, in the order of the bundle's slices."""

    energy_wh: tuple[PartWh, ...]
    first_id: NonNegative = 0
    """Where the sender's own books let the part begin; 0 where they say nothing."""


class BundleOperations(EnergyState):
    """Operations that move and end bundles."""

    @operation(signed_by=Anyone())
    def split(self, context: Context, bundle: Identifier, parts: tuple[Part, ...]) -> None:
        """The holder cuts a bundle: every Wh of every hour goes into exactly one part."""
        # READ
        whole = self.bundles[bundle]
        # CHECK
        after = _state_after_holder(context, "split", bundle, whole)
        context.require(whole.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        fault = fault_of_lots_split([piece.energy_wh for piece in whole.slices], [part.energy_wh for part in parts])
        if fault is not None:  # check: energy-bad-split
            sums = {"sum_wh": sum(sum(part.energy_wh) for part in parts), "bundle_wh": whole.energy_wh}
            context.refuse(fault, parts_max=PARTS_MAX, **sums)
        cuts = _cut(whole.slices, [part.energy_wh for part in parts])
        for part, slices in zip(parts, cuts, strict=True):
            if part.first_id:
                require_next_id(context, slices[0].first, part.first_id)
        # WRITE
        names = tuple(f"{bundle}-{number}" for number in range(1, len(parts) + 1))
        for name, slices in zip(names, cuts, strict=True):
            energy_wh = sum(piece.energy_wh for piece in slices)
            lineage = lineage_of(whole.device, slices, whole.lineage)
            origin = {"lineage": lineage, "parent": bundle, "depth": whole.depth + 1}
            self.bundles[name] = whole.replace(slices=slices, energy_wh=energy_wh, **origin)
        turn(self, context, bundle, whole, after, children=names)

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, bundle: Identifier, to: MemberId) -> None:
        """The holder passes a bundle on to an account that accepts certificates from it."""
        # READ
        certificates = self.bundles[bundle]
        holder, receiver = certificates.holder, self.accounts.get(to)
        # CHECK
        after = _state_after_holder(context, "transfer", bundle, certificates)
        self._require_on_grid(context, certificates, to)
        context.require(to != holder, "to-self", member=to)
        require_account(self, context, to)
        context.require(receiver is not None and holder in receiver.whitelist, "not-whitelisted", to=to)
        # WRITE
        self.bundles[bundle] = certificates.replace(state=after, holder=to)
        # EMIT
        context.emit("transferred", bundle=bundle, sender=holder, to=to, energy_wh=certificates.energy_wh)

    @operation(signed_by=Anyone())
    def reserve(self, context: Context, bundle: Identifier, beneficiary: MemberId) -> None:
        """The holder sets a bundle aside for one beneficiary: until released it can only be cancelled, and for that one."""
        # READ
        certificates = self.bundles[bundle]
        # CHECK
        after = _state_after_holder(context, "reserve", bundle, certificates)
        self._require_on_grid(context, certificates, beneficiary)
        require_account(self, context, beneficiary)
        # WRITE
        turn(self, context, bundle, certificates, after, reserved_for=beneficiary)

    @operation(signed_by=Anyone())
    def release(self, context: Context, bundle: Identifier) -> None:
        """The member that it is reserved for gives the bundle free."""
        # READ
        certificates = self.bundles[bundle]
        reserved_for = certificates.reserved_for
        # CHECK
        context.require(context.signed_by(reserved_for), "not-reserved-for", reserved_for=reserved_for)
        after = state_after(context, "release", bundle, certificates)
        # WRITE
        turn(self, context, bundle, certificates, after, reserved_for="")

    @operation(signed_by=Role(ISSUING))
    def lock(self, context: Context, bundle: Identifier, reason: Text) -> None:
        """The issuing body stops a bundle while it looks into something."""
        # READ
        certificates = self.bundles[bundle]
        # CHECK
        after = state_after(context, "lock", bundle, certificates)
        context.require(reason.strip() != "", "no-reason")
        # WRITE
        turn(self, context, bundle, certificates, after, reason=reason)

    @operation(signed_by=Role(ISSUING))
    def unlock(self, context: Context, bundle: Identifier) -> None:
        """The issuing body lets it go again, as it was before."""
        # READ
        certificates = self.bundles[bundle]
        # CHECK
        after = state_after(context, "unlock reserved" if certificates.reserved_for else "unlock", bundle, certificates)
        # WRITE
        turn(self, context, bundle, certificates, after, reason="")

    @operation(signed_by=Anyone())
    def cancel(self, context: Context, bundle: Identifier, beneficiary: MemberId, purpose: Text) -> None:
        """The holder uses a bundle up for one beneficiary and one purpose. It never comes back."""
        # READ
        certificates = self.bundles[bundle]
        reserved_for = certificates.reserved_for
        # CHECK
        after = _state_after_holder(context, "cancel", bundle, certificates)
        self._require_on_grid(context, certificates, beneficiary)
        require_account(self, context, beneficiary)
        context.require(reserved_for in ("", beneficiary), "reserved-for-other", bundle=bundle, reserved_for=reserved_for)
        context.require(purpose.strip() != "", "no-purpose")
        # WRITE
        turn(self, context, bundle, certificates, after, beneficiary=beneficiary, purpose=purpose)

    @operation(signed_by=Role(ISSUING))
    def withdraw(self, context: Context, bundle: Identifier, reason: Text) -> None:
        """The issuing body takes back what should not have been issued; never what was already used."""
        # READ
        certificates = self.bundles[bundle]
        issued = self.issuance(certificates.device, certificates.month)
        # CHECK
        after = state_after(context, "withdraw", bundle, certificates)
        context.require(reason.strip() != "", "no-reason")
        # WRITE
        withdrawn = list(issued.withdrawn_wh)
        for piece in certificates.slices:
            withdrawn[piece.hour] += piece.energy_wh
        self.issuances[f"{certificates.device}:{certificates.month}"] = issued.replace(withdrawn_wh=tuple(withdrawn))
        turn(self, context, bundle, certificates, after, reason=reason)

    @operation(signed_by=Anyone())
    def expire(self, context: Context, bundles: tuple[Identifier, ...]) -> None:
        """Any member may sweep out what has outlived its two years."""
        # CHECK
        context.require(0 < len(bundles) <= SWEEP_MAX, "sweep-size", most=SWEEP_MAX)
        for bundle in bundles:
            certificates = self.bundles[bundle]
            after, end_ms = state_after(context, "expire", bundle, certificates), certificates.expires_ms
            context.require(context.time_ms >= end_ms, "not-expired", bundle=bundle, expires_ms=end_ms)
            # WRITE
            turn(self, context, bundle, certificates, after)

    def _require_on_grid(self, context: Context, certificates: Bundle, other: MemberId) -> None:
        """Power that never came to the grid serves only its owner."""
        is_on_grid = self.devices[certificates.device].connection == "grid"
        context.require(is_on_grid or other == certificates.holder, "not-tradable")


def _state_after_holder(context: Context, operation: str, key: str, certificates: Bundle) -> str:
    """Where the operation leads; the holder signs, and the two years are not over, swept or not."""
    context.require(context.signed_by(certificates.holder), "not-holder", holder=certificates.holder)
    after = state_after(context, operation, key, certificates)
    context.require(context.time_ms < certificates.expires_ms, "expired", month=certificates.month)
    return after


def _cut(slices: Sequence[Slice], parts: Sequence[Sequence[int]]) -> list[tuple[Slice, ...]]:
    """The slices of each part: within an hour ids go to the parts in their order, one after the other."""
    taken: list[list[Slice]] = [[] for _ in parts]
    for place, whole in enumerate(slices):
        first = whole.first
        for part, pieces in zip(parts, taken, strict=True):
            if part[place]:
                pieces.append(Slice(whole.hour, first, first + part[place] - 1))
                first += part[place]
    return [tuple(pieces) for pieces in taken]
