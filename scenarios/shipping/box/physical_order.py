"""What a box can have done: rules on the order of its ACT events, as plain functions.

    start ──GTOT empty──> outside ──STUF──> outside ──GTIN laden──> yard ──LOAD──> aboard ──DISC──> yard ──GTOT laden──> out
                                                                     ^                               │                   │ STRP
                                                                     └────────── transhipment ───────┘                   v
    start <───────────────────────────────────── GTIN empty ────────────────────────────────────────── out or stripped

GTIN <= LOAD <= DEPA <= ARRI <= DISC <= GTOT <= STRP <= GTIN empty; two events may fall on one instant. All events of a journey
are judged in the order of their times, whenever they were posted: one that comes late must fit as well, and taking one back
must not leave a gap. Events that do not move a box (inspection, new seal, customs) may happen anywhere.

Of a box that was not booked on this ledger parts of the journey may never be reported: of those, `partial_fault` asks only that
what is reported does not contradict itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from scenarios.shipping.records import Flag, Move, PortCall

Place: TypeAlias = Literal["start", "outside", "yard", "aboard", "out", "stripped"]
Calls: TypeAlias = Mapping[str, PortCall]
"""Calls of ships by `IMO:VOYAGE:PORT`."""
NO_CALL = PortCall()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a box is after some moves."""

    place: Place = "start"
    port: str = ""
    ship: str = ""
    loaded_at_ms: int = 0
    loaded_port: str = ""
    is_discharged: bool = False


def order_fault(moves: Iterable[Move], calls: Calls) -> str:
    """The code of the first rule that a box's journey breaks, "" for none."""
    return next((fault for position, move in _journey(moves) if (fault := step_fault(position, move, calls))), "")


def position_of(moves: Iterable[Move]) -> Position:
    """Where moves that are in order leave a box."""
    position = Position()
    for before, move in _journey(moves):
        position = after(before, move)
    return position


def step_fault(position: Position, move: Move, calls: Calls) -> str:
    """The code of the rule that forbids this move from there, "" for none."""
    place, code = position.place, move.code
    if code == "GTIN":
        allowed: tuple[Place, ...] = ("out", "stripped") if move.is_empty else ("start", "outside")
        return "" if place in allowed else "gate-in-unexpected"
    if code == "GTOT" and move.is_empty:
        return "" if place == "start" else "gate-out-unexpected"
    if code == "GTOT":
        is_landed = place == "yard" and position.is_discharged and move.port == position.port
        return "" if is_landed else "gate-out-before-discharge"
    if code == "STUF":
        return "" if place in ("start", "outside") else "stuffed-unexpected"
    if code == "STRP":
        return "" if place == "out" else "stripped-before-gate-out"
    if code == "LOAD":
        return _load_fault(position, move, calls)
    return _discharge_fault(position, move, calls) if code == "DISC" else ""


def after(position: Position, move: Move) -> Position:
    """Where a move that is allowed leads."""
    if move.code == "GTIN":
        return Position() if move.is_empty else Position("yard", move.port)
    if move.code == "STUF" or (move.code == "GTOT" and move.is_empty):
        return Position("outside")
    if move.code == "GTOT":
        return Position("out", move.port)
    if move.code == "LOAD":
        return Position("aboard", move.port, move.ship, move.at_ms, move.port)
    if move.code == "DISC":
        return Position("yard", move.port, is_discharged=True)
    return Position("stripped", position.port) if move.code == "STRP" else position


def partial_fault(moves: Iterable[Move], calls: Calls) -> str:
    """The code of the first contradiction in what is reported of a journey, "" for none."""
    aboard: str | None = None
    for move in sorted(moves, key=lambda move: move.at_ms):
        call = calls.get(f"{move.ship}:{move.port}", NO_CALL)
        if move.code == "LOAD":
            if aboard:
                return "loaded-twice"
            if 0 < call.departed_at_ms < move.at_ms:
                return "loaded-after-departure"
            aboard = move.ship
        elif move.code == "DISC":
            if aboard not in (None, move.ship):
                return "not-aboard"
            if move.at_ms < call.arrived_at_ms:
                return "discharged-before-arrival"
            aboard = ""
    return ""


def _journey(moves: Iterable[Move]) -> Iterator[tuple[Position, Move]]:
    """Each move in the order of time, with the position before it."""
    position = Position()
    for move in sorted(moves, key=lambda move: move.at_ms):
        yield position, move
        position = after(position, move)


def _load_fault(position: Position, move: Move, calls: Calls) -> str:
    if position.place == "aboard":
        return "loaded-twice"
    if position.place != "yard" or position.port != move.port:
        return "load-before-gate-in"
    departed_ms = calls.get(f"{move.ship}:{move.port}", NO_CALL).departed_at_ms
    return "loaded-after-departure" if 0 < departed_ms < move.at_ms else ""


def _discharge_fault(position: Position, move: Move, calls: Calls) -> str:
    if position.place != "aboard" or position.ship != move.ship:
        return "not-aboard"
    departed_ms = calls.get(f"{move.ship}:{position.loaded_port}", NO_CALL).departed_at_ms
    arrived_ms = calls.get(f"{move.ship}:{move.port}", NO_CALL).arrived_at_ms
    is_in_order = position.loaded_at_ms <= departed_ms <= arrived_ms <= move.at_ms and move.port != position.loaded_port
    return "" if is_in_order else "discharged-before-arrival"


TOLERANCE_PERMILLE = 50
"""By how much the verified gross mass may differ from the document: 5 %, an assumption; states set their own [A]."""
CUSTOMS_CODES = ("CUSS", "CUSI", "CUSR")
STOPPED = ("LOAD", "GTOT")
"""What does not happen while something is flagged."""


def flags_of(moves: Iterable[Move], declared: Sequence[str], weight_kg: int) -> tuple[Flag, ...]:
    """What is wrong with a box after these moves; a weight of 0 is not known yet."""
    in_order = sorted(moves, key=lambda move: move.at_ms)
    flags: list[Flag] = []
    if is_seal_changed(in_order):  # check: shipping-seal-changed
        flags.append("seal-changed")
    if any(number not in declared for move in in_order for number in move.un_numbers):  # check: shipping-undeclared-goods
        flags.append("undeclared-dangerous-goods")
    if weight_kg and differs(verified_mass_kg(in_order) or weight_kg, weight_kg):  # check: shipping-weight-differs
        flags.append("weight-differs")
    return tuple(flags)


def is_seal_changed(in_order: Sequence[Move]) -> bool:
    """Whether a seal was seen that is not the one before, with no new seal and no inspection to explain it."""
    expected: tuple[str, ...] = ()
    is_changed = False
    for move in in_order:
        if move.code == "INSP":
            is_changed = False
        elif move.code != "RSEA" and move.seals and expected and sorted(move.seals) != sorted(expected):
            is_changed = True
        expected = move.seals or expected
    return is_changed


def is_cleared(in_order: Sequence[Move]) -> bool:
    """Whether the last word of customs on a box was to release it."""
    return [move.code for move in in_order if move.code in CUSTOMS_CODES][-1:] == ["CUSR"]


def verified_mass_kg(in_order: Sequence[Move]) -> int:
    """The newest verified gross mass, 0 for none."""
    return next((move.gross_weight_kg for move in reversed(in_order) if move.gross_weight_kg), 0)


def differs(verified_kg: int, stated_kg: int) -> bool:
    """Whether two weights are further apart than the tolerance."""
    return abs(verified_kg - stated_kg) * 1_000 > stated_kg * TOLERANCE_PERMILLE
