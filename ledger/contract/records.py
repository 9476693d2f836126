"""The state of a contract: typed records in collections, and the plain types of their fields and of arguments.

Models are strict, frozen and refuse unknown fields. Integers stay within what canonical JSON holds; there are no floats.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Generic, Protocol, Self, TypeAlias, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ledger.encoding import encode
from ledger.errors import JsonValue, RefusedError
from ledger.identity.records import (
    ABSENT,
    CONTRACTS,
    CURRENT,
    GOVERNANCE,
    MEMBERS,
    MEMBERSHIP,
    PARAMETERS,
    SYSTEM_CONTRACTS,
    VALIDATORS,
    ContractEntry,
    Member,
    Parameters,
    StateModel,
    ValidatorList,
    ValidatorSet,
    voters_of,
)
from ledger.primitives import INTEGER_MAX, MEMBER_ID, NAME, TIMESTAMP_MAX
from ledger.state.overlay import Overlay, StateReads
from ledger.state.store import damaged

TEXT_LENGTH_MAX = 4_000

Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,128}$")]
"""A name that can be a key: 1 to 128 letters, digits and `_ . : # -`. ASCII, so that no two look alike by normal form."""
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LENGTH_MAX)]
"""Words for people, 1 to 4,000 characters."""
MemberId: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{MEMBER_ID.pattern}$")]
"""`organization.member`."""
DigestText: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal: of a document, of a photograph."""
Integer: TypeAlias = Annotated[int, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)]
"""Any whole number that the ledger can hold."""
NonNegative: TypeAlias = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
"""0 and above."""
Positive: TypeAlias = Annotated[int, Field(gt=0, le=INTEGER_MAX)]
"""1 and above."""
Timestamp: TypeAlias = Annotated[int, Field(ge=0, le=TIMESTAMP_MAX)]
"""Milliseconds since the epoch, UTC, up to the year 9999."""


class Record(StateModel):
    """A value of a collection. It never changes; `replace` makes the next one."""

    def replace(self, **changes: object) -> Self:
        """The same record with some fields changed, validated again; an unknown field is an error."""
        return type(self).model_validate({**self.__dict__, **changes})

    @classmethod
    def of(cls, record: StateModel) -> Self:
        """What this model says of another one's record: its fields of the same names."""
        return cls.model_validate({name: getattr(record, name) for name in cls.model_fields})


CROSSING = "crossing_"
"""Begins the names of collections whose records, each as a whole, may be proved to other ledgers."""


class CrossingProof(StateModel):
    """What is brought from another ledger: a record as that holds it, or None, and its path to a header."""

    value: dict[str, Any] | None
    path: dict[str, Any]
    header: dict[str, Any] | None = None
    """One of the last that are known here, or in the history of one of them; None for the newest."""
    inclusion: Annotated[tuple[DigestText, ...], Field(max_length=64)] = ()
    """The path of an older header into that history."""


class RecordView(StateModel):
    """What a contract sees of another one's records: the fields that it names. One with a default may be missing there."""

    model_config = ConfigDict(extra="ignore")


class Absent(Enum):
    """Why there is no view: two things, which a contract tells apart."""

    NO_RECORD = "no-record"
    NO_CONTRACT = "no-contract"


