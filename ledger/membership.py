"""The system contract `membership`: who takes part. Each organization's admins enrol and revoke its own members.

A certificate of the organization's root makes a member; its roles stand on the ledger, and business roles are only those
that the organization was granted. An id is given only once, so that what a member signed stays its own. An organization
always keeps an admin, since governance needs one. Which organizations there are, and what they may do,
is governance's business.

Governance asks the same of an organization's root and of its first admin. The refusals do not carry the X.509 library's
reason: its wording differs between versions, and a receipt may not.
"""

from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

from pydantic import Field, StringConstraints

from ledger.contract import AnyOf, Collection, Context, Contract, MemberId, Role, operation
from ledger.errors import InputError
from ledger.identity.records import CURRENT, GOVERNANCE, MEMBERSHIP, SYSTEM_ROLES, Member, Organization, ValidatorList
from ledger.identity.x509 import certified_member, named_organization
from ledger.primitives import NAME

P = ParamSpec("P")
T = TypeVar("T")
ADMIN, VALIDATOR = "admin", "validator"
"""Roles of the system that these contracts judge."""
CertificateText = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
"""PEM of one certificate."""
ROLES_MAX = 16
RoleName = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
RoleNames = Annotated[tuple[RoleName, ...], Field(min_length=1, max_length=ROLES_MAX)]
"""1 to 16 names of roles."""
GrantedRoles = Annotated[tuple[RoleName, ...], Field(max_length=ROLES_MAX)]
"""Up to 16 names of roles."""


class Membership(Contract):
    """Who takes part: organizations with their root certificates, and members with their keys and roles."""

    name = MEMBERSHIP
    organizations = Collection(Organization)
    members = Collection(Member)
    validators = Collection(ValidatorList, of=GOVERNANCE)
    words = "membership.toml"

    @operation(signed_by=AnyOf(Role(ADMIN)))
    def enrol(self, context: Context, certificate: CertificateText, roles: RoleNames) -> None:
        """Adds a member that the signing admin's organization has certified."""
        # READ
        name = or_refuse(context, named_organization, certificate)
        organization = self.organizations[name]
        # CHECK
        if name not in admin_organizations(context):  # check: enrol-by-own-admin
            context.refuse("not-organization-admin", organization=name)
        record = certify(context, certificate, organization.root_certificate, roles)
        if record.member in self.members:  # check: enrol-once
            context.refuse("already-enrolled", member=record.member)
        if len(set(roles)) != len(roles):  # check: enrol-roles-once
            context.refuse("duplicate-role", roles=roles)
        beyond = tuple(role for role in roles if role not in (*SYSTEM_ROLES, *organization.roles))
        if beyond:  # check: enrol-granted-roles
            context.refuse("role-not-granted", organization=name, roles=beyond)
        # WRITE
        self.members[record.member] = record
        # EMIT
        context.emit("enrolled", member=record.member, roles=roles)

    @operation(signed_by=AnyOf(Role(ADMIN)))
    def revoke(self, context: Context, member: MemberId) -> None:
        """Ends a membership from this block time on: no later transaction may carry that signature."""
        # READ
        record = self.members[member]
        organization = record.organization
        # CHECK
        if organization not in admin_organizations(context):  # check: revoke-by-own-admin
            context.refuse("not-organization-admin", organization=organization)
        if record.revoked_at_ms is not None:  # check: revoke-once
            context.refuse("already-revoked", member=member)
        if any(validator.member == member for validator in self.validators[CURRENT].validators):  # check: revoke-no-validator
            context.refuse("still-validator", member=member)
        if not self._has_other_admin(context, record):  # check: revoke-not-last-admin
            context.refuse("last-admin", member=member, organization=organization)
        # WRITE
        self.members[member] = record.model_copy(update={"revoked_at_ms": context.time_ms})
        # EMIT
        context.emit("revoked", member=member)

    def _has_other_admin(self, context: Context, leaving: Member) -> bool:
        """Whether the organization has an active admin without this member, or loses none with it."""
        if ADMIN not in leaving.roles:
            return True
        staff = (record for _, record in self.members.items(prefix=f"{leaving.organization}."))
        return any(ADMIN in m.roles and m.member != leaving.member and m.is_active(context.time_ms) for m in staff)


def admin_organizations(context: Context) -> tuple[str, ...]:
    """The organizations whose admins signed, each once, in signing order."""
    return tuple(dict.fromkeys(signer.organization for signer in context.signers if ADMIN in signer.roles))


def certify(context: Context, certificate: str, root_certificate: str, roles: tuple[str, ...]) -> Member:
    """The new member that an organization's root certifies; refuses with the codes of `ledger.identity.x509`."""
    member = or_refuse(context, certified_member, certificate, root_certificate, roles)
    if member.not_after_ms < context.time_ms:  # check: enrol-expired
        context.refuse("certificate-validity")
    return member


def or_refuse(context: Context, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the function returns; refuses with the code of the InputError that it raises."""
    try:
        return function(*arguments, **named)
    except InputError as error:
        context.refuse(error.code)
