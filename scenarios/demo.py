"""Plays a scenario and writes its report: on live nodes started for it, or in the simulator."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ledger.contract.refusal import Phrase
from nodes.network.directory import FIRST_PORT
from nodes.network.local import LocalNetwork
from nodes.network.runner import MODULE, start_in_background, stop_network
from nodes.network.specification import NetworkSpecification
from nodes.words import Words
from scenarios.importing.faults import inert
from scenarios.report import Origin, render
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import Stage, play, steps_of, verify_findings
from scenarios.story.short_teller import TEXTS as PROGRESS
from scenarios.story.short_teller import ShortTeller
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Finding, Language, PlayedStep, PlayedStory, Scenario
from scenarios.story.tell import StoryTeller

TEXTS = Words.of("scenarios")["demo"]
LIVE = Origin(TEXTS["live"])
WORDS_SHOWN = 60
"""Of the step that was played last, in the line of progress."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scenario is told and where its report goes."""

    language: Language
    report: Path
    console: Console
    pause: Callable[[], None] | None = None
    """Called after each step that is told, None to play on."""
    full: bool = False
    """Whether every step is told."""


Teller = StoryTeller | ShortTeller


def teller_of(scenario: Scenario, settings: Settings) -> Teller:
    """Who tells: shortly, unless every step is asked for or the scenario has no short telling."""
    if settings.full or scenario.short is None:
        return StoryTeller(settings.console, scenario, settings.language)
    return ShortTeller(settings.console, scenario, settings.language, scenario.short())


def play_live(scenario: Scenario, settings: Settings, keep_in: Path | None) -> tuple[LocalNetwork | None, Teller]:
    """Starts a lab network, plays, writes the report, stops; with `keep_in` its nodes go on, the network is given as well."""
    with live_stage(scenario.specification(), settings, keep_in) as (network, stage):
        teller, _ = perform(scenario, settings, stage, partial(conclude, scenario, settings, LIVE))
    return None if keep_in is None else network, teller


def play_simulated(scenario: Scenario, settings: Settings, seed: int) -> tuple[SimulatedStage, Teller, PlayedStory]:
    """Plays in the simulator and writes the report: same seed, same blocks."""
    stage, origin = SimulatedStage(scenario.specification(), seed), simulated(scenario.name, seed)
    return stage, *perform(scenario, settings, stage, partial(conclude, scenario, settings, origin))


def simulated(scenario: str, seed: int) -> Origin:
    """Where a simulated story was played, and how to see it again."""
    words = Phrase(*(TEXTS["simulated"].both(seed=seed).values()))
    return Origin(words, f"tallystick simulate --scenario {scenario} --seed {seed}")


@contextmanager
def live_stage(
    specification: NetworkSpecification, settings: Settings, keep_in: Path | None
) -> Iterator[tuple[LocalNetwork, LiveStage]]:
    """A lab network while something is played on it; with `keep_in` it goes on there, unless that fails."""
    settings.console.print(TEXTS["starting"].text(settings.language), style="dim")
    with ExitStack() as ends:
        directory = keep_in or Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="tallystick-"))) / "network"
        first_port = FIRST_PORT if keep_in else None  # demos side by side do not reach for the same ports
        network = LocalNetwork.create(directory, specification, first_port=first_port, is_started_here=keep_in is None)
        on_failure = ends.enter_context(ExitStack())
        if keep_in is None:
            ends.enter_context(network)
        else:
            start_in_background(directory, MODULE)
            on_failure.callback(stop_network, directory)
        yield network, ends.enter_context(LiveStage(network))
        on_failure.pop_all()


def perform(
    scenario: Scenario,
    settings: Settings,
    stage: Stage,
    conclude: Callable[[PlayedStory, tuple[Finding, ...]], None],
    whole: Callable[[PlayedStory], PlayedStory] = lambda played: played,
) -> tuple[Teller, PlayedStory]:
    """Plays, tells and judges, then leaves it to `conclude` to write the report. `whole` adds what else was left behind."""
    teller = teller_of(scenario, settings)
    steps = len(steps_of(scenario))
    teller.begin()
    with settings.console.status("") as status:  # on a terminal only

        def tell(played: PlayedStep) -> None:
            teller.tell(played)
            words = inert(played.step.words.said(settings.language), WORDS_SHOWN)
            said = {"step": f"{played.number:,}", "steps": f"{steps:,}", "words": words}
            status.update(Text(PROGRESS["playing"].text(settings.language, **said), overflow="ellipsis", no_wrap=True))
            if settings.pause is not None and teller.is_told(played):
                status.stop()
                settings.pause()
                status.start()

        played_story = whole(play(scenario, stage, tell))
        status.update(PROGRESS["writing"].said(settings.language))
        findings = scenario.findings(played_story)
        teller.end(findings, played_story)
        conclude(played_story, findings)
    return teller, played_story


def conclude(
    scenario: Scenario, settings: Settings, origin: Origin, played_story: PlayedStory, findings: tuple[Finding, ...]
) -> None:
    """Writes the report, which shows a broken invariant too, and its ledger beside it; then raises VerificationError."""
    ledger = settings.report.with_suffix(".jsonl")
    text = render(scenario, played_story, findings, settings.language, replace(origin, export=ledger.name))
    settings.report.parent.mkdir(parents=True, exist_ok=True)
    settings.report.write_text(text, encoding="utf-8")
    ledger.write_bytes(b"".join(line + b"\n" for line in played_story.export))
    verify_findings(findings)
