"""A contract: a class with typed operations over typed collections. Its whole life is one transaction.

    class WarehouseReceipt(Contract):
        name = "warehouse-receipt"
        receipts = Collection(Receipt)
        refusals = {"not-holder": Refusal(en="Only {holder} may do this.", zh="只有 {holder} 可以这样做。")}

        @operation(signed_by=Anyone())
        def transfer(self, context: Context, number: Identifier, to: MemberId) -> None: …

What is wrong with a contract shows when its class is made: a TypeError says what.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from ledger.block import Header
from ledger.codec import StrictModel
from ledger.contract.records import (
    CROSSING,
    Absent,
    Collection,
    CrossingProof,
    RecordView,
    V,
    field_kinds,
    json_of,
    read_member,
    verify_no_floats,
)
from ledger.contract.refusal import CODE, ReadRule, Refusal, verify_declared
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import ContractMissingError, JsonValue, MalformedError, RefusedError, VerificationError
from ledger.identity.policies import Policy, verify_policy
from ledger.identity.records import (
    CONTRACTS,
    FOREIGN,
    GOVERNANCE,
    HEADS,
    LEDGERS,
    SYSTEM_CONTRACTS,
    ContractEntry,
    FieldLists,
    Member,
    StateModel,
)
from ledger.primitives import NAME, NO_DIGEST, Digest
from ledger.proof_paths import header_of, verify_earlier, verify_no_value, verify_value
from ledger.state.overlay import StateReads
from ledger.transaction import Event

S = TypeVar("S", bound=StateModel)


@dataclass(slots=True)
class SignatureBudget:
    """What the transactions of one block share, also those that are refused."""

    left: int = 600
    """Signatures of other ledgers that may still be checked; each costs about 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Proved(Generic[S]):
    """What another ledger held under a key after a block."""

    record: S | None
    height: int
    time_ms: int
    """Time of that block, by the clocks over there."""


