"""Certificates that nodes speak TLS with: issued by the same organization's root as its members, for another purpose.

Such a certificate names the member that runs the node in a URI, `urn:tallystick:member:ORGANIZATION.NAME`, and the
address that clients know the node by. Its extended key usage is critical, so that it is never taken for a member's
certificate; and a member's certificate carries no such URI, so that it is never taken for one of these. Its dates
follow the clock of the host, since TLS happens now, also in a lab that plays in another year; those of the root are
dates of the ledger and are not judged here.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger.errors import InputError, VerificationError
from ledger.keys import PrivateKey
from ledger.primitives import PublicKey, is_member_id

URI_PREFIX = "urn:tallystick:member:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIBRARY_ERRORS = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)


def issue_tls(
    root_pem: str,
    root_key: PrivateKey,
    member: str,
    public_key: PublicKey,
    address: str,
    not_before_ms: int,
    not_after_ms: int,
) -> str:
    """The node's TLS certificate in PEM; `address` is an IP address or a DNS name. Dates are cut to whole seconds."""
    organization, _, name = member.partition(".")
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    names = [x509.UniformResourceIdentifier(URI_PREFIX + member), _address_name(address)]
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    subject_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    root = x509.load_pem_x509_certificate(root_pem.encode())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.handle.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(root.subject)
        .public_key(subject_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_EPOCH + timedelta(seconds=not_before_ms // 1000))
        .not_valid_after(_EPOCH + timedelta(seconds=not_after_ms // 1000))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority, critical=False)
    )
    return builder.sign(root_key.handle, None).public_bytes(Encoding.PEM).decode()


def tls_member(der: bytes) -> str:
    """The member that the certificate claims; raises VerificationError `bad-tls-certificate`. Nothing of it is believed yet."""
    names = _names(_read(der))
    if len(names) != 1 or not is_member_id(names[0]):  # check: tls-name-form
        raise VerificationError("bad-tls-certificate", f"A node's TLS certificate names one member in a URI, got {names}.")
    return names[0]


def verify_tls(der: bytes, root_pem: str, member: str, now_ms: int) -> None:
    """Raises VerificationError unless the organization's root gave this certificate to that member's node, for now.

    Codes: `bad-tls-certificate`, `wrong-tls-name`, `wrong-tls-issuer`, `tls-expired`.
    """
    certificate = _read(der)
    # 1. It is for TLS, and issues nothing.
    usages, authority = _usages(certificate)
    if authority or set(usages) != {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}:  # check: tls-usage
        raise VerificationError("bad-tls-certificate", "A node's TLS certificate is for TLS alone, as server and client.")
    # 2. It names this member.
    if tls_member(der) != member:  # check: tls-name
        raise VerificationError("wrong-tls-name", f"The certificate is that of {tls_member(der)}, expected {member}.")
    # 3. The root of the member's organization signed it.
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root_pem.encode()))
    except (InvalidSignature, *_LIBRARY_ERRORS) as error:
        raise VerificationError("wrong-tls-issuer", f"The root of {member}'s organization did not issue it.") from error
    # 4. It is valid now.
    now = _EPOCH + timedelta(milliseconds=now_ms)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:  # check: tls-time
        dates = f"{certificate.not_valid_before_utc:%F} to {certificate.not_valid_after_utc:%F}"
        raise VerificationError("tls-expired", f"The certificate of {member} is valid from {dates}.")


def tls_ends_ms(pem: str) -> int:
    """When a certificate in PEM ends; raises InputError `bad-certificate`."""
    try:
        end = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    except _LIBRARY_ERRORS as error:
        raise InputError("bad-certificate", f"This is no X.509 certificate in PEM: {error}.") from error
    return (end - _EPOCH) // timedelta(milliseconds=1)


def _address_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _read(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except _LIBRARY_ERRORS as error:
        raise VerificationError("bad-tls-certificate", f"This is no X.509 certificate: {error}.") from error


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.UnsupportedGeneralNameType, *_LIBRARY_ERRORS):
        return []
    uris = alternative.get_values_for_type(x509.UniformResourceIdentifier)
    return [uri.removeprefix(URI_PREFIX) for uri in uris if uri.startswith(URI_PREFIX)]


def _usages(certificate: x509.Certificate) -> tuple[list[x509.ObjectIdentifier], bool]:
    """Extended key usages, and whether it may issue certificates."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, *_LIBRARY_ERRORS):
        return [], True
    return list(usage), constraints.ca
