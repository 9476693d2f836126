"""Signatures: RFC 8032 vectors, purpose tags, malleability, and points of small order found by a second curve arithmetic."""

import json
from collections.abc import Callable
from hashlib import sha512
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.encoding import tagged
from ledger.errors import InputError, VerificationError
from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey, verify_ed25519, verify_public_key
from ledger.primitives import PublicKey, Signature
from tests.support import refusal

SUITE = SUITES[DEFAULT_SUITE]
ORDER = 2**252 + 27742317777372353535851937790883648493
"""L of RFC 8032, 5.1."""
PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME
KEY = PrivateKey(bytes(range(32)))
EDGES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden/ed25519_edges.json").read_bytes())["vectors"]
"""Signatures that libraries judge differently, with what each point is and who takes the signature; the file says its sources."""

# RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    """The addition of RFC 8032, 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, PRIME)
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, PRIME)
    return x % PRIME, y % PRIME


def times(scalar: int, p: tuple[int, int]) -> tuple[int, int]:
    """The multiple of a point, by doubling and adding."""
    total = (0, 1)
    for bit in bin(scalar)[2:]:
        total = add(total, total)
        total = add(total, p) if bit == "1" else total
    return total


def point(y: int) -> tuple[int, int] | None:
    """A point with this y, None if there is none (RFC 8032, 5.1.3)."""
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(x2, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != x2:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    return (x, y) if x * x % PRIME == x2 else None


def small_order_points() -> list[tuple[int, int]]:
    """All eight: the multiples of L·P for a P for which they are eight."""
    for y in range(2, 100):
        found = point(y)
        if found is None:
            continue
        torsion, multiples = times(ORDER, found), [(0, 1)]
        while (following := add(multiples[-1], torsion)) != (0, 1):
            multiples.append(following)
        if len(multiples) == 8:
            return multiples
    raise AssertionError("no point of order 8 L")


def spelled(x: int, y: int) -> str:
    """The encoding of RFC 8032, 5.1.2."""
    return (y | (x & 1) << 255).to_bytes(32, "little").hex()


def scalar_of(key: PrivateKey) -> int:
    """The secret scalar of a key (RFC 8032, 5.1.5)."""
    raw = bytearray(sha512(key.seed).digest()[:32])
    raw[0] &= 248
    raw[31] = raw[31] & 127 | 64
    return int.from_bytes(raw, "little")


def with_neutral_nonce(key: PrivateKey, message: bytes) -> bytes:
    """The signature of a dishonest signer: with S = h·a, R is the neutral point."""
    r = bytes.fromhex(spelled(0, 1))
    h = int.from_bytes(sha512(r + bytes.fromhex(key.public_key) + message).digest(), "little")
    return r + (h * scalar_of(key) % ORDER).to_bytes(32, "little")


@pytest.mark.parametrize(("seed", "public_key", "message", "signature"), RFC_8032, ids=["test-1", "test-2", "test-3"])
def test_rfc_8032_vectors(seed: str, public_key: str, message: str, signature: str) -> None:
    key = PrivateKey(bytes.fromhex(seed))
    assert key.public_key == public_key
    assert key.handle.sign(bytes.fromhex(message)).hex() == signature
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), bytes.fromhex(message))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_a_signature_is_pure_ed25519_over_tagged_bytes(seed: bytes, data: bytes) -> None:
    key = PrivateKey(seed)
    signature = key.sign("body", data)
    assert signature == Ed25519PrivateKey.from_private_bytes(seed).sign(tagged("body", data)).hex() == key.sign("body", data)
    SUITE(key.public_key, "body", data, signature)


@given(st.integers(0, 511))
def test_a_changed_bit_is_refused(bit: int) -> None:
    signature = bytearray.fromhex(KEY.sign("body", b"data"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationError, match="does not fit"):
        SUITE(KEY.public_key, "body", b"data", Signature(signature.hex()))


def test_another_tag_message_or_key_is_refused() -> None:
    signature = KEY.sign("body", b"data")
    other = PrivateKey(bytes(32)).public_key
    for public_key, tag, data in (
        (KEY.public_key, "batch", b"data"),
        (KEY.public_key, "body", b"date"),
        (other, "body", b"data"),
    ):
        assert refusal(VerificationError, SUITE, public_key, tag, data, signature).code == "wrong-signature"


def test_second_signature_with_s_plus_l_is_refused() -> None:
    signature = bytes.fromhex(KEY.sign("body", b"data"))
    s = int.from_bytes(signature[32:], "little") + ORDER
    refusal(
        VerificationError, SUITE, KEY.public_key, "body", b"data", Signature((signature[:32] + s.to_bytes(32, "little")).hex())
    )


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda text: text + "0", lambda text: " " + text[1:]])
def test_another_spelling_of_a_signature_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(VerificationError, match="128 lower-case"):
        SUITE(KEY.public_key, "body", b"data", Signature(change(KEY.sign("body", b"data"))))


