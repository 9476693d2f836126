"""Several scenarios on one ledger: their organizations side by side, their days in one calendar.

Each story keeps its own dates. A day of the calendar is played trade by trade, so that the clock only moves forward:

    30 March  supply-chain-finance, shipping, energy, government     3 April  supply-chain-finance, shipping     …
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.player import Player
from scenarios.stage import Stage
from scenarios.story import Clock, Scenario, Story, Told

VALIDATORS = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of one scenario as it happened."""

    scenario: Scenario
    told: Told
    duration_s: float
    is_last: bool
    """Whether the scenario's story has ended with it."""


def joint_specification(scenarios: Sequence[Scenario]) -> NetworkSpecification:
    """The network of all the scenarios: every organization once, a validator of each trade in turn until there are four."""
    specifications = [scenario.specification() for scenario in scenarios]
    first = specifications[0]
    assert all(one.start_time_ms == first.start_time_ms for one in specifications), "stories begin on one day"
    validators = _validators(specifications)
    organizations: dict[str, OrganizationSpec] = {}
    for specification in specifications:
        for organization in specification.organizations:
            members = tuple(
                member
                for member in organization.members
                if "validator" not in member.roles or f"{organization.name}.{member.name}" in validators
            )
            known = organizations.get(organization.name, OrganizationSpec(organization.name, ()))
            organizations[organization.name] = replace(known, members=_joined(known.members, members))
    return NetworkSpecification(
        organizations=tuple(organizations.values()),
        validators=validators,
        contracts=tuple(contract for one in specifications for contract in one.contracts),
        start_time_ms=first.start_time_ms,
        parameters=first.parameters,
        writes=tuple(write for one in specifications for write in one.writes),
    )


def calendar(stories: Sequence[Story]) -> list[tuple[int, int, int]]:
    """(day, place of the story, steps to play), in the order of time; on one day in the order of the stories."""
    parts = []
    for place, story in enumerate(stories):
        day, steps = 0, 0
        for step in (step for chapter in story.chapters for step in chapter.steps):
            if isinstance(step, Clock):
                parts.append((day, place, steps))
                day, steps = step.day, 0
            steps += 1
        parts.append((day, place, steps))
    return sorted(parts, key=lambda part: part[:2])  # stable: a story that begins with its own clock keeps its order


def play_together(players: Mapping[str, Player]) -> Iterator[Moment]:
    """Plays the steps of all the players by their days, one each time it is asked for the next."""
    cast = list(players.values())
    stories = [player.scenario.story() for player in cast]
    left = [sum(len(chapter.steps) for chapter in story.chapters) for story in stories]
    steps = [player.steps() for player in cast]
    for _, place, count in calendar(stories):
        for _ in range(count):
            begun = monotonic()
            told = next(steps[place])
            left[place] -= 1
            yield Moment(cast[place].scenario, told, monotonic() - begun, left[place] == 0)


def players_on(stage: Stage, scenarios: Sequence[Scenario]) -> dict[str, Player]:
    """One player a scenario, all on one stage."""
    return {scenario.name: Player(scenario, stage) for scenario in scenarios}


def _validators(specifications: Sequence[NetworkSpecification]) -> tuple[str, ...]:
    """The first validators of all trades, then the second ones, each once."""
    longest = max(len(one.validators) for one in specifications)
    in_turn = (one.validators[turn] for turn in range(longest) for one in specifications if turn < len(one.validators))
    return tuple(dict.fromkeys(in_turn))[:VALIDATORS]


def _joined(known: tuple[MemberSpec, ...], new: tuple[MemberSpec, ...]) -> tuple[MemberSpec, ...]:
    """Members by name, each with the roles that it has anywhere."""
    roles: dict[str, tuple[str, ...]] = {}
    for member in (*known, *new):
        roles[member.name] = tuple(dict.fromkeys((*roles.get(member.name, ()), *member.roles)))
    return tuple(MemberSpec(name, held) for name, held in roles.items())
