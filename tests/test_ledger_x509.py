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
from tests.support import refusal
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


def code_of(pem: str, root: str = ROOT) -> str:
    return refusal(InputError, certified, pem, root).code


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


def test_oversize_is_refused() -> None:
    huge = certificate(critical=x509.SubjectAlternativeName([x509.DNSName("a" * 60)] * 150))
    assert "at most 8192 characters" in refusal(InputError, certified, huge).message


def test_signature_with_an_r_of_small_order_is_refused() -> None:
    # By a dishonest root, over which libraries differ: as a verdict of a contract it would split the network.
    read = x509.load_pem_x509_certificate(LI.encode())
    der = read.public_bytes(Encoding.DER)
    assert der.endswith(read.signature)
    forged = der[: -len(read.signature)] + with_neutral_nonce(ROOT_KEY, read.tbs_certificate_bytes)
    made = x509.load_der_x509_certificate(forged)
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(ROOT.encode()))  # this library takes it
    assert code_of(made.public_bytes(Encoding.PEM).decode()) == "wrong-issuer"


OTHER_KIND = ec.generate_private_key(ec.SECP256R1())
WEAK = Ed25519PublicKey.from_public_bytes(b"\x01" + b"\x00" * 31)
DNS = x509.SubjectAlternativeName([x509.DNSName("east.li")])
REFUSED: dict[str, tuple[str, str]] = {
    # Another spelling
    "nothing": ("bad-certificate", ""),
    "a word": ("bad-certificate", "hello"),
    "a lone surrogate": ("bad-certificate", "\ud800"),
    "a part": ("bad-certificate", LI[:200]),
    "another heading": ("bad-certificate", LI.replace("BEGIN CERT", "BEGIN CURT")),
    "a bare key": ("bad-certificate", ROOT_KEY.public_key),
    "a note before it": ("bad-certificate", "a note\n" + LI),
    "other line ends": ("bad-certificate", LI.replace("\n", "\r\n")),
    "two certificates": ("bad-certificate", LI + ROOT),
    # Keys and signatures
    "another kind of key": ("bad-certificate", certificate(public_key=OTHER_KIND.public_key())),
    "a key of small order": ("weak-key", certificate(public_key=WEAK)),
    "a root with another kind of key": ("wrong-issuer", certificate(signer=OTHER_KIND)),
    "signed by itself": ("wrong-issuer", certificate(signer=LI_KEY.handle)),
    "another signature": ("wrong-issuer", LI.replace(LI[-60], "A" if LI[-60] != "A" else "B")),
    # What it may do
    "an issuer": ("bad-certificate", certificate(ca=True, path_length=0)),
    "signs certificates": ("bad-certificate", certificate(signs_certificates=True)),
    "signs no data": ("bad-certificate", certificate(signs_data=False)),
    "no basic constraints": ("bad-certificate", certificate(ca=None)),
    "an unknown critical extension": ("bad-certificate", certificate(critical=DNS)),
    # Its name
    "of another organization": ("bad-certificate", certificate(subject="O=west,CN=li")),
    "without a name": ("bad-certificate", certificate(subject="O=east")),
    "without an organization": ("bad-certificate", certificate(subject="CN=li")),
    "names in another order": ("bad-certificate", certificate(subject="CN=li,O=east")),
    "a unit more": ("bad-certificate", certificate(subject="O=east,CN=li,OU=desk")),
    "a name with a dot": ("bad-certificate", certificate(subject="O=east,CN=li.wu")),
    "a name that is not ASCII": ("bad-certificate", certificate(subject="O=east,CN=李")),
    "a unit for a name": ("bad-certificate", certificate(subject="O=east,OU=li")),
    # Its time
    "before its root": ("certificate-validity", certificate(days=(-1, 365))),
    "after its root": ("certificate-validity", certificate(days=(0, 20_000))),
    "at no time": ("certificate-validity", certificate(days=(5, 5))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_another_certificate_is_refused(name: str) -> None:
    code, pem = REFUSED[name]
    assert code_of(pem) == code


def test_another_root_is_refused() -> None:
    for stranger in (
        issue_root("east", OTHER_KEY, START_MS, END_MS, serial=1),
        issue_root("west", ROOT_KEY, START_MS, END_MS, serial=1),
    ):
        assert code_of(LI, stranger) == "wrong-issuer"


def root(**form: Any) -> str:
    """A root made by hand, by default what `issue_root` would give."""
    usual = {"subject": "O=east", "public_key": ROOT_KEY.handle.public_key(), "ca": True, "path_length": 0}
    return certificate(**{**usual, "signs_certificates": True, "signs_data": False, **form})


def test_handmade_root_of_the_right_form_is_accepted() -> None:
    verify_root_certificate(root(), "east")


REFUSED_ROOTS: dict[str, tuple[str, str]] = {
    "no issuer": ("bad-certificate", root(ca=False, path_length=None)),
    "of any depth": ("bad-certificate", root(path_length=None)),
    "of depth one": ("bad-certificate", root(path_length=1)),
    "signs no certificates": ("bad-certificate", root(signs_certificates=False)),
    "of another name": ("bad-certificate", root(subject="O=west", issuer="O=west")),
    "of a member's name": ("bad-certificate", root(subject="O=east,CN=li", issuer="O=east,CN=li")),
    "without an organization": ("bad-certificate", root(subject="CN=east", issuer="CN=east")),
    "at no time": ("certificate-validity", root(days=(3, 3))),
    "signed by another key": ("wrong-issuer", root(signer=OTHER_KEY.handle)),
    "a member": ("bad-certificate", LI),
}


@pytest.mark.parametrize("name", REFUSED_ROOTS)
def test_another_root_certificate_is_refused(name: str) -> None:
    code, pem = REFUSED_ROOTS[name]
    assert refusal(InputError, verify_root_certificate, pem, "east").code == code


def test_member_certificate_is_no_root() -> None:
    assert code_of(LI, LI) == "bad-certificate"


@given(position=st.integers(0, len(LI) - 1), character=st.characters(codec="utf-8"))
def test_a_changed_character_is_refused_or_changes_nothing(position: int, character: str) -> None:
    changed = LI[:position] + character + LI[position + 1 :]
    if changed != LI:
        assert code_of(changed) in {"bad-certificate", "wrong-issuer", "certificate-validity", "weak-key"}
