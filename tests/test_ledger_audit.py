"""The audit: an honest export holds, and each forgery, even one that a quorum signed, is named with its rule and place."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from ledger.audit import AuditReport, audit_export
from ledger.audit.audit import Auditor
from ledger.block import Write, final_writes, tree_changes, writes_digest
from ledger.chain import tables
from ledger.chain.chain import receipts_root
from ledger.contract import Anyone, Context, Identifier, MemberId, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.primitives import Digest
from ledger.transaction import Receipt, Transaction
from nodes.sample_contract import Asset
from tests.agreement import Case, agree
from tests.support import ALICE, BOB, CONTRACTS, OTHER, DecidedChain

ISSUED = Write("asset", "assets", "A", encode_unchecked({"holder": ALICE, "version": 0}))
"""What Alice's issue writes."""


def honest() -> DecidedChain:
    """Issue and transfer, a refusal, a validator removed, a member revoked, an empty block decided in view 3."""
    chain = DecidedChain()
    chain.decide(chain.issue(), chain.transfer(), chain.transfer())
    chain.govern("P-1", kind="remove-validator", member="west.validator")
    chain.decide(chain.sign("south.admin", "membership", "revoke", member=BOB), chain.sign(ALICE, "no-such", "call"))
    chain.decide(view=3)
    return chain


@cache
def honest_lines() -> list[bytes]:
    """Its export: the genesis and four blocks."""
    return list(honest().view.export())


def broken(lines: Sequence[bytes], rule: str, line: int, cause: str | None = None, **options: Any) -> AuditReport:
    """The report, whose broken rule, line and cause are as expected."""
    report = audit_export(lines, **options)
    assert report.broken is not None, "the forgery went unnoticed"
    details = report.broken.details
    agree(Case(b"".join(line + b"\n" for line in lines), options.get("ledger")))
    assert (details["rule"], details["line"]) == (rule, line), report.broken.message
    if cause is not None:
        assert details["cause"] == cause, report.broken.message
    return report


def edited(line: int, edit: Callable[[Any], object], lines: Sequence[bytes] = ()) -> list[bytes]:
    """An export, by default the honest one, with one line changed by hand and spelled canonically again; lines count from 1."""
    changed = [*(lines or honest_lines())]
    value = decode_object(changed[line - 1], wrapped=3)
    edit(value)
    changed[line - 1] = encode_unchecked(value)
    return changed


def forged(
    chain: DecidedChain,
    *transactions: Transaction,
    receipts: Sequence[Receipt] | None = None,
    writes: Sequence[Sequence[Write]] | None = None,
    **header: Any,
) -> list[bytes]:
    """The export with one more block, whose roots fit what it claims and which a cheating quorum has decided."""
    candidate = chain.build(*transactions)
    stated = candidate.receipts if receipts is None else tuple(receipts)
    parts = candidate.writes_by_transaction if writes is None else tuple(map(tuple, writes))
    roots = {
        "receipts_root": receipts_root([receipt.raw for receipt in stated]),
        "state_root": Digest(chain.chain.tree.update(tree_changes(final_writes(parts))).root.hex()),
    }
    block = replace(candidate, block=replace(candidate.block, header=replace(candidate.block.header, **{**roots, **header})))
    lines = list(chain.view.export())
    chain.append(replace(block, receipts=stated, writes_by_transaction=parts), chain.record(block.block.header))
    return [*lines, chain.view.export_block(chain.chain.height)]


def committed(transaction: Transaction, *writes: Write) -> Receipt:
    return Receipt(transaction.id, "committed", "ok", {}, writes_digest(writes), ())


def test_honest_export_holds() -> None:
    chain = honest()
    report = audit_export(honest_lines(), chain.chain.ledger, block=chain.view.block_id(2))
    assert report.broken is None
    assert (report.height, report.block, report.transactions) == (4, chain.chain.head_id, 6)
    assert report.state_root == chain.view.header(4).state_root
    assert (report.executed_again, dict(report.not_executed_again)) == (3, {"asset": 3})
    assert {check.name: check.held for check in report.checks}["record"] == 4
    assert all(check.held for check in report.checks)


