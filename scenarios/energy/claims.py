"""Claims: consumption met hour by hour, in one zone, with cancelled certificates, vouched for by who sees the meter.

Consumption by green certificates begins in `green.py`, and stands or falls here as well.
"""

from collections import Counter
from collections.abc import Iterable

from ledger.contract import Anyone, Context, Identifier, MemberId, Role, Sealed, Text, operation
from scenarios.energy.books import require_load, state_after, turn
from scenarios.energy.quantities import WH_PER_MWH
from scenarios.energy.records import METERING, VERIFIER, Bundle, Claim, ClaimEvidence, HourClaim, Month, Name
from scenarios.energy.state import EnergyState
from scenarios.energy.transitions import CLAIMS

BUNDLES_MAX = 50


class ClaimOperations(EnergyState):
    """What may be called green, and in which hour."""

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
        spent = [(bundle, self.bundles[bundle]) for bundle in bundles]
        # CHECK
        load = require_load(self, context, consumer, month, "hourly", claim, verifier)
        context.require(0 < len(bundles) <= BUNDLES_MAX, "claim-size", most=BUNDLES_MAX)
        context.require(len(dict.fromkeys(bundles)) == len(bundles), "bundle-twice")
        for bundle, certificates in spent:
            state_after(context, "claim", bundle, certificates)
            context.require(certificates.used_by == "", "bundle-used", bundle=bundle, used_by=certificates.used_by)
            is_own = certificates.beneficiary == consumer
            context.require(is_own, "not-beneficiary", beneficiary=certificates.beneficiary)
            zones = {"zone": certificates.zone, "load_zone": load.zone}
            context.require(certificates.zone == load.zone, "wrong-zone", bundle=bundle, **zones)
            context.require(certificates.month == month, "wrong-month", bundle=bundle, month=certificates.month)
        _require_hours(context, hours, [certificates for _, certificates in spent])
        twice = min((part.hour for part in hours if load.is_claimed[part.hour]), default=None)
        context.require(twice is None, "hour-claimed", month=month, hour=twice or 0)
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
        claimed = dict.fromkeys(part.hour for part in hours)
        is_claimed = tuple(was or hour in claimed for hour, was in enumerate(load.is_claimed))
        self.consumptions[f"{consumer}:{month}"] = load.replace(scheme="hourly", is_claimed=is_claimed)
        for bundle, certificates in spent:
            turn(self, context, bundle, certificates, state_after(context, "claim", bundle, certificates), used_by=claim)

    @operation(signed_by=Role(VERIFIER))
    def attest_claim(self, context: Context, claim: Name) -> None:
        """The claim's verifier saw what was metered and says that it covers the claim: now it stands."""
        self._judge(context, "attest_claim", claim, "")

    @operation(signed_by=Role(VERIFIER))
    def dispute_claim(self, context: Context, claim: Name, reason: Text) -> None:
        """Its verifier says why it does not stand, or no longer."""
        # CHECK
        context.require(reason.strip() != "", "no-reason")
        self._judge(context, "dispute_claim", claim, reason)

    @operation(signed_by=Anyone())
    def withdraw_claim(self, context: Context, claim: Name) -> None:
        """The consumer takes back what does not stand: its load is open again, its certificates as before used up for it."""
        # READ
        made = self.claims[claim]
        load = self.consumptions[f"{made.consumer}:{made.month}"]
        # CHECK
        context.require(context.signed_by(made.consumer), "not-owner", owner=made.consumer)
        after = _claim_after(context, "withdraw_claim", claim, made)
        # WRITE
        self.claims[claim] = made.replace(state=after)
        open_again = dict.fromkeys(part.hour for part in made.hours)
        is_claimed = tuple(was and hour not in open_again for hour, was in enumerate(load.is_claimed))
        green_count = load.green_count - (made.energy_wh // WH_PER_MWH if made.lot else 0)
        scheme = load.scheme if any(is_claimed) or green_count else ""
        changes = {"scheme": scheme, "is_claimed": is_claimed, "green_count": green_count}
        self.consumptions[f"{made.consumer}:{made.month}"] = load.replace(**changes)
        for bundle in made.bundles:
            certificates = self.bundles[bundle]
            free = state_after(context, "withdraw_claim", bundle, certificates)
            turn(self, context, bundle, certificates, free, used_by="")
        if made.lot:
            self.green_lots[made.lot] = self.green_lots[made.lot].replace(used_by="")
        # EMIT
        context.emit("claim-withdrawn", claim=claim, energy_wh=made.energy_wh)

    def _judge(self, context: Context, operation: str, claim: str, reason: str) -> None:
        # READ
        made = self.claims[claim]
        # CHECK
        context.require(context.signed_by(made.verifier), "other-verifier", verifier=made.verifier)
        after = _claim_after(context, operation, claim, made)
        # WRITE
        self.claims[claim] = made.replace(state=after, reason=reason)
        # EMIT
        context.emit("claim-judged", claim=claim, verifier=made.verifier, state=after, energy_wh=made.energy_wh)


def _claim_after(context: Context, operation: str, claim: str, made: Claim) -> str:
    """Where the operation leads from the claim's state; refuses if nowhere."""
    after = CLAIMS[operation].get(made.state, "")
    context.require(after != "", "claim-state", claim=claim, state=made.state)
    return after


def _require_hours(context: Context, hours: tuple[HourClaim, ...], spent: Iterable[Bundle]) -> None:
    """What is claimed for an hour is what was generated in that hour, Wh for Wh."""
    generated: Counter[int] = Counter()
    for certificates in spent:
        generated.update({piece.hour: piece.energy_wh for piece in certificates.slices})
    claimed = Counter({part.hour: part.energy_wh for part in hours})
    context.require(len(claimed) == len(hours), "hour-twice")
    wrong = [hour for hour in claimed | generated if claimed[hour] != generated[hour]]
    hour = min(wrong, default=0)
    sums = {"hour": hour, "claimed_wh": claimed[hour], "generated_wh": generated[hour]}
    is_right_in_all = len(hours) > 1 and claimed.total() == generated.total()
    context.require(not (wrong and is_right_in_all), "not-hourly", **sums)
    context.require(not wrong, "hour-mismatch", **sums)
