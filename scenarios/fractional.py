"""Fractional assets: whole units that are split and shared without losing or making a single one.

Receivable certificates (cents), energy certificates (Wh) and bills of lading (pieces) all follow one rule:
a split consumes the parent and creates parts whose sum is the parent, exactly. A payment that is too small for
all holders is shared in proportion, by the largest remainder, so that the shares add up to the payment.
"""

from collections.abc import Sequence

PARTS_MAX = 50
"""Most parts of one split: dust is an attack on everybody who has to keep the tree."""


def fault_of_split(total: int, parts: Sequence[int], parts_max: int = PARTS_MAX) -> str | None:
    """The code of the first rule that a split breaks, None for a good one.

    `no-parts`, `too-many-parts`, `part-too-small` (below one unit), `wrong-sum`. Contracts declare these codes.
    """
    if not parts:  # check: split-no-parts
        return "no-parts"
    if len(parts) > parts_max:  # check: split-too-many-parts
        return "too-many-parts"
    if any(part < 1 for part in parts):  # check: split-part-too-small
        return "part-too-small"
    if sum(parts) != total:  # check: split-wrong-sum
        return "wrong-sum"
    return None


def fault_of_lots_split(lots: Sequence[int], parts: Sequence[Sequence[int]], parts_max: int = PARTS_MAX) -> str | None:
    """The same for an asset that consists of several lots (hours of a month): a part has a piece of each, maybe nothing.

    Each part is at least one unit in all, and the pieces of every lot sum to that lot. Besides the codes of
    `fault_of_split` there is `wrong-lots`: a part does not say what it takes of each lot.
    """
    if any(len(part) != len(lots) for part in parts):  # check: split-wrong-lots
        return "wrong-lots"
    if any(piece < 0 for part in parts for piece in part):  # check: split-negative-piece
        return "part-too-small"
    fault = fault_of_split(sum(lots), [sum(part) for part in parts], parts_max)
    if fault is not None:
        return fault
    if any(sum(pieces) != lot for lot, *pieces in zip(lots, *parts, strict=True)):  # check: split-lot-wrong-sum
        return "wrong-sum"
    return None


def share(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divides `amount` in proportion to `weights`; the shares sum to `amount` exactly.

    Each share is rounded down; the units left over go one each to the largest remainders, on a tie to the earlier.
    With 0 <= amount <= sum(weights) no share exceeds its weight, so no holder is paid more than it is owed.
    """
    whole = sum(weights)
    assert whole > 0, "shares go to somebody"
    assert min(amount, *weights) >= 0, "shares are of something"
    shares = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_remainder[: amount - sum(shares)]:
        shares[place] += 1
    return tuple(shares)


def draw(amount: int, residuals: Sequence[int]) -> tuple[int, ...] | None:
    """Takes `amount` from the residuals in their order; None when they do not suffice."""
    left = amount
    taken = []
    for residual in residuals:
        taken.append(min(left, residual))
        left -= taken[-1]
    if left > 0:  # check: draw-beyond-residuals
        return None
    return tuple(taken)
