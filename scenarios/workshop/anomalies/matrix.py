"""Every attack on a fresh one of every system, and what came of it: as JSON, Markdown, one page, and a lab's `GET /anomalies`.

The same each time: all chance is seeded.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from jinja2 import Environment, PackageLoader
from starlette.responses import Response

from ledger.contract.refusal import Phrase
from ledger.errors import JsonValue
from nodes.http.answers import answer
from nodes.words import Language, Words
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.chains import HashChain, SignedChain
from scenarios.workshop.anomalies.database import Database
from scenarios.workshop.anomalies.system import ALICE, BOB, CAROL, MALLORY, Observed, Outcome, System
from scenarios.workshop.anomalies.tallystick import Tallystick

NAMES = {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", MALLORY: "Mallory"}
PACKAGE = "scenarios.workshop.anomalies"
WORDS = Words.of(PACKAGE)
"""Of the matrix, its rows, columns and outcomes; and under each attack why a system's cell is as it is."""
OTHERS = "others"
"""Where several systems of a row have one reason."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One attack on one system."""

    attack: str
    system: str
    observed: Observed

    @property
    def reason(self) -> Phrase:
        """Why it is so: what was to be expected of a system with its usual protection; or that something else was observed."""
        reasons = WORDS[self.attack]
        is_expected = self.observed.outcome == EXPECTED[self.attack][list(SYSTEMS).index(self.system)]
        return reasons.get(self.system) or reasons[OTHERS] if is_expected else WORDS["matrix"]["unexpected"]

    @property
    def by(self) -> Phrase:
        """Who finds it out, or where it holds."""
        return WORDS["by"][self.observed.by]

    def short(self, language: Language) -> str:
        """In few words."""
        word, by = WORDS["outcomes"][self.observed.outcome].text(language), self.by.text(language)
        return word if not by else f"{word}（{by}）" if language == "zh" else f"{word}, {by}"


@contextmanager
def _database() -> Iterator[System]:
    with tempfile.TemporaryDirectory() as directory, closing(Database(Path(directory))) as database:
        yield database


SYSTEMS: Mapping[str, Callable[[], AbstractContextManager[System]]] = {
    "database": _database,
    "hash-chain": lambda: nullcontext(HashChain()),
    "signed-chain": lambda: nullcontext(SignedChain()),
    "tallystick": lambda: nullcontext(Tallystick()),
}
"""How a fresh one is made."""
EXPECTED: Mapping[str, tuple[Outcome, ...]] = {
    "edit-history": ("undetected", "detected-later", "detected-later", "refused"),
    "replay": ("refused", "undetected", "refused", "refused"),
    "double-spend": ("refused", "refused", "refused", "refused"),
    "forged-signature": ("undetected", "undetected", "detected-later", "refused"),
    "equivocation-f": ("not-applicable", "not-applicable", "not-applicable", "goes-on"),
    "equivocation-n-2f": ("undetected", "detected-later", "detected-later", "detected-later"),
    "partition": ("goes-on", "goes-on", "goes-on", "waits"),
    "leader-crash": ("waits", "waits", "waits", "goes-on"),
    "lost-disk": ("lost", "lost", "lost", "goes-on"),
}
"""By attack: the outcome for each of SYSTEMS."""
router = APIRouter()
ONE_AT_A_TIME = CapacityLimiter(1)


def run_cell(attack: str, system: str) -> Cell:
    """Tries one attack on one system."""
    with SYSTEMS[system]() as opened:
        observed = ATTACKS[attack](opened)
    return Cell(attack, system, replace(observed, evidence=tuple(map(_readable, filter(None, observed.evidence)))))


def run_matrix() -> tuple[Cell, ...]:
    """All of them, a few seconds."""
    return tuple(run_cell(attack, system) for attack in ATTACKS for system in SYSTEMS)


@router.get("/anomalies")
async def get_anomalies() -> Response:
    """Run once in this process, on ledgers of their own; the lab's has no part in it."""
    return answer(await to_thread.run_sync(matrix_of_process, limiter=ONE_AT_A_TIME))


@cache
def matrix_of_process() -> dict[str, JsonValue]:
    """The same for every lab of this process."""
    return matrix_json(run_matrix())


def matrix_json(cells: Sequence[Cell]) -> dict[str, JsonValue]:
    """In both languages."""
    return {
        "title": {**WORDS["matrix"]["title"].both()},
        "about": {**WORDS["matrix"]["about"].both()},
        "systems": [{"name": name, "title": {**WORDS["systems"][name].both()}} for name in SYSTEMS],
        "attacks": [{"name": name, "title": {**WORDS["attacks"][name].both()}} for name in ATTACKS],
        "cells": [
            {
                "attack": cell.attack,
                "system": cell.system,
                "outcome": cell.observed.outcome,
                "evidence": [*cell.observed.evidence],
                "words": {**WORDS["outcomes"][cell.observed.outcome].both()},
                "by": {**cell.by.both()},
                "why": {**cell.reason.both()},
            }
            for cell in cells
        ],
    }


def matrix_markdown(cells: Sequence[Cell], language: Language) -> str:
    """A table and what it rests on."""
    said = {key: phrase.text(language) for key, phrase in WORDS["matrix"].items() if key != "written"}
    systems = [WORDS["systems"][name].text(language) for name in SYSTEMS]
    lines = [f"| {' | '.join([said['attack'], *systems])} |", f"|{'---|' * (len(systems) + 1)}"]
    for attack in ATTACKS:
        row = [cell.short(language) for cell in cells if cell.attack == attack]
        lines.append(f"| {' | '.join([WORDS['attacks'][attack].text(language), *row])} |")
    return "\n".join([*lines, "", f"{said['about']}{'' if language == 'zh' else ' '}{said['made-by']}", ""])


def matrix_page(cells: Sequence[Cell], language: Language) -> str:
    """One HTML file that needs nothing else."""
    environment = Environment(loader=PackageLoader(PACKAGE, ""), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    heads = {key: WORDS["matrix"][key].text(language) for key in ("attack", "evidence")}
    return environment.get_template("page.html.j2").render(matrix_json(cells), heads=heads, language=language)


def _readable(text: str) -> str:
    """People by the names that they go by in these stories."""
    for member, name in NAMES.items():
        text = text.replace(member, name)
    return text
