"""The shapes of answers, for the OpenAPI document: no node loads them, `tests.openapi_document` does.

Answers are canonical bytes of the ledger's own values, so nothing runs through these models; a test compares the answers of a
network with them. A member with `ABSENT` may be left out; one that may be null is always there. The document leaves `Answer` at
the end of a name out.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.codec import HexDigest
from ledger.genesis import Genesis
from ledger.identity.records import Member, Organization
from nodes.access.levels import Level


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


ABSENT: Any = Field(default=None, json_schema_extra=_without_default)
Natural = Annotated[int, Field(ge=0)]
Milliseconds = Natural
JsonMembers = dict[str, Any]


def _json_of(shape: str) -> Any:
    """Of a text that is JSON of a shape."""
    reference: JsonMembers = {"$ref": f"#/components/schemas/{shape}"}
    return Field(json_schema_extra={"contentMediaType": "application/json", "contentSchema": reference})


class AnswerModel(BaseModel):
    """Base of all: no undocumented members."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class LooseAnswer(BaseModel):
    """Base of those that hold more, depending on their kind."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Problem(AnswerModel):
    """RFC 9457 problem details. `code` is stable and meant for programs, `detail` is a sentence for people."""

    type: str
    """`urn:tallystick:problem:CODE`."""
    title: str
    status: int
    """The status of the answer once more."""
    detail: str
    code: str
    """One of the codes listed beside the status; the registry of all codes tells their meaning."""
    details: JsonMembers
    """Typed facts, by code."""
    proof: JsonMembers = ABSENT
    """With `not-found`, if asked for: the proof of absence."""


class ProofAnswer(LooseAnswer):
    """A proof: `tallystick verify` and the client check it against the genesis."""

    format: Literal["tallystick-proof-1"]
    kind: str
    """What is proved; the other members depend on it."""
    ledger: HexDigest
    header: JsonMembers | None
    """The header that everything leads to; null for the state at height 0."""
    certificate: JsonMembers | None
    """The validators' certificate for the header."""
    trust: list[JsonMembers]
    """Header, certificate and new validators at each change of validators."""


class EventAnswer(AnswerModel):
    """A contract event in a receipt."""

    contract: str
    name: str
    data: JsonMembers


class ReceiptAnswer(AnswerModel):
    """What became of a transaction, as the block holds it."""

    transaction: HexDigest
    outcome: Literal["committed", "rejected"]
    code: str
    """`ok`, or the code of the contract's or the framework's refusal."""
    details: JsonMembers
    writes: HexDigest
    """Digest of the list of what it wrote; of the empty list, always the same digest, where it was rejected or wrote nothing."""
    events: list[EventAnswer]


class PlaceAnswer(AnswerModel):
    """Where the ledger holds a transaction."""

    height: Natural
    position: Natural
    block: HexDigest


class TransactionProofs(AnswerModel):
    """Proofs of the envelope and of its receipt."""

    transaction: ProofAnswer = ABSENT
    """Absent where the envelope is not kept any more."""
    receipt: ProofAnswer


class TransactionStatus(AnswerModel):
    """What a node knows of a transaction."""

    transaction: HexDigest
    status: Literal["unknown", "pending", "committed", "rejected"]
    height: Natural = ABSENT
    """The node's height when it answered."""
    time: Milliseconds = ABSENT
    """The node's latest block time."""
    complete_from: Milliseconds = ABSENT
    """From this block time on the node knows every transaction."""
    receipt: ReceiptAnswer = ABSENT
    place: PlaceAnswer = ABSENT
    sentence: str = ABSENT
    """The refusal in words, in the language of `Accept-Language`."""
    proof: TransactionProofs = ABSENT


class Refused(AnswerModel):
    """A transaction of a list that was not taken."""

    problem: Problem


class TransactionResults(AnswerModel):
    """What became of each transaction of a list, in its order."""

    results: list[TransactionStatus | Refused]


