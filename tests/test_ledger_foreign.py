"""What one ledger believes of another: headers that its validators decided, what they lead to, and forks, which freeze it."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.contract.contract import Context, ContractSet
from ledger.contract.foreign import decided
from ledger.encoding import decode_object
from ledger.errors import JsonValue
from ledger.identity.records import ForeignLedger, ValidatorEntry, ValidatorSet
from ledger.primitives import NO_DIGEST
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView
from ledger.transaction import Transaction
from nodes.foreign.contract import Foreign
from nodes.network.specification import default_specification
from tests.crossing_contracts import Desk, Safe
from tests.support import ADMINS, ALICE, EAST, NORTH, OTHER, SOUTH, WEST, DecidedChain, certify

MODULES = {
    "foreign": "nodes.foreign.contract:Foreign",
    "safe": "tests.crossing_contracts:Safe",
    "desk": "tests.crossing_contracts:Desk",
}
CONTRACTS = ContractSet({"foreign": Foreign, "safe": Safe, "desk": Desk})
HARBOUR = "harbour"
Json = dict[str, Any]


def chain(start_time_ms: int = 1_735_689_600_000) -> DecidedChain:
    specification = default_specification(start_time_ms=start_time_ms, members_each=1)
    return DecidedChain(replace(specification, contracts=tuple(MODULES.items())), CONTRACTS)


class Pair:
    """A harbour and a bank that follows it."""

    def __init__(self) -> None:
        self.harbour, self.bank = chain(), chain(1_735_689_600_001)
        self.admit()

    def admission(self, number: str, **changes: JsonValue) -> Transaction:
        """All organizations of the bank admit the harbour."""
        facts = {"name": HARBOUR, "ledger": self.harbour.chain.ledger, "validators": self.set_now()}
        action: JsonValue = {"kind": "admit-ledger", **facts, **changes}
        return self.bank.sign(ADMINS, "governance", "propose", number=number, action=action)

    def admit(self, **changes: JsonValue) -> None:
        self.bank.decide(self.admission(f"P-{self.bank.chain.height}", **changes))
        assert self.bank.receipts()[0]["code"] == "ok"

    def set_now(self) -> JsonValue:
        return self.harbour.chain.validators.to_json()

    def brought(self, height: int, **changes: JsonValue) -> Json:
        """A block of the harbour."""
        proof: Json = self.harbour.view.prove_block(height)
        return {"header": proof["header"], "certificate": proof["certificate"], **changes}

    def ask(self, contract: str, operation: str, **arguments: Any) -> tuple[str, Json]:
        """One transaction at the bank: its code and details."""
        self.bank.decide(self.bank.sign(ALICE, contract, operation, **arguments))
        receipt: Json = self.bank.receipts()[0]
        return receipt["code"], receipt["details"]

    def advance(self, *heights: int) -> tuple[str, Json]:
        return self.ask("foreign", "advance", ledger=HARBOUR, blocks=[self.brought(height) for height in heights])

    def lock(self, deal: str, price_cents: int = 5) -> None:
        self.harbour.decide(self.harbour.sign(ALICE, "safe", "lock", deal=deal, thing="B-1", price_cents=price_cents))

    def crossing(self, deal: str, collection: str = "crossing_locks") -> Json:
        """The proof of a record, or of none, at the harbour's head."""
        proof: Json = self.harbour.view.prove_state("safe", collection, deal)
        return {"value": proof.get("value"), "path": proof["path"], "header": proof["header"]}

    def note(self, deal: str, proof: Json, **more: JsonValue) -> tuple[str, Json]:
        return self.ask("desk", "note", deal=deal, proof=proof, **more)

    def noted(self, deal: str) -> Json:
        value = self.bank.chain.state.get("desk", "notes", deal)
        assert value is not None
        return decode_object(value)


