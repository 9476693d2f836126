"""What a box can have done: rules on the order of its ACT events, as plain functions.

    START ──GTOT empty──> OUTSIDE ──STUF──> OUTSIDE ──GTIN laden──> YARD ──LOAD──> ABOARD ──DISC──> YARD ──GTOT laden──> OUT
                                                                     ^                               │                    │ STRP
                                                                     └────────── transhipment ───────┘                    v
    START <──────────────────────────────────── GTIN empty ──────────────────────────────────────────── OUT or STRIPPED

GTIN <= LOAD <= DEPA <= ARRI <= DISC <= GTOT <= STRP <= GTIN empty; two events may fall on one instant. All events of a box
are judged in the order of their times, whenever they were posted: an event that comes late must fit as well, and taking one
back must not leave a gap. Events that do not move a box (inspection, new seal, customs) may happen anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["start", "outside", "yard", "aboard", "out", "stripped"]
MOVES = ("STUF", "GTIN", "LOAD", "DISC", "GTOT", "STRP")
"""Codes that move a box, or fill or empty it."""


@dataclass(frozen=True, slots=True)
class Move:
    """An ACT event of one box, as far as its order goes."""

    code: str
    at_ms: int
    port: str = ""
    """UN/LOCODE."""
    ship: str = ""
    """`IMO:VOYAGE` of LOAD and DISC."""
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """When a ship came to a port and left it, by ACT events; 0 for not yet."""

    arrived_ms: int = 0
    departed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a box is after some moves."""

    place: Place = "start"
    port: str = ""
    ship: str = ""
    loaded_at_ms: int = 0
    loaded_port: str = ""
    is_discharged: bool = False


def order_fault(moves: Iterable[Move], calls: Mapping[tuple[str, str], Call]) -> str:
    """The code of the first rule that a box's moves break, "" for none; `calls` are by ship and port."""
    position = Position()
    for move in sorted(moves, key=lambda move: move.at_ms):
        fault = step_fault(position, move, calls)
        if fault != "":
            return fault
        position = after(position, move)
    return ""


def position_of(moves: Iterable[Move]) -> Position:
    """Where moves that are in order leave a box."""
    position = Position()
    for move in sorted(moves, key=lambda move: move.at_ms):
        position = after(position, move)
    return position


def step_fault(position: Position, move: Move, calls: Mapping[tuple[str, str], Call]) -> str:
    """The code of the rule that forbids this move from there, "" for none."""
    place, code = position.place, move.code
    if code == "GTIN":
        allowed = ("out", "stripped", "start") if move.is_empty else ("start", "outside")
        return "" if place in allowed else "gate-in-unexpected"
    if code == "GTOT":
        if move.is_empty:
            return "" if place == "start" else "gate-out-unexpected"
        is_landed = place == "yard" and position.is_discharged and move.port == position.port
        return "" if is_landed else "gate-out-before-discharge"
    if code == "STUF":
        return "" if place in ("start", "outside") else "stuffed-unexpected"
    if code == "STRP":
        return "" if place == "out" else "stripped-before-gate-out"
    if code == "LOAD":
        return _load_fault(position, move, calls)
    if code == "DISC":
        return _discharge_fault(position, move, calls)
    return ""


def after(position: Position, move: Move) -> Position:
    """Where a move that is allowed leads."""
    if move.code == "GTIN":
        return Position() if move.is_empty else Position("yard", move.port)
    if move.code in ("GTOT", "STUF"):
        return Position("outside") if move.is_empty or move.code == "STUF" else Position("out", move.port)
    if move.code == "LOAD":
        return Position("aboard", move.port, move.ship, move.at_ms, move.port, position.is_discharged)
    if move.code == "DISC":
        return Position("yard", move.port, is_discharged=True)
    return Position("stripped", position.port) if move.code == "STRP" else position


def call_fault(call: Call, lifts: Sequence[Move]) -> str:
    """What is wrong with a ship's call and the boxes lifted there: arrive, discharge, load, depart."""
    if call.arrived_ms and call.departed_ms and call.departed_ms < call.arrived_ms:
        return "departed-before-arrival"
    for lift in lifts:
        if lift.code == "DISC" and not 0 < call.arrived_ms <= lift.at_ms:
            return "discharged-before-arrival"
        if lift.code == "LOAD" and call.departed_ms and call.departed_ms < lift.at_ms:
            return "loaded-after-departure"
    return ""


def _load_fault(position: Position, move: Move, calls: Mapping[tuple[str, str], Call]) -> str:
    if position.place == "aboard":
        return "loaded-twice"
    if position.place != "yard" or position.port != move.port:
        return "load-before-gate-in"
    return call_fault(calls.get((move.ship, move.port), Call()), (move,))


def _discharge_fault(position: Position, move: Move, calls: Mapping[tuple[str, str], Call]) -> str:
    if position.place != "aboard" or position.ship != move.ship:
        return "not-aboard"
    departed_ms = calls.get((move.ship, position.loaded_port), Call()).departed_ms
    call = calls.get((move.ship, move.port), Call())
    if not position.loaded_at_ms <= departed_ms <= call.arrived_ms or move.port == position.loaded_port:
        return "discharged-before-arrival"
    return call_fault(call, (move,))
