"""A state snapshot: the chain goes on from it as if nothing were missing, and every line of it is checked."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.chain import tables
from ledger.chain.chain import Chain
from ledger.chain.view import ChainView
from ledger.encoding import encode
from ledger.errors import ConflictError, NotFoundError, PrunedError, VerificationError
from ledger.genesis import Genesis
from ledger.snapshot.reader import read_snapshot
from ledger.snapshot.writer import snapshot_lines
from ledger.state.history_tree import HistoryTree
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, big_endian
from ledger.transaction import Transaction
from ledger.verify import verify_proof
from tests.mutation import Mutator
from tests.support import ALICE, BOB, CONTRACTS, ELSEWHERE, DecidedChain, refusal

MINUTE_MS = 60_000


def wait(chain: DecidedChain, minutes: int) -> None:
    chain.decide(time_ms=chain.chain.head_time_ms + minutes * MINUTE_MS)


def long_chain(repeats: int = 1) -> tuple[DecidedChain, Transaction]:
    """Old blocks, a validator change and a lifetime that was longer once; then what can still be repeated. The last one can."""
    chain = DecidedChain()
    for number in range(3):
        chain.decide(chain.sign(ALICE, "asset", "issue", number=f"A-{number}", to=BOB))
    chain.govern("P-1", kind="remove-validator", member="west.validator")
    chain.govern("P-2", kind="set-parameter", name="transaction_lifetime_max_ms", value=20 * MINUTE_MS)
    chain.govern("P-3", kind="set-parameter", name="transaction_lifetime_max_ms", value=MINUTE_MS)
    wait(chain, 15)
    wait(chain, 15)
    chain.decide(chain.sign(BOB, "asset", "transfer", number="A-1", to=ALICE), view=2)
    chain.govern("P-4", kind="add-validator", member="west.validator")
    repeated = chain.bump("n")
    refused = chain.sign(ALICE, "asset", "transfer", number="A-0", to=ALICE)
    chain.decide(*[repeated][:repeats], refused)
    return chain, repeated


def join(lines: list[bytes], genesis: Genesis) -> tuple[Chain, MemoryStore]:
    store = MemoryStore()
    read_snapshot(lines, genesis, store)
    return Chain.open(store, CONTRACTS, genesis.ledger), store


def cause(lines: list[bytes], genesis: Genesis) -> tuple[str, str]:
    """Rule and cause of the refusal; no ledger is in the store after it."""
    store = MemoryStore()
    error = refusal(VerificationError, read_snapshot, lines, genesis, store)
    assert error.code == "broken-snapshot"
    assert store.get(tables.META, tables.GENESIS) is None
    return str(error.details["rule"]), str(error.details["cause"])


CHAIN, REPEATED = long_chain()
LINES = list(snapshot_lines(CHAIN.view))
HEIGHT = CHAIN.chain.height
HEAD, BLOCK = json.loads(LINES[0]), json.loads(LINES[2])
FIRST = 7
"""After it no block is older than the longest lifetime that ever was: 20 minutes."""


def test_what_is_joined_goes_on_as_the_chain_it_came_from() -> None:
    source, _ = long_chain()
    joined, store = join(list(snapshot_lines(source.view)), source.chain.genesis)
    assert joined.head == source.chain.head
    assert (joined.validators, joined.parameters) == (source.chain.validators, source.chain.parameters)
    for number in ("A-0", "A-1"):
        transaction = source.sign(BOB, "asset", "transfer", number=number, to="north.admin")
        candidate = source.build(transaction)
        record = source.record(candidate.block.header)
        checked = joined.check(candidate.block.header, [transaction], lambda _: False)
        store.commit(joined.append(checked, record))
        joined.advanced(checked)
        source.append(candidate, record)
    assert joined.head == source.chain.head
    for name in ("A-0", "A-1", "A-2", "A-9"):
        assert ChainView(joined.store).prove_state("asset", "assets", name) == source.view.prove_state("asset", "assets", name)
    assert ChainView(joined.store).export_block(HEIGHT + 1) == source.view.export_block(HEIGHT + 1)
    Chain.open(store, CONTRACTS, source.chain.ledger)


def test_a_transaction_that_may_not_have_expired_is_known() -> None:
    joined, _ = join(LINES, CHAIN.chain.genesis)
    error = refusal(ConflictError, joined.verify_admissible, REPEATED, joined.head_time_ms + 1, verified=False)
    assert error.code == "known-transaction"
    assert ChainView(joined.store).place(REPEATED.id) == (HEIGHT, 0)
    assert ChainView(joined.store).receipts(HEIGHT) == CHAIN.view.receipts(HEIGHT)


def test_the_blocks_begin_where_the_longest_lifetime_ends() -> None:
    joined, _ = join(LINES, CHAIN.chain.genesis)
    assert ChainView(joined.store).first == FIRST
    before, head = CHAIN.view.header(FIRST - 1).time, CHAIN.chain.head_time_ms
    assert before + 20 * MINUTE_MS <= head < CHAIN.view.header(FIRST).time + 20 * MINUTE_MS
    assert CHAIN.view.complete_from_ms == CHAIN.chain.genesis.time_ms


def test_unknown_says_enough_although_the_lifetime_was_longer_once() -> None:
    """What a client concludes from `unknown`, `expires` and the lifetime in force holds for every transaction that was done."""
    view = ChainView(join(LINES, CHAIN.chain.genesis)[1])
    lifetime_ms = view.parameters().transaction_lifetime_max_ms
    assert lifetime_ms == MINUTE_MS
    assert view.complete_from_ms == CHAIN.view.header(FIRST - 1).time + 1 + 19 * MINUTE_MS
    for height, minutes in {1: 10, 2: 10, 3: 10, 4: 10, 5: 10, 6: 20}.items():
        latest_expires_ms = CHAIN.view.header(height).time + minutes * MINUTE_MS
        assert latest_expires_ms - lifetime_ms < view.complete_from_ms


def test_a_young_ledger_comes_with_all_its_receipts() -> None:
    chain = DecidedChain()
    done = chain.bump("n")
    chain.decide(done)
    chain.decide()
    joined = ChainView(join(list(snapshot_lines(chain.view)), chain.chain.genesis)[1])
    assert (joined.first, joined.complete_from_ms) == (1, chain.chain.genesis.time_ms)
    assert joined.prove_receipt(done.id) == chain.view.prove_receipt(done.id)


def test_proofs_of_what_is_here_lead_to_the_genesis() -> None:
    genesis = CHAIN.chain.genesis
    view = ChainView(join(LINES, genesis)[1])
    proofs = [
        view.prove_receipt(REPEATED.id),
        view.prove_block(FIRST),
        view.prove_state("asset", "counters", "n"),
        view.prove_validators(HEIGHT + 1),
        *(view.consistency(i, k) for k in range(FIRST, HEIGHT + 1) for i in range(FIRST - 1, k + 1)),
    ]
    for proof in proofs:
        verify_proof(proof, genesis)
    assert [fact["header"]["height"] for fact in view.trust()] == [4, HEIGHT - 1]  # type: ignore[call-overload,index]


def test_what_is_not_here_is_pruned() -> None:
    view = ChainView(join(LINES, CHAIN.chain.genesis)[1])
    gone: list[tuple[Callable[[], object], int]] = [
        (lambda: view.header(1), FIRST),
        (lambda: view.receipts(FIRST - 1), FIRST),
        (lambda: view.record(2), FIRST),
        (lambda: view.headers(0, 5), FIRST),
        (lambda: view.envelopes(HEIGHT), HEIGHT + 1),
        (lambda: view.writes(HEIGHT), HEIGHT + 1),
        (lambda: view.prove_transaction(REPEATED.id), HEIGHT + 1),
        (lambda: view.consistency(1, HEIGHT), FIRST),
        (lambda: view.events("", 5), FIRST),
        (lambda: view.history("asset", "assets", "A-1"), HEIGHT + 1),
        (lambda: next(view.export()), HEIGHT + 1),
    ]
    for action, first in gone:
        error = refusal(PrunedError, action)
        assert (error.code, error.status, error.details["first"]) == ("pruned", 410, first)
    assert [row["height"] for row in view.events(f"{FIRST}.0.0", 50)[0]] == [HEIGHT - 1, HEIGHT - 1]
    with pytest.raises(NotFoundError, match="no block of height"):
        view.header(HEIGHT + 1)


def test_a_node_that_joined_makes_snapshots_too() -> None:
    assert list(snapshot_lines(ChainView(join(LINES, CHAIN.chain.genesis)[1]))) == LINES


def test_nobody_makes_a_snapshot_of_nothing() -> None:
    refusal(NotFoundError, list, snapshot_lines(DecidedChain().view))


def changed(line: int, **fields: Any) -> list[bytes]:
    """The snapshot with other fields in one line, which is spelled canonically again."""
    value = json.loads(LINES[line])
    return [*LINES[:line], encode({**value, **fields}, wrapped=5), *LINES[line + 1 :]]


def head_proof(**fields: Any) -> list[bytes]:
    return changed(0, proof={**HEAD["proof"], **fields})


def exchanged(certificate: dict[str, Any]) -> dict[str, Any]:
    """The certificate, on which each signature stands for another validator."""
    return {**certificate, "signatures": certificate["signatures"][::-1]}


OTHER = DecidedChain(ELSEWHERE)
FORK = list(snapshot_lines(long_chain(repeats=0)[0].view))
"""Of the same keys with another last block: with n-2f equivocators there would be two ledgers."""
ROWS = 1 + (HEIGHT - FIRST + 2)
"""Line of the first row."""
DAMAGED: dict[str, tuple[list[bytes], tuple[str, str]]] = {
    "nothing": ([], ("head", "bad-snapshot")),
    "another format": (changed(0, format="tallystick-snapshot-2"), ("head", "bad-snapshot")),
    "another ledger's id": (changed(0, ledger=OTHER.chain.ledger), ("genesis", "wrong-ledger")),
    "another genesis": (changed(0, genesis=json.loads(OTHER.network.genesis_bytes)), ("genesis", "wrong-ledger")),
    "a signature of another": (
        head_proof(certificate=exchanged(HEAD["proof"]["certificate"])), ("certificate", "wrong-signature")),
    "an older header under the certificate": (head_proof(header=BLOCK["header"]), ("certificate", "")),
    "no trust": (head_proof(trust=[]), ("blocks", "wrong-signature")),
    "another set for the next height": (
        head_proof(validators=HEAD["proof"]["validators"][:3]), ("certificate", "wrong-next-validators")),
    "a proof of another kind": (changed(0, proof=CHAIN.view.prove_block(HEIGHT)), ("certificate", "bad-snapshot")),
    "a peak too few": (changed(0, history=HEAD["history"][1:]), ("blocks", "bad-snapshot")),
    "another peak": (changed(0, history=["0" * 64, *HEAD["history"][1:]]), ("blocks", "wrong-history-root")),
    "another time of the block before": (
        changed(1, header={**json.loads(LINES[1])["header"], "time": 1}), ("blocks", "wrong-parent"),
    ),
    "no block before": ([LINES[0], *LINES[2:]], ("blocks", "bad-snapshot")),
    "a block left out": ([*LINES[:2], *LINES[3:]], ("blocks", "wrong-parent")),
    "a block twice": ([*LINES[:3], *LINES[2:]], ("blocks", "wrong-parent")),
    "another proposer": (changed(2, header={**BLOCK["header"], "proposer": "east.validator"}), ("blocks", "wrong-record")),
    "a receipt left out": (
        changed(ROWS - 1, receipts=json.loads(LINES[ROWS - 1])["receipts"][1:]), ("blocks", "wrong-receipts-root")),
    "another last block": ([*LINES[: ROWS - 1], *FORK[ROWS - 1 :]], ("blocks", "wrong-block")),
    "a record's signature": (
        changed(2, record={**BLOCK["record"], "notar": exchanged(BLOCK["record"]["notar"])}), ("blocks", "wrong-signature")),
    "cut before the state": (LINES[:ROWS], ("state", "wrong-state-root")),
    "cut within the blocks": (LINES[: ROWS - 1], ("blocks", "bad-snapshot")),
    "cut within the state": (LINES[:-1], ("state", "wrong-state-root")),
    "a row left out": ([*LINES[:ROWS], *LINES[ROWS + 1 :]], ("state", "wrong-state-root")),
    "a row more": ([*LINES, b'["zzz","assets","A-1",{"holder":"north.member1","version":0}]'], ("state", "wrong-state-root")),
    "a row twice": ([*LINES, LINES[-1]], ("state", "wrong-order")),
    "rows swapped": ([*LINES[:-2], LINES[-1], LINES[-2]], ("state", "wrong-order")),
    "another value": ([line.replace(b'{"count":1}', b'{"count":2}') for line in LINES], ("state", "wrong-state-root")),
    "another spelling": ([*LINES[:-1], LINES[-1].replace(b",", b", ")], ("state", "not-canonical")),
    "a key with a zero byte": ([*LINES, b'["zzz","a","\\u0000",1]'], ("state", "bad-key")),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_snapshot_is_refused_with_the_reason(name: str) -> None:
    lines, expected = DAMAGED[name]
    found = cause(lines, CHAIN.chain.genesis)
    assert found[0] == expected[0]
    assert expected[1] in (found[1], ""), found


def test_blocks_that_leave_out_unexpired_transactions_are_refused() -> None:
    """All is true in it, but it begins too late: a node that joined could be told an old transaction again."""
    late = long_chain()[0]
    late.store.commit(Batch({(tables.META, tables.FIRST): big_endian(HEIGHT)}))
    view = late.view
    lines = [
        changed(0, history=[peak.hex() for peak in HistoryTree(CHAIN.view.reader, HEIGHT - 1).peaks()])[0],
        b'{"header":%b}' % view.header(HEIGHT - 1).raw,
        *LINES[ROWS - 1 :],
    ]
    assert cause(lines, late.chain.genesis) == ("transactions", "incomplete")
    refusal(PrunedError, list, snapshot_lines(view))


def test_no_damage_goes_through() -> None:
    """Seeded damage of any kind: the result is refused, or the snapshot is unharmed."""
    whole, seed = b"\n".join(LINES), 11
    mutator = Mutator([whole], seed)
    for turn in range(300):
        data = mutator.draw()
        if data != whole:
            error = refusal(VerificationError, read_snapshot, data.split(b"\n"), CHAIN.chain.genesis, MemoryStore())
            assert error.code == "broken-snapshot", (seed, turn)
