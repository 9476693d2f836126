"""Collections: the part of the state that a contract reads and writes, one typed record under each key.

`receipts = Collection(Receipt)` in the class; `self.receipts[key]` in an operation. Named on the class
(`WarehouseReceipt.receipts`) it tells a client what to ask a node for.
"""

from collections.abc import Iterator
from typing import Generic, Protocol, Self, TypeVar, overload

from ledger.contract.schema import verify_no_floats
from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.identity.records import GOVERNANCE, MEMBERSHIP, StateModel
from ledger.primitives import NAME
from ledger.state.overlay import Overlay, StateReads

VALUE_BYTES_MAX = 65_536
"""Largest record in canonical bytes."""
PAGE = 100
"""Records read at a time while iterating."""
SYSTEM_CONTRACTS = (MEMBERSHIP, GOVERNANCE)

R = TypeVar("R", bound=StateModel)


class Bearer(Protocol):
    """What a collection needs of the contract that it belongs to."""

    ledger_state: StateReads


class Collection(Generic[R]):
    """Declares records of one model. `of` names another contract's collection, to be read only."""

    def __init__(self, record: type[R], *, of: str | None = None) -> None:
        verify_no_floats(record)
        self.record = record
        self.of = of
        self.name = ""
        """Name of the attribute, second part of the state key."""
        self.contract = ""
        """Name of the contract whose state this is, first part of the state key."""
        self.is_writable = True

    def __set_name__(self, owner: type, name: str) -> None:
        if not NAME.fullmatch(name):
            raise TypeError(f"{name!r} cannot name a collection.")
        self.name = name

    def bound_to(self, contract: str) -> Self:
        """The same declaration as part of a named contract."""
        copy = type(self)(self.record, of=self.of)
        copy.name, copy.contract = self.name, self.of or contract
        copy.is_writable = self.of in (None, contract) or (self.of in SYSTEM_CONTRACTS and contract in SYSTEM_CONTRACTS)
        return copy

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Bearer, owner: type) -> "Records[R]": ...
    def __get__(self, instance: Bearer | None, owner: type) -> "Self | Records[R]":
        return self if instance is None else Records(self, instance.ledger_state)


class Records(Generic[R]):
    """The records of a collection at one state."""

    __slots__ = ("_collection", "_contract", "_name", "_state")

    def __init__(self, collection: Collection[R], state: StateReads) -> None:
        self._collection = collection
        self._contract = collection.contract
        self._name = collection.name
        self._state = state

    def get(self, key: str) -> R | None:
        """The record, or None."""
        value = self._state.get(self._contract, self._name, key)
        return None if value is None else self._collection.record.model_validate_json(value)

    def __getitem__(self, key: str) -> R:
        """The record; refuses with `not-found` where there is none."""
        record = self.get(key)
        if record is None:  # check: record-not-found
            raise RefusedError("not-found", f"There is no {key} in {self._name}.", collection=self._name, key=key)
        return record

    def __contains__(self, key: str) -> bool:
        return self._state.get(self._contract, self._name, key) is not None

    def __setitem__(self, key: str, record: R) -> None:
        """Writes the record; refuses with `value-too-large`."""
        if type(record) is not self._collection.record:
            raise TypeError(f"{self._name} holds {self._collection.record.__name__}, not {type(record).__name__}.")
        value = encode(record.model_dump(mode="json"))
        if len(value) > VALUE_BYTES_MAX:  # check: value-size
            sizes = {"bytes": len(value), "bytes_max": VALUE_BYTES_MAX}
            raise RefusedError("value-too-large", f"{key} has {len(value)} bytes.", collection=self._name, **sizes)
        self._writable().put(self._contract, self._name, key, value)

    def __delitem__(self, key: str) -> None:
        """Deletes the record; refuses with `not-found` where there is none."""
        self[key]
        self._writable().delete(self._contract, self._name, key)

    def items(self, after: str = "", *, prefix: str = "", limit: int | None = None) -> Iterator[tuple[str, R]]:
        """Keys and records in key order: those behind `after`, and longer than `prefix` if one is given."""
        count = 0
        after = max(after, prefix)
        while page := self._state.page(self._contract, self._name, after, PAGE):
            for key, value in page:
                if count == limit or not key.startswith(prefix):
                    return
                yield key, self._collection.record.model_validate_json(value)
                count += 1
            after = page[-1][0]

    def _writable(self) -> Overlay:
        """The state to write to; TypeError outside of an operation, or for another contract's collection."""
        if not self._collection.is_writable:  # check: foreign-collection
            raise TypeError(f"{self._name} belongs to contract {self._contract} and is read only here.")
        if not isinstance(self._state, Overlay):
            raise TypeError("A contract that was made for reading cannot write.")
        return self._state
