"""Admission and execution: what may stand in a block, and what becomes of it there."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from ledger.block import writes_digest
from ledger.contract import Anyone, Collection, Context, Contract, Identifier, Record, operation
from ledger.contract.contract import ContractSet
from ledger.contract.records import read_member
from ledger.encoding import encode
from ledger.errors import ContractExhaustedError, InputError, JsonValue, OperatorError, StorageError
from ledger.execution import NO_WRITES, BlockResult, Execution, check_arguments, execute_block, verify_admission
from ledger.identity.records import GOVERNANCE, Parameters
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.state.overlay import Overlay
from ledger.transaction import Transaction
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from nodes.sample_contract import Asset
from tests.support import NOTHING, OTHER, DecidedChain, refusal

LIFETIME = Parameters().transaction_lifetime_max_ms
NAMES = ("east.admin", "east.boss", "east.li", "west.wu")


class Box(Record):
    """What the odd contract stores."""

    size: int


class Odd(Contract):
    """Does everything that a contract should not do."""

    name = "odd"
    boxes = Collection(Box)

    @operation(signed_by=Anyone())
    def fill(self, context: Context, number: Identifier, count: int) -> None:
        """Writes many keys."""
        for place in range(count):
            self.boxes[f"{number}-{place:04}"] = Box(size=place)

    @operation(signed_by=Anyone())
    def fail(self, context: Context, number: Identifier) -> None:
        """Writes, then fails."""
        self.boxes[number] = Box(size=1)
        raise KeyError(number)

    @operation(signed_by=Anyone())
    def overflow(self, context: Context, number: Identifier) -> None:
        """Computes what no ledger holds."""
        self.boxes[number] = Box(size=2**60)

    @operation(signed_by=Anyone())
    def shout(self, context: Context, words: str, times: int) -> None:
        """Announces a lot."""
        for _ in range(times):
            context.emit("said", words=words)

    @operation(signed_by=Anyone())
    def complain(self, context: Context, words: str, times: int) -> None:
        """Refuses with a lot of words."""
        context.refuse("not-found", collection=words * times, key=chr(0xD800) if times == 0 else "")

    @operation(signed_by=Anyone())
    def reckon(self, context: Context, shape: int) -> None:
        """Refuses with a number that has more digits than Python writes."""
        number = 10**5_000
        context.refuse("not-found", collection=(number, [number], {"of": number}, [{"of": number}])[shape], key="")

    @operation(signed_by=Anyone())
    def descend(self, context: Context, number: Identifier, depth: int) -> None:
        """Calls itself; the loader would refuse it."""
        if depth:
            self.descend(context, number, depth - 1)
        else:
            self.boxes[number] = Box(size=1)

    @operation(signed_by=Anyone())
    def hoard(self, context: Context) -> None:
        """Asks for more memory than there is."""
        bytearray(2**60)

    @operation(signed_by=Anyone())
    def break_disk(self, context: Context) -> None:
        """What a read from a damaged database does."""
        raise StorageError("database-damaged", "The disk is gone.")


CHAIN = DecidedChain(
    NetworkSpecification(
        organizations=(
            OrganizationSpec("east", (MemberSpec("admin", ("admin",)), MemberSpec("boss", ("admin",)), MemberSpec("li"))),
            OrganizationSpec("west", (MemberSpec("admin", ("admin",)), MemberSpec("wu"), MemberSpec("node", ("validator",)))),
        ),
        validators=("west.node",),
        contracts=(("asset", "nodes.sample_contract:Asset"), ("odd", "tests.test_ledger_execution:Odd")),
    ),
    ContractSet({"asset": Asset, "odd": Odd}),
)
CHAIN.keys["north.nobody"] = CHAIN.keys["east.li"]
CONTRACTS = CHAIN.chain.contracts
NOW = CHAIN.chain.head_time_ms + 1_000


def state_with(*contracts: str) -> Overlay:
    """What the genesis holds, with these contracts and no others."""
    state = Overlay(CHAIN.view.state)
    for name in ("asset", "odd"):
        state.delete(GOVERNANCE, "contracts", name)
    for name in contracts:
        state.put(GOVERNANCE, "contracts", name, encode({"name": name, "module": "-", "digest": "0" * 64}))
    return state


@pytest.fixture
def state() -> Overlay:
    return state_with("asset", "odd")


def sign(operation: str, *signers: str, contract: str = "asset", expires_ms: int = NOW + 60_000, **arguments: Any) -> Transaction:
    return CHAIN.sign(signers or "east.li", contract, operation, expires_ms, **arguments)


def run(state: Overlay, *transactions: Transaction) -> BlockResult:
    return execute_block(CONTRACTS, state, transactions, NOW, 7)


def outcome(state: Overlay, transaction: Transaction) -> tuple[str, dict[str, JsonValue]]:
    """Code and details of a transaction alone in a block; a rejected one has written nothing."""
    result = run(state, transaction)
    receipt = result.receipts[0]
    if receipt.outcome == "rejected":
        assert (result.writes, receipt.writes, receipt.events) == ((), NO_WRITES, ())
    return receipt.code, receipt.details


# Admission


def admit(
    transaction: Transaction, ledger: Digest = CHAIN.chain.ledger, known: bool = False, verified: bool = False, **changes: Any
) -> None:
    """By a ledger on which the record of east.li has these changes."""
    members = {name: read_member(CHAIN.view.state, name) for name in NAMES}
    members["east.li"] = members["east.li"].model_copy(update=changes)  # type: ignore[union-attr]
    verify_admission(
        transaction,
        ledger=ledger,
        members=members.get,
        time_ms=NOW,
        parameters=Parameters(),
        is_known=lambda identifier: known and identifier == transaction.id,
        suite=SUITES[CHAIN.chain.genesis.suite],
        verified=verified,
    )


BUMP = sign("bump", "east.li", "west.wu", number="A-1")
NOT_ADMITTED: dict[str, tuple[str, Transaction, dict[str, Any]]] = {
    "another ledger": ("wrong-ledger", BUMP, {"ledger": OTHER}),
    "too large": ("transaction-too-large", sign("bump", number="A" * 70_000), {}),
    "at its end": ("expired", sign("bump", number="A-1", expires_ms=NOW), {}),
    "beyond the lifetime": ("lifetime-too-long", sign("bump", number="A-1", expires_ms=NOW + LIFETIME + 1), {}),
    "known": ("known-transaction", BUMP, {"known": True}),
    "a stranger's": ("not-enrolled", sign("bump", "east.li", "north.nobody", number="A-1"), {}),
    "revoked": ("revoked", BUMP, {"revoked_at_ms": NOW - 1}),
    "revoked and verified": ("revoked", BUMP, {"revoked_at_ms": NOW, "verified": True}),
    "after the certificate": ("certificate-expired", BUMP, {"not_after_ms": NOW - 1}),
    "before the certificate": ("certificate-not-yet-valid", BUMP, {"not_before_ms": NOW + 1}),
    "signatures exchanged": ("wrong-signature", replace(BUMP, signatures=BUMP.signatures[::-1]), {}),
    "another's key": ("wrong-signature", BUMP, {"public_key": CHAIN.keys["west.wu"].public_key}),
    "a weak key": ("wrong-signature", BUMP, {"public_key": "00" * 32}),
}


@pytest.mark.parametrize("name", NOT_ADMITTED)
def test_wrong_transaction_is_not_admitted(name: str) -> None:
    code, transaction, options = NOT_ADMITTED[name]
    error = refusal(InputError, admit, transaction, **options)
    assert error.code == code
    assert code != "transaction-too-large" or error.status == 413
    assert code != "not-enrolled" or error.details == {"member": "north.nobody"}


def test_right_transaction_is_admitted() -> None:
    admit(sign("transfer", "east.li", "west.wu", number="A-1", to="west.wu"))
    admit(sign("bump", number="A-1", expires_ms=NOW + 1))
    admit(sign("bump", number="A-1", expires_ms=NOW + LIFETIME))
    admit(BUMP, not_before_ms=NOW, not_after_ms=NOW)
    admit(replace(BUMP, signatures=BUMP.signatures[::-1]), verified=True)


# At the edge


def test_edge_names_the_fields_that_do_not_fit() -> None:
    check_arguments(CONTRACTS, sign("transfer", number="A-1", to="west.wu"))
    error = refusal(InputError, check_arguments, CONTRACTS, sign("transfer", number=5, more=1))
    assert error.code == "bad-arguments"
    fields: Any = error.details["fields"]
    assert sorted(problem["field"] for problem in fields) == ["more", "number", "to"]


@pytest.mark.parametrize(("operation", "contract", "what"), [("issue", "gold", "contract"), ("melt", "asset", "operation")])
def test_edge_knows_what_there_is(operation: str, contract: str, what: str) -> None:
    assert refusal(InputError, check_arguments, CONTRACTS, sign(operation, contract=contract)).code == f"unknown-{what}"


# Execution


def test_transactions_of_a_block_build_on_each_other(state: Overlay) -> None:
    result = run(
        state,
        sign("issue", number="A-1", to="east.li"),
        sign("transfer", number="A-1", to="west.wu"),
        sign("transfer", number="A-1", to="east.li"),
        sign("transfer", "west.wu", number="A-1", to="east.admin"),
    )
    assert [(r.outcome, r.code) for r in result.receipts] == [
        ("committed", "ok"),
        ("committed", "ok"),
        ("rejected", "not-holder"),
        ("committed", "ok"),
    ]
    assert result.receipts[2].details == {"holder": "west.wu"}
    assert [w.value for writes in result.writes_by_transaction for w in writes] == [
        b'{"holder":"east.li","version":0}',
        b'{"holder":"west.wu","version":1}',
        b'{"holder":"east.admin","version":2}',
    ]
    assert [(w.contract, w.collection, w.key, w.value) for w in result.writes] == [
        ("asset", "assets", "A-1", b'{"holder":"east.admin","version":2}')
    ]
    assert [r.writes for r in result.receipts] == [writes_digest(writes) for writes in result.writes_by_transaction]
    assert [event.name for event in result.receipts[0].events] == ["issued"]


def test_block_does_not_change_its_base(state: Overlay) -> None:
    before = state.writes()
    run(state, sign("issue", number="A-1", to="east.li"))
    assert state.writes() == before


def test_transaction_alone_changes_its_state(state: Overlay) -> None:
    execution = Execution(CONTRACTS, state, NOW, 7)
    receipt, writes = execution.run(sign("issue", number="A-1", to="east.li"))
    assert (receipt.code, len(writes)) == ("ok", 1)
    assert state.get("asset", "assets", "A-1") == writes[0].value
    receipt, writes = execution.run(sign("issue", number="A-1", to="west.wu"))
    assert (receipt.code, writes) == ("already-issued", ())


def test_hot_counter_counts_every_bump(state: Overlay) -> None:
    result = run(state, *(sign("bump", name, number="hot") for name in NAMES * 3))
    assert all(receipt.outcome == "committed" for receipt in result.receipts)
    assert [w.value for w in result.writes] == [b'{"count":12}']


def test_execution_is_the_same_twice(state: Overlay) -> None:
    transactions = [sign("issue", number="A-1", to="east.li"), sign("fail", contract="odd", number="1")]
    assert run(state, *transactions) == run(state, *transactions)


def test_contract_that_the_ledger_does_not_have_is_a_rejection() -> None:
    assert outcome(state_with("odd"), sign("issue", number="A-1", to="east.li")) == ("unknown-contract", {"contract": "asset"})


def test_contract_that_is_not_installed_is_this_machines_trouble() -> None:
    assert refusal(OperatorError, run, state_with("gold"), sign("issue", contract="gold")).code == "contract-not-installed"


def test_system_contracts_run_on_every_ledger(state: Overlay) -> None:
    assert outcome(state, sign("revoke", contract="membership", member="west.wu"))[0] == "policy-not-satisfied"


def test_signer_revoked_earlier_in_the_block_is_rejected(state: Overlay) -> None:
    result = run(
        state,
        sign("issue", number="A-1", to="east.li"),
        sign("revoke", "east.admin", contract="membership", member="east.li"),
        sign("transfer", number="A-1", to="west.wu"),
    )
    assert [r.code for r in result.receipts] == ["ok", "ok", "revoked"]
    assert result.receipts[2].details == {"member": "east.li"}


def test_signer_that_nobody_enrolled_is_rejected() -> None:
    assert outcome(Overlay(NOTHING), sign("bump", number="A-1"))[0] == "unknown-contract"
    state = state_with("asset")
    state.delete("membership", "members", "east.li")
    assert outcome(state, sign("bump", number="A-1")) == ("not-a-member", {"member": "east.li"})


TOO_LONG = "x" * 1_000
LIMITED: dict[str, tuple[str, dict[str, Any], tuple[str, dict[str, JsonValue]]]] = {
    "an error of Python": ("fail", {"number": "1"}, ("contract-error", {"error": "KeyError"})),
    "a value that no ledger holds": ("overflow", {"number": "1"}, ("contract-error", {"error": "MalformedError"})),
    "a refusal that no receipt holds": ("complain", {"words": "", "times": 0}, ("contract-error", {"error": "MalformedError"})),
    "endless digits": ("reckon", {"shape": 0}, ("contract-error", {"error": "MalformedError"})),
    "endless digits in a list": ("reckon", {"shape": 1}, ("contract-error", {"error": "MalformedError"})),
    "endless digits in an object": ("reckon", {"shape": 2}, ("contract-error", {"error": "MalformedError"})),
    "endless digits deeper": ("reckon", {"shape": 3}, ("contract-error", {"error": "MalformedError"})),
    "as many writes as may be": ("fill", {"number": "1", "count": 200}, ("ok", {})),
    "one write more": ("fill", {"number": "1", "count": 201}, ("too-many-writes", {"writes": 201, "writes_max": 200})),
    "a long receipt": ("shout", {"words": TOO_LONG, "times": 10}, ("ok", {})),
    "too long a receipt": ("shout", {"words": TOO_LONG, "times": 100}, ("receipt-too-large", {"bytes_max": 65_536})),
    "too long a refusal": ("complain", {"words": TOO_LONG, "times": 100}, ("receipt-too-large", {"bytes_max": 65_536})),
}


@pytest.mark.parametrize("name", LIMITED)
def test_what_a_contract_should_not_do_is_a_rejection(state: Overlay, name: str) -> None:
    operation, arguments, expected = LIMITED[name]
    assert outcome(state, sign(operation, contract="odd", **arguments)) == expected


def test_trouble_of_this_machine_is_no_receipt(state: Overlay) -> None:
    refusal(StorageError, run, state, sign("break_disk", contract="odd"))


@pytest.mark.parametrize(("operation", "used_up"), [("descend", "stack"), ("hoard", "memory")])
def test_stack_and_memory_of_this_machine_are_no_receipt(state: Overlay, operation: str, used_up: str) -> None:
    arguments: dict[str, Any] = {"number": "1", "depth": 100_000} if operation == "descend" else {}
    transaction = sign(operation, contract="odd", **arguments)
    error = refusal(ContractExhaustedError, run, state, transaction)
    assert used_up in error.message
    assert (error.code, error.details) == ("contract-exhausted", {"transaction": transaction.id, "used_up": used_up})


def test_the_depth_of_the_caller_changes_no_receipt(state: Overlay) -> None:
    """What fits the stack here, and not where the caller stands deeper, is one receipt and one trouble: never two receipts."""
    transaction = sign("descend", contract="odd", number="1", depth=sys.getrecursionlimit() - 300)

    def called(frames: int) -> BlockResult:
        return called(frames - 1) if frames else run(state, transaction)

    assert [receipt.code for receipt in run(state, transaction).receipts] == ["ok"]
    refusal(ContractExhaustedError, called, 400)


def test_bad_arguments_in_a_block_are_a_rejection(state: Overlay) -> None:
    assert outcome(state, sign("issue", number="A-1")) == ("bad-arguments", {"fields": ["to"]})
    assert outcome(state, sign("melt")) == ("unknown-operation", {"contract": "asset", "operation": "melt"})
