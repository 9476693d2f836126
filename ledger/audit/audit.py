"""Replays an export from its genesis and believes nothing in it: every root, certificate and admission is recomputed.

System contracts are executed again always, others with their code at hand. Where a contract's logic is not run again,
its writes are taken from the export, bound to the receipt, and lead to the state root that the validators certified.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from heapq import heappop, heappush

from ledger.audit.exported import ExportedBlock, ExportedReceipt, parse_export_head, parse_exported_block
from ledger.block import Header, Write, final_writes, tree_changes, writes_digest
from ledger.certificate import verify_record
from ledger.chain import tables
from ledger.chain.chain import (
    Candidate,
    Chain,
    genesis_batch,
    receipts_root,
    transactions_root,
    verify_certificates,
    verify_each_admissible,
    verify_limits,
    verify_place,
    verify_proposer,
)
from ledger.chain.view import EXPORT_FORMAT
from ledger.contract.contract import ContractSet
from ledger.contract.records import read_member
from ledger.encoding import decode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.execution import Execution, can_execute
from ledger.primitives import NAME, Digest
from ledger.state.map_proof import verify_key
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay
from ledger.state.store import Batch
from ledger.transaction import Block, Transaction
from ledger.verify.verdict import BrokenRuleError, Check, Checklist

NO_CONTRACTS = ContractSet({})
RULES: Mapping[str, str] = {
    "genesis": "The first line holds a genesis whose parts fit each other.",
    "ledger": "The genesis is that of the ledger that was asked for.",
    "certificates-of-members": "Each first member's certificate is issued by its organization's root.",
    "line": "The line is a block in canonical form.",
    "place": "The block stands on the one before it: ledger, height, parent, later time.",
    "validators": "It was made for the validators of its height, by one of them.",
    "record": "A quorum of these validators decided it, and the decision record is complete.",
    "transactions": "The envelopes are exactly those that the header names.",
    "admission": "Every transaction was admissible: signatures, members, expiry, limits, never twice.",
    "execution": "Executed again, the transaction gives the receipt and the writes that stand here.",
    "writes": "The receipt names exactly these writes; a contract writes its own keys only; a refusal writes nothing.",
    "receipts": "The receipts are exactly those that the header names.",
    "state": "The writes lead from the state before to the state that the header names.",
    "history": "The header names the history of all blocks before it.",
    "next-validators": "The header names the validators that the state gives for the next height.",
    "block": "The export holds the block that was asked for.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome. Everything up to `height` holds; `broken` says where the rest begins to fail."""

    ledger: Digest | None
    height: int
    """Last block that holds."""
    block: Digest | None
    """Its id; the ledger id at height 0."""
    state_root: Digest | None
    transactions: int
    executed_again: int
    """Transactions whose contract ran again here: those of the system contracts, and more with the contracts installed."""
    not_executed_again: Mapping[str, int]
    """Transactions by contract whose logic was not run again; only their certificates, receipts, writes and roots hold."""
    checks: tuple[Check, ...]
    broken: BrokenRuleError | None

    def to_json(self) -> dict[str, JsonValue]:
        """All of it, for `--json`."""
        return {
            "ledger": self.ledger,
            "height": self.height,
            "block": self.block,
            "state_root": self.state_root,
            "transactions": self.transactions,
            "executed_again": self.executed_again,
            "not_executed_again": dict(self.not_executed_again),
            "checks": [asdict(check) for check in self.checks],
            "broken": None if self.broken is None else self.broken.to_json(),
        }


def audit_export(
    lines: Iterable[bytes],
    ledger: Digest | None = None,
    contracts: ContractSet = NO_CONTRACTS,
    block: Digest | None = None,
) -> AuditReport:
    """Audits an export line by line, without newlines; stops at the first broken rule, which the report names.

    `block` is the id of one that the export must hold.
    """
    auditor = Auditor(ledger, contracts)
    has_block = block is None
    try:
        for line in lines:
            fed = auditor.feed(line)
            has_block = has_block or (fed is not None and fed.header.id == block)
        auditor.end()
        if block is not None:
            auditor.verify_block(block, has_block)
    except BrokenRuleError as error:
        return auditor.report(error)
    return auditor.report(None)


