"""Pruning: bodies and earlier values go, what proves the rest stays, and nothing that could come again is forgotten."""

from typing import Any

from ledger.chain import tables
from ledger.chain.chain import Chain
from ledger.chain.retention import last_expired, longest_lifetime_ms, prune
from ledger.errors import ConflictError, PrunedError
from ledger.state.store import big_endian
from ledger.transaction import Transaction
from ledger.verify import verify_proof
from tests.support import ALICE, BOB, CONTRACTS, DecidedChain, refusal

MINUTE_MS = 60_000


def aged() -> tuple[DecidedChain, list[Transaction]]:
    """Five old blocks of two transactions, a pause, three new ones."""
    chain, done = DecidedChain(), []
    for number in range(8):
        issued = chain.sign(ALICE, "asset", "issue", number=f"A-{number}", to=BOB)
        bumped = chain.bump("n")
        pause_ms = 11 * MINUTE_MS if number == 5 else 1_000
        chain.decide(issued, bumped, time_ms=chain.chain.head_time_ms + pause_ms)
        done += [issued, bumped]
    return chain, done


def test_only_what_is_expired_for_good_may_go() -> None:
    chain, _ = aged()
    assert last_expired(chain.view) == 5
    refusal(AssertionError, next, prune(chain.view, 6))
    assert last_expired(DecidedChain().view) == 0


def test_the_longest_lifetime_counts_not_the_one_in_force() -> None:
    chain, _ = aged()
    genesis = chain.chain.genesis.parameters
    assert longest_lifetime_ms(chain.view.state, genesis) == 10 * MINUTE_MS
    for number, minutes in enumerate((30, 1)):
        chain.govern(f"P-{number}", kind="set-parameter", name="transaction_lifetime_max_ms", value=minutes * MINUTE_MS)
    ignored: Any = {"kind": "set-parameter", "name": "transaction_lifetime_max_ms", "value": 90 * MINUTE_MS}
    chain.decide(chain.sign("north.admin", "governance", "propose", number="P-9", action=ignored))
    assert chain.view.parameters().transaction_lifetime_max_ms == MINUTE_MS
    assert longest_lifetime_ms(chain.view.state, genesis) == 30 * MINUTE_MS
    assert last_expired(chain.view) == 0


def test_what_is_gone_and_what_can_still_be_proved() -> None:
    chain, done = aged()
    before = [chain.view.prove_receipt(done[0].id), chain.view.prove_block(2), chain.view.prove_state("asset", "assets", "A-0")]
    for batch in prune(chain.view, 5):
        chain.store.commit(batch)
    view = chain.view
    assert [view.prove_receipt(done[0].id), view.prove_block(2), view.prove_state("asset", "assets", "A-0")] == before
    for proof in (*before, view.consistency(1, 8), view.prove_transaction(done[-1].id)):
        verify_proof(proof, chain.chain.genesis)
    for action in (
        lambda: view.envelopes(5),
        lambda: view.writes(1),
        lambda: view.prove_transaction(done[0].id),
        lambda: view.history("asset", "assets", "A-0"),
        lambda: next(view.export()),
    ):
        assert refusal(PrunedError, action).details["first"] == 6
    assert view.history("asset", "counters", "n", 3)[0] == (8, b'{"count":8}')
    assert len(view.envelopes(6)) == 2
    assert (view.first, view.complete_from_ms) == (1, chain.chain.genesis.time_ms)
    assert {key[0] for key in view.reader.scan(tables.WRITES, b"", b"\xff", 99)} == {big_endian(n) for n in (0, 6, 7, 8)}


def test_a_pruned_chain_goes_on_and_knows_every_id() -> None:
    chain, done = aged()
    for batch in prune(chain.view, 5):
        chain.store.commit(batch)
    opened = Chain.open(chain.store, CONTRACTS)
    assert opened.head == chain.chain.head
    for transaction in done:
        error = refusal(ConflictError, opened.verify_admissible, transaction, transaction.expires_ms - 1, verified=False)
        assert error.code == "known-transaction"
    chain.decide(chain.sign(BOB, "asset", "transfer", number="A-0", to=ALICE))
    assert chain.receipts()[0]["outcome"] == "committed"


def test_a_crash_leaves_rows_that_the_next_pruning_takes() -> None:
    chain, _ = aged()
    chain.store.commit(next(prune(chain.view, 5)))
    assert chain.view.pruned == 5
    for batch in prune(chain.view, 4):
        chain.store.commit(batch)
    assert chain.view.pruned == 5
    for batch in prune(chain.view, 5):
        chain.store.commit(batch)
    assert len(chain.view.reader.scan(tables.BODIES, b"", b"\xff" * 33, 99)) == 3
