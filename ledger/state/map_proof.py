"""Proofs that a key of the state has a value, or has none, and their verification against a state root (`tree` makes them).

    leaf hash   = H("state-leaf", key digest, value digest)
    branch hash = H("state-branch", bitmap of present nibbles in 2 bytes, child hashes in nibble order)

Bit n of a bitmap, counted from the lowest, stands for nibble n, a hexadecimal digit of the key digest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from pydantic import BeforeValidator, Field

from ledger.codec import Codec, HexDigest, Many
from ledger.encoding import digest_bytes, tagged
from ledger.errors import JsonValue, RefusedError, VerificationError
from ledger.primitives import Digest

DEPTH_MAX = 64
KEY_CHARACTERS_MAX = 256
LEAF_PREFIX, BRANCH_PREFIX = tagged("state-leaf"), tagged("state-branch")


def _verify_size(step: object) -> object:
    """Before pydantic gathers a fault for each child that is none."""
    if isinstance(step, dict) and len(step) > 16:  # check: state-proof-step-size
        raise ValueError("A branch has at most 16 children")
    return step


Siblings = Annotated[dict[Annotated[str, Field(pattern="^[0-9a-f]$")], HexDigest], BeforeValidator(_verify_size)]


@dataclass(frozen=True, slots=True)
class MapLeaf:
    """Where a path ends: key digest and value digest."""

    key: HexDigest
    value: HexDigest


@dataclass(frozen=True, slots=True)
class MapProof:
    """The branches from the root to where the key's path ends."""

    steps: Annotated[Many[Siblings], Field(min_length=1, max_length=DEPTH_MAX)]
    """For each branch from the root on: hashes of its children by nibble, the path's own child left out."""
    leaf: MapLeaf | None
    """The leaf where the path ends, None if the last branch has no child there."""

    def to_json(self) -> JsonValue:
        """`{"steps": [{NIBBLE: hash, …}, …], "leaf": {"key", "value"} or null}`, all in hexadecimal."""
        return _MAP_PROOFS.to_json(self)


_MAP_PROOFS = Codec(MapProof, "bad-proof")
parse_map_proof = _MAP_PROOFS.parse
"""Reads the JSON form of a proof; raises MalformedError `bad-proof`."""


def map_root(changes: Mapping[bytes, bytes | None]) -> bytes:
    """Root of the map that holds just these values, by key digest: each leaf where no other leaf shares its path."""
    leaves = [(key.hex(), key + value_digest(value)) for key, value in changes.items() if value is not None]
    return branch_hash(_children(sorted(leaves), 0))


def verify_present(root: bytes, key_digest: bytes, value: bytes, proof: MapProof) -> None:
    """Raises VerificationError `wrong-state-proof` unless the key has this value under the root."""
    _verify_path(root, key_digest, proof)
    if proof.leaf != MapLeaf(Digest(key_digest.hex()), Digest(value_digest(value).hex())):  # check: state-proof-value
        raise VerificationError("wrong-state-proof", "The path ends in another key or another value.")


def verify_absent(root: bytes, key_digest: bytes, proof: MapProof) -> None:
    """Raises VerificationError `wrong-state-proof` unless the key has no value under the root."""
    _verify_path(root, key_digest, proof)
    if proof.leaf is not None and proof.leaf.key == key_digest.hex():  # check: state-proof-absence
        raise VerificationError("wrong-state-proof", "The key is present.")


def verify_key(key: str) -> None:
    """Raises RefusedError `bad-key` unless the key has 1 to 256 characters, no NUL and no lone surrogate."""
    if not 0 < len(key) <= KEY_CHARACTERS_MAX or "\x00" in key:  # check: state-key
        raise RefusedError("bad-key", f"A key has 1 to {KEY_CHARACTERS_MAX} characters and no NUL; got {len(key)} characters.")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise RefusedError("bad-key", "The key holds a lone surrogate, which UTF-8 cannot carry.") from error


def state_key(contract: str, collection: str, key: str) -> bytes:
    """Key of a value's row in the state, of which the Merkle map has the digest; raises RefusedError `bad-key`."""
    verify_key(key)
    return f"{contract}\x00{collection}\x00{key}".encode()


def key_digest(key: bytes) -> bytes:
    """Key of the Merkle map, for a state key."""
    return digest_bytes("state-key", key)


def value_digest(value: bytes) -> bytes:
    """What a leaf of the map holds of its value."""
    return digest_bytes("state-value", value)


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf, given as key digest followed by value digest."""
    return hashlib.sha256(LEAF_PREFIX + leaf).digest()


def branch_hash(children: Mapping[str, bytes]) -> bytes:
    """Hash of a branch, given the hashes of its children by nibble."""
    bitmap = sum(1 << int(nibble, 16) for nibble in children).to_bytes(2, "big")
    return hashlib.sha256(BRANCH_PREFIX + bitmap + b"".join(children[nibble] for nibble in sorted(children))).digest()


def _children(leaves: Sequence[tuple[str, bytes]], depth: int) -> dict[str, bytes]:
    """Hashes by nibble of the children of a branch at that depth, given the paths and contents of the leaves below it."""
    below = {nibble: list(group) for nibble, group in groupby(leaves, key=lambda leaf: leaf[0][depth])}
    return {
        nibble: leaf_hash(group[0][1]) if len(group) == 1 else branch_hash(_children(group, depth + 1))
        for nibble, group in below.items()
    }


def _verify_path(root: bytes, key_digest: bytes, proof: MapProof) -> None:
    """Raises VerificationError `wrong-state-proof` unless the path, hashed from its end upwards, leads to the root."""
    path, depth = key_digest.hex(), len(proof.steps)
    if not 0 < depth <= DEPTH_MAX or any(path[i] in step for i, step in enumerate(proof.steps)):  # check: state-proof-shape
        raise VerificationError("wrong-state-proof", "A step names the child that lies on the path itself.")
    if proof.leaf is not None and proof.leaf.key[:depth] != path[:depth]:  # check: state-proof-leaf-place
        raise VerificationError("wrong-state-proof", "The leaf does not lie on the path of the key.")
    node = None if proof.leaf is None else leaf_hash(bytes.fromhex(proof.leaf.key + proof.leaf.value))
    for nibble, step in zip(reversed(path[:depth]), reversed(proof.steps), strict=True):
        others = {other: bytes.fromhex(sibling) for other, sibling in step.items()}
        node = branch_hash(others if node is None else {**others, nibble: node})
    if node != root:  # check: state-proof-root
        raise VerificationError("wrong-state-proof", f"The path does not lead to the state root {root.hex()}.")
