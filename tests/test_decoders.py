"""Whatever comes in from outside, a decoder answers with a value or with an error of the project's own tree.

Valid inputs of every kind are damaged by seed: 5,000 inputs a decoder in the short form, 200,000 with `--long`
(`pytest tests/test_decoders.py --long -n auto`), a fifth of that where signatures are verified or a genesis is read; the
number stands in the name of each test (about 110,000 and 4,500,000 in all). What a decoder takes, it also spells: encoded
again it must give the very bytes that came in, so there is no second spelling. Verifiers (proofs, exports) must in addition
refuse everything that says something else than the truth.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.audit import Auditor
from ledger.audit.exported import parse_exported_block
from ledger.block import parse_header, parse_writes
from ledger.certificate import DecisionRecord, Statement, parse_certificate, parse_record, parse_statement
from ledger.chain.chain import verify_certificates
from ledger.chain.view import parse_cursor
from ledger.contract.sealed import seal
from ledger.disclosure import disclose, parse_disclosure
from ledger.encoding import decode, encode_unchecked
from ledger.errors import BusyError, InputError, JsonValue, OperatorError, VerificationError
from ledger.execution import check_arguments, with_system_contracts
from ledger.genesis import parse_genesis
from ledger.identity.records import parse_validators
from ledger.keys import SUITES, PrivateKey
from ledger.primitives import Digest, Signature
from ledger.proof_paths import parse_hashes
from ledger.sealed import Opening, parse_opening
from ledger.state.map_proof import parse_map_proof
from ledger.transaction import parse_transaction
from ledger.verify import verify_proof
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof import parse_proof
from ledger.verify.proof_file import encode_proof_file, verify_disclosure_file, verify_proof_file
from ledger.verify.verdict import Pinned, Verdict
from nodes.app.transactions import split_envelopes
from nodes.consensus.events import MessageReceived
from nodes.limits import Limits
from nodes.links.batches import BatchReceiver, BatchSigner, decode_messages, describe, encode_messages
from nodes.links.faults import Fault, FaultList
from nodes.messages import FetchMessage, HighestAnswer, HighestRequest, Message, WritesMessage, WritesRequest
from nodes.simulator.simulation import SimulatedNode
from tests import support
from tests.mutation import Mutator
from tests.replicas import Network
from tests.test_ledger_conviction import accused

INPUTS, INPUTS_LONG = 5_000, 200_000
SLOW = 5
SLOW_ONES = (
    "BatchReceiver.accept", "Replica.handle", "parse_genesis", "verify_proof", "Auditor.feed", "verify_proof_file",
    "verify_conviction_file",
)  # fmt: skip
"""Decoders that verify signatures, or read a whole genesis, get so many times fewer."""
OWN_ERRORS = (InputError, VerificationError, BusyError)
LEDGER = Digest("a" * 64)
KEY = PrivateKey(b"k" * 32)


@dataclass(frozen=True, slots=True)
class Decoder:
    """What is tried: valid inputs, and a function that reads one. If what it returns is bytes, they are the input's spelling."""

    corpus: list[bytes]
    read: Callable[[bytes], object]


def of_values(corpus: Iterable[JsonValue], parse: Callable[[JsonValue], Any]) -> Decoder:
    """A parser of values as a decoder of bytes; what can be spelled again is."""

    def read(data: bytes) -> object:
        made = parse(decode(data, wrapped=4))
        return encode_unchecked(made.to_json()) if hasattr(made, "to_json") else made

    return Decoder([encode_unchecked(value) for value in corpus], read)


class Heard(Network):
    """Four nodes whose batches are kept: one was down, and comes back behind the others."""

    def __init__(self) -> None:
        self.batches_sent: list[bytes] = []
        super().__init__()
        self.decide(1, 2)
        self.crash(self.nodes[support.SOUTH])
        self.decide(3, 4, 5, nodes=(support.NORTH, support.EAST, support.WEST))
        self.start(self.nodes[support.SOUTH])
        self.reach(5)
        self.submit([self.bump(6), self.bump(7)], support.NORTH)
        self.run_until(lambda: False, 300)  # in the middle of a height
        rare: tuple[Message, ...] = (
            FetchMessage(6, (LEDGER,), (1, 2)), HighestRequest("a" * 32), HighestAnswer("b" * 32, 4), WritesRequest(3),
            WritesMessage(3, tuple(self.view().write_lines(3))),
        )  # fmt: skip
        self.batches_sent += [encode_messages([message]) for message in rare]

    def _send(self, sender: SimulatedNode, receiver: str | None, messages: list[Message]) -> None:
        self.batches_sent.append(encode_messages(messages))
        super()._send(sender, receiver, messages)


