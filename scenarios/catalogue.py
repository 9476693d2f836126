"""Every scenario by name. A new one adds its line here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pkgutil import resolve_name

from ledger.errors import OperatorError
from scenarios.story.story import Scenario


@dataclass(frozen=True, slots=True)
class Catalogue(Mapping[str, Scenario]):
    """Scenarios by name, each imported when it is asked for: a trade takes some 100 ms."""

    import_strings: Mapping[str, str]

    def __getitem__(self, name: str) -> Scenario:
        scenario: Scenario = resolve_name(self.import_strings[name])
        return scenario

    def __iter__(self) -> Iterator[str]:
        return iter(self.import_strings)

    def __len__(self) -> int:
        return len(self.import_strings)


SCENARIOS: Mapping[str, Scenario] = Catalogue(
    {
        "supply-chain-finance": "scenarios.supply_chain_finance.scenario:SCENARIO",
        "shipping": "scenarios.shipping.scenario:SCENARIO",
        "energy": "scenarios.energy.scenario:SCENARIO",
        "government": "scenarios.government.scenario:SCENARIO",
    }
)


TOGETHER: Mapping[str, Scenario] = Catalogue({"all": "scenarios.economy.scenario:ECONOMY"})
"""What is played of several trades at once."""


ACROSS: Mapping[str, Scenario] = Catalogue({"corridor": "scenarios.corridor.scenario:CORRIDOR"})
"""What is played on several ledgers, each a network of its own."""


def find_scenario(name: str) -> Scenario:
    """Raises OperatorError `unknown-scenario`, which lists what there is."""
    if name in TOGETHER:
        return TOGETHER[name]
    if name not in SCENARIOS:
        raise OperatorError("unknown-scenario", f"There is no scenario {name!r}; there are {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]
