"""Swimlanes: a column an organization, a row a step, time runs down. Rows of text beside marks, so pages break between steps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nodes.words import Words
from scenarios.identifiers import organization_of
from scenarios.story.story import Act, Again, Clock, HandOver, Inspect, Language, PlayedStep, Scenario
from scenarios.story.tell import actors

WORDS = Words.of("scenarios.report")
DOINGS = WORDS["doings"]
"""What a mark says: text for who hears the page, a sign for who sees it."""
LANES_MAX = 16
"""At most this many lanes in a chapter: the organizations that take part least share the last one."""

NAMES_MAX = 2
"""Members of one organization that its lane names."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One lane at one step."""

    doing: str
    """A key of DOINGS, empty where the organization has no part."""
    is_joined: bool
    """Whether a line runs on to the next lane: the step reaches further to the right."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Of one chapter the organizations from left to right, and what each does by number of the step; a clock has no cells.

    An organization without a name stands for all that have no lane of their own.
    """

    organizations: tuple[str, ...]
    names: tuple[str, ...]
    cells: Mapping[int, tuple[Cell, ...]]


def lanes_of(scenario: Scenario, played: Sequence[PlayedStep], language: Language) -> tuple[Lanes, ...]:
    """By chapter, each with the lanes of those who take part in it, in the order in which they first do in the story."""
    doings = {one.number: _doings(played, one) for one in played if not isinstance(one.step, Clock)}
    order = dict.fromkeys(organization_of(member) for doing in doings.values() for member in doing)
    chapters = range(max((one.chapter for one in played), default=-1) + 1)
    return tuple(_lanes(scenario, [one for one in played if one.chapter == place], doings, order, language) for place in chapters)


def _lanes(
    scenario: Scenario,
    played: Sequence[PlayedStep],
    doings: Mapping[int, Mapping[str, str]],
    order: Iterable[str],
    language: Language,
) -> Lanes:
    acting = [one for one in played if one.number in doings]
    called: dict[str, dict[str, None]] = {}
    count: Counter[str] = Counter()
    for one in acting:
        for member in doings[one.number]:
            called.setdefault(organization_of(member), {})[scenario.called(member, language)] = None
        count.update({organization_of(member) for member in doings[one.number]})
    most = count.most_common(LANES_MAX if len(count) <= LANES_MAX else LANES_MAX - 1)
    lanes = [name for name in order if name in dict(most)]
    names = [" / ".join([*called[name]][:NAMES_MAX]) for name in lanes]
    if len(most) < len(count):
        lanes.append("")
        names.append(others(len(count) - len(most), language))
    cells = {one.number: _cells(lanes, doings[one.number], is_joined=bool(_together(one))) for one in acting}
    return Lanes(tuple(lanes), tuple(names), cells)


def others(count: int, language: Language) -> str:
    """Those who share the last lane."""
    return WORDS["report"]["other-organizations"].text(language, count=count)


def _doings(played: Sequence[PlayedStep], one: PlayedStep) -> dict[str, str]:
    """Member -> what it does in a step."""
    step = one.step
    if isinstance(step, HandOver):
        return {step.actor: "gives", step.receiver: "takes"}
    if isinstance(step, Inspect):
        return {step.actor: "finds" if step.finds else "looks"}
    if isinstance(step, Again):
        first = [earlier for earlier in played if isinstance(earlier.step, Act) and earlier.step.label == step.label]
        return dict.fromkeys(actors(first[0]) if first else (), "again")
    assert isinstance(step, Act)
    signed = [(call.forger,) if call.forger else call.signers or step.actors for call in step.calls]
    is_done = [outcome.outcome == "committed" for outcome in one.outcomes]
    leading = {signers[0]: "acts" if done else "refused" for signers, done in zip(signed, is_done, strict=True)}
    return leading | {member: "co-signs" for signers in signed for member in signers[1:] if member not in leading}


def _together(one: PlayedStep) -> tuple[str, ...]:
    """Those whom one transaction or one opening joins; the calls of many members in one list join no two of them."""
    step = one.step
    if isinstance(step, Act):
        signed = {call.signers or step.actors for call in step.calls}
        return signed.pop() if len(signed) == 1 else ()
    return (step.actor, step.receiver) if isinstance(step, HandOver) else ()


def _cells(lanes: Sequence[str], doings: Mapping[str, str], *, is_joined: bool) -> tuple[Cell, ...]:
    by_lane: dict[str, str] = {}
    for member, doing in doings.items():
        organization = organization_of(member)
        by_lane.setdefault(organization if organization in lanes else "", doing)
    places = [place for place, lane in enumerate(lanes) if lane in by_lane]
    first, last = (places[0], places[-1]) if places and is_joined else (0, 0)
    return tuple(Cell(by_lane.get(lane, ""), first <= place < last) for place, lane in enumerate(lanes))
