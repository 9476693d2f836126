"""What the exhibits of energy share: shares and energies as they are written."""

from ledger.contract.quantities import energy
from scenarios.energy.quantities import WH_PER_MWH
from scenarios.plots import Bar


def share(ppm: int) -> str:
    """`63.4 %`, rounded down: nobody is greener than its certificates."""
    tenths = ppm // 1_000
    return f"{tenths // 10}.{tenths % 10} %"


def megawatt_hours(energy_wh: int) -> str:
    """Whole MWh where there are some, else exact."""
    return f"{energy_wh // WH_PER_MWH:,} MWh" if energy_wh >= 10 * WH_PER_MWH else energy(energy_wh)


def bar_of(energy_wh: int) -> Bar:
    """A bar of energy."""
    return Bar(energy_wh, megawatt_hours(energy_wh))