def test_with_the_contracts_everything_runs_again() -> None:
    report = audit_export(honest_lines(), contracts=CONTRACTS)
    assert (report.broken, report.executed_again, dict(report.not_executed_again)) == (None, 6, {})


def test_genesis_alone_holds() -> None:
    chain = DecidedChain()
    report = audit_export(chain.view.export())
    assert (report.broken, report.height, report.block) == (None, 0, chain.chain.ledger)


def test_report_is_json() -> None:
    value = broken([*honest_lines()[:1], b"{}"], "line", 2).to_json()
    assert json.loads(json.dumps(value))["broken"]["number"] == 4
    assert audit_export(honest_lines()).to_json()["broken"] is None


def test_what_held_before_the_break_is_told() -> None:
    report = broken([*honest_lines()[:3], b"rubbish"], "line", 4, "not-json")
    assert (report.height, report.transactions) == (2, 4)
    assert report.broken is not None
    assert report.broken.details["height"] == 3


def test_deep_values_survive_the_export() -> None:
    chain = DecidedChain()
    value: Any = "x"
    for _ in range(13):  # in envelope, body and arguments that is as deep as canonical JSON goes
        value = [value]
    chain.decide(chain.sign(ALICE, "asset", "issue", number=value, to=ALICE))
    assert chain.receipts()[0]["code"] == "bad-arguments"
    assert audit_export(chain.view.export(), contracts=CONTRACTS).broken is None


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"format":"tallystick-export-2","genesis":{},"ledger":""}'])
def test_first_line_is_the_head(line: bytes) -> None:
    broken([line], "genesis", 1)


@pytest.mark.parametrize("name", ["header", "transactions", "receipts", "writes", "record"])
@pytest.mark.parametrize("value", [None, [1], {}])
def test_other_shapes_of_a_line_are_refused(name: str, value: Any) -> None:
    broken(edited(2, lambda block: block.update({name: value})), "line", 2)


# Forgeries


def claimed(*writes: Write, **receipt: Any) -> list[bytes]:
    """A forged block in which Alice's issue is said to have written this, under a receipt with other fields."""
    chain = DecidedChain()
    transaction = chain.issue()
    return forged(chain, transaction, receipts=[replace(committed(transaction, *writes), **receipt)], writes=[writes])


def unexecuted(signer: str, contract: str, operation: str, **arguments: Any) -> list[bytes]:
    """A forged block with a transaction that is said to have been committed and to have written nothing."""
    chain = DecidedChain()
    transaction = chain.sign(signer, contract, operation, **arguments)
    return forged(chain, transaction, receipts=[committed(transaction)], writes=[()])


def uncertified_member() -> list[bytes]:
    def change(head: Any) -> None:
        head["genesis"]["members"][0]["not_after_ms"] += 1_000
        head["ledger"] = digest("genesis", encode_unchecked(head["genesis"]))

    return edited(1, change)


def another_root_of_transactions() -> list[bytes]:
    chain = honest()
    return forged(chain, chain.issue("B"), transactions_root=OTHER)


def forged_signature() -> list[bytes]:
    chain = honest()
    transaction = replace(chain.issue("B"), signatures=chain.issue("C").signatures)
    raw = encode_unchecked({"body": decode_object(transaction.body), "signatures": [*transaction.signatures]})
    return forged(chain, replace(transaction, raw=raw))


def earlier_transaction() -> list[bytes]:
    chain = DecidedChain()
    transaction = chain.issue()
    chain.decide(transaction)
    return forged(chain, transaction)


def doubled_transaction() -> list[bytes]:
    chain = DecidedChain()
    return forged(chain, *[chain.issue()] * 2)


