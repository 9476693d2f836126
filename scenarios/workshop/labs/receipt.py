"""The contract that a group is given: right but for three places, which the seed draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nodes.simulator.chance import Chance

FOLDER = Path(__file__).parent / "contract"
MODULE = "warehouse_receipt"
CLASS = "WarehouseReceipt"
IMPORTS = """from ledger.contract import (
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    MemberId,
    MemberIs,
    Positive,
    Record,
    Refusal,
    Text,
    Timestamp,
    operation,
)
"""
HOLDER = '        context.require(context.signed_by(receipt.holder), "not-holder", holder=receipt.holder)\n'


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place that can be wrong: its name in the text, what stands there wrongly, and what by it is wrong."""

    place: str
    wrong: str
    more: Mapping[str, str]
    """Other places that change with it."""
    breaks: str
    """What notices it: a rule or property of the check, or a promise of `examine`."""


SOUND: Mapping[str, str] = {
    "imports": f"{IMPORTS}\n",
    "policy": "MemberIs(WAREHOUSE)",
    "issue-check": '        context.require(number not in self.receipts, "already-issued", number=number)\n',
    "time": "context.time_ms",
    "weight": "weight_g=weight_g",
    "transfer-holder": HOLDER,
    "transfer-write": "receipt.replace(holder=to)",
    "code": "not-holder",
    "release-once": '        context.require(not receipt.released, "released", number=number)\n',
}
"""What stands at each place of a contract without flaws."""
BY_RULES = (
    Flaw("time", "int(time.time() * 1000)", {"imports": f"import time\n\n{IMPORTS}\n"}, "import"),
    Flaw("weight", "weight_kg=weight_g / 1000", {}, "division"),
    Flaw("code", "not-the-holder", {}, "undeclared-refusal"),
    Flaw("weight", "pieces_per_kg=1000 // (weight_g // 1000)", {}, "ends"),
)
"""Flaws that the rules of contracts or random transactions find: one of them is there."""
BY_PROMISES = (
    Flaw("policy", "Anyone()", {}, "issue-by-warehouse"),
    Flaw("issue-check", "", {}, "issue-once"),
    Flaw("transfer-holder", "", {}, "transfer-by-holder"),
    Flaw(
        "transfer-write",
        'Receipt(holder=to, goods="goods", weight_g=1, issued_ms=context.time_ms)',
        {},
        "nothing-lost",
    ),
    Flaw("release-once", "", {}, "release-once"),
)
"""Flaws that only somebody who knows what a receipt is can find: two of them are there."""


def draw_flaws(chance: Chance) -> tuple[Flaw, ...]:
    """Three of them, one that the rules find and two that they do not."""
    left = list(BY_PROMISES)
    first = chance.pick(BY_RULES)
    return (first, *(left.pop(chance.below(len(left))) for _ in range(2)))


def write_contract(warehouse: str, flaws: Sequence[Flaw] = ()) -> str:
    """The text with these flaws."""
    places = dict(SOUND)
    for flaw in flaws:
        places |= {flaw.place: flaw.wrong, **flaw.more}
    text = (FOLDER / "receipt.txt").read_text(encoding="utf-8").replace("{warehouse}", warehouse)
    for place, value in places.items():
        text = text.replace(f"[{place}]", value)
    return text


def write_tests() -> str:
    """The tests that it comes with."""
    return (FOLDER / "tests.txt").read_text(encoding="utf-8")
