"""A forger at work on a copy of an export: edits a block, hashes again all that follows from it, signs with the keys at hand.

Hashing needs no key: the transactions from the edited block on are executed again, and every root, id and link follows. What
was edited by hand stays as edited. Signing: members sign transactions whose bodies are new, and validators sign Votes and
Finals over ids that are new; a quorum of their keys makes complete decision records.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from ledger.audit import Auditor
from ledger.audit.exported import parse_exported_block
from ledger.block import Header, Write, final_writes, parse_header, parse_writes, tree_changes, writes_digest, writes_to_json
from ledger.certificate import PARTS, Certificate, Domain, Statement, parse_certificate, sign_statement
from ledger.chain.chain import receipts_root, transactions_root
from ledger.codec import StrictModel
from ledger.contract.contract import ContractSet
from ledger.contract.records import read_validators
from ledger.encoding import decode_object, digest, encode
from ledger.errors import InputError, JsonValue, OperatorError, TallystickError
from ledger.execution import execute_block, with_system_contracts
from ledger.identity.records import ValidatorSet
from ledger.keys import PrivateKey
from ledger.proof_paths import WRAPPED
from ledger.state.history_tree import HistoryTree
from ledger.state.overlay import put_state
from ledger.state.store import Batch
from ledger.transaction import TAG, Transaction, parse_transaction
from ledger.verify.verdict import BrokenRuleError

Path: TypeAlias = tuple[str | int, ...]
BlockTree: TypeAlias = dict[str, Any]
"""A line of an export, decoded."""
COMPUTED = ("header", "receipts", "writes")
"""Parts of a block that follow from others: an edit there outlasts the computation."""


class Edit(StrictModel):
    """Another value at a place that exists: a field, or a whole part."""

    path: Annotated[Path, Field(min_length=1, max_length=20)]
    value: Any = None
    """Whatever JSON can say, also what canonical JSON cannot."""


@dataclass(frozen=True, slots=True)
class Forger:
    """What a forger wants of a block, and the forger's keys."""

    height: int
    """The block that is edited; 0 is the genesis."""
    edits: tuple[Edit, ...]
    rehash: bool
    keys: Mapping[str, PrivateKey]
    """Of the members and validators on the forger's side."""

    def forge(self, lines: Sequence[bytes], before: Auditor, contracts: ContractSet) -> tuple[bytes, ...]:
        """The forged lines from the edited block on; `before` has seen all lines before it and is used up.

        Raises InputError `bad-edit` for a field that is not there, MalformedError where canonical JSON cannot hold the edit.
        """
        first, *later = map(decode_line, lines[self.height :])
        block = edited(first, self.edits)
        as_edited = (encode_line(block), *lines[self.height + 1 :])
        if self.height and self.rehash:
            forged = self._hash_again(before, [block, *later], lines[self.height :], self.edits, contracts)
        elif self.rehash:  # another genesis is another ledger: it fits itself, and no longer the known ledger
            if all(edit.path[0] != "ledger" for edit in self.edits):
                block["ledger"] = digest("genesis", encode(block["genesis"]))
            auditor = Auditor()
            try:
                auditor.feed(encode_line(block))
            except BrokenRuleError:
                return (encode_line(block), *as_edited[1:])
            forged = [block, *self._hash_again(auditor, later, lines[1:], (), contracts)]
        elif self.height and self.keys:
            with suppress(TallystickError):
                block = self._signed(block, lines[self.height], self.edits, before.chain.validators)
            return (encode_line(block), *as_edited[1:])
        else:
            return as_edited
        return tuple(map(encode_line, forged))

    def votes_of(self, validators: ValidatorSet) -> tuple[int, ...]:
        """Places of the validators whose keys these are."""
        held = {member: key.public_key for member, key in self.keys.items()}
        return tuple(i for i, v in enumerate(validators.validators) if held.get(v.member) == v.public_key)

    def _hash_again(
        self,
        auditor: Auditor,
        blocks: Sequence[BlockTree],
        originals: Sequence[bytes],
        edits: Sequence[Edit],
        contracts: ContractSet,
    ) -> list[BlockTree]:
        """These blocks, the first of them edited, hashed again and signed as far as that can be done.

        What cannot be computed with, such as a word where a number belongs, ends it: later blocks stay as they are.
        """
        made: list[BlockTree] = []
        with suppress(TallystickError):
            replay = Replay(auditor, contracts)
            for block, original in zip(blocks, originals, strict=True):
                made.append(self._signed(block, original, () if made else edits, replay.validators, replay))
        return [*made, *blocks[len(made) :]]

    def _signed(
        self,
        given: BlockTree,
        original: bytes,
        edits: Sequence[Edit],
        validators: ValidatorSet,
        replay: "Replay | None" = None,
    ) -> BlockTree:
        """The block with new signatures, and with the roots that it had unless it is computed again."""
        block = deepcopy(given)
        header = parse_exported_block(encode_line(block)).header
        self._sign_transactions(block, original, edits)
        if replay is not None:
            header = replay.compute(block, edits)
        self._sign_record(block, header, validators)
        _keep(block, edits, ("record",))
        return block

    def _sign_transactions(self, block: BlockTree, original: bytes, edits: Sequence[Edit]) -> None:
        """Signs bodies that are new with the keys of their signers; a signature that was edited by hand stays as it is."""
        known = [encode(envelope["body"]) for envelope in decode_line(original)["transactions"]]
        by_hand = {edit.path[1] for edit in edits if edit.path[:1] == ("transactions",) and edit.path[2:3] == ("signatures",)}
        for place, envelope in enumerate(block["transactions"]):
            body = encode(envelope["body"])
            if body in known or place in by_hand:
                continue
            for index, member in enumerate(envelope["body"]["signers"]):
                if member in self.keys and index < len(envelope["signatures"]):
                    envelope["signatures"][index] = self.keys[member].sign(TAG, body)

    def _sign_record(self, block: BlockTree, header: Header, validators: ValidatorSet) -> None:
        """Names the new id in the record and signs what can be signed; signatures of others stay, and do not fit."""
        record = block["record"]
        places = [(record, "commit"), (record, "notar"), *((record["earlier"], i) for i in range(len(record["earlier"])))]
        for part, place in places:
            old = parse_certificate(part[place])
            if old.kind != "skip" and old.block != header.id:
                wanted = replace(old, block=header.id)
                part[place] = self._certificate(Domain(header.ledger, validators.digest), validators, wanted).to_json()

    def _certificate(self, domain: Domain, validators: ValidatorSet, old: Certificate) -> Certificate:
        held, signatures = self.votes_of(validators), dict(zip(old.signers, old.signatures, strict=True))
        absent = [signer for signer in old.signers if signer not in held]
        chosen = sorted([*held[: validators.q], *absent[: max(0, validators.q - len(held))]])
        for signer in held:
            statement = Statement(PARTS[old.kind], old.height, old.view, old.block, 0, signer)
            key = self.keys[validators.validators[signer].member]
            signatures[signer] = sign_statement(domain, statement, key).signature
        return replace(old, signers=tuple(chosen), signatures=tuple(signatures[signer] for signer in chosen))