def test_a_record_of_another_ledger_is_proved_at_its_newest_header() -> None:
    pair = Pair()
    pair.lock("D-1")
    assert pair.advance(1) == ("ok", {})
    proof = pair.crossing("D-1")
    assert pair.note("D-1", proof) == ("ok", {})
    assert pair.note("D-2", pair.crossing("D-2") | {"header": None}) == ("ok", {})
    assert [pair.noted("D-1"), pair.noted("D-2")] == [{"price_cents": 5, "height": 1}, {"price_cents": None, "height": 1}]


def test_a_proof_against_an_older_header_leads_to_the_newest_one() -> None:
    pair = Pair()
    pair.lock("D-1")
    proof, first = pair.crossing("D-1"), pair.harbour.view.header(1)
    for number in range(4):
        pair.lock(f"E-{number}")
    assert pair.advance(5) == ("ok", {})
    inclusion = pair.harbour.view.consistency(1, 5)["inclusion"]
    assert pair.note("D-1", proof | {"inclusion": inclusion}) == ("ok", {})
    assert pair.noted("D-1") == {"price_cents": 5, "height": 1}
    rule = {"ledger": HARBOUR, "collection": "safe.crossing_locks", "key": "D-1"}
    assert pair.note("D-1", proof) == ("not-proved", {**rule, "rule": "wrong-inclusion"})
    age = pair.bank.chain.head_time_ms + 1_000 - first.time
    too_old = ("proof-too-old", {"ledger": HARBOUR, "block_at_ms": first.time, "age_max_ms": age - 1})
    assert pair.note("D-1", proof | {"inclusion": inclusion}, age_max_ms=age - 1) == too_old


def test_a_proof_stays_good_while_others_bring_newer_headers_though_not_for_ever() -> None:
    pair = Pair()
    pair.lock("D-1")
    no_second = pair.crossing("D-2")
    pair.lock("D-2")
    pair.advance(2)
    at_head, inclusion = pair.crossing("D-1"), pair.harbour.view.consistency(1, 2)["inclusion"]
    led_there = {"D-1": at_head, "D-2": no_second | {"inclusion": inclusion}}
    for height in range(3, 10):
        pair.lock(f"E-{height}")
        pair.advance(height)
        assert {pair.note(deal, proof)[0] for deal, proof in led_there.items()} == {"ok"}
        assert [pair.noted(deal)["height"] for deal in led_there] == [2, 1]
    pair.lock("E-10")
    pair.advance(10)
    assert {pair.note(deal, proof)[1]["rule"] for deal, proof in led_there.items()} == {"wrong-inclusion"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"value": {"thing": "B-1", "price_cents": 4}}, "wrong-state-proof"),
        ({"value": None}, "wrong-state-proof"),
        ({"path": {"steps": [{}], "leaf": None}}, "wrong-state-proof"),
        ({"path": {}}, "bad-proof"),
        ({"inclusion": [OTHER]}, "wrong-history"),
        ({"header": {}}, "wrong-state-proof"),
    ],
    ids=["another value", "as absent", "another path", "no path", "a needless path", "no header"],
)
def test_a_proof_that_does_not_hold_names_the_broken_rule(change: Json, rule: str) -> None:
    pair = Pair()
    pair.lock("D-1")
    pair.advance(1)
    proof = pair.crossing("D-1") | change
    if change == {"header": {}}:
        proof = pair.crossing("D-2") | {"value": {"thing": "B-1", "price_cents": 5}}
    code, details = pair.note("D-1", proof)
    assert (code, details["rule"]) == ("not-proved", rule)


def test_a_header_that_is_not_known_proves_nothing() -> None:
    pair = Pair()
    pair.lock("D-1")
    assert pair.note("D-1", pair.crossing("D-1")) == ("unknown-ledger", {"ledger": HARBOUR})
    pair.advance(1)
    pair.lock("D-2")
    code, details = pair.note("D-2", pair.crossing("D-2"))
    assert (code, details["rule"]) == ("not-proved", "wrong-history")


