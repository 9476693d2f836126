"""One container on four ledgers: the story ends as it is told, and what crossed is kept with it."""

import io
from functools import cache

import pytest
from rich.console import Console

from ledger.errors import VerificationError
from scenarios.corridor.cast import LEDGERS, governors, specification
from scenarios.corridor.scenario import CORRIDOR
from scenarios.corridor.stage import PlayedCorridor, simulated
from scenarios.identifiers import organization_of
from scenarios.story.play import Player
from scenarios.story.story import Act, Language
from scenarios.story.tell import StoryTeller
from tests.support import refusal


@cache
def played() -> PlayedCorridor:
    stage = simulated(1)
    player = Player(CORRIDOR, stage)
    assert len([*player.steps()]) == len(player.played)
    return stage.played(player.played_story())


def test_the_story_ends_as_it_is_told_and_its_invariants_hold() -> None:
    assert [(finding.code, finding.faults) for finding in CORRIDOR.findings(played()) if finding.faults] == []
    assert {call.ledger for step in played().steps if isinstance(step.step, Act) for call in step.step.calls} == set(LEDGERS)


def test_what_crossed_is_kept_with_the_transaction_that_used_it() -> None:
    transactions = {outcome.transaction for step in played().steps for outcome in step.outcomes}
    assert played().crossings
    for crossing in played().crossings:
        assert crossing.outcome is not None
        assert crossing.outcome.transaction in transactions
        assert crossing.bytes_sent > 0
        known = [one for one in played().carried if (one.source, one.target) == (crossing.source, crossing.target)]
        assert max(one.heights[-1] for one in known) >= crossing.height


def test_a_header_is_carried_once_and_by_nobody_of_the_story() -> None:
    brought = [(one.source, one.target, height) for one in played().carried for height in one.heights]
    assert len(brought) == len(set(brought))
    transactions = {outcome.transaction for step in played().steps for outcome in step.outcomes}
    assert not transactions & {one.outcome.transaction for one in played().carried}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_step_is_told_with_its_ledger(language: Language) -> None:
    out = io.StringIO()
    teller = StoryTeller(Console(file=out, width=200, color_system=None), CORRIDOR, language)
    step = next(one for one in played().steps if isinstance(one.step, Act) and one.step.calls[0].operation.name == "execute")
    teller.tell(step)
    told = next(line for line in out.getvalue().splitlines() if step.step.words.said(language) in line)
    assert CORRIDOR.ledgers["finance"].said(language) in told


def test_a_ledger_that_was_not_admitted_keeps_the_story_from_going_on() -> None:
    stage = simulated(1)
    stage.set_clock(stage.start_ms + 1)
    error = refusal(VerificationError, lambda: stage.cross("finance", "shipping", "shipping.crossing_locks", "D-1"))
    assert (error.code, "unknown-ledger" in error.message) == ("not-as-told", True)


@pytest.mark.parametrize("ledger", LEDGERS)
def test_each_ledger_has_validators_of_its_own_and_is_governed_by_a_majority(ledger: str) -> None:
    own = specification(ledger)
    others = {member for name in LEDGERS if name != ledger for member in specification(name).validators}
    assert len(own.validators) == 4
    assert not others & set(own.validators)
    assert 2 * len({organization_of(member) for member in governors(ledger)}) > len(own.organizations)
    assert {member for member, roles in own.members() if "validator" not in roles} <= set(CORRIDOR.cast)
