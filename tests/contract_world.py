"""A contract without ledger, keys and blocks: operations run straight on a state. For tests of single rules.

A trade's own world names its members and brings the state to where a test begins:

    world = World(Shipping, {"ocean.ye": ("carrier",)}, "2026-03-30")
    assert world.code("ocean.ye", Shipping.issue, document="TD-1") == "ok"
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast

from ledger.contract import Context, Contract, Member, Operation
from ledger.contract.calendar import DAY_MS
from ledger.contract.records import json_of
from ledger.encoding import encode
from ledger.errors import JsonValue, RefusedError
from ledger.identity.records import MEMBERSHIP, Organization
from ledger.primitives import Digest
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView, StateWrite
from scenarios.dates import on
from tests import support

C = TypeVar("C", bound=Contract)
Events = tuple[tuple[str, dict[str, Any]], ...]
DONE_MAX = 30_000
"""Operations that are remembered; then all are dropped."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that was tried."""

    signers: tuple[str, ...]
    operation: Operation
    arguments: Mapping[str, object]
    time_ms: int
    events: Events | None
    """None where it was refused."""


class World(Generic[C]):
    """A state and a clock at nine in the morning."""

    def __init__(self, contract: type[C], members: Mapping[str, tuple[str, ...]], day: str) -> None:
        self.of = contract
        self.state = TracedState()
        self.time_ms = 0
        self.at(day)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.calls: list[Call] = []
        """All that was tried since the genesis."""
        self.roles: dict[str, tuple[str, ...]] = {}
        """Of each member."""
        granted: dict[str, tuple[str, ...]] = {}
        for member, roles in members.items():
            self.enrol(member, *roles)
            organization = member.partition(".")[0]
            granted[organization] = (*granted.get(organization, ()), *roles)
        for organization, roles in granted.items():
            self.grant(f"{organization}.x", *roles)

    def grant(self, member: str, *roles: str) -> None:
        """The member's organization, by state alone: it may give its members these roles."""
        record = Organization(name=member.partition(".")[0], root_certificate="none", roles=roles)
        self.state.put(MEMBERSHIP, "organizations", record.name, encode(record.model_dump(mode="json")))

    def enrol(self, member: str, *roles: str) -> None:
        """A member by state alone."""
        self.roles[member] = roles
        self.state.put(MEMBERSHIP, "members", member, encode(support.enrolled(member, *roles).model_dump(mode="json")))

    def at(self, text: str, days: int = 0) -> Self:
        """Moves the clock."""
        self.time_ms = on(text) + days * DAY_MS + 9 * 3_600_000
        return self

    def copy(self) -> Self:
        """Another world that begins where this one stands."""
        world = copy(self)
        world.state, world.events, world.calls, world.roles = self.state.copy(), [*self.events], [*self.calls], {**self.roles}
        return world

    @property
    def contract(self) -> C:
        """For reading."""
        return self.of(self.state)

    def do(self, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Self:
        """Runs an operation; raises RefusedError, and then nothing was written.

        What comes of it hangs on nothing but the state, the time and the call: many tests come to where they begin on one way,
        and go it once.
        """
        names = (signers,) if isinstance(signers, str) else signers
        given = {name: json_of(value) for name, value in arguments.items()}
        # A test may have made the contract forget a rule.
        key = (self.of, Context.require, self.state.trace, names, operation.name, repr(given), self.time_ms)
        if key not in _done:
            if len(_done) >= DONE_MAX:
                _done.clear()
            _done[key] = self._run(names, operation, given)
        done = _done[key]
        if isinstance(done, RefusedError):
            self.calls.append(Call(names, operation, arguments, self.time_ms, None))
            raise done.with_traceback(None)
        writes, events = done
        for write in writes:
            self.state.write(*write)
        self.calls.append(Call(names, operation, arguments, self.time_ms, events))
        self.events += events
        return self

    def _run(self, names: tuple[str, ...], operation: Operation, given: dict[str, JsonValue]) -> "Done":
        draft = Overlay(self.state)
        context = self.context(*names, state=draft)
        try:
            self.of.run(context, operation.name, given)
        except RefusedError as error:
            return error
        return draft.writes(), tuple((event.name, cast("dict[str, Any]", event.data)) for event in context.events)

    def code(self, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> str:
        """The code with which it is refused, `ok` if it is not."""
        try:
            self.do(signers, operation, **arguments)
        except RefusedError as error:
            encode(error.details)  # as a receipt holds them
            return error.code
        return "ok"

    def context(self, *signers: str, state: Overlay | None = None) -> Context:
        """What an operation is given."""
        found = [Context.member(self._context((), self.state), name) for name in signers]
        return self._context(tuple(member for member in found if member), state or self.state)

    def _context(self, signers: tuple[Member, ...], state: Overlay) -> Context:
        return Context(self.of, state, signers, self.time_ms, height=1, transaction=Digest("0" * 64))


class TracedState(Overlay):
    """Empty at first; `trace` tells apart what was written to it since."""

    __slots__ = ("trace",)

    def __init__(self) -> None:
        super().__init__(StateView(MemoryStore()))
        self.trace = 0

    def write(self, contract: str, collection: str, key: str, value: bytes | None) -> None:
        """Sets or removes a value."""
        super().write(contract, collection, key, value)
        self.trace = hash((self.trace, contract, collection, key, value))

    def copy(self) -> "TracedState":
        """Another one, which goes its own way from here."""
        other = TracedState()
        other._collections = {names: {**written} for names, written in self._collections.items()}
        other.trace = self.trace
        return other


Done = RefusedError | tuple[tuple[StateWrite, ...], Events]
"""What came of an operation: its refusal, or writes and events."""
_done: dict[tuple[object, ...], Done] = {}
