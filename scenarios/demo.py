"""Plays a scenario, or all on one network, and writes a report of each: on live nodes started for it, or in the simulator."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ledger.contract.refusal import Phrase
from nodes.network.directory import FIRST_PORT
from nodes.network.local import LocalNetwork
from nodes.network.runner import MODULE, start_in_background, stop_network
from nodes.network.specification import NetworkSpecification
from nodes.words import Words
from scenarios.report import Origin, render
from scenarios.story.honest_column import attempts_of, kind_of
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import Stage, TimedStep, Totals, joint_specification, play, play_together, players_on, verify_findings
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Finding, Head, Language, PlayedStep, PlayedStory, Scenario
from scenarios.story.tell import StoryTeller, date_of

TEXTS = Words.of("scenarios")["demo"]
LIVE = Origin(TEXTS["live"])


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scenario is told and where its report goes; of several scenarios each has a file beside that, by its name."""

    language: Language
    report: Path
    console: Console
    pause: Callable[[], None] | None = None
    """Called after each step, None to play on."""


def play_live(scenario: Scenario, settings: Settings, keep_in: Path | None) -> tuple[LocalNetwork | None, StoryTeller]:
    """Starts a lab network, plays, writes the report, stops; with `keep_in` its nodes go on, the network is given as well."""
    with live_stage(scenario.specification(), settings, keep_in) as (network, stage):
        teller, _ = _perform(scenario, settings, stage, LIVE)
    return None if keep_in is None else network, teller


def play_simulated(scenario: Scenario, settings: Settings, seed: int) -> tuple[SimulatedStage, StoryTeller, PlayedStory]:
    """Plays in the simulator and writes the report: same seed, same blocks."""
    stage = SimulatedStage(scenario.specification(), seed)
    return stage, *_perform(scenario, settings, stage, simulated(scenario.name, seed))


def play_all_live(scenarios: Sequence[Scenario], settings: Settings) -> tuple["Tally", ...]:
    """Plays all on one lab network, day by day, and writes `report-NAME.html` for each beside the report of the settings."""
    with live_stage(joint_specification(scenarios), settings, None) as (_, stage):
        return _perform_all(stage, scenarios, settings, LIVE)


def play_all_simulated(scenarios: Sequence[Scenario], settings: Settings, seed: int) -> tuple[tuple["Tally", ...], Head]:
    """The same on simulated nodes: same seed, same blocks."""
    stage = SimulatedStage(joint_specification(scenarios), seed)
    return _perform_all(stage, scenarios, settings, simulated("all", seed)), stage.head()


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


def _perform(scenario: Scenario, settings: Settings, stage: Stage, origin: Origin) -> tuple[StoryTeller, PlayedStory]:
    teller = StoryTeller(settings.console, scenario, settings.language)

    def tell(played: PlayedStep) -> None:
        teller.tell(played)
        if settings.pause is not None:
            settings.pause()

    teller.begin()
    played_story = play(scenario, stage, tell)
    findings = scenario.findings(played_story)
    teller.end(findings, played_story)
    conclude(scenario, settings, played_story, findings, origin)
    return teller, played_story


def conclude(
    scenario: Scenario, settings: Settings, played_story: PlayedStory, findings: tuple[Finding, ...], origin: Origin
) -> None:
    """Writes the report, which shows a broken invariant too, and its ledger beside it; then raises VerificationError."""
    ledger = settings.report.with_suffix(".jsonl")
    text = render(scenario, played_story, findings, settings.language, replace(origin, export=ledger.name))
    settings.report.parent.mkdir(parents=True, exist_ok=True)
    settings.report.write_text(text, encoding="utf-8")
    ledger.write_bytes(b"".join(line + b"\n" for line in played_story.export))
    verify_findings(findings)


# Several scenarios on one ledger


@dataclass(slots=True)
class Tally:
    """What one trade did on the common ledger."""

    scenario: Scenario
    settings: Settings
    totals: Totals = field(default_factory=Totals)
    duration_s: float = 0.0
    database_too: int = 0
    """Refused attempts that a shared database, run by the trade's operator, would have stopped as well."""

    def add(self, step: TimedStep) -> None:
        """Counts one step."""
        self.totals.add(step.played)
        self.database_too += [kind_of(self.scenario, who) for who in attempts_of(step.played)].count("outsider")
        self.duration_s += step.duration_s


def show_tallies(tallies: Sequence[Tally], language: Language, console: Console) -> None:
    """The trades side by side, with what each put on the ledger."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(TEXTS["columns"].said(language).split("|")):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for tally in tallies:
        totals = tally.totals
        numbers = (totals.steps, totals.committed, totals.refused, tally.database_too, len(totals.heights))
        title = tally.scenario.title.said(language)
        table.add_row(title, *(f"{number:,}" for number in numbers), f"{tally.duration_s:.1f}")
    console.print()
    console.print(table)
    console.print(TEXTS["counted"].said(language), style="dim")
    for tally in tallies:
        console.print(TEXTS["report"].text(language, report=tally.settings.report.resolve()), soft_wrap=True)


def _perform_all(stage: Stage, scenarios: Sequence[Scenario], settings: Settings, origin: Origin) -> tuple[Tally, ...]:
    language, console, report = settings.language, settings.console, settings.report
    organizations = len(joint_specification(scenarios).organizations)
    console.print(TEXTS["one-ledger"].text(language, trades=len(scenarios), organizations=organizations), style="bold")
    players = players_on(stage, scenarios)
    tallies = {
        one.name: Tally(one, replace(settings, report=report.with_name(f"{report.stem}-{one.name}{report.suffix}")))
        for one in scenarios
    }
    with _progress(console) as progress:
        bars = {
            one.name: progress.add_task(
                one.title.said(language), total=sum(len(chapter.steps) for chapter in one.story().chapters),
                date="", refused="", seconds="",
            )
            for one in scenarios
        }  # fmt: skip
        for step in play_together(players):
            tally = tallies[step.scenario.name]
            tally.add(step)
            progress.update(
                bars[step.scenario.name], advance=1, date=date_of(step.played), seconds=f"{tally.duration_s:.1f} s",
                refused=TEXTS["refused"].text(language, count=tally.totals.refused),
            )  # fmt: skip
            if step.is_last:  # the others go on
                played_story = players[step.scenario.name].played_story()
                conclude(step.scenario, tally.settings, played_story, step.scenario.findings(played_story), origin)
    return tuple(tallies.values())


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.fields[date]}"),
        TextColumn("{task.fields[refused]}", style="red"), TextColumn("{task.fields[seconds]}", style="dim"),
        console=console,
    )  # fmt: skip