class EnvelopeBody(AnswerModel):
    """What is signed."""

    ledger: HexDigest
    contract: str
    operation: str
    arguments: JsonMembers
    signers: Annotated[list[str], Field(min_length=1)]
    """Member ids, in the order of the signatures."""
    nonce: str
    """32 hexadecimal digits that make the transaction unlike any other."""
    expires: Milliseconds
    """From this block time on it cannot happen any more."""


class Envelope(AnswerModel):
    """A signed transaction in canonical JSON."""

    body: EnvelopeBody
    signatures: list[str]


class TransactionRow(AnswerModel):
    """One transaction of the ledger."""

    transaction: HexDigest
    contract: str
    operation: str
    signers: list[str]
    outcome: Literal["committed", "rejected"]
    code: str
    height: Natural
    position: Natural
    time: Milliseconds


class TransactionPage(AnswerModel):
    """Transactions in ledger order."""

    transactions: list[TransactionRow]
    next: str
    """The `after` of the next page."""


class HeaderAnswer(AnswerModel):
    """A block header; its digest is the block id."""

    height: Natural
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


class HeaderRow(HeaderAnswer):
    """A header with its id."""

    id: HexDigest


class BlockPage(AnswerModel):
    """Headers by height."""

    blocks: list[HeaderRow]
    height: Natural
    """The node's height."""
    next: Natural
    """The `after` of the next page."""


class BlockAnswer(AnswerModel):
    """One decided block."""

    height: Natural
    id: HexDigest
    time: Milliseconds
    header: HeaderAnswer
    transactions: list[JsonMembers] = ABSENT
    """Envelopes as they were signed."""
    pruned: Literal[True] = ABSENT
    """Stands instead of the transactions where they are not kept any more."""
    receipts: list[ReceiptAnswer]
    record: JsonMembers
    """The decision record: certificates of the view that decided, and of those before it."""
    proof: ProofAnswer = ABSENT


class GenesisBlock(AnswerModel):
    """Block 0."""

    height: Literal[0]
    id: HexDigest
    """The ledger id."""
    time: Milliseconds
    genesis: Genesis


class ConsistencyProof(AnswerModel):
    """That one block belongs to the history of another."""

    proof: ProofAnswer


class StateValue(AnswerModel):
    """The value of a key."""

    contract: str
    collection: str
    key: str
    height: Natural
    value: Any
    """The record, by the contract's schema."""
    proof: ProofAnswer = ABSENT


class HistoryEntry(AnswerModel):
    """What a block wrote under the key; null where it was deleted."""

    height: Natural
    time: Milliseconds
    value: Any


class History(AnswerModel):
    """What a key held, newest first."""

    history: list[HistoryEntry]
    next: Natural | None
    """The `before` of the next page, null at its end."""
    proof: ProofAnswer = ABSENT


class StateRow(AnswerModel):
    """A key and its value."""

    key: str
    value: Any


class StatePage(AnswerModel):
    """Values in order of their keys."""

    items: list[StateRow]
    height: Natural
    next: str | None
    """The `after` of the next page, null at the end."""
    proof: ProofAnswer = ABSENT


class CountGroupAnswer(AnswerModel):
    """The rows that have one value of the field."""

    value: Any
    """The value; null where a record has none."""
    count: Natural


class CountAnswer(AnswerModel):
    """How many rows; where one answer does not look at all of them, the sum over the answers."""

    count: Natural
    groups: list[CountGroupAnswer] = ABSENT
    """With `by`, in order of values. A row of several values, as signers are, counts with each."""
    height: Natural
    """The last block that was counted, once `next` is null."""
    next: str | None
    """The `after` of the next answer, null at the end."""


class OrganizationPage(AnswerModel):
    """Organizations by name."""

    organizations: list[Organization]
    height: Natural
    next: str | None
    proof: ProofAnswer = ABSENT


