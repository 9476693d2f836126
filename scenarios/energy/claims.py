"""Claims: consumption met hour by hour, in one zone, with cancelled certificates, vouched for by who sees the meter."""

from ledger.contract import Collection, Context, Identifier, MemberId, Role, Sealed, operation
from scenarios.energy.bundles import BundleOperations
from scenarios.energy.devices import METERING, VERIFIER
from scenarios.energy.records import Bundle, Claim, ClaimEvidence, HourClaim, Month, Name

BUNDLES_MAX = 50


class ClaimOperations(BundleOperations):
    """The part of the contract that decides what may be called green, and in which hour."""

    claims = Collection(Claim)

    @operation(signed_by=Role(METERING))
    def claim(
        self,
        context: Context,
        claim: Name,
        month: Month,
        hours: tuple[HourClaim, ...],
        bundles: tuple[Identifier, ...],
        verifier: MemberId,
        evidence: Sealed[ClaimEvidence],
    ) -> None:
        """A consumer says which hours were met by which cancelled certificates.

        The consumer signs first. Its load is sealed, so that no rule here can compare: the meter operator, which sees it,
        compares, and signs for the evidence.
        """
        # READ
        consumer = context.signers[0].member
        load = self.consumptions[f"{consumer}:{month}"]
        checker = context.member(verifier)
        found = [self.bundles[name] for name in bundles]
        # CHECK
        context.require(claim not in self.claims, "claim-exists", claim=claim)
        context.require(0 < len(found) <= BUNDLES_MAX, "claim-size", most=BUNDLES_MAX)
        context.require(len(dict.fromkeys(bundles)) == len(bundles), "bundle-twice")
        context.require(checker is not None and VERIFIER in checker.roles, "not-verifier", member=verifier)
        for name, bundle in zip(bundles, found, strict=True):
            self._require_state(context, name, bundle, "cancelled")
            context.require(bundle.used_by == "", "bundle-used", bundle=name, used_by=bundle.used_by)
            context.require(bundle.beneficiary == consumer, "not-beneficiary", beneficiary=bundle.beneficiary)
            context.require(bundle.zone == load.zone, "wrong-zone", bundle=name, zone=bundle.zone, load_zone=load.zone)
            context.require(bundle.month == month, "wrong-month", bundle=name, month=bundle.month)
        self._require_hours(context, hours, found)
        # WRITE
        self.claims[claim] = Claim(
            consumer=consumer,
            month=month,
            zone=load.zone,
            hours=hours,
            energy_wh=sum(part.energy_wh for part in hours),
            bundles=bundles,
            verifier=verifier,
            evidence=evidence,
        )
        for name, bundle in zip(bundles, found, strict=True):
            self._end(context, name, bundle, "claimed", used_by=claim)

    def _require_hours(self, context: Context, hours: tuple[HourClaim, ...], bundles: list[Bundle]) -> None:
        """What is claimed for an hour is what was generated in that hour, Wh for Wh."""
        generated: dict[int, int] = {}
        for part in (part for bundle in bundles for part in bundle.slices):
            generated[part.hour] = generated.get(part.hour, 0) + part.energy_wh
        claimed = {part.hour: part.energy_wh for part in hours}
        context.require(len(claimed) == len(hours), "hour-twice")
        if claimed == generated:
            return
        hour = min(hour for hour in {**claimed, **generated} if claimed.get(hour) != generated.get(hour))
        sums = {"claimed_wh": claimed.get(hour, 0), "generated_wh": generated.get(hour, 0)}
        if len(hours) > 1 and sum(claimed.values()) == sum(generated.values()):  # check: energy-not-hourly
            context.refuse("not-hourly", hour=hour, **sums)
        context.refuse("hour-mismatch", hour=hour, **sums)  # check: energy-hour-mismatch
