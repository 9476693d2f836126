"""The figures as a table for people: every line has a unit, and an aim where the project has set itself one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.table import Table

from nodes.bench.amounts import Figures

UNITS: Mapping[str, str] = {
    "per_second": "1/s",
    "ms": "ms",
    "us": "µs",
    "mb": "MB",
    "seconds": "s",
}
"""By the ending of a figure's name."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should at least, or at most, be."""

    bound: float
    at_least: bool

    def text(self, value: float) -> str:
        """The aim, and whether it is met."""
        is_met = value >= self.bound if self.at_least else value <= self.bound
        return f"{'≥' if self.at_least else '≤'} {self.bound:g} {'met' if is_met else 'NOT MET'}"


AIMS: Mapping[tuple[str, str], Aim] = {
    ("throughput", "relative_throughput"): Aim(0.11, at_least=True),
    ("throughput", "hot_key_relative"): Aim(1, at_least=True),
    ("throughput", "peak_memory_mb"): Aim(100, at_least=False),
    ("latency", "p50_ms"): Aim(50, at_least=False),
    ("first-transaction", "first_final_seconds"): Aim(3, at_least=False),
    ("growth", "last_relative"): Aim(1.5, at_least=False),
    ("growth", "start_seconds"): Aim(2, at_least=False),
}


def measures_table(measures: Mapping[str, Figures]) -> Table:
    """One line a figure."""
    table = Table("measure", "figure", "value", "unit", "aim")
    table.columns[2].justify = "right"
    for measure, figures in measures.items():
        for row, (name, value) in enumerate(_flat(figures)):
            aim = AIMS.get((measure, name))
            aim_text = aim.text(value) if aim is not None and isinstance(value, int | float) else ""
            table.add_row("" if row else measure, _words(name), _shown(value), _unit(name), aim_text)
        table.add_section()
    return table


def _flat(figures: Figures, group: str = "") -> Iterator[tuple[str, float | int | str | None]]:
    """Every figure; one of a group goes by both names."""
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{group}{name}_")
        else:
            yield f"{group}{name}", value


def facts_table(machine: Mapping[str, str | int | None], versions: Mapping[str, str]) -> Table:
    """What the figures were measured on."""
    table = Table(show_header=False)
    for name, value in {**machine, **versions}.items():
        table.add_row(_words(name), _shown(value) if isinstance(value, int) else str(value), _unit(name))
    return table


def _words(name: str) -> str:
    ending = _ending(name)
    return (name.removesuffix(f"_{ending}") if ending and ending != name else name).replace("_", " ")


def _unit(name: str) -> str:
    return UNITS.get(_ending(name), "")


def _ending(name: str) -> str:
    return next((ending for ending in UNITS if name == ending or name.endswith(f"_{ending}")), "")


def _shown(value: object) -> str:
    if not isinstance(value, float):
        return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
