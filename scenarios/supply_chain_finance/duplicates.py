"""How well the contract finds an invoice that is used twice: `python -m scenarios.supply_chain_finance.duplicates --seed 7`.

The set is blind: it is drawn without the rule's bounds, and the contract's own operations judge it. 5,000 invoices of 120 pairs
of companies are dated within 60 days; sizes are those of `generate.py`.

- Honest, 4,000: an amount of its own; the next number of the same pair and day, for half to twice the amount; the same amount
  seven days later (a weekly order), or one to three days later (a daily one).
- Fraud, 1,000, each of an honest invoice drawn at random after all of these: its number spelled otherwise; a letter for a digit;
  one digit changed; another number for up to a yuan less, for up to 50 less, or dated up to ten days later; its amount cut in two
  or three; and invoices of which another platform reports the use before they come here, or after.

A fraud is found if one of its invoices is refused, marked as like another, or barred. An honest invoice that is refused or marked
is a false alarm. The result is kept in `data/duplicates.json`, from where the report reads it.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer

from ledger.contract import Member
from ledger.contract.calendar import DAY_MS
from ledger.contract.played_steps import Step, run_step, state_with
from ledger.errors import JsonValue
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView, put_state
from ledger.state.store import Batch
from nodes.simulator.chance import Chance
from scenarios.supply_chain_finance.cast import JINQIAO, REGISTRY
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.exhibits import percent
from scenarios.supply_chain_finance.figures import DetectionFigure
from scenarios.supply_chain_finance.generate import FIRST_DAY, MEDIANS_CENTS, drawn_cents
from scenarios.supply_chain_finance.records import Party
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised

PAIRS, DAYS, NOW = 120, 60, FIRST_DAY + 90 * DAY_MS
LETTERS = {"0": "OО", "1": "Il", "2": "Z", "5": "S", "8": "B"}
SERVICES: Mapping[str, tuple[str, ...]] = {REGISTRY: ("registry",), JINQIAO: ("platform",)}


@dataclass(frozen=True, slots=True)
class Drawn:
    """An invoice of the set."""

    pair: int
    number: str
    day: int
    cents: int

    @property
    def sides(self) -> tuple[str, str]:
        """Seller and buyer."""
        return f"s{self.pair // 4}.desk", f"b{self.pair % 4}.desk"

    @property
    def keyed(self) -> str:
        """The fingerprint that an honest registry signs."""
        return fingerprint_of(*self.sides, normalised(self.number), "keyed")


def same(chance: Chance, of: Drawn) -> list[Drawn]:
    """The invoice itself."""
    return [of]


def other(chance: Chance, of: Drawn, cents: int = 0, days: int = 0) -> list[Drawn]:
    """Another number, and so many cents and days more."""
    return [replace(of, number=_number(chance), cents=of.cents + cents, day=of.day + days * DAY_MS)]


def next_number(chance: Chance, of: Drawn) -> list[Drawn]:
    """The number after it, and an amount of its own."""
    return [replace(of, number=f"{int(of.number) + 1}", cents=of.cents * chance.between(50, 200) // 100)]


def letter(chance: Chance, of: Drawn) -> list[Drawn]:
    """The same with a letter for a digit."""
    digit = chance.pick([sign for sign in of.number if sign in LETTERS])
    return [replace(of, number=of.number.replace(digit, chance.pick(LETTERS[digit]), 1))]


def changed(chance: Chance, of: Drawn) -> list[Drawn]:
    """The same with one digit changed."""
    place = chance.below(len(of.number))
    digit = (int(of.number[place]) + chance.between(1, 9)) % 10
    return [replace(of, number=f"{of.number[:place]}{digit}{of.number[place + 1 :]}")]


def cut(chance: Chance, of: Drawn, parts: int) -> list[Drawn]:
    """Its amount under several other numbers."""
    sizes = [of.cents * chance.between(15, 90 // parts) // 100 for _ in range(parts - 1)]
    return [replace(of, number=_number(chance), cents=cents) for cents in (*sizes, of.cents - sum(sizes))]


HONEST: Mapping[str, tuple[int, Callable[[Chance, Drawn], list[Drawn]]]] = {
    "unrelated": (2_400, lambda chance, of: []),
    "next-number": (400, next_number),
    "weekly-order": (320, lambda chance, of: other(chance, of, days=7)),
    "daily-order": (80, lambda chance, of: other(chance, of, days=chance.between(1, 3))),
}
"""Kind -> how many begin it, and what each is followed by."""
FRAUDS: Mapping[str, tuple[int, Callable[[Chance, Drawn], list[Drawn]]]] = {
    "spelling": (100, lambda chance, of: [replace(of, number=chance.pick((" ", "-", "/")).join(of.number))]),
    "letter": (100, letter),
    "digit": (100, changed),
    "cents-less": (100, lambda chance, of: other(chance, of, cents=-chance.between(1, 100))),
    "yuan-less": (100, lambda chance, of: other(chance, of, cents=-chance.between(1_01, 50_00))),
    "later-date": (100, lambda chance, of: other(chance, of, days=chance.between(1, 10))),
    "cut-in-two": (100, lambda chance, of: cut(chance, of, 2)),
    "cut-in-three": (40, lambda chance, of: cut(chance, of, 3)),
    "reported-before": (40, same),
    "reported-after": (40, same),
}
"""Kind -> how many there are, and what each registers."""


def measured(seed: int) -> DetectionFigure:
    """Draws the set, registers honest invoices by their dates and then the frauds, and counts."""
    chance, ledger, honest, hits = Chance(seed), Ledger(), list[tuple[str, Drawn]](), list[tuple[str, bool]]()
    for kind, (count, follow) in HONEST.items():
        for _ in range(count):
            first = Drawn(
                chance.below(PAIRS),
                _number(chance),
                FIRST_DAY + chance.below(DAYS) * DAY_MS,
                drawn_cents(chance, chance.pick(MEDIANS_CENTS)),
            )
            honest += [(kind, drawn) for drawn in (first, *follow(chance, first))]
    for kind, drawn in sorted(honest, key=lambda entry: entry[1].day):
        hits.append((kind, _is_found(chance, ledger, drawn)))
    for kind, (count, forge) in FRAUDS.items():
        for _ in range(count):
            of = chance.pick(honest)[1]
            if kind.startswith("reported"):  # it is known on the other platform only
                of = replace(of, number=_number(chance), cents=drawn_cents(chance, chance.pick(MEDIANS_CENTS)))
            if kind == "reported-before":
                ledger.run(JINQIAO, "report_use", {"fingerprint": of.keyed})
            found = [_is_found(chance, ledger, drawn) for drawn in forge(chance, of)]
            if kind == "reported-after":
                ledger.run(JINQIAO, "report_use", {"fingerprint": of.keyed})
                contract = Scf(ledger.state)
                found = [contract.invoices[contract.fingerprints[of.keyed].invoice].elsewhere != ""]
            hits.append((kind, any(found)))
    counts = {kind: (len(own := [hit for name, hit in hits if name == kind]), sum(own)) for kind in (*HONEST, *FRAUDS)}
    return DetectionFigure(seed, {kind: counts[kind] for kind in HONEST}, {kind: counts[kind] for kind in FRAUDS})


class Ledger:
    """On which the companies of all pairs have been let in; each operation is written into its rows, which stay sorted."""

    def __init__(self) -> None:
        self._store = MemoryStore()
        companies = dict.fromkeys(side for pair in range(PAIRS) for side in Drawn(pair, "", 0, 0).sides)
        state = state_with([_member(name) for name in (*companies, *SERVICES)])
        for name in companies:
            Scf(state).parties[name] = Party(kind="supplier", uscc="-", platform=JINQIAO, licence="0" * 64)
        self._keep(state)

    @property
    def state(self) -> Overlay:
        """What stands, for one operation."""
        return Overlay(StateView(self._store))

    def run(self, member: str, operation: str, arguments: JsonValue) -> str:
        """The code that an operation of a member and the registry ends with."""
        state = self.state
        code = run_step(Scf, state, Step((_member(member), _member(REGISTRY)), operation, arguments, 0), NOW, 1).code
        self._keep(state)
        return code

    def _keep(self, state: Overlay) -> None:
        batch = Batch()
        for write in state.writes():
            put_state(batch, 1, *write)
        self._store.commit(batch)


def _is_found(chance: Chance, ledger: Ledger, drawn: Drawn) -> bool:
    """Registers an invoice: whether it is refused, or marked as like another."""
    (seller, buyer), name = drawn.sides, chance.hexadecimal(16)
    paper: JsonValue = {
        "number": drawn.number, "buyer": buyer, "issued_on_ms": drawn.day, "net_cents": drawn.cents - 1, "tax_cents": 1,
    }  # fmt: skip
    code = ledger.run(seller, "register_invoice", {"invoice": name, "paper": paper, "fingerprint": drawn.keyed})
    return code != "ok" or Scf(ledger.state).invoices[name].match != "none"


def _member(name: str) -> Member:
    roles = SERVICES.get(name, ("supplier",))
    return Member(member=name, public_key="0" * 64, roles=roles, not_before_ms=0, not_after_ms=2**52, certificate="-")


def _number(chance: Chance) -> str:
    return f"27112000{chance.below(10**12):012}"


def main(
    seed: Annotated[int, typer.Option(help="The same seed gives the same set.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print what `data/duplicates.json` holds.")] = False,
) -> None:
    """Recall and false alarms of duplicate detection over a blind set."""
    figure = measured(seed)
    if as_json:
        sys.stdout.write(json.dumps(asdict(figure), indent=1) + "\n")
        return
    for kind, (count, hits) in {**figure.frauds, **figure.honest}.items():
        sys.stdout.write(f"{'honest' if kind in HONEST else 'fraud':<8}{kind:<16}{hits:>5} of {count}\n")
    recall, alarms = percent(figure.recall_ppm), percent(figure.alarms_ppm)
    sys.stdout.write(f"seed {seed}: recall {recall}, false alarms {alarms}\n")


if __name__ == "__main__":
    typer.run(main)
