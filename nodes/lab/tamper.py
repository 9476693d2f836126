"""A forgery of an export, and what it comes to: what changed, which rule of the audit breaks first, who would be convicted.

All of it happens on a copy of the lines; `ledger/audit`, which judges here, is the verifier of `tallystick verify`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.audit import AuditError, Auditor, AuditReport, Conviction, convict_exports
from ledger.block import Header, parse_header
from ledger.certificate import Domain, parse_record, verify_record
from ledger.chain.candidate import receipts_root, transactions_root
from ledger.chain.exported import parse_export_head, parse_exported_block
from ledger.chain.genesis import Genesis
from ledger.chain.proof import FILE_WRAPPED
from ledger.chain.view import PROOF_FORMAT
from ledger.contract.contract import ContractSet
from ledger.encoding import digest, encode
from ledger.errors import InputError, JsonValue, MalformedError, NotFoundError, TallystickError
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES, PrivateKey
from ledger.light_client.conviction_file import verify_conviction_file
from ledger.light_client.verdict import Pinned
from ledger.primitives import NO_DIGEST, Digest
from ledger.state.history_tree import HistoryTree
from nodes.client.proofs import Trust, verify_consistency_answer
from nodes.lab.edits import Edit, edited
from nodes.lab.forging import Block, Forger, decode_line, encode_line, forge_chain, sign_alone
from nodes.lab.prefixes import Prefix, Prefixes

BLOCKS_MAX = 2_000
"""So many blocks from the genesis on can be edited: all before the edited one are audited."""
AFTER_MAX = 50
"""So many blocks behind the edited one are forged and audited as well; the chain is taken to end there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a forger does."""

    height: int
    """The block that is edited; 0 is the genesis."""
    edits: tuple[Edit, ...]
    rehash: bool
    keys: Mapping[str, PrivateKey]
    """Of the members and validators that the forger has on his side."""


@dataclass(frozen=True, slots=True)
class LightClient:
    """What a client says that has seen the real head and is shown the forged chain."""

    height: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Forgery:
    """The forged export with all that was found about it."""

    order: Order
    original: tuple[bytes, ...]
    lines: tuple[bytes, ...]
    """Empty where the edit is no canonical JSON: no file can hold it."""
    unverifiable: MalformedError | None
    report: AuditReport | None
    validators: ValidatorSet
    """Of the edited height."""
    conviction: Conviction | None
    light_client: LightClient | None

    @property
    def is_another_chain(self) -> bool:
        """Whether it ends in another block than the real one."""
        return bool(self.lines) and line_id(self.lines[-1]) != line_id(self.original[-1])

    @property
    def held(self) -> tuple[str, ...]:
        """Validators of the edited height whose keys the forger has."""
        places = Forger(self.order.keys).votes_of(self.validators)
        return tuple(self.validators.validators[place].member for place in places)


def forge(
    lines: Sequence[bytes],
    order: Order,
    contracts_of: Callable[[Sequence[bytes]], ContractSet],
    prefixes: Prefixes | None = None,
) -> Forgery:
    """Edits, re-hashes and signs a copy of the export, and lets the verifier judge it; `prefixes` remembers what holds.

    Raises NotFoundError for a block that is not there, InputError for a field that is not.
    """
    height = order.height
    if not 0 <= height < len(lines):  # check: tamper-height
        raise NotFoundError("no-such-block", f"Blocks 0 to {len(lines) - 1} can be edited here, not {height}.")
    original = tuple(lines[: height + 1 + AFTER_MAX])
    contracts, ledger = contracts_of(original), parse_export_head(original[0]).ledger
    prefix = (prefixes or Prefixes()).of(original, height, ledger, contracts)
    validators = prefix.auditor.validators if height else genesis_validators(original)
    try:
        forged = _forged_lines(original, order, contracts, prefix)
    except MalformedError as error:
        return Forgery(order, original, (), error, None, validators, None, None)
    auditor, broken = _audited(prefix, forged[height:])
    report = auditor.report(broken)
    is_fork = broken is None and line_id(forged[-1]) != line_id(original[-1])
    return Forgery(
        order=order,
        original=original,
        lines=forged,
        unverifiable=None,
        report=report,
        validators=validators,
        conviction=_convicted(original, forged, ledger) if is_fork else None,
        light_client=_look(original, forged, auditor, prefix) if is_fork else None,
    )


def tree_of(line: bytes) -> Block:
    """A line as the tree that a person edits."""
    return decode_line(line)


def line_id(line: bytes) -> Digest:
    """The id of a line's block, or of its genesis; empty where the line holds no header."""
    try:
        value = decode_line(line)
        return digest("genesis", encode(value["genesis"])) if "genesis" in value else parse_header(encode(value["header"])).id
    except (InputError, KeyError):
        return NO_DIGEST


