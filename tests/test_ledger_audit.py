"""The audit: an honest export holds, and each forgery, even one that a quorum signed, is named with its rule and place."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ledger.audit import AuditReport, audit_export
from ledger.block import Write, final_writes, tree_changes, writes_digest
from ledger.chain.chain import receipts_root
from ledger.contract import Anyone, Context, Identifier, MemberId, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.primitives import Digest
from ledger.transaction import Receipt, Transaction
from nodes.sample_contract import Asset
from tests.agreement import Case, agree
from tests.support import CONTRACTS, DecidedChain

ALICE, BOB = "north.member1", "south.member1"
ADMINS = ("north.admin", "south.admin", "east.admin")
OTHER = Digest("ab" * 32)
FIELDS: Any = {"holder": ALICE, "version": 0}


def honest() -> DecidedChain:
    """Issue and transfer, a refusal, a validator removed, a member revoked, an empty block decided in view 3."""
    chain = DecidedChain()
    chain.decide(issue(chain), transfer(chain), transfer(chain))
    action: Any = {"kind": "remove-validator", "member": "west.validator"}
    chain.decide(chain.sign(ADMINS, "governance", "propose", number="P-1", action=action))
    chain.decide(chain.sign("south.admin", "membership", "revoke", member=BOB), chain.sign(ALICE, "no-such", "call"))
    chain.decide(view=3)
    return chain


def issue(chain: DecidedChain, number: str = "A") -> Transaction:
    return chain.sign(ALICE, "asset", "issue", number=number, to=ALICE)


def transfer(chain: DecidedChain, number: str = "A") -> Transaction:
    return chain.sign(ALICE, "asset", "transfer", number=number, to=BOB)


def export(chain: DecidedChain) -> list[bytes]:
    return list(chain.view.export())


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


def edited(lines: list[bytes], line: int, edit: Callable[[Any], None]) -> list[bytes]:
    """The export with one line changed by hand and spelled canonically again; lines count from 1."""
    value = decode_object(lines[line - 1], wrapped=3)
    edit(value)
    return [*lines[: line - 1], encode_unchecked(value), *lines[line:]]


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
    lines = export(chain)
    chain.append(replace(block, receipts=stated, writes_by_transaction=parts), chain.record(block.block.header))
    return [*lines, chain.view.export_block(chain.chain.height)]


def committed(transaction: Transaction, *writes: Write) -> Receipt:
    return Receipt(transaction.id, "committed", "ok", {}, writes_digest(writes), ())


def test_a_block_that_is_asked_for_stands_in_the_export() -> None:
    chain = honest()
    broken = audit_export(export(chain), block=OTHER).broken
    assert broken is not None
    assert (broken.details["rule"], broken.details["cause"]) == ("block", "wrong-block")


def test_honest_export_holds() -> None:
    chain = honest()
    report = audit_export(export(chain), chain.chain.ledger, block=chain.view.block_id(2))
    assert report.broken is None
    assert (report.height, report.block, report.transactions) == (4, chain.chain.head_id, 6)
    assert report.state_root == chain.view.header(4).state_root
    assert (report.executed_again, dict(report.not_executed_again)) == (3, {"asset": 3})
    assert {check.name: check.held for check in report.checks}["record"] == 4
    assert all(check.held for check in report.checks)


def test_with_the_contracts_everything_runs_again() -> None:
    report = audit_export(export(honest()), contracts=CONTRACTS)
    assert (report.broken, report.executed_again, dict(report.not_executed_again)) == (None, 6, {})


class DeepAsset(Asset):
    """The sample contract, whose issue uses up any stack."""

    @operation(signed_by=Anyone())
    def issue(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Never ends."""
        self.issue(context, number, to)


def test_a_contract_that_uses_up_the_stack_gives_no_receipt_to_compare_with() -> None:
    report = audit_export(export(honest()), contracts=ContractSet({"asset": DeepAsset}))
    assert report.broken is not None
    assert (report.broken.details["rule"], report.broken.details["cause"]) == ("execution", "contract-exhausted")


def test_genesis_alone_holds() -> None:
    chain = DecidedChain()
    report = audit_export(export(chain))
    assert (report.broken, report.height, report.block) == (None, 0, chain.chain.ledger)


def test_report_is_json() -> None:
    value = broken([*export(honest())[:1], b"{}"], "line", 2).to_json()
    assert json.loads(json.dumps(value))["broken"]["number"] == 4
    assert audit_export(export(honest())).to_json()["broken"] is None


