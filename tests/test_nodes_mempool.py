"""The mempool: places, bytes, shares; order of arrival; sending again with growing pauses."""

from dataclasses import replace

from ledger.errors import BusyError
from ledger.primitives import PublicKey
from ledger.transaction import Transaction
from nodes.mempool import REST_ROUNDS, Mempool
from nodes.settings import ReplicaLimits
from tests.support import DecidedChain, refusal

CHAIN = DecidedChain()
KEYS = (PublicKey("k"),)


def transaction(signer: str = "north.member1", **fields: int) -> Transaction:
    return CHAIN.sign(signer, "asset", "bump", number="n", **fields)


def filled(*transactions: Transaction, **limits: int) -> Mempool:
    mempool = Mempool(ReplicaLimits(**limits))
    for one in transactions:
        mempool.add(one, KEYS)
    return mempool


def refused(mempool: Mempool) -> BusyError:
    return refusal(BusyError, mempool.verify_room, transaction())


def proposed(mempool: Mempool) -> tuple[Transaction, ...]:
    return mempool.select(lambda t: True, 500, 10**6)


def test_places_are_limited() -> None:
    error = refused(filled(transaction(), transaction(), pending_max=2))
    assert (error.code, error.status, error.retry_after_s) == ("too-many-pending", 503, 1)


def test_bytes_are_limited() -> None:
    first = transaction()
    assert refused(filled(first, pending_bytes_max=len(first.raw) + 10)).status == 503


def test_share_of_a_member_is_limited() -> None:
    mempool = filled(transaction(), pending_per_member_max=1)
    assert refused(mempool).details == {"member": "north.member1"}
    mempool.verify_room(transaction("south.member1"))


def test_removal_gives_places_bytes_and_shares_back() -> None:
    one, two = transaction(), transaction()
    mempool = filled(one, two, pending_max=2, pending_per_member_max=2)
    mempool.remove([one.id, one.id])
    mempool.verify_room(transaction())
    assert (len(mempool), mempool.bytes, list(mempool.by_raw)) == (1, len(two.raw), [two.raw])
    mempool.remove([two.id])
    assert (len(mempool), mempool.bytes) == (0, 0)


def test_a_known_id_changes_nothing() -> None:
    one = transaction()
    mempool = filled(one, one)
    assert (len(mempool), mempool.bytes) == (1, len(one.raw))


def test_expired_ones_are_forgotten() -> None:
    early, late = transaction(expires_ms=1_000), transaction(expires_ms=1_001)
    mempool = filled(early, late)
    assert mempool.remove_expired(1_000) == [early.id]
    assert list(mempool) == [late]


def test_selection_keeps_the_order_and_the_limits() -> None:
    them = [transaction() for _ in range(5)]
    mempool = filled(*them)
    assert mempool.select(lambda t: t is not them[1], 3, 10**6) == (them[0], them[2], them[3])
    assert mempool.select(lambda t: True, 9, 2 * len(them[0].raw)) == tuple(them[:2])


def test_one_that_no_block_takes_now_does_not_hold_up_the_others() -> None:
    large, small = CHAIN.sign("north.member1", "asset", "bump", number="n" * 90), transaction()
    mempool = filled(large, small)
    assert mempool.select(lambda t: t is small, 9, len(small.raw)) == (small,)


def test_an_envelope_is_verified_only_as_it_was_and_for_its_keys() -> None:
    one = transaction()
    mempool = filled(one)
    assert mempool.is_verified(one, KEYS)
    assert not mempool.is_verified(one, (PublicKey("other"),))
    assert not mempool.is_verified(replace(one, raw=one.raw + b" "), KEYS)


def test_waiting_ones_are_sent_again_with_growing_pauses() -> None:
    one = transaction()
    mempool = filled(one)
    sent = [number for number in range(1, 20) if mempool.due_again()]
    assert sent == [2, 4, 8, 16]


def test_sending_again_is_bounded() -> None:
    them = [transaction() for _ in range(4)]
    mempool = filled(*them, gossip_bytes_max=2 * len(them[0].raw))
    mempool.round = 1
    assert mempool.due_again() == (them[0].raw, them[1].raw)
    assert mempool.due_again() == (them[2].raw, them[3].raw)


def test_a_skipped_proposal_is_split_and_kept_from_what_is_not_suspected() -> None:
    old, new = [transaction() for _ in range(8)], transaction()
    mempool = filled(*old)
    assert proposed(mempool) == (*old,)
    mempool.skipped(old)
    mempool.add(new, KEYS)
    assert proposed(mempool) == (*old[:4],)
    mempool.skipped(old[:4])
    assert proposed(mempool) == (new,)
    assert proposed(mempool) == (*old[4:6],)  # what was skipped last comes last
    mempool.remove(t.id for t in old[4:6])
    mempool.committed()
    assert proposed(mempool) == (new,)
    assert proposed(mempool) == (*old[6:], *old[:2])


def test_a_commit_doubles_what_a_skip_halved() -> None:
    old = [transaction() for _ in range(4)]
    mempool = filled(*old)
    proposed(mempool)
    mempool.skipped(old)
    mempool.remove(t.id for t in old)
    for expected in (2, 4, 8):
        assert mempool.block_max == expected
        mempool.add(one := transaction(), KEYS)
        assert proposed(mempool) == (one,)
        mempool.remove([one.id])
        mempool.committed()


def test_who_is_skipped_alone_twice_rests_twice_as_long_each_time_and_holds_up_nobody() -> None:
    one, other = transaction(), transaction()
    mempool = filled(one)
    waits = []
    for _ in range(5):
        assert proposed(mempool) == (one,)
        rounds = mempool.skipped([one])
        waits.append(rounds)
        mempool.round += rounds
    assert waits == [0, REST_ROUNDS, 2 * REST_ROUNDS, 4 * REST_ROUNDS, 8 * REST_ROUNDS]
    mempool.skipped([one])
    assert (proposed(mempool), list(mempool.wanted()), list(mempool.tried_again())) == ((), [], [])
    mempool.add(other, KEYS)
    assert proposed(mempool) == proposed(mempool) == (other,)
    assert (mempool.block_max, mempool.suspected_max) == (1, 1)
    mempool.remove([one.id])
    assert not mempool.suspected


def test_what_is_tried_again_stands_alone_and_says_nothing_about_sizes() -> None:
    bad, good = transaction(), [transaction() for _ in range(4)]
    mempool = filled(bad, *good)
    mempool.skipped([bad, *good])
    mempool.exhausted(bad.id)
    mempool.suspected_max = 8
    assert proposed(mempool) == (*good,)
    mempool.round += REST_ROUNDS
    assert proposed(mempool) == (bad,)
    mempool.skipped([bad])
    assert (mempool.suspected_max, mempool.block_max) == (8, 2)
