"""Answers of a node as values, and its problems as errors of the project's tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ledger import errors
from ledger.errors import BusyError, IndefiniteError, InputError, JsonValue, RefusedError, TallystickError

R = TypeVar("R")
BY_STATUS: Mapping[int, type[TallystickError]] = {
    kind.status: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, InputError)
}
"""Each error of a caller has a status of its own."""

OWN = ("code", "message", "retry_after_s", "status", "was_sent")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction that is final."""

    transaction: str
    status: str
    """`committed` or `rejected`."""
    code: str
    """`ok`, or the stable code of the refusal."""
    details: dict[str, JsonValue]
    sentence: str
    """The refusal in words, in the client's language; empty for a committed one."""
    events: tuple[dict[str, JsonValue], ...]
    height: int
    position: int

    @property
    def is_committed(self) -> bool:
        """Whether it took effect."""
        return self.status == "committed"


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows of a list with their keys, and the key to go on from, None at the end."""

    rows: tuple[tuple[str, R], ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a list has."""

    count: int
    height: int
    """Of the last block that was counted."""
    groups: dict[str | int | bool | None, int]
    """By value of the field that it was asked by, in their order; a row of several values counts with each."""


def parse_outcome(status: Mapping[str, Any]) -> Outcome | None:
    """The outcome in a transaction's status; None while it is not final; raises IndefiniteError for what cannot be read."""
    receipt = status.get("receipt")
    if receipt is None:
        return None
    try:
        return Outcome(
            transaction=status["transaction"],
            status=status["status"],
            code=receipt["code"],
            details=receipt["details"],
            sentence=status.get("sentence", ""),
            events=tuple(receipt["events"]),
            height=status["place"]["height"],
            position=status["place"]["position"],
        )
    except (KeyError, TypeError) as error:
        raise IndefiniteError("unreachable", "The node's answer holds no outcome that can be read.") from error


def is_surely_not_done(status: Mapping[str, Any], expires_ms: int, lifetime_ms: int, began_ms: int = 0) -> bool:
    """Whether a transaction that the node does not know can never happen: it has expired, and the node would know it.

    A node that began from a snapshot knows the transactions of blocks from the time `complete_from` on. One that expires less
    than a lifetime later may stand in an earlier block, which this node has never seen, unless the ledger began at that time:
    `began_ms` is the time of its genesis, 0 where it is not known.
    """
    is_expired = status.get("status") == "unknown" and status.get("time", 0) >= expires_ms
    return bool(is_expired and status.get("complete_from", 0) <= max(expires_ms - lifetime_ms, began_ms))


def refusal_of(outcome: Outcome) -> RefusedError:
    """The error of a rejected transaction."""
    return RefusedError(outcome.code, outcome.sentence, **outcome.details)


def error_of(problem: Mapping[str, Any], retry_after: str | None = None) -> TallystickError:
    """The error of a problem: nothing was taken by this request, or, where the node failed, IndefiniteError."""
    status, code, details = int(problem["status"]), str(problem["code"]), dict(problem.get("details", {}))
    message = str(problem["detail"])
    # Details are named by the contract that refused: these would clash with the error's own fields.
    details = {name: value for name, value in details.items() if name not in OWN}
    if "proof" in problem:  # of the absence of what was asked for
        details["proof"] = problem["proof"]
    if status in (429, 503):
        seconds = int(retry_after) if retry_after and retry_after.isdigit() else 1
        return BusyError(code, message, retry_after_s=seconds, status=status, **details)
    return BY_STATUS.get(status, IndefiniteError)(code, message, **details)
