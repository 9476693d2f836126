"""Certificates: issued the same everywhere, and every certificate that no root should be believed for is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ledger.encoding import digest
from ledger.errors import InputError
from ledger.identity.issuing import issue_member, issue_root
from ledger.identity.records import Member
from ledger.identity.x509 import certified_member, verify_root_certificate
from ledger.keys import PrivateKey
from tests.test_ledger_keys import with_neutral_nonce

START_MS, END_MS = 1_735_603_200_000, 2_681_683_200_000
ROOT_KEY, LI_KEY, OTHER_KEY = PrivateKey(b"\x01" * 32), PrivateKey(b"\x02" * 32), PrivateKey(b"\x03" * 32)
ROOT = issue_root("east", ROOT_KEY, START_MS, END_MS, serial=1)
LI = issue_member(ROOT, ROOT_KEY, "east.li", LI_KEY.public_key, START_MS, END_MS, serial=7)


def certificate(
    *,
    subject: str = "O=east,CN=li",
    issuer: str = "O=east",
    public_key: Any = None,
    signer: Any = None,
    ca: bool | None = False,
    path_length: int | None = None,
    signs_certificates: bool = False,
    signs_data: bool = True,
    critical: x509.ExtensionType | None = None,
    days: tuple[int, int] = (0, 365),
) -> str:
    """A certificate made by hand, by default what `issue_member` would give; dates in days after START_MS."""
    start = datetime.fromtimestamp(START_MS // 1000, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public_key or LI_KEY.handle.public_key())
        .serial_number(9)
        .not_valid_before(start + timedelta(days=days[0]))
        .not_valid_after(start + timedelta(days=days[1]))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    usage = x509.KeyUsage(signs_data, False, False, False, False, signs_certificates, False, False, False)
    builder = builder.add_extension(usage, critical=True)
    if critical is not None:
        builder = builder.add_extension(critical, critical=True)
    key = signer or ROOT_KEY.handle
    algorithm = SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM).decode()


def name(text: str) -> x509.Name:
    oids = {"O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}
    parts = (part.split("=") for part in text.split(","))
    return x509.Name([x509.NameAttribute(oids[kind], value) for kind, value in parts])


def certified(pem: str, root: str = ROOT) -> Member:
    return certified_member(pem, root, ("admin",))


def refusal(pem: str, root: str = ROOT) -> str:
    with pytest.raises(InputError) as caught:
        certified(pem, root)
    return caught.value.code


def root_refusal(pem: str) -> str:
    with pytest.raises(InputError) as caught:
        verify_root_certificate(pem, "east")
    return caught.value.code


def test_a_member_is_read_back() -> None:
    assert certified(LI) == Member(
        member="east.li",
        public_key=LI_KEY.public_key,
        roles=("admin",),
        not_before_ms=START_MS,
        not_after_ms=END_MS,
        certificate=LI,
    )
    verify_root_certificate(ROOT, "east")


def test_issuing_is_deterministic() -> None:
    # Golden: computed by this code once; another value would give every seeded network another genesis.
    assert digest("test", ROOT.encode(), LI.encode()) == "4dc9b3fb30f58d699fbe22457bbe5a0512d5a56ed950e21558eab4c6234e1ce7"


def test_longest_member_id_fits() -> None:
    organization, member = "o" * 64, "m" * 64
    root = issue_root(organization, ROOT_KEY, START_MS, END_MS, serial=1)
    pem = issue_member(root, ROOT_KEY, f"{organization}.{member}", LI_KEY.public_key, START_MS, END_MS, serial=2)
    assert certified(pem, root).member == f"{organization}.{member}"


def test_dates_are_cut_to_seconds() -> None:
    pem = issue_member(ROOT, ROOT_KEY, "east.li", LI_KEY.public_key, START_MS + 1_999, END_MS - 1, serial=7)
    member = certified(pem)
    assert (member.not_before_ms, member.not_after_ms) == (START_MS + 1_000, END_MS - 1_000)


def test_handmade_certificate_of_the_right_form_is_accepted() -> None:
    assert certified(certificate()).member == "east.li"


@pytest.mark.parametrize("pem", ["", "hello", "\ud800", LI[:200], LI.replace("BEGIN CERT", "BEGIN CURT"), ROOT_KEY.public_key])
def test_no_pem(pem: str) -> None:
    assert refusal(pem) == "bad-certificate"


def test_another_spelling_is_refused() -> None:
    assert refusal("a note\n" + LI) == "bad-certificate"
    assert refusal(LI.replace("\n", "\r\n")) == "bad-certificate"
    assert refusal(LI + ROOT) == "bad-certificate"


def test_oversize_is_refused() -> None:
    huge = certificate(critical=x509.SubjectAlternativeName([x509.DNSName("a" * 60)] * 150))
    with pytest.raises(InputError, match="at most 8192 characters"):
        certified(huge)


def test_another_kind_of_key_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert refusal(certificate(public_key=key.public_key())) == "bad-certificate"
    assert refusal(certificate(signer=key)) == "wrong-issuer"


def test_key_of_small_order_is_refused() -> None:
    weak = Ed25519PublicKey.from_public_bytes(b"\x01" + b"\x00" * 31)
    assert refusal(certificate(public_key=weak)) == "weak-key"


def test_signature_with_an_r_of_small_order_is_refused() -> None:
    # By a dishonest root, over which libraries differ: as a verdict of a contract it would split the network.
    read = x509.load_pem_x509_certificate(LI.encode())
    der = read.public_bytes(Encoding.DER)
    assert der.endswith(read.signature)
    forged = der[: -len(read.signature)] + with_neutral_nonce(ROOT_KEY, read.tbs_certificate_bytes)
    made = x509.load_der_x509_certificate(forged)
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(ROOT.encode()))  # this library takes it
    assert refusal(made.public_bytes(Encoding.PEM).decode()) == "wrong-issuer"


def test_another_root_is_refused() -> None:
    stranger = issue_root("east", OTHER_KEY, START_MS, END_MS, serial=1)
    assert refusal(LI, stranger) == "wrong-issuer"
    assert refusal(LI, issue_root("west", ROOT_KEY, START_MS, END_MS, serial=1)) == "wrong-issuer"
    assert refusal(LI.replace(LI[-60], "A" if LI[-60] != "A" else "B")) == "wrong-issuer"


def test_self_signed_member_is_refused() -> None:
    assert refusal(certificate(signer=LI_KEY.handle)) == "wrong-issuer"


@pytest.mark.parametrize(
    "form",
    [
        {"ca": True, "path_length": 0},
        {"signs_certificates": True},
        {"signs_data": False},
    ],
)
def test_member_that_could_issue_is_refused(form: dict[str, Any]) -> None:
    assert refusal(certificate(**form)) == "bad-certificate"


def test_certificate_without_basic_constraints_is_refused() -> None:
    assert refusal(certificate(ca=None)) == "bad-certificate"


def test_unknown_critical_extension_is_refused() -> None:
    assert refusal(certificate(critical=x509.SubjectAlternativeName([x509.DNSName("east.li")]))) == "bad-certificate"


@pytest.mark.parametrize(
    "subject",
    [
        "O=west,CN=li",
        "O=east",
        "CN=li",
        "CN=li,O=east",
        "O=east,CN=li,OU=desk",
        "O=east,CN=li.wu",
        "O=east,CN=李",
        "O=east,OU=li",
    ],
)
def test_wrong_subject_is_refused(subject: str) -> None:
    assert refusal(certificate(subject=subject)) == "bad-certificate"


@pytest.mark.parametrize("days", [(-1, 365), (0, 20_000), (5, 5)])
def test_member_outside_its_roots_time_is_refused(days: tuple[int, int]) -> None:
    assert refusal(certificate(days=days)) == "certificate-validity"


ROOT_FORM: dict[str, Any] = {
    "subject": "O=east",
    "public_key": ROOT_KEY.handle.public_key(),
    "ca": True,
    "path_length": 0,
    "signs_certificates": True,
    "signs_data": False,
}


def test_handmade_root_of_the_right_form_is_accepted() -> None:
    verify_root_certificate(certificate(**ROOT_FORM), "east")


@pytest.mark.parametrize(
    "form",
    [
        {"ca": False, "path_length": None},
        {"path_length": None},
        {"path_length": 1},
        {"signs_certificates": False},
    ],
)
def test_root_that_may_not_issue_members_alone_is_refused(form: dict[str, Any]) -> None:
    assert root_refusal(certificate(**{**ROOT_FORM, **form})) == "bad-certificate"


@pytest.mark.parametrize("subject", ["O=west", "O=east,CN=li", "CN=east"])
def test_root_of_another_name_is_refused(subject: str) -> None:
    assert root_refusal(certificate(**{**ROOT_FORM, "subject": subject, "issuer": subject})) == "bad-certificate"


def test_root_without_time_is_refused() -> None:
    assert root_refusal(certificate(**{**ROOT_FORM, "days": (3, 3)})) == "certificate-validity"


def test_root_signed_by_another_key_is_refused() -> None:
    assert root_refusal(certificate(**{**ROOT_FORM, "signer": OTHER_KEY.handle})) == "wrong-issuer"


def test_member_certificate_is_no_root() -> None:
    assert root_refusal(LI) == "bad-certificate"
    assert refusal(LI, LI) == "bad-certificate"


@given(position=st.integers(0, len(LI) - 1), character=st.characters(codec="utf-8"))
def test_a_changed_character_is_refused_or_changes_nothing(position: int, character: str) -> None:
    changed = LI[:position] + character + LI[position + 1 :]
    if changed != LI:
        assert refusal(changed) in {"bad-certificate", "wrong-issuer", "certificate-validity", "weak-key"}