class Replay:
    """The state before a height, from which blocks are computed again."""

    def __init__(self, auditor: Auditor, contracts: ContractSet) -> None:
        """`auditor` has seen everything up to there; it is used up."""
        self.chain = auditor.chain
        self.contracts = with_system_contracts(contracts)
        self.parent = self.chain.head_id
        self.height = self.chain.height

    @property
    def validators(self) -> ValidatorSet:
        """Who votes on the next block, as the state says."""
        return read_validators(self.chain.state)

    def compute(self, block: BlockTree, edits: Sequence[Edit]) -> Header:
        """Everything in the block that follows from its transactions and its time, and from the blocks before; moves on."""
        header, store, batch = block["header"], self.chain.store, Batch()
        history, voters = HistoryTree(store, self.height + 1), self.validators.digest
        header |= {"ledger": self.chain.ledger, "parent": self.parent, "validators": voters, "history_root": history.root().hex()}
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
        header["state_root"] = self._take(final_writes(writes), batch)
        header["next_validators"] = self.validators.digest
        _keep(block, edits)
        made, leaf = parse_header(encode(header)), Batch()
        HistoryTree(store, self.height + 1).append(bytes.fromhex(made.id), leaf)
        store.commit(leaf)
        self.parent, self.height = made.id, self.height + 1
        return made

    def _execute(self, block: BlockTree, transactions: Sequence[Transaction], header: BlockTree) -> None:
        """Receipts and writes as the contracts give them; where one is not installed here, they stay and name the new ids."""
        try:
            result = execute_block(self.contracts, self.chain.state, transactions, header["time"], header["height"])
        except OperatorError:
            for receipt, transaction in zip(block["receipts"], transactions, strict=True):
                receipt["transaction"] = transaction.id
            return
        block["receipts"] = [receipt.to_json() for receipt in result.receipts]
        block["writes"] = [writes_to_json(writes) for writes in result.writes_by_transaction]

    def _take(self, writes: Sequence[Write], batch: Batch) -> str:
        """Applies the writes; the root of the state after them."""
        update = self.chain.tree.update(tree_changes(writes))
        for write in writes:
            put_state(batch, self.height + 1, write.contract, write.collection, write.key, write.value)
        update.write_to(batch)
        self.chain.store.commit(batch)
        self.chain.tree.apply(update)
        return update.root.hex()


