"""Reconciliation: every day the platform's books, core by core, must say what the ledger says."""

from ledger.contract import Collection, Context, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.supply_chain_finance.maturity import MaturityOperations
from scenarios.supply_chain_finance.parties import PLATFORM
from scenarios.supply_chain_finance.records import LIVE, Reconciliation, Tally


class ReconciliationOperations(MaturityOperations):
    """The part of the contract that compares books."""

    reconciliations = Collection(Reconciliation)

    @operation(signed_by=Role(PLATFORM))
    def reconcile(self, context: Context, day_ms: Timestamp, tallies: tuple[Tally, ...]) -> None:
        """The platform states for today how many of its certificates each core still owes, and how much; once a day."""
        # READ
        platform = next(signer.member for signer in context.signers if PLATFORM in signer.roles)
        key = f"{platform}:{day_of(context.time_ms):015}"
        true = self.tallies(platform)
        # CHECK
        context.require(day_of(day_ms) == day_of(context.time_ms), "wrong-day")
        context.require(key not in self.reconciliations, "reconciled-already", platform=platform)
        wrong = [tally for tally in true if tally not in tallies]
        core, count, owed_cents = (wrong[0].core, wrong[0].count, wrong[0].owed_cents) if wrong else ("", 0, 0)
        context.require(not wrong, "books-differ", core=core, count=count, owed_cents=owed_cents)
        context.require(tallies == true, "books-beyond", platform=platform)
        # WRITE
        self.reconciliations[key] = Reconciliation(tallies=tallies)
        # EMIT
        context.emit("reconciled", platform=platform, cores=len(tallies))

    def tallies(self, platform: MemberId) -> tuple[Tally, ...]:
        """By the ledger: one line for each core that owes something on this platform, in order of member ids."""
        owed: dict[str, list[int]] = {}
        for _, found in self.certificates.items():
            if found.platform == platform and found.state in LIVE and found.owed_cents > 0:
                owed.setdefault(found.core, []).append(found.owed_cents)
        return tuple(Tally(core=core, count=len(owed[core]), owed_cents=sum(owed[core])) for core in sorted(owed))
