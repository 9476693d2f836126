"""The chain: blocks are executed, judged, appended, and found again; a wrong one names the first broken rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.audit import audit_export
from ledger.block import Header
from ledger.chain import tables
from ledger.chain.chain import Chain, DivergedError, first_difference, verify_limits
from ledger.contract import Anyone, Collection, Context, Contract, Record, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object
from ledger.errors import InputError, MalformedError, NotFoundError, StorageError, VerificationError
from ledger.identity.records import Parameters
from ledger.primitives import Digest
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, big_endian
from ledger.transaction import Transaction
from ledger.verify import verify_proof
from nodes.network.specification import NetworkSpecification, default_specification
from tests.support import ALICE, CONTRACTS, ELSEWHERE, OTHER, STEP_MS, DecidedChain, built, refusal


class Note(Record):
    text: str


class Shelf(Contract):
    """Notes that can be put and taken away."""

    name = "shelf"
    notes = Collection(Note)

    @operation(signed_by=Anyone())
    def put(self, context: Context, number: str, text: str) -> None:
        self.notes[number] = Note(text=text)

    @operation(signed_by=Anyone())
    def take(self, context: Context, number: str) -> None:
        del self.notes[number]


@pytest.fixture
def chain() -> DecidedChain:
    return DecidedChain()


def test_first_block_stands_on_the_genesis(chain: DecidedChain) -> None:
    candidate = chain.decide(chain.issue())
    header = candidate.block.header
    assert (header.height, header.parent, header.time) == (1, chain.chain.ledger, chain.chain.genesis.time_ms + STEP_MS)
    assert chain.view.height == 1
    assert chain.view.head == header


def test_what_was_appended_is_found_again(chain: DecidedChain) -> None:
    first, second = chain.issue(), chain.transfer()
    candidate = chain.decide(first, second)
    view = chain.view
    assert view.envelopes(1) == [first.raw, second.raw]
    assert view.receipts(1) == [receipt.raw for receipt in candidate.receipts]
    assert view.writes(1) == candidate.writes_by_transaction
    assert view.place(second.id) == (1, 1)
    assert view.place(Digest("0" * 64)) is None
    assert view.height_of(candidate.id) == 1
    assert view.height_of(chain.chain.ledger) == 0
    assert view.height_of(OTHER) is None
    assert view.record(1) == chain.record(view.header(1)), "signatures are deterministic"
    assert [h.id for h in view.headers(0, 10)] == [candidate.id]
    assert view.state.get("asset", "assets", "A") == b'{"holder":"south.member1","version":1}'


def test_reopened_store_goes_on_where_it_stood(chain: DecidedChain) -> None:
    chain.decide(chain.issue())
    chain.govern("P-1", kind="remove-validator", member="west.validator")
    opened = Chain.open(chain.store, CONTRACTS, chain.chain.ledger)
    assert opened.head == chain.chain.head
    assert (opened.validators, opened.parameters) == (chain.chain.validators, chain.chain.parameters)
    following = [chain.transfer()], chain.chain.head_time_ms + 1, "north.validator"
    assert opened.build(*following).id == chain.chain.build(*following).id


def test_create_on_the_same_genesis_opens(chain: DecidedChain) -> None:
    chain.decide(chain.issue())
    assert Chain.create(chain.store, chain.network.genesis_bytes, CONTRACTS).height == 1


def test_store_of_another_ledger_is_refused_to_create(chain: DecidedChain) -> None:
    other = built(ELSEWHERE)
    assert refusal(StorageError, Chain.create, chain.store, other.genesis_bytes, CONTRACTS).code == "other-ledger"


def test_store_of_another_ledger_is_refused_to_open(chain: DecidedChain) -> None:
    assert refusal(StorageError, Chain.open, chain.store, CONTRACTS, OTHER).code == "other-ledger"


def test_empty_store_is_no_ledger() -> None:
    assert refusal(StorageError, Chain, MemoryStore(), CONTRACTS).code == "no-ledger"


@pytest.mark.parametrize("root", ["state_root", "history_root"])
def test_roots_that_are_not_the_heads_are_found_at_the_start(chain: DecidedChain, root: str) -> None:
    header = changed(chain.decide(chain.issue()).block.header, **{root: OTHER})
    chain.store.commit(Batch({(tables.BLOCKS, big_endian(header.height)): header.raw}))
    assert refusal(StorageError, Chain, chain.store, CONTRACTS).code == "database-damaged"


def test_missing_row_is_damage(chain: DecidedChain) -> None:
    chain.store.commit(Batch({(tables.VALIDATOR_SETS, tables.digest_key(chain.chain.validators.digest)): None}))
    assert refusal(StorageError, Chain, chain.store, CONTRACTS).code == "database-damaged"


def test_good_proposal_gives_the_candidate_that_was_built(chain: DecidedChain) -> None:
    candidate = chain.build(chain.issue())
    block = candidate.block
    assert chain.chain.check(block.header, block.transactions, lambda t: False) == candidate


def changed(header: Header, **fields: Any) -> Header:
    return replace(header, **fields)


def refuses(chain: DecidedChain, header: Header, transactions: list[Transaction], code: str) -> VerificationError:
    error = refusal(VerificationError, chain.chain.check, header, transactions, lambda t: False)
    assert error.code == code
    return error


WRONG_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "another ledger": ("wrong-ledger", {"ledger": OTHER}),
    "another height": ("wrong-height", {"height": 3}),
    "another parent": ("wrong-parent", {"parent": OTHER}),
    "not after its parent": ("wrong-time", {"time": default_specification().start_time_ms + STEP_MS}),
    "other validators": ("wrong-validators", {"validators": OTHER}),
    "no validator's": ("wrong-proposer", {"proposer": ALICE}),
    "another history": ("wrong-history-root", {"history_root": OTHER}),
}


@pytest.mark.parametrize("name", WRONG_HEADERS)
def test_block_with_another_header_is_refused(chain: DecidedChain, name: str) -> None:
    code, changes = WRONG_HEADERS[name]
    chain.decide(chain.issue())
    transaction = chain.transfer()
    refuses(chain, changed(chain.build(transaction).block.header, **changes), [transaction], code)


def test_blocks_are_limited_in_transactions_and_bytes(chain: DecidedChain) -> None:
    transactions = [chain.issue(), chain.transfer()]
    for limits in (Parameters(block_transactions_max=1), Parameters(block_bytes_max=len(transactions[0].raw))):
        assert refusal(VerificationError, verify_limits, transactions, limits).code == "block-too-large"


def test_transaction_twice_in_a_block_is_refused(chain: DecidedChain) -> None:
    transaction = chain.issue()
    refuses(chain, chain.build(transaction, transaction).block.header, [transaction] * 2, "duplicate-in-block")


def test_limits_of_the_state_bind_proposals() -> None:
    chain = DecidedChain(limited(block_transactions_max=1))
    transactions = [chain.issue("A"), chain.issue("B")]
    assert len(chain.build(*transactions).block.transactions) == 1
    refuses(chain, chain.build(*transactions).block.header, transactions, "block-too-large")


def test_build_takes_what_fits_the_bytes() -> None:
    chain = DecidedChain(limited(block_bytes_max=1_024, transaction_bytes_max=1_024))
    transactions = [chain.issue(number) for number in "ABC"]
    assert 1 <= len(chain.build(*transactions).block.transactions) < 3


def limited(**parameters: int) -> NetworkSpecification:
    return default_specification(members_each=1, parameters=Parameters(**parameters))


def test_inadmissible_transaction_is_refused_with_its_cause(chain: DecidedChain) -> None:
    transaction = chain.sign(ALICE, "asset", "issue", expires_ms=chain.chain.head_time_ms, number="A", to=ALICE)
    error = refuses(chain, chain.build(transaction).block.header, [transaction], "inadmissible")
    assert error.details == {"cause": "expired", "position": 0}


def test_known_transaction_is_refused(chain: DecidedChain) -> None:
    transaction = chain.issue()
    chain.decide(transaction)
    assert chain.chain.is_known(transaction.id)
    error = refuses(chain, chain.build(transaction).block.header, [transaction], "inadmissible")
    assert error.details["cause"] == "known-transaction"


def test_signatures_are_verified_unless_this_envelope_was(chain: DecidedChain) -> None:
    transaction = chain.issue()
    forged = replace(transaction, signatures=chain.transfer().signatures)
    header = chain.build(forged).block.header
    assert refuses(chain, header, [forged], "inadmissible").details["cause"] == "wrong-signature"
    chain.chain.check(header, [forged], lambda t: t is forged)


def test_member_revoked_before_the_block_is_refused(chain: DecidedChain) -> None:
    chain.chain.verify_admissible(chain.issue(), chain.chain.head_time_ms + 1, verified=False)
    chain.decide(chain.sign("north.admin", "membership", "revoke", member=ALICE))
    assert chain.receipts()[0]["outcome"] == "committed"
    error = refusal(InputError, chain.chain.verify_admissible, chain.issue(), chain.chain.head_time_ms + 1, verified=False)
    assert error.code == "revoked"


def test_body_that_is_not_the_headers_is_refused(chain: DecidedChain) -> None:
    header = chain.build(chain.issue("A")).block.header
    refuses(chain, header, [chain.issue("B")], "wrong-transactions-root")


@pytest.mark.parametrize("root", ["receipts_root", "state_root", "next_validators"])
def test_block_with_other_results_diverges(chain: DecidedChain, root: str) -> None:
    transaction = chain.issue()
    error = refuses(chain, changed(chain.build(transaction).block.header, **{root: OTHER}), [transaction], "wrong-roots")
    assert isinstance(error, DivergedError)
    assert error.details["roots"] == [root]


def test_first_differing_key_is_named(chain: DecidedChain) -> None:
    ours, theirs = chain.build(chain.issue("A"), chain.issue("B")), chain.build(chain.issue("A"))
    assert first_difference(ours.writes_by_transaction, ours.writes_by_transaction) is None
    assert first_difference(ours.writes_by_transaction, theirs.writes_by_transaction) == {
        "contract": "asset",
        "collection": "assets",
        "key": "B",
        "ours": '{"holder":"north.member1","version":0}',
        "theirs": None,
    }


def test_validators_act_from_the_next_height(chain: DecidedChain) -> None:
    four = chain.chain.validators
    chain.govern("P-1", kind="remove-validator", member="west.validator")
    header = chain.view.header(1)
    assert (header.validators, header.next_validators) == (four.digest, chain.chain.validators.digest)
    assert chain.chain.validators.n == 3
    assert (chain.view.validators_at(1).n, chain.view.validators_at(2).n) == (4, 3)
    assert list(chain.view.validator_changes(0)) == [1]
    refusal(NotFoundError, chain.view.validators_at, 3)


def test_parameters_act_from_the_next_height(chain: DecidedChain) -> None:
    chain.govern("P-1", kind="set-parameter", name="block_transactions_max", value=7)
    assert chain.chain.parameters.block_transactions_max == 7
    assert chain.view.parameters() == chain.chain.parameters


@pytest.mark.parametrize("key", ["N", '单\u2028据 "1"', "😀\n"])
def test_history_of_a_key_is_linked_newest_first(key: str) -> None:
    chain = DecidedChain(specification=shelf(), contracts=ContractSet({"shelf": Shelf}))
    for number, operation_name in enumerate(("put", "put", "take", "put")):
        text: Any = {"text": str(number)} if operation_name == "put" else {}
        beside = chain.sign(ALICE, "shelf", "put", number=f"other-{number}", text="")
        chain.decide(chain.sign(ALICE, "shelf", operation_name, number=key, **text), beside)
    values = [(4, b'{"text":"3"}'), (3, None), (2, b'{"text":"1"}'), (1, b'{"text":"0"}')]
    assert chain.view.history("shelf", "notes", key) == values
    assert chain.view.history("shelf", "notes", key, limit=2) == values[:2]
    assert chain.view.history("shelf", "notes", key, before=3) == values[2:]
    assert chain.view.history("shelf", "notes", "nothing") == []
    assert audit_export(chain.view.export(), contracts=chain.chain.contracts).broken is None
    assert verify_proof(chain.view.prove_state("shelf", "notes", key), chain.chain.genesis).claim["key"] == key


def test_history_goes_on_only_where_an_answer_ended(chain: DecidedChain) -> None:
    chain.decide(chain.issue("A"))
    chain.decide(chain.issue("B"))
    assert chain.view.history("asset", "assets", "B", before=2) == []
    assert refusal(MalformedError, chain.view.history, "asset", "assets", "A", before=2).code == "bad-cursor"
    refusal(NotFoundError, chain.view.history, "asset", "assets", "A", before=9)


def shelf() -> NetworkSpecification:
    return replace(default_specification(members_each=1), contracts=(("shelf", "tests.test_ledger_chain:Shelf"),))


def test_last_write_of_a_block_counts(chain: DecidedChain) -> None:
    chain.decide(chain.issue(), chain.transfer())
    chain.decide()
    assert [height for height, _ in chain.view.history("asset", "assets", "A")] == [1]


def test_events_go_on_by_cursor(chain: DecidedChain) -> None:
    chain.decide(chain.issue("A"), chain.transfer("A"), chain.issue("B"))
    chain.decide()
    chain.decide(chain.issue("C"))
    rows, cursor = chain.view.events("", 2)
    assert [row["data"] for row in rows] == [{"number": n, "holder": ALICE} for n in "AB"]
    assert [row["cursor"] for row in rows] == ["1.0.1", "1.2.1"]
    assert cursor == "1.2.1"
    assert [row["cursor"] for row in chain.view.events(cursor, 1)[0]] == ["3.0.1"]
    rows, cursor = chain.view.events(cursor, 10)
    assert [(row["height"], row["position"], row["name"]) for row in rows] == [(3, 0, "issued")]
    assert cursor == "4.0.0"
    assert chain.view.events(cursor, 10) == ([], cursor)
    chain.decide(chain.issue("D"))
    assert len(chain.view.events(cursor, 10)[0]) == 1
    assert [row["cursor"] for row in chain.view.events("", 10)[0]] == ["1.0.1", "1.2.1", "3.0.1", "4.0.1"]
    assert chain.view.events("9.0.0", 10) == ([], "9.0.0")


@pytest.mark.parametrize("cursor", ["x", "1.2", "1.2.3.4", "-1.0.0", "1..0", "².0.0", "9" * 20 + ".0.0"])
def test_other_cursors_are_refused(chain: DecidedChain, cursor: str) -> None:
    assert refusal(MalformedError, chain.view.events, cursor, 1).code == "bad-cursor"


@pytest.mark.parametrize("height", [-1, 0, 2, 2**64])
def test_heights_without_block_are_not_found(chain: DecidedChain, height: int) -> None:
    chain.decide(chain.issue())
    for lookup in (chain.view.header, chain.view.envelopes, chain.view.prove_block):
        assert refusal(NotFoundError, lookup, height).code == "no-such-block"


def test_export_begins_with_the_genesis_and_is_canonical(chain: DecidedChain) -> None:
    chain.decide(chain.issue(), chain.transfer())
    chain.decide()
    lines = list(chain.view.export())
    assert len(lines) == 3
    assert [list(decode_object(line, wrapped=3)) for line in lines] == [
        ["format", "genesis", "ledger"],
        *[["header", "receipts", "record", "transactions", "writes"]] * 2,
    ]


def test_a_transaction_that_was_absent_is_known_once_a_block_holds_it(
    chain: DecidedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = chain.issue("A-1"), chain.issue("A-2")
    assert not any(map(chain.chain.is_known, (first.id, second.id, first.id)))
    chain.decide(first)
    assert [chain.chain.is_known(t.id) for t in (first, second)] == [True, False]
    monkeypatch.setattr("ledger.chain.chain.ABSENT_MAX", 1)
    assert not any(chain.chain.is_known(chain.bump("B").id) for _ in range(3))
    chain.decide(second)
    assert chain.chain.is_known(second.id)


def test_a_row_that_is_gone_is_damage(chain: DecidedChain) -> None:
    """Not a block that does not exist: the head says that it does."""
    for number in range(3):
        chain.decide(chain.issue(f"A-{number}"))
    block, view = chain.view.header(2).id, chain.view
    reads: dict[tuple[str, bytes], Callable[[], object]] = {
        (tables.BLOCKS, big_endian(2)): lambda: view.header(2),
        (tables.BLOCKS, big_endian(1)): lambda: view.headers(0, 5),
        (tables.BODIES, bytes.fromhex(block)): lambda: view.envelopes(2),
        (tables.RECEIPTS, big_endian(2)): lambda: view.receipts(2),
        (tables.WRITES, big_endian(2)): lambda: view.writes(2),
        (tables.RECORDS, big_endian(2)): lambda: view.record(2),
        (tables.META, tables.HEAD): lambda: view.height,
        (tables.VALIDATOR_SETS, bytes.fromhex(view.header(2).validators)): lambda: view.validators_at(2),
        ("history_tree", bytes([0]) + big_endian(1)): lambda: view.consistency(1, 3),
        ("state", b"governance\x00parameters\x00current"): lambda: view.parameters(),
    }
    for place, read in reads.items():
        read()
        row = chain.store.get(*place)
        chain.store.commit(Batch({place: None}))
        assert refusal(StorageError, read).code == "database-damaged", place
        chain.store.commit(Batch({place: row}))
    refusal(NotFoundError, view.receipts, 4)
