"""Holds a group's contract against what a warehouse receipt promises: `python -m scenarios.workshop.labs.receipt_promises`.

    FILE WAREHOUSE → one line of JSON: {"faults": [en, zh], "broken": […], "top": NAME}

It runs what a group wrote, so it is a process of its own, which may be ended. `faults` is what `contract check` says, `top`
what the module is called on a network. The promises are tried on a contract without faults: single steps first, then random
ones beside a model of a receipt.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from ledger.contract import Contract, Member
from ledger.contract.played_steps import START_MS, Step, run_step, state_with
from ledger.errors import JsonValue
from ledger.state.overlay import Overlay
from nodes.contract_author.check import check
from nodes.contract_author.located import importable, locate, placed_top
from nodes.contract_author.report import report_lines
from nodes.simulator.chance import Chance
from nodes.words import Language
from scenarios.workshop.labs.receipt import CLASS

ARGUMENTS = {"issue": ("number", "to", "goods", "weight_g"), "transfer": ("number", "to"), "release": ("number",)}
GOODS: Mapping[str, JsonValue] = {"goods": "oolong tea", "weight_g": 25_300}
WU, LI, CHEN = STRANGERS = ("west.wu", "east.li", "north.chen")
RANDOM_STEPS = 400
LINES_SHOWN = 8
EXAMPLES = 100
ISSUED = "do: warehouse issue wu"
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "issue-by-warehouse": ("no: wu issue wu", "no: li issue li", "no: chen issue chen", "yes: warehouse issue wu"),
    "issue-once": (ISSUED, "no: warehouse issue li", "held: wu", "do: wu release", "no: warehouse issue wu"),
    "transfer-by-holder": (
        ISSUED,
        *("no: li transfer li", "no: chen transfer chen", "no: warehouse transfer warehouse"),
        *("yes: wu transfer li", "no: wu transfer chen"),
    ),
    "nothing-lost": (ISSUED, "do: wu transfer li", "whole: li"),
    "release-by-holder": (ISSUED, "no: li release", "no: chen release", "no: warehouse release", "yes: wu release", "released:"),
    "release-once": (ISSUED, "yes: wu release", "no: wu release"),
    "released-stays": (ISSUED, "do: wu release", "no: wu transfer li"),
}
"""By promise what is tried with one receipt on an empty ledger: who does what, and to whom; `do` leaves open what comes of it.

`held: wu` looks who holds the record, `whole: wu` also that goods and weight stayed, `released:` that they are fetched.
"""


@dataclass(frozen=True)
class Trial:
    """One contract on an empty ledger."""

    contract: type[Contract]
    warehouse: str
    state: Overlay

    @classmethod
    def fresh(cls, contract: type[Contract], warehouse: str) -> "Trial":
        """Everybody is enrolled, nothing is issued."""
        return cls(contract, warehouse, state_with([_member(name) for name in (warehouse, *STRANGERS)]))

    def ends(self, signer: str, operation: str, number: str, to: str) -> bool:
        """Whether it takes effect."""
        given = {"number": number, "to": to, **GOODS}
        arguments = {name: given[name] for name in ARGUMENTS[operation]}
        return run_step(self.contract, self.state, Step((_member(signer),), operation, arguments, 1), START_MS, 1).code == "ok"

    def record(self, number: str = "R-1") -> Any:
        """What the ledger holds of it, or None."""
        contract: Any = self.contract(self.state)
        return contract.receipts.get(number)

    def goes(self, line: str) -> bool:
        """Whether it goes as a line of a script says."""
        expected, *words = line.split()
        people = {"warehouse": self.warehouse, "wu": WU, "li": LI, "chen": CHEN}
        match expected, [people.get(word, word) for word in words]:
            case "released:", []:
                return bool(self.record().released)
            case "held:", [holder]:
                return bool(self.record().holder == holder)
            case "whole:", [holder]:
                record = self.record()
                return (record.holder, record.goods, record.weight_g, record.released) == (holder, *GOODS.values(), False)
            case _, [by, operation, *to]:
                ended = self.ends(by, operation, "R-1", "".join(to))
                return expected == "do:" or ended == (expected == "yes:")
        raise ValueError(f"no line of a script: {line}")


def follows(script: Sequence[str], trial: Trial) -> bool:
    """Every line of the script goes as it says."""
    return all(map(trial.goes, script))


def follows_model(trial: Trial) -> bool:
    """Random steps end as they would if a receipt were a holder and a flag."""
    chance, model = Chance(1), dict[str, tuple[str, bool]]()
    people = (trial.warehouse, *STRANGERS)
    for _ in range(RANDOM_STEPS):
        number, by, to = f"R-{chance.below(6)}", chance.pick(people), chance.pick(people)
        operation = chance.pick(tuple(ARGUMENTS))
        holder, released = model.get(number, ("", False))
        is_issued = by == trial.warehouse and number not in model
        expected = is_issued if operation == "issue" else by == holder and not released
        if trial.ends(by, operation, number, to) != expected:
            return False
        if expected:
            model[number] = (holder, True) if operation == "release" else (to, False)
    return all(trial.record(number).holder == holder for number, (holder, _) in model.items())


PROMISES: Mapping[str, Callable[[Trial], bool]] = {
    **{promise: partial(follows, script) for promise, script in SCRIPTS.items()},
    "model": follows_model,
}
"""What is looked at, beside the interface: `model` last, and only where all others are kept."""


def examine(contract: type[Contract], warehouse: str) -> list[str]:
    """Names of the promises that it does not keep."""
    if not _has_interface(contract):
        return ["interface"]
    broken: list[str] = []
    for name, is_kept in PROMISES.items():
        if name == "model" and broken:
            continue
        try:
            kept = is_kept(Trial.fresh(contract, warehouse))
        except Exception:  # whatever it raises: it does not keep it
            kept = False
        if not kept:
            broken.append(name)
    return broken


def main(arguments: list[str]) -> int:
    """Prints what is wrong."""
    path, warehouse = arguments
    found = locate(f"{path}:{CLASS}")
    checked = check(found, examples=EXAMPLES)
    report: dict[str, JsonValue] = {"faults": [], "broken": [], "top": placed_top(found, checked.digest)}
    if not checked.is_sound or checked.contract is None:
        report["faults"] = ["\n".join([*report_lines(checked, language, 0)][:LINES_SHOWN]) for language in get_args(Language)]
    else:
        with importable(found):
            report["broken"] = list[JsonValue](examine(checked.contract, warehouse))
    print(json.dumps(report))
    return 0


def _has_interface(contract: type[Contract]) -> bool:
    operations = contract.operations
    if not ARGUMENTS.keys() <= operations.keys() or "receipts" not in contract.collections:
        return False
    fields = contract.collections["receipts"].record.model_fields.keys()
    return {"holder", "goods", "weight_g", "released"} <= fields and all(
        set(names) == operations[name].arguments.model_fields.keys() for name, names in ARGUMENTS.items()
    )


def _member(name: str) -> Member:
    return Member(member=name, public_key="00" * 32, roles=("member",), not_before_ms=0, not_after_ms=2**52, certificate="-")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
