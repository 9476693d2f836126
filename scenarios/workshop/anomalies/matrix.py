"""Every attack on a fresh one of every system. The same each time: all chance is seeded."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from scenarios.story.story import Words
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.chains import HashChain, SignedChain
from scenarios.workshop.anomalies.database import Database
from scenarios.workshop.anomalies.outcome import Observed
from scenarios.workshop.anomalies.system import ALICE, BOB, CAROL, MALLORY, System
from scenarios.workshop.anomalies.tallystick import Tallystick

NAMES = {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", MALLORY: "Mallory"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One attack on one system."""

    attack: str
    system: str
    observed: Observed


@contextmanager
def _database() -> Iterator[System]:
    with tempfile.TemporaryDirectory() as directory, closing(Database(Path(directory))) as database:
        yield database


Opened = Callable[[], AbstractContextManager[System]]
SYSTEMS: Mapping[str, tuple[Words, Opened]] = {
    "database": (Words("database", "数据库"), _database),
    "hash-chain": (Words("hash chain only", "仅哈希链"), lambda: nullcontext(HashChain())),
    "signed-chain": (Words("signed chain", "签名链"), lambda: nullcontext(SignedChain())),
    "tallystick": (Words("Tallystick", "Tallystick"), lambda: nullcontext(Tallystick())),
}
"""Title of each, and how a fresh one is made."""


def run_cell(attack: str, system: str) -> Cell:
    """Tries one attack on one system."""
    with SYSTEMS[system][1]() as opened:
        observed = ATTACKS[attack][1](opened)
    return Cell(attack, system, replace(observed, evidence=tuple(map(_readable, filter(None, observed.evidence)))))


def run_matrix() -> tuple[Cell, ...]:
    """All of them, a few seconds."""
    return tuple(run_cell(attack, system) for attack in ATTACKS for system in SYSTEMS)


def _readable(text: str) -> str:
    """People by the names that they go by in these stories."""
    for member, name in NAMES.items():
        text = text.replace(member, name)
    return text
