"""Ranges of blocks that a list is limited to: by height and by time."""

from ledger.chain.view import ChainView
from ledger.errors import InputError


def height_range(
    view: ChainView,
    after_time: int | None,
    before_time: int | None,
    after_height: int | None = None,
    before_height: int | None = None,
) -> tuple[int, int]:
    """The first height, and one above the last, of blocks above `after` and below `before`; times in milliseconds.

    Found by bisection, since block times rise. Raises InputError `bad-range` for a negative bound.
    """
    bounds = (after_time, before_time, after_height, before_height)
    if any(bound is not None and bound < 0 for bound in bounds):  # check: range-bounds
        raise InputError("bad-range", "Times are milliseconds since the epoch and heights count from 0; none is negative.")
    firsts = [0 if after_height is None else after_height + 1]
    ends = [view.height + 1 if before_height is None else before_height]
    if after_time is not None:
        firsts.append(view.first_height_since(after_time + 1))
    if before_time is not None:
        ends.append(view.first_height_since(before_time))
    return max(firsts), min(*ends, view.height + 1)
