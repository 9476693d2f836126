"""Who takes part, as the state holds it: the records that membership, governance and consensus share.

Roles of the system: `member`, `admin`, `auditor`, `validator`, `node`; trades add business roles of their own. Which of
those an organization may give its members stands in the genesis or was decided by governance: a supplier that could make
itself a settlement bank would break every rule that asks for that bank's signature.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import not_

from pydantic import Field

from ledger.codec import Codec, HexKey, Many, MemberName, StrictModel
from ledger.encoding import digest, encode_unchecked
from ledger.errors import JsonValue
from ledger.primitives import TRANSACTION_BYTES_MAX, Digest, PublicKey

MEMBERSHIP = "membership"
GOVERNANCE = "governance"
SYSTEM_CONTRACTS = (MEMBERSHIP, GOVERNANCE)
"""Names of the system contracts, first part of their state keys."""
FOREIGN, HEADS = "foreign", "heads"
"""Name of the contract that follows other ledgers, and its collection of what it knows of them."""
ORGANIZATIONS, MEMBERS = "organizations", "members"
VALIDATORS, CONTRACTS, PARAMETERS, LEDGERS = "validators", "contracts", "parameters", "ledgers"
"""Names of the collections of membership and of governance."""
ABSENT = "absent"
"""Kind of a field that may be missing, beside the kinds of JSON that it may hold."""
CURRENT = "current"
"""The one key of `validators` and of `parameters`."""
SYSTEM_ROLES = ("member", "admin", "auditor", "validator", "node")
"""Roles that every organization may give its members: none of them decides anything for others."""


class StateModel(StrictModel):
    """Base of every model whose JSON stands in the state: strict, frozen, unknown fields refused."""


class Organization(StateModel):
    """State (membership, organizations, NAME)."""

    name: str
    root_certificate: str
    """PEM of the self-signed root that issues this organization's members."""
    added_height: int = 0
    roles: tuple[str, ...] = ()
    """Business roles that its admins may give, besides those of the system."""


class Member(StateModel):
    """State (membership, members, ORGANIZATION.NAME)."""

    member: str
    public_key: str
    """Raw Ed25519 key in hexadecimal, so that a verifier needs no X.509."""
    roles: tuple[str, ...]
    not_before_ms: int
    not_after_ms: int
    """Validity of the certificate, judged against block time, both ends included."""
    certificate: str
    """PEM, for people and for TLS."""
    revoked_at_ms: int | None = None
    """Block time of the revocation."""

    @property
    def organization(self) -> str:
        """The part of the id before the dot."""
        return self.member.partition(".")[0]

    def is_active(self, time_ms: int) -> bool:
        """Whether this member may sign at that block time."""
        return self.revoked_at_ms is None and self.not_before_ms <= time_ms <= self.not_after_ms


class Parameters(StateModel):
    """State (governance, parameters, current): what all nodes must agree on, changed by governance."""

    transaction_bytes_max: int = 65_536
    transaction_lifetime_max_ms: int = 600_000
    block_bytes_max: int = 4_000_000
    block_transactions_max: int = 1_000
    heartbeat_interval_ms: int = 60_000
    """An empty block is due this long after the last block; 0 means never."""
    drift_ms: int = 10_000
    """A voter holds a fresh proposal until its time is at most this far ahead of its own clock."""
    delay_ms: int = 100
    """Δ: the worst usual link delay, from which every consensus timeout is derived."""


DAY_MS = 86_400_000
RANGES: dict[str, tuple[int, int]] = {
    "transaction_bytes_max": (1_024, TRANSACTION_BYTES_MAX),
    "transaction_lifetime_max_ms": (1_000, 7 * DAY_MS),
    "block_bytes_max": (1_024, 6_000_000),
    "block_transactions_max": (1, 10_000),
    "heartbeat_interval_ms": (0, DAY_MS),
    "drift_ms": (0, 600_000),
    "delay_ms": (1, 60_000),
}
"""Smallest and largest value of each parameter. A block travels in one message, which must fit the links' limits."""


