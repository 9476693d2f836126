"""The hashes of the Merkle map and the page that stores one branch of it.

    leaf hash   = H("state-leaf", key digest, value digest)
    branch hash = H("state-branch", bitmap of present nibbles in 2 bytes, child hashes in nibble order)
    page        = bitmap of children · their hashes (32 bytes each) · bitmap of leaves among them · those leaves (64 each)

Bit n of a bitmap, counted from the lowest, stands for nibble n. A page begins with exactly what its hash covers.
"""

import hashlib
from collections.abc import Mapping

from ledger.encoding import tagged

EMPTY_PAGE = bytes(4)
HASH_BYTES = 32
LEAF_BYTES = 64
Node = tuple[bytes, bytes | None]
"""Hash of a child and, if it is a leaf, its key digest and value digest."""

_LEAF_PREFIX = tagged("state-leaf")
_BRANCH_PREFIX = tagged("state-branch")
_NIBBLES = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))
_ONE_LEAF_BYTES = 4 + HASH_BYTES + LEAF_BYTES


def nibbles(key_digest: bytes) -> bytes:
    """The path of a key: 64 bytes from 0 to 15."""
    return key_digest.hex().encode().translate(_NIBBLES)


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf, given as key digest and value digest in one."""
    return hashlib.sha256(_LEAF_PREFIX + leaf).digest()


def branch_hash(children: Mapping[int, bytes]) -> bytes:
    """Hash of a branch, given the hashes of its children by nibble."""
    bitmap = sum(1 << nibble for nibble in children).to_bytes(2, "big")
    return hashlib.sha256(_BRANCH_PREFIX + bitmap + b"".join(children[nibble] for nibble in sorted(children))).digest()


def page_hash(page: bytes) -> bytes:
    """Hash of the branch that a page stores."""
    return hashlib.sha256(_BRANCH_PREFIX + page[: _hashes_end(page)]).digest()


def hashes_by_nibble(page: bytes) -> dict[int, bytes]:
    """Hashes of all children."""
    bitmap = page[0] << 8 | page[1]
    present = [nibble for nibble in range(16) if bitmap >> nibble & 1]
    return {nibble: page[2 + HASH_BYTES * i : 2 + HASH_BYTES * (i + 1)] for i, nibble in enumerate(present)}


def has_child(page: bytes, nibble: int) -> bool:
    """Whether anything stands at a nibble."""
    return bool((page[0] << 8 | page[1]) >> nibble & 1)


def leaf_of(page: bytes, nibble: int) -> bytes | None:
    """The leaf at a nibble, None where there is a branch or nothing."""
    end = _hashes_end(page)
    leaves = page[end] << 8 | page[end + 1]
    if not leaves >> nibble & 1:
        return None
    at = end + 2 + LEAF_BYTES * (leaves & ((1 << nibble) - 1)).bit_count()
    return page[at : at + LEAF_BYTES]


def only_leaf(page: bytes) -> Node | None:
    """The single child, if there is one alone and it is a leaf: such a branch collapses into it."""
    if len(page) != _ONE_LEAF_BYTES or (page[0] << 8 | page[1]).bit_count() != 1:
        return None
    return page[2 : 2 + HASH_BYTES], page[-LEAF_BYTES:]


def with_child(page: bytes, nibble: int, node: Node | None) -> bytes:
    """The page with another child at a nibble, or with none."""
    digest, leaf = node or (b"", None)
    end, bit = _hashes_end(page), 1 << nibble
    bitmap, leaves = page[0] << 8 | page[1], page[end] << 8 | page[end + 1]
    at = 2 + HASH_BYTES * (bitmap & (bit - 1)).bit_count()
    if leaf is None and digest and bitmap & bit and not leaves & bit:
        # A branch stays a branch: by far the most frequent change.
        return page[:at] + digest + page[at + HASH_BYTES :]
    leaf_at = end + 2 + LEAF_BYTES * (leaves & (bit - 1)).bit_count()
    return b"".join(
        (
            (bitmap | bit if digest else bitmap & ~bit).to_bytes(2, "big"),
            page[2:at],
            digest,
            page[at + HASH_BYTES if bitmap & bit else at : end],
            (leaves | bit if leaf else leaves & ~bit).to_bytes(2, "big"),
            page[end + 2 : leaf_at],
            leaf or b"",
            page[leaf_at + LEAF_BYTES if leaves & bit else leaf_at :],
        )
    )


def _hashes_end(page: bytes) -> int:
    return 2 + HASH_BYTES * (page[0] << 8 | page[1]).bit_count()
