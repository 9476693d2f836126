"""What both system contracts check of admins and certificates.

The refusals do not carry the X.509 library's reason: its wording differs between versions, and a receipt may not.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from ledger.contract.contract import Context
from ledger.contract.refusal import Refusal
from ledger.errors import InputError
from ledger.identity.records import Member
from ledger.identity.x509 import CertifiedMember, parse_member_certificate, verify_root_certificate
from ledger.primitives import NAME

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

CERTIFICATE_REFUSALS = {
    "bad-certificate": Refusal(
        en="This is no certificate of the form that organizations issue.", zh="证书格式不符合组织颁发证书的要求。"
    ),
    "wrong-issuer": Refusal(
        en="The organization's root did not issue this certificate.", zh="该证书不是由所属组织的根证书颁发的。"
    ),
    "certificate-validity": Refusal(
        en="The certificate has expired or does not lie within the time of its root.",
        zh="证书已过期，或其有效期超出根证书的有效期。",
    ),
    "weak-key": Refusal(en="The certificate's public key is weak.", zh="证书中的公钥强度不足。"),
}
"""Codes of the errors of `ledger.identity.x509`."""


def is_admin_signed(context: Context, organization: str) -> bool:
    """Whether an admin of that organization is among the signers."""
    return organization in admin_organizations(context)


def admin_organizations(context: Context) -> tuple[str, ...]:
    """The organizations whose admins signed, each once, in signing order."""
    return tuple(dict.fromkeys(signer.organization for signer in context.signers if ADMIN in signer.roles))


def require_root(context: Context, certificate: str, organization: str) -> None:
    """Refuses with the codes of CERTIFICATE_REFUSALS unless this is a root of that organization."""
    try:
        verify_root_certificate(certificate, organization)
    except InputError as error:
        context.refuse(error.code)


def certify(context: Context, certificate: str, root_certificate: str) -> CertifiedMember:
    """What an organization's root certifies of a member; refuses with the codes of CERTIFICATE_REFUSALS."""
    try:
        certified = parse_member_certificate(certificate, root_certificate)
    except InputError as error:
        context.refuse(error.code)
    if certified.not_after_ms < context.time_ms:  # check: enrol-expired
        context.refuse("certificate-validity")
    return certified


def new_member(certified: CertifiedMember, certificate: str, roles: tuple[str, ...]) -> Member:
    """The record of a newly enrolled member."""
    return Member(
        member=certified.member,
        public_key=certified.public_key,
        roles=roles,
        not_before_ms=certified.not_before_ms,
        not_after_ms=certified.not_after_ms,
        certificate=certificate,
    )
