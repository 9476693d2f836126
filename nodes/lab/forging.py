"""What a forger does after editing a block: compute everything anew that follows from it, and sign with the keys at hand.

Re-hashing needs no key: the transactions from the edited block on are executed again, and every root, id and link
follows. What the forger edited by hand stays as edited. Signing: members sign transactions whose bodies are new, and
validators sign Votes and Finals over ids that are new; a quorum of their keys makes complete decision records.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from ledger.audit import Auditor
from ledger.block import Header, Write, parse_header, writes_digest, writes_to_json
from ledger.certificate import PARTS, Certificate, Domain, Statement, parse_certificate, sign_statement
from ledger.chain.candidate import receipts_root, transactions_root, tree_changes
from ledger.chain.exported import parse_exported_block
from ledger.chain.tables import final_writes, parse_writes
from ledger.chain.view import WRAPPED
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object, encode
from ledger.errors import OperatorError, TallystickError
from ledger.execution import execute_transaction, with_system_contracts
from ledger.identity.records import ValidatorSet
from ledger.keys import PrivateKey
from ledger.primitives import Signature
from ledger.state.history_tree import HistoryTree
from ledger.state.overlay import Overlay, put_state
from ledger.state.store import Batch
from ledger.transaction import TAG, Transaction, parse_transaction
from nodes.lab.edits import Edit, put

Block = dict[str, Any]
"""A line of an export, decoded."""
COMPUTED = ("header", "receipts", "writes")
"""Parts of a block that follow from others: an edit there outlasts the computation."""


@dataclass(frozen=True, slots=True)
class Forger:
    """The keys that a forger holds, by member."""

    keys: Mapping[str, PrivateKey]

    def votes_of(self, validators: ValidatorSet) -> tuple[int, ...]:
        """Places of the validators whose keys these are."""
        held = {member: key.public_key for member, key in self.keys.items()}
        return tuple(i for i, v in enumerate(validators.validators) if held.get(v.member) == v.public_key)

    def sign_transactions(self, block: Block, originals: frozenset[bytes], edits: Sequence[Edit]) -> None:
        """Signs new bodies with the keys of their signers; a signature that was edited by hand stays as it is."""
        by_hand = {edit.path[1] for edit in edits if edit.path[:1] == ("transactions",) and edit.path[2:3] == ("signatures",)}
        for place, envelope in enumerate(block["transactions"]):
            body = encode(envelope["body"])
            if body in originals or place in by_hand:
                continue
            for index, member in enumerate(envelope["body"]["signers"]):
                if member in self.keys and index < len(envelope["signatures"]):
                    envelope["signatures"][index] = self.keys[member].sign(TAG, body)

    def sign_record(self, block: Block, header: Header, validators: ValidatorSet) -> None:
        """Names the new id in the record and signs what can be signed; signatures of others stay, and do not fit."""
        domain, held, record = Domain(header.ledger, validators.digest), self.votes_of(validators), block["record"]
        for place, raw in (("commit", record["commit"]), ("notar", record["notar"]), *enumerate(record["earlier"])):
            old = parse_certificate(raw)
            wanted = replace(old, block=old.block if old.kind == "skip" else header.id)
            if wanted != old:
                (record["earlier"] if isinstance(place, int) else record)[place] = self._certificate(
                    domain, validators, wanted, held
                ).to_json()

    def _certificate(self, domain: Domain, validators: ValidatorSet, old: Certificate, held: tuple[int, ...]) -> Certificate:
        others = dict(zip(old.signers, old.signatures, strict=True))
        absent = [signer for signer in old.signers if signer not in held]
        chosen = sorted([*held[: validators.q], *absent[: max(0, validators.q - len(held))]])
        signatures = tuple(
            self._signed(domain, validators, old, signer) if signer in held else others[signer] for signer in chosen
        )
        return replace(old, signers=tuple(chosen), signatures=signatures)

    def _signed(self, domain: Domain, validators: ValidatorSet, of: Certificate, signer: int) -> Signature:
        statement = Statement(PARTS[of.kind], of.height, of.view, of.block, 0, signer)
        return sign_statement(domain, statement, self.keys[validators.validators[signer].member]).signature


class Replay:
    """The state before a height, from which blocks are computed anew."""

    def __init__(self, auditor: Auditor, contracts: ContractSet) -> None:
        """`auditor` has seen everything up to there; it is used up."""
        assert auditor.genesis is not None
        self.auditor = auditor
        self.contracts = with_system_contracts(contracts)
        self.ledger = auditor.genesis.ledger
        self.parent = self.ledger if auditor.head is None else auditor.head.id
        self.height = auditor.height

    @property
    def validators(self) -> ValidatorSet:
        """Who decides the next block."""
        return self.auditor.validators

    def compute(self, block: Block, edits: Sequence[Edit]) -> Header:
        """Everything in the block that follows from its transactions and its time, and from the blocks before; moves on."""
        header = block["header"]
        voters, history = self.validators.digest, HistoryTree(self.auditor.reader, self.height + 1)
        header |= {"ledger": self.ledger, "parent": self.parent, "validators": voters, "history_root": history.root().hex()}
        _keep(block, edits)
        transactions = [parse_transaction(encode(envelope)) for envelope in block["transactions"]]
        self._execute(block, transactions, header)
        _keep(block, edits)
        writes = [parse_writes(item) for item in block["writes"]]
        for receipt, written in zip(block["receipts"], writes, strict=True):
            receipt["writes"] = writes_digest(written)
        _keep(block, edits)
        header["transactions_root"] = transactions_root(transactions)
        header["receipts_root"] = receipts_root([encode(receipt) for receipt in block["receipts"]])
        self._append(block, writes, edits)
        return parse_header(encode(header))

    def _execute(self, block: Block, transactions: Sequence[Transaction], header: Block) -> None:
        """Receipts and writes as the contracts give them; where one is not installed here, they stay and name the new ids."""
        state, receipts, writes = Overlay(self.auditor.state), [], []
        try:
            for transaction in transactions:
                receipt, written = execute_transaction(self.contracts, state, transaction, header["time"], header["height"])
                receipts.append(receipt.to_json())
                writes.append(writes_to_json(written))
        except OperatorError:
            for receipt, transaction in zip(block["receipts"], transactions, strict=True):
                receipt["transaction"] = transaction.id
            return
        block["receipts"], block["writes"] = receipts, writes

    def _append(self, block: Block, parts: Sequence[Sequence[Write]], edits: Sequence[Edit]) -> None:
        header, auditor, batch = block["header"], self.auditor, Batch()
        writes = final_writes(parts)
        update = auditor.tree.update(tree_changes(writes))
        header["state_root"] = update.root.hex()
        for write in writes:
            put_state(batch, self.height + 1, write.contract, write.collection, write.key, write.value)
        update.write_to(batch)
        auditor.reader.apply(batch)
        auditor.tree.apply(update)
        header["next_validators"] = self.validators.digest
        _keep(block, edits)
        self.parent, leaf = parse_header(encode(header)).id, Batch()
        HistoryTree(auditor.reader, self.height + 1).append(bytes.fromhex(self.parent), leaf)
        auditor.reader.apply(leaf)
        self.height += 1


def forge_chain(
    auditor: Auditor,
    blocks: Sequence[Block],
    originals: Sequence[bytes],
    edits: Sequence[Edit],
    forger: Forger,
    contracts: ContractSet,
) -> list[Block]:
    """These blocks, the first of them edited, re-hashed and signed as far as that can be done; `auditor` has seen all before.

    What cannot be computed with, such as a word where a number belongs, ends it: from there on the blocks stay as they are.
    """
    made: list[Block] = []
    try:
        replay = Replay(auditor, contracts)
        for number, (given, original) in enumerate(zip(blocks, originals, strict=True)):
            made.append(_forged(replay, given, original, edits if number == 0 else (), forger))
    except TallystickError:
        pass
    return [*made, *blocks[len(made) :]]


def sign_alone(validators: ValidatorSet, block: Block, original: bytes, edits: Sequence[Edit], forger: Forger) -> Block:
    """The edited block, signed and not re-hashed."""
    made = deepcopy(block)
    try:
        header = parse_exported_block(encode(made, wrapped=WRAPPED)).header
        forger.sign_transactions(made, _bodies(original), edits)
        forger.sign_record(made, header, validators)
        _keep(made, edits, ("record",))
    except TallystickError:
        return block
    return made


def decode_line(line: bytes) -> Block:
    """A line of an export as a value."""
    return decode_object(line, wrapped=WRAPPED)


def encode_line(block: Block) -> bytes:
    """The reverse; raises MalformedError for what canonical JSON cannot hold."""
    return encode(block, wrapped=WRAPPED)


def _forged(replay: Replay, given: Block, original: bytes, edits: Sequence[Edit], forger: Forger) -> Block:
    block = deepcopy(given)
    parse_exported_block(encode_line(block))
    forger.sign_transactions(block, _bodies(original), edits)
    validators = replay.validators
    forger.sign_record(block, replay.compute(block, edits), validators)
    _keep(block, edits, ("record",))
    return block


def _bodies(line: bytes) -> frozenset[bytes]:
    """The bodies of a block's transactions, which are signed as they are."""
    return frozenset(encode(envelope["body"]) for envelope in decode_line(line)["transactions"])


def _keep(block: Block, edits: Sequence[Edit], parts: Sequence[str] = COMPUTED) -> None:
    """Puts the edits of these parts back after a computation; one whose place is gone is dropped."""
    for edit in edits:
        if edit.path[0] in parts:
            put(block, edit)
