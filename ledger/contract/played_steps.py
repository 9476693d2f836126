"""Steps of a contract, played one after another on a state of their own, and the properties that each must keep.

What the test kit plays by chance (`test_kit` lists the properties), others play as it is written: two interpreters that are
compared, a lab, an author's tests. It needs nothing but the ledger.
"""

from bdb import BdbQuit
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ledger.block import Write, writes_digest
from ledger.contract.contract import Context, Contract
from ledger.contract.words import COMMON_REFUSALS, words_of
from ledger.encoding import decode, digest, encode
from ledger.errors import JsonValue, RefusedError
from ledger.identity.policies import AllOf, AnyOf, MemberIs, OrganizationIs, OutOf, Policy, Role
from ledger.identity.records import CONTRACTS, GOVERNANCE, MEMBERSHIP, ContractEntry, Member
from ledger.primitives import NO_DIGEST, Digest
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView, StateWrite
from ledger.transaction import Event, Receipt

C = TypeVar("C", bound=Contract)
START_MS = 1_767_225_600_000
"""2026-01-01, the block time before the first step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction."""

    signers: tuple[Member, ...]
    operation: str
    arguments: JsonValue
    time_ms: int

    def __str__(self) -> str:
        names = ", ".join(signer.member for signer in self.signers)
        return f"{names}: {self.operation} {encode(self.arguments).decode()} at {self.time_ms}"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step did, comparable."""

    code: str
    details: dict[str, JsonValue]
    writes: tuple[StateWrite, ...]
    events: Any


Property = Literal["ends", "declared", "details", "read-back", "repeatable"]
"""Of the list in `test_kit`, 1 to 4; the second is two."""


class BrokenPropertyError(AssertionError):
    """A step that does not keep one of the properties."""

    def __init__(self, broken: Property, step: Step, message: str, subject: str = "") -> None:
        super().__init__(f"{step}: {message}")
        self.broken = broken
        self.step = step
        self.subject = subject
        """The code, the details or the record that it is about."""


def run_step(contract: type[Contract], state: Overlay, step: Step, time_ms: int, height: int) -> StepOutcome:
    """Runs one step on the state and checks properties 1 to 4; what it wrote stays if it was not refused."""
    first, again = Overlay(state), Overlay(state)
    outcome = _outcome(contract, first, step, time_ms, height)
    if outcome != _outcome(contract, again, step, time_ms, height):
        raise BrokenPropertyError("repeatable", step, "the second run differs")
    _verify_refusal(contract, step, outcome)
    _verify_writes(contract, step, outcome.writes)
    first.commit()
    return outcome


def receipts_of(contract: type[Contract], steps: Sequence[Step]) -> list[bytes]:
    """The receipts that these steps leave, one after another, on a state without anything else.

    Raises BrokenPropertyError where one of them ends in an exception.
    """
    state, time_ms, receipts = state_with(members_for(contract)), START_MS, []
    for height, step in enumerate(steps, 1):
        time_ms += step.time_ms
        outcome = _outcome(contract, state, step, time_ms, height)
        ending: Literal["committed", "rejected"] = "committed" if outcome.code == "ok" else "rejected"
        writes = writes_digest([Write(*write) for write in outcome.writes])
        events = tuple(Event(contract.name, event["name"], event["data"]) for event in outcome.events)
        receipt = Receipt(_transaction(step, height), ending, outcome.code, outcome.details, writes, events)
        receipts.append(receipt.raw)
    return receipts


def members_for(contract: type[Contract]) -> tuple[Member, ...]:
    """One member of each role that the contract's policies name, and one that is a member only."""
    named = [part for operation in contract.operations.values() for part in _parts(operation.policy)]
    roles = sorted({*(part.name for part in named if isinstance(part, Role)), "member"})
    organizations = sorted({*(part.name for part in named if isinstance(part, OrganizationIs)), "east"})
    staff = {f"{name}.{role}"[:64]: (role,) for role in roles for name in organizations}
    staff |= {part.member: ("member",) for part in named if isinstance(part, MemberIs)}
    return tuple(
        Member(member=name, public_key="00" * 32, roles=roles, not_before_ms=0, not_after_ms=2**52, certificate="-")
        for name, roles in sorted(staff.items())
    )


def state_with(members: Sequence[Member]) -> Overlay:
    """A state in which these members are enrolled."""
    state = Overlay(StateView(MemoryStore()))
    for member in members:
        state.put(MEMBERSHIP, "members", member.member, encode(member.model_dump(mode="json")))
    return state


def beside(state: Overlay, contract: type[C]) -> C:
    """Another contract on the same ledger, to be read: `beside(state, Licences).licences["L-1"] = Licence(…)`."""
    lists = contract.field_lists
    entry = ContractEntry(name=contract.name, module="-", digest=NO_DIGEST, reads=lists.reads, fields=lists.fields)
    state.put(GOVERNANCE, CONTRACTS, contract.name, encode(entry.model_dump(mode="json")))
    return contract(state)


def _outcome(contract: type[Contract], state: Overlay, step: Step, time_ms: int, height: int) -> StepOutcome:
    writer = Overlay(state)
    context = Context(contract, writer, step.signers, time_ms, height, _transaction(step, height))
    try:
        contract.run(context, step.operation, step.arguments)
    except RefusedError as error:
        return StepOutcome(error.code, dict(error.details), (), [])
    except BdbQuit as error:
        raise KeyboardInterrupt("The debugger was left.") from error
    except Exception as error:
        raise BrokenPropertyError("ends", step, f"{type(error).__name__} instead of a refusal: {error}") from error
    writes = writer.writes()
    writer.commit()
    return StepOutcome("ok", {}, writes, [event.to_json() for event in context.events])


def _transaction(step: Step, height: int) -> Digest:
    return digest("test-kit", encode([height, str(step)]))


def _verify_refusal(contract: type[Contract], step: Step, outcome: StepOutcome) -> None:
    encode(outcome.details)
    encode(outcome.events)
    refusals = words_of(contract).refusals
    refusal: Any = refusals.get(outcome.code) or COMMON_REFUSALS.get(outcome.code)
    if outcome.code != "ok" and refusal is None:
        raise BrokenPropertyError("declared", step, f"refusal {outcome.code!r} is not declared", outcome.code)
    if refusal is not None and outcome.code in refusals:
        missing = sorted(set(refusal.details) - outcome.details.keys())
        if missing:
            raise BrokenPropertyError(
                "details", step, f"refusal {outcome.code!r} lacks {missing}", f"{outcome.code}: {', '.join(missing)}"
            )


def _verify_writes(contract: type[Contract], step: Step, writes: tuple[StateWrite, ...]) -> None:
    records = {(c.contract, c.name): c.record for c in contract.collections.values()}
    for owner, collection, key, value in writes:
        if value is not None:
            decode(value)
            record = records[owner, collection].model_validate_json(value)
            if encode(record.model_dump(mode="json")) != value:
                place = f"{collection}[{key!r}]"
                raise BrokenPropertyError("read-back", step, f"{place} is not read back as it was written", place)


def _parts(policy: Policy) -> Iterator[Policy]:
    """The policies of which it is made, in order of appearance; itself, if it has no parts."""
    if isinstance(policy, AnyOf | AllOf | OutOf):
        for part in policy.parts:
            yield from _parts(part)
    else:
        yield policy