@cache
def heard() -> Heard:
    return Heard()


@cache
def decided() -> support.DecidedChain:
    """A chain with committed and rejected transactions, an earlier view, and a change of a parameter."""
    made = support.DecidedChain()
    made.decide(made.sign(support.ALICE, "asset", "issue", number="A", to=support.BOB), made.transfer())
    made.decide()
    made.decide(made.sign(support.ALICE, "asset", "bump", number="C"), view=3)
    return made


def messages() -> Decoder:
    def read(data: bytes) -> bytes:
        found = decode_messages(data)
        for message in found:
            describe(message)
        return encode_messages(found)

    return Decoder(heard().batches_sent, read)


def replica() -> Decoder:
    """A whole replica in the middle of a height: no message may stop it."""
    network = heard()
    target = network.replica(support.NORTH)

    def read(data: bytes) -> None:
        for message in decode_messages(data):
            target.handle(MessageReceived(support.SOUTH, message), network.now_ms)

    return Decoder(network.batches_sent, read)


def receiver() -> BatchReceiver:
    """One that takes every sender for a node with the same key."""
    return BatchReceiver(
        ledger=LEDGER, receiver="south.node", key_of=lambda member: KEY.public_key, nonce=lambda: "c" * 32,
        suite=SUITES["ed25519-sha256"], limits=Limits(),
    )  # fmt: skip


def signer() -> BatchSigner:
    return BatchSigner(LEDGER, "north.node", "south.node", KEY)


def batch() -> Decoder:
    """Batches with whatever head and payload, under a signature that holds."""
    sender = signer()
    sender.start(receiver().open_session(sender.request()))
    corpus = [sender.seal(payload)[0] for payload in heard().batches_sent[:50]]

    def read(data: bytes) -> None:
        inbox = receiver()
        inbox.open_session(sender.request())
        inbox.accept(data, KEY.sign("batch", data))

    return Decoder(corpus, read)


def envelopes() -> list[bytes]:
    return [raw for height in (1, 3) for raw in decided().view.envelopes(height)]


def transaction() -> Decoder:
    contracts = with_system_contracts(support.CONTRACTS)

    def read(data: bytes) -> bytes:
        found = parse_transaction(data)
        with suppress(InputError):
            check_arguments(contracts, found)
        return encode_unchecked(found.to_json())

    return Decoder(envelopes(), read)


def envelope_list() -> Decoder:
    def read(data: bytes) -> None:
        for raw in split_envelopes(b"[" + data[1:], 10):
            parse_transaction(raw)

    return Decoder([b"[%s]" % b",".join(envelopes()), b"[%s]" % envelopes()[0]], read)


def records() -> list[DecisionRecord]:
    return [decided().view.record(height) for height in (1, 2, 3)]


def certificates() -> list[JsonValue]:
    return [certificate.to_json() for record in records() for certificate in record.certificates()]


def statements() -> list[JsonValue]:
    found = [s.to_json() for record in records() for c in record.certificates() for s in c.statements()]
    propose = Statement("propose", 1, 2, Digest("a" * 64), 1, 0, Signature("b" * 128))
    return [propose.to_json(), *found]


@cache
def proofs() -> dict[str, Any]:
    return support.proofs_of(decided())


def paths(*names: str) -> list[JsonValue]:
    return [proofs()[name]["path"] for name in names]


def proof() -> Decoder:
    """A damaged proof that still holds must not say anything new."""
    genesis = decided().view.genesis
    truth = [verify_proof(value, genesis) for value in proofs().values()]

    def read(data: bytes) -> None:
        assert support.says_nothing_new(verify_proof(decode(data, wrapped=4), genesis), truth, decided().view.state)

    return Decoder([encode_unchecked(value) for value in proofs().values()], read)


def file(corpus: JsonValue, judge: Callable[[bytes, Pinned], Verdict]) -> Decoder:
    """A damaged file that still holds must not prove anything new."""
    whole = encode_unchecked(corpus)
    facts = judge(whole, Pinned()).facts
    assert facts

    def read(data: bytes) -> None:
        try:
            verdict = judge(data, Pinned())
        except OperatorError as error:
            raise InputError(error.code, "nothing to verify against") from error
        if verdict.broken is not None:
            raise verdict.broken
        assert all(fact in facts or fact["kind"] == "disclosure" for fact in verdict.facts)

    return Decoder([whole], read)


def proof_file() -> Decoder:
    genesis = decided().view.genesis
    whole = encode_proof_file([proofs()[name] for name in ("state", "absence", "transaction")], genesis)
    return file(decode(whole.rstrip(b"\n"), wrapped=5), verify_proof_file)


