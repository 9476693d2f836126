"""The shape of an export: JSON Lines, the genesis first, then a line each block."""

from dataclasses import dataclass

from ledger.block import Header, Write, parse_header, parse_writes
from ledger.certificate import DecisionRecord, parse_record
from ledger.chain.view import EXPORT_FORMAT
from ledger.encoding import decode_object, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.genesis import Genesis, parse_genesis
from ledger.primitives import Digest, is_digest
from ledger.proof_paths import WRAPPED
from ledger.transaction import Transaction, parse_transaction

BLOCK_FIELDS = frozenset({"header", "transactions", "receipts", "writes", "record"})
RECEIPT_FIELDS = frozenset({"transaction", "outcome", "code", "details", "writes", "events"})


@dataclass(frozen=True, slots=True)
class ExportedReceipt:
    """A receipt as the export states it."""

    raw: bytes
    transaction: Digest
    committed: bool
    writes: Digest


@dataclass(frozen=True, slots=True)
class ExportedBlock:
    """A block line; nothing of it is verified by being here."""

    header: Header
    transactions: tuple[Transaction, ...]
    receipts: tuple[ExportedReceipt, ...]
    writes: tuple[tuple[Write, ...], ...]
    """By transaction."""
    record: DecisionRecord


def parse_export_head(line: bytes) -> Genesis:
    """The genesis of the first line; raises InputError or MalformedError."""
    head = decode_object(line, wrapped=WRAPPED)
    if head.get("format") != EXPORT_FORMAT or head.keys() != {"format", "genesis", "ledger"}:  # check: export-format
        raise MalformedError("bad-export", f"An export begins with an object of format {EXPORT_FORMAT}, genesis and ledger.")
    genesis = parse_genesis(encode_unchecked(head["genesis"]))
    if head["ledger"] != genesis.ledger:  # check: export-ledger
        raise MalformedError("bad-export", f"The ledger id of the export is not that of its genesis, {genesis.ledger}.")
    return genesis


def parse_exported_block(line: bytes) -> ExportedBlock:
    """A block line; raises MalformedError."""
    fields = decode_object(line, wrapped=WRAPPED)
    if fields.keys() != BLOCK_FIELDS:
        raise MalformedError("bad-export", f"A line of a block has exactly {sorted(BLOCK_FIELDS)}.")
    block = ExportedBlock(
        header=parse_header(encode_unchecked(fields["header"])),
        transactions=tuple(parse_transaction(encode_unchecked(item)) for item in _list(fields["transactions"])),
        receipts=tuple(map(_receipt, _list(fields["receipts"]))),
        writes=tuple(map(parse_writes, _list(fields["writes"]))),
        record=parse_record(fields["record"]),
    )
    if not len(block.transactions) == len(block.receipts) == len(block.writes):  # check: export-counts
        raise MalformedError("bad-export", "A block has one receipt and one list of writes a transaction.")
    return block


def _receipt(value: JsonValue) -> ExportedReceipt:
    if not isinstance(value, dict) or value.keys() != RECEIPT_FIELDS:
        raise MalformedError("bad-receipt", f"A receipt has exactly {sorted(RECEIPT_FIELDS)}.")
    transaction, writes, outcome = value["transaction"], value["writes"], value["outcome"]
    if not is_digest(transaction) or not is_digest(writes) or outcome not in ("committed", "rejected"):
        raise MalformedError("bad-receipt", "A receipt names its transaction, its outcome and the digest of its writes.")
    return ExportedReceipt(encode_unchecked(value), Digest(str(transaction)), outcome == "committed", Digest(str(writes)))


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise MalformedError("bad-export", "Transactions, receipts and writes are lists.")
    return value
