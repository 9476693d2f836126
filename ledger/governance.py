"""The system contract `governance`: what a majority of the organizations decides.

An admin proposes an action, which is its organization's approval; when more than half of all organizations approve,
the action is applied in that same transaction. Its rules are judged when it is proposed and again when it is applied,
because the state may have changed. Validators and parameters act from the next height. An approved contract version
acts once a quorum of the validators has reported its source digest as installed.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ledger.contract import (
    AnyOf,
    Collection,
    Context,
    Contract,
    DigestText,
    Identifier,
    Integer,
    MemberId,
    NonNegative,
    Record,
    Role,
    operation,
)
from ledger.contract.records import read_validators
from ledger.genesis import VALIDATORS_MAX
from ledger.identity.records import (
    CURRENT,
    GOVERNANCE,
    MEMBERSHIP,
    ContractEntry,
    FieldLists,
    ForeignLedger,
    Member,
    Organization,
    Parameters,
    ValidatorEntry,
    ValidatorList,
    out_of_range,
)
from ledger.identity.x509 import verify_root_certificate
from ledger.membership import ADMIN, VALIDATOR, CertificateText, GrantedRoles, Membership, admin_organizations, certify, or_refuse
from ledger.primitives import NAME, PublicKey
from ledger.state.overlay import Overlay

ORGANIZATIONS_MAX = 100
FACTS = {"module", "digest", *FieldLists.model_fields}
"""What is approved of a contract, reported and acts as one."""
Name = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
ImportString = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$")]


class AddOrganization(Record):
    """A new organization with its root and its first admin, who enrols the others."""

    kind: Literal["add-organization"] = "add-organization"
    name: Name
    root_certificate: CertificateText
    admin_certificate: CertificateText
    roles: GrantedRoles = ()
    """Business roles that it may give its members."""

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the organization and its admin."""
        # CHECK
        if self.name in governance.organizations:  # check: organization-new
            context.refuse("organization-exists", organization=self.name)
        if sum(1 for _ in governance.organizations.items()) >= ORGANIZATIONS_MAX:  # check: organization-count
            context.refuse("too-many-organizations", most=ORGANIZATIONS_MAX)
        or_refuse(context, verify_root_certificate, self.root_certificate, self.name)
        admin = certify(context, self.admin_certificate, self.root_certificate, (ADMIN,))
        # WRITE
        governance.organizations[self.name] = Organization(
            name=self.name, root_certificate=self.root_certificate, added_height=context.height, roles=self.roles
        )
        governance.members[admin.member] = admin


class GrantRoles(Record):
    """All business roles that an organization may give its members from now on. Members keep what they have."""

    kind: Literal["grant-roles"] = "grant-roles"
    organization: Name
    roles: GrantedRoles

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the roles."""
        organization = governance.organizations[self.organization]
        governance.organizations[self.organization] = organization.model_copy(update={"roles": self.roles})


class AddValidator(Record):
    """One more voter, last in order, from the next height on."""

    kind: Literal["add-validator"] = "add-validator"
    member: MemberId

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the longer list."""
        # READ
        record = governance.members[self.member]
        entries = governance.validators[CURRENT].validators
        # CHECK
        if VALIDATOR not in record.roles or not record.is_active(context.time_ms):  # check: validator-eligible
            context.refuse("not-eligible", member=self.member)
        if any(entry.public_key == record.public_key for entry in entries):  # check: validator-new
            context.refuse("already-validator", member=self.member)
        if len(entries) >= VALIDATORS_MAX:  # check: validator-count
            context.refuse("too-many-validators", most=VALIDATORS_MAX)
        # WRITE
        added = ValidatorEntry(member=self.member, public_key=PublicKey(record.public_key))
        governance.validators[CURRENT] = ValidatorList(validators=(*entries, added))