def json_of(value: object) -> JsonValue:
    """The JSON of a value that a contract names in an event or a refusal.

    Raises TypeError for what has no one spelling: floats, sets, objects.
    """
    if value is None or type(value) in (str, int, bool):
        return value  # type: ignore[return-value]
    if isinstance(value, BaseModel):
        return json_of(value.model_dump(mode="json"))
    if is_dataclass(value):
        return {field.name: json_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return json_of(value.value)
    if isinstance(value, Mapping):
        return {str(name): json_of(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [json_of(member) for member in value]
    raise TypeError(f"A contract cannot publish a {type(value).__name__}.")


def verify_no_floats(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema; raises TypeError for one with a float, whose spelling is not one, or a set, whose order is not."""
    schema = model.model_json_schema()
    if _holds(schema, "type", "number"):  # check: model-without-floats
        raise TypeError(f"{model.__name__} holds a float; use an integer in a stated unit.")
    if _holds(schema, "uniqueItems", True):  # check: model-without-sets
        raise TypeError(f"{model.__name__} holds a set; use a sorted tuple.")
    return schema


def field_kinds(model: type[BaseModel]) -> dict[str, str]:
    """Each field with its kinds, by which view and record are compared: of JSON, `sealed`, and `absent` if it has a default."""
    schema = verify_no_floats(model)
    whole = _named(schema, schema)  # a model that holds itself is named in its own schema
    needed, parts = whole.get("required", []), whole.get("properties", {})
    kinds = {name: _kinds(part, schema) | (set() if name in needed else {ABSENT}) for name, part in parts.items()}
    return {name: "|".join(sorted(found)) for name, found in kinds.items()}


def _kinds(part: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The kinds that a part of this schema allows, choices within choices too; `any` where it does not say."""
    one = _named(part, schema)
    for choices in (one[word] for word in ("anyOf", "oneOf", "allOf") if word in one):
        return {kind for choice in choices for kind in _kinds(choice, schema)}
    return {"sealed" if one.get("properties", {}).keys() == {"sealed"} else one.get("type", "any")}


def _named(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a part refers to, or the part itself."""
    return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def _holds(schema: JsonValue, name: str, value: JsonValue) -> bool:
    if isinstance(schema, dict):
        return schema.get(name) == value or any(_holds(part, name, value) for part in schema.values())
    return isinstance(schema, list) and any(_holds(part, name, value) for part in schema)


VALUE_BYTES_MAX = 65_536
"""Largest record in canonical bytes."""
PAGE = 100
"""Records read at a time while iterating."""
R = TypeVar("R", bound=StateModel)
V = TypeVar("V", bound=RecordView)


class Bearer(Protocol):
    """What a collection needs of the contract that it belongs to."""

    _ledger_state: StateReads


class Collection(Generic[R]):
    """Declares records of one model. With `of` a contract of the system names a collection of the other one.

    `crosses` says what of each record may be proved to other ledgers: what that model makes `of` it is kept in `crossing_NAME`.
    """

    def __init__(self, record: type[R], *, of: str | None = None, crosses: type[Record] | None = None) -> None:
        self.record = record
        self.crosses = None if crosses is None else Collection(crosses)
        self.fields = field_kinds(record)
        self.of = of
        self.name = ""
        """Name of the attribute, second part of the state key."""
        self.contract = ""
        """Name of the contract whose state this is, first part of the state key."""

    def __set_name__(self, owner: type, name: str) -> None:
        if not NAME.fullmatch(name):
            raise TypeError(f"{name!r} cannot name a collection.")
        self.name = name
        if self.crosses is not None:
            self.crosses.__set_name__(owner, CROSSING + name)

    def bound_to(self, contract: str) -> Self:
        """The same declaration as part of a named contract."""
        if self.of is not None and contract not in SYSTEM_CONTRACTS:  # check: foreign-collection
            raise TypeError(f"{contract} reads {self.of}.{self.name} with a view: `reads = {{…}}`.")
        bound = copy(self)
        bound.contract = self.of or contract
        bound.crosses = self.crosses and self.crosses.bound_to(contract)
        return bound

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Bearer, owner: type) -> "Records[R]": ...
    def __get__(self, instance: Bearer | None, owner: type) -> "Self | Records[R]":
        return self if instance is None else Records(self, instance._ledger_state)


class Records(Generic[R]):
    """The records of a collection at one state."""

    __slots__ = ("_ledger_collection", "_ledger_contract", "_ledger_name", "_ledger_state")

    def __init__(self, collection: Collection[R], state: StateReads) -> None:
        self._ledger_collection = collection
        self._ledger_contract = collection.contract
        self._ledger_name = collection.name
        self._ledger_state = state

    def get(self, key: str) -> R | None:
        """The record, or None."""
        value = self._ledger_state.get(self._ledger_contract, self._ledger_name, key)
        return None if value is None else self._ledger_collection.record.model_validate_json(value)

    def __getitem__(self, key: str) -> R:
        """The record; refuses with `not-found` where there is none."""
        record = self.get(key)
        if record is None:  # check: record-not-found
            raise RefusedError("not-found", f"There is no {key} in {self._ledger_name}.", collection=self._ledger_name, key=key)
        return record

    def __contains__(self, key: str) -> bool:
        return self._ledger_state.get(self._ledger_contract, self._ledger_name, key) is not None

    def __setitem__(self, key: str, record: R) -> None:
        """Writes the record; refuses with `value-too-large`."""
        if type(record) is not self._ledger_collection.record:
            raise TypeError(f"{self._ledger_name} holds {self._ledger_collection.record.__name__}, not {type(record).__name__}.")
        value = encode(record.model_dump(mode="json"))
        if len(value) > VALUE_BYTES_MAX:  # check: value-size
            sizes = {"bytes": len(value), "bytes_max": VALUE_BYTES_MAX}
            raise RefusedError("value-too-large", f"{key} has {len(value)} bytes.", collection=self._ledger_name, **sizes)
        self._ledger_writable().put(self._ledger_contract, self._ledger_name, key, value)
        if (crosses := self._ledger_collection.crosses) is not None:
            Records(crosses, self._ledger_state)[key] = crosses.record.of(record)

    def __delitem__(self, key: str) -> None:
        """Deletes the record; refuses with `not-found` where there is none."""
        self[key]
        self._ledger_writable().delete(self._ledger_contract, self._ledger_name, key)
        crosses = self._ledger_collection.crosses
        if crosses is not None and key in Records(crosses, self._ledger_state):  # none, if it is from before it crossed
            del Records(crosses, self._ledger_state)[key]

    def items(self, after: str = "", *, prefix: str = "", limit: int | None = None) -> Iterator[tuple[str, R]]:
        """Keys and records in key order: those behind `after` that begin with `prefix`, but not the key that equals it."""
        count = 0
        after = max(after, prefix)
        while page := self._ledger_state.page(self._ledger_contract, self._ledger_name, after, PAGE):
            for key, value in page:
                if count == limit or not key.startswith(prefix):
                    return
                yield key, self._ledger_collection.record.model_validate_json(value)
                count += 1
            after = page[-1][0]

    def _ledger_writable(self) -> Overlay:
        """The state to write to; TypeError outside of an operation."""
        if not isinstance(self._ledger_state, Overlay):
            raise TypeError("A contract that was made for reading cannot write.")
        return self._ledger_state


# The records of the system that each node reads to judge a block: one that does not fit is damage of this node's database.


def read_member(state: StateReads, member: str) -> Member | None:
    """The member of that id, revoked or not, or None."""
    return _read(state, Member, MEMBERSHIP, MEMBERS, member)


def read_validators(state: StateReads) -> ValidatorSet:
    """Who votes on the height after this state."""
    return voters_of(_read_current(state, ValidatorList, VALIDATORS).validators)


def read_parameters(state: StateReads) -> Parameters:
    """The parameters of the height after this state."""
    return _read_current(state, Parameters, PARAMETERS)


def read_contract(state: StateReads, name: str) -> ContractEntry | None:
    """The contract version that acts under that name, or None."""
    return _read(state, ContractEntry, GOVERNANCE, CONTRACTS, name)


def _read(state: StateReads, model: type[R], contract: str, collection: str, key: str) -> R | None:
    value = state.get(contract, collection, key)
    try:
        return None if value is None else model.model_validate_json(value)
    except ValidationError as error:
        raise damaged(f"state ({contract}, {collection}, {key}) is no {model.__name__}") from error


def _read_current(state: StateReads, model: type[R], collection: str) -> R:
    record = _read(state, model, GOVERNANCE, collection, CURRENT)
    if record is None:
        raise damaged(f"the state holds no {collection}, which the genesis writes")
    return record
