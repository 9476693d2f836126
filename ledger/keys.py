"""Signature suites. The genesis names the suite, so that another suite needs no change but here.

`ed25519-sha256`: pure Ed25519 (RFC 8032) over tagged bytes, verified without the cofactor: S < L, and S·B - h·A has the bytes
of R. libsodium does so, in two thirds of OpenSSL's time. Libraries that verify this way differ only on keys A and points R of
small order or in non-canonical form, so both are refused here before a library is called. A key or an R of small order lets
one signature fit many messages.

RFC 8032 also allows verification with the cofactor; such a library accepts more signatures where A or R has a component of
small order. So no node may use one, and this file does not load with it; tests/golden/ed25519_edges.json holds what every
library must accept and refuse.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl import __version__
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.encoding import tagged
from ledger.errors import InputError, VerificationError
from ledger.primitives import HEX_64, HEX_128, PublicKey, Signature

_FIELD_PRIME = 2**255 - 19
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD_PRIME - 1,
        int("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16),
        int("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16),
    }
)
"""y coordinates of the eight points whose order divides 8 (orders 4, 1, 2, 8, 8); each with both signs of x."""
_WEAK_POINTS = frozenset(
    (y | sign << 255).to_bytes(32, "little").hex() for y in (*_SMALL_ORDER_Y, *range(_FIELD_PRIME, 2**255)) for sign in (0, 1)
)
"""Every encoding of those points, and every encoding whose y is not reduced: 48."""
_ONLY_WITH_COFACTOR = (
    "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
    "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
    "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
)
"""Signature, message and key: vector 4 of Chalkias, Garillot and Nikolaenko, Taming the many EdDSAs (SSR 2020)."""


class PrivateKey:
    """A signing key. Signing is deterministic, so a repeated signature has identical bytes."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.handle = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = PublicKey(self.handle.public_key().public_bytes_raw().hex())

    def sign(self, tag: str, data: bytes) -> Signature:
        """The signature over the purpose tag and the bytes."""
        return Signature(self.handle.sign(tagged(tag, data)).hex())


Suite = Callable[[PublicKey, str, bytes, Signature], None]
"""How a signature over purpose tag and bytes is verified: raises VerificationError `wrong-signature` unless it holds."""


def verify_tagged_ed25519(public_key: PublicKey, tag: str, data: bytes, signature: Signature) -> None:
    """The default suite."""
    verify_ed25519(public_key, tagged(tag, data), signature)


SUITES: dict[str, Suite] = {"ed25519-sha256": verify_tagged_ed25519}
DEFAULT_SUITE = "ed25519-sha256"
LIBRARY = f"PyNaCl {__version__}"
"""What judges the signatures of the default suite."""


def verify_ed25519(public_key: PublicKey, message: bytes, signature: Signature) -> None:
    """Raises VerificationError `wrong-signature` unless the signature holds over the bytes; InputError for a weak key."""
    if not HEX_128.fullmatch(signature):  # check: signature-spelling
        raise VerificationError("wrong-signature", "A signature is 128 lower-case hexadecimal digits.")
    key = _checked(public_key)
    verify_nonce_point(signature)
    try:
        crypto_sign_open(bytes.fromhex(signature) + message, key)
    except BadSignatureError as error:
        raise VerificationError("wrong-signature", f"The signature does not fit key {public_key[:16]}….") from error


def verify_nonce_point(signature: str) -> None:
    """Raises VerificationError `wrong-signature` if R, the first half, has small order or a non-canonical form."""
    if signature[:64] in _WEAK_POINTS:  # check: small-order-nonce
        raise VerificationError("wrong-signature", "R of the signature has small order or a non-canonical form.")


@lru_cache(maxsize=4096)
def _checked(public_key: PublicKey) -> bytes:
    verify_public_key(public_key)
    return bytes.fromhex(public_key)


def verify_public_key(public_key: str) -> None:
    """Raises InputError `weak-key` for keys of small order or in non-canonical form, `bad-key` for other spellings."""
    if not HEX_64.fullmatch(public_key):
        raise InputError("bad-key", "A public key is 64 lower-case hexadecimal digits.")
    if public_key in _WEAK_POINTS:  # check: small-order-key
        raise InputError("weak-key", "The public key has small order or a non-canonical form.")


def verify_library() -> None:
    """Raises RuntimeError if the installed libsodium verifies with the cofactor: this node would accept what others refuse."""
    signature, message, key = map(bytes.fromhex, _ONLY_WITH_COFACTOR)
    with suppress(BadSignatureError):
        crypto_sign_open(signature + message, key)
        raise RuntimeError("The installed libsodium verifies Ed25519 with the cofactor, which no node of a ledger may.")


verify_library()