class RemoveValidator(Record):
    """One voter less from the next height on."""

    kind: Literal["remove-validator"] = "remove-validator"
    member: MemberId

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the shorter list."""
        # READ
        entries = governance.validators[CURRENT].validators
        rest = tuple(entry for entry in entries if entry.member != self.member)
        # CHECK
        if len(rest) == len(entries):  # check: validator-known
            context.refuse("not-a-validator", member=self.member)
        if not rest:  # check: validator-last
            context.refuse("last-validator", member=self.member)
        # WRITE
        governance.validators[CURRENT] = ValidatorList(validators=rest)


class ApproveContract(FieldLists, Record):
    """A contract, or a new version of one, named by the digest of its source, with what it reads and what can be read of it."""

    kind: Literal["approve-contract"] = "approve-contract"
    name: Name
    module: ImportString
    digest: DigestText

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the version as approved."""
        # READ
        latest = governance.versions.get(self.name)
        newest = latest or governance.contracts.get(self.name)
        # CHECK
        if self.name in (MEMBERSHIP, GOVERNANCE):  # check: contract-name
            context.refuse("reserved-name", contract=self.name)
        facts = self.model_dump(include=FACTS)
        if newest is not None and newest.model_dump(include=FACTS) == facts:  # check: contract-version-new
            context.refuse("version-exists", contract=self.name, status=latest.status if latest else "active")
        system = ((contract.name, contract.field_lists) for contract in (Membership, Governance))
        for name, other in (*system, *governance.contracts.items(), *governance.versions.items()):
            if name != self.name and (fields := other.unmet_by(self.name, self)):  # check: contract-keeps-readers
                context.refuse("breaks-reader", contract=self.name, reader=name, fields=fields)
            if fields := self.unmet_by(name, other):  # check: contract-reads-shown
                context.refuse("not-shown", contract=self.name, read=name, fields=fields)
        # WRITE
        governance.versions[self.name] = ContractVersion(**facts)


class SetParameter(Record):
    """Another value of one of the Parameters, from the next height on."""

    kind: Literal["set-parameter"] = "set-parameter"
    name: Identifier
    value: Integer

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes the parameters."""
        # CHECK
        if self.name not in Parameters.model_fields:  # check: parameter-known
            context.refuse("unknown-parameter", name=self.name)
        changed = governance.parameters[CURRENT].model_copy(update={self.name: self.value})
        fault = out_of_range(changed)
        if fault is not None:  # check: parameter-range
            context.refuse("parameter-out-of-range", name=fault[0], least=fault[1], most=fault[2])
        # WRITE
        governance.parameters[CURRENT] = changed


class AdmitLedger(Record):
    """Another ledger under the name that contracts here call it; again for a new start with it, after a fork there."""

    kind: Literal["admit-ledger"] = "admit-ledger"
    name: Name
    ledger: DigestText
    suite: Literal["ed25519-sha256"] = "ed25519-sha256"
    height: NonNegative = 0
    validators: Annotated[tuple[ValidatorEntry, ...], Field(min_length=1, max_length=VALIDATORS_MAX)]

    def apply(self, governance: "Governance", context: Context) -> None:
        """Writes it as admitted at this height. That the set is that ledger's, whoever approves it has checked."""
        # CHECK
        for name, other in governance.ledgers.items():
            if (name == self.name) != (other.ledger == self.ledger):  # check: ledger-name-once
                context.refuse("ledger-name-taken", name=name, ledger=other.ledger)
            if name == self.name and other.admitted_height == context.height:  # check: ledger-once-a-block
                context.refuse("admitted-this-block", name=name)
        # WRITE
        facts = {**self.model_dump(exclude={"kind", "name"}), "admitted_height": context.height}
        governance.ledgers[self.name] = ForeignLedger.model_validate(facts)


Action = Annotated[
    AddOrganization | GrantRoles | AddValidator | RemoveValidator | ApproveContract | SetParameter | AdmitLedger,
    Field(discriminator="kind"),
]
"""Each judges itself when it is applied."""


class Proposal(Record):
    """What was proposed and which organizations have approved it so far."""

    action: Action
    proposed_by: tuple[MemberId, ...]
    approvals: tuple[str, ...]
    """Organizations, in order of their approval."""
    status: Literal["open", "applied"] = "open"


class ContractVersion(FieldLists, Record):
    """The version of a contract that was approved last. It is in `contracts` too once it is active."""

    module: str
    digest: DigestText
    status: Literal["approved", "active"] = "approved"
    installed_by: tuple[MemberId, ...] = ()
    """Validators that have reported it."""


