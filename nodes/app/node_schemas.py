"""What answers about the node, its members, its streams and its lab look like; `nodes.app.schemas` says how to read this."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ledger.identity.records import Member, Organization
from nodes.app.schemas import ABSENT, Answer, Count, HexDigest, Json, LooseAnswer, Milliseconds, Proof
from nodes.links.faults import FaultList


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


class LogRow(LooseAnswer):
    """A record of the node's log; what else it holds depends on its kind."""

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


class StreamedEvent(LooseAnswer):
    """One server-sent event of the stream of contract events."""

    id: str
    """The cursor behind it: `Last-Event-ID` when coming back."""
    data: Annotated[str, _as_json(EventRow)]
    """An `EventRow`."""


class StreamedRecord(LooseAnswer):
    """One server-sent event of the stream of the log."""

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


class Consensus(LooseAnswer):
    """Why a node waits."""

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


class Job(Answer):
    """Work on the whole lab, one piece after another."""

    number: Count
    what: str
    """One word."""
    state: Literal["waiting", "running", "done", "failed"]
    code: str
    """Of the error that it failed with, else empty."""
    message: str


class LabJob(Answer):
    """What became of an order: work that is under way."""

    job: Job


LabFaults = FaultList