class MemberPage(AnswerModel):
    """Members by id."""

    members: list[Member]
    height: Natural
    next: str | None
    proof: ProofAnswer = ABSENT


class ValidatorAnswer(AnswerModel):
    """A voter and the key that signs its statements."""

    member: str
    public_key: HexDigest


class Validators(AnswerModel):
    """Who votes on the block of a height."""

    height: Natural
    validators: list[ValidatorAnswer]
    digest: HexDigest
    """The set as headers name it."""
    n: Natural
    f: Natural
    """How many may be faulty."""
    q: Natural
    """How many make a quorum."""
    proof: ProofAnswer = ABSENT


class ContractDescription(AnswerModel):
    """What a contract says of itself, and what the ledger says of it."""

    name: str
    is_installed: bool
    module: str | None
    """Import string on the ledger; null for the system contracts."""
    digest: HexDigest | None
    """Source digest on the ledger; null for the system contracts."""
    reads: JsonMembers = ABSENT
    """On the ledger, where it reads other contracts: by CONTRACT.COLLECTION.FIELD the kinds of JSON that it takes."""
    fields: JsonMembers = ABSENT
    """On the ledger, where they are stated: by COLLECTION.FIELD the kinds of JSON that its records hold."""
    description: str = ABSENT
    operations: list[JsonMembers] = ABSENT
    """Name, description, words, signers in words, policy and JSON Schema of the arguments."""
    collections: list[JsonMembers] = ABSENT
    """Name and JSON Schema of the records."""
    views: JsonMembers = ABSENT
    """By CONTRACT.COLLECTION that it reads: the JSON Schema of its view."""
    refusals: JsonMembers = ABSENT
    """By code: the sentence in English and Chinese, and the names of its details."""
    read_rules: JsonMembers = ABSENT
    """By name: who may read sealed values, in English and Chinese."""
    terms: JsonMembers = ABSENT
    """What `role:NAME` and values of its records are called, in English and Chinese."""
    words: JsonMembers = ABSENT
    """Title and text of the contract, in English and Chinese; each operation has its own `words`."""
    names: JsonMembers = ABSENT
    """By name of an argument, or of a part of one: how people call it, in English and Chinese."""
    proof: ProofAnswer = ABSENT


class ContractList(AnswerModel):
    """Every contract that is installed here or approved on the ledger."""

    contracts: list[ContractDescription]
    proof: ProofAnswer = ABSENT


class SightAnswer(AnswerModel):
    """What somebody sees of a record, and why."""

    level: Level
    """`value`: all of it; `digest`: the record as on the ledger, sealed fields as digests and all else open; `nothing`."""
    rule: str
    """The contract's read rule, or the node's own."""
    sentence: str
    """The rule in words, in the language of `Accept-Language`."""


class MemberSight(SightAnswer):
    """What a member sees."""

    member: str
    roles: list[str]


class OrganizationSight(SightAnswer):
    """The most that a member of an organization sees."""

    organization: str


class Access(AnswerModel):
    """Who sees what of a record."""

    contract: str
    collection: str
    key: str
    height: Natural
    reads: Literal["open", "members"]
    sealed: list[HexDigest]
    """The sealed digests in the record."""
    members: list[MemberSight]
    organizations: list[OrganizationSight]
    others: SightAnswer
    """Those who are no members."""
    next: str | None
    """The `after` of the next page of members, null at the end."""


class EventRow(AnswerModel):
    """A contract event of a committed block."""

    cursor: str
    """Where reading goes on after this row."""
    height: Natural
    time: Milliseconds
    position: Natural
    """Of the transaction in its block."""
    index: Natural
    """Of the event in its transaction."""
    transaction: HexDigest
    contract: str
    name: str
    data: JsonMembers


class EventPage(AnswerModel):
    """Events in ledger order."""

    events: list[EventRow]
    next: str


class LogRow(LooseAnswer):
    """A record of the node's log; what else it holds depends on its kind."""

    sequence: Natural
    time: Milliseconds
    kind: str


