"""Who takes part: companies that were let in with their licence, and the accounts between which money moves."""

from typing import Literal

from ledger.contract import Collection, Context, DigestText, MemberId, Role, Text, operation
from ledger.identity.records import MEMBERSHIP, Organization
from scenarios.identifiers import is_uscc
from scenarios.supply_chain_finance.limits import REGULATOR, SETTLEMENT_BANK, LimitOperations
from scenarios.supply_chain_finance.records import Account, Company, Obligor, Party, PartyKind

PLATFORM, REGISTRY, COURT = "platform", "registry", "enforcement-court"
"""Roles of those who serve the trade and take no part in it, as do the regulator and the settlement bank."""
__all__ = ["COURT", "PLATFORM", "REGISTRY", "REGULATOR", "SETTLEMENT_BANK", "PartyOperations"]


class PartyOperations(LimitOperations):
    """The part of the contract that says who is who."""

    parties = Collection(Party)
    companies = Collection(Company)
    accounts = Collection(Account)
    organizations = Collection(Organization, of=MEMBERSHIP)

    @operation(signed_by=Role(PLATFORM))
    def onboard(self, context: Context, member: MemberId, kind: PartyKind, uscc: str, licence: DigestText) -> None:
        """Lets a company in that has presented its business licence; the digest says which presentation was verified."""
        # READ
        enrolled = context.member(member)
        platform = next(signer.member for signer in context.signers if PLATFORM in signer.roles)
        # CHECK
        context.require(enrolled is not None and kind in enrolled.roles, "role-missing", member=member, kind=kind)
        context.require(member not in self.parties, "already-onboarded", member=member)
        self._require_no_platform(context, member)
        context.require(is_uscc(uscc), "bad-uscc", uscc=uscc)
        known = self.companies.get(uscc)
        context.require(known is None, "company-onboarded", member=known.member if known else "")
        # WRITE
        self.parties[member] = Party(kind=kind, uscc=uscc, platform=platform, licence=licence)
        self.companies[uscc] = Company(member=member)
        self.accounts[member] = Account()
        if kind == "core":
            self.obligors[member] = Obligor()
        # EMIT
        context.emit("onboarded", member=member, kind=kind)

    @operation(signed_by=Role(PLATFORM))
    def suspend(self, context: Context, member: MemberId, reason: Text) -> None:
        """A licence was withdrawn: its company enters nothing new; what it holds and owes stays as it is."""
        # READ
        party = self.parties[member]
        # CHECK
        context.require(context.signed_by(party.platform), "other-platform", member=member, platform=party.platform)
        context.require(not party.suspended, "suspended", member=member)
        # WRITE
        self.parties[member] = party.replace(suspended=True)
        # EMIT
        context.emit("suspended", member=member, reason=reason)

    @operation(signed_by=Role(PLATFORM))
    def reinstate(self, context: Context, member: MemberId, licence: DigestText) -> None:
        """The company presents a valid licence again."""
        # READ
        party = self.parties[member]
        # CHECK
        context.require(context.signed_by(party.platform), "other-platform", member=member, platform=party.platform)
        context.require(party.suspended, "not-suspended", member=member)
        # WRITE
        self.parties[member] = party.replace(suspended=False, licence=licence)
        # EMIT
        context.emit("reinstated", member=member)

    def acting(self, context: Context, kind: PartyKind | Literal["company"] = "company") -> MemberId:
        """The first signer, who must have been let in (as `kind`): it is the one whose act this is."""
        member = context.signers[0].member
        self.require_party(context, member, kind)
        return member

    def require_party(self, context: Context, member: MemberId, kind: PartyKind | Literal["company"] = "company") -> None:
        """Refuses the platform, whoever was not let in (as `kind`), and whoever is suspended."""
        self._require_no_platform(context, member)
        party = self.parties.get(member)
        is_in = party is not None and kind in (party.kind, "company")
        context.require(is_in, "not-onboarded", member=member, kind=kind)
        context.require(party is None or not party.suspended, "suspended", member=member)

    def pay(self, context: Context, payer: MemberId, payee: MemberId, amount_cents: int, purpose: str) -> None:
        """Books money that the settlement bank, whose signature the operation demands, has moved."""
        for member, change in ((payer, -amount_cents), (payee, amount_cents)):
            account = self.accounts.get(member) or Account()
            self.accounts[member] = account.replace(change_cents=account.change_cents + change)
        context.emit("paid", payer=payer, payee=payee, amount_cents=amount_cents, purpose=purpose)

    def _require_no_platform(self, context: Context, member: MemberId) -> None:
        """Refuses everybody of an organization that may run a platform: its other members pool no money for it either."""
        organization = self.organizations.get(member.partition(".")[0])
        is_platform = organization is not None and PLATFORM in organization.roles
        context.require(not is_platform, "platform-no-party", member=member)
