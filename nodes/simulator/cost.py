"""What agreement costs: messages, bytes and virtual time of one block, by number of validators.

No faults; one transaction a block, so that the figures are those of consensus and gossip. Near: links of
1 to 5 ms, as in one building. Far: 20 to 150 ms, as between continents, with Δ at 150 ms. Or every link takes
the same time, which is then Δ too; a short one then waits for the answer to each batch, as those of the nodes do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeAlias

from ledger.identity.records import Parameters
from nodes.links.batches import decode_messages, encode_messages
from nodes.links.links import LONG_S
from nodes.messages import Message
from nodes.network.specification import default_specification
from nodes.sample_contract import Asset
from nodes.simulator.simulation import Read, SimulatedNode, Simulation
from nodes.simulator.weather import CALM, FaultOptions

BLOCKS = 5
"""Blocks that a figure is taken over."""
SIZES = (4, 7, 13, 25, 50, 100)
DELTA_MS_MIN = 10


@dataclass(frozen=True, slots=True)
class LineKind:
    """What links between validators are like."""

    name: str
    options: FaultOptions
    delta_ms: int
    """Δ of the ledger."""
    is_answered: bool = False
    """Whether a link sends the next batch only when the last one is answered."""


NEAR = LineKind("near", replace(CALM, delay_ms_min=1, delay_ms_max=5, disk_ms_max=1), DELTA_MS_MIN)
FAR = LineKind("far", replace(CALM, delay_ms_min=20, delay_ms_max=150, disk_ms_max=1), 150)
Case: TypeAlias = tuple[int, LineKind]
"""A number of validators, and their links."""
CASES: tuple[Case, ...] = (*((n, NEAR) for n in (4, 7, 10, 13)), *((n, FAR) for n in (4, 7, 10, 13, 25, 50, 100)))


def constant(delay_ms: int) -> LineKind:
    """Links that all take that long."""
    options = replace(NEAR.options, delay_ms_min=delay_ms, delay_ms_max=delay_ms)
    return LineKind(f"{delay_ms} ms", options, max(DELTA_MS_MIN, delay_ms), is_answered=2 * delay_ms <= LONG_S * 1_000)


def cases_at(delay_ms: int) -> tuple[Case, ...]:
    """Networks of all sizes on such links."""
    return tuple((validators, constant(delay_ms)) for validators in SIZES)


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


class AnsweredLines(Simulation):
    """A link has one batch on its way until the answer is back, after twice the delay; what is sent meanwhile goes together."""

    def __init__(self, *given: Any) -> None:
        self._gathered: dict[tuple[str, str], list[Message]] = {}
        """By link that waits for an answer: what goes next."""
        super().__init__(*given)

    def _carry(self, sender: str, receiver: SimulatedNode, data: bytes, messages: list[Message], read: Read) -> None:
        if (link := (sender, receiver.member)) in self._gathered:
            self._gathered[link] += messages
            return
        self._gathered[link] = []
        super()._carry(sender, receiver, data, messages, read)
        self.after(2 * self.weather.options.delay_ms_max, partial(self._answered, sender, receiver))

    def _answered(self, sender: str, receiver: SimulatedNode) -> None:
        if gathered := self._gathered.pop((sender, receiver.member)):
            data = encode_messages(gathered)
            self._carry(sender, receiver, data, gathered, cache(partial(decode_messages, data)))


def measure(validators: int, lines: LineKind, blocks: int = BLOCKS) -> Cost:
    """Decides some blocks, one after another, and takes the average."""
    names = tuple(f"o{number}" for number in range(1, validators + 1))
    specification = default_specification(members_each=1, parameters=Parameters(delay_ms=lines.delta_ms), names=names)
    simulation = (AnsweredLines if lines.is_answered else Simulation)(specification, 1, lines.options)
    total_ms = 0
    for number in range(1, blocks + 1):
        started_ms = simulation.time_ms
        transaction = simulation.sign("o1.member1", Asset.name, "bump", {"number": "n"}, f"{number:032x}", 60_000)
        simulation.submit((transaction,), f"o{number % validators + 1}.validator")
        _decide(simulation, number)
        total_ms += simulation.time_ms - started_ms
    return Cost(
        validators,
        lines.name,
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
