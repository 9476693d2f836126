"""Who may see what a record hides, asked of the contract's own read rules at one state: as a node answers at `/v1/access`."""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.contract.records import read_member
from ledger.encoding import encode
from ledger.errors import JsonValue
from ledger.sealed import sealed_in
from ledger.state.overlay import StateReads
from nodes.access.levels import RULES
from nodes.access.levels import Sights as Judge
from scenarios.story.story import Scenario, Words


@dataclass(frozen=True, slots=True)
class Seen:
    """Members who see the same by the same rule."""

    level: str
    """`value`, or `digest`: the record with its sealed fields as digests."""
    members: tuple[str, ...]
    sentence: Words


@dataclass(frozen=True, slots=True)
class Sights:
    """Who sees what of one record with sealed fields."""

    collection: str
    key: str
    seen: tuple[Seen, ...]


def sights_of(
    scenario: Scenario, state: StateReads, time_ms: int, height: int, written: Iterable[tuple[str, str, dict[str, JsonValue]]]
) -> tuple[Sights, ...]:
    """For each record with something sealed in it what the members of the cast see at that state."""
    found: dict[tuple[str, str], Sights] = {}
    for collection, key, record in written:
        if sealed := tuple(sealed_in(record)):
            judge = Judge(
                contract=scenario.contract,
                state=state,
                record=scenario.contract.collections[collection].record.model_validate_json(encode(record)),
                sealed=sealed,
                reads="open",
                clock_ms=time_ms,
                time_ms=time_ms,
                height=height,
            )
            found[collection, key] = Sights(collection, key, _seen(scenario, judge))
    return tuple(found.values())


def _seen(scenario: Scenario, judge: Judge) -> tuple[Seen, ...]:
    """By level and rule, those who see the value first."""
    by_rule: dict[tuple[str, str], list[str]] = {}
    for name in scenario.cast:
        member = read_member(judge.state, name)
        if member is not None:
            sight = judge.of(member)
            by_rule.setdefault((sight.level, sight.rule), []).append(name)
    rules = sorted(by_rule.items(), key=lambda item: item[0][0] != "value")
    return tuple(Seen(level, tuple(names), _sentence(scenario, rule)) for (level, rule), names in rules)


def _sentence(scenario: Scenario, name: str) -> Words:
    rule = scenario.contract.read_rules.get(name) or RULES[name]
    return Words(rule.en, rule.zh)
