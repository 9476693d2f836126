"""The honest column: each refusal has its answer by who signed it, and the keeper's own attacks fail on the ledger of the run."""

from collections import Counter
from dataclasses import replace

import pytest

from ledger.contract.refusal import Phrase
from nodes.sample_contract import Asset
from scenarios.catalogue import SCENARIOS
from scenarios.running.first_story import FIRST_STORY, GARDEN, HOUSE, MERCHANT
from scenarios.story import honest_column
from scenarios.story.honest_column import answer_of, attempts_of, kind_of, trials_of, verdict_of
from scenarios.story.play import play, totals_of
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Act, Call, Ending, Inspect, Outcome, PlayedStep, PlayedStory
from scenarios.story.tell import is_refused
from tests.scenario_stage import played_on_a_chain

REFUSED = Ending("rejected", "not-holder")
OUTCOME = Outcome("rejected", "not-holder", {})
WORDS = Phrase("Somebody tries.", "有人尝试。")


@pytest.fixture(scope="module")
def played_story() -> PlayedStory:
    return play(FIRST_STORY, SimulatedStage(FIRST_STORY.specification(), 1))


def attempt(*signers: str, forger: str = "") -> PlayedStep:
    call = Call(Asset.transfer, {}, signers=signers, forger=forger)
    return PlayedStep(0, 1, Act((MERCHANT,), (call,), REFUSED, WORDS), 0, (OUTCOME,), ({},))


@pytest.mark.parametrize(
    ("played", "kind"),
    [
        (attempt(), "outsider"),
        (attempt(HOUSE), "operator"),
        (attempt(GARDEN, HOUSE), "operator"),
        (attempt(GARDEN, forger=HOUSE), "operator"),
        (attempt(HOUSE, forger=GARDEN), "outsider"),
        (PlayedStep(0, 1, Inspect(HOUSE, lambda files, state: "", "wrong-opening", WORDS), 0), "outsider"),
    ],
    ids=["actor of the step", "the operator", "it signs too", "its key", "in its name", "found by it"],
)
def test_the_kind_of_an_attempt_follows_from_who_made_it(played: PlayedStep, kind: str) -> None:
    (who,) = attempts_of(played)
    assert kind_of(FIRST_STORY, who) == kind
    assert answer_of(FIRST_STORY, played, "en").startswith("no" if kind == "operator" else "yes")


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_refusal_of_every_story_has_an_answer(name: str) -> None:
    scenario, played_story = SCENARIOS[name], played_on_a_chain(name)
    column = honest_column.honest_column(scenario, played_story)
    assert column.refused == totals_of(played_story.steps).refused
    assert column.attempts["outsider"] > column.attempts["operator"] > 0
    assert column.stopped == column.attempts
    for language in ("en", "zh"):
        assert all(bool(answer_of(scenario, one, language)) == is_refused(one) for one in played_story.steps)
        assert f"{column.database_too}" in verdict_of(scenario, column, language)


def test_who_keeps_the_ledger_of_a_run_cannot_edit_deny_or_show_another(played_story: PlayedStory) -> None:
    trials = tuple(trials_of(FIRST_STORY, played_story.export))
    assert Counter(trial.kind for trial in trials) == {"history": 1, "denied": 1, "versions": 1}
    assert {trial.broken for trial in trials} == {"7, record"}
    column = honest_column.honest_column(FIRST_STORY, played_story)
    assert column.stopped == column.attempts
    assert "3 tried on this run's ledger, the audit finds 3" in verdict_of(FIRST_STORY, column, "en")


def test_an_attack_that_no_audit_finds_is_not_counted_as_stopped(
    played_story: PlayedStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(honest_column, "ATTACKS", {"history": lambda line, place: None})
    column = honest_column.honest_column(FIRST_STORY, played_story)
    assert (column.attempts["history"], column.stopped["history"]) == (1, 0)


def test_a_scenario_names_an_operator_of_its_cast() -> None:
    with pytest.raises(AssertionError, match="nobody is not of the cast"):
        replace(FIRST_STORY, operator="nobody")


def test_where_no_other_party_was_refused_anything_no_sentence_names_them() -> None:
    column = honest_column.HonestColumn(Counter(), Counter(), Counter({FIRST_STORY.operator: 2}), ())
    assert honest_column.others_of(FIRST_STORY, column, "en") == ""
