"""What answers about the node, its members, its streams and its lab look like; `nodes.app.schemas` says how to read this."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.identity.records import Member, Organization
from nodes.app.schemas import ABSENT, Answer, Count, HexDigest, Json, Milliseconds, Proof
from nodes.transport.faults import FaultList

Level = Literal["value", "digest", "nothing"]


class OrganizationPage(Answer):
    """Organizations by name."""

    organizations: list[Organization]
    height: Count
    next: str | None
    proof: Proof = ABSENT


class MemberPage(Answer):
    """Members by id."""

    members: list[Member]
    height: Count
    next: str | None
    proof: Proof = ABSENT


class Validator(Answer):
    """A voter and the key that signs its statements."""

    member: str
    public_key: HexDigest


class Validators(Answer):
    """Who votes on the block of a height."""

    height: Count
    validators: list[Validator]
    digest: HexDigest
    """The set as headers name it."""
    n: Count
    f: Count
    """How many may be faulty."""
    q: Count
    """How many make a quorum."""
    proof: Proof = ABSENT


class ContractDescription(Answer):
    """What a contract says of itself, and what the ledger says of it."""

    name: str
    is_installed: bool
    module: str | None
    """Import string on the ledger; null for the system contracts."""
    digest: HexDigest | None
    """Source digest on the ledger; null for the system contracts."""
    description: str = ABSENT
    operations: list[Json] = ABSENT
    """Name, description, policy and JSON Schema of the arguments."""
    collections: list[Json] = ABSENT
    """Name and JSON Schema of the records."""
    refusals: Json = ABSENT
    """By code: the sentence in English and Chinese, and the names of its details."""
    read_rules: Json = ABSENT
    """By name: who may read sealed values, in English and Chinese."""
    proof: Proof = ABSENT


class ContractList(Answer):
    """Every contract that is installed here or approved on the ledger."""

    contracts: list[ContractDescription]
    proof: Proof = ABSENT


class EventRow(Answer):
    """A contract event of a committed block."""

    cursor: str
    """Where reading goes on after this row."""
    height: Count
    time: Milliseconds
    position: Count
    """Of the transaction in its block."""
    index: Count
    """Of the event in its transaction."""
    transaction: HexDigest
    contract: str
    name: str
    data: Json


class EventPage(Answer):
    """Events in ledger order."""

    events: list[EventRow]
    next: str


class LogRow(BaseModel):
    """A record of the node's log; what else it holds depends on its kind."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    sequence: Count
    time: Milliseconds
    kind: str


class Gap(Answer):
    """Records that are no longer kept."""

    from_: int = Field(alias="from")
    """Sequence of the first."""
    to: int
    """Sequence of the last."""


class LogPage(Answer):
    """Records of the node's log in order."""

    log: list[LogRow]
    next: str
    gap: Gap | None
    """What lay between `after` and the first record, and is gone; null where nothing is missing."""


def _as_json(model: type[BaseModel]) -> Any:
    """Text that is JSON of a model."""
    return Field(
        json_schema_extra={
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"#/components/schemas/{model.__name__}"},
        }
    )


class StreamedEvent(BaseModel):
    """One server-sent event of the stream of contract events."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    id: str
    """The cursor behind it: `Last-Event-ID` when coming back."""
    data: Annotated[str, _as_json(EventRow)]
    """An `EventRow`."""


class StreamedRecord(BaseModel):
    """One server-sent event of the stream of the log."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    id: str
    """The sequence number: `Last-Event-ID` when coming back."""
    data: Annotated[str, _as_json(LogRow)]
    """A `LogRow`."""


class NodeStatus(Answer):
    """Who a node is and how far it is."""

    member: str
    ledger: HexDigest
    height: Count
    block: HexDigest
    time: Milliseconds
    """Of the latest block."""
    complete_from: Milliseconds
    """From this block time on the node knows every transaction; the start of the ledger, unless it began with a snapshot."""
    pruned: Count
    """Height up to which transactions and earlier values are not kept, 0 if all are."""
    clock: Milliseconds
    """What a fresh block's time would be now: clients count `expires` from it."""
    lab: bool
    reads: Literal["open", "members"]
    """Who may read: anybody, or members with a token."""
    ready: bool
    transaction_lifetime_max_ms: Count


class Consensus(BaseModel):
    """Why a node waits."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    height: Count
    """The height that is being decided."""
    view: Count


class Health(Answer):
    """The process answers."""

    status: Literal["ok"]
    member: str


class Readiness(Answer):
    """The node serves its purpose."""

    status: Literal["ready"]
    member: str


class LabClock(Answer):
    """An instant for the clock of a lab, or the clock as it is now."""

    time: Milliseconds


class Sight(Answer):
    """What somebody sees of a record, and why."""

    level: Level
    """`value`: all of it; `digest`: the record as on the ledger, sealed fields as digests; `nothing`."""
    rule: str
    """The contract's read rule, or the node's own."""
    sentence: str
    """The rule in words, in the language of `Accept-Language`."""


class MemberSight(Sight):
    """What a member sees."""

    member: str
    roles: list[str]


class OrganizationSight(Sight):
    """The most that a member of an organization sees."""

    organization: str


class Access(Answer):
    """Who sees what of a record."""

    contract: str
    collection: str
    key: str
    height: Count
    reads: Literal["open", "members"]
    sealed: list[HexDigest]
    """The sealed digests in the record."""
    members: list[MemberSight]
    organizations: list[OrganizationSight]
    others: Sight
    """Whoever is no member."""
    next: str | None
    """The `after` of the next page of members, null at the end."""


class DocumentKept(Answer):
    """A document that this node keeps."""

    digest: HexDigest
    passed_to: list[str]
    """Nodes of other entitled organizations that hold it now."""
    not_reached: list[str]
    """Those that did not answer; they ask for it when somebody wants to read it there."""


class Opening(Answer):
    """What a sealed field hides."""

    salt: str
    value: Any


class DocumentShown(Answer):
    """A document, or one field of it."""

    digest: HexDigest
    rule: str
    """By which it is shown; `kept`: seen here before."""
    contract: str
    collection: str
    key: str
    opening: Opening = ABSENT
    disclosure: Json = ABSENT
    """`tallystick-disclosure-1`: the field asked for, with the digests of the others."""
    proof: Proof = ABSENT


class DocumentPurged(Answer):
    """A document whose bytes are gone."""

    digest: HexDigest
    purged: Literal[True]


class ReadRow(Answer):
    """What somebody did with a document here; never a value."""

    sequence: Count
    time: Milliseconds
    what: Literal["stored", "read", "passed", "purged"]
    member: str
    digest: HexDigest
    fields: list[str]
    """Names of the fields; an empty name is the whole value."""
    rule: str
    """By which the member was entitled."""


class ReadPage(Answer):
    """What was done with documents here, in order."""

    reads: list[ReadRow]
    next: str


LabFaults = FaultList