def test_a_field_that_is_not_there_and_a_collection_that_does_not_cross() -> None:
    pair = Pair()
    pair.lock("D-1")
    pair.advance(1)
    unreadable = ("unreadable-record", {"collection": "safe.crossing_locks", "key": "D-1"})
    assert pair.ask("desk", "weigh", deal="D-1", proof=pair.crossing("D-1")) == unreadable
    assert pair.ask("desk", "peep", deal="D-1", proof=pair.crossing("D-1", "kept")) == ("contract-error", {"error": "TypeError"})


def test_a_validator_change_is_followed_and_none_is_left_out() -> None:
    pair = Pair()
    pair.lock("D-1")
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    pair.lock("D-2")
    after = pair.set_now()
    assert pair.advance(3) == ("not-decided", {"rule": "wrong-validators"})
    change, last = pair.brought(2), pair.brought(3)
    both = {"ledger": HARBOUR, "height": 2}
    assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[change, last]) == ("wrong-set", both)
    assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[change | {"validators": after}, last]) == ("ok", {})
    known = {"ledger": HARBOUR, "height": 1, "known": 3}
    assert pair.advance(1)[0] == "not-decided"
    assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[last]) == ("not-newer", known | {"height": 3})


def test_a_minority_of_signatures_and_those_of_others_decide_nothing() -> None:
    pair = Pair()
    pair.lock("D-1")
    block = pair.brought(1)
    certificate = block["certificate"]
    few = {**certificate, "signers": certificate["signers"][:2], "signatures": certificate["signatures"][:2]}
    swapped = {**certificate, "signatures": certificate["signatures"][::-1]}
    for forged, rule in ((few, "wrong-quorum"), (swapped, "wrong-signature"), ({}, "bad-certificate")):
        blocks = [block | {"certificate": forged}]
        assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=blocks) == ("not-decided", {"rule": rule})
    assert pair.ask("foreign", "advance", ledger="moon", blocks=[block]) == ("unknown-ledger", {"ledger": "moon"})


def test_only_the_contract_foreign_checks_signatures() -> None:
    """It alone may spend what a block has for them, so a contract that wants more of a proof has no other way to them."""
    pair = Pair()
    pair.lock("D-1")
    state, block = Overlay(StateView(MemoryStore())), pair.brought(1)
    voters = pair.harbour.chain.validators.validators
    entries = tuple(ValidatorEntry(member=voter.member, public_key=voter.public_key) for voter in voters)
    known = ForeignLedger(
        ledger=pair.harbour.chain.ledger, suite="ed25519-sha256", height=0, validators=entries, admitted_height=1
    )  # fmt: skip
    assert decided(Context(Foreign, state, (), 0, 1, NO_DIGEST), known, block["header"], block["certificate"]).height == 1
    with pytest.raises(TypeError, match="Contract foreign alone checks signatures"):
        decided(Context(Desk, state, (), 0, 1, NO_DIGEST), known, block["header"], block["certificate"])


def test_what_a_block_may_check_is_bounded_also_by_what_is_refused() -> None:
    pair = Pair()
    pair.lock("D-1")
    block = pair.brought(1)
    wrong = block | {"certificate": {**block["certificate"], "signatures": block["certificate"]["signatures"][::-1]}}
    spent = [pair.bank.sign(ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[wrong]) for _ in range(200)]
    last = pair.bank.sign(ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[block])
    pair.bank.decide(*spent, last)
    assert {str(receipt["code"]) for receipt in pair.bank.receipts()[:-1]} == {"not-decided"}
    assert pair.bank.receipts()[-1]["code"] == "too-many-signatures"
    assert pair.advance(1) == ("ok", {})


def test_what_holds_no_signature_takes_nothing_from_those_that_bring_some() -> None:
    pair = Pair()
    pair.lock("D-1")
    none = pair.brought(1, certificate={**pair.brought(1)["certificate"], "signers": [], "signatures": []})
    brought = [none, none | {"certificate": {}}, none | {"header": {}}]
    rubbish = [pair.bank.sign(ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[brought[i % 3]]) for i in range(210)]
    pair.bank.decide(*rubbish, pair.bank.sign(ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[pair.brought(1)]))
    codes = [str(receipt["code"]) for receipt in pair.bank.receipts()]
    assert ({*codes[:-1]}, codes[-1]) == ({"not-decided"}, "ok")


