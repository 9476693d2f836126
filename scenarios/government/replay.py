"""The story told once more by its events alone: what was live, valid and in force when each thing happened.

The oracle behind the invariants. It shares no rule with the contract and reads no state: signers, block times and events
are what an outsider could have written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.calendar import DAY_MS, day_of
from ledger.errors import JsonValue
from scenarios.story.play import PlayedEvent

Data = Mapping[str, JsonValue]


@dataclass(slots=True)
class World:
    """What an outsider knows at one moment."""

    grants: dict[str, Data] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """Consents whose code was told."""
    uses: dict[str, int] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Data] = field(default_factory=dict)
    """Item -> the version in force."""
    matters: dict[str, Data] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    requests: dict[str, Data] = field(default_factory=dict)
    escalated: list[str] = field(default_factory=list)

    def follow(self, one: PlayedEvent) -> None:
        """Takes in one event."""
        data = one.data
        if one.name == "granted":
            self.grants[str(data["grant"])] = data
        elif one.name == "grant-ended":
            self.ended[str(data["grant"])] = str(data["state"])
        elif one.name == "code-redeemed":
            self.told.append(str(data["grant"]))
        elif one.name == "accessed":
            self.uses[str(data["grant"])] = self.uses.get(str(data["grant"]), 0) + 1
        elif one.name == "licence-moved":
            self.licences[str(data["licence"])] = str(data["after"])
        elif one.name == "item-published":
            self.versions[str(data["item"])] = data
        elif one.name == "item-retired":
            self.versions.pop(str(data["item"]), None)
        elif one.name == "matter-opened":
            self.matters[str(data["matter"])] = data
        elif one.name == "matter-closed":
            self.closed.append(str(data["matter"]))
        elif one.name == "share-requested":
            self.requests[str(data["request"])] = data
        elif one.name == "share-escalated":
            self.escalated.append(str(data["request"]))

    def fault_of_matter(self, one: Data, agency: str, applicant: str) -> str:
        """Why something is not for an open matter of these two and this purpose; empty if it is."""
        found = self.matters.get(str(one["matter"]))
        if found is None or str(one["matter"]) in self.closed:
            return "no open matter"
        same = (found["agency"], found["applicant"], found["purpose"]) == (agency, applicant, one["purpose"])
        return "" if same else "another matter"


def replay(story: Sequence[PlayedEvent]) -> Iterator[tuple[World, PlayedEvent]]:
    """Each event with the world just before it."""
    world = World()
    for one in story:
        yield world, one
        world.follow(one)


def end_of_day(day_ms: JsonValue) -> int:
    """The last millisecond of a day that a record names."""
    assert isinstance(day_ms, int)
    return day_of(day_ms) + DAY_MS - 1


def texts(value: JsonValue) -> tuple[str, ...]:
    """A list of words."""
    assert isinstance(value, list)
    return tuple(map(str, value))
