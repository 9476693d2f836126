"""The COSE receipt of a transaction, read without code of ours: by `cwt` the signature, by 15 lines here the path."""

import hashlib
from typing import Any

import pytest
from cbor2 import CBORTag, dumps, loads
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSE, COSEKey, VerifyError

from ledger.certificate import TAG as STATEMENT_TAG
from ledger.chain.retention import longest_lifetime_ms, prune
from ledger.encoding import tagged
from ledger.errors import VerificationError
from ledger.keys import verify_tagged_ed25519
from ledger.primitives import PublicKey, Signature
from tests.http_support import Answer, FakeNode
from tests.support import ALICE

DER, INFO = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


def root_of(entry: bytes, size: int, index: int, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2, written from its text: the root that a path leads to."""
    assert index < size
    first, last, root = index, size - 1, hashlib.sha256(b"\0" + entry).digest()
    for sibling in path:
        assert last > 0
        if first % 2 == 1 or first == last:
            root = hashlib.sha256(b"\1" + sibling + root).digest()
            while first % 2 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\1" + root + sibling).digest()
        first, last = first >> 1, last >> 1
    assert last == 0
    return root


def read(receipt: bytes, entry: bytes, public: bytes) -> dict[Any, Any]:
    """The claims of a receipt for this entry by the holder of this key, as anybody with `cwt` reads it."""
    message = loads(receipt)
    assert isinstance(message, CBORTag)
    assert message.tag == 18
    protected_bytes, unprotected, payload, _ = message.value
    assert payload is None, "a reader must come to the root by itself"
    ((label, (proof,)),) = unprotected[396].items()
    assert label == -1
    key = COSEKey.new({1: 1, 2: loads(protected_bytes)[4], 3: -8, -1: 6, -2: public})
    protected, _, _ = COSE.new().decode_with_headers(receipt, key, detached_payload=root_of(entry, *loads(proof)))
    assert (protected[1], protected[395]) == (-8, 1)
    claims: dict[Any, Any] = protected[15]
    return claims


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


async def receipt_of(node: FakeNode, transaction: str, accept: str = "application/cose") -> Answer:
    return await node.http.get(f"/v1/transactions/{transaction}", {"accept": accept})


def public_key(node: FakeNode) -> bytes:
    """As the ledger has it of the member whose node this is."""
    key = node.key_of(node.member)
    assert key is not None
    return bytes.fromhex(key)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
async def test_a_receipt_holds_by_cwt_and_by_a_reader_of_its_own(node: FakeNode, size: int) -> None:
    for transaction in node.issue(*(f"A-{number}" for number in range(size))):
        answer = await receipt_of(node, transaction.id)
        assert (answer.status, answer.headers["content-type"]) == (200, 'application/cose; cose-type="cose-sign1"')
        claims = read(answer.body, transaction.raw, public_key(node))
        header = node.decided.view.header(1)
        assert (claims[1], claims[2]) == (node.member, transaction.id)
        assert (claims["ledger"], claims["block"], claims["height"]) == (node.ledger, header.id, 1)
        assert (claims["outcome"], claims["time"]) == ("committed", header.time)
        assert loads(loads(answer.body).value[0])[4] == public_key(node)
        assert "no quorum" in claims["signed_by"]


async def test_a_refused_transaction_is_called_rejected(node: FakeNode) -> None:
    node.issue("A-1")
    (again,) = node.issue("A-1")
    assert read((await receipt_of(node, again.id)).body, again.raw, public_key(node))["outcome"] == "rejected"


async def test_nothing_of_a_receipt_can_be_changed(node: FakeNode) -> None:
    first, second, _ = node.issue("A-1", "A-2", "A-3")
    receipt = (await receipt_of(node, first.id)).body
    public = public_key(node)
    protected, unprotected, _, signature = loads(receipt).value
    size, index, path = loads(unprotected[396][-1][0])
    claims = loads(protected)
    other = dumps({**claims, 15: {**claims[15], "outcome": "rejected"}})
    path_of_another = {396: {-1: [dumps([size, index, [path[0], bytes(32)]])]}}
    for changed in (
        [other, unprotected, None, signature],
        [protected, path_of_another, None, signature],
        [protected, {396: {-1: [dumps([size, index + 1, path])]}}, None, signature],
        [protected, unprotected, None, signature[:-1] + bytes([signature[-1] ^ 1])],
    ):
        with pytest.raises(VerifyError):
            read(dumps(CBORTag(18, changed)), first.raw, public)
    with pytest.raises(VerifyError):
        read(receipt, second.raw, public)
    with pytest.raises(VerifyError):
        read(receipt, first.raw, bytes.fromhex(node.decided.keys["south.validator"].public_key))
    assert read(receipt, first.raw, public)


async def test_a_receipt_never_passes_for_what_the_key_signs_elsewhere_nor_the_other_way_round(node: FakeNode) -> None:
    (transaction,) = node.issue("A-1")
    protected, _, _, signature = loads((await receipt_of(node, transaction.id)).body).value
    key, root = node.settings.key, bytes.fromhex(node.decided.view.header(1).transactions_root)
    signed = dumps(["Signature1", protected, b"", root])
    key.handle.public_key().verify(signature, signed)
    token = node.token(node.member)["authorization"].removeprefix("Bearer ")
    assert signed[0] == 0x84
    assert {tagged(STATEMENT_TAG, b"")[0], token.encode()[0], key.handle.public_key().public_bytes(DER, INFO)[0]} == {*b"te0"}
    with pytest.raises(VerificationError):
        verify_tagged_ed25519(PublicKey(key.public_key), STATEMENT_TAG, signed, Signature(signature.hex()))
    ours = bytes.fromhex(key.sign(STATEMENT_TAG, root))
    forged = dumps(CBORTag(18, [protected, {396: {-1: [dumps([1, 0, []])]}}, None, ours]))
    with pytest.raises(VerifyError):
        read(forged, transaction.raw, public_key(node))


async def test_what_is_kept_no_more_has_no_receipt(node: FakeNode) -> None:
    (transaction,) = node.issue("A-1")
    parameters = node.decided.chain.genesis.parameters
    node.decided.decide(time_ms=node.now_ms() + longest_lifetime_ms(node.decided.view.state, parameters))
    for batch in prune(node.decided.view, 1):
        node.decided.store.commit(batch)
    answer = await receipt_of(node, transaction.id)
    assert (answer.status, answer.code) == (410, "pruned")


async def test_what_no_block_holds_has_no_receipt(node: FakeNode) -> None:
    pending = node.decided.issue()
    for _ in range(2):
        answer = await receipt_of(node, pending.id)
        assert (answer.status, answer.code) == (404, "no-such-transaction")
        node.submit((pending,))
    node.decide()
    assert (await receipt_of(node, pending.id)).status == 200
    assert (await receipt_of(node, "A-1")).code == "bad-id"


async def test_where_reads_are_for_members_so_are_receipts() -> None:
    node = FakeNode(reads="members")
    (transaction,) = node.issue("A-1")
    assert (await receipt_of(node, transaction.id)).code == "token-missing"
    answer = await node.http.get(f"/v1/transactions/{transaction.id}", {"accept": "application/cose", **node.token(ALICE)})
    assert read(answer.body, transaction.raw, public_key(node))


@pytest.mark.parametrize(
    ("accept", "is_cose"),
    [
        ("application/cose", True),
        ('application/cose; cose-type="cose-sign1"', True),
        ("application/json;q=0.5, application/cose", True),
        ("APPLICATION/COSE, */*;q=0.1", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, application/cose", False),
        ("application/cose;q=0.4, application/json;q=0.9", False),
        ("application/cose;q=0", False),
        ("application/cose;q=many", False),
        ("text/html", False),
    ],
)
async def test_json_is_answered_unless_cose_is_preferred(node: FakeNode, accept: str, is_cose: bool) -> None:
    (transaction,) = node.issue("A-1")
    answer = await receipt_of(node, transaction.id, accept)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/cose" if is_cose else "application/json")
    assert "accept" in answer.headers["vary"].split(", ")