class Forked(Pair):
    """The harbour's validators decide two blocks of height 2: `other` is the one that the harbour did not keep."""

    def __init__(self) -> None:
        super().__init__()
        self.lock("D-1")
        self.advance(1)
        other = self.harbour.build(self.harbour.sign(ALICE, "safe", "lock", deal="D-9", thing="B-1", price_cents=9))
        self.header = other.block.header
        self.other = self.certified(1)
        self.later_other = self.certified(2)
        self.present = self.harbour.chain.validators
        self.lock("D-2")
        self.kept, self.kept_id = self.brought(2), self.harbour.view.header(2).id

    def certified(self, view: int) -> Json:
        certificate = self.harbour.certificate("final", 2, view, self.header.id)
        return {"header": self.header.to_json(), "certificate": certificate.to_json()}

    def report(self, first: Json, second: Json, **more: JsonValue) -> tuple[str, Json]:
        return self.ask("foreign", "report_fork", ledger=HARBOUR, first=first, second=second, **more)

    def conflict(self) -> Json:
        value = self.bank.chain.state.get("foreign", "conflicts", f"{HARBOUR}:2:{self.present.digest}")
        assert value is not None
        return decode_object(value)


def test_two_blocks_of_one_height_freeze_the_ledger_and_convict_who_signed_both() -> None:
    pair = Forked()
    proof = pair.crossing("D-1")
    pair.advance(2)
    assert pair.note("D-1", proof) == ("ok", {})
    assert pair.report(pair.kept, pair.other) == ("ok", {})
    assert pair.conflict()["convicted"] == [NORTH, SOUTH, EAST]
    assert pair.conflict()["froze"] is True
    frozen = ("ledger-frozen", {"ledger": HARBOUR})
    pair.lock("D-3")
    assert pair.note("D-1", proof) == pair.advance(3) == frozen
    assert pair.report(pair.kept, pair.other) == ("conflict-recorded", {"ledger": HARBOUR, "height": 2})


def test_one_block_twice_or_two_heights_are_no_fork() -> None:
    pair = Forked()
    assert pair.report(pair.kept, pair.kept) == ("no-conflict", {})
    assert pair.report(pair.brought(1), pair.other) == ("no-conflict", {})
    minority = {**pair.other["certificate"], "signers": [0, 1], "signatures": pair.other["certificate"]["signatures"][:2]}
    assert pair.report(pair.kept, pair.other | {"certificate": minority}) == ("not-decided", {"rule": "wrong-quorum"})


def test_certificates_of_two_views_freeze_and_pairs_of_statements_convict() -> None:
    pair = Forked()
    assert pair.report(pair.kept, pair.later_other) == ("ok", {})
    assert (pair.conflict()["convicted"], pair.conflict()["froze"]) == ([], True)
    first, second = (
        certify(pair.harbour.chain.ledger, pair.present, pair.harbour.keys, "vote", 2, 1, block, range(3))
        .statements()[0]
        .to_json()
        for block in (pair.header.id, pair.kept_id)
    )
    assert pair.report(pair.kept, pair.later_other, pairs=[[first, first]]) == ("not-decided", {"rule": "no-conflict"})
    lie = {**second, "signature": first["signature"]}
    assert pair.report(pair.kept, pair.later_other, pairs=[[first, lie]]) == ("not-decided", {"rule": "wrong-signature"})
    assert pair.report(pair.kept, pair.later_other, pairs=[[first, second]]) == ("ok", {})
    assert pair.conflict()["convicted"] == [NORTH]


