"""The light client: what a proof of each kind shows from the genesis alone, and each way in which a proof can lie."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from ledger.block import Header
from ledger.encoding import decode, encode
from ledger.errors import MalformedError, NotFoundError, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from ledger.verify import TrustedPoint, VerifiedFact, trust_genesis, trust_genesis_bytes, verify_proof
from tests.support import ALICE, BOB, ELSEWHERE, OTHER, DecidedChain, built, certify, refusal

KEY = ("asset", "assets", "A")
ORGANIZATIONS = ("membership", "organizations")


def issued() -> DecidedChain:
    """One asset in block 1, passed on in block 2."""
    chain = DecidedChain()
    chain.decide(chain.issue())
    chain.decide(chain.transfer())
    return chain


def counted() -> DecidedChain:
    """And a transaction alone in block 3."""
    chain = issued()
    chain.decide(chain.bump("C"))
    return chain


def changed() -> DecidedChain:
    """Validators change in blocks 2 and 4; block 5 is the last."""
    chain = DecidedChain()
    chain.decide(chain.issue())
    for number, kind in enumerate(("remove-validator", "add-validator")):
        chain.govern(f"P{number}", kind=kind, member="west.validator")
        chain.decide()
    return chain


EMPTY, ISSUED, COUNTED, CHANGED = DecidedChain(), issued(), counted(), changed()
"""Chains to which no test adds anything."""


def start(chain: DecidedChain) -> TrustedPoint:
    return trust_genesis(chain.chain.genesis)


def proved(chain: DecidedChain, proof: Any) -> VerifiedFact:
    """What a proof shows to a client that has the genesis."""
    return verify_proof(proof, chain.chain.genesis)


def last(chain: DecidedChain) -> Digest:
    """The last transaction of the last block."""
    return Digest(str(chain.receipts()[-1]["transaction"]))


def written(chain: DecidedChain) -> Any:
    """The proof of all that the asset was."""
    return chain.view.prove_history(*KEY, [height for height, _ in chain.view.history(*KEY)])


def page(chain: DecidedChain, contract: str = "asset", collection: str = "assets") -> Any:
    """The proof of a whole collection."""
    return chain.view.prove_rows(contract, collection, chain.view.state.page(contract, collection, "", 100))


PROOFS: dict[str, Callable[[DecidedChain], Any]] = {
    "state": lambda c: c.view.prove_state(*KEY),
    "transaction": lambda c: c.view.prove_transaction(last(c)),
    "receipt": lambda c: c.view.prove_receipt(last(c)),
    "block": lambda c: c.view.prove_block(1),
    "last block": lambda c: c.view.prove_block(c.chain.height),
    "consistency": lambda c: c.view.consistency(1, 2),
    "consistency with itself": lambda c: c.view.consistency(2, 2),
    "long consistency": lambda c: c.view.consistency(3, 5),
    "rows": page,
    "organizations": lambda c: page(c, *ORGANIZATIONS),
    "history": written,
    "first parameters": lambda c: c.view.prove_history("governance", "parameters", "current", [0]),
    "validators": lambda c: c.view.prove_validators(3),
    "first validators": lambda c: c.view.prove_validators(1),
}


def redecided(chain: DecidedChain, proof: Any, electorate: ValidatorSet | None = None, **changes: Any) -> Any:
    """The proof under a header with other fields, certified anew by a quorum that plays along."""
    altered = deepcopy(proof)
    header = Header(**{**altered["header"], **changes})
    altered["header"] = header.to_json()
    voters = electorate or chain.view.validators_at(proof["header"]["height"])
    certificate = certify(chain.chain.ledger, voters, chain.keys, "final", header.height, 1, header.id, range(voters.q))
    altered["certificate"] = certificate.to_json()
    return altered


def test_state_is_proved() -> None:
    fact = proved(ISSUED, ISSUED.view.prove_state(*KEY))
    assert (fact.kind, fact.height, fact.block) == ("state", 2, ISSUED.chain.head_id)
    assert fact.claim["value"] == {"holder": BOB, "version": 1}
    assert fact.time_ms == ISSUED.chain.head_time_ms
    assert fact.learned == ()


def test_absence_is_proved() -> None:
    fact = proved(ISSUED, ISSUED.view.prove_state("asset", "assets", "B"))
    assert fact.kind == "absence"
    assert fact.claim == {"contract": "asset", "collection": "assets", "key": "B"}


def test_state_of_the_genesis_is_proved_without_a_block() -> None:
    fact = proved(EMPTY, EMPTY.view.prove_state("membership", "organizations", "north"))
    assert (fact.height, fact.block, fact.time_ms) == (0, EMPTY.chain.ledger, None)
    assert proved(EMPTY, EMPTY.view.prove_state("membership", "organizations", "x")).kind == "absence"


def test_transaction_receipt_and_block_are_proved() -> None:
    chain = issued()
    transactions = [chain.issue(f"N{number}") for number in range(5)]
    chain.decide(*transactions)
    for position, transaction in enumerate(transactions):
        fact = proved(chain, chain.view.prove_transaction(transaction.id))
        assert encode(fact.claim["value"]) == transaction.raw
        assert (fact.height, fact.claim["index"], fact.claim["size"]) == (3, position, 5)
        receipt: Any = proved(chain, chain.view.prove_receipt(transaction.id)).claim["value"]
        assert receipt["transaction"] == transaction.id
    assert proved(chain, chain.view.prove_block(1)).block == chain.view.block_id(1)


def test_nothing_is_proved_of_unknown_transactions() -> None:
    for prove in (issued().view.prove_transaction, issued().view.prove_receipt):
        assert refusal(NotFoundError, prove, OTHER).code == "no-such-transaction"


def test_trust_follows_validator_changes() -> None:
    fact = proved(CHANGED, CHANGED.view.prove_state(*KEY))
    assert [point.height for point in fact.learned] == [2, 4]
    assert (fact.trusted.height, fact.trusted.validators) == (4, CHANGED.chain.validators)


def test_held_trust_shortens_later_proofs() -> None:
    trusted = proved(CHANGED, CHANGED.view.prove_block(5)).trusted
    proof = CHANGED.view.prove_state(*KEY)
    assert verify_proof(proof, trusted).learned == ()
    assert verify_proof({**proof, "trust": CHANGED.view.trust(trusted.height)}, trusted).height == 5


def test_block_before_a_change_is_of_the_validators_before_it() -> None:
    assert proved(CHANGED, CHANGED.view.prove_block(2)).trusted.height == 0
    assert proved(CHANGED, CHANGED.view.prove_block(3)).trusted.height == 2


def test_earlier_block_is_of_the_later_ones_history() -> None:
    for first in range(1, 6):
        for second in range(first, 6):
            fact = proved(CHANGED, CHANGED.view.consistency(first, second))
            assert fact.claim["first"] == CHANGED.view.header(first).to_json()
            assert fact.height == second
    refusal(NotFoundError, CHANGED.view.consistency, 2, 1)


def test_genesis_bytes_are_believed_that_are_of_the_trusted_ledger() -> None:
    assert trust_genesis_bytes(ISSUED.network.genesis_bytes, ISSUED.chain.ledger) == start(ISSUED)
    assert refusal(VerificationError, trust_genesis_bytes, ISSUED.network.genesis_bytes, OTHER).code == "wrong-ledger"


def test_rows_are_proved_under_one_header() -> None:
    chain = issued()
    chain.decide(chain.issue("B"))
    fact = proved(chain, page(chain))
    assert (fact.kind, fact.height, fact.block) == ("rows", 3, chain.chain.head_id)
    holdings = [{"key": key, "value": decode(value)} for key, value in chain.view.state.page("asset", "assets", "", 9)]
    assert fact.claim == {"contract": "asset", "collection": "assets", "rows": holdings}
    assert len(holdings) == 2


def test_rows_of_the_genesis_are_proved_without_a_block() -> None:
    fact = proved(EMPTY, page(EMPTY, *ORGANIZATIONS))
    assert (fact.height, len(fact.claim["rows"])) == (0, 4)  # type: ignore[arg-type]


def test_rows_are_proved_in_order_of_keys_whatever_the_page() -> None:
    rows = EMPTY.view.state.page(*ORGANIZATIONS, "", 100)
    assert EMPTY.view.prove_rows(*ORGANIZATIONS, rows[::-1]) == EMPTY.view.prove_rows(*ORGANIZATIONS, rows)
    assert proved(EMPTY, EMPTY.view.prove_rows(*ORGANIZATIONS, [])).claim["rows"] == []


def test_history_is_proved_across_a_validator_change() -> None:
    chain = changed()
    chain.decide(chain.transfer())
    fact = proved(chain, written(chain))
    assert (fact.kind, fact.height) == ("history", 6)
    assert fact.claim["entries"] == [
        {"height": 6, "value": {"holder": BOB, "version": 1}},
        {"height": 1, "value": {"holder": ALICE, "version": 0}},
    ]


def test_history_reaches_back_to_the_genesis() -> None:
    history = CHANGED.view.history("governance", "validators", "current")
    proof = CHANGED.view.prove_history("governance", "validators", "current", [height for height, _ in history])
    fact = proved(CHANGED, proof)
    assert fact.claim["entries"] == [{"height": height, "value": decode(value or b"")} for height, value in history]
    assert [height for height, _ in history] == [4, 2, 0]


def test_history_at_height_zero_needs_no_block() -> None:
    proof = EMPTY.view.prove_history("governance", "validators", "current", [0])
    assert (proof["header"], proved(EMPTY, proof).height) == (None, 0)


def test_validators_of_every_height_are_proved() -> None:
    for height in range(1, 7):
        fact = proved(CHANGED, CHANGED.view.prove_validators(height))
        assert fact.claim == {"height": height, "validators": CHANGED.view.validators_at(height).to_json()}


def test_trust_may_begin_at_what_the_client_holds() -> None:
    fact = proved(CHANGED, CHANGED.view.prove_block(5))
    assert [point.height for point in fact.learned] == [2, 4]
    for short in (
        CHANGED.view.prove_state(*KEY, trust_from=2),
        CHANGED.view.prove_rows("asset", "assets", [], trust_from=2),
        CHANGED.view.prove_history(*KEY, [1], trust_from=2),
        CHANGED.view.prove_validators(6, trust_from=2),
        CHANGED.view.prove_block(5, trust_from=2),
        CHANGED.view.consistency(1, 5, trust_from=2),
    ):
        assert [step["header"]["height"] for step in short["trust"]] == [4]  # type: ignore[union-attr, index, call-overload]
        assert verify_proof(short, fact.learned[0]).trusted == fact.trusted
        assert refusal(VerificationError, proved, CHANGED, short).code == "wrong-validators"


# Lies


def of_removed_validators(proof: Any, chain: DecidedChain) -> None:
    old = chain.view.validators_at(1)
    proof.update(redecided(chain, chain.view.prove_block(3), old, state_root=OTHER, validators=old.digest))


def without_a_vote(proof: Any, _: DecidedChain) -> None:
    proof["certificate"]["signers"].pop()
    proof["certificate"]["signatures"].pop()


def as_absent(proof: Any, _: DecidedChain) -> None:
    proof["kind"] = "absence"
    del proof["value"]


def under(height: int) -> Callable[[Any, DecidedChain], None]:
    def edit(proof: Any, chain: DecidedChain) -> None:
        older = chain.view.prove_block(height)
        proof.update(header=older["header"], certificate=older["certificate"])

    return edit


def by_another_proposer(height: int) -> Callable[[Any, DecidedChain], None]:
    def edit(proof: Any, chain: DecidedChain) -> None:
        proof["first"] = replace(chain.view.header(height), proposer="south.validator").to_json()

    return edit


NO_HEADER: dict[str, Any] = {"header": None, "certificate": None}
LIES: dict[str, tuple[str, DecidedChain, str, dict[str, Any] | Callable[[Any, DecidedChain], object]]] = {
    "another ledger": ("wrong-ledger", ISSUED, "block", {"ledger": OTHER}),
    "a header of another ledger": ("wrong-ledger", ISSUED, "block", lambda p, c: p.update(redecided(c, p, ledger=OTHER))),
    "removed validators": ("wrong-validators", CHANGED, "last block", of_removed_validators),
    "a certificate of another kind": (
        "wrong-certificate", ISSUED, "block", lambda p, c: p.update(certificate=c.view.record(1).notar.to_json())),
    "another block's certificate": (
        "wrong-certificate", ISSUED, "block", lambda p, c: p.update(certificate=c.view.record(2).commit.to_json())),
    "no quorum": ("wrong-quorum", ISSUED, "block", without_a_vote),
    "signatures of others": ("wrong-signature", ISSUED, "block", lambda p, _: p["certificate"]["signatures"].reverse()),
    "a block without header": ("no-header", ISSUED, "block", NO_HEADER),
    "a consistency without header": ("no-header", ISSUED, "consistency", NO_HEADER),
    "a history of blocks without header": ("no-header", ISSUED, "history", NO_HEADER),
    # The changes of validators
    "validators that a change does not name": (
        "wrong-next-validators", CHANGED, "last block", lambda p, _: p["trust"][0]["validators"].reverse()),
    "a change that was not decided": (
        "wrong-certificate", CHANGED, "last block", lambda p, _: p["trust"][0].update(certificate=p["certificate"])),
    "a change left out": ("wrong-validators", CHANGED, "last block", lambda p, _: p["trust"].pop()),
    "the first change twice": ("wrong-trust", CHANGED, "last block", lambda p, _: p["trust"].insert(0, p["trust"][0])),
    "the second change twice": ("wrong-trust", CHANGED, "last block", lambda p, _: p["trust"].append(p["trust"][1])),
    "changes exchanged": ("wrong-trust", CHANGED, "last block", lambda p, _: p["trust"].reverse()),
    "a change above the header": ("wrong-trust", CHANGED, "last block", under(4)),
    "a change before the genesis": ("wrong-trust", CHANGED, "first validators", lambda p, c: p.update(trust=c.view.trust()[:1])),
    # State, transactions, receipts
    "another value": ("wrong-state-proof", ISSUED, "state", {"value": {"holder": ALICE, "version": 1}}),
    "a present key as absent": ("wrong-state-proof", ISSUED, "state", as_absent),
    "another transaction": ("wrong-inclusion", COUNTED, "transaction", lambda p, _: p["value"].update(signatures=[])),
    "another receipt": ("wrong-inclusion", COUNTED, "receipt", lambda p, _: p["value"].update(details=[])),
    "a receipt as a transaction": ("wrong-inclusion", COUNTED, "receipt", {"kind": "transaction"}),
    # Consistency
    "another block of one height": ("wrong-consistency", ISSUED, "consistency with itself", by_another_proposer(2)),
    "another earlier block": ("wrong-inclusion", ISSUED, "consistency", by_another_proposer(1)),
    "a history rewritten": ("wrong-consistency", CHANGED, "long consistency", lambda p, _: p["path"].reverse()),
    "a path to itself": ("wrong-consistency", ISSUED, "consistency with itself", {"inclusion": [OTHER]}),
    # Rows
    "rows exchanged": ("wrong-rows", EMPTY, "organizations", lambda p, _: p["rows"].reverse()),
    "a row twice": ("wrong-rows", EMPTY, "organizations", lambda p, _: p["rows"].insert(0, p["rows"][0])),
    "a row with another value": ("wrong-state-proof", ISSUED, "rows", lambda p, _: p["rows"][0]["value"].update(holder=ALICE)),
    "rows of another collection": ("wrong-state-proof", ISSUED, "rows", {"collection": "counters"}),
    # Histories
    "entries exchanged": ("wrong-history", ISSUED, "history", lambda p, _: p["entries"].reverse()),
    "an entry twice": ("wrong-history", ISSUED, "history", lambda p, _: p["entries"].insert(0, p["entries"][0])),
    "an entry with its own path": ("wrong-history", ISSUED, "history", lambda p, _: p["entries"][0].update(inclusion=[OTHER])),
    "other writes than the receipt's": (
        "wrong-history", ISSUED, "history", lambda p, _: p["entries"][0]["writes"][0].update(value='{"holder":1}')),
    "a transaction that writes other keys": ("wrong-history", ISSUED, "history", {"key": "B"}),
    "a receipt of another block": (
        "wrong-inclusion", ISSUED, "history", lambda p, _: p["entries"][1].update(receipt=p["entries"][0]["receipt"])),
    "an entry of another chain": (
        "wrong-inclusion", ISSUED, "history", lambda p, _: p["entries"][1]["header"].update(proposer="south.validator")),
    "a block after the header": ("wrong-history", ISSUED, "history", under(1)),
    "another first value": (
        "wrong-state-proof", EMPTY, "first parameters", lambda p, _: p["entries"][0]["value"].update(drift_ms=1)),
    # Validators
    "other validators": ("wrong-next-validators", CHANGED, "validators", lambda p, _: p["validators"].reverse()),
    "other first validators": ("wrong-validators", CHANGED, "first validators", lambda p, _: p["validators"].pop()),
}  # fmt: skip
"""Each with its code, the ledger, the proof that is changed, and how."""


def lie(name: str) -> tuple[DecidedChain, Any]:
    """A chain, and what is claimed of it."""
    _, chain, kind, change = LIES[name]
    proof = PROOFS[kind](chain)
    proof.update(change) if isinstance(change, dict) else change(proof, chain)
    return chain, proof


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_refused(name: str) -> None:
    error = refusal(VerificationError, proved, *lie(name))
    assert error.code == LIES[name][0], error.message


def test_proof_of_the_ledger_of_another_genesis_is_refused() -> None:
    other = built(ELSEWHERE).genesis
    assert refusal(VerificationError, verify_proof, issued().view.prove_block(1), other).code == "wrong-ledger"


@pytest.mark.parametrize("kind", ["block", "first validators"])
def test_what_is_older_than_the_trust_is_refused(kind: str) -> None:
    later = replace(start(ISSUED), height=2)
    assert refusal(VerificationError, verify_proof, PROOFS[kind](ISSUED), later).code == "older-than-trust"


def test_header_of_other_validators_is_refused() -> None:
    error = refusal(VerificationError, proved, CHANGED, {**CHANGED.view.prove_block(3), "trust": []})
    assert error.code == "wrong-validators"
    assert "known for its height" in error.message


def test_a_path_where_none_belongs_is_malformed() -> None:
    for make in (written, page, PROOFS["validators"], PROOFS["block"]):
        assert "is empty" in refusal(MalformedError, proved, ISSUED, {**make(ISSUED), "path": [OTHER]}).message


def test_format_of_a_proof_is_named() -> None:
    error = refusal(MalformedError, proved, ISSUED, {**ISSUED.view.prove_block(1), "format": "other"})
    assert "tallystick-proof-1" in error.message


@pytest.mark.parametrize(("kind", "place"), [("state", "contract"), ("rows", "contract"), ("history", "collection")])
def test_a_lone_surrogate_is_malformed(kind: str, place: str) -> None:
    refusal(MalformedError, proved, ISSUED, {**PROOFS[kind](ISSUED), place: "\ud800"})