def revoked_in_the_same_block() -> list[bytes]:
    chain = DecidedChain()
    revocation, late = chain.sign("north.admin", "membership", "revoke", member=ALICE), chain.issue()
    first = chain.build(revocation)
    receipts = [Receipt(revocation.id, "committed", "ok", {}, writes_digest(first.writes), first.receipts[0].events)]
    return forged(chain, revocation, late, receipts=[*receipts, committed(late)], writes=[first.writes, ()])


def no_key() -> list[bytes]:
    chain, write = DecidedChain(), Write("asset", "assets", "", b"1")
    transaction = chain.issue()
    lines = forged(chain, transaction, receipts=[committed(transaction, write)], writes=[()])
    row = {"contract": "asset", "collection": "assets", "key": "", "value": "1"}
    return edited(2, lambda block: block["writes"][0].append(row), lines)


@dataclass(frozen=True, slots=True)
class Forgery:
    """An export that does not hold, and what the audit says of it."""

    make: Callable[[], list[bytes]]
    rule: str
    line: int
    cause: str | None = None
    ledger: Digest | None = None
    """The ledger asked for."""


FORGERIES: dict[str, Forgery] = {
    "nothing": Forgery(list, "genesis", 1),
    "another format": Forgery(
        lambda: edited(1, lambda head: head.update(format="tallystick-export-2")), "genesis", 1, "bad-export"
    ),
    "another id in the head": Forgery(lambda: edited(1, lambda head: head.update(ledger=OTHER)), "genesis", 1, "bad-export"),
    "another ledger": Forgery(honest_lines, "ledger", 1, "wrong-ledger", OTHER),
    "a member without its certificate": Forgery(uncertified_member, "certificates-of-members", 1),
    "another spelling": Forgery(
        lambda: [line.replace(b'{"header":', b'{ "header":') for line in honest_lines()], "line", 2, "not-canonical"
    ),
    "lists of two lengths": Forgery(lambda: edited(2, lambda block: block["writes"].pop()), "line", 2, "bad-export"),
    "a block missing": Forgery(lambda: [*honest_lines()[:2], *honest_lines()[3:]], "place", 3, "wrong-height"),
    "no validator's block": Forgery(lambda: forged(honest(), proposer=ALICE), "validators", 6, "wrong-proposer"),
    "another block's record": Forgery(
        lambda: edited(2, lambda block: block.update(record=decode_object(honest_lines()[2], wrapped=3)["record"])),
        "record", 2, "wrong-record",
    ),
    "a header that was not decided": Forgery(
        lambda: edited(2, lambda block: block["header"].update(state_root=OTHER)), "record", 2, "wrong-record"
    ),
    "other transactions than the header's": Forgery(another_root_of_transactions, "transactions", 6, "wrong-transactions-root"),
    "a forged signature": Forgery(forged_signature, "admission", 6, "inadmissible"),
    "a transaction that came before": Forgery(earlier_transaction, "admission", 3, "inadmissible"),
    "a transaction twice": Forgery(doubled_transaction, "admission", 2, "duplicate-in-block"),
    "a revocation that revokes nobody": Forgery(
        lambda: unexecuted("north.admin", "membership", "revoke", member=ALICE), "execution", 2, "wrong-receipt"
    ),
    "no writes of a system contract": Forgery(
        lambda: edited(4, lambda block: block["writes"][0].pop()), "execution", 4, "wrong-writes"
    ),
    "a contract that the ledger does not have": Forgery(
        lambda: unexecuted(ALICE, "no-such", "call"), "execution", 2, "wrong-receipt"
    ),
    "another transaction's receipt": Forgery(lambda: claimed(transaction=OTHER), "writes", 2, "wrong-receipt"),
    "other writes than the receipt's": Forgery(
        lambda: edited(2, lambda block: block["writes"][0][0].update(value='{"holder":"x","version":0}')),
        "writes", 2, "wrong-writes",
    ),
    "a refusal that writes": Forgery(
        lambda: claimed(ISSUED, outcome="rejected", code="already-issued"), "writes", 2, "wrong-writes"
    ),
    "a signer revoked in the same block": Forgery(revoked_in_the_same_block, "writes", 2, "revoked"),
    "a write of another contract": Forgery(lambda: claimed(Write("purse", "coins", "A", b"1")), "writes", 2, "foreign-write"),
    "a collection without a name": Forgery(lambda: claimed(Write("asset", "a b", "A", b"1")), "writes", 2, "wrong-writes"),
    "a key that is none": Forgery(no_key, "writes", 2, "bad-key"),
    "a value that is not canonical": Forgery(
        lambda: claimed(Write("asset", "assets", "A", b'{"b":1, "a":2}')), "writes", 2, "not-canonical"
    ),
    "other receipts than the header's": Forgery(
        lambda: edited(2, lambda block: block["receipts"][2].update(code="no-holder")), "receipts", 2, "wrong-receipts-root"
    ),
    "another state": Forgery(lambda: forged(honest(), state_root=OTHER), "state", 6, "wrong-state-root"),
    "another history": Forgery(lambda: forged(honest(), history_root=OTHER), "history", 6, "wrong-history-root"),
    "other next validators": Forgery(
        lambda: forged(honest(), next_validators=OTHER), "next-validators", 6, "wrong-next-validators"
    ),
}  # fmt: skip
"""The stand-alone verifier is shown them too."""


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_named_with_its_rule_and_place(name: str) -> None:
    forgery = FORGERIES[name]
    broken(forgery.make(), forgery.rule, forgery.line, forgery.cause, ledger=forgery.ledger)


