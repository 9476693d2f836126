"""Every reason of RFC 9901 (section 7) to reject a presentation, and those of the ledger, each with a code of its own.

The presentations are made by hand here, so that an issuer can be malicious and a holder careless.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import JsonValue, VerificationError
from ledger.sealed import Sealed
from scenarios.client_files import ClientFiles
from scenarios.dates import on
from scenarios.government.presentation_checks import verify_presentation
from scenarios.government.records import Issuer, Licence, LicenceState, Question
from scenarios.government.wallet import KIND, Term, bind, encoded, issue, private_key, public_key, show

TODAY = on("2026-04-02") + 9 * 3_600_000
NONCE, AUDIENCE, NUMBER = "c" * 32, "yanshan", "licence-1"
ISSUER_KEY, HOLDER_KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))
FIELDS = ("name", "uscc")


def raw(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(bytes.fromhex(raw(key)))}


def disclosure(*parts: Any) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def digest(part: str) -> str:
    return encoded(sha256(part.encode()).digest())


NAME, CODE = disclosure("salt-1", "name", "Qingteng"), disclosure("salt-2", "uscc", "9111")


@dataclass
class Made:
    """A presentation in its parts, all of them right unless a test says otherwise."""

    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "iss": "market-bureau", "vct": KIND, "licence": NUMBER, "nbf": on("2026-04-01") // 1000,
            "exp": on("2029-03-31") // 1000, "cnf": {"jwk": jwk(HOLDER_KEY)}, "_sd_alg": "sha-256",
            "_sd": [digest(NAME), digest(CODE)],
        }
    )  # fmt: skip
    disclosures: list[str] = field(default_factory=lambda: [NAME, CODE])
    header: dict[str, str] = field(default_factory=lambda: {"typ": "dc+sd-jwt"})
    signed_by: Ed25519PrivateKey = ISSUER_KEY
    binding: dict[str, Any] = field(default_factory=lambda: {"iat": TODAY // 1000, "aud": AUDIENCE, "nonce": NONCE})
    binding_header: dict[str, str] = field(default_factory=lambda: {"typ": "kb+jwt"})
    bound_by: Ed25519PrivateKey = HOLDER_KEY
    state: LicenceState = "valid"
    fields: Sequence[str] = FIELDS
    holder_key: str = raw(HOLDER_KEY)
    spoil: Callable[[str], str] = lambda text: text

    def text(self) -> str:
        signed = jwt.encode(self.claims, self.signed_by, algorithm="EdDSA", headers=self.header)
        shown = "~".join([signed, *self.disclosures, ""])
        binding = {name: value for name, value in {"sd_hash": digest(shown), **self.binding}.items() if value is not None}
        return self.spoil(shown + jwt.encode(binding, self.bound_by, algorithm="EdDSA", headers=self.binding_header))

    def verify(self) -> dict[str, JsonValue]:
        question = Question(
            verifier="yanshan", holder="qingteng", item="L", fields=tuple(self.fields), purpose="account-opening", matter="A",
            nonce=NONCE, asked_at_ms=TODAY, open_until_on_ms=on("2026-04-03"), state="presented", licence=NUMBER,
            presented_at_ms=TODAY,
        )  # fmt: skip
        licence = Licence(
            item="L", issuer="market-bureau", holder="qingteng", holder_code="91110105MA09QT009P", type_code="T", number="1",
            version=1, state=self.state, valid_from_on_ms=0, valid_to_on_ms=on("2029-03-31"), content=Sealed("0" * 64),
            holder_key=self.holder_key, issued_at_ms=0, changed_at_ms=0,
        )  # fmt: skip
        issuer = Issuer(code="1", public_key=raw(ISSUER_KEY))
        return verify_presentation(self.text(), question, licence, issuer, AUDIENCE)

    def claim(self, **claims: Any) -> "Made":
        self.claims = {name: value for name, value in {**self.claims, **claims}.items() if value is not None}
        return self

    def disclosing(self, *parts: str, fields: Sequence[str] = FIELDS, **claims: Any) -> "Made":
        """More disclosures, each asked for by a digest unless the claims say otherwise."""
        self.disclosures += parts
        self.claims["_sd"] = [*self.claims["_sd"], *map(digest, parts)]
        self.fields = fields
        return self.claim(**claims)

    def bind(self, **claims: Any) -> "Made":
        self.binding |= claims
        return self


def unreferenced(*parts: str) -> Made:
    made = Made()
    made.disclosures += parts
    return made


def array(element: str) -> Made:
    """An array whose one element is disclosed."""
    made = Made(fields=(*FIELDS, "branches")).claim(branches=[{"...": digest(element)}])
    made.disclosures.append(element)
    return made


def tampered(text: str) -> str:
    """The same with the last sign of the issuer's signature changed in a bit that counts."""
    signed, rest = text.split("~", 1)
    head, _, signature = signed.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}~{rest}"


