"""Node-to-node batches: how messages are spelled in them, who sent them, to whom, and that none is played twice. Pure.

A message is a head line, and for blocks and transactions the raw lines that it announces: what is canonical already is never
encoded again.

A sender asks for a session and gets a fresh challenge, which each of its batches names. A batch is a head line
`{counter, ledger, receiver, sender, session}` and message lines, all canonical JSON; the sender's node key signs the
whole. The first batch that holds makes its session the sender's only one; the counter rises within it. So a batch
of another ledger, for another node, from before a restart or sent again is refused, and a refused one changes nothing.

Challenges are numbers that rise by one from a start drawn at random. A session holds if its number was given out since
the start and is not below the sender's present one. So nothing is kept for those who ask, and a stranger who asks a million
times in another's name, which needs no signature, takes nothing from it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ledger.certificate import CERTIFICATE, STATEMENT, parse_record
from ledger.codec import Codec, HexNonce, MemberName, PositiveCount
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.errors import ConflictError, ForbiddenError, JsonValue, MalformedError, TooLargeError
from ledger.keys import PrivateKey, Suite
from ledger.primitives import Digest, PublicKey, Signature
from nodes.limits import Limits
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    HighestAnswer,
    HighestRequest,
    Message,
    StatementMessage,
    StatusMessage,
    TransactionsMessage,
    WritesMessage,
    WritesRequest,
)

KeyOf: TypeAlias = Callable[[str], PublicKey | None]
"""The key of a member that may run a node now; None for all others."""

TAG = "batch"
HEAD_BYTES_MAX = 1_000
"""Of the line that is read before the signature is verified."""


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What asks for a session."""

    ledger: str
    receiver: str
    sender: MemberName


@dataclass(frozen=True, slots=True)
class Session:
    """A receiver's challenge."""

    session: HexNonce


@dataclass(frozen=True, slots=True)
class BatchHead:
    """First line of a batch."""

    counter: PositiveCount
    ledger: str
    receiver: str
    sender: MemberName
    session: HexNonce


REQUEST = Codec(SessionRequest, "bad-session")
SESSION = Codec(Session, "bad-session")
HEAD = Codec(BatchHead, "bad-batch")
PLAIN: dict[str, Codec[Any]] = {
    "statement": Codec(StatementMessage, "bad-message", statement=STATEMENT),
    "certificate": Codec(CertificateMessage, "bad-message", certificate=CERTIFICATE),
    "status": Codec(StatusMessage, "bad-message"),
    "fetch": Codec(FetchMessage, "bad-message"),
    "highest-request": Codec(HighestRequest, "bad-message"),
    "highest-answer": Codec(HighestAnswer, "bad-message"),
    "writes-request": Codec(WritesRequest, "bad-message"),
}
"""Messages that are a head line and nothing else, by their type."""


class BatchSigner:
    """Seals the batches of one link."""

    def __init__(self, ledger: Digest, sender: str, receiver: str, key: PrivateKey) -> None:
        self.ledger = ledger
        self.sender = sender
        self.receiver = receiver
        self._key = key
        self._session = ""
        self._counter = 0

    def request(self) -> bytes:
        """What asks the receiver for a session."""
        return REQUEST.encode(SessionRequest(self.ledger, self.receiver, self.sender))

    def start(self, answer: bytes) -> None:
        """Takes the receiver's challenge; raises MalformedError `bad-session` if it is none."""
        self._session, self._counter = SESSION.decode(answer).session, 0

    @property
    def batch(self) -> str:
        """Name of the last batch, for logs; the receiver has the same for it."""
        return batch_name(self.sender, self.receiver, self._session, self._counter)

    def count(self) -> None:
        """Passes over a number: a batch that will not be sent."""
        self._counter += 1

    def seal(self, payload: bytes) -> tuple[bytes, Signature]:
        """The next batch of the session and its signature."""
        self.count()
        head = BatchHead(self._counter, self.ledger, self.receiver, self.sender, self._session)
        body = HEAD.encode(head) + b"\n" + payload
        return body, self._key.sign(TAG, body)


