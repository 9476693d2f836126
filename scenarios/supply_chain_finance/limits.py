"""Limits of the trade: terms by day, days without payment, lines of credit, and cores that may not issue."""

from ledger.contract import Collection, Context, Contract, MemberId, Role, Text, Timestamp, operation
from ledger.contract.calendar import day_of, next_working_day
from scenarios.supply_chain_finance.records import Cause, Months, Obligor, TenorRule
from scenarios.working_days import Holiday

SETTLEMENT_BANK, REGULATOR = "settlement-bank", "regulator"


class LimitOperations(Contract):
    """The part of the contract that holds what regulator and settlement bank lay down for everybody."""

    tenor_rules = Collection(TenorRule)
    holidays = Collection(Holiday)
    obligors = Collection(Obligor)

    @operation(signed_by=Role(REGULATOR))
    def set_tenor_rule(
        self, context: Context, effective_on_ms: Timestamp, months_max: Months, months_without_reason: Months
    ) -> None:
        """Limits the term of certificates issued from a later day on; running ones keep theirs."""
        # CHECK
        context.require(effective_on_ms > day_of(context.time_ms), "retroactive")
        # WRITE
        key = f"{day_of(effective_on_ms):015}"
        self.tenor_rules[key] = TenorRule(months_max=months_max, months_without_reason=months_without_reason)

    @operation(signed_by=Role(SETTLEMENT_BANK))
    def set_holidays(self, context: Context, days: tuple[Timestamp, ...], name: Text) -> None:
        """Announces later days, besides weekends, on which nothing is paid."""
        # CHECK
        context.require(all(day_of(day) > day_of(context.time_ms) for day in days), "retroactive")
        # WRITE
        for day in days:
            self.holidays[f"{day_of(day):015}"] = Holiday(name=name)

    @operation(signed_by=Role(REGULATOR))
    def announce_default(self, context: Context, core: MemberId, cause: Cause, reference: Text) -> None:
        """The regulator announces that a core defaulted on a bond, or that its bills are persistently overdue.

        From now on the core issues nothing, whether or not anything is overdue here.
        """
        # READ
        obligor = self.obligors[core]
        # CHECK
        context.require(cause not in obligor.announced, "announced-already", core=core, cause=cause)
        # WRITE
        self.obligors[core] = obligor.replace(announced=(*obligor.announced, cause))
        # EMIT
        context.emit("core-barred", core=core, cause=cause, reference=reference)

    @operation(signed_by=Role(REGULATOR))
    def announce_cure(self, context: Context, core: MemberId, cause: Cause, reference: Text) -> None:
        """The regulator announces that this has been cured."""
        # READ
        obligor = self.obligors[core]
        # CHECK
        context.require(cause in obligor.announced, "not-announced", core=core, cause=cause)
        # WRITE
        self.obligors[core] = obligor.replace(announced=tuple(one for one in obligor.announced if one != cause))
        # EMIT
        context.emit("core-cured", core=core, cause=cause, reference=reference)

    def tenor_rule(self, time_ms: int) -> TenorRule | None:
        """The limit in force at this time, None before the first."""
        rules = [rule for key, rule in self.tenor_rules.items() if int(key) <= time_ms]
        return rules[-1] if rules else None

    def pays_on(self, due_on_ms: Timestamp) -> Timestamp:
        """The day of payment: the due date, or the next day on which banks work."""
        holidays = [int(key) for key, _ in self.holidays.items()]
        return next_working_day(due_on_ms, holidays)