def test_a_transaction_that_came_before_is_said_to_have_come() -> None:
    error = broken(earlier_transaction(), "admission", 3).broken
    assert error is not None
    assert "on the ledger already" in error.message


def test_what_no_later_block_may_hold_is_forgotten() -> None:
    """So the memory of an audit grows with the keys of a ledger, and not with its transactions."""
    chain, auditor = DecidedChain(), Auditor()
    chain.decide(old := chain.issue("A"), chain.issue("B"))
    chain.decide(young := chain.issue("C"))
    assert young.expires_ms > old.expires_ms
    chain.decide(time_ms=old.expires_ms)
    for line in chain.view.export():
        auditor.feed(line)
    known = auditor.store.scan(tables.TRANSACTIONS, b"", b"\xff" * 33, 10)
    assert [key.hex() for key, _ in known] == [young.id]


def test_a_block_that_is_asked_for_stands_in_the_export() -> None:
    error = audit_export(honest_lines(), block=OTHER).broken
    assert error is not None
    assert (error.details["rule"], error.details["cause"]) == ("block", "wrong-block")


def test_contract_logic_is_executed_again_where_it_is_installed() -> None:
    lines = claimed(replace(ISSUED, value=encode_unchecked({"holder": BOB, "version": 0})))
    assert audit_export(lines).broken is None, "without the code this is the contract's word"
    broken(lines, "execution", 2, contracts=CONTRACTS)


class DeepAsset(Asset):
    """The sample contract, whose issue uses up any stack."""

    @operation(signed_by=Anyone())
    def issue(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Never ends."""
        self.issue(context, number, to)


def test_a_contract_that_uses_up_the_stack_gives_no_receipt_to_compare_with() -> None:
    error = audit_export(honest_lines(), contracts=ContractSet({"asset": DeepAsset})).broken
    assert error is not None
    assert (error.details["rule"], error.details["cause"]) == ("execution", "contract-exhausted")


@pytest.mark.parametrize("line", range(1, 6))
def test_no_byte_of_an_export_is_free(line: int) -> None:
    lines, ledger = honest_lines(), honest().chain.ledger
    raw = lines[line - 1]
    for position in range(0, len(raw), max(1, len(raw) // 40)):
        flipped = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        report = audit_export([*lines[: line - 1], flipped, *lines[line:]], ledger)
        assert report.broken is not None, f"byte {position} of line {line} may change"
        assert report.broken.details["line"] in (line, line + 1)
