"""One story, three stages: in the simulator by seed, on live nodes with a killed one, and what they leave is the same.

The stages that take long play it until the banks have paid; with `--long` to its end.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.audit import audit_export, standalone
from ledger.audit.exported import parse_export_head
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue
from nodes.network.local import LocalNetwork
from nodes.simulator.weather import CALM
from scenarios.government.scenario import SCENARIO as GOVERNMENT
from scenarios.story.live_stage import OPENINGS, LiveStage
from scenarios.story.play import Player, play
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import PlayedStory, Scenario, StoryWriter
from scenarios.supply_chain_finance.figures import tier_figures
from scenarios.supply_chain_finance.scenario import CHAPTERS, SCENARIO
from scenarios.supply_chain_finance.story_spring import write_cash
from tests.network_support import wait_for_height
from tests.scenario_stage import played_by_seed, played_on_a_chain

SECRET_FIELDS = ("fingerprint", "sealed", "licence")
"""Fields that differ between performances: they hang on salts and on the registry's secret."""


PAID = CHAPTERS.index(write_cash) + 1
"""Chapters until the banks have paid."""


@pytest.fixture(scope="module")
def simulated() -> PlayedStory:
    return played_by_seed(SCENARIO.name)


@pytest.fixture(scope="module")
def begun(pytestconfig: pytest.Config) -> Scenario:
    """Its beginning."""
    writer = StoryWriter()
    for write in CHAPTERS if pytestconfig.getoption("--long") else CHAPTERS[:PAID]:
        write(writer)
    return replace(SCENARIO, story=writer.story)


@pytest.fixture(scope="module")
def begun_simulated(begun: Scenario) -> PlayedStory:
    return played_by_seed(begun.name, len(begun.story().chapters))


def comparable(played_story: PlayedStory) -> JsonValue:
    """Every record without block times and secrets, and how every step ended."""
    records: JsonValue = {
        collection: [_masked(record.model_dump(mode="json")) for _, record in sorted(rows.items(), key=_place)]
        for collection, rows in played_story.records.items()
    }
    endings: JsonValue = [[outcome.outcome, outcome.code] for played in played_story.steps for outcome in played.outcomes]
    return {"records": records, "endings": endings}


def _place(row: tuple[str, object]) -> str:
    """Keys in order; those that are fingerprints have none, and go by the invoice that they name."""
    key, record = row
    return str(getattr(record, "invoice", key))


def _masked(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {
            name: "…" if name in SECRET_FIELDS or name.endswith("_at_ms") or name == "accept_by_ms" else _masked(member)
            for name, member in value.items()
        }
    return [_masked(member) for member in value] if isinstance(value, list) else value


def test_live_nodes_tell_the_same_story_and_a_killed_one_catches_up(
    begun: Scenario, begun_simulated: PlayedStory, tmp_path: Path, no_process_left: str
) -> None:
    network = LocalNetwork.create(tmp_path / "network", begun.specification())
    victim = network.members[2]
    with network, LiveStage(network) as stage:
        player = Player(begun, stage)
        for played in player.steps():
            if played.number == 30:
                network.kill(victim)
            if played.number == 60:
                network.restart(victim)
        played_story = player.played_story()
        roots = _roots_at(network, played_story.head.height)
    assert set(roots.values()) == {played_story.head.state_root}
    assert [finding.faults for finding in SCENARIO.findings(played_story) if finding.faults] == []
    assert comparable(played_story) == comparable(begun_simulated)
    assert tier_figures(played_story.records) == tier_figures(begun_simulated.records) != ()
    openings = json.loads((tmp_path / "network" / OPENINGS / "yanshan.liu.json").read_text(encoding="utf-8"))
    assert sorted(openings) == ["LL-1", "MH-1", "XY-1", "licence of yanshan.liu"]


def _roots_at(network: LocalNetwork, height: int) -> dict[str, str]:
    """The state root of every node at a height, once it has that block."""
    roots = {}
    for member in network.members:
        with network.client(node=member) as client:
            wait_for_height(client, height)
            roots[member] = client.get(f"/v1/blocks/{height}")["header"]["state_root"]
    return roots


def test_the_whole_story_is_audited_with_its_contract_run_again(simulated: PlayedStory) -> None:
    lines, ledger = list(simulated.export), parse_export_head(simulated.export[0]).ledger
    report = audit_export(lines, ledger, ContractSet({SCENARIO.contract.name: SCENARIO.contract}))
    assert report.broken is None
    assert standalone.verify_export(lines, ledger).broken is None
    assert report.executed_again == report.transactions > 140


def test_a_bare_chain_tells_the_same_story(simulated: PlayedStory) -> None:
    assert comparable(played_on_a_chain(SCENARIO.name)) == comparable(simulated)


def test_a_story_survives_lost_and_doubled_messages(begun: Scenario, begun_simulated: PlayedStory) -> None:
    options = replace(CALM, loss_permille=80, duplication_permille=40)
    stage = SimulatedStage(begun.specification(), 7, options)
    assert comparable(play(begun, stage)) == comparable(begun_simulated)
    assert stage.simulation.counts.loss > 0


def test_a_seed_gives_the_same_blocks_in_every_process(tmp_path: Path) -> None:
    answers = []
    for hash_seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-m", "scenarios.command_line", "simulate", "--scenario", GOVERNMENT.name, "--seed", "3", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(json.loads(run.stdout))
    assert answers[0] == answers[1]
    assert answers[0]["block"] != played_by_seed(GOVERNMENT.name).head.block, "of another seed"
