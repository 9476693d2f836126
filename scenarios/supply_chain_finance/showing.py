"""What exhibits need besides the state: names, tiers, and how amounts are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.plots.drawing import plain
from scenarios.story.story import Language, Words


@dataclass(frozen=True, slots=True)
class Played:
    """Whom a played story is about."""

    cast: Mapping[str, Words]
    tiers: Mapping[str, int]
    """Supplier -> how far it delivers from a core."""
    root: str = ""
    """A certificate that the report follows; empty for none."""
    cores: tuple[str, ...] = ()
    """Cores whose trees are drawn where one is followed."""

    def called(self, name: str, language: Language) -> str:
        """How people call a member."""
        return self.cast[name].said(language) if name in self.cast else name


def money(cents: int) -> str:
    """`1,234,567.89`."""
    return f"{cents // 100:,}.{cents % 100:02}"


def thousands(cents: int) -> str:
    """Beside an axis, in thousands of yuan: `1,250`."""
    return plain(cents // 100_000)


def percent(ppm: int) -> str:
    """`3.62 %`, half up."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02} %"
