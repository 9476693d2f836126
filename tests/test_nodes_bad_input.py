"""Every bad input of the foundation, sent over real HTTP to a running network: each gets its problem, none a 500.

What is wrong with a question, and what needs no running network, is asked of the application alone: `test_nodes_app.py`.
The nodes run in this process, on ports and disks of their own. No test here changes what another one relies on.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.certificate import Statement
from ledger.encoding import encode
from ledger.errors import InputError
from ledger.identity.records import Parameters
from ledger.keys import PrivateKey
from ledger.membership import Membership
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.client import Client, LocalMember
from nodes.key_files import read_key
from nodes.limits import Limits
from nodes.links.batches import BatchSigner, encode_messages
from nodes.messages import Message, StatementMessage, StatusMessage
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import NetworkSpecification, default_specification
from nodes.sample_contract import Asset
from tests.http_support import Answer, asked
from tests.network_support import START_MS, specification
from tests.support import refusal

MEMBER, OTHER, ADMIN, NODE, PEER = "north.member1", "south.member1", "north.admin", "north.validator", "east.validator"
STRANGER = LocalMember("north.stranger", PrivateKey(b"s" * 32))
DAY_MS = 86_400_000


class Network:
    """A running network as an unfriendly caller sees it."""

    def __init__(self, network: InProcessNetwork) -> None:
        self.network = network
        self.ledger = network.ledger
        self.client: Client = network.client(MEMBER)
        self.url = self.client.url
        self.nonces = iter(range(1, 10_000))

    def key(self, member: str) -> PrivateKey:
        return STRANGER.key if member == STRANGER.id else read_key(self.network.key_path(member))

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        return asked(self.url + path, "POST", body, headers)

    def refused(self, body: bytes) -> tuple[int, str]:
        """Status and code of the problem that answers a transaction."""
        answer = self.post("/v1/transactions", body)
        return answer.status, answer.code

    def sign(self, signers: Sequence[str] = (MEMBER,), lives_ms: int = 60_000, **changes: Any) -> Transaction:
        """A good transaction but for the changes."""
        good = {"ledger": self.ledger, "contract": "asset", "operation": "bump", "arguments": {"number": "C-1"}}
        expires_ms = int(self.client.node()["clock"]) + lives_ms
        keys = [(name, self.key(name)) for name in signers]
        return sign_transaction(
            **{**good, "signers": keys, "nonce": f"{next(self.nonces):032x}", "expires_ms": expires_ms, **changes}
        )


def running(directory: Path, specified: NetworkSpecification) -> Iterator[Network]:
    with InProcessNetwork.create(directory, specified) as network:
        wrapped = Network(network)
        yield wrapped
        wrapped.client.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Four nodes."""
    yield from running(tmp_path_factory.mktemp("four") / "network", default_specification(START_MS, members_each=2))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Network]:
    """One node, for what would be in the way of other tests."""
    yield from running(tmp_path / "network", one_node())


def one_node() -> NetworkSpecification:
    return replace(specification(), parameters=Parameters(transaction_bytes_max=2_000))