class Auditor:
    """The replay: `feed` takes a line and raises BrokenRuleError at the first broken rule."""

    def __init__(self, ledger: Digest | None = None, contracts: ContractSet = NO_CONTRACTS) -> None:
        self.asked_ledger = ledger
        self.contracts = contracts
        self.store = MemoryStore()
        """The state, and of each block only what later ones are judged by."""
        self.opened: Chain | None = None
        """The blocks so far; None before the genesis."""
        self.known: list[tuple[int, Digest]] = []
        """Heap of the transactions that the store remembers, those that expire first in front."""
        self.transactions = 0
        self.line = 0
        self.checklist = Checklist(EXPORT_FORMAT, RULES, "broken-export")
        self.rule = self.checklist.rule
        self.executed_again = 0
        self.not_executed_again: Counter[str] = Counter()

    @property
    def chain(self) -> Chain:
        """What holds so far, from the genesis on."""
        assert self.opened is not None, "no line with a genesis yet"
        return self.opened

    @property
    def height(self) -> int:
        """Last block that holds."""
        return 0 if self.opened is None else self.opened.height

    def feed(self, line: bytes) -> ExportedBlock | None:
        """Takes the next line: the genesis, which gives None, or a block, which is returned."""
        self._at_line("in line", self.line + 1, 0 if self.opened is None else self.height + 1)
        if self.opened is None:
            self._begin(line)
            return None
        with self.rule("line"):
            block = parse_exported_block(line)
        self._judge(self.opened, block)
        return block

    def end(self) -> None:
        """An export holds at least its genesis."""
        if self.opened is None:  # check: audit-empty
            self._at_line("in line", 1, 0)
            with self.rule("genesis"):
                raise MalformedError("bad-export", "The export is empty.")

    def verify_block(self, block: Digest, is_held: bool) -> None:
        """The block that was asked for was among the lines."""
        self._at_line("after the last line,", self.line, self.height)
        with self.rule("block"):
            if not is_held:  # check: audit-block
                raise VerificationError("wrong-block", f"No block of the export has id {block}.")

    def _at_line(self, words: str, line: int, height: int) -> None:
        self.line = line
        self.checklist.where = f"{words} {line} (height {height})", {"line": line, "height": height}

    def report(self, broken: BrokenRuleError | None) -> AuditReport:
        """What was found up to here."""
        chain = self.opened
        return AuditReport(
            ledger=None if chain is None else chain.ledger,
            height=self.height,
            block=None if chain is None else chain.head_id,
            state_root=None if chain is None else Digest(chain.tree.root().hex()),
            transactions=self.transactions,
            executed_again=self.executed_again,
            not_executed_again=dict(sorted(self.not_executed_again.items())),
            checks=self.checklist.checks(),
            broken=broken,
        )

    def _begin(self, line: bytes) -> None:
        with self.rule("genesis"):
            genesis = parse_export_head(line)
        with self.rule("ledger"):
            if self.asked_ledger not in (None, genesis.ledger):  # check: audit-ledger
                raise VerificationError("wrong-ledger", f"This is ledger {genesis.ledger}, not {self.asked_ledger}.")
        with self.rule("certificates-of-members"):
            verify_certificates(genesis)  # check: audit-genesis-certificates
        self.store.commit(genesis_batch(self.store, genesis))
        self.opened = Chain(self.store, self.contracts)

    def _judge(self, chain: Chain, block: ExportedBlock) -> None:
        header, voters = block.header, chain.validators
        with self.rule("place"):
            verify_place(header, chain.ledger, chain.height, chain.head_id, chain.head_time_ms)  # check: audit-place
        with self.rule("validators"):
            verify_proposer(header, voters)  # check: audit-proposer
        with self.rule("record"):
            verify_record(chain.domain, voters, header.height, header.id, block.record, chain.suite)  # check: audit-record
        with self.rule("transactions"):
            if header.transactions_root != transactions_root(block.transactions):  # check: audit-transactions-root
                raise VerificationError("wrong-transactions-root", "The transactions are not those of the header.")
        with self.rule("admission"):
            verify_limits(block.transactions, chain.parameters)  # check: audit-limits
            admit = partial(chain.verify_admissible, time_ms=header.time, verified=False)
            verify_each_admissible(block.transactions, admit)  # check: audit-admission
        writes = self._replay(chain, block)
        with self.rule("receipts"):
            if header.receipts_root != receipts_root([receipt.raw for receipt in block.receipts]):  # check: audit-receipts-root
                raise VerificationError("wrong-receipts-root", "The receipts are not those of the header.")
        tree = chain.tree.update(tree_changes(writes))
        with self.rule("state"):
            if header.state_root != tree.root.hex():  # check: audit-state-root
                raise VerificationError("wrong-state-root", f"The writes lead to {tree.root.hex()}, not {header.state_root}.")
        with self.rule("history"):
            if header.history_root != chain.history.root().hex():  # check: audit-history-root
                raise VerificationError("wrong-history-root", "The history is not that of the blocks before it.")
        with self.rule("next-validators"):
            validators = chain.validators_after(writes)
            if header.next_validators != validators.digest:  # check: audit-next-validators
                raise VerificationError("wrong-next-validators", "The state gives other validators for the next height.")
        candidate = Candidate(Block(header, block.transactions), (), block.writes, writes, tree, validators)
        batch = Batch()
        candidate.write_state(batch)
        tables.put_places(batch, header.height, [transaction.id for transaction in block.transactions])
        for transaction in block.transactions:
            heappush(self.known, (transaction.expires_ms, transaction.id))
        while self.known and self.known[0][0] <= header.time:  # no later block may hold it, whether or not it is known
            batch.delete(tables.TRANSACTIONS, tables.digest_key(heappop(self.known)[1]))
        chain.history.append(bytes.fromhex(header.id), batch)
        self.store.commit(batch)
        self.store.flush()
        chain.advanced(candidate)
        self.transactions += len(block.transactions)

    def _replay(self, chain: Chain, block: ExportedBlock) -> tuple[Write, ...]:
        """Goes through the transactions on the state that each one's predecessors left; the last write of each key."""
        state = Overlay(chain.state)
        execution = Execution(self.contracts, state, block.header.time, block.header.height)
        for transaction, receipt, writes in zip(block.transactions, block.receipts, block.writes, strict=True):
            if can_execute(self.contracts, state, transaction.contract):
                with self.rule("execution"):
                    _execute_again(execution, transaction, receipt, writes)
                self.executed_again += 1
            else:
                with self.rule("writes"):
                    _verify_writes(state, block.header, transaction, receipt, writes)
                for write in writes:
                    state.write(write.contract, write.collection, write.key, write.value)
                self.not_executed_again[transaction.contract] += 1
        return final_writes(block.writes)


