"""What the exhibits of energy share: an exhibit drawn in both languages, shares and energies as they are written."""

from collections.abc import Callable

from ledger.contract.quantities import energy
from scenarios.energy.quantities import WH_PER_MWH
from scenarios.plots import Bar
from scenarios.story.story import Exhibit, Language, Words

LANGUAGES: tuple[Language, ...] = ("en", "zh")
Drawn = Callable[[Language], str]


def exhibit(title: Words, reading: Words, drawn: Drawn) -> Exhibit:
    """The same drawing with the words of each language."""
    en, zh = (drawn(language) for language in LANGUAGES)
    return Exhibit(title, reading, Words(en, zh))


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