def change(transaction: Transaction, edit: Callable[[dict[str, Any]], object]) -> bytes:
    """The envelope after an edit of its JSON."""
    envelope: dict[str, Any] = json.loads(transaction.raw)
    edit(envelope)
    return json.dumps(envelope, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def body_with(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda envelope: envelope["body"].update({name: value})


SPELLINGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "not JSON": (lambda raw: b"asset", "not-json"),
    "not UTF-8": (lambda raw: raw.replace(b"C-1", b"\xff"), "not-json"),
    "nothing": (lambda raw: b"", "not-json"),
    "cut off": (lambda raw: raw[:-1], "not-json"),
    "two of them": (lambda raw: raw + raw, "not-json"),
    "no object": (lambda raw: b'"asset"', "not-an-object"),
    "a space": (lambda raw: raw.replace(b'","', b'", "', 1), "not-canonical"),
    "a newline at the end": (lambda raw: raw + b"\n", "not-canonical"),
    "a needless escape": (lambda raw: raw.replace(b"C-1", b"\\u0043-1"), "not-canonical"),
    "another order": (
        lambda raw: json.dumps(dict(reversed(json.loads(raw).items())), separators=(",", ":")).encode(),
        "not-canonical",
    ),
    "a name twice": (lambda raw: raw.replace(b'{"body":', b'{"body":1,"body":', 1), "not-canonical"),
    "a byte order mark": (lambda raw: b"\xef\xbb\xbf" + raw, "not-json"),
    "a lone surrogate": (lambda raw: raw.replace(b'"C-1"', b'"\\ud800"'), "not-canonical"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling(network: Network, name: str) -> None:
    spell, code = SPELLINGS[name]
    assert network.refused(spell(network.sign().raw)) == (400, code)


SHAPES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "unknown field": (lambda e: e.update(extra=1), "envelope-fields"),
    "missing field": (lambda e: e.pop("signatures"), "envelope-fields"),
    "unknown field of the body": (body_with("extra", 1), "body-fields"),
    "missing field of the body": (lambda e: e["body"].pop("nonce"), "body-fields"),
    "body is text": (lambda e: e.update(body="x"), "body-fields"),
    "float": (body_with("arguments", {"number": "C-1", "amount": 1.5}), "float"),
    "exponent": (body_with("arguments", {"amount": 1e300}), "float"),
    "infinite": (body_with("arguments", {"amount": float("inf")}), "float"),
    "integer beyond limits": (body_with("arguments", {"amount": 2**53}), "integer-out-of-range"),
    "negative integer beyond limits": (body_with("expires", -(2**53)), "integer-out-of-range"),
    "integer of many digits": (body_with("expires", 10**4_000), "integer-out-of-range"),
    "too deep": (body_with("arguments", {"a": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}), "too-deep"),
    "no ASCII name": (body_with("arguments", {"é": 1}), "not-canonical"),
    "arguments are a list": (body_with("arguments", []), "bad-arguments"),
    "contract is no name": (body_with("contract", "a b"), "bad-contract"),
    "operation is no name": (body_with("operation", ""), "bad-operation"),
    "ledger is no digest": (body_with("ledger", "abc"), "bad-ledger"),
    "nonce too short": (body_with("nonce", "00"), "bad-nonce"),
    "expires is text": (body_with("expires", "soon"), "bad-expires"),
    "expires is true": (body_with("expires", True), "bad-expires"),
    "signer is no id": (body_with("signers", ["north"]), "bad-signers"),
    "no signers": (body_with("signers", []), "bad-signers"),
    "signature in capitals": (lambda e: e.update(signatures=[e["signatures"][0].upper()]), "bad-signatures"),
    "signature too short": (lambda e: e.update(signatures=["00"]), "bad-signatures"),
    "missing signature": (lambda e: e.update(signatures=[]), "signature-count"),
    "extra signature": (lambda e: e["signatures"].append(e["signatures"][0]), "signature-count"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_another_shape(network: Network, name: str) -> None:
    edit, code = SHAPES[name]
    assert network.refused(change(network.sign(), edit)) == (400, code)


CONTENTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown contract": ({"contract": "nothing"}, "unknown-contract"),
    "unknown operation": ({"operation": "burn"}, "unknown-operation"),
    "no arguments": ({"arguments": {}}, "bad-arguments"),
    "an argument of another type": ({"arguments": {"number": 1}}, "bad-arguments"),
    "one argument more": ({"arguments": {"number": "C-1", "extra": 1}}, "bad-arguments"),
    "an argument that is null": ({"arguments": {"number": None}}, "bad-arguments"),
    "another ledger": ({"ledger": Digest("0" * 64)}, "wrong-ledger"),
    "unknown member": ({"signers": [STRANGER.id]}, "not-enrolled"),
    "unknown member beside a known one": ({"signers": [MEMBER, STRANGER.id]}, "not-enrolled"),
    "expired": ({"lives_ms": -1}, "expired"),
    "expired long ago": ({"expires_ms": 0}, "expired"),
    "too long": ({"lives_ms": DAY_MS}, "lifetime-too-long"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_another_content(network: Network, name: str) -> None:
    changes, code = CONTENTS[name]
    assert network.refused(network.sign(**changes).raw) == (422, code)


def test_oversize(network: Network, alone: Network) -> None:
    assert alone.refused(alone.sign(arguments={"number": "x" * 3_000}).raw) == (413, "transaction-too-large")
    assert network.refused(b"x" * (Limits().request_bytes_max + 1)) == (413, "request-too-large")


def with_s_and_order(signature: str) -> str:
    """S + L gives another signature that a careless library would accept."""
    order, raw = 2**252 + 27742317777372353535851937790883648493, bytes.fromhex(signature)
    return (raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")).hex()


WRONG_SIGNATURES: dict[str, Callable[[dict[str, Any]], object]] = {
    "one digit": lambda e: e.update(signatures=["0" * 128, e["signatures"][1]]),
    "reordered": lambda e: e["signatures"].reverse(),
    "duplicated": lambda e: e.update(signatures=[e["signatures"][0]] * 2),
    "signers reordered": lambda e: e["body"]["signers"].reverse(),
    "changed body": lambda e: e["body"]["arguments"].update(number="C-2"),
    "stripped with its signer": lambda e: (e["signatures"].pop(), e["body"]["signers"].pop()),
    "stripped of the first": lambda e: (e["signatures"].pop(0), e["body"]["signers"].pop(0)),
    "malleable": lambda e: e["signatures"].__setitem__(0, with_s_and_order(e["signatures"][0])),
}


@pytest.mark.parametrize("name", WRONG_SIGNATURES)
def test_wrong_signatures_of_a_co_signed_transaction(network: Network, name: str) -> None:
    raw = change(network.sign([MEMBER, OTHER]), WRONG_SIGNATURES[name])
    assert network.refused(raw) == (422, "wrong-signature")


def test_a_signature_stripped_or_a_signer_twice(network: Network) -> None:
    co_signed = network.sign([MEMBER, OTHER])
    assert network.refused(change(co_signed, lambda e: e["signatures"].pop())) == (400, "signature-count")
    twice = change(co_signed, lambda e: e["body"].update(signers=[MEMBER, MEMBER]))
    assert network.refused(twice) == (400, "duplicate-signer")


def test_a_revoked_member(network: Network) -> None:
    key = network.key(ADMIN)
    revoked = "north.member2"
    network.client.call(Membership.revoke, signers=[LocalMember(ADMIN, key)], member=revoked)
    assert network.refused(network.sign([revoked]).raw) == (422, "revoked")
    assert network.refused(network.sign([MEMBER, revoked]).raw) == (422, "revoked")


def test_an_expired_member(alone: Network) -> None:
    token = alone.network.lab_token
    alone.client.set_clock(alone.client.node()["clock"] + 31 * 365 * DAY_MS, token)
    assert alone.refused(alone.sign().raw) == (422, "certificate-expired")
    error = refusal(InputError, alone.client.set_clock, 1, token)
    assert (error.status, error.code) == (409, "clock-backward")


@pytest.mark.parametrize(
    ("limits", "status"),
    [(Limits(pending_per_member_max=0), 429), (Limits(pending_max=0), 503), (Limits(pending_bytes_max=9), 503)],
)
def test_too_many_pending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits, status: int) -> None:
    monkeypatch.setattr("nodes.node.files._limits", lambda directory, file: limits)
    for full in running(tmp_path / "network", one_node()):
        raw = full.sign().raw
        assert full.refused(raw) == (status, "too-many-pending")
        assert full.refused(b"[%s]" % raw) == (status, "too-many-pending")
        assert int(full.post("/v1/transactions", raw).headers["retry-after"]) >= 1


def test_the_same_envelope_again_gives_its_status(network: Network) -> None:
    transaction = network.sign(operation="issue", arguments={"number": "A-again", "to": MEMBER})
    first = network.post("/v1/transactions?wait=30", transaction.raw)
    assert (first.status, first.json["status"]) == (200, "committed")
    again = network.post("/v1/transactions", transaction.raw)
    assert (again.status, again.json["receipt"]) == (200, first.json["receipt"])
    network.client.outcome(transaction.id)
    reply = asked(f"{network.network.urls['west.validator']}/v1/transactions?wait=30", "POST", transaction.raw)
    assert (reply.status, reply.json["status"]) == (200, "committed")


def test_a_refusal_of_the_contract_is_a_rejected_receipt(network: Network) -> None:
    outcome = network.client.attempt(Asset.transfer, number="never-issued", to=MEMBER)
    assert (outcome.status, outcome.code, outcome.details["key"]) == ("rejected", "not-found", "never-issued")


class BadPeer:
    """Holds the key of a validator and sends what it should not."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.key = network.key(PEER)
        self.signer = BatchSigner(network.ledger, PEER, NODE, self.key)
        self.signer.start(encode(network.post("/node/session", self.signer.request()).json))

    def send(self, body: bytes, signature: str) -> Answer:
        return self.network.post("/node/batch", body, {"x-signature": signature})

    def send_messages(self, *messages: Message) -> int:
        return self.send(*self.signer.seal(encode_messages(messages))).status


@pytest.fixture
def unchanged(network: Network) -> Iterator[None]:
    """The node stands where it stood, and still decides with the others."""
    before = network.client.get("/v1/blocks/latest")
    yield
    assert network.client.get("/v1/blocks/latest") == before
    assert network.client.call(Asset.bump, number="C-still").height == before["height"] + 1


@pytest.fixture
def peer(network: Network, unchanged: None) -> Iterator[BadPeer]:
    """In the place of the validator, whose own node would take the session back."""
    network.network.halt(PEER)
    yield BadPeer(network)
    network.network.restart(PEER)


def test_a_node_batch_with_a_wrong_signature_counter_size_or_shape_changes_nothing(network: Network, peer: BadPeer) -> None:
    good = peer.signer.seal(encode_messages([StatusMessage(1, 1)]))
    assert peer.send(*good).status == 200
    assert (peer.send(*good).status, peer.send(*good).code) == (409, "wrong-counter")
    body, signature = peer.signer.seal(encode_messages([StatusMessage(1, 1)]))
    assert peer.send(body, "0" * 128).code == "wrong-signature"
    assert peer.send(body + b"\n", signature).code == "wrong-signature"
    assert peer.send(body.replace(PEER.encode(), b"west.validator"), signature).code == "wrong-signature"
    assert peer.send(*peer.signer.seal(b"nonsense")).code == "not-json"
    assert peer.send(*peer.signer.seal(b'{"type":"nonsense"}')).code == "bad-message"
    assert peer.send(b"x" * (Limits().batch_bytes_max + 1), "").code == "batch-too-large"
    stranger = BatchSigner(network.ledger, STRANGER.id, NODE, STRANGER.key)
    problem = network.post("/node/session", stranger.request())
    assert (problem.status, problem.code) == (403, "not-a-node")


def test_a_node_batch_with_a_wrong_height_view_or_statement_changes_nothing(network: Network, peer: BadPeer) -> None:
    height = network.client.node()["height"] + 1
    block, unsigned = Digest("1" * 64), "0" * 128
    vote = Statement("vote", height, 1, block, 0, 2, unsigned)  # type: ignore[arg-type]
    for wrong in (
        vote,
        replace(vote, height=height + 5),
        replace(vote, height=1),
        replace(vote, view=10_000),
        replace(vote, signer=99),
        replace(vote, kind="final"),
        replace(vote, kind="skip", block=Digest("")),
    ):
        assert peer.send_messages(StatementMessage(wrong)) in (200, 400)
    assert peer.send_messages(StatusMessage(height + 1_000, 1), StatusMessage(0, 0)) == 200
