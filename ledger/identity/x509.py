"""X.509 identities: every organization issues its members' certificates from its own root.

A root names its organization (O) and may issue members only (path length 0). A member's certificate names the
organization (O) and the part of the member id after the dot (CN, because X.520 ends a common name at 64 characters),
and is for signatures. Both are Ed25519. Roles stand on the ledger and not in the certificate, so that they can change.
Nothing here issues a certificate (`ledger/identity/issuing` does): a ledger only judges what organizations issued.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from ledger.errors import InputError, VerificationError
from ledger.identity.records import Member
from ledger.keys import verify_nonce_point, verify_public_key
from ledger.primitives import NAME, PublicKey

CERTIFICATE_CHARACTERS_MAX = 8_192
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNDERSTOOD = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE})
"""Critical extensions that are judged here; a certificate with another critical one is refused (RFC 5280, 4.2)."""
_LIBRARY_ERRORS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class CertificateFields:
    """Fields of a root's or a member's certificate, not yet verified."""

    certificate: x509.Certificate
    names: tuple[tuple[str, str], ...]
    """Subject as (dotted OID, value) in order."""
    public_key: PublicKey
    is_authority: bool
    path_length: int | None
    signs_certificates: bool
    signs_data: bool
    not_before_ms: int
    not_after_ms: int


def verify_root_certificate(pem: str, organization: str) -> None:
    """Raises InputError `bad-certificate` or `wrong-issuer` unless this is a root of that organization."""
    _read_root(pem, organization)


def named_organization(pem: str) -> str:
    """The organization that a certificate claims: which root it has to be verified with. Raises InputError `bad-certificate`."""
    return read_certificate(pem).names[0][1]


def certified_member(pem: str, root_pem: str, roles: tuple[str, ...]) -> Member:
    """The member that the root certifies, with these roles.

    Raises InputError: `bad-certificate` for another form, `wrong-issuer` when this root did not sign it,
    `certificate-validity` when its dates do not lie within the root's.
    """
    # 1. Both are certificates in the one spelling, and the root is one.
    fields = read_certificate(pem)
    root = _read_root(root_pem)
    organization = root.names[0][1]
    # 2. The root signed it.
    _verify_issuer(fields.certificate, root.certificate)
    # 3. It is for signatures and issues nothing.
    if fields.is_authority or fields.signs_certificates or not fields.signs_data:  # check: certificate-usage
        raise InputError("bad-certificate", "A member's certificate is for digital signatures and may not issue others.")
    # 4. It names this organization and one of its members, and nothing else.
    name = fields.names[-1][1]
    expected = ((NameOID.ORGANIZATION_NAME.dotted_string, organization), (NameOID.COMMON_NAME.dotted_string, name))
    if fields.names != expected or not NAME.fullmatch(name):  # check: certificate-name
        raise InputError("bad-certificate", f"The subject is O={organization} and CN=member, got {fields.names}.")
    # 5. Its time lies within the root's.
    if not root.not_before_ms <= fields.not_before_ms < fields.not_after_ms <= root.not_after_ms:  # check: certificate-validity
        raise InputError("certificate-validity", "A member's certificate begins before it ends and lies within its root's time.")
    return Member(
        member=f"{organization}.{name}",
        public_key=fields.public_key,
        roles=roles,
        not_before_ms=fields.not_before_ms,
        not_after_ms=fields.not_after_ms,
        certificate=pem,
    )


def _read_root(pem: str, organization: str | None = None) -> CertificateFields:
    fields = read_certificate(pem)
    name = organization if organization is not None else fields.names[0][1]
    expected = ((NameOID.ORGANIZATION_NAME.dotted_string, name),)
    if fields.names != expected or not NAME.fullmatch(name):  # check: root-name
        raise InputError("bad-certificate", f"A root's subject is O={name} alone, got {fields.names}.")
    if not fields.is_authority or fields.path_length != 0 or not fields.signs_certificates:  # check: root-usage
        raise InputError("bad-certificate", "A root may issue certificates, with path length 0.")
    if fields.not_before_ms >= fields.not_after_ms:  # check: root-validity
        raise InputError("certificate-validity", "A root's certificate begins before it ends.")
    _verify_issuer(fields.certificate, fields.certificate)
    return fields


def read_certificate(pem: str) -> CertificateFields:
    """Reads a certificate; raises InputError `bad-certificate` for a form that neither roots nor members have here."""
    if len(pem) > CERTIFICATE_CHARACTERS_MAX:  # check: certificate-size
        raise InputError("bad-certificate", f"A certificate has at most {CERTIFICATE_CHARACTERS_MAX} characters.")
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        fields = _fields(certificate)
        spelling = certificate.public_bytes(Encoding.PEM).decode()
    except _LIBRARY_ERRORS as error:
        raise InputError("bad-certificate", f"This is no X.509 certificate with an Ed25519 key in PEM: {error}.") from error
    if spelling != pem:  # check: certificate-spelling
        raise InputError("bad-certificate", "The PEM is not in its one spelling: 64 characters a line, no text around it.")
    unknown = [e.oid.dotted_string for e in certificate.extensions if e.critical and e.oid not in _UNDERSTOOD]
    if unknown:  # check: certificate-extensions
        raise InputError("bad-certificate", f"Critical extensions that are not understood: {', '.join(unknown)}.")
    verify_public_key(fields.public_key)
    return fields


def _fields(certificate: x509.Certificate) -> CertificateFields:
    public_key = certificate.public_key()
    if not isinstance(public_key, Ed25519PublicKey):
        raise ValueError(f"the key is a {type(public_key).__name__}")
    names = tuple((attribute.oid.dotted_string, str(attribute.value)) for attribute in certificate.subject)
    if not names:
        raise ValueError("the subject is empty")
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    return CertificateFields(
        certificate=certificate,
        names=names,
        public_key=PublicKey(public_key.public_bytes_raw().hex()),
        is_authority=constraints.ca,
        path_length=constraints.path_length,
        signs_certificates=usage.key_cert_sign,
        signs_data=usage.digital_signature,
        not_before_ms=(certificate.not_valid_before_utc - _EPOCH) // _MILLISECOND,
        not_after_ms=(certificate.not_valid_after_utc - _EPOCH) // _MILLISECOND,
    )


def _verify_issuer(certificate: x509.Certificate, root: x509.Certificate) -> None:
    """Raises InputError `wrong-issuer` unless the root signed it; all libraries must agree, so by the rule of `ledger/keys`."""
    try:
        certificate.verify_directly_issued_by(root)
        verify_nonce_point(certificate.signature.hex())  # check: certificate-nonce
    except (InvalidSignature, VerificationError, *_LIBRARY_ERRORS) as error:
        message = f"{root.subject.rfc4514_string()} did not issue {certificate.subject.rfc4514_string()}."
        raise InputError("wrong-issuer", message) from error
