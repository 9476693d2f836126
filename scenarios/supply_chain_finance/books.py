"""The books of a played trade, day by day: what each core owes and on how many certificates, followed from the events alone.

The figures of a day are what platform and bank compare: a count and an amount for each core.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.contract.calendar import day_of
from ledger.errors import JsonValue
from scenarios.story.story import Act, PlayedStep, PlayedStory
from scenarios.supply_chain_finance.figures import certificates

Book = Mapping[str, tuple[int, int]]
"""Core -> (certificates that are owed, cents owed)."""
ENDED = ("settled", "written-off")
GIVEN_BACK = ("rejected", "void", "expired")


@dataclass(slots=True)
class Bookkeeper:
    """Follows every certificate by its events."""

    played_story: PlayedStory
    owed: dict[str, int] = field(default_factory=dict)
    """Certificate -> cents, of those that are owed and not split."""
    frozen: dict[str, str] = field(default_factory=dict)
    """Frozen certificate -> its root: what the core pays meanwhile is set aside and no longer owed by it."""

    def days(self) -> dict[int, Book]:
        """The book at the end of each day on which it changed."""
        found: dict[int, Book] = {}
        for played in self.played_story.steps:
            if isinstance(played.step, Act) and self._follow(played, played.step):
                found[day_of(played.time_ms)] = self.book()
        return found

    def book(self) -> Book:
        """What is owed now."""
        held = certificates(self.played_story.records)
        rows: dict[str, tuple[int, int]] = {}
        for key, cents in self.owed.items():
            count, whole = rows.get(held[key].core, (0, 0))
            rows[held[key].core] = (count + 1, whole + cents)
        return dict(sorted(rows.items()))

    def _follow(self, played: PlayedStep, act: Act) -> bool:
        changed = False
        for call, arguments, outcome in zip(act.calls, played.arguments, played.outcomes, strict=True):
            if outcome.outcome == "committed" and call.operation.name == "pay_at_maturity":
                self._set_aside(str(arguments["certificate"]))
            for name, data in outcome.events:
                if name == "moved":
                    self._move(data)
                    changed = True
                elif name == "part-paid":
                    self.owed[str(data["certificate"])] = _whole(data.get("owed_cents"), 0)
                    changed = True
        return changed

    def _set_aside(self, root: str) -> None:
        """A payment on a root discharges its frozen leaves, whose money waits."""
        held = certificates(self.played_story.records)
        for key in [key for key, of in self.frozen.items() if of == root]:
            cents = held[key].owed_cents
            if cents:
                self.owed[key] = cents
            else:
                self.owed.pop(key, None)

    def _move(self, data: Mapping[str, JsonValue]) -> None:
        held = certificates(self.played_story.records)
        key, before, after = (str(data[name]) for name in ("certificate", "before", "after"))
        parts = data.get("parts")
        if before == "none":
            self.owed[key] = held[key].amount_cents
        elif after == "overdue":
            self.owed[key] = _whole(data.get("owed_cents"), self.owed.get(key, 0))
        elif after == "frozen":
            self.frozen[key] = held[key].root
        elif after == "consumed" and isinstance(parts, list):
            del self.owed[key]
            self.owed.update((str(part), held[str(part)].amount_cents) for part in parts)
        elif after in ENDED or after in GIVEN_BACK:
            self.owed.pop(key, None)
            if after in GIVEN_BACK and held[key].children:
                self.owed[held[key].children[0]] = held[key].amount_cents
        if before == "frozen":
            self.frozen.pop(key, None)


def _whole(value: JsonValue, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