def genesis_validators(lines: Sequence[bytes]) -> ValidatorSet:
    """Who decides block 1."""
    return parse_export_head(lines[0]).validator_set


def is_decided(line: bytes, genesis: Genesis, validators: ValidatorSet) -> bool:
    """Whether the decision record in a line makes that line's block final."""
    try:
        value = decode_line(line)
        header, record = parse_header(encode(value["header"])), parse_record(value["record"])
        domain = Domain(genesis.ledger, validators.digest)
        verify_record(domain, validators, header.height, header.id, record, SUITES[genesis.suite])
    except (TallystickError, KeyError):
        return False
    return True


def has_its_contents(line: bytes) -> bool:
    """Whether the roots in a line's header are those of its transactions and receipts."""
    try:
        block = parse_exported_block(line)
    except InputError:
        return False
    roots = transactions_root(block.transactions), receipts_root([receipt.raw for receipt in block.receipts])
    return roots == (block.header.transactions_root, block.header.receipts_root)


def _forged_lines(original: tuple[bytes, ...], order: Order, contracts: ContractSet, prefix: Prefix) -> tuple[bytes, ...]:
    height, forger = order.height, Forger(order.keys)
    block = edited(decode_line(original[height]), order.edits)
    line = encode_line(block)
    if height == 0:
        return _other_genesis(original, order, block, contracts)
    if order.rehash:
        blocks = [block, *map(decode_line, original[height + 1 :])]
        forged = forge_chain(prefix.copy(), blocks, original[height:], order.edits, forger, contracts)
        return (*original[:height], *map(encode_line, forged))
    if order.keys:
        line = encode_line(sign_alone(prefix.auditor.validators, block, original[height], order.edits, forger))
    return (*original[:height], line, *original[height + 1 :])


def _other_genesis(original: tuple[bytes, ...], order: Order, head: Block, contracts: ContractSet) -> tuple[bytes, ...]:
    """Another genesis is another ledger: re-hashed it fits itself, and no longer the ledger that everybody knows."""
    if not order.rehash:
        return (encode_line(head), *original[1:])
    if all(edit.path[0] != "ledger" for edit in order.edits):
        head["ledger"] = digest("genesis", encode(head["genesis"]))
    line, blocks, auditor = encode_line(head), [*map(decode_line, original[1:])], Auditor()
    try:
        auditor.feed(line)
    except AuditError:
        return (line, *original[1:])
    forged = forge_chain(auditor, blocks, original[1:], (), Forger(order.keys), contracts)
    return (line, *map(encode_line, forged))


def _audited(prefix: Prefix, lines: Sequence[bytes]) -> tuple[Auditor, AuditError | None]:
    """The audit of the whole export; what comes before the edited block was audited when the prefix was made."""
    auditor = prefix.copy()
    try:
        for line in lines:
            auditor.feed(line)
    except AuditError as error:
        return auditor, error
    return auditor, None


def _convicted(original: Sequence[bytes], forged: Sequence[bytes], ledger: Digest) -> Conviction | None:
    """Who signed both chains; verified once more as a stranger would, from the file alone."""
    conviction = convict_exports(original, forged, ledger)
    if conviction is not None:
        verdict = verify_conviction_file(encode(conviction.to_json(), wrapped=FILE_WRAPPED), Pinned(ledger=ledger))
        assert verdict.broken is None
    return conviction


def _look(original: Sequence[bytes], forged: Sequence[bytes], auditor: Auditor, prefix: Prefix) -> LightClient | None:
    """A client remembers the real head and asks whether it belongs to the history that it is shown now."""
    genesis, seen = parse_export_head(original[0]), _header(original[-1])
    try:
        proof = _prove_history(auditor, forged, seen.height, prefix.continued(forged[prefix.lines : -1]).changes)
        verify_consistency_answer(Trust(genesis), {"proof": proof}, seen, _header(forged[-1]))
    except TallystickError as error:
        return LightClient(seen.height, error.code, error.message)
    return None


def _prove_history(auditor: Auditor, forged: Sequence[bytes], first: int, changes: Sequence[JsonValue]) -> JsonValue:
    """What a node with the forged chain would answer: its own block of that height stands in its own history."""
    tree, last = HistoryTree(auditor.reader, len(forged)), decode_line(forged[-1])
    second = len(forged) - 1
    claim: dict[str, Any] = {
        "first": decode_line(forged[first])["header"],
        "inclusion": [part.hex() for part in tree.inclusion(first, second)] if first < second else [],
        "path": [part.hex() for part in tree.consistency(first, second)],
    }
    frame = {"format": PROOF_FORMAT, "kind": "consistency", "ledger": line_id(forged[0]), "trust": [*changes]}
    return {**frame, **claim, "header": last["header"], "certificate": last["record"]["commit"]}


def _header(line: bytes) -> Header:
    return parse_header(encode(decode_line(line)["header"]))
