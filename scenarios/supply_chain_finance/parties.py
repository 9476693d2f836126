"""Who takes part: limits on terms, bank holidays, companies that were let in, and lines of credit."""

from typing import Literal

from ledger.contract import (
    Collection,
    Context,
    Contract,
    MemberId,
    Role,
    Text,
    Timestamp,
    operation,
)
from ledger.contract.calendar import day_of, next_working_day
from ledger.identity.records import MEMBERSHIP, Organization
from scenarios.identifiers import is_uscc
from scenarios.supply_chain_finance.records import (
    Account,
    Company,
    Holiday,
    Limit,
    Line,
    Months,
    Obligor,
    Party,
    PartyKind,
    TenorRule,
)

PLATFORM, REGISTRY, SETTLEMENT_BANK, REGULATOR = "platform", "registry", "settlement-bank", "regulator"
"""Roles of those who serve the trade and take no part in it."""


class PartyOperations(Contract):
    """The part of the contract that says who is who."""

    tenor_rules = Collection(TenorRule)
    holidays = Collection(Holiday)
    parties = Collection(Party)
    companies = Collection(Company)
    lines = Collection(Line)
    obligors = Collection(Obligor)
    accounts = Collection(Account)
    organizations = Collection(Organization, of=MEMBERSHIP)

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

    @operation(signed_by=Role(PLATFORM))
    def onboard(self, context: Context, member: MemberId, kind: PartyKind, uscc: str) -> None:
        """Lets a company in, after a look at its licence."""
        # READ
        enrolled = context.member(member)
        # CHECK
        context.require(enrolled is not None and kind in enrolled.roles, "role-missing", member=member, kind=kind)
        context.require(member not in self.parties, "already-onboarded", member=member)
        self._require_no_platform(context, member)
        context.require(is_uscc(uscc), "bad-uscc", uscc=uscc)
        known = self.companies.get(uscc)
        context.require(known is None, "company-onboarded", member=known.member if known else "")
        # WRITE
        self.parties[member] = Party(kind=kind, uscc=uscc)
        self.companies[uscc] = Company(member=member)
        self.accounts[member] = Account()
        if kind == "core":
            self.obligors[member] = Obligor()
        # EMIT
        context.emit("onboarded", member=member, kind=kind)

    @operation(signed_by=Role("bank"))
    def set_line(self, context: Context, core: MemberId, limit_cents: Limit, expires_on_ms: Timestamp) -> None:
        """A bank says how much of a core's debt it is ready to finance, and until when."""
        # READ
        bank = self.acting(context, "bank")
        obligor = self.obligors[core]
        others = sum(line.limit_cents for key, line in self.lines.items(prefix=f"{core}:") if key != f"{core}:{bank}")
        # CHECK
        context.require(
            others + limit_cents >= obligor.outstanding_cents,
            "line-in-use",
            core=core,
            outstanding_cents=obligor.outstanding_cents,
        )
        # WRITE
        self.lines[f"{core}:{bank}"] = Line(limit_cents=limit_cents, expires_on_ms=expires_on_ms)

    def acting(self, context: Context, kind: PartyKind | Literal["company"] = "company") -> MemberId:
        """The first signer, who must have been let in (as `kind`): it is the one whose act this is."""
        member = context.signers[0].member
        self.require_party(context, member, kind)
        return member

    def require_party(self, context: Context, member: MemberId, kind: PartyKind | Literal["company"] = "company") -> None:
        """Refuses the platform, and whoever was not let in (as `kind`)."""
        self._require_no_platform(context, member)
        party = self.parties.get(member)
        context.require(party is not None and kind in (party.kind, "company"), "not-onboarded", member=member, kind=kind)

    def pays_on(self, due_on_ms: Timestamp) -> Timestamp:
        """The day of payment: the due date, or the next day on which banks work."""
        holidays = [int(key) for key, _ in self.holidays.items()]
        return next_working_day(due_on_ms, holidays)

    def pay(self, context: Context, payer: MemberId, payee: MemberId, amount_cents: int, purpose: str) -> None:
        """Books money that the settlement bank, whose signature the operation demands, has moved."""
        for member, change in ((payer, -amount_cents), (payee, amount_cents)):
            account = self.accounts[member]
            self.accounts[member] = account.replace(change_cents=account.change_cents + change)
        context.emit("paid", payer=payer, payee=payee, amount_cents=amount_cents, purpose=purpose)

    def _require_no_platform(self, context: Context, member: MemberId) -> None:
        """Refuses everybody of an organization that may run a platform: its other members pool no money for it either."""
        organization = self.organizations.get(member.partition(".")[0])
        is_platform = organization is not None and PLATFORM in organization.roles
        context.require(not is_platform, "platform-no-party", member=member)
