"""Signature suites. The genesis names the suite, so that another can be added here alone.

`ed25519-sha256`: pure Ed25519 (RFC 8032) over tagged bytes. The library checks S < L; it accepts public keys
of small order, under which one signature fits many messages, so those are refused here.
All nodes of a network judge signatures with the same library.
"""

from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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


class PrivateKey:
    """A signing key. Signing is deterministic, so a repeated signature has identical bytes."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.handle = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = PublicKey(self.handle.public_key().public_bytes_raw().hex())

    def sign(self, tag: str, data: bytes) -> Signature:
        """The signature over the purpose tag and the bytes."""
        return Signature(self.handle.sign(tagged(tag, data)).hex())


class Suite(Protocol):
    """How signatures are judged."""

    def verify_signature(self, public_key: PublicKey, tag: str, data: bytes, signature: Signature) -> None:
        """Raises VerificationError `wrong-signature` unless the signature holds."""


class Ed25519Sha256:
    """The default suite."""

    def verify_signature(self, public_key: PublicKey, tag: str, data: bytes, signature: Signature) -> None:
        """Raises VerificationError `wrong-signature` unless the signature holds."""
        if not HEX_128.fullmatch(signature):  # check: signature-spelling
            raise VerificationError("wrong-signature", "A signature is 128 lower-case hexadecimal digits.")
        try:
            _load(public_key).verify(bytes.fromhex(signature), tagged(tag, data))
        except InvalidSignature as error:
            raise VerificationError("wrong-signature", f"The signature does not fit key {public_key[:16]}….") from error


SUITES: dict[str, Suite] = {"ed25519-sha256": Ed25519Sha256()}
DEFAULT_SUITE = "ed25519-sha256"


@lru_cache(maxsize=4096)
def _load(public_key: PublicKey) -> Ed25519PublicKey:
    verify_public_key(public_key)
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))


def verify_public_key(public_key: str) -> None:
    """Raises InputError `weak-key` for keys of small order or in non-canonical form, `bad-key` for other spellings."""
    if not HEX_64.fullmatch(public_key):
        raise InputError("bad-key", "A public key is 64 lower-case hexadecimal digits.")
    y = int.from_bytes(bytes.fromhex(public_key), "little") & (2**255 - 1)
    if y >= _FIELD_PRIME or y in _SMALL_ORDER_Y:  # check: small-order-key
        raise InputError("weak-key", "The public key has small order or a non-canonical form.")
