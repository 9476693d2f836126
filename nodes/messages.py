"""What nodes say to each other, and its one spelling: lines of canonical JSON.

A message is a head line, and for blocks and transactions the raw lines it announces: headers, envelopes and
records travel as their own canonical bytes, which hold no line break, and are never encoded again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from ledger.certificate import (
    CERTIFICATE,
    STATEMENT,
    VIEW_MAX,
    CertificatePart,
    DecisionRecord,
    Statement,
    parse_record,
)
from ledger.codec import Codec, Count, HexDigest, HexNonce, Many
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.errors import JsonValue, MalformedError
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


_PLAIN: dict[str, Codec[Any]] = {
    "statement": Codec(StatementMessage, "bad-message", statement=STATEMENT),
    "certificate": Codec(CertificateMessage, "bad-message", certificate=CERTIFICATE),
    "status": Codec(StatusMessage, "bad-message"),
    "fetch": Codec(FetchMessage, "bad-message"),
    "highest-request": Codec(HighestRequest, "bad-message"),
    "highest-answer": Codec(HighestAnswer, "bad-message"),
    "writes-request": Codec(WritesRequest, "bad-message"),
}
"""Messages that are a head line and nothing else, by their type."""


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


def encode_messages(messages: Iterable[Message]) -> bytes:
    """All messages as lines joined by line breaks."""
    return b"\n".join(line for message in messages for line in _lines(message))


def decode_messages(data: bytes) -> list[Message]:
    """Reads them back; raises MalformedError if anything in the batch is not as it must be."""
    lines = iter(data.split(b"\n")) if data else iter(())
    return [_parse(line, lines) for line in lines]


def describe(message: Message) -> str:
    """A message in a few words, as logs and pictures name it: `vote 5/1 ab12cd` is height, view, start of the block id."""
    match message:
        case StatementMessage(s):
            return f"{s.kind} {s.height}/{s.view} {s.block[:6]}".rstrip()
        case CertificateMessage(c):
            return f"{c.kind}-cert {c.height}/{c.view} {c.block[:6]}".rstrip()
        case BlockMessage(header):
            return f"block {digest('header', header)[:6]}"
        case DecidedMessage(_, _, record):
            return f"decided {record.commit.height}"
        case TransactionsMessage(envelopes):
            return f"transactions {len(envelopes)}"
        case StatusMessage(height, view):
            return f"status {height}/{view}"
        case FetchMessage(height):
            return f"fetch {height}"
        case HighestRequest():
            return "highest?"
        case HighestAnswer(_, height):
            return f"highest {height}"
        case WritesRequest(height):
            return f"writes? {height}"
        case WritesMessage(height):
            return f"writes {height}"


def _lines(message: Message) -> Iterable[bytes]:
    match message:
        case BlockMessage(header, lines):
            return (_head(message.type, lines), header, *lines)
        case DecidedMessage(header, lines, record):
            return (_head(message.type, lines, record=record.to_json()), header, *lines)
        case TransactionsMessage(lines):
            return (_head(message.type, lines), *lines)
        case WritesMessage(height, lines):
            return (_head(message.type, lines, height=height), *lines)
    return (_PLAIN[message.type].encode(message),)


def _head(kind: str, lines: Sequence[bytes], **fields: JsonValue) -> bytes:
    return encode_unchecked({"type": kind, "lines": len(lines), **fields})


def _parse(line: bytes, lines: Iterator[bytes]) -> Message:
    match decode_object(line):
        case {"type": str(kind)} as head if kind in _PLAIN:
            return _PLAIN[kind].read(head, line)  # type: ignore[no-any-return]
        case {"type": "block", "lines": count, **rest} if not rest:
            return BlockMessage(_take(lines, 1)[0], _take(lines, count))
        case {"type": "decided", "lines": count, "record": value, **rest} if not rest:
            record = parse_record(value)
            return DecidedMessage(_take(lines, 1)[0], _take(lines, count), record)
        case {"type": "transactions", "lines": count, **rest} if not rest:
            return TransactionsMessage(_take(lines, count))
        case {"type": "writes", "height": height, "lines": count, **rest} if not rest:
            return WritesMessage(_number(height), _take(lines, count))
    raise MalformedError("bad-message", "A message of a known type with exactly its fields was expected.")


def _take(lines: Iterator[bytes], count: JsonValue) -> tuple[bytes, ...]:
    wanted = _number(count)
    taken = tuple(line for _, line in zip(range(wanted), lines, strict=False))
    if len(taken) != wanted:  # check: message-lines
        raise MalformedError("bad-message", f"A message announced {wanted} lines, {len(taken)} came.")
    return taken


def _number(value: JsonValue) -> int:
    if type(value) is not int or value < 0:
        raise MalformedError("bad-message", "Expected an integer from 0 on.")
    return value