class Context:
    """What an operation is given: signers, block time, reads, refusals, events, and nothing else.

    No dataclass: one is taken apart or made again for another contract by `dataclasses`, and its fields are bound by `match`.
    """

    __slots__ = ("_ledger_budget", "_ledger_contract", "_ledger_state", "events", "height", "signers", "time_ms", "transaction")

    def __init__(
        self,
        contract: "type[Contract]",
        state: StateReads,
        signers: tuple[Member, ...],
        time_ms: int,
        height: int,
        transaction: Digest,
        budget: SignatureBudget | None = None,
    ) -> None:
        self._ledger_budget = budget or SignatureBudget()
        self._ledger_contract, self._ledger_state = contract, state
        """Its class, and the whole state: it reads its own collections, and of others what it declares."""
        self.signers = signers
        """Members that signed, in signing order, as the state holds them before this transaction."""
        self.time_ms = time_ms
        """Block time, milliseconds since the epoch, UTC."""
        self.height, self.transaction = height, transaction
        """Id of the transaction: a name that no member can choose."""
        self.events: list[Event] = []

    @property
    def contract(self) -> "type[Contract]":
        """The one that runs: it may read what this one declares, and emits in its name."""
        return self._ledger_contract

    def signed_by(self, member: str) -> bool:
        """Whether the member of this name is among the signers."""
        if not isinstance(member, str):
            raise TypeError(f"signed_by asks for a name, got a {type(member).__name__}; write .member behind it")
        return any(signer.member == member for signer in self.signers)

    def member(self, member: str) -> Member | None:
        """The enrolled member of that name, revoked ones too, or None."""
        return read_member(self._ledger_state, member)

    def read(self, view: type[V], key: str) -> V | Absent:
        """Another contract's record as a view in `reads` shows it; refuses with `unreadable-record` where it does not fit."""
        place = next((place for place, declared in self.contract.reads.items() if declared is view), None)
        if place is None:  # check: read-declared
            raise TypeError(f"Contract {self.contract.name} reads with {view.__name__}, which its `reads` does not name.")
        state, (contract, _, collection) = self._ledger_state, place.partition(".")
        if contract not in SYSTEM_CONTRACTS and state.get(GOVERNANCE, CONTRACTS, contract) is None:  # check: read-contract
            return Absent.NO_CONTRACT
        value = state.get(contract, collection, key)
        if value is None:
            return Absent.NO_RECORD
        record, declared = decode(value), self.contract.field_lists.reads
        if isinstance(record, dict):  # check: read-declared-fields
            record = {name: part for name, part in record.items() if f"{place}.{name}" in declared}
        return self._viewed(view, record, place, key)

    def _viewed(self, view: type[S], record: JsonValue, place: str, key: str) -> S:
        try:
            return view.model_validate_json(encode_unchecked(record))
        except ValidationError:  # in the library's words, on which no receipt may depend
            self.refuse("unreadable-record", collection=place, key=key)

    def proved(
        self, ledger: str, place: str, key: str, proof: CrossingProof, view: type[S], age_max_ms: int | None = None
    ) -> Proved[S]:
        """What another ledger holds in one of its crossing collections, `contract.crossing_…`: a record, or that there is none.

        Refuses with `unknown-ledger`, `ledger-frozen`, `not-proved` (with the broken rule), `proof-too-old`, `unreadable-record`.
        Without an age limit any block does: for what never changes again.
        """
        contract, _, collection = place.partition(".")
        if not collection.startswith(CROSSING):  # check: proved-crossing
            raise TypeError(f"What crosses stands in a collection {CROSSING}…, got {place!r}.")
        heads = self._heads(ledger)
        try:
            header = header_of(proof.header) if proof.header else heads[0]
            _verify_known(header, [*proof.inclusion], heads)
            name, root = (contract, collection, key), bytes.fromhex(header.state_root)
            if proof.value is None:
                verify_no_value(root, name, proof.path)
            else:
                verify_value(root, name, proof.value, dict(proof.path))
        except (MalformedError, VerificationError) as error:
            self.refuse("not-proved", ledger=ledger, collection=place, key=key, rule=error.code)
        if age_max_ms is not None and self.time_ms - header.time > age_max_ms:  # check: proved-age
            self.refuse("proof-too-old", ledger=ledger, block_at_ms=header.time, age_max_ms=age_max_ms)
        record = None if proof.value is None else self._viewed(view, proof.value, place, key)
        return Proved(record, header.height, header.time)

    def _heads(self, ledger: str) -> list[Header]:
        """The headers of another ledger that contract `foreign` has checked last, the newest first."""
        admitted = self._ledger_state.get(GOVERNANCE, LEDGERS, ledger)
        since = decode_object(admitted)["admitted_height"] if admitted else 0
        known = self._ledger_state.get(FOREIGN, HEADS, f"{ledger}:{since}")
        if known is None:  # check: proved-ledger
            self.refuse("unknown-ledger", ledger=ledger)
        head: Any = decode(known)
        if head["is_frozen"]:  # check: proved-frozen
            self.refuse("ledger-frozen", ledger=ledger)
        return [header_of(header) for header in (head["header"], *head["earlier"])]

    def require(self, condition: bool, code: str, **details: object) -> None:
        """Refuses with the code unless the condition holds."""
        if not condition:  # check: contract-rule
            self.refuse(code, **details)

    def refuse(self, code: str, **details: object) -> NoReturn:
        """Ends the transaction as rejected: nothing that it wrote stays. No sentence is read, so none decides a receipt."""
        if not CODE.fullmatch(code) or code == "ok":
            raise TypeError(f"Contract {self.contract.name} refuses with a code in kebab-case, got {code!r}.")
        error = RefusedError(code, f"{self.contract.name} refuses with {code}.")
        error.details = {name: json_of(value) for name, value in details.items()}
        raise error

    def emit(self, name: str, **data: object) -> None:
        """Announces an event: part of the receipt, the same on every node."""
        self.events.append(Event(self.contract.name, name, {field: json_of(value) for field, value in data.items()}))


def _verify_known(header: Header, inclusion: JsonValue, heads: Sequence[Header]) -> None:
    """Raises VerificationError unless the header is one of these or leads to one: that is good while newer ones come."""
    for head in heads[1:]:
        with suppress(VerificationError):
            verify_earlier(header, inclusion, head, "wrong-history")
            return
    verify_earlier(header, inclusion, heads[0], "wrong-history")


class Arguments(StrictModel):
    """Base of every argument model: strict, frozen, unknown fields refused."""

    model_config = ConfigDict(protected_namespaces=())


