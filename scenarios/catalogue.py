"""Every scenario by name. A new one adds its line here."""

from collections.abc import Mapping

from ledger.errors import OperatorError
from scenarios.energy.scenario import SCENARIO as ENERGY
from scenarios.government.scenario import SCENARIO as GOVERNMENT
from scenarios.shipping.scenario import SCENARIO as SHIPPING
from scenarios.story.story import Scenario
from scenarios.supply_chain_finance.scenario import SCENARIO as SUPPLY_CHAIN_FINANCE

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in (SUPPLY_CHAIN_FINANCE, SHIPPING, ENERGY, GOVERNMENT)}


def find_scenario(name: str) -> Scenario:
    """Raises OperatorError `unknown-scenario`, which lists what there is."""
    if name not in SCENARIOS:
        raise OperatorError("unknown-scenario", f"There is no scenario {name!r}; there are {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]