def test_what_held_before_the_break_is_told() -> None:
    lines = export(honest())
    report = broken([*lines[:3], b"rubbish"], "line", 4, "not-json")
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
    assert audit_export(export(chain), contracts=CONTRACTS).broken is None


def test_empty_export_is_refused() -> None:
    broken([], "genesis", 1)


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"format":"tallystick-export-2","genesis":{},"ledger":""}'])
def test_first_line_is_the_head(line: bytes) -> None:
    broken([line], "genesis", 1)


def test_format_of_the_export_is_judged() -> None:
    lines = edited(export(honest()), 1, lambda head: head.update(format="tallystick-export-2"))
    broken(lines, "genesis", 1, "bad-export")


def test_ledger_id_of_the_head_is_judged() -> None:
    lines = edited(export(honest()), 1, lambda head: head.update(ledger=OTHER))
    broken(lines, "genesis", 1, "bad-export")


def test_export_of_another_ledger_is_refused() -> None:
    broken(export(honest()), "ledger", 1, "wrong-ledger", ledger=OTHER)


def test_uncertified_first_member_is_refused() -> None:
    def change(head: Any) -> None:
        head["genesis"]["members"][0]["not_after_ms"] += 1_000
        head["ledger"] = digest("genesis", encode_unchecked(head["genesis"]))

    broken(edited(export(honest()), 1, change), "certificates-of-members", 1)


def test_another_spelling_of_a_line_is_refused() -> None:
    lines = export(honest())
    broken([lines[0], lines[1].replace(b'{"header":', b'{ "header":'), *lines[2:]], "line", 2, "not-canonical")


def test_lists_of_a_block_are_of_one_length() -> None:
    broken(edited(export(honest()), 2, lambda block: block["writes"].pop()), "line", 2, "bad-export")


@pytest.mark.parametrize("name", ["header", "transactions", "receipts", "writes", "record"])
@pytest.mark.parametrize("value", [None, [1], {}])
def test_other_shapes_of_a_line_are_refused(name: str, value: Any) -> None:
    broken(edited(export(honest()), 2, lambda block: block.update({name: value})), "line", 2)


def test_missing_block_is_noticed() -> None:
    lines = export(honest())
    broken([*lines[:2], *lines[3:]], "place", 3, "wrong-height")


def test_block_of_no_validator_is_noticed() -> None:
    broken(forged(honest(), proposer=ALICE), "validators", 6, "wrong-proposer")


def test_record_of_another_block_is_noticed() -> None:
    lines = export(honest())
    other = decode_object(lines[2], wrapped=3)["record"]
    broken(edited(lines, 2, lambda block: block.update(record=other)), "record", 2, "wrong-record")


def test_changed_header_is_no_longer_decided() -> None:
    lines = edited(export(honest()), 2, lambda block: block["header"].update(state_root=OTHER))
    broken(lines, "record", 2, "wrong-record")


def test_transactions_that_the_header_does_not_name_are_noticed() -> None:
    chain = honest()
    broken(forged(chain, issue(chain, "B"), transactions_root=OTHER), "transactions", 6, "wrong-transactions-root")


def test_inadmissible_transaction_is_noticed() -> None:
    chain = honest()
    forged_signature = replace(issue(chain, "B"), signatures=issue(chain, "C").signatures)
    raw = encode_unchecked(
        {"body": decode_object(forged_signature.body), "signatures": [*forged_signature.signatures]},
    )
    broken(forged(chain, replace(forged_signature, raw=raw)), "admission", 6, "inadmissible")


def test_transaction_that_came_before_is_noticed() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    chain.decide(transaction)
    report = broken(forged(chain, transaction), "admission", 3, "inadmissible")
    assert report.broken is not None
    assert "on the ledger already" in report.broken.message


def test_transaction_twice_in_a_block_is_noticed() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    broken(forged(chain, transaction, transaction), "admission", 2, "duplicate-in-block")


def test_system_contract_is_executed_again() -> None:
    chain = DecidedChain()
    transaction = chain.sign("north.admin", "membership", "revoke", member=ALICE)
    lines = forged(chain, transaction, receipts=[committed(transaction)], writes=[()])
    broken(lines, "execution", 2, "wrong-receipt")


def test_writes_of_a_system_contract_are_compared() -> None:
    lines = edited(export(honest()), 4, lambda block: block["writes"][0].pop())
    broken(lines, "execution", 4, "wrong-writes")