@dataclass(eq=False, frozen=True)
class Operation:
    """A method of a contract that a transaction can name, with its argument model and its policy.

    `WarehouseReceipt.transfer` is the `Operation` itself, for clients and stories; on an instance it is the method.
    """

    function: Callable[..., None]
    policy: Policy
    """Who must sign."""
    contract: str = ""
    """Name of the contract; empty until the class is made."""
    arguments: type[BaseModel] = Arguments
    """Model of the arguments; its JSON Schema is what `GET /v1/contracts` shows."""

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.function.__name__

    def bound_to(self, contract: str) -> "Operation":
        """The same operation as part of a named contract, with its argument model."""
        return replace(self, contract=contract, arguments=_argument_model(contract, self.function))

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[..., None]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | Callable[..., None]:
        return self if instance is None else partial(self.function, instance)

    def parse_arguments(self, arguments: JsonValue) -> dict[str, Any]:
        """The typed arguments by name; raises pydantic's ValidationError."""
        return self.arguments.__pydantic_validator__.validate_json(encode_unchecked(arguments)).__dict__  # type: ignore[no-any-return]

    def run(self, instance: object, context: Context, arguments: JsonValue) -> None:
        """Checks the arguments and runs the method; refuses with `bad-arguments`.

        The refusal names only fields: why a field does not fit is the library's wording, and a receipt must not depend on it.
        """
        try:
            values = self.parse_arguments(arguments)
        except ValidationError as error:
            fields = sorted({str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors()})
            raise RefusedError(
                "bad-arguments", f"These arguments do not fit: {', '.join(fields)}.", fields=list(fields)
            ) from error
        self.function(instance, context, **values)


def operation(*, signed_by: Policy) -> Callable[[Callable[..., None]], Operation]:
    """Makes a method an operation that transactions signed as the policy demands can name."""
    return lambda function: Operation(function, signed_by)


