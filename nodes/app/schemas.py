"""What answers look like, as models that nothing runs through: they give the OpenAPI document its schemas.

Answers are written as canonical bytes from the ledger's own values. A test compares the answers of a network with these.
A member with `ABSENT` may be left out; one that may be null is always there.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.chain.genesis import Genesis


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


ABSENT: Any = Field(default=None, json_schema_extra=_without_default)
HexDigest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Milliseconds = Annotated[int, Field(ge=0)]
Json = dict[str, Any]


class Answer(BaseModel):
    """Base of all: no member comes that is not told of here."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class LooseAnswer(BaseModel):
    """Base of those that hold more, depending on their kind."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Problem(Answer):
    """RFC 9457 problem details. `code` is stable and meant for programs, `detail` is a sentence for people."""

    type: str
    """`urn:tallystick:problem:CODE`."""
    title: str
    status: int
    """The status of the answer once more."""
    detail: str
    code: str
    """One of the codes listed beside the status; the registry of all codes tells their meaning."""
    details: Json
    """Typed facts, by code."""
    proof: Json = ABSENT
    """With `not-found`, if asked for: the proof of absence."""


class Proof(LooseAnswer):
    """A proof: `tallystick verify` and the client check it against the genesis."""

    format: Literal["tallystick-proof-1"]
    kind: str
    """What is proved; the other members depend on it."""
    ledger: HexDigest
    header: Json | None
    """The header that everything leads to; null for the state at height 0."""
    certificate: Json | None
    """The validators' certificate for the header."""
    trust: list[Json]
    """Header, certificate and new validators at each change of validators."""


class Event(Answer):
    """A contract event in a receipt."""

    contract: str
    name: str
    data: Json


class Receipt(Answer):
    """What became of a transaction, as the block holds it."""

    transaction: HexDigest
    outcome: Literal["committed", "rejected"]
    code: str
    """`ok`, or the code of the contract's or the framework's refusal."""
    details: Json
    writes: HexDigest
    """Digest of the list of what it wrote; of the empty list, always the same digest, where it was rejected or wrote nothing."""
    events: list[Event]


class Place(Answer):
    """Where the ledger holds a transaction."""

    height: Count
    position: Count
    block: HexDigest


class TransactionProofs(Answer):
    """Proofs of the envelope and of its receipt."""

    transaction: Proof = ABSENT
    """Absent where the envelope is not kept any more."""
    receipt: Proof


class TransactionStatus(Answer):
    """What a node knows of a transaction."""

    transaction: HexDigest
    status: Literal["unknown", "pending", "committed", "rejected"]
    height: Count = ABSENT
    """The node's height when it answered."""
    time: Milliseconds = ABSENT
    """The node's latest block time."""
    complete_from: Milliseconds = ABSENT
    """From this block time on the node knows every transaction."""
    receipt: Receipt = ABSENT
    place: Place = ABSENT
    sentence: str = ABSENT
    """The refusal in words, in the language of `Accept-Language`."""
    proof: TransactionProofs = ABSENT


class Refused(Answer):
    """A transaction of a list that was not taken."""

    problem: Problem


class TransactionResults(Answer):
    """What became of each transaction of a list, in its order."""

    results: list[TransactionStatus | Refused]


class TransactionRow(Answer):
    """One transaction of the ledger."""

    transaction: HexDigest
    contract: str
    operation: str
    signers: list[str]
    outcome: Literal["committed", "rejected"]
    code: str
    height: Count
    position: Count
    time: Milliseconds


class TransactionPage(Answer):
    """Transactions in ledger order."""

    transactions: list[TransactionRow]
    next: str
    """The `after` of the next page."""


class Header(Answer):
    """A block header; its digest is the block id."""

    height: Count
    ledger: HexDigest
    parent: HexDigest
    time: Milliseconds
    proposer: str
    transactions_root: HexDigest
    receipts_root: HexDigest
    state_root: HexDigest
    history_root: HexDigest
    validators: HexDigest
    next_validators: HexDigest


class HeaderRow(Header):
    """A header with its id."""

    id: HexDigest


class BlockPage(Answer):
    """Headers by height."""

    blocks: list[HeaderRow]
    height: Count
    """The node's height."""
    next: Count
    """The `after` of the next page."""


class Block(Answer):
    """One decided block."""

    height: Count
    id: HexDigest
    time: Milliseconds
    header: Header
    transactions: list[Json] = ABSENT
    """Envelopes as they were signed."""
    pruned: Literal[True] = ABSENT
    """Stands instead of the transactions where they are not kept any more."""
    receipts: list[Receipt]
    record: Json
    """The decision record: certificates of the view that decided, and of those before it."""
    proof: Proof = ABSENT


class GenesisBlock(Answer):
    """Block 0."""

    height: Literal[0]
    id: HexDigest
    """The ledger id."""
    time: Milliseconds
    genesis: Genesis


class ConsistencyProof(Answer):
    """That one block belongs to the history of another."""

    proof: Proof


class StateValue(Answer):
    """The value of a key."""

    contract: str
    collection: str
    key: str
    height: Count
    value: Any
    """The record, by the contract's schema."""
    proof: Proof = ABSENT


class StateRow(Answer):
    """A key and its value."""

    key: str
    value: Any


class StatePage(Answer):
    """Values in order of their keys."""

    items: list[StateRow]
    height: Count
    next: str | None
    """The `after` of the next page, null at the end."""
    proof: Proof = ABSENT


class HistoryEntry(Answer):
    """What a block wrote under the key; null where it was deleted."""

    height: Count
    time: Milliseconds
    value: Any


class History(Answer):
    """What a key held, newest first."""

    history: list[HistoryEntry]
    next: Count | None
    """The `before` of the next page, null at its end."""
    proof: Proof = ABSENT


class EnvelopeBody(Answer):
    """What is signed."""

    ledger: HexDigest
    contract: str
    operation: str
    arguments: Json
    signers: Annotated[list[str], Field(min_length=1)]
    """Member ids, in the order of the signatures."""
    nonce: str
    """32 hexadecimal digits that make the transaction unlike any other."""
    expires: Milliseconds
    """From this block time on it cannot happen any more."""


class Envelope(Answer):
    """A signed transaction in canonical JSON."""

    body: EnvelopeBody
    signatures: list[str]