def export() -> Decoder:
    """A damaged first block must be refused, whatever was damaged."""
    lines = list(decided().view.export())
    auditor = Auditor()
    auditor.feed(lines[0])

    def read(data: bytes) -> None:
        if data != lines[1]:
            auditor.feed(data)
            raise AssertionError("the audit took a block that was damaged")

    return Decoder([lines[1]], read)


def faults() -> Decoder:
    present = FaultList(faults=(Fault(peer="*", drop_permille=1000), Fault(peer="south.validator", direction="to", delay_ms=5)))

    def read(data: bytes) -> None:
        decode(data)
        try:
            FaultList.model_validate_json(data)
        except ValidationError as error:
            raise InputError("bad-faults", "as the route does") from error

    return Decoder([encode_unchecked(present.to_json())], read)


def genesis() -> Decoder:
    def read(data: bytes) -> bytes:
        found = parse_genesis(data)
        verify_certificates(found)
        return found.encode()

    return Decoder([decided().network.genesis_bytes], read)


OPENING = Opening("a" * 32, {"a": 1, "b": [2], "c": "3"})
DECODERS: dict[str, Callable[[], Decoder]] = {
    "decode": lambda: Decoder(
        [decided().network.genesis_bytes, *envelopes(), *map(encode_unchecked, certificates())],
        lambda data: encode_unchecked(decode(data)),
    ),
    "decode_messages": messages,
    "BatchReceiver.accept": batch,
    "BatchReceiver.open_session": lambda: Decoder([signer().request()], lambda data: bool(receiver().open_session(data))),
    "BatchSigner.start": lambda: Decoder([b'{"session":"%s"}' % (b"c" * 32)], signer().start),
    "Replica.handle": replica,
    "parse_transaction": transaction,
    "split_envelopes": envelope_list,
    "parse_header": lambda: Decoder([decided().view.header(height).raw for height in (1, 2, 3)], lambda d: parse_header(d).raw),
    "parse_statement": lambda: of_values(statements(), parse_statement),
    "parse_certificate": lambda: of_values(certificates(), parse_certificate),
    "parse_record": lambda: of_values([record.to_json() for record in records()], parse_record),
    "parse_genesis": genesis,
    "parse_proof": lambda: of_values(proofs().values(), parse_proof),
    "parse_map_proof": lambda: of_values(paths("state", "absence"), parse_map_proof),
    "parse_hashes": lambda: of_values(paths("transaction", "receipt", "block"), parse_hashes),
    "parse_writes": lambda: of_values(map(decode, decided().view.write_lines(1)), parse_writes),
    "parse_validators": lambda: of_values([decided().chain.validators.to_json()], parse_validators),
    "parse_exported_block": lambda: Decoder(list(decided().view.export())[1:], parse_exported_block),
    "parse_disclosure": lambda: of_values([disclose(OPENING, names).to_json() for names in ("a", "bc")], parse_disclosure),
    "parse_opening": lambda: of_values([seal({"price": 7}, "a" * 32)[1].to_json()], parse_opening),
    "parse_cursor": lambda: Decoder([b"1.0.0", b"12.3.4"], lambda data: parse_cursor(data.decode("latin-1"))),
    "FaultList": faults,
    "verify_proof": proof,
    "verify_proof_file": proof_file,
    "verify_conviction_file": lambda: file(accused(0), verify_conviction_file),
    "verify_disclosure_file": lambda: file(disclose(OPENING, "ab").to_json(), verify_disclosure_file),
    "Auditor.feed": export,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tells the number of inputs in each test's name."""
    if "inputs" in metafunc.fixturenames:
        most = INPUTS_LONG if metafunc.config.getoption("--long") else INPUTS
        cases = [(name, most // SLOW if name in SLOW_ONES else most) for name in DECODERS]
        metafunc.parametrize(("name", "inputs"), cases, ids=[f"{name}-{count}-inputs" for name, count in cases])


@pytest.mark.timeout(3_600)
def test_nothing_but_own_errors_comes_out(name: str, inputs: int) -> None:
    decoder = DECODERS[name]()
    for data in decoder.corpus:
        decoder.read(data)
    refused = 0
    mutator = Mutator(decoder.corpus, seed=len(name))
    for number in range(inputs):
        data = mutator.draw()
        try:
            spelled = decoder.read(data)
        except OWN_ERRORS as error:
            refused += bool(error.code and error.message)
        except BaseException as error:
            raise AssertionError(f"input {number} of {name}: {type(error).__name__} from {data[:2_000]!r}") from error
        else:
            assert not isinstance(spelled, bytes) or spelled == data, (
                f"input {number} of {name} has a second spelling: {data[:2_000]!r}"
            )
    assert refused > inputs // 5, "the inputs are hardly damaged"