def decode_line(line: bytes) -> BlockTree:
    """A line of an export as a value."""
    return decode_object(line, wrapped=WRAPPED)


def encode_line(block: BlockTree) -> bytes:
    """The reverse; raises MalformedError for what canonical JSON cannot hold."""
    return encode(block, wrapped=WRAPPED)


def edited(tree: Any, edits: Sequence[Edit]) -> Any:
    """A copy with the edits in it, one after another; raises InputError `bad-edit`."""
    copy = deepcopy(tree)
    for edit in edits:
        if not _put(copy, edit):  # check: tamper-path
            raise InputError("bad-edit", f"The block has no field {'.'.join(map(str, edit.path))[:200]!r}.")
    return copy


def differences(before: JsonValue, after: JsonValue) -> Iterator[tuple[Path, list[JsonValue], list[JsonValue]]]:
    """Leaf by leaf in order of the trees: path, value before and after, each in a list, which is empty for no value."""
    yield from _differences([before], [after], ())


def _differences(before: list[Any], after: list[Any], path: Path) -> Iterator[tuple[Path, list[JsonValue], list[JsonValue]]]:
    match before, after:
        case [dict(one)], [dict(other)]:
            for name in sorted(one.keys() | other.keys()):
                was, now = ([tree[name]] if name in tree else [] for tree in (one, other))
                yield from _differences(was, now, (*path, name))
        case [list(one)], [list(other)]:
            for place in range(max(len(one), len(other))):
                yield from _differences(one[place : place + 1], other[place : place + 1], (*path, place))
        case _:
            if [*map(type, before)] != [*map(type, after)] or before != after:
                yield path, before, after


def _keep(block: BlockTree, edits: Sequence[Edit], parts: Sequence[str] = COMPUTED) -> None:
    """Puts the edits of these parts back after a computation; one whose place is gone is dropped."""
    for edit in edits:
        if edit.path[0] in parts:
            _put(block, edit)


def _put(tree: Any, edit: Edit) -> bool:
    """Changes the tree in place; False where the place does not exist."""
    for step in edit.path[:-1]:
        if not _has(tree, step):
            return False
        tree = tree[step]
    if not _has(tree, edit.path[-1]):
        return False
    tree[edit.path[-1]] = deepcopy(edit.value)
    return True


def _has(tree: Any, step: str | int) -> bool:
    if isinstance(tree, list):
        return type(step) is int and 0 <= step < len(tree)
    return isinstance(tree, dict) and step in tree
