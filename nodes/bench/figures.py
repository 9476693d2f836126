"""What a measure gives: numbers by name, units last, in groups where one name has several."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from nodes.bench.sizes import Sizes

Figures: TypeAlias = "dict[str, float | int | str | Figures | None]"
Progress: TypeAlias = Callable[[str], None]
"""Takes one sentence about what is being done."""
Measure: TypeAlias = Callable[[Path, Sizes, Progress], Figures]
"""Works in a directory that it may create."""


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
