"""Holds a group's contract against what a warehouse receipt promises: `python -m scenarios.workshop.labs.receipt_promises`.

    FILE WAREHOUSE → one line of JSON: {"faults": [en, zh], "broken": […], "top": NAME}

It runs what a group wrote, so it is a process of its own, which may be ended. `faults` is what `contract check` says, `top`
what the module is called on a network. The promises are tried on a contract without faults: single steps first, then random
ones beside a model of a receipt.

    interface             three operations with their arguments, and the record's fields
    issue-by-warehouse    only the warehouse issues
    issue-once            a number is issued once, also after its goods are gone
    transfer-by-holder    only the holder passes it on, not the warehouse or an earlier holder
    nothing-lost          who receives it holds it, and goods and weight stay
    release-by-holder     only the holder fetches the goods
    release-once          goods are fetched once
    released-stays        what is fetched is not passed on
    model                 random steps end as they would with a plain model
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ledger.contract import Contract, Member
from ledger.contract.test_kit import START_MS, Step, run_step, state_with
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
STRANGERS = ("west.wu", "east.li", "north.chen")
RANDOM_STEPS = 400
LINES_SHOWN = 8
EXAMPLES = 100


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

    def ends(self, signer: str, operation: str, **arguments: JsonValue) -> bool:
        """Whether it takes effect."""
        step = Step((_member(signer),), operation, arguments, 1)
        return run_step(self.contract, self.state, step, START_MS, 1).code == "ok"

    def issue(self, number: str = "R-1", to: str = STRANGERS[0]) -> bool:
        """The warehouse issues a receipt."""
        return self.ends(self.warehouse, "issue", number=number, to=to, **GOODS)

    def record(self, number: str = "R-1") -> Any:
        """What the ledger holds of it, or None."""
        contract: Any = self.contract(self.state)
        return contract.receipts.get(number)


def issue_by_warehouse(trial: Trial) -> bool:
    """Only the warehouse issues."""
    others = any(trial.ends(name, "issue", number="R-2", to=name, **GOODS) for name in STRANGERS)
    return not others and trial.issue()


def issue_once(trial: Trial) -> bool:
    """Neither while it lives nor afterwards."""
    trial.issue()
    again = trial.issue(to=STRANGERS[1])
    held = trial.record().holder
    trial.ends(STRANGERS[0], "release", number="R-1")
    return not again and held == STRANGERS[0] and not trial.issue()


def transfer_by_holder(trial: Trial) -> bool:
    """Only the holder passes it on."""
    wu, li, chen = STRANGERS
    trial.issue(to=wu)
    others = any(trial.ends(name, "transfer", number="R-1", to=name) for name in (li, chen, trial.warehouse))
    passed = trial.ends(wu, "transfer", number="R-1", to=li)
    return not others and passed and not trial.ends(wu, "transfer", number="R-1", to=chen)


def nothing_lost(trial: Trial) -> bool:
    """Holder, goods and weight are what they should be."""
    wu, li, _ = STRANGERS
    trial.issue(to=wu)
    trial.ends(wu, "transfer", number="R-1", to=li)
    record = trial.record()
    return (record.holder, record.goods, record.weight_g) == (li, GOODS["goods"], GOODS["weight_g"]) and not record.released


def release_by_holder(trial: Trial) -> bool:
    """Only the holder fetches the goods."""
    wu, *others = STRANGERS
    trial.issue(to=wu)
    fetched = any(trial.ends(name, "release", number="R-1") for name in (*others, trial.warehouse))
    return not fetched and trial.ends(wu, "release", number="R-1") and bool(trial.record().released)


def release_once(trial: Trial) -> bool:
    """Goods are fetched once."""
    trial.issue()
    return trial.ends(STRANGERS[0], "release", number="R-1") and not trial.ends(STRANGERS[0], "release", number="R-1")


def released_stays(trial: Trial) -> bool:
    """What is fetched is not passed on."""
    trial.issue()
    trial.ends(STRANGERS[0], "release", number="R-1")
    return not trial.ends(STRANGERS[0], "transfer", number="R-1", to=STRANGERS[1])


def follows_model(trial: Trial) -> bool:
    """Random steps end as they would if a receipt were a holder and a flag."""
    chance, model = Chance(1), dict[str, tuple[str, bool]]()
    people = (trial.warehouse, *STRANGERS)
    for _ in range(RANDOM_STEPS):
        number, by, to = f"R-{chance.below(6)}", chance.pick(people), chance.pick(people)
        operation = chance.pick(tuple(ARGUMENTS))
        holder, released = model.get(number, ("", False))
        given: dict[str, JsonValue] = {"number": number}
        if operation == "issue":
            expected = by == trial.warehouse and number not in model
            given |= {"to": to, **GOODS}
        else:
            expected = by == holder and not released
            given |= {} if operation == "release" else {"to": to}
        if trial.ends(by, operation, **given) != expected:
            return False
        if expected:
            model[number] = (holder, True) if operation == "release" else (to, False)
    return all(trial.record(number).holder == holder for number, (holder, _) in model.items())


PROMISES: Mapping[str, Callable[[Trial], bool]] = {
    "issue-by-warehouse": issue_by_warehouse,
    "issue-once": issue_once,
    "transfer-by-holder": transfer_by_holder,
    "nothing-lost": nothing_lost,
    "release-by-holder": release_by_holder,
    "release-once": release_once,
    "released-stays": released_stays,
    "model": follows_model,
}


def examine(contract: type[Contract], warehouse: str) -> list[str]:
    """Names of the promises that it does not keep; `model` only where all others are kept."""
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
