"""The RFC 9162 tree: public vectors, a naive reference after the RFC's text, and proofs that must not hold."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import VerificationError
from ledger.merkle import consistency_proof, inclusion_proof, node_hash, root, verify_consistency, verify_inclusion
from tests.support import refusal

# The test log of the certificate-transparency reference implementation (trillian testonly/constants.go): leaves, then
# the roots of its first 1 to 8 leaves, and three consistency proofs.
LEAVES = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", bytes(range(96, 112)).hex())]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CONSISTENCY = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def naive_root(d: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1."""
    if len(d) < 2:
        return hashlib.sha256(b"\x00" + d[0] if d else b"").digest()
    k = naive_split(len(d))
    return hashlib.sha256(b"\x01" + naive_root(d[:k]) + naive_root(d[k:])).digest()


def naive_path(m: int, d: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1."""
    if len(d) == 1:
        return []
    k = naive_split(len(d))
    return [*naive_path(m, d[:k]), naive_root(d[k:])] if m < k else [*naive_path(m - k, d[k:]), naive_root(d[:k])]


def naive_subproof(m: int, d: Sequence[bytes], known: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1; PROOF(m, D) = SUBPROOF(m, D, true)."""
    if m == len(d):
        return [] if known else [naive_root(d)]
    k = naive_split(len(d))
    if m <= k:
        return [*naive_subproof(m, d[:k], known), naive_root(d[k:])]
    return [*naive_subproof(m - k, d[k:], False), naive_root(d[:k])]


def naive_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


LOG = [f"leaf {i}".encode() for i in range(40)]
SIZES = st.integers(1, len(LOG))


def refused_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], under: bytes) -> None:
    assert refusal(VerificationError, verify_inclusion, leaf, index, size, proof, under).code == "wrong-inclusion"


def refused_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    error = refusal(VerificationError, verify_consistency, first, second, first_root, second_root, proof)
    assert error.code == "wrong-consistency"


def test_public_roots() -> None:
    assert [root(LEAVES[:n]).hex() for n in range(1, 9)] == ROOTS
    assert root([]) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("sizes", CONSISTENCY)
def test_public_consistency_proofs(sizes: tuple[int, int]) -> None:
    first, second = sizes
    proof = consistency_proof(LEAVES[:second], first, second)
    assert [node.hex() for node in proof] == CONSISTENCY[sizes]
    verify_consistency(first, second, bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1]), proof)


@pytest.mark.parametrize("size", range(1, len(LOG) + 1))
def test_every_inclusion_proof_is_the_naive_one_and_holds(size: int) -> None:
    under = root(LOG[:size])
    assert under == naive_root(LOG[:size])
    for index in range(size):
        proof = inclusion_proof(LOG[:size], index)
        assert list(proof) == naive_path(index, LOG[:size])
        verify_inclusion(LOG[index], index, size, proof, under)


@pytest.mark.parametrize("second", range(1, len(LOG) + 1))
def test_every_consistency_proof_is_the_naive_one_and_holds(second: int) -> None:
    for first in range(second + 1):
        proof = consistency_proof(LOG[:second], first, second)
        assert list(proof) == (naive_subproof(first, LOG[:second], True) if first else [])
        verify_consistency(first, second, root(LOG[:first]), root(LOG[:second]), proof)


@given(SIZES, st.data())
def test_inclusion_of_another_leaf_index_or_size_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, under = inclusion_proof(LOG[:size], index), root(LOG[:size])
    refused_inclusion(b"another", index, size, proof, under)
    refused_inclusion(LOG[index], index, size, proof, bytes(32))
    other = data.draw(st.integers(-1, size + 1).filter(lambda i: i != index))
    refused_inclusion(LOG[index], other, size, proof, under)
    for i in range(len(proof)):
        refused_inclusion(LOG[index], index, size, (*proof[:i], bytes(32), *proof[i + 1 :]), under)


def test_index_outside_the_tree_is_refused() -> None:
    refused_inclusion(LOG[0], 1, 1, (), root(LOG[:1]))
    refused_inclusion(LOG[0], -1, 1, (), root(LOG[:1]))
    refused_inclusion(LOG[0], 0, 0, (), root(LOG[:1]))


@given(SIZES, st.data())
def test_inclusion_proof_of_another_length_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, under = inclusion_proof(LOG[:size], index), root(LOG[:size])
    refused_inclusion(LOG[index], index, size, (*proof, bytes(32)), under)
    if proof:
        refused_inclusion(LOG[index], index, size, proof[:-1], under)


def test_inner_node_cannot_pass_for_a_leaf() -> None:
    proof = inclusion_proof(LOG[:4], 0)
    inner = b"".join(hashlib.sha256(b"\x00" + leaf).digest() for leaf in LOG[:2])
    assert node_hash(inner[:32], inner[32:]) == root(LOG[:2])
    refused_inclusion(inner, 0, 2, proof[1:], root(LOG[:4]))


@given(SIZES, st.data())
def test_consistency_of_another_history_is_refused(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    other = [*LOG[: first - 1], b"changed", *LOG[first:]]
    proof = consistency_proof(LOG[:second], first, second)
    refused_consistency(first, second, root(other[:first]), root(LOG[:second]), proof)
    refused_consistency(first, second, root(LOG[:first]), root(other[:second]), proof)
    for i in range(len(proof)):
        refused_consistency(first, second, root(LOG[:first]), root(LOG[:second]), (*proof[:i], bytes(32), *proof[i + 1 :]))


@pytest.mark.parametrize("sizes", [(3, 2), (-1, 2), (1, 0)])
def test_consistency_of_sizes_in_the_wrong_order_is_refused(sizes: tuple[int, int]) -> None:
    refused_consistency(*sizes, root(LOG[:2]), root(LOG[:2]), ())


@pytest.mark.parametrize("sizes", [(0, 5), (5, 5), (3, 5), (4, 8)])
def test_consistency_proof_of_another_length_is_refused(sizes: tuple[int, int]) -> None:
    first, second = sizes
    proof = consistency_proof(LOG[:second], first, second)
    refused_consistency(first, second, root(LOG[:first]), root(LOG[:second]), (*proof, bytes(32)))


def test_first_root_that_the_proof_does_not_give_is_refused() -> None:
    refused_consistency(3, 5, root(LOG[:2]), root(LOG[:5]), consistency_proof(LOG[:5], 3, 5))
    refused_consistency(0, 5, bytes(32), root(LOG[:5]), ())


def test_second_root_that_the_proof_does_not_give_is_refused() -> None:
    refused_consistency(4, 5, root(LOG[:4]), root(LOG[:6]), consistency_proof(LOG[:5], 4, 5))
    refused_consistency(5, 5, root(LOG[:5]), root(LOG[:6]), ())
    refused_consistency(0, 0, root([]), bytes(32), ())
