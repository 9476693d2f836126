"""The figures as a table for people: every line has a unit, and an aim where the project has set itself one."""

from collections.abc import Iterator, Mapping

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

AIMS: Mapping[tuple[str, str], tuple[str, float]] = {
    ("throughput", "ratio_transactions"): ("≥", 0.24),
    ("throughput", "ratio_cpu_per_transaction_and_node"): ("≤", 2),
    ("throughput", "hot_key_relative"): ("≥", 1),
    ("throughput", "idle_pss_mb"): ("≤", 60),
    ("throughput", "loaded_pss_mb"): ("≤", 95),
    ("requests", "ratio_transactions"): ("≥", 0.11),
    ("latency", "p50_ms"): ("≤", 18),
    ("latency", "p99_ms"): ("≤", 30),
    ("first-transaction", "first_final_seconds"): ("≤", 1.8),
    ("queries", "ratio_queries"): ("≥", 0.4),
    ("queries", "ratio_queries_with_proof"): ("≥", 0.25),
    ("growth", "last_relative"): ("≤", 1.4),
    ("growth", "start_seconds"): ("≤", 2),
}
"""By measure and figure."""


def measures_table(measures: Mapping[str, Figures]) -> Table:
    """One line a figure."""
    table = Table("measure", "figure", "value", "unit", "aim")
    table.columns[2].justify = "right"
    for measure, figures in measures.items():
        for row, (name, value) in enumerate(_flat(figures)):
            words, unit = _named(name)
            table.add_row("" if row else measure, words, _shown(value), unit, _aim(measure, name, value))
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
        words, unit = _named(name)
        table.add_row(words, _shown(value) if isinstance(value, int) else str(value), unit)
    return table


def _named(name: str) -> tuple[str, str]:
    """What a figure is of, and its unit."""
    ending = next((ending for ending in UNITS if f"_{name}".endswith(f"_{ending}")), "")
    return (name.removesuffix(f"_{ending}") if ending else name).replace("_", " "), UNITS.get(ending, "")


def _aim(measure: str, name: str, value: object) -> str:
    """What the figure should be, and whether it is."""
    if (measure, name) not in AIMS or not isinstance(value, int | float):
        return ""
    sign, bound = AIMS[measure, name]
    is_met = value >= bound if sign == "≥" else value <= bound
    return f"{sign} {bound:g} {'met' if is_met else 'NOT MET'}"


def _shown(value: object) -> str:
    if not isinstance(value, float):
        return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