class Gap(AnswerModel):
    """Records that are no longer kept."""

    from_: int = Field(alias="from")
    """Sequence of the first."""
    to: int
    """Sequence of the last."""


class LogPage(AnswerModel):
    """Records of the node's log in order."""

    log: list[LogRow]
    next: str
    gap: Gap | None
    """What lay between `after` and the first record, and is gone; null where nothing is missing."""


class StreamedEvent(LooseAnswer):
    """One server-sent event of the stream of contract events."""

    id: str
    """The cursor behind it: `Last-Event-ID` when coming back."""
    data: Annotated[str, _json_of("EventRow")]
    """An `EventRow`."""


class StreamedRecord(LooseAnswer):
    """One server-sent event of the stream of the log."""

    id: str
    """The sequence number: `Last-Event-ID` when coming back."""
    data: Annotated[str, _json_of("LogRow")]
    """A `LogRow`."""


class DocumentKept(AnswerModel):
    """A document that this node keeps."""

    digest: HexDigest
    passed_to: list[str]
    """Nodes of other entitled organizations that hold it now."""
    not_reached: list[str]
    """Those that did not answer; they ask for it when somebody wants to read it there."""


class OpeningAnswer(AnswerModel):
    """What a sealed field hides."""

    salt: str
    value: Any


class DocumentShown(AnswerModel):
    """A document, or one field of it."""

    digest: HexDigest
    rule: str
    """By which it is shown; `kept`: seen here before."""
    contract: str
    collection: str
    key: str
    opening: OpeningAnswer = ABSENT
    disclosure: JsonMembers = ABSENT
    """`tallystick-disclosure-1`: the field asked for, with the digests of the others."""
    proof: ProofAnswer = ABSENT


class DocumentPurged(AnswerModel):
    """A document whose bytes are gone."""

    digest: HexDigest
    purged: Literal[True]


class ReadRow(AnswerModel):
    """What somebody did with a document here; never a value."""

    sequence: Natural
    time: Milliseconds
    what: Literal["stored", "read", "passed", "purged"]
    member: str
    digest: HexDigest
    fields: list[str]
    """Names of the fields; an empty name is the whole value."""
    rule: str
    """By which the member was entitled."""


class ReadPage(AnswerModel):
    """What was done with documents here, in order."""

    reads: list[ReadRow]
    next: str


class NodeStatus(AnswerModel):
    """Who a node is and how far it is."""

    member: str
    ledger: HexDigest
    height: Natural
    block: HexDigest
    time: Milliseconds
    """Of the latest block."""
    complete_from: Milliseconds
    """From this block time on the node knows every transaction; the start of the ledger, unless it began with a snapshot."""
    pruned: Natural
    """Height up to which transactions and earlier values are not kept, 0 if all are."""
    clock: Milliseconds
    """What a fresh block's time would be now: clients count `expires` from it."""
    lab: bool
    reads: Literal["open", "members"]
    """Who may read: anybody, or members with a token."""
    ready: bool
    transaction_lifetime_max_ms: Natural


class Consensus(LooseAnswer):
    """Why a node waits."""

    height: Natural
    """The height that is being decided."""
    view: Natural


class Health(AnswerModel):
    """The process answers."""

    status: Literal["ok"]
    member: str


class Readiness(AnswerModel):
    """The node serves its purpose."""

    status: Literal["ready"]
    member: str


class LabClock(AnswerModel):
    """An instant for the clock of a lab, or the clock as it is now."""

    time: Milliseconds


class JobAnswer(AnswerModel):
    """Work on the whole lab, one piece after another."""

    number: Natural
    what: str
    """One word."""
    state: Literal["waiting", "running", "done", "failed"]
    code: str
    """Of the error that it failed with, else empty."""
    message: str


class LabJob(AnswerModel):
    """What became of an order: work that is under way."""

    job: JobAnswer
