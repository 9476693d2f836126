"""The chain: blocks are executed, judged, appended, and found again; a wrong one names the first broken rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.audit import audit_export
from ledger.block import Header
from ledger.chain import tables
from ledger.chain.chain import Chain, DivergedError, first_difference, verify_limits
from ledger.chain.tables import BLOCKS, VALIDATOR_SETS, digest_key
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
from tests.support import CONTRACTS, STEP_MS, DecidedChain

ALICE, BOB = "north.member1", "south.member1"
OTHER = Digest("ab" * 32)


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


def issue(chain: DecidedChain, number: str = "A") -> Transaction:
    return chain.sign(ALICE, "asset", "issue", number=number, to=ALICE)


def transfer(chain: DecidedChain, number: str = "A") -> Transaction:
    return chain.sign(ALICE, "asset", "transfer", number=number, to=BOB)


def change_validators(chain: DecidedChain) -> None:
    """Removes west.validator by a majority of three organizations, in one block."""
    action: Any = {"kind": "remove-validator", "member": "west.validator"}
    admins = ("north.admin", "south.admin", "east.admin")
    chain.decide(chain.sign(admins, "governance", "propose", number="P-1", action=action))


def test_first_block_stands_on_the_genesis() -> None:
    chain = DecidedChain()
    candidate = chain.decide(issue(chain))
    header = candidate.block.header
    assert (header.height, header.parent, header.time) == (1, chain.chain.ledger, chain.chain.genesis.time_ms + STEP_MS)
    assert chain.view.height == 1
    assert chain.view.head == header


def test_what_was_appended_is_found_again() -> None:
    chain = DecidedChain()
    first, second = issue(chain), transfer(chain)
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
    assert view.record(1) == chain_record(chain, 1)
    assert [h.id for h in view.headers(0, 10)] == [candidate.id]
    assert view.state.get("asset", "assets", "A") == b'{"holder":"south.member1","version":1}'


def chain_record(chain: DecidedChain, height: int) -> object:
    """Deterministic signatures: the record is the one that the keys would make again."""
    return chain.record(chain.view.header(height))


def test_reopened_store_goes_on_where_it_stood() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    change_validators(chain)
    opened = Chain.open(chain.store, CONTRACTS, chain.chain.ledger)
    assert (opened.head, opened.validators, opened.parameters) == (
        chain.chain.head,
        chain.chain.validators,
        chain.chain.parameters,
    )
    transaction = transfer(chain)
    time_ms = chain.chain.head_time_ms + 1
    proposer = "north.validator"
    assert opened.build([transaction], time_ms, proposer).id == chain.chain.build([transaction], time_ms, proposer).id


def test_create_on_the_same_genesis_opens() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    assert Chain.create(chain.store, chain.network.genesis_bytes, CONTRACTS).height == 1


def test_store_of_another_ledger_is_refused_to_create() -> None:
    chain = DecidedChain()
    other = DecidedChain(default_specification(start_time_ms=0, members_each=1))
    with pytest.raises(StorageError) as caught:
        Chain.create(chain.store, other.network.genesis_bytes, CONTRACTS)
    assert caught.value.code == "other-ledger"


def test_store_of_another_ledger_is_refused_to_open() -> None:
    with pytest.raises(StorageError) as caught:
        Chain.open(DecidedChain().store, CONTRACTS, OTHER)
    assert caught.value.code == "other-ledger"


def test_empty_store_is_no_ledger() -> None:
    with pytest.raises(StorageError) as caught:
        Chain(MemoryStore(), CONTRACTS)
    assert caught.value.code == "no-ledger"


def damage(chain: DecidedChain, **changes: Any) -> None:
    header = replace(chain.view.header(chain.chain.height), **changes)
    batch = Batch()
    batch.put(BLOCKS, big_endian(header.height), header.raw)
    chain.store.commit(batch)
    with pytest.raises(StorageError) as caught:
        Chain(chain.store, CONTRACTS)
    assert caught.value.code == "database-damaged"


def test_state_that_is_not_the_heads_is_found_at_the_start() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    damage(chain, state_root=OTHER)


def test_history_that_is_not_the_heads_is_found_at_the_start() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    damage(chain, history_root=OTHER)


def test_missing_row_is_damage() -> None:
    chain = DecidedChain()
    batch = Batch()
    batch.delete(VALIDATOR_SETS, digest_key(chain.chain.validators.digest))
    chain.store.commit(batch)
    with pytest.raises(StorageError) as caught:
        Chain(chain.store, CONTRACTS)
    assert caught.value.code == "database-damaged"


def test_good_proposal_gives_the_candidate_that_was_built() -> None:
    chain = DecidedChain()
    candidate = chain.build(issue(chain))
    block = candidate.block
    assert chain.chain.check(block.header, block.transactions, lambda t: False) == candidate


def judged(code: str, **changes: Any) -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    transaction = transfer(chain)
    refuses(chain, replace(chain.build(transaction).block.header, **changes), [transaction], code)


def refuses(chain: DecidedChain, header: Header, transactions: list[Transaction], code: str) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        chain.chain.check(header, transactions, lambda t: False)
    assert caught.value.code == code
    return caught.value


def test_block_of_another_ledger_is_refused() -> None:
    judged("wrong-ledger", ledger=OTHER)


def test_block_of_another_height_is_refused() -> None:
    judged("wrong-height", height=3)


def test_block_on_another_parent_is_refused() -> None:
    judged("wrong-parent", parent=OTHER)


def test_block_not_after_its_parent_is_refused() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    transaction = transfer(chain)
    header = chain.build(transaction, time_ms=chain.chain.head_time_ms).block.header
    refuses(chain, header, [transaction], "wrong-time")


def test_block_for_other_validators_is_refused() -> None:
    judged("wrong-validators", validators=OTHER)


def test_block_by_no_validator_is_refused() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    header = chain.chain.build([transaction], chain.chain.head_time_ms + 1, ALICE).block.header
    refuses(chain, header, [transaction], "wrong-proposer")


def test_block_of_too_many_transactions_is_refused() -> None:
    chain = DecidedChain()
    with pytest.raises(VerificationError) as caught:
        verify_limits([issue(chain), transfer(chain)], Parameters(block_transactions_max=1))
    assert caught.value.code == "block-too-large"


def test_block_of_too_many_bytes_is_refused() -> None:
    chain = DecidedChain()
    with pytest.raises(VerificationError) as caught:
        verify_limits([issue(chain), transfer(chain)], Parameters(block_bytes_max=len(issue(chain).raw)))
    assert caught.value.code == "block-too-large"


def test_transaction_twice_in_a_block_is_refused() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    refuses(chain, chain.build(transaction, transaction).block.header, [transaction] * 2, "duplicate-in-block")


def test_limits_of_the_state_bind_proposals() -> None:
    chain = DecidedChain(limited(block_transactions_max=1))
    transactions = [issue(chain, "A"), issue(chain, "B")]
    assert len(chain.build(*transactions).block.transactions) == 1
    refuses(chain, chain.build(*transactions).block.header, transactions, "block-too-large")


def test_build_takes_what_fits_the_bytes() -> None:
    chain = DecidedChain(limited(block_bytes_max=1_024, transaction_bytes_max=1_024))
    transactions = [issue(chain, number) for number in "ABC"]
    assert 1 <= len(chain.build(*transactions).block.transactions) < 3


def limited(**parameters: int) -> NetworkSpecification:
    return default_specification(members_each=1, parameters=Parameters(**parameters))


def test_inadmissible_transaction_is_refused_with_its_cause() -> None:
    chain = DecidedChain()
    transaction = chain.sign(ALICE, "asset", "issue", expires_ms=chain.chain.head_time_ms, number="A", to=ALICE)
    error = refuses(chain, chain.build(transaction).block.header, [transaction], "inadmissible")
    assert error.details == {"cause": "expired", "position": 0}


def test_known_transaction_is_refused() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    chain.decide(transaction)
    assert chain.chain.is_known(transaction.id)
    error = refuses(chain, chain.build(transaction).block.header, [transaction], "inadmissible")
    assert error.details["cause"] == "known-transaction"


def test_signatures_are_verified_unless_this_envelope_was() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    forged = replace(transaction, signatures=transfer(chain).signatures)
    header = chain.build(forged).block.header
    assert refuses(chain, header, [forged], "inadmissible").details["cause"] == "wrong-signature"
    chain.chain.check(header, [forged], lambda t: t is forged)


def test_member_revoked_before_the_block_is_refused() -> None:
    chain = DecidedChain()
    chain.chain.verify_admissible(issue(chain), chain.chain.head_time_ms + 1, verified=False)
    chain.decide(chain.sign("north.admin", "membership", "revoke", member=ALICE))
    assert chain.receipts()[0]["outcome"] == "committed"
    with pytest.raises(InputError) as caught:
        chain.chain.verify_admissible(issue(chain), chain.chain.head_time_ms + 1, verified=False)
    assert caught.value.code == "revoked"


def test_body_that_is_not_the_headers_is_refused() -> None:
    chain = DecidedChain()
    header = chain.build(issue(chain, "A")).block.header
    refuses(chain, header, [issue(chain, "B")], "wrong-transactions-root")


def test_block_of_another_history_is_refused() -> None:
    judged("wrong-history-root", history_root=OTHER)


@pytest.mark.parametrize("root", ["receipts_root", "state_root", "next_validators"])
def test_block_with_other_results_diverges(root: str) -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    changes: Any = {root: OTHER}
    header = replace(chain.build(transaction).block.header, **changes)
    error = refuses(chain, header, [transaction], "wrong-roots")
    assert isinstance(error, DivergedError)
    assert error.details["roots"] == [root]


def test_first_differing_key_is_named() -> None:
    chain = DecidedChain()
    ours, theirs = chain.build(issue(chain, "A"), issue(chain, "B")), chain.build(issue(chain, "A"))
    assert first_difference(ours.writes_by_transaction, ours.writes_by_transaction) is None
    assert first_difference(ours.writes_by_transaction, theirs.writes_by_transaction) == {
        "contract": "asset",
        "collection": "assets",
        "key": "B",
        "ours": '{"holder":"north.member1","version":0}',
        "theirs": None,
    }


def test_validators_act_from_the_next_height() -> None:
    chain = DecidedChain()
    four = chain.chain.validators
    change_validators(chain)
    header = chain.view.header(1)
    assert (header.validators, header.next_validators) == (four.digest, chain.chain.validators.digest)
    assert chain.chain.validators.n == 3
    assert (chain.view.validators_at(1).n, chain.view.validators_at(2).n) == (4, 3)
    assert list(chain.view.validator_changes(0)) == [1]
    with pytest.raises(NotFoundError):
        chain.view.validators_at(3)


def test_parameters_act_from_the_next_height() -> None:
    chain = DecidedChain()
    action: Any = {"kind": "set-parameter", "name": "block_transactions_max", "value": 7}
    chain.decide(chain.sign(("north.admin", "south.admin", "east.admin"), "governance", "propose", number="P", action=action))
    assert chain.chain.parameters.block_transactions_max == 7
    assert chain.view.parameters() == chain.chain.parameters


@pytest.mark.parametrize("key", ["N", '单\u2028据 "1"', "😀\n"])
def test_history_of_a_key_is_linked_newest_first(key: str) -> None:
    chain = DecidedChain(specification=shelf(), contracts=ContractSet({"shelf": Shelf}))
    for number, operation_name in enumerate(("put", "put", "take", "put")):
        text: Any = {"text": str(number)} if operation_name == "put" else {}
        chain.decide(chain.sign(ALICE, "shelf", operation_name, number=key, **text), issue_note(chain, str(number)))
    values = [(4, b'{"text":"3"}'), (3, None), (2, b'{"text":"1"}'), (1, b'{"text":"0"}')]
    assert chain.view.history("shelf", "notes", key) == values
    assert chain.view.history("shelf", "notes", key, limit=2) == values[:2]
    assert chain.view.history("shelf", "notes", key, before=3) == values[2:]
    assert chain.view.history("shelf", "notes", "nothing") == []
    assert audit_export(chain.view.export(), contracts=chain.chain.contracts).broken is None
    assert verify_proof(chain.view.prove_state("shelf", "notes", key), chain.chain.genesis).claim["key"] == key


def test_history_goes_on_only_where_an_answer_ended() -> None:
    chain = DecidedChain()
    chain.decide(chain.sign(ALICE, "asset", "issue", number="A", to=ALICE))
    chain.decide(chain.sign(ALICE, "asset", "issue", number="B", to=ALICE))
    assert chain.view.history("asset", "assets", "B", before=2) == []
    with pytest.raises(MalformedError) as caught:
        chain.view.history("asset", "assets", "A", before=2)
    assert caught.value.code == "bad-cursor"
    with pytest.raises(NotFoundError):
        chain.view.history("asset", "assets", "A", before=9)


def issue_note(chain: DecidedChain, number: str) -> Transaction:
    return chain.sign(ALICE, "shelf", "put", number=f"other-{number}", text="")


def shelf() -> NetworkSpecification:
    return replace(default_specification(members_each=1), contracts=(("shelf", "tests.test_ledger_chain:Shelf"),))


def test_history_reaches_the_genesis() -> None:
    chain = DecidedChain()
    change_validators(chain)
    heights = [height for height, _ in chain.view.history("governance", "validators", "current")]
    assert heights == [1, 0]


def test_last_write_of_a_block_counts() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain), transfer(chain))
    chain.decide()
    assert [height for height, _ in chain.view.history("asset", "assets", "A")] == [1]


def test_events_go_on_by_cursor() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain, "A"), transfer(chain, "A"), issue(chain, "B"))
    chain.decide()
    chain.decide(issue(chain, "C"))
    rows, cursor = chain.view.events("", 2)
    assert [row["data"] for row in rows] == [{"number": n, "holder": ALICE} for n in "AB"]
    assert [row["cursor"] for row in rows] == ["1.0.1", "1.2.1"]
    assert cursor == "1.2.1"
    assert [row["cursor"] for row in chain.view.events(cursor, 1)[0]] == ["3.0.1"]
    rows, cursor = chain.view.events(cursor, 10)
    assert [(row["height"], row["position"], row["name"]) for row in rows] == [(3, 0, "issued")]
    assert cursor == "4.0.0"
    assert chain.view.events(cursor, 10) == ([], cursor)
    chain.decide(issue(chain, "D"))
    assert len(chain.view.events(cursor, 10)[0]) == 1
    assert [row["cursor"] for row in chain.view.events("", 10)[0]] == ["1.0.1", "1.2.1", "3.0.1", "4.0.1"]
    assert chain.view.events("9.0.0", 10) == ([], "9.0.0")


@pytest.mark.parametrize("cursor", ["x", "1.2", "1.2.3.4", "-1.0.0", "1..0", "².0.0", "9" * 20 + ".0.0"])
def test_other_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(MalformedError) as caught:
        DecidedChain().view.events(cursor, 1)
    assert caught.value.code == "bad-cursor"


@pytest.mark.parametrize("height", [-1, 0, 2, 2**64])
def test_heights_without_block_are_not_found(height: int) -> None:
    chain = DecidedChain()
    chain.decide(issue(chain))
    for lookup in (chain.view.header, chain.view.envelopes, chain.view.prove_block):
        with pytest.raises(NotFoundError) as caught:
            lookup(height)
        assert caught.value.code == "no-such-block"


def test_export_begins_with_the_genesis_and_is_canonical() -> None:
    chain = DecidedChain()
    chain.decide(issue(chain), transfer(chain))
    chain.decide()
    lines = list(chain.view.export())
    assert len(lines) == 3
    assert [list(decode_object(line, wrapped=3)) for line in lines] == [
        ["format", "genesis", "ledger"],
        *[["header", "receipts", "record", "transactions", "writes"]] * 2,
    ]


def test_a_transaction_that_was_absent_is_known_once_a_block_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = DecidedChain()
    first, second = issue(chain, "A-1"), issue(chain, "A-2")
    assert not any(map(chain.chain.is_known, (first.id, second.id, first.id)))
    chain.decide(first)
    assert [chain.chain.is_known(t.id) for t in (first, second)] == [True, False]
    monkeypatch.setattr("ledger.chain.chain.ABSENT_MAX", 1)
    assert not any(chain.chain.is_known(chain.sign(ALICE, "asset", "bump", number="B").id) for _ in range(3))
    chain.decide(second)
    assert chain.chain.is_known(second.id)


def test_a_row_that_is_gone_is_damage() -> None:
    """Not a block that does not exist: the head says that it does."""
    chain = DecidedChain()
    for number in range(3):
        chain.decide(chain.sign("north.member1", "asset", "issue", number=f"A-{number}", to="south.member1"))
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
        with pytest.raises(StorageError) as caught:
            read()
        assert caught.value.code == "database-damaged", place
        chain.store.commit(Batch({place: row}))
    with pytest.raises(NotFoundError):
        view.receipts(4)