def test_contract_that_the_ledger_does_not_have_refuses() -> None:
    chain = DecidedChain()
    transaction = chain.sign(ALICE, "no-such", "call")
    lines = forged(chain, transaction, receipts=[committed(transaction)])
    broken(lines, "execution", 2, "wrong-receipt")


def test_contract_logic_is_executed_again_where_it_is_installed() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    write = Write("asset", "assets", "A", encode_unchecked({**FIELDS, "holder": BOB}))
    lines = forged(chain, transaction, receipts=[committed(transaction, write)], writes=[[write]])
    assert audit_export(lines).broken is None, "without the code this is the contract's word"
    broken(lines, "execution", 2, contracts=CONTRACTS)


def test_receipt_of_another_transaction_is_noticed() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    lines = forged(chain, transaction, receipts=[committed(issue(chain, "B"))], writes=[()])
    broken(lines, "writes", 2, "wrong-receipt")


def test_writes_that_the_receipt_does_not_name_are_noticed() -> None:
    lines = edited(export(honest()), 2, lambda block: block["writes"][0][0].update(value='{"holder":"x","version":0}'))
    broken(lines, "writes", 2, "wrong-writes")


def test_refusal_writes_nothing() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    write = Write("asset", "assets", "A", encode_unchecked(FIELDS))
    receipt = replace(committed(transaction, write), outcome="rejected", code="already-issued")
    broken(forged(chain, transaction, receipts=[receipt], writes=[[write]]), "writes", 2, "wrong-writes")


def test_signer_revoked_in_the_same_block_commits_nothing() -> None:
    chain = DecidedChain()
    revocation, late = chain.sign("north.admin", "membership", "revoke", member=ALICE), issue(chain)
    first = chain.build(revocation)
    receipts = [Receipt(revocation.id, "committed", "ok", {}, writes_digest(first.writes), first.receipts[0].events)]
    lines = forged(chain, revocation, late, receipts=[*receipts, committed(late)], writes=[first.writes, ()])
    broken(lines, "writes", 2, "revoked")


def written(*writes: Write) -> list[bytes]:
    """A forged block in which one call of the asset contract writes this."""
    chain = DecidedChain()
    transaction = issue(chain)
    return forged(chain, transaction, receipts=[committed(transaction, *writes)], writes=[writes])


def test_contract_writes_its_own_keys_only() -> None:
    broken(written(Write("purse", "coins", "A", b"1")), "writes", 2, "foreign-write")


def test_collections_have_names() -> None:
    broken(written(Write("asset", "a b", "A", b"1")), "writes", 2, "wrong-writes")


def test_keys_are_keys() -> None:
    chain = DecidedChain()
    transaction = issue(chain)
    write = Write("asset", "assets", "", b"1")
    line = forged(chain, transaction, receipts=[committed(transaction, write)], writes=[()])
    broken(edited(line, 2, lambda block: block["writes"][0].append(json_of(write))), "writes", 2, "bad-key")


def json_of(write: Write) -> Any:
    value = None if write.value is None else write.value.decode()
    return {"contract": write.contract, "collection": write.collection, "key": write.key, "value": value}


def test_values_are_canonical() -> None:
    broken(written(Write("asset", "assets", "A", b'{"b":1, "a":2}')), "writes", 2, "not-canonical")


def test_receipts_that_the_header_does_not_name_are_noticed() -> None:
    lines = edited(export(honest()), 2, lambda block: block["receipts"][2].update(code="no-holder"))
    broken(lines, "receipts", 2, "wrong-receipts-root")


def test_state_root_is_recomputed() -> None:
    broken(forged(honest(), state_root=OTHER), "state", 6, "wrong-state-root")


def test_history_root_is_recomputed() -> None:
    broken(forged(honest(), history_root=OTHER), "history", 6, "wrong-history-root")


def test_next_validators_are_those_of_the_state() -> None:
    broken(forged(honest(), next_validators=OTHER), "next-validators", 6, "wrong-next-validators")


@pytest.mark.parametrize("line", range(1, 6))
def test_no_byte_of_an_export_is_free(line: int) -> None:
    chain = honest()
    lines = export(chain)
    raw = lines[line - 1]
    for position in range(0, len(raw), max(1, len(raw) // 40)):
        flipped = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        report = audit_export([*lines[: line - 1], flipped, *lines[line:]], chain.chain.ledger)
        assert report.broken is not None, f"byte {position} of line {line} may change"
        assert report.broken.details["line"] in (line, line + 1)
