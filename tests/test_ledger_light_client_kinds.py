"""The light client on rows, histories and validator sets: what they show, and each way in which they can lie."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.encoding import decode, encode
from ledger.errors import MalformedError, VerificationError
from ledger.verify import trust_genesis, verify_proof
from tests.support import DecidedChain
from tests.test_ledger_light_client import ALICE, BOB, KEY, OTHER, changed, issued, refused, start

ORGANIZATIONS = ("membership", "organizations")


def written(chain: DecidedChain) -> Any:
    """The proof of all that the asset was."""
    return chain.view.prove_history(*KEY, [height for height, _ in chain.view.history(*KEY)])


def page(chain: DecidedChain, contract: str = "asset", collection: str = "assets") -> Any:
    """The proof of a whole collection."""
    return chain.view.prove_rows(contract, collection, chain.view.state.page(contract, collection, "", 100))


def voters(chain: DecidedChain, height: int) -> Any:
    return chain.view.prove_validators(height)


def test_rows_are_proved_under_one_header() -> None:
    chain = issued()
    chain.decide(chain.sign(ALICE, "asset", "issue", number="B", to=ALICE))
    fact = verify_proof(page(chain), start(chain))
    assert (fact.kind, fact.height, fact.block) == ("rows", 3, chain.chain.head_id)
    holdings = [{"key": key, "value": decode(value)} for key, value in chain.view.state.page("asset", "assets", "", 9)]
    assert fact.claim == {"contract": "asset", "collection": "assets", "rows": holdings}
    assert len(holdings) == 2


def test_rows_of_the_genesis_are_proved_without_a_block() -> None:
    chain = DecidedChain()
    fact = verify_proof(page(chain, *ORGANIZATIONS), start(chain))
    assert (fact.height, len(fact.claim["rows"])) == (0, 4)  # type: ignore[arg-type]


def test_rows_are_proved_in_order_of_keys_whatever_the_page() -> None:
    chain = DecidedChain()
    rows = chain.view.state.page(*ORGANIZATIONS, "", 100)
    assert chain.view.prove_rows(*ORGANIZATIONS, rows[::-1]) == chain.view.prove_rows(*ORGANIZATIONS, rows)
    assert verify_proof(chain.view.prove_rows(*ORGANIZATIONS, []), start(chain)).claim["rows"] == []


def test_history_is_proved_across_a_validator_change() -> None:
    chain = changed()
    chain.decide(chain.sign(ALICE, "asset", "transfer", number="A", to=BOB))
    fact = verify_proof(written(chain), start(chain))
    assert (fact.kind, fact.height) == ("history", 6)
    assert fact.claim["entries"] == [
        {"height": 6, "value": {"holder": BOB, "version": 1}},
        {"height": 1, "value": {"holder": ALICE, "version": 0}},
    ]


def test_history_reaches_back_to_the_genesis() -> None:
    chain = changed()
    history = chain.view.history("governance", "validators", "current")
    proof = chain.view.prove_history("governance", "validators", "current", [height for height, _ in history])
    fact = verify_proof(proof, start(chain))
    assert fact.claim["entries"] == [{"height": height, "value": decode(value or b"")} for height, value in history]
    assert [height for height, _ in history] == [4, 2, 0]


def test_history_at_height_zero_needs_no_block() -> None:
    chain = DecidedChain()
    proof = chain.view.prove_history("governance", "validators", "current", [0])
    assert (proof["header"], verify_proof(proof, start(chain)).height) == (None, 0)


def test_validators_of_every_height_are_proved() -> None:
    chain = changed()
    for height in range(1, 7):
        fact = verify_proof(voters(chain, height), start(chain))
        assert fact.claim == {"height": height, "validators": chain.view.validators_at(height).to_json()}


def test_trust_may_begin_at_what_the_client_holds() -> None:
    chain = changed()
    fact = verify_proof(chain.view.prove_block(5), start(chain))
    assert [point.height for point in fact.learned] == [2, 4]
    for short in (
        chain.view.prove_state(*KEY, trust_from=2),
        chain.view.prove_rows("asset", "assets", [], trust_from=2),
        chain.view.prove_history(*KEY, [1], trust_from=2),
        chain.view.prove_validators(6, trust_from=2),
        chain.view.prove_block(5, trust_from=2),
        chain.view.consistency(1, 5, trust_from=2),
    ):
        assert [step["header"]["height"] for step in short["trust"]] == [4]  # type: ignore[union-attr, index, call-overload]
        assert verify_proof(short, fact.learned[0]).trusted == fact.trusted
        refused(short, start(chain), "wrong-validators")


def test_validator_changes_stand_once_and_in_order() -> None:
    chain = changed()
    proof: Any = chain.view.prove_block(5)
    one, other = proof["trust"]
    for trust in ([one, one, other], [other, one], [one, other, other]):
        refused({**proof, "trust": trust}, start(chain), "wrong-trust")
    above = chain.view.prove_block(4)["header"], chain.view.record(4).commit.to_json()
    refused({**proof, "header": above[0], "certificate": above[1]}, start(chain), "wrong-trust")
    genesis = chain.view.prove_validators(1)
    refused({**genesis, "trust": [one]}, start(chain), "wrong-trust")


def test_a_header_needs_no_path_to_itself() -> None:
    chain = issued()
    refused({**chain.view.consistency(2, 2), "inclusion": [OTHER]}, start(chain), "wrong-consistency")
    proof = written(chain)
    proof["entries"][0]["inclusion"] = [OTHER]
    refused(proof, start(chain), "wrong-history")


def test_rows_stand_once_and_in_order() -> None:
    chain = DecidedChain()
    proof = page(chain, *ORGANIZATIONS)
    for rows in (proof["rows"][::-1], [proof["rows"][0]] * 2):
        refused({**proof, "rows": rows}, start(chain), "wrong-rows")


def test_a_row_with_another_value_is_refused() -> None:
    chain = issued()
    proof = page(chain)
    proof["rows"][0]["value"]["holder"] = ALICE
    refused(proof, start(chain), "wrong-state-proof")


def test_rows_of_another_collection_are_refused() -> None:
    chain = issued()
    refused({**page(chain), "collection": "counters"}, start(chain), "wrong-state-proof")


def test_entries_stand_once_and_in_order() -> None:
    chain = issued()
    proof = written(chain)
    for entries in (proof["entries"][::-1], [proof["entries"][0]] * 2):
        refused({**proof, "entries": entries}, start(chain), "wrong-history")


def test_other_writes_are_not_those_of_the_receipt() -> None:
    chain = issued()
    proof = written(chain)
    proof["entries"][0]["writes"][0]["value"] = encode({"holder": ALICE, "version": 1}).decode()
    refused(proof, start(chain), "wrong-history")


def test_a_transaction_that_writes_other_keys_is_no_entry() -> None:
    chain = issued()
    refused({**written(chain), "key": "B"}, start(chain), "wrong-history")


def test_a_receipt_that_the_block_does_not_hold_is_refused() -> None:
    chain = issued()
    proof = written(chain)
    proof["entries"][1]["receipt"] = proof["entries"][0]["receipt"]
    refused(proof, start(chain), "wrong-inclusion")


def test_an_entry_of_another_chain_is_refused() -> None:
    chain = issued()
    proof = written(chain)
    proof["entries"][1]["header"]["proposer"] = "south.validator"
    refused(proof, start(chain), "wrong-inclusion")


def test_a_block_after_the_header_is_not_of_its_history() -> None:
    chain = issued()
    later, earlier = written(chain), chain.view.prove_block(1)
    refused({**later, **{name: earlier[name] for name in ("header", "certificate")}}, start(chain), "wrong-history")


def test_a_history_of_blocks_needs_a_header() -> None:
    chain = issued()
    refused({**written(chain), "header": None, "certificate": None}, start(chain), "no-header")


def test_another_first_value_is_refused() -> None:
    chain = DecidedChain()
    proof: Any = chain.view.prove_history("governance", "parameters", "current", [0])
    proof["entries"][0]["value"]["drift_ms"] = 1
    refused(proof, start(chain), "wrong-state-proof")


def test_other_validators_are_refused() -> None:
    chain = changed()
    proof = voters(chain, 3)
    proof["validators"].reverse()
    refused(proof, start(chain), "wrong-next-validators")


def test_other_first_validators_are_refused() -> None:
    chain = changed()
    proof = voters(chain, 1)
    proof["validators"].pop()
    refused(proof, start(chain), "wrong-validators")


def test_first_validators_are_verified_from_the_genesis() -> None:
    chain = changed()
    later = replace(start(chain), height=4)
    assert later.validators == trust_genesis(chain.chain.genesis).validators
    refused(voters(chain, 1), later, "older-than-trust")


def test_a_path_where_none_belongs_is_malformed() -> None:
    chain = issued()
    for proof in (written(chain), page(chain), voters(chain, 2), chain.view.prove_block(1)):
        with pytest.raises(MalformedError, match="is empty"):
            verify_proof({**proof, "path": [OTHER]}, start(chain))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("rows", {"rows": None}),
        ("rows", {"rows": [None]}),
        ("rows", {"rows": [{"key": "A", "value": 1}]}),
        ("rows", {"rows": [{"key": 7, "value": 1, "path": {}}]}),
        ("rows", {"collection": 7, "rows": []}),
        ("rows", {"contract": "\ud800"}),
        ("history", {"entries": {}}),
        ("history", {"entries": [7]}),
        ("history", {"entries": [{"header": None}]}),
        ("history", {"entries": [{"value": 1, "path": None}]}),
        ("history", {"key": ""}),
        ("history", {"collection": "\ud800"}),
        ("validators", {"validators": {}}),
        ("validators", {"validators": [{}]}),
    ],
)
def test_other_shapes_are_malformed(kind: str, change: dict[str, Any]) -> None:
    chain = issued()
    proof = {"rows": page(chain), "history": written(chain), "validators": voters(chain, 2)}[kind]
    assert verify_proof(proof, start(chain)).kind == kind
    with pytest.raises(MalformedError):
        verify_proof({**proof, **change}, start(chain))


@pytest.mark.parametrize("change", [{"writes": None}, {"writes": "\ud800"}, {"receipt": None}, {"index": None}, {"path": {}}])
def test_other_entries_are_refused(change: dict[str, Any]) -> None:
    chain = issued()
    proof = written(chain)
    proof["entries"][0].update(change)
    with pytest.raises((MalformedError, VerificationError)):
        verify_proof(proof, start(chain))


def test_a_name_that_utf_8_cannot_carry_is_malformed() -> None:
    chain = issued()
    with pytest.raises(MalformedError):
        verify_proof({**chain.view.prove_state(*KEY), "contract": "\ud800"}, start(chain))
