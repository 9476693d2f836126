"""Lab 7. Write a contract of your own: mend a warehouse receipt until it keeps its promises, and put it on the network."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.contract.refusal import Phrase
from ledger.errors import JsonValue
from ledger.governance import Governance
from nodes.network.fork_server import module_command
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, sentence
from scenarios.workshop.labs.material import MEMBERS, draw, draw_numbers
from scenarios.workshop.labs.receipt import CLASS, MODULE, Flaw, draw_flaws, write_contract, write_tests
from scenarios.workshop.room import Room, Standing

CONTRACT = "warehouse-receipt"
FILE = f"{MODULE}.py"
EXAMINE = "scenarios.workshop.labs.receipt_promises"
EXAMINE_SECONDS_MAX = 100
"""Three to five on a machine with nothing else to do."""
NEEDED = 3
"""Of four organizations, more than half."""
GOODS = ("tea", "rice", "copper", "silk", "paper")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    warehouse: str
    first: str
    second: str
    number: str
    goods: str
    weight_g: int
    flaws: tuple[Flaw, ...]


def plan(chance: Chance) -> Plan:
    """Three people, one receipt, three flaws."""
    warehouse, first, second = draw(chance, MEMBERS, 3)
    (number,) = draw_numbers(chance, "W", 1)
    return Plan(warehouse, first, second, number, chance.pick(GOODS), 1_000 + chance.below(90_000), draw_flaws(chance))


def begin(room: Room) -> Mapping[str, str | int]:
    """The contract with its flaws, its tests, and what the group is to do. A contract from before is kept beside it."""
    made = plan(room.chance())
    path = room.files / FILE
    if path.exists():
        path.replace(room.files / f"{MODULE}.before.txt")
    path.write_text(write_contract(made.warehouse, made.flaws), encoding="utf-8", newline="\n")
    (room.files / f"test_{FILE}").write_text(write_tests(), encoding="utf-8", newline="\n")
    return {**asdict(made), "file": FILE, "path": str(path), "directory": str(room.directory)}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """The file first, then what acts on the ledger, then the receipt itself."""
    made = plan(room.chance())
    path = room.files / FILE
    if not path.is_file():
        yield sentence("no-file")
        return
    examined = _examined(path, path.read_text(encoding="utf-8", errors="replace"), made.warehouse)
    if isinstance(examined, Sentence):
        yield examined
        return
    if examined["faults"]:
        yield sentence("not-checked", lines=Phrase(*examined["faults"]))
    for promise in examined["broken"]:
        yield sentence(f"promise-{promise}")
    yield from _not_acting(room, str(examined["top"]))
    standings = [one for one in room.standings() if one.transaction.contract == CONTRACT]
    issued = _issued(made, standings)
    yield from _not_on_ledger(made, issued, standings)
    yield from answers.unanswered()
    if issued is not None:
        yield from answers.judge_number("block", issued.header.height, sentence("read-block"))
    yield from answers.judge_number("needed", NEEDED, sentence("read-needed"))


@lru_cache(maxsize=8)
def _examined(path: Path, text: str, warehouse: str) -> dict[str, Any] | Sentence:
    """What a process of its own says of the contract; of the same text it says the same."""
    command = module_command(EXAMINE, str(path), warehouse)
    try:
        done = subprocess.run(command, capture_output=True, timeout=EXAMINE_SECONDS_MAX, check=False)  # noqa: S603
        examined: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return sentence("no-end")
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        return sentence("not-checked", lines=last)
    return examined


def _not_acting(room: Room, top: str) -> Iterator[Sentence]:
    with room.client() as client:
        entry = client.read(Governance.contracts, CONTRACT)
        proposals = client.records(Governance.proposals) if entry is None else []
    if entry is not None:
        if entry.module != f"{top}:{CLASS}":
            yield sentence("other-version")
        return
    for number, proposal in proposals:
        if number.startswith(CONTRACT) and proposal.status == "open":
            yield sentence("waits", number=number, have=len(proposal.approvals), needed=NEEDED)
            return
    yield sentence("not-installed", path=str(room.files / FILE), directory=str(room.directory))


def _issued(made: Plan, standings: Sequence[Standing]) -> Standing | None:
    receipt: dict[str, JsonValue] = {"number": made.number, "to": made.first, "goods": made.goods, "weight_g": made.weight_g}
    issues = (one for one in standings if one.asks(f"{CONTRACT}.issue", made.warehouse, **receipt))
    return next((one for one in issues if one.is_committed), None)


def _not_on_ledger(made: Plan, issued: Standing | None, standings: Sequence[Standing]) -> Iterator[Sentence]:
    if issued is None:
        yield sentence("not-issued", **asdict(made))
    since = standings[standings.index(issued) :] if issued is not None else ()
    transfers = [one for one in since if one.asks(f"{CONTRACT}.transfer", number=made.number)]
    if not _tried_by_another(made, transfers):
        yield sentence("not-tried", number=made.number)
    if not any(one.is_committed and one.asks(f"{CONTRACT}.transfer", made.first, to=made.second) for one in transfers):
        yield sentence("not-passed-on", first=made.first, number=made.number, second=made.second)


def _tried_by_another(made: Plan, transfers: Sequence[Standing]) -> bool:
    """Whether somebody who did not hold the receipt at that time was refused."""
    holder: JsonValue = made.first
    for one in transfers:
        if one.is_committed:
            holder = one.transaction.arguments["to"]
        elif holder not in one.transaction.signers:
            return True
    return False
