"""Plays a scenario and writes its report: on four live nodes that are started for it, or in the simulator."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from nodes.network.directory import FIRST_PORT
from nodes.network.local import LocalNetwork
from nodes.network.runner import MODULE, start_in_background, stop_network
from scenarios.report import Origin, render
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import Stage, play, verify_findings
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Finding, Language, PlayedStep, PlayedStory, Scenario, Words
from scenarios.story.tell import StoryTeller

Pause = Callable[[], None]
LIVE = Origin(Words("four nodes on one machine, over HTTP", "单机四节点，通过 HTTP"))
SIMULATED = Words("four simulated nodes, seed {}", "四个模拟节点，种子 {}")
STARTING = Words("Starting four nodes …", "正在启动四个节点……")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scenario is told and where its report goes."""

    scenario: Scenario
    language: Language
    report: Path
    console: Console
    pause: Pause | None = None
    """Called before each step, None to play on."""


def play_live(settings: Settings, keep_in: Path | None) -> tuple[LocalNetwork | None, StoryTeller]:
    """Starts a lab network, plays, writes the report, stops; with `keep_in` its nodes go on, the network is given as well."""
    settings.console.print(STARTING.said(settings.language), style="dim")
    with ExitStack() as ends:
        directory = keep_in or Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="tallystick-"))) / "network"
        first_port = FIRST_PORT if keep_in else None  # demos side by side do not reach for the same ports
        network = LocalNetwork.create(directory, settings.scenario.specification(), first_port=first_port)
        on_failure = ends.enter_context(ExitStack())
        if keep_in is None:
            ends.enter_context(network)
        else:
            start_in_background(directory, MODULE)
            on_failure.callback(stop_network, directory)
        teller, _ = _perform(settings, ends.enter_context(LiveStage(network)), LIVE)
        on_failure.pop_all()
    return None if keep_in is None else network, teller


def play_simulated(settings: Settings, seed: int) -> tuple[SimulatedStage, StoryTeller, PlayedStory]:
    """Plays in the simulator and writes the report: same seed, same blocks."""
    stage = SimulatedStage(settings.scenario.specification(), seed)
    return stage, *_perform(settings, stage, simulated(settings.scenario.name, seed))


def simulated(scenario: str, seed: int) -> Origin:
    """Where a simulated story was played, and how to see it again."""
    words = Words(SIMULATED.en.format(seed), SIMULATED.zh.format(seed))
    return Origin(words, f"tallystick simulate --scenario {scenario} --seed {seed}")


def _perform(settings: Settings, stage: Stage, origin: Origin) -> tuple[StoryTeller, PlayedStory]:
    teller = StoryTeller(settings.console, settings.scenario, settings.language)

    def tell(played: PlayedStep) -> None:
        teller.tell(played)
        if settings.pause is not None:
            settings.pause()

    teller.begin()
    played_story = play(settings.scenario, stage, tell)
    findings = settings.scenario.findings(played_story)
    teller.end(findings, played_story.head.height)
    conclude(settings, played_story, findings, origin)
    return teller, played_story


def conclude(settings: Settings, played_story: PlayedStory, findings: tuple[Finding, ...], origin: Origin) -> None:
    """Writes the report, which shows a broken invariant too, and its ledger beside it; then raises VerificationError."""
    ledger = settings.report.with_suffix(".jsonl")
    text = render(settings.scenario, played_story, findings, settings.language, replace(origin, export=ledger.name))
    settings.report.parent.mkdir(parents=True, exist_ok=True)
    settings.report.write_text(text, encoding="utf-8")
    ledger.write_bytes(b"".join(line + b"\n" for line in played_story.export))
    verify_findings(findings)
