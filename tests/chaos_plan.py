"""What goes wrong in a chaos run, drawn from a seed before it begins: same seed, same plan."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nodes.links.faults import Fault
from nodes.simulator.chance import Chance

IMPAIRED_MAX = 2
"""Most nodes that are dead, stopped or badly connected at once: with four nodes one more than the others can bear."""
REPAIR_PERMILLE = 350
ACKNOWLEDGED_BETWEEN_MAX = 15


@dataclass(frozen=True, slots=True)
class Step:
    """One event. It comes after so many more acknowledged operations, or a bounded wait if there is no progress."""

    after: int
    kind: str
    node: str = ""
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        details = ", ".join(f"{f.direction} {f.peer} drop {f.drop_permille} delay {f.delay_ms}" for f in self.faults)
        return f"after {self.after}: {self.kind} {self.node} {details}".rstrip()


def _everywhere(chance: Chance, peers: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(peer="*", drop_permille=1000),)


def _one_way(chance: Chance, peers: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(peer="*", direction=chance.pick(("to", "from")), drop_permille=1000),)


def _one_link(chance: Chance, peers: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(peer=chance.pick(peers), drop_permille=1000),)


def _loss(chance: Chance, peers: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(peer="*", drop_permille=chance.between(100, 700)),)


def _delay(chance: Chance, peers: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(peer="*", delay_ms=chance.between(20, 400)), Fault(peer=chance.pick(peers), delay_ms=500))


LINKS: dict[str, Callable[[Chance, Sequence[str]], tuple[Fault, ...]]] = {
    "isolate": _everywhere,
    "one-way": _one_way,
    "one-link": _one_link,
    "loss": _loss,
    "delay": _delay,
}
HARMS = ("kill", "power-cut", *(("stop",) if hasattr(signal, "SIGSTOP") else ()), *LINKS)
REPAIRS = {"kill": "restart", "stop": "continue", **dict.fromkeys(LINKS, "clear")}


@dataclass(slots=True)
class Plan:
    """Harms in shuffled rounds, so that a plan of eight has each at least once, with repairs between."""

    seed: int
    nodes: tuple[str, ...]
    """All nodes of the network."""
    targets: tuple[str, ...]
    """Those that may be harmed."""
    harms: int
    steps: list[Step] = field(default_factory=list)
    impaired: dict[str, str] = field(default_factory=dict)
    """While drawing: what each impaired node suffers from."""

    def __post_init__(self) -> None:
        chance, deck = Chance(self.seed), list[str]()
        done = 0
        while done < self.harms:
            if self.impaired and (len(self.impaired) >= IMPAIRED_MAX or chance.happens(REPAIR_PERMILLE)):
                self._repair(chance, chance.pick(sorted(self.impaired)))
                continue
            deck = deck or list(HARMS)
            self._harm(chance, deck.pop(chance.below(len(deck))))
            done += 1
        while self.impaired:
            self._repair(chance, min(self.impaired))

    def __str__(self) -> str:
        return "\n".join([f"chaos with seed {self.seed}:", *map(str, self.steps)])

    def _harm(self, chance: Chance, kind: str) -> None:
        after = chance.below(ACKNOWLEDGED_BETWEEN_MAX)
        if kind == "power-cut":
            self.impaired.clear()
            self.steps.append(Step(after, kind))
            return
        node = chance.pick([target for target in self.targets if target not in self.impaired])
        peers = [peer for peer in self.nodes if peer != node]
        self.steps.append(Step(after, kind, node, LINKS[kind](chance, peers) if kind in LINKS else ()))
        self.impaired[node] = kind

    def _repair(self, chance: Chance, node: str) -> None:
        after = chance.below(ACKNOWLEDGED_BETWEEN_MAX)
        self.steps.append(Step(after, REPAIRS[self.impaired.pop(node)], node))
