"""Those who serve the trade: regulator, settlement bank, platform and court lay down, let in, compare and freeze."""

from ledger.contract import Context, DigestText, Identifier, MemberId, Role, Text, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.identifiers import is_uscc
from scenarios.supply_chain_finance import records
from scenarios.supply_chain_finance.rules import moved, pay, require_no_platform, signer_as, state_after
from scenarios.supply_chain_finance.state import COURT, PLATFORM, REGULATOR, SETTLEMENT_BANK, FinanceState
from scenarios.working_days import Holiday


class ServiceOperations(FinanceState):
    """Terms by day and days without payment; cores that may not issue; companies; books; a court's orders."""

    @operation(signed_by=Role(REGULATOR))
    def set_tenor_rule(self, context: Context, effective_on_ms: Timestamp, limits: records.TenorRule) -> None:
        """Limits the term of certificates issued from a later day on, and the age of the invoices; running ones keep theirs."""
        # CHECK
        context.require(effective_on_ms > day_of(context.time_ms), "retroactive")
        # WRITE
        self.tenor_rules[f"{day_of(effective_on_ms):015}"] = limits

    @operation(signed_by=Role(SETTLEMENT_BANK))
    def set_holidays(self, context: Context, days: tuple[Timestamp, ...], name: Text) -> None:
        """Announces later days, besides weekends, on which nothing is paid."""
        # CHECK
        context.require(all(day_of(day) > day_of(context.time_ms) for day in days), "retroactive")
        # WRITE
        for day in days:
            self.holidays[f"{day_of(day):015}"] = Holiday(name=name)

    @operation(signed_by=Role(REGULATOR))
    def announce_default(self, context: Context, core: MemberId, cause: records.Cause, reference: Text) -> None:
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
    def announce_cure(self, context: Context, core: MemberId, cause: records.Cause, reference: Text) -> None:
        """The regulator announces that this has been cured."""
        # READ
        obligor = self.obligors[core]
        # CHECK
        context.require(cause in obligor.announced, "not-announced", core=core, cause=cause)
        # WRITE
        self.obligors[core] = obligor.replace(announced=tuple(other for other in obligor.announced if other != cause))
        # EMIT
        context.emit("core-cured", core=core, cause=cause, reference=reference)

    @operation(signed_by=Role(PLATFORM))
    def onboard(
        self,
        context: Context,
        member: MemberId,
        kind: records.PartyKind,
        uscc: str,
        licence: DigestText,
        licence_number: str = "",
    ) -> None:
        """Lets a company in that has presented its business licence; the digest says which presentation was verified."""
        # READ
        enrolled = context.member(member)
        company = self.companies.get(uscc) if is_uscc(uscc) else None
        # CHECK
        context.require(enrolled is not None and kind in enrolled.roles, "role-missing", member=member, kind=kind)
        context.require(member not in self.parties, "already-onboarded", member=member)
        require_no_platform(context, member)
        context.require(is_uscc(uscc), "bad-uscc", uscc=uscc)
        context.require(company is None, "company-onboarded", member=company.member if company else "")
        # WRITE
        self.parties[member] = records.Party(
            kind=kind, uscc=uscc, platform=signer_as(context, PLATFORM), licence=licence, licence_number=licence_number
        )
        self.companies[uscc] = records.Company(member=member)
        self.accounts[member] = records.Account()
        if kind == "core":
            self.obligors[member] = records.Obligor()
        # EMIT
        context.emit("onboarded", member=member, kind=kind)

    @operation(signed_by=Role(PLATFORM))
    def declare_relation(self, context: Context, member: MemberId, other: MemberId, ground: Text) -> None:
        """A company tells its platform that it belongs together with another; a bank that pays on their trade is warned."""
        # READ
        party, pair, platform = self.parties[member], records.Relation.key(member, other), signer_as(context, PLATFORM)
        # CHECK
        _require_own(context, member, party)
        context.require(member != other, "to-self", member=member)
        context.require(other in self.parties, "not-onboarded", member=other, kind="company")
        # WRITE
        self.relations[pair] = records.Relation(ground=ground, platform=platform)
        # EMIT
        context.emit("relation-declared", member=member, other=other, ground=ground)

    @operation(signed_by=Role(PLATFORM))
    def suspend(self, context: Context, member: MemberId, reason: Text) -> None:
        """A licence was withdrawn: its company enters nothing new; what it holds and owes stays as it is."""
        # READ
        party = self.parties[member]
        # CHECK
        _require_own(context, member, party)
        context.require(not party.suspended, "suspended", member=member)
        # WRITE
        self.parties[member] = party.replace(suspended=True)
        # EMIT
        context.emit("suspended", member=member, reason=reason)

    @operation(signed_by=Role(PLATFORM))
    def reinstate(self, context: Context, member: MemberId, licence: DigestText, licence_number: str = "") -> None:
        """The company presents a valid licence again; a renewed one has another number."""
        # READ
        party = self.parties[member]
        # CHECK
        _require_own(context, member, party)
        context.require(party.suspended, "not-suspended", member=member)
        # WRITE
        self.parties[member] = party.replace(
            suspended=False, licence=licence, licence_number=licence_number or party.licence_number
        )
        # EMIT
        context.emit("reinstated", member=member)

    @operation(signed_by=Role(PLATFORM))
    def reconcile(self, context: Context, day_ms: Timestamp, tallies: tuple[records.Tally, ...]) -> None:
        """The platform states for today how many of its certificates each core still owes, and how much; once a day."""
        # READ
        platform = signer_as(context, PLATFORM)
        key = f"{platform}:{day_of(context.time_ms):015}"
        books = tallies_of(self, platform)
        wrong = next((tally for tally in books if tally not in tallies), None)
        # CHECK
        context.require(day_of(day_ms) == day_of(context.time_ms), "wrong-day")
        context.require(key not in self.reconciliations, "reconciled-already", platform=platform)
        if wrong is not None:  # check: scf-books-differ
            context.refuse("books-differ", core=wrong.core, count=wrong.count, owed_cents=wrong.owed_cents)
        context.require(tallies == books, "books-beyond", platform=platform)
        # WRITE
        self.reconciliations[key] = records.Reconciliation(tallies=tallies)
        # EMIT
        context.emit("reconciled", platform=platform, cores=len(tallies))

    @operation(signed_by=Role(COURT))
    def freeze(self, context: Context, certificate: Identifier, order: Text) -> None:
        """A court orders that a certificate which is still owed stays where it is."""
        # READ
        claim = self.certificates[certificate]
        # CHECK
        frozen = state_after(context, "freeze", certificate, claim)
        # WRITE
        self.freezes[certificate] = records.Freeze(order=order, before=claim.state)
        self.certificates[certificate] = claim.replace(state=frozen)
        # EMIT
        moved(context, certificate, claim.state, frozen, order=order)

    @operation(signed_by=Role(COURT))
    def unfreeze(self, context: Context, certificate: Identifier, order: Text) -> None:
        """The court lifts its order. Money that was set aside goes to the holder, and the bank that kept it signs too."""
        # READ
        claim, freeze = self.certificates[certificate], self.freezes.get(certificate)
        # CHECK
        if freeze is None:  # check: scf-not-frozen
            context.refuse("wrong-state", certificate=certificate, state=claim.state)
        is_paid_out = freeze.held_cents == 0 or context.signed_by(freeze.custodian)
        context.require(is_paid_out, "set-aside", custodian=freeze.custodian, held_cents=freeze.held_cents)
        # WRITE
        del self.freezes[certificate]
        self.certificates[certificate] = claim.replace(state=freeze.before)
        if freeze.held_cents:
            pay(self, context, freeze.custodian, claim.holder, freeze.held_cents, "set-aside")
        # EMIT
        moved(context, certificate, "frozen", freeze.before, order=order)


def tallies_of(state: FinanceState, platform: MemberId) -> tuple[records.Tally, ...]:
    """By the ledger: one line for each core that owes something on this platform, in order of member ids."""
    owed: dict[str, list[int]] = {}
    for _, claim in state.certificates.items():
        if claim.platform == platform and claim.state in records.LIVE and claim.owed_cents > 0:
            owed.setdefault(claim.core, []).append(claim.owed_cents)
    return tuple(records.Tally(core=core, count=len(owed[core]), owed_cents=sum(owed[core])) for core in sorted(owed))


def _require_own(context: Context, member: MemberId, party: records.Party) -> None:
    """Refuses a platform that did not let the company in."""
    context.require(context.signed_by(party.platform), "other-platform", member=member, platform=party.platform)
