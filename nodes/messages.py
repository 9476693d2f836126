"""What nodes say to each other, as values; `nodes/links/batches` spells them.

Headers, envelopes and records of writes are their own canonical bytes, which hold no line break and are never encoded again.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ledger.certificate import STATEMENT, VIEW_MAX, CertificatePart, DecisionRecord, Statement
from ledger.codec import Count, HexDigest, HexNonce, Many
from ledger.transaction import Block

AskedView = Annotated[int, Field(strict=True, ge=0, le=VIEW_MAX)]
VIEWS_ASKED_MAX = 64
"""Views that one Fetch names."""
HEAD_BYTES = 400
"""About what a head line takes."""
SIGNATURE_BYTES = 135
"""One signature in a certificate, with its signer and commas."""


@dataclass(frozen=True, slots=True)
class StatementMessage:
    """One validator's signed statement; a fresh Propose is followed by its block in the same batch."""

    statement: Annotated[Statement, STATEMENT.part]
    type: Literal["statement"] = "statement"


@dataclass(frozen=True, slots=True)
class CertificateMessage:
    """A certificate that let the sender into a view, or that was asked for."""

    certificate: CertificatePart
    type: Literal["certificate"] = "certificate"


@dataclass(frozen=True, slots=True)
class BlockMessage:
    """A block: its header line, then one line an envelope."""

    header: bytes
    envelopes: tuple[bytes, ...]
    type: Literal["block"] = "block"


@dataclass(frozen=True, slots=True)
class DecidedMessage:
    """A decided block with its record, for one who is behind."""

    header: bytes
    envelopes: tuple[bytes, ...]
    record: DecisionRecord
    type: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True)
class TransactionsMessage:
    """Envelopes of pending transactions."""

    envelopes: tuple[bytes, ...]
    type: Literal["transactions"] = "transactions"


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """Where the sender is: the height it works on and its view there."""

    height: Count
    view: AskedView
    type: Literal["status"] = "status"


@dataclass(frozen=True, slots=True)
class FetchMessage:
    """Asks for block bodies and for the certificates of views of a height."""

    height: Count
    blocks: Annotated[Many[HexDigest], Field(max_length=VIEWS_ASKED_MAX)]
    views: Annotated[Many[AskedView], Field(max_length=VIEWS_ASKED_MAX)]
    type: Literal["fetch"] = "fetch"


@dataclass(frozen=True, slots=True)
class HighestRequest:
    """A validator without its voting mark asks for the highest certified height."""

    nonce: HexNonce
    type: Literal["highest-request"] = "highest-request"


@dataclass(frozen=True, slots=True)
class HighestAnswer:
    """The answer, with the fresh nonce of the question."""

    nonce: HexNonce
    height: Count
    type: Literal["highest-answer"] = "highest-answer"


@dataclass(frozen=True, slots=True)
class WritesRequest:
    """A node whose execution differs from what a quorum certified asks for the writes of that block."""

    height: Count
    type: Literal["writes-request"] = "writes-request"


@dataclass(frozen=True, slots=True)
class WritesMessage:
    """The writes of a decided block, one line a transaction, as the sender has them."""

    height: int
    writes: tuple[bytes, ...]
    type: Literal["writes"] = "writes"


Message: TypeAlias = (
    StatementMessage
    | CertificateMessage
    | BlockMessage
    | DecidedMessage
    | TransactionsMessage
    | StatusMessage
    | FetchMessage
    | HighestRequest
    | HighestAnswer
    | WritesRequest
    | WritesMessage
)


def block_message(block: Block) -> BlockMessage:
    """A block as it travels."""
    return BlockMessage(block.header.raw, tuple(transaction.raw for transaction in block.transactions))


def weight(message: Message) -> int:
    """About how many bytes a message has, without encoding it: what limits are counted in."""
    match message:
        case BlockMessage(header, envelopes):
            return HEAD_BYTES + len(header) + sum(map(len, envelopes))
        case DecidedMessage(header, envelopes, record):
            certificates = sum(len(c.signatures) for c in record.certificates()) * SIGNATURE_BYTES
            return HEAD_BYTES + len(header) + sum(map(len, envelopes)) + certificates
        case CertificateMessage(certificate):
            return HEAD_BYTES + len(certificate.signatures) * SIGNATURE_BYTES
        case TransactionsMessage(lines) | WritesMessage(_, lines):
            return HEAD_BYTES + sum(map(len, lines))
        case _:
            return HEAD_BYTES
