"""libsodium, which verifies, against OpenSSL, which signs, and against the stand-alone verifier: all judge alike.

Cases are made as a dishonest signer would make them, beside genuine ones; `--long` makes a hundred thousand.
"""

from collections import Counter
from collections.abc import Callable
from hashlib import sha512
from random import Random

import pytest

from ledger import keys
from ledger.audit import standalone
from ledger.errors import InputError, VerificationError
from ledger.keys import PrivateKey, verify_ed25519, verify_nonce_point, verify_public_key
from ledger.primitives import PublicKey, Signature
from tests import test_ledger_keys as curve

CASES, LONG = 3_000, 100_000
BY_THE_STANDALONE = 20
"""Every so many cases are judged by Python alone, too: it takes a hundred times as long."""
TORSION = curve.small_order_points()
HONEST = [PrivateKey(Random(n).randbytes(32)) for n in range(8)]
ADDED = [(Random(n).randrange(1, curve.ORDER), n % 8) for n in range(8)]
"""Scalar and point of small order of keys whose owner added that point."""
BASE = curve.point(4 * pow(5, -1, curve.PRIME) % curve.PRIME)
assert BASE is not None
BASE = BASE if BASE[0] % 2 == 0 else (-BASE[0] % curve.PRIME, BASE[1])
MIXED = [(scalar, curve.spelled(*curve.add(curve.times(scalar, BASE), TORSION[index]))) for scalar, index in ADDED]
NONCES = [(n, curve.times(n, BASE)) for n in (1_000_003, 2**200 + 5, curve.ORDER - 2)]
Made = tuple[str, bytes, bytes]
"""Key, message and signature."""


def genuine(chance: Random) -> Made:
    key, message = chance.choice(HONEST), chance.randbytes(chance.choice((0, 1, 31, 200)))
    return key.public_key, message, key.handle.sign(message)


def flipped(chance: Random) -> Made:
    """One bit of the signature or of the message is another."""
    key, message, signature = genuine(chance)
    both = bytearray(signature + message)
    both[chance.randrange(len(both))] ^= 1 << chance.randrange(8)
    return key, bytes(both[64:]), bytes(both[:64])


def same_s(chance: Random) -> Made:
    """S is spelled by another number of the same class, as far as 32 bytes hold it."""
    key, message, signature = genuine(chance)
    s = (int.from_bytes(signature[32:], "little") + chance.randrange(1, 16) * curve.ORDER) % 2**256
    return key, message, signature[:32] + s.to_bytes(32, "little")


def drawn(chance: Random) -> Made:
    """Any bytes as key, R or S."""
    key, message, signature = genuine(chance)
    parts = chance.choice(("key", "r", "s", "key r", "key s", "r s", "key r s")).split()
    r = chance.randbytes(32) if "r" in parts else signature[:32]
    s = chance.randbytes(31) + b"\0" if "s" in parts else signature[32:]
    return chance.randbytes(32).hex() if "key" in parts else key, message, r + s


def with_small_parts(chance: Random) -> Made:
    """Key and R with parts of small order, S as if they had none: the equation holds where these parts cancel out."""
    (scalar, key), (nonce, point) = chance.choice(MIXED), chance.choice(NONCES)
    message = chance.randbytes(8)
    r = bytes.fromhex(curve.spelled(*curve.add(point, chance.choice(TORSION))))
    h = int.from_bytes(sha512(r + bytes.fromhex(key) + message).digest(), "little")
    return key, message, r + ((nonce + h * scalar) % curve.ORDER).to_bytes(32, "little")


WAYS: tuple[Callable[[Random], Made], ...] = (genuine, flipped, same_s, drawn, with_small_parts)


def is_taken(key: str, message: bytes, signature: bytes) -> bool:
    try:
        verify_ed25519(PublicKey(key), message, Signature(signature.hex()))
    except (VerificationError, InputError):
        return False
    return True


def is_taken_with_openssl(key: str, message: bytes, signature: bytes) -> bool:
    """The same rule, its equation judged by the other library."""
    try:
        verify_public_key(key)
        verify_nonce_point(signature.hex())
    except (VerificationError, InputError):
        return False
    return curve.is_taken_by_openssl(bytes.fromhex(key), message, signature)


def test_three_judges_agree(pytestconfig: pytest.Config) -> None:
    is_long = pytestconfig.getoption("--long")
    seen: Counter[tuple[str, bool]] = Counter()
    for seed in range(LONG if is_long else CASES):
        way = WAYS[seed % len(WAYS)]
        key, message, signature = way(Random(seed))
        taken = is_taken(key, message, signature)
        assert is_taken_with_openssl(key, message, signature) == taken, (way.__name__, seed)
        if is_long or seed // len(WAYS) % BY_THE_STANDALONE == 0:
            assert standalone.holds(key, message, signature.hex()) == taken, (way.__name__, seed)
        seen[way.__name__, taken] += 1
    refused_always = {(way.__name__, False) for way in (flipped, same_s, drawn)}
    assert set(seen) == refused_always | {("genuine", True), ("with_small_parts", True), ("with_small_parts", False)}, seen


def test_a_library_that_verifies_with_the_cofactor_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    keys.verify_library()
    monkeypatch.setattr(keys, "crypto_sign_open", lambda signed, key: signed[64:])
    with pytest.raises(RuntimeError, match="cofactor"):
        keys.verify_library()
    (vector,) = (edge for edge in curve.EDGES if (edge["signature"], edge["message"], edge["key"]) == keys._ONLY_WITH_COFACTOR)
    assert (vector["cofactored"], vector["cofactorless"], vector["openssl"]) == (True, False, False)