class Governance(Contract):
    """What a majority of organizations decides: organizations, validators, contract versions, parameters, other ledgers."""

    name = GOVERNANCE
    proposals = Collection(Proposal)
    validators = Collection(ValidatorList)
    contracts = Collection(ContractEntry)
    versions = Collection(ContractVersion)
    parameters = Collection(Parameters)
    ledgers = Collection(ForeignLedger)
    organizations = Collection(Organization, of=MEMBERSHIP)
    members = Collection(Member, of=MEMBERSHIP)
    words = "governance.toml"

    @operation(signed_by=AnyOf(Role(ADMIN)))
    def propose(self, context: Context, number: Identifier, action: Action) -> None:
        """Puts an action to the vote; whoever signs as an admin approves it for its organization."""
        # CHECK
        if number in self.proposals:  # check: propose-once
            context.refuse("proposal-exists", number=number)
        action.apply(Governance(Overlay(self._ledger_state)), context)  # Tried on a copy, which is forgotten.
        # WRITE, EMIT
        context.emit("proposed", number=number, kind=action.kind)
        signers = tuple(signer.member for signer in context.signers)
        proposal = Proposal(action=action, proposed_by=signers, approvals=admin_organizations(context))
        self._record(context, number, proposal)

    @operation(signed_by=AnyOf(Role(ADMIN)))
    def approve(self, context: Context, number: Identifier) -> None:
        """Adds the approval of the signing admins' organizations; with a majority the action is applied."""
        # READ
        proposal = self.proposals[number]
        approving = admin_organizations(context)
        # CHECK
        if proposal.status == "applied":  # check: approve-open
            context.refuse("proposal-applied", number=number)
        again = tuple(organization for organization in approving if organization in proposal.approvals)
        if again:  # check: approve-once
            context.refuse("already-approved", number=number, organizations=again)
        # WRITE, EMIT
        context.emit("approved", number=number, organizations=approving)
        self._record(context, number, proposal.replace(approvals=proposal.approvals + approving))

    @operation(signed_by=AnyOf(Role(VALIDATOR)))
    def report_installed(self, context: Context, contract: Name, digest: DigestText) -> None:
        """A validator says that it has the approved version; a quorum of such reports lets the version act.

        Saying so again is allowed: the validators may have changed since.
        """
        # READ
        version = self.versions[contract]
        voters = read_validators(self._ledger_state)
        reporting = tuple(signer.member for signer in context.signers if voters.index_of(signer.member) is not None)
        # CHECK
        if not reporting:  # check: report-by-validator
            context.refuse("not-a-validator", member=context.signers[0].member)
        if version.digest != digest:  # check: report-digest
            context.refuse("wrong-digest", contract=contract, digest=version.digest)
        # WRITE
        version = version.replace(installed_by=tuple(dict.fromkeys(version.installed_by + reporting)))
        self.versions[contract] = version
        # EMIT
        context.emit("installed", contract=contract, digest=digest, validators=reporting)
        self._activate(context, contract, version)

    def _record(self, context: Context, number: str, proposal: Proposal) -> None:
        """Writes the proposal, and applies it if more than half of all organizations approve."""
        organizations = sum(1 for _ in self.organizations.items())
        self.proposals[number] = proposal
        if 2 * len(proposal.approvals) <= organizations:  # check: governance-majority
            return
        proposal.action.apply(self, context)
        self.proposals[number] = proposal.replace(status="applied")
        context.emit("applied", number=number, kind=proposal.action.kind)

    def _activate(self, context: Context, name: str, version: ContractVersion) -> None:
        """Lets the version act once a quorum of the present validators has it."""
        voters = read_validators(self._ledger_state)
        installed = sum(1 for member in version.installed_by if voters.index_of(member) is not None)
        if installed < voters.q or version.status == "active":  # check: contract-quorum
            return
        self.versions[name] = version.replace(status="active")
        self.contracts[name] = ContractEntry(name=name, **version.model_dump(include=FACTS))
        context.emit("active", contract=name, digest=version.digest)