def out_of_range(parameters: Parameters) -> tuple[str, int, int] | None:
    """Name, smallest and largest value of the first parameter outside its range, or None. A transaction fits into a block."""
    least, most = RANGES["block_bytes_max"]
    ranges = RANGES | {"block_bytes_max": (max(least, parameters.transaction_bytes_max), most)}
    return next(((n, low, high) for n, (low, high) in ranges.items() if not low <= getattr(parameters, n) <= high), None)


class FieldLists(StateModel):
    """What a contract reads of others and what they find with it, by field its kinds, as `integer|null`. Empty, unsaid."""

    reads: dict[str, str] = Field({}, exclude_if=not_)
    """By CONTRACT.COLLECTION.FIELD of its views."""
    fields: dict[str, str] = Field({}, exclude_if=not_)
    """By COLLECTION.FIELD of its own records; empty also where nobody has stated them."""

    def unmet_by(self, name: str, read: "FieldLists") -> list[str]:
        """Fields that it reads of the contract of that name and that are not there, or of another kind; parts may differ."""
        own = {field.removeprefix(f"{name}."): kinds for field, kinds in self.reads.items() if field.startswith(f"{name}.")}
        shown = {field: {*kinds.split("|")} - {ABSENT} for field, kinds in read.fields.items()}
        return [field for field, kinds in sorted(own.items()) if not shown.get(field, {ABSENT}) <= {*kinds.split("|")}]


class ContractEntry(FieldLists):
    """State (governance, contracts, NAME): which code runs under a name."""

    name: str
    module: str
    """Import string, `scenarios.shipping.contract:Shipping`."""
    digest: str
    """Source digest that every validator must have installed."""


class ValidatorEntry(StateModel):
    """One voter as the state holds it."""

    member: MemberName
    public_key: HexKey


class ValidatorList(StateModel):
    """State (governance, validators, current): the ordered voters of the next height."""

    validators: tuple[ValidatorEntry, ...]


class ForeignLedger(StateModel):
    """State (governance, ledgers, NAME): another ledger that this one listens to, and from where on it is followed."""

    ledger: str
    """Digest of its genesis."""
    suite: str
    height: int
    """Height of a validator change there, 0 for its genesis: `validators` vote on the heights above it."""
    validators: tuple[ValidatorEntry, ...]
    admitted_height: int
    """Our height at which governance said so last. What was learned by an earlier admission is forgotten."""


@dataclass(frozen=True, slots=True)
class Validator:
    """One voter: a member with the role `validator` and the key that signs its statements."""

    member: MemberName
    public_key: HexKey


_VALIDATORS = Codec(Many[Validator], "bad-validators")


@dataclass(frozen=True)
class ValidatorSet:
    """The ordered voters of a height, read from a `ValidatorList`. n tolerate f = (n-1)//3 faulty; a quorum is q = n-f."""

    validators: tuple[Validator, ...]

    @property
    def n(self) -> int:
        """How many validators there are."""
        return len(self.validators)

    @property
    def f(self) -> int:
        """How many may be faulty."""
        return (self.n - 1) // 3

    @property
    def q(self) -> int:
        """How many statements make a certificate."""
        return self.n - self.f

    @cached_property
    def digest(self) -> Digest:
        """Digest of the ordered set, as headers name it."""
        return digest("validators", encode_unchecked(self.to_json()))

    def leader(self, height: int, view: int) -> int:
        """Index of the validator that proposes in a view."""
        return (height + view) % self.n

    def index_of(self, member: str) -> int | None:
        """Index of a member in the set, None for a member that does not vote."""
        return next((i for i, v in enumerate(self.validators) if v.member == member), None)

    def to_json(self) -> JsonValue:
        """`[{"member", "public_key"}, …]` in order."""
        return [{"member": v.member, "public_key": v.public_key} for v in self.validators]


def voters_of(entries: Iterable[ValidatorEntry]) -> ValidatorSet:
    """The set that a record of the state names."""
    return ValidatorSet(tuple(Validator(entry.member, PublicKey(entry.public_key)) for entry in entries))


def parse_validators(value: JsonValue) -> ValidatorSet:
    """Reads the form of `ValidatorSet.to_json`; raises MalformedError `bad-validators`."""
    return ValidatorSet(_VALIDATORS.parse(value))
