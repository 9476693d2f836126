"""The Merkle tree of RFC 9162, section 2.1: roots, inclusion proofs, consistency proofs and their verification.

A proof is a list of roots of ranges of leaves. `inclusion_ranges` and `consistency_ranges` say which ranges those are,
so that a list in memory and a tree in storage (`ledger/state/history_tree`) share one definition of the shape.
"""

import hashlib
from collections.abc import Iterator, Sequence

from ledger.errors import VerificationError

EMPTY_ROOT = hashlib.sha256(b"").digest()
Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 over a zero byte and the leaf, so that no leaf can pass for an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over a one byte and the hashes of the two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Root over raw leaves: nodes are paired level by level, and a last node without a partner rises unchanged."""
    if not leaves:
        return EMPTY_ROOT
    level = [leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        paired = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Hashes that prove that the leaf at this index is under the root, from the leaf upwards."""
    return tuple(root(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves)))


def consistency_proof(leaves: Sequence[bytes], first: int, second: int) -> tuple[bytes, ...]:
    """Hashes that prove that the tree of `first` leaves is a prefix of the tree of `second`."""
    return tuple(root(leaves[start:end]) for start, end in consistency_ranges(first, second))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2; raises VerificationError `wrong-inclusion`."""
    if not 0 <= index < size:  # check: inclusion-index
        raise VerificationError("wrong-inclusion", f"Leaf {index} does not lie in a tree of {size}.")
    if len(proof) != sum(1 for _ in inclusion_ranges(index, size)):  # check: inclusion-length
        raise VerificationError("wrong-inclusion", f"A proof for leaf {index} of {size} does not have {len(proof)} hashes.")
    computed = leaf_hash(leaf)
    for (start, _), sibling in zip(inclusion_ranges(index, size), proof, strict=False):
        computed = node_hash(sibling, computed) if start < index else node_hash(computed, sibling)
    if computed != root:  # check: inclusion-root
        raise VerificationError("wrong-inclusion", f"The path of leaf {index} leads to {computed.hex()}, not to {root.hex()}.")


def verify_consistency(first_size: int, second_size: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162, 2.1.4.2, and the trivial cases of equal sizes and of the empty tree; raises `wrong-consistency`."""
    if not 0 <= first_size <= second_size:  # check: consistency-sizes
        raise VerificationError("wrong-consistency", f"A tree of {first_size} leaves is no prefix of one of {second_size}.")
    ranges = list(consistency_ranges(first_size, second_size))
    if len(proof) != len(ranges):  # check: consistency-length
        raise VerificationError("wrong-consistency", f"Expected {len(ranges)} hashes, got {len(proof)}.")
    first, second = _both_roots(first_size, second_size, first_root, second_root, list(zip(ranges, proof, strict=False)))
    if first != first_root:  # check: consistency-first-root
        raise VerificationError("wrong-consistency", f"The proof gives {first.hex()} for {first_size} leaves.")
    if second != second_root:  # check: consistency-second-root
        raise VerificationError("wrong-consistency", f"The proof gives {second.hex()} for {second_size} leaves.")


def inclusion_ranges(index: int, size: int) -> Iterator[Range]:
    """The sibling ranges of a leaf, from the leaf upwards."""
    return reversed(list(_descend(index, size)))


def consistency_ranges(first: int, second: int) -> Iterator[Range]:
    """The ranges of a consistency proof in the order of RFC 9162, 2.1.4.1; none for equal sizes or an empty first tree."""
    if first in (0, second):
        return
    start, end, ranges = 0, second, list[Range]()
    while end != first:
        middle = start + split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:
        # The verifier has the root of [0, first) already; any other range that ends at `first` is part of the proof.
        ranges.append((start, end))
    yield from reversed(ranges)


def split(size: int) -> int:
    """The largest power of two smaller than `size`, where a range of two or more leaves divides."""
    return 1 << ((size - 1).bit_length() - 1)


def _descend(index: int, size: int) -> Iterator[Range]:
    """Sibling ranges from the root down to the leaf."""
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            yield middle, end
            end = middle
        else:
            yield start, middle
            start = middle


def _both_roots(
    first_size: int, second_size: int, first_root: bytes, second_root: bytes, proof: list[tuple[Range, bytes]]
) -> tuple[bytes, bytes]:
    """Both roots as the proof implies them: every range left of `first` belongs to both trees, the others to the second."""
    if first_size == 0:
        return EMPTY_ROOT, second_root if second_size else EMPTY_ROOT
    if first_size == second_size:
        return first_root, first_root
    starts_in_proof = proof[0][0][1] == first_size
    first = second = proof[0][1] if starts_in_proof else first_root
    for (start, _), node in proof[1:] if starts_in_proof else proof:
        if start < first_size:
            first, second = node_hash(node, first), node_hash(node, second)
        else:
            second = node_hash(second, node)
    return first, second
