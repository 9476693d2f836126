"""Swimlanes: a column an organization, a row a step, time runs down. Rows of text beside marks, so pages break between steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scenarios.story import Act, Again, Clock, HandOver, Inspect, Language, Scenario, Told, Words
from scenarios.telling import actors, is_refused

Doing = Mapping[str, Words]
DOINGS: Doing = {
    "acts": Words("signs", "签署"),
    "co-signs": Words("signs too", "共同签署"),
    "refused": Words("tries, and is refused", "尝试，被拒绝"),
    "again": Words("its envelope comes once more", "其信封被再次提交"),
    "gives": Words("gives openings", "交出开封值"),
    "takes": Words("receives openings", "收到开封值"),
    "looks": Words("checks", "核对"),
    "finds": Words("checks, and finds something wrong", "核对，发现问题"),
}
"""What a mark says: text for who hears the page, a sign for who sees it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One lane at one step."""

    doing: str
    """A key of DOINGS, empty where the organization has no part."""
    is_joined: bool
    """Whether a line runs on to the next lane: the step reaches further to the right."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The organizations from left to right, and what each does by number of the step; a clock has no cells."""

    organizations: tuple[str, ...]
    names: tuple[str, ...]
    cells: Mapping[int, tuple[Cell, ...]]


def lanes_of(scenario: Scenario, told: Sequence[Told], language: Language) -> Lanes:
    """Lanes in the order in which organizations first take part."""
    doings = {one.number: _doings(told, one) for one in told if not isinstance(one.step, Clock)}
    found: dict[str, dict[str, None]] = {}
    for doing in doings.values():
        for member in doing:
            found.setdefault(_organization(member), {})[scenario.called(member, language)] = None
    organizations = tuple(found)
    return Lanes(
        organizations=organizations,
        names=tuple(" / ".join(names) for names in found.values()),
        cells={number: _cells(organizations, doing) for number, doing in doings.items()},
    )


def _doings(told: Sequence[Told], one: Told) -> dict[str, str]:
    """Member -> what it does in a step."""
    step = one.step
    if isinstance(step, HandOver):
        return {step.actor: "gives", step.receiver: "takes"}
    if isinstance(step, Inspect):
        return {step.actor: "finds" if step.finds else "looks"}
    if isinstance(step, Again):
        first = [earlier for earlier in told if isinstance(earlier.step, Act) and earlier.step.label == step.label]
        return dict.fromkeys(actors(first[0]) if first else (), "again")
    who, *others = actors(one)
    return {who: "refused" if is_refused(one) else "acts", **dict.fromkeys(others, "co-signs")}


def _cells(organizations: Sequence[str], doings: Mapping[str, str]) -> tuple[Cell, ...]:
    by_organization: dict[str, str] = {}
    for member, doing in doings.items():
        by_organization.setdefault(_organization(member), doing)
    places = [place for place, organization in enumerate(organizations) if organization in by_organization]
    first, last = places[0] if places else 0, places[-1] if places else 0
    return tuple(
        Cell(by_organization.get(organization, ""), first <= place < last) for place, organization in enumerate(organizations)
    )


def _organization(member: str) -> str:
    return member.partition(".")[0]