def test_governance_admits_a_frozen_ledger_again_and_what_was_known_is_forgotten() -> None:
    pair = Forked()
    pair.report(pair.kept, pair.other)
    pair.admit()
    assert pair.note("D-1", pair.crossing("D-1")) == ("unknown-ledger", {"ledger": HARBOUR})
    assert pair.advance(2) == ("ok", {})
    assert pair.note("D-1", pair.crossing("D-1")) == ("ok", {})


def test_a_ledger_that_is_admitted_again_from_before_its_fork_can_be_frozen_again_with_it() -> None:
    pair = Forked()
    pair.report(pair.kept, pair.other)
    pair.admit()
    assert pair.report(pair.kept, pair.other) == ("ok", {})
    assert pair.advance(2) == ("ledger-frozen", {"ledger": HARBOUR})
    pair.admit(height=2)
    assert pair.report(pair.kept, pair.other) == ("not-decided", {"rule": "older-than-trust"})


def test_a_ledger_has_one_name_and_a_name_one_ledger() -> None:
    pair = Pair()
    for name, ledger in ((HARBOUR, OTHER), ("port", pair.harbour.chain.ledger)):
        pair.bank.decide(pair.admission("X", name=name, ledger=ledger))
        (receipt,) = pair.bank.receipts()
        assert (receipt["code"], receipt["details"]) == (
            "ledger-name-taken",
            {"name": HARBOUR, "ledger": pair.harbour.chain.ledger},
        )


def test_a_second_admission_in_one_block_would_keep_what_the_first_one_learned() -> None:
    pair = Pair()
    pair.lock("D-1")
    advance = pair.bank.sign(ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[pair.brought(1)])
    pair.bank.decide(pair.admission("X"), advance, pair.admission("Y", height=1))
    assert [receipt["code"] for receipt in pair.bank.receipts()] == ["ok", "ok", "admitted-this-block"]
    pair.bank.decide(pair.admission("Y", height=1))
    assert pair.note("D-1", pair.crossing("D-1")) == ("unknown-ledger", {"ledger": HARBOUR})


def test_a_fork_of_a_former_set_is_noted_and_freezes_nothing() -> None:
    pair = Forked()
    before, after = pair.set_now(), None
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    after = pair.set_now()
    stranger = pair.kept | {"validators": before}
    change = [pair.brought(3, validators=after)]
    assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=change) == ("ok", {})
    pair.lock("D-3")
    assert pair.report(stranger, pair.other) == ("ok", {})
    assert (pair.conflict()["convicted"], pair.conflict()["froze"]) == ([NORTH, SOUTH, EAST], False)
    assert pair.advance(4) == ("ok", {})
    assert pair.note("D-3", pair.crossing("D-3")) == ("ok", {})


def test_what_a_former_set_signed_does_not_hide_a_fork_of_the_present_one() -> None:
    pair = Pair()
    former = pair.harbour.chain.validators
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    present = pair.harbour.chain.validators
    change = [pair.brought(1, validators=pair.set_now())]
    assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=change) == ("ok", {})
    pair.lock("D-1")
    header = pair.harbour.view.header(2)

    def signed(validators: ValidatorSet, time_ms: int) -> Json:
        forged = replace(header, time=time_ms, validators=validators.digest, next_validators=validators.digest)
        ledger, signers = pair.harbour.chain.ledger, range(validators.q)
        certificate = certify(ledger, validators, pair.harbour.keys, "final", 2, 1, forged.id, signers)
        return {"header": forged.to_json(), "certificate": certificate.to_json(), "validators": validators.to_json()}

    for validators in (former, present):  # the same three members
        first, second = signed(validators, header.time + 1), signed(validators, header.time + 2)
        assert pair.ask("foreign", "report_fork", ledger=HARBOUR, first=first, second=second) == ("ok", {})
    assert pair.advance(2) == ("ledger-frozen", {"ledger": HARBOUR})


def test_a_set_that_the_ledger_never_had_convicts_nobody() -> None:
    pair = Forked()
    header = {**pair.kept["header"], "validators": OTHER}
    assert pair.report(pair.kept | {"header": header}, pair.other) == ("unknown-set", {"ledger": HARBOUR})
