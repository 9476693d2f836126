"""Random walks through the trades (`tests/walker.py`): the invariants hold after each step, whatever is tried.

A failure names the walk; `WALK=SEED pytest tests/test_scenarios_walk.py -k "hold and TRADE"` goes the same way again, and the
message has the shortest part of it that leads to the fault. `--long` goes forty times as far.

A trade joins with `TRADE` in `tests/NAME_walk.py` and a row here: its contract, its invariants, its tables with their `RULES`,
and a row for each argument that the walker cannot draw by itself (`print(walk.codes)` says what is refused too often).
"""

import os
from collections import Counter
from collections.abc import Callable

import pytest

from ledger.contract import Context
from tests import energy_walk, government_walk, scf_walk, shipping_walk
from tests.walker import Trade, Walk, again

TRADES = {
    "energy": energy_walk.TRADE,
    "government": government_walk.TRADE,
    "shipping": shipping_walk.TRADE,
    "supply-chain finance": scf_walk.TRADE,
}
SEEDS, STEPS, LONG = 50, 40, 2_000
MORE = 350
"""Walks go on for this many seeds while an operation has not taken effect, and aim at it."""
FLAWED_SEEDS = 400


def fault_of(trade: Trade, walk: Walk) -> str:
    """Goes the walk until a step leads to a fault."""
    for _ in range(STEPS):
        if walk.step() and (fault := next(trade.faults(walk.world), "")):
            return fault
    return ""


@pytest.mark.parametrize("name", TRADES)
def test_invariants_hold_and_every_operation_takes_effect(name: str, pytestconfig: pytest.Config) -> None:
    trade, one = TRADES[name], os.environ.get("WALK")
    seeds = LONG if pytestconfig.getoption("--long") else SEEDS
    codes: Counter[tuple[str, str]] = Counter()
    for way in [one] if one else map(str, range(seeds + MORE)):
        missing = {name for name in trade.contract.operations if trade.weights.get(name) != 0} - {
            operation for operation, code in codes if code == "ok"
        }
        seed, _, aim = way.partition(":")
        if not one and int(seed) >= seeds:
            if not missing:
                return
            aim = sorted(missing)[int(seed) % len(missing)]
        walk = Walk(trade, int(seed), aim)
        fault = fault_of(trade, walk)
        shown = f"{fault}\nWALK={seed}:{aim}; of its calls these are enough:"
        assert not fault, "\n".join((shown, *map(str, trade.shortest(walk))))
        codes += walk.codes
    assert one or not missing, f"these took no effect in {seeds + MORE} walks: {sorted(missing)}"


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, trade in TRADES.items() for code in trade.flaws])
def test_a_contract_that_forgets_a_rule_is_found_out(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trade = TRADES[name]
    assert trade.samples  # by the tables and with every rule
    monkeypatch.setattr(Context, "require", forgetting(code, Context.require))
    walk = next((walk for seed in range(FLAWED_SEEDS) if fault_of(trade, walk := Walk(trade, seed))), None)
    assert walk is not None, (
        f"no walk of {FLAWED_SEEDS} breaks an invariant without {code}: another rule has closed the way; weigh its operations,"
        f" or draw their arguments, in {trade.contract.name}'s walk"
    )
    enough = trade.shortest(walk)
    assert 0 < len(enough) <= 8, enough
    assert [*trade.faults(again(walk.start, enough))] != []


def forgetting(code: str, require: Callable[..., None]) -> Callable[..., None]:
    """`Context.require` without one of the codes."""

    def forgetful(context: Context, condition: bool, said: str, **details: object) -> None:
        require(context, condition or said == code, said, **details)

    return forgetful
