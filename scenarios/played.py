"""What a played story left, for those who judge and draw it: its events in order, and its records with their types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from ledger.contract import Record
from ledger.errors import JsonValue
from scenarios.story import Act, Performance, Snapshot

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a transaction that took effect."""

    time_ms: int
    name: str
    data: Mapping[str, JsonValue]
    signers: tuple[str, ...] = ()
    """Member ids."""
    operation: str = ""

    @property
    def organizations(self) -> tuple[str, ...]:
        """Of the signers."""
        return tuple(signer.partition(".")[0] for signer in self.signers)


def happenings(performance: Performance) -> tuple[Happening, ...]:
    """Every event; a step that repeats an envelope brought none."""
    return tuple(
        Happening(told.time_ms, name, data, call.signers or told.step.actors, call.operation.name)
        for told in performance.told
        if isinstance(told.step, Act)
        for call, outcome in zip(told.step.calls, told.outcomes, strict=True)
        for name, data in outcome.events
    )


def rows(state: Snapshot, collection: str, record: type[R]) -> Mapping[str, R]:
    """The records of a collection by key, which are all of one kind."""
    assert all(isinstance(one, record) for one in state[collection].values()), f"{collection} holds {record.__name__}"
    return cast(Mapping[str, R], state[collection])
