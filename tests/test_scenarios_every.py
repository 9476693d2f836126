"""What every scenario owes, whatever its trade: told on a bare chain."""

import re
from collections.abc import Iterator
from typing import get_args
from xml.etree import ElementTree

import pytest

from ledger.contract.contract import Contract
from ledger.contract.description import sentence
from ledger.contract.quantities import quantity
from ledger.contract.refusal import Phrase
from ledger.contract.words import COMMON_REFUSALS, words_of
from ledger.governance import Governance
from ledger.membership import Membership
from nodes.foreign.contract import Foreign
from nodes.sample_contract import Asset
from scenarios.catalogue import SCENARIOS
from scenarios.corridor.brought import BroughtRecords
from scenarios.corridor.payment import DealPayments
from scenarios.dates import START_MS
from scenarios.story.story import Act, Inspect, Language, PlayedStory, Scenario
from scenarios.story.tell import reasons
from scenarios.workshop.tender import Tendering
from tests.scenario_stage import played_on_a_chain

CHINESE = re.compile(r"[\u4e00-\u9fff]")
AFTERNOON_MS = START_MS + 54_321_000
OURS = (
    *(scenario.contract for scenario in SCENARIOS.values()),
    *(Asset, Tendering, Membership, Governance, Foreign, BroughtRecords, DealPayments),
)
OF_SEVERAL_LEDGERS = {"shipping": ("lock_bill", "hand_over", "give_back")}
"""Operations that need another ledger: the corridor's story shows them."""
REFUSED_MIN = 12
"""Kinds of fraud that each story must show refused."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_invariants_hold(name: str) -> None:
    findings = SCENARIOS[name].findings(played_on_a_chain(name))
    assert len(findings) >= 8
    assert [(finding.code, finding.faults) for finding in findings if finding.faults] == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_frauds_are_refused(name: str) -> None:
    played = played_on_a_chain(name).steps
    refused = {outcome.code for one in played for outcome in one.outcomes if outcome.outcome != "committed"}
    found = {one.step.finds for one in played if isinstance(one.step, Inspect)} - {""}
    assert len(refused | found) >= REFUSED_MIN


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_sentence_of_a_refusal_shows_a_raw_number_of_milliseconds_cents_or_watt_hours(name: str) -> None:
    """As a node says it over HTTP, to the page and to `show`, and as the report does."""
    scenario, seen = SCENARIOS[name], 0
    for one in played_on_a_chain(name).steps:
        for outcome in one.outcomes:
            numbers = [value for value in outcome.details.values() if type(value) is int and abs(value) >= 10_000]
            for language in get_args(Language):
                played = (
                    sentence(words_of(scenario.contract), outcome.code, outcome.details, language),
                    *reasons(scenario, one, language),
                )
                assert not [number for number in numbers if any(str(number) in words for words in played)], played
            seen += bool(numbers)
    assert seen or name == "government", "only government writes its dates into details as text"
    for code, refusal in words_of(scenario.contract).refusals.items():
        for language in get_args(Language):
            said = sentence(words_of(scenario.contract), code, dict.fromkeys(refusal.details, AFTERNOON_MS), language)
            for detail in refusal.details:
                if detail.endswith(("_ms", "_cents", "_wh")):
                    assert quantity(detail, AFTERNOON_MS) in said


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_operation_is_seen_to_work(name: str) -> None:
    played = played_on_a_chain(name).steps
    done = {
        call.operation.name
        for one in played
        if isinstance(one.step, Act)
        for call, outcome in zip(one.step.calls, one.outcomes, strict=True)
        if outcome.outcome == "committed"
    }
    assert set(SCENARIOS[name].contract.operations) - done == set(OF_SEVERAL_LEDGERS.get(name, ()))


@pytest.mark.parametrize("name", SCENARIOS)
def test_english_and_chinese_are_complete(name: str) -> None:
    found = list(_words(SCENARIOS[name], played_on_a_chain(name)))
    assert len(found) > 150
    for words in found:
        assert words.en.strip(), words
        assert words.zh.strip(), words
        assert not CHINESE.search(_without_names(words.en)), words.en
    untranslated = [words.zh for words in found if not CHINESE.search(words.zh) and words.en != words.zh]
    assert untranslated == []


@pytest.mark.parametrize("contract", OURS)
def test_a_contract_that_comes_with_tallystick_leaves_out_no_chinese_word(contract: type[Contract]) -> None:
    """One of one's own may: then the English words are shown."""
    words = words_of(contract)
    for said in (words.refusals, words.sources, words.read_rules, words.terms):
        assert [key for key, phrase in said.items() if phrase.en == phrase.zh and re.search("[a-z]{3}", phrase.en)] == []
    schemas = [operation.arguments.model_json_schema() for operation in contract.operations.values()]
    models = [model for schema in schemas for model in (schema, *schema.get("$defs", {}).values())]
    taken = {name for model in models for name in model.get("properties", {}) if "sealed" not in model["properties"]}
    assert set(words.zh.names) == taken
    assert set(words.zh.operations) == set(contract.operations)
    told = [words.zh.contract, *words.zh.operations.values()]
    assert [text for text in told if not all(CHINESE.search(part) for part in text.split("：", 1)) or "：" not in text] == []
    assert [name for name in words.zh.names.values() if not CHINESE.search(name)] == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_exhibits_are_well_formed_and_differ_by_language(name: str) -> None:
    for exhibit in SCENARIOS[name].exhibits(played_on_a_chain(name)):
        assert all(words.en != words.zh for words in (exhibit.title, exhibit.reading, exhibit.markup)), exhibit.title.en
        for markup in (exhibit.markup.en, exhibit.markup.zh):
            assert ElementTree.fromstring(markup).tag in ("{http://www.w3.org/2000/svg}svg", "table"), exhibit.title.en


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_source_belongs_to_a_refusal(name: str) -> None:
    scenario = SCENARIOS[name]
    found = {step.finds for chapter in scenario.story().chapters for step in chapter.steps if isinstance(step, Inspect)}
    assert set(scenario.sources) - set(words_of(scenario.contract).refusals) - set(COMMON_REFUSALS) - found == set()


@pytest.mark.parametrize("name", SCENARIOS)
def test_everybody_who_acts_has_a_name(name: str) -> None:
    scenario = SCENARIOS[name]
    members = {member for member, roles in scenario.specification().members() if not {"validator", "node"} & set(roles)}
    assert members <= set(scenario.cast)


def test_all_begin_on_one_day() -> None:
    assert {scenario.specification().start_time_ms for scenario in SCENARIOS.values()} == {START_MS}


def _words(scenario: Scenario, played_story: PlayedStory) -> Iterator[Phrase]:
    yield from (scenario.title, scenario.summary, *scenario.cast.values(), *scenario.sources.values())
    for chapter in scenario.story().chapters:
        yield chapter.title
        yield from (step.words for step in chapter.steps)
    yield from (finding.words for finding in scenario.findings(played_story))
    yield from (Phrase(refusal.en, refusal.zh) for refusal in words_of(scenario.contract).refusals.values())
    yield from (Phrase(rule.en, rule.zh) for rule in words_of(scenario.contract).read_rules.values())
    for exhibit in scenario.exhibits(played_story):
        yield from (exhibit.title, exhibit.reading, exhibit.markup)


def _without_names(text: str) -> str:
    return text.replace("银发〔2025〕77号", "")
