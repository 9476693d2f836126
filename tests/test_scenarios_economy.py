"""One day in one economy: who relied on whom is read from the ledger, and the day ends as it is told."""

from dataclasses import replace
from functools import cache
from html import unescape

import pytest

from ledger.contract.refusal import Phrase
from scenarios.catalogue import SCENARIOS
from scenarios.economy.exhibits import CONTRACTS as CONTRACTS_OF_ALL
from scenarios.economy.reliance import CrossRead, cross_reads, reliance
from scenarios.economy.scenario import ECONOMY
from scenarios.identifiers import organization_of
from scenarios.report import render
from scenarios.story.play import play, totals_of
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Language, PlayedStory
from tests.support import ALICE
from tests.test_ledger_reads import CONTRACTS, lent

LENDER = (organization_of(ALICE),)
LICENCE, MISSING = ("licences", "licences", "L-1"), ("licences", "licences", "L-2")


def test_a_look_is_counted_with_who_read_who_had_written_and_what_came_of_it() -> None:
    reads = tuple(cross_reads(CONTRACTS, lent().view.export()))
    assert reads == (
        CrossRead("loans.lend", LICENCE, True, "ok", LENDER, LENDER),
        CrossRead("loans.lend", MISSING, False, "ok", LENDER, ()),
        CrossRead("loans.lend", LICENCE, True, "withdrawn", LENDER, LENDER),
    )
    assert reliance(reads) == {}, "nobody relies on itself"
    assert reliance(replace(read, readers=("west", "south")) for read in reads) == {("west", *LENDER): 2, ("south", *LENDER): 2}


@cache
def played_story() -> PlayedStory:
    return play(ECONOMY, SimulatedStage(ECONOMY.specification(), 1))


def test_the_day_ends_as_told_and_its_invariants_hold() -> None:
    findings = ECONOMY.findings(played_story())
    assert findings
    assert [(finding.code, finding.faults) for finding in findings if finding.faults] == []


def test_trades_rely_on_each_other() -> None:
    reads = tuple(cross_reads(CONTRACTS_OF_ALL, played_story().export))
    assert {read.place[0] for read in reads} == {"government", "shipping", "energy"}
    assert {read.operation.partition(".")[0] for read in reads} == {"supply-chain-finance", "shipping"}
    assert len({read.code for read in reads}) > 4, "some of them were why something was refused"
    assert {"market-bureau", "jianglan", "heyan"} <= {writer for _, writer in reliance(reads)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_report_says_who_relied_on_whom(language: Language) -> None:
    played = played_story()
    page = unescape(render(ECONOMY, played, ECONOMY.findings(played), language, Phrase("a test", "测试")))
    assert all(figure.name.said(language) in page for figure in ECONOMY.key_figures(played))
    assert all(exhibit.title.said(language) in page for exhibit in ECONOMY.exhibits(played))
    count = f"{totals_of(played.steps).transactions:,}"
    again = {"en": f"of the {count} transactions of the whole ledger {count} are", "zh": f"{count} 笔交易中，本合约的 {count} 笔"}
    assert again[language] in page, "every transaction was run again, whatever its contract"


def test_one_ledger_carries_all_trades_and_everybody_has_a_name() -> None:
    specification = ECONOMY.specification()
    members = {member for member, roles in specification.members() if not {"validator", "node"} & set(roles)}
    assert members <= set(ECONOMY.cast)
    assert {name for name, _ in specification.contracts} == set(SCENARIOS)
    own = [set(scenario.specification().validators) for scenario in SCENARIOS.values()]
    assert [len(own_validators & set(specification.validators)) for own_validators in own] == [1, 1, 1, 1]
