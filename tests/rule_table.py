"""The rule table of a contract: state × operation × who signs → what the ledger says, found by trying every cell.

A trade's test names states (a world in which one thing stands in that state), and for each operation the call that
would be good in the right state, signed by each party in turn. The table is compared with a golden file, so that a
cell that changes is seen, and with the rule that every operation and every state of the trade has its cells:

    tests/golden/rules_energy.txt
        operation   holder       beneficiary  other        states
        split       ok           not-holder   not-holder   active       `.` where the signature does not suffice
        split       wrong-state  not-holder   not-holder   all others

A table is written anew with `python -m tests.test_scenarios_NAME_rules`, and its change is read before it is committed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from ledger.contract import Contract, Operation
from tests.contract_world import World

GOLDEN = Path(__file__).parent / "golden"
UNSIGNED = "policy-not-satisfied"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One operation that is tried in every state."""

    operation: Operation
    arguments: Mapping[str, object] | Callable[[World[Any]], Mapping[str, object]]
    """Good ones, were the state right and the signer entitled."""
    beside: tuple[str, ...] = ()
    """Members that sign too, where an operation needs more than one."""
    label: str = ""
    """Tells two attempts of one operation apart."""


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All cells of one contract; states in which an operation has the same answers share a line."""

    contract: type[Contract]
    states: Mapping[str, Callable[[], World[Any]]]
    attempts: Sequence[Attempt]
    parties: Mapping[str, str]
    """Heading of a column -> the member who signs."""

    def text(self) -> str:
        """One line an operation and set of answers, with the states that give them at its end."""
        worlds = {state: world() for state, world in self.states.items()}
        rows = [["operation", *self.parties, "states"]]
        for attempt in self.attempts:
            answers: dict[tuple[str, ...], list[str]] = {}
            for state, world in worlds.items():
                cells = tuple(self.cell(world.copy(), attempt, member) for member in self.parties.values())
                answers.setdefault(cells, []).append(state)
            most = max(answers, key=lambda cells: len(answers[cells]))
            for cells, states in answers.items():
                among = "all others" if cells == most and len(states) > 3 else ", ".join(states)
                rows.append([_name(attempt), *cells, among])
        return aligned(rows)

    def untried(self) -> list[str]:
        """Operations of the contract that no attempt names: what nobody tried may be allowed by omission."""
        return sorted(set(self.contract.operations) - {attempt.operation.name for attempt in self.attempts})

    def compare(self, name: str, *, write: bool = False) -> None:
        """Fails unless the golden file `rules_NAME.txt` says the same, or writes it."""
        path, found = GOLDEN / f"rules_{name}.txt", self.text()
        assert self.untried() == []
        if write:
            path.write_text(found, encoding="utf-8")
        kept = path.read_text(encoding="utf-8")
        changed = "\n".join(
            unified_diff(kept.splitlines(), found.splitlines(), "as it is kept", "as it is now", lineterm="", n=0)
        )
        assert found == kept, (
            f"{path.name}; if this is meant, `python -m tests.test_scenarios_NAME_rules` writes it anew:\n{changed}"
        )

    def cell(self, world: World[Any], attempt: Attempt, member: str) -> str:
        """The code; `.` where the signature does not suffice."""
        arguments = attempt.arguments(world) if callable(attempt.arguments) else attempt.arguments
        signers = tuple(dict.fromkeys((member, *attempt.beside)))
        code = world.code(signers, attempt.operation, **arguments)
        return "." if code == UNSIGNED else code


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _name(attempt: Attempt) -> str:
    return f"{attempt.operation.name}{attempt.label and f' ({attempt.label})'}"