class BatchReceiver:
    """Gives out sessions and judges batches for one node."""

    def __init__(
        self, *, ledger: Digest, receiver: str, key_of: KeyOf, nonce: Callable[[], str], suite: Suite, limits: Limits
    ) -> None:
        self.limits = limits
        self._ledger = ledger
        self._receiver = receiver
        self._key_of = key_of
        self._suite = suite
        self._first = self._next = int(nonce(), 16) >> 1
        """Numbers of the first challenge and of the one to come."""
        self._places: dict[str, tuple[int, int]] = {}
        """By sender: its session and the last counter in it."""

    def open_session(self, request: bytes, peer: str | None = None) -> bytes:
        """Answers a sender's request with a challenge; raises InputError for strangers.

        `peer` is the member whose TLS certificate the other end showed, None without TLS.
        """
        asked = REQUEST.decode(request)
        self._verify_parties(asked, peer)
        if self._key_of(asked.sender) is None:  # check: session-stranger
            raise ForbiddenError("not-a-node", f"{asked.sender} does not run a node of this ledger.")
        session, self._next = self._next, self._next + 1
        return SESSION.encode(Session(f"{session:032x}"))

    def accept(self, body: bytes, signature: str, peer: str | None = None) -> tuple[str, list[Message]]:
        """Sender and messages of a batch that holds; raises InputError or VerificationError and then changes nothing."""
        # 1. Size.
        if len(body) > self.limits.batch_bytes_max:  # check: batch-size
            raise TooLargeError("batch-too-large", f"A batch has at most {self.limits.batch_bytes_max} bytes.")
        # 2. Head: this ledger, this receiver, a node of the ledger.
        line, _, payload = body.partition(b"\n")
        if len(line) > HEAD_BYTES_MAX:  # check: batch-head-size
            raise MalformedError("bad-batch", f"The head line of a batch has at most {HEAD_BYTES_MAX} bytes.")
        head = HEAD.decode(line)
        self._verify_parties(head, peer)
        key = self._key_of(head.sender)
        if key is None:  # check: batch-stranger
            raise ForbiddenError("not-a-node", f"{head.sender} does not run a node of this ledger.")
        # 3. A session that was given out, and is not older than the sender's present one.
        session, last = self._places.get(head.sender, (self._first, 0))
        if not session <= (given := int(head.session, 16)) < self._next:  # check: batch-session
            raise ConflictError("unknown-session", "The session is over, or was not given out here. Ask for a new one.")
        # 4. Signature.
        self._suite(key, TAG, body, Signature(signature))
        # 5. Counter.
        if (given, head.counter) <= (session, last):  # check: batch-counter
            raise ConflictError("wrong-counter", f"The counter rises within a session: after {last} came {head.counter}.")
        # 6. Messages.
        if payload.count(b"\n") >= self.limits.batch_lines_max:  # check: batch-lines
            raise TooLargeError("too-many-messages", f"The messages of a batch have at most {self.limits.batch_lines_max} lines.")
        messages = decode_messages(payload)
        if len(messages) > self.limits.batch_messages_max:  # check: batch-messages
            raise TooLargeError("too-many-messages", f"A batch has at most {self.limits.batch_messages_max} messages.")
        self._places[head.sender] = (given, head.counter)
        return head.sender, messages

    def last_batch(self, sender: str) -> str:
        """Name of the last batch that held, for logs."""
        session, counter = self._places[sender]
        return batch_name(sender, self._receiver, f"{session:032x}", counter)

    def _verify_parties(self, head: BatchHead | SessionRequest, peer: str | None) -> None:
        if head.ledger != self._ledger:  # check: batch-ledger
            raise ConflictError("wrong-ledger", f"This node keeps ledger {self._ledger}.")
        if head.receiver != self._receiver:  # check: batch-receiver
            raise ConflictError("wrong-receiver", f"This node is {self._receiver}.")
        if peer is not None and peer != head.sender:  # check: batch-tls-peer
            raise ForbiddenError("wrong-tls-peer", f"The connection is that of {peer or 'nobody'}, not of {head.sender}.")


def batch_name(sender: str, receiver: str, session: str, counter: int) -> str:
    """What sender and receiver call a batch in their logs."""
    return f"{sender}>{receiver} {session[-8:]}.{counter}"


def encode_messages(messages: Iterable[Message]) -> bytes:
    """All messages as lines joined by line breaks."""
    return b"\n".join(line for message in messages for line in _lines(message))


def decode_messages(data: bytes) -> list[Message]:
    """Reads them back; raises MalformedError if anything in the batch is not as it must be."""
    lines = iter(data.split(b"\n")) if data else iter(())
    return [_parse(line, lines) for line in lines]


def kind_of(message: Message) -> str:
    """One word for the kind of a message: `vote`, `notar-certificate`, `block`."""
    match message:
        case StatementMessage(statement):
            return statement.kind
        case CertificateMessage(certificate):
            return f"{certificate.kind}-certificate"
    return message.type


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
    return (PLAIN[message.type].encode(message),)


def _head(kind: str, lines: Sequence[bytes], **fields: JsonValue) -> bytes:
    return encode_unchecked({"type": kind, "lines": len(lines), **fields})


def _parse(line: bytes, lines: Iterator[bytes]) -> Message:
    match decode_object(line):
        case {"type": str(kind)} as head if kind in PLAIN:
            return PLAIN[kind].read(head, line)  # type: ignore[no-any-return]
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