def test_all_eight_keys_of_small_order_are_refused() -> None:
    points = small_order_points()
    assert len({spelled(*p) for p in points}) == 8
    for x, y in points:
        for sign in (x, x + 1):
            assert refusal(InputError, verify_public_key, spelled(sign, y)).code == "weak-key"


def test_the_library_alone_takes_a_key_of_small_order() -> None:
    # Why the check exists: with the neutral point as key and as R, and S = 0, one signature fits every message.
    neutral = spelled(0, 1)
    forged = Signature(neutral + "00" * 32)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(neutral)).verify(bytes.fromhex(forged), b"anything")
    refusal(InputError, SUITE, PublicKey(neutral), "body", b"anything", forged)


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, PRIME + 18, 2**255 - 1])
def test_key_in_non_canonical_form_is_refused(y: int) -> None:
    with pytest.raises(InputError, match="non-canonical"):
        verify_public_key(spelled(0, y))


@pytest.mark.parametrize("text", ["", "00" * 31, "0" * 65, "A" * 64, "0x" + "a" * 62])
def test_another_spelling_of_a_key_is_refused(text: str) -> None:
    assert refusal(InputError, verify_public_key, text).code == "bad-key"


def test_ordinary_keys_are_taken() -> None:
    for _, public_key, _, _ in RFC_8032:
        verify_public_key(public_key)


# What libraries judge differently.


def loosely_decoded(encoding: bytes) -> tuple[int, int] | None:
    """The point of any encoding: y is reduced, and the sign of x = 0 is passed over."""
    number = int.from_bytes(encoding, "little")
    found = point((number & (2**255 - 1)) % PRIME)
    return found if found is None or found[0] & 1 == number >> 255 else (-found[0] % PRIME, found[1])


def described(encoding: bytes) -> str:
    """The order of the point, and whether this is its one encoding."""
    found = loosely_decoded(encoding)
    if found is None:
        return "off the curve"
    order = "small" if times(8, found) == (0, 1) else "prime" if times(ORDER, found) == (0, 1) else "mixed"
    return order if spelled(*found) == encoding.hex() else f"{order} non-canonical"


def is_taken_by_openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge["name"])
def test_an_edge_vector_is_what_it_says(edge: dict[str, Any]) -> None:
    key, message, signature = (bytes.fromhex(edge[name]) for name in ("key", "message", "signature"))
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    assert (described(key), described(r)) == (edge["A"], edge["R"])
    own, nonce, base = loosely_decoded(key), loosely_decoded(r), loosely_decoded(bytes.fromhex("58" + "66" * 31))
    assert base is not None
    if own is None or nonce is None:
        holds = holds_by_eight = False
    else:
        h = int.from_bytes(sha512(r + key + message).digest(), "little") % ORDER
        left, right = times(s, base), add(nonce, times(h, own))
        holds, holds_by_eight = left == right, times(8, left) == times(8, right)
    assert (holds, holds_by_eight) == (edge["cofactorless"], edge["cofactored"])
    assert is_taken_by_openssl(key, message, signature) == edge["openssl"]
    canonical = {edge["A"], edge["R"]} <= {"prime", "mixed"}
    assert edge["taken"] == (holds and canonical and s < ORDER), "the rule that `ledger/keys` states"


def test_edge_vectors_reach_every_encoding_of_small_order() -> None:
    both_signs = {spelled(x + sign, y) for x, y in small_order_points() for sign in (0, 1)}
    encodings = both_signs | {spelled(sign, y + PRIME) for y in (0, 1) for sign in (0, 1)}
    assert len(encodings) == 14
    assert encodings <= {edge["key"] for edge in EDGES}
    assert encodings <= {edge["signature"][:64] for edge in EDGES}
    kinds = {(edge["openssl"], edge["taken"], edge["cofactored"]) for edge in EDGES}
    assert kinds == {(True, True, True), (True, False, True), (False, False, True), (False, False, False)}


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge["name"])
def test_edge_vectors_are_judged_by_the_rule_and_not_by_the_library(edge: dict[str, Any]) -> None:
    key, message, signature = PublicKey(edge["key"]), bytes.fromhex(edge["message"]), Signature(edge["signature"])
    if edge["taken"]:
        verify_ed25519(key, message, signature)
        return
    with pytest.raises((VerificationError, InputError)) as caught:
        verify_ed25519(key, message, signature)
    assert caught.value.code in ("wrong-signature", "weak-key")


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, PRIME + 18])
@pytest.mark.parametrize("sign", [0, 1])
def test_r_in_non_canonical_form_is_refused_before_any_library_is_asked(y: int, sign: int) -> None:
    with pytest.raises(VerificationError, match="R of the signature") as caught:
        verify_ed25519(KEY.public_key, b"data", Signature(spelled(sign, y) + "00" * 32))
    assert caught.value.code == "wrong-signature"


def test_r_of_small_order_is_refused_though_the_equation_holds() -> None:
    signature, message = with_neutral_nonce(KEY, b"message"), b"message"
    assert is_taken_by_openssl(bytes.fromhex(KEY.public_key), message, signature)
    with pytest.raises(VerificationError, match="R of the signature"):
        verify_ed25519(KEY.public_key, message, Signature(signature.hex()))
