"""What agreement costs: messages, bytes and virtual time of one block, by number of validators.

No faults; one transaction a block, so that the figures are those of consensus and gossip. Near: links of
1 to 5 ms, as in one building. Far: 20 to 150 ms, as between continents, with Δ at 150 ms. Or every link takes
the same time, which is then Δ too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ledger.identity.records import Parameters
from nodes.network.specification import default_specification
from nodes.sample_contract import Asset
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM

NEAR = replace(CALM, delay_ms_min=1, delay_ms_max=5, disk_ms_max=1)
FAR = replace(CALM, delay_ms_min=20, delay_ms_max=150, disk_ms_max=1)
DELTA_MS_MIN = 10
Case: TypeAlias = tuple[int, str | int]
"""A number of validators, and links: `near`, `far`, or the milliseconds that each takes."""
CASES: tuple[Case, ...] = (
    *((n, "near") for n in (4, 7, 10, 13)),
    *((n, "far") for n in (4, 7, 10, 13, 25, 50, 100)),
)
SIZES = (4, 7, 13, 25, 50, 100)
BLOCKS = 5
"""Blocks that a figure is taken over."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one block, on average."""

    validators: int
    links: str
    messages: int
    """Batches between nodes; each may hold several messages."""
    kilobytes: int
    virtual_ms: int
    """From the submission of a transaction until every node has the block durably."""

    def __str__(self) -> str:
        return f"| {self.validators} | {self.links} | {self.messages} | {self.kilobytes} | {self.virtual_ms} |"


def cases_at(delay_ms: int) -> tuple[Case, ...]:
    """Networks whose links all take that long."""
    return tuple((validators, delay_ms) for validators in SIZES)


def measure(validators: int, links: str | int, blocks: int = BLOCKS) -> Cost:
    """Decides some blocks, one after another, and takes the average, of a case."""
    if isinstance(links, int):
        options, delay_ms = replace(NEAR, delay_ms_min=links, delay_ms_max=links), max(DELTA_MS_MIN, links)
    else:
        options, delay_ms = (NEAR, DELTA_MS_MIN) if links == "near" else (FAR, 150)
    names = tuple(f"o{number}" for number in range(1, validators + 1))
    specification = default_specification(members_each=1, parameters=Parameters(delay_ms=delay_ms), names=names)
    simulation = Simulation(specification, 1, options)
    total_ms = 0
    for number in range(1, blocks + 1):
        started_ms = simulation.time_ms
        transaction = simulation.sign("o1.member1", Asset.name, "bump", {"number": "n"}, f"{number:032x}", 60_000)
        simulation.submit((transaction,), f"o{number % validators + 1}.validator")
        _decide(simulation, number)
        total_ms += simulation.time_ms - started_ms
    return Cost(
        validators,
        links if isinstance(links, str) else f"{links} ms",
        simulation.batches // blocks,
        round(simulation.bytes_sent / blocks / 1_000),
        total_ms // blocks,
    )


def table(costs: Sequence[Cost]) -> str:
    """The figures as Markdown."""
    head = "| validators | links | batches a block | kB a block | virtual ms a block |\n|---|---|---|---|---|\n"
    return head + "\n".join(map(str, costs))


def _decide(simulation: Simulation, height: int) -> None:
    heights = simulation.checker.heights
    assert simulation.run_until(lambda: all(heights.get(m, 0) >= height for m in simulation.nodes), 60_000)