def _execute_again(execution: Execution, transaction: Transaction, receipt: ExportedReceipt, writes: tuple[Write, ...]) -> None:
    expected, expected_writes = execution.run(transaction)
    if expected.raw != receipt.raw:  # check: audit-execution-receipt
        raise VerificationError(
            "wrong-receipt",
            f"Transaction {transaction.id}: expected {expected.raw.decode()}, got {receipt.raw.decode()}.",
        )
    if expected_writes != writes:  # check: audit-execution-writes
        raise VerificationError("wrong-writes", f"Transaction {transaction.id} writes something else.")


def _verify_writes(
    state: Overlay, header: Header, transaction: Transaction, receipt: ExportedReceipt, writes: tuple[Write, ...]
) -> None:
    """What can be said of a transaction whose contract is not run again."""
    if receipt.transaction != transaction.id:  # check: audit-receipt-transaction
        raise VerificationError("wrong-receipt", f"The receipt of {transaction.id} names another transaction.")
    if receipt.writes != writes_digest(writes):  # check: audit-writes-digest
        raise VerificationError("wrong-writes", f"The receipt of {transaction.id} does not name these writes.")
    if writes and not receipt.committed:  # check: audit-rejected-writes
        raise VerificationError("wrong-writes", f"Transaction {transaction.id} was rejected and yet writes.")
    signers = [read_member(state, name) for name in transaction.signers]
    if receipt.committed and not all(
        member and member.is_active(header.time) for member in signers
    ):  # check: audit-signer-active
        raise VerificationError("revoked", f"Transaction {transaction.id} was committed though a signer was revoked before it.")
    for write in writes:
        if write.contract != transaction.contract:  # check: audit-foreign-write
            raise VerificationError("foreign-write", f"Contract {transaction.contract} writes a key of {write.contract}.")
        if not NAME.fullmatch(write.collection):  # check: audit-write-collection
            raise VerificationError("wrong-writes", f"{write.collection!r} is not the name of a collection.")
        verify_key(write.key)  # check: audit-write-key
        if write.value is not None:
            decode(write.value)  # check: audit-write-value