def _argument_model(contract: str, function: Callable[..., None]) -> type[BaseModel]:
    """The model of a method's parameters after `self` and `context`; raises TypeError where one has no type."""
    name = function.__name__
    parameters = list(inspect.signature(function).parameters.values())
    if not NAME.fullmatch(name) or [p.name for p in parameters[:2]] != ["self", "context"]:
        raise TypeError(f"Operation {contract}.{name} begins with the parameters self and context.")
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in parameters[2:]:
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.name not in hints:
            raise TypeError(f"Parameter {parameter.name} of {contract}.{name} has a name, a type and no star.")
        fields[parameter.name] = (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
    model = create_model(f"{contract}.{name}", __base__=Arguments, **fields)
    verify_no_floats(model)
    return model


class Contract:
    """Base of every contract. Made with a state only, it serves typed reads: `WarehouseReceipt(state).receipts["W-1"]`."""

    name: ClassVar[str] = ""
    """What transactions call it; a base class of contracts leaves it empty."""
    refusals: ClassVar[Mapping[str, Refusal]] = {}
    """Every code that its operations refuse with, with its sentences: compared with the source when the contract is loaded."""
    words: ClassVar[str] = ""
    """Instead of refusals and read rules: the file beside the class's module that holds them (`ledger.contract.words`)."""
    read_rules: ClassVar[Mapping[str, ReadRule]] = {}
    """Every reason for which `may_read` lets a member read."""
    operations: ClassVar[Mapping[str, Operation]] = {}
    """Gathered from the class, by name."""
    collections: ClassVar[Mapping[str, Collection[Any]]] = {}
    """Gathered from the class, by name."""
    reads: ClassVar[Mapping[str, type[RecordView]]] = {}
    """What it reads of other contracts: by CONTRACT.COLLECTION a view of its own, with which `Context.read` asks."""
    field_lists: ClassVar[FieldLists] = FieldLists()
    """Gathered from `reads` and collections: what governance approves, and compares between versions."""

    def __init__(self, state: StateReads) -> None:
        self._ledger_state = state

    def __init_subclass__(cls) -> None:
        """Gathers what the class declares, inherited parts too, and binds it to the contract's name."""
        super().__init_subclass__()
        if not cls.name:
            return
        if not NAME.fullmatch(cls.name):
            raise TypeError(f"A contract's name is 1 to 64 letters, digits, - or _, got {cls.name!r}.")
        verify_declared(cls.refusals, cls.read_rules)
        declared = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        operations = {name: value.bound_to(cls.name) for name, value in declared.items() if isinstance(value, Operation)}
        collections = {name: value.bound_to(cls.name) for name, value in declared.items() if isinstance(value, Collection)}
        collections |= {one.crosses.name: one.crosses for one in collections.values() if one.crosses is not None}
        for name, value in {**operations, **collections}.items():
            setattr(cls, name, value)
        cls.operations, cls.collections = operations, collections
        own = (collection for collection in collections.values() if collection.of is None)
        fields = {f"{one.name}.{field}": kinds for one in own for field, kinds in one.fields.items()}
        cls.field_lists = FieldLists(reads=_needs(cls.name, cls.reads), fields=fields)

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """Name of the read rule that entitles this member to the openings of the record's sealed fields, or "".

        Closed unless a contract says so. Ask through `read_rule`.
        """
        return ""

    @classmethod
    def run(cls, context: Context, operation: str, arguments: JsonValue) -> None:
        """Runs one operation: it exists, the policy is satisfied, the arguments fit, then the method; raises RefusedError."""
        if context.contract is not cls:  # check: run-own-context
            raise TypeError(f"{cls.name} is run by the ledger, not by {context.contract.name}.")
        found = cls.operations.get(operation)
        if found is None:  # check: unknown-operation
            message = f"Contract {cls.name} has no operation {operation}."
            raise RefusedError("unknown-operation", message, contract=cls.name, operation=operation)
        verify_policy(found.policy, context.signers)
        found.run(cls(context._ledger_state), context, arguments)

    @classmethod
    def read_rule(cls, state: StateReads, record: StateModel, reader: Member, time_ms: int, height: int) -> str:
        """What `may_read` says on this state at this block time; a rule that refuses entitles no member.

        Auditors see who reads and what is sealed, never the values, whatever a contract says. Whether the rule has words, and
        the reader is a member at all, the caller asks.
        """
        if "auditor" in reader.roles:  # check: read-rule-auditor
            return ""
        context = Context(cls, state, (reader,), time_ms, height, NO_DIGEST)
        try:
            return cls(state).may_read(context, record, reader)
        except RefusedError:
            return ""


def _needs(contract: str, reads: Mapping[str, type[RecordView]]) -> dict[str, str]:
    """The fields that a contract's views name; raises TypeError for what it cannot read."""
    for place, view in reads.items():
        of, _, collection = place.partition(".")
        if not (NAME.fullmatch(of) and NAME.fullmatch(collection)) or of == contract:  # check: reads-place
            raise TypeError(f"{contract} reads what another contract keeps, named as contract.collection, got {place!r}.")
        if not issubclass(view, RecordView) or [*reads.values()].count(view) > 1 or not view.model_fields:  # check: reads-view
            raise TypeError(f"{contract} reads {place} with a RecordView for it alone, which names fields, got {view.__name__}.")
    return {f"{place}.{field}": kinds for place, view in reads.items() for field, kinds in field_kinds(view).items()}


@dataclass(frozen=True, slots=True)
class ContractSet:
    """The contracts that are installed on this machine, by name."""

    contracts: Mapping[str, type[Contract]]
    digests: Mapping[str, str] = field(default_factory=dict)
    """Source digests; a contract without one is taken as the right one (tests, simulations)."""
    versions: Mapping[str, type[Contract]] = field(default_factory=dict)
    """By source digest, where several versions of a name are installed side by side until governance lets the new one act."""

    def acting(self, entries: Iterable[ContractEntry]) -> "ContractSet":
        """The same set in which each name stands for the version that the ledger runs, where that is installed."""
        found = ((entry.name, self.versions.get(entry.digest)) for entry in entries)
        named = {name: version for name, version in found if version is not None and version.name == name}
        return ContractSet({**self.contracts, **named}, self.digests, self.versions)

    def installed(self, entry: ContractEntry) -> type[Contract]:
        """The class that the ledger's entry names; raises ContractMissingError: such a block cannot be judged here.

        With the code `wrong-lists` it can: everybody who has this source sees that the entry's lists are not those of it.
        """
        version = self.versions.get(entry.digest)
        contract = version if version is not None and version.name == entry.name else self.contracts.get(entry.name)
        if contract is None:  # check: contract-installed
            message = f"The ledger runs contract {entry.name} ({entry.module}); it is not installed here."
            raise ContractMissingError("contract-not-installed", message, contract=entry.name)
        digest = self.digests.get(entry.name, entry.digest)
        if contract is not version and digest != entry.digest:  # check: contract-version
            message = f"Contract {entry.name} is installed with digest {digest[:16]}…; the ledger runs {entry.digest[:16]}…."
            raise ContractMissingError("contract-not-installed", message, contract=entry.name)
        own = contract.field_lists
        if entry.reads != own.reads or entry.fields not in ({}, own.fields):  # check: contract-lists
            message = f"The ledger's list of what contract {entry.name} reads, or of its fields, is not that of its source."
            raise ContractMissingError("wrong-lists", message)
        return contract
