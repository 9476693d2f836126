"""What must be looked at before a box goes aboard or out: its seals, its dangerous goods, its weight. Plain functions.

A crane or a gate is an act that can be stopped, so it is refused; what is merely seen (a broken seal at discharge) is a fact, so
it is recorded with a flag. An inspection clears the flag of a seal; a new seal by customs or terminal is known by its RSEA event.
"""

from collections.abc import Iterable, Sequence

from scenarios.shipping.records_events import Flag, Move

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