def claiming_twice(text: str) -> str:
    """The same with a binding that its holder signed, in which one nonce stands before the other."""
    shown, _, binding = text.rpartition("~")
    header, claims, _ = binding.split(".")
    named = urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).replace(b"{", b'{"nonce":"another",', 1)
    signed = f"{header}.{encoded(named)}"
    return f"{shown}~{signed}.{encoded(HOLDER_KEY.sign(signed.encode()))}"


INNER = disclosure("salt-3", "street", "Wutong road")
NESTED = disclosure("salt-4", "address", {"_sd": [digest(INNER)]})
REFUSED: dict[str, tuple[Callable[[], Made], str]] = {
    "no array": (lambda: Made().disclosing(urlsafe_b64encode(b'{"a":1}').decode().rstrip("=")), "wrong-disclosure"),
    "array of one": (lambda: Made().disclosing(disclosure("salt")), "wrong-disclosure"),
    "array of four": (lambda: Made().disclosing(disclosure("salt", "a", 1, 2)), "wrong-disclosure"),
    "two parts for a claim": (lambda: Made().disclosing(disclosure("salt", 1)), "wrong-disclosure"),
    "three parts for an element": (lambda: array(disclosure("salt", "a", 1)), "wrong-disclosure"),
    "salt that is no text": (lambda: Made().disclosing(disclosure(7, "a", 1)), "wrong-disclosure"),
    "name that is no text": (lambda: Made().disclosing(disclosure("salt", 7, 1)), "wrong-disclosure"),
    "no base64url": (lambda: unreferenced("*"), "malformed"),
    "signs beyond base64url": (lambda: Made().disclosing(disclosure("salt", "a", 1) + "****"), "malformed"),
    "no json": (lambda: unreferenced("AAAA"), "malformed"),
    "header that is no object": (lambda: Made(spoil=lambda text: "W10" + text[text.index(".") :]), "malformed"),
    "deep": (lambda: unreferenced(urlsafe_b64encode(b"[" * 9000).decode().rstrip("=")), "malformed"),
    "claim named _sd": (lambda: Made().disclosing(disclosure("salt", "_sd", 1)), "reserved-name"),
    "claim named ...": (lambda: Made().disclosing(disclosure("salt", "...", 1)), "reserved-name"),
    "claim ... in the open": (lambda: Made().claim(**{"...": "x"}), "reserved-name"),
    "claim there already": (lambda: Made().disclosing(disclosure("salt", "licence", "other")), "claim-twice"),
    "claim disclosed twice": (lambda: Made().disclosing(disclosure("salt", "name", "Baihua")), "claim-twice"),
    "digest twice": (lambda: Made().claim(_sd=[digest(NAME), digest(NAME), digest(CODE)]), "digest-twice"),
    "digest twice, once deeper": (lambda: Made().claim(a={"_sd": [digest(NAME)]}), "digest-twice"),
    "digest twice in an array": (lambda: Made().claim(a=[{"...": digest(NAME)}]), "digest-twice"),
    "decoy digest twice in an array": (lambda: Made().claim(a=[{"...": "x"}, {"...": "x"}]), "digest-twice"),
    "the same disclosure twice": (lambda: unreferenced(NAME), "digest-twice"),
    "unreferenced": (lambda: unreferenced(disclosure("salt", "rating", "AAA")), "disclosure-not-referenced"),
    "unreferenced below another": (lambda: unreferenced(INNER), "disclosure-not-referenced"),
    "digests that are no list": (lambda: Made(disclosures=[]).claim(_sd="x"), "malformed"),
    "an element with more than its digest": (lambda: Made().claim(a=[{"...": "x", "b": 1}]), "malformed"),
    "issuer's signature": (lambda: Made(spoil=tampered), "wrong-signature"),
    "another issuer": (lambda: Made(signed_by=OTHER_KEY), "wrong-signature"),
    "another type": (lambda: Made(header={"typ": "JWT"}), "wrong-algorithm"),
    "another hash": (lambda: Made().claim(_sd_alg="sha-512"), "wrong-algorithm"),
    "no algorithm": (lambda: Made(spoil=lambda text: _unsigned(text)), "wrong-algorithm"),
    "not begun": (lambda: Made().claim(nbf=on("2026-04-03") // 1000), "credential-not-begun"),
    "expired": (lambda: Made().claim(exp=on("2026-04-01") // 1000), "credential-expired"),
    "without a term": (lambda: Made().claim(exp=None), "credential-not-begun"),
    "another licence": (lambda: Made().claim(licence="licence-2"), "other-licence"),
    "another kind of credential": (lambda: Made().claim(vct="staff-card"), "other-licence"),
    "in another bureau's name": (lambda: Made().claim(iss="tax-office"), "other-licence"),
    "binding absent": (lambda: Made(spoil=lambda text: text.rpartition("~")[0] + "~"), "binding-missing"),
    "binding names a claim twice": (
        lambda: Made(spoil=lambda text: claiming_twice(text)), "claim-twice"
    ),
    "binding is no token": (lambda: Made(spoil=lambda text: text.rpartition("~")[0] + "~x.y"), "binding-malformed"),
    "binding without type": (lambda: Made(binding_header={"typ": "JWT"}), "binding-type"),
    "binding without iat": (lambda: Made().bind(iat=None), "binding-incomplete"),
    "binding without aud": (lambda: Made().bind(aud=None), "binding-incomplete"),
    "binding for several": (lambda: Made().bind(aud=["yanshan", "lanhai"]), "binding-incomplete"),
    "binding without nonce": (lambda: Made().bind(nonce=None), "binding-incomplete"),
    "binding without sd_hash": (lambda: Made().bind(sd_hash=None), "binding-incomplete"),
    "binding for another": (lambda: Made().bind(aud="lanhai"), "binding-audience"),
    "binding for an old nonce": (lambda: Made().bind(nonce="d" * 32), "binding-nonce"),
    "binding before the question": (lambda: Made().bind(iat=on("2026-04-01") // 1000), "binding-time"),
    "binding after its end": (lambda: Made().bind(iat=on("2026-04-04") // 1000), "binding-time"),
    "binding of another presentation": (lambda: Made().bind(sd_hash=digest("x")), "binding-hash"),
    "disclosure left out after binding": (lambda: Made(spoil=lambda text: text.replace(f"~{CODE}", "")), "binding-hash"),
    "binding by another key": (lambda: Made(bound_by=OTHER_KEY), "binding-signature"),
    "bound to another key": (lambda: Made(bound_by=OTHER_KEY).claim(cnf={"jwk": jwk(OTHER_KEY)}), "other-key"),
    "bound to no key": (lambda: Made().claim(cnf=None), "other-key"),
    "key of another on the ledger": (lambda: Made(holder_key=raw(OTHER_KEY)), "other-key"),
    "withheld on the ledger": (lambda: Made(state="withheld"), "licence-not-valid"),
    "revoked on the ledger": (lambda: Made(state="revoked"), "licence-not-valid"),
    "fewer fields": (lambda: Made(fields=(*FIELDS, "address")), "other-fields"),
    "more fields": (lambda: Made(fields=("name",)), "other-fields"),
    "too long": (lambda: unreferenced(disclosure("salt", "a", "x" * 20_000)), "malformed"),
    "no tilde": (lambda: Made(spoil=lambda text: text.split("~")[0]), "malformed"),
    "members named twice": (
        lambda: Made().disclosing(urlsafe_b64encode(b'["s","a",{"b":1,"b":2}]').decode().rstrip("=")), "claim-twice"
    ),
}  # fmt: skip


def _unsigned(text: str) -> str:
    signed, rest = text.split("~", 1)
    payload = signed.split(".")[1]
    return f"{encoded(json.dumps({'alg': 'none', 'typ': 'dc+sd-jwt'}).encode())}.{payload}.~{rest}"


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    made, code = REFUSED[name]
    with pytest.raises(VerificationError) as raised:
        made().verify()
    assert raised.value.code == code


def test_what_is_right_is_accepted() -> None:
    assert Made().verify() == {"name": "Qingteng", "uscc": "9111"}


def test_nested_disclosures_and_elements_are_accepted() -> None:
    made = Made(fields=(*FIELDS, "address")).disclosing(NESTED, fields=(*FIELDS, "address"))
    made.disclosures.append(INNER)
    assert made.verify()["address"] == {"street": "Wutong road"}
    assert array(disclosure("salt", "Hexi")).verify()["branches"] == ["Hexi"]


def test_decoys_are_allowed() -> None:
    assert Made().claim(_sd=[digest(NAME), digest(CODE), digest("decoy")]).verify() == {"name": "Qingteng", "uscc": "9111"}


def test_the_wallet_shows_what_it_is_asked_and_no_more() -> None:
    files = ClientFiles(lambda size: bytes(range(size)))
    values: dict[str, JsonValue] = {"name": "Qingteng", "uscc": "9111", "representative_id": "secret"}
    credential = issue(
        files, "market.desk", "qingteng.office", Term("market-bureau", NUMBER, on("2026-04-01"), on("2029-01-01")), values
    )
    assert credential == issue(
        files, "market.desk", "qingteng.office", Term("market-bureau", NUMBER, on("2026-04-01"), on("2029-01-01")), values
    )
    shown = show(credential, FIELDS)
    assert (credential.count("~"), shown.count("~")) == (4, 3)
    assert encoded(b"secret")[:6] not in shown
    text = bind(shown, private_key(files, "qingteng.office"), AUDIENCE, NONCE, TODAY)
    made = Made(spoil=lambda _: text, holder_key=public_key(files, "qingteng.office"))
    with pytest.raises(VerificationError, match="issuer did not sign"):
        made.verify()  # by another issuer than the ledger names


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_changed_sign_is_refused(data: st.DataObject) -> None:
    text = Made().text()
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("ABCDabcd0189-_.~*"))
    changed = text[:place] + sign + text[place + 1 :]
    if _same_bytes(text, changed):
        return
    with pytest.raises(VerificationError):
        Made(spoil=lambda _: changed).verify()


def _same_bytes(first: str, second: str) -> bool:
    """Whether two spellings differ at most in the bits that base64 leaves over at the end of a signature."""
    if first == second:
        return True
    place = next(place for place, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1])
    ends = {first.index("~") - 1, len(first) - 1}
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if place not in ends or second[place] not in alphabet:
        return False
    return alphabet.index(first[place]) >> 4 == alphabet.index(second[place]) >> 4


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='AZaz09-_.~{}"[]', max_size=60))
def test_whatever_comes_is_refused_by_name(text: str) -> None:
    with pytest.raises(VerificationError):
        Made(spoil=lambda _: text).verify()
