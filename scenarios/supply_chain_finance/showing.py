"""What exhibits need besides the state: names, tiers, and how amounts are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scenarios.plots.drawing import plain
from scenarios.story.story import Language, Words

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Played:
    """Whom a performance was about."""

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


def both(drawn: Callable[[Language], str]) -> Words:
    """Markup in both languages."""
    en, zh = (drawn(language) for language in LANGUAGES)
    return Words(en, zh)


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
