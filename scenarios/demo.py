"""Plays a scenario and writes its report: on four live nodes that are started for it, or in the simulator."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from nodes.local_network import LocalNetwork
from nodes.network_directory import FIRST_PORT
from nodes.network_process import MODULE, start_in_background, stop_network
from scenarios.live_stage import LiveStage
from scenarios.player import play, verify_findings
from scenarios.report import render
from scenarios.simulated_stage import SimulatedStage
from scenarios.stage import Stage
from scenarios.story import Finding, Language, Performance, Scenario, Told, Words
from scenarios.telling import Telling

Pause = Callable[[], None]
LIVE = Words("four nodes on one machine, over HTTP", "单机四节点，通过 HTTP")
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


def play_live(settings: Settings, keep_in: Path | None) -> LocalNetwork | None:
    """Starts a lab network, plays, writes the report, stops; with `keep_in` its nodes go on and its directory stays."""
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
        _perform(settings, ends.enter_context(LiveStage(network)), LIVE)
        on_failure.pop_all()
    return None if keep_in is None else network


def play_simulated(settings: Settings, seed: int) -> tuple[SimulatedStage, Performance]:
    """Plays in the simulator and writes the report: same seed, same blocks."""
    played_on = Words(SIMULATED.en.format(seed), SIMULATED.zh.format(seed))
    stage = SimulatedStage(settings.scenario.specification(), seed, keep_log=True)
    return stage, _perform(settings, stage, played_on)


def _perform(settings: Settings, stage: Stage, played_on: Words) -> Performance:
    telling = Telling(settings.console, settings.scenario, settings.language)

    def tell(told: Told) -> None:
        telling.tell(told)
        if settings.pause is not None:
            settings.pause()

    telling.begin()
    performance = play(settings.scenario, stage, tell)
    findings = settings.scenario.findings(performance)
    telling.end(findings)
    conclude(settings, performance, findings, played_on)
    return performance


def conclude(settings: Settings, performance: Performance, findings: tuple[Finding, ...], played_on: Words) -> None:
    """Writes the report, which shows a broken invariant too; then raises VerificationError for it."""
    text = render(settings.scenario, performance, findings, settings.language, played_on)
    settings.report.parent.mkdir(parents=True, exist_ok=True)
    settings.report.write_text(text, encoding="utf-8")
    verify_findings(findings)
