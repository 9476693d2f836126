"""How an organization issues certificates: its own root, and its members' (`ledger/identity/x509` judges both).

With serial and dates given, they are the same bytes on every machine.
"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ledger.identity.x509 import read_certificate
from ledger.keys import PrivateKey
from ledger.primitives import PublicKey

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def issue_root(organization: str, key: PrivateKey, not_before_ms: int, not_after_ms: int, serial: int) -> str:
    """The organization's self-signed root in PEM. Dates are cut to whole seconds."""
    subject = _name(organization)
    public_key = key.handle.public_key()
    return _issue(subject, subject, public_key, key.handle, not_before_ms, not_after_ms, serial, is_authority=True)


def issue_member(
    root_pem: str, root_key: PrivateKey, member: str, public_key: PublicKey, not_before_ms: int, not_after_ms: int, serial: int
) -> str:
    """A member's certificate in PEM, signed with the root's key. Dates are cut to whole seconds."""
    issuer = read_certificate(root_pem).certificate.subject
    organization, _, name = member.partition(".")
    subject = _name(organization, name)
    subject_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return _issue(subject, issuer, subject_key, root_key.handle, not_before_ms, not_after_ms, serial, is_authority=False)


def _issue(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: Ed25519PublicKey,
    issuer_key: Ed25519PrivateKey,
    not_before_ms: int,
    not_after_ms: int,
    serial: int,
    *,
    is_authority: bool,
) -> str:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(_EPOCH + timedelta(seconds=not_before_ms // 1000))
        .not_valid_after(_EPOCH + timedelta(seconds=not_after_ms // 1000))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(_key_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, None).public_bytes(Encoding.PEM).decode()


def _key_usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(organization: str, name: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if name is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    return x509.Name(attributes)
