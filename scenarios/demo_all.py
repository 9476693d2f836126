"""Plays every scenario on one network, day by day, and writes a report a trade: live, or in the simulator."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from nodes.network.local import LocalNetwork
from scenarios.demo import LIVE, STARTING, Settings, conclude, simulated
from scenarios.report import Origin
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import Player, Stage, TimedStep, Totals, joint_specification, play_together, players_on
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Head, Language, PlayedStory, Scenario, Words
from scenarios.story.tell import date_of

ONE_LEDGER = Words("{} trades on one ledger of {} organizations", "{} 个行业，同一账本，{} 个组织")
COLUMNS = Words(
    "trade|steps|took effect|refused|blocks|seconds", "行业|步骤|已写入账本|被拒尝试|区块|秒"
)  # fmt: skip
COUNTED = Words(
    "Refused: attempts, as each report counts them. Blocks: those that hold a transaction of the trade, perhaps another's too.",
    "被拒尝试按各报告的口径统计；区块指含该行业交易的区块，同一区块可含多个行业的交易。",
)
REPORT = Words("Report: {}", "报告：{}")
REFUSED = Words("{} refused", "拒绝 {}")


@dataclass(slots=True)
class Tally:
    """What one trade did on the common ledger."""

    scenario: Scenario
    totals: Totals = field(default_factory=Totals)
    duration_s: float = 0.0
    report: Path = Path()

    def add(self, moment: TimedStep) -> None:
        """Counts one step."""
        self.totals.add(moment.played)
        self.duration_s += moment.duration_s


def play_all_live(scenarios: Sequence[Scenario], language: Language, report: Path, console: Console) -> tuple[Tally, ...]:
    """Starts one lab network for all, plays, writes `report-NAME.html` beside `report`, stops."""
    console.print(STARTING.said(language), style="dim")
    with tempfile.TemporaryDirectory(prefix="tallystick-") as temporary:
        network = LocalNetwork.create(Path(temporary) / "network", joint_specification(scenarios))
        with network, LiveStage(network) as stage:
            return _play(stage, scenarios, language, report, console, LIVE)


def play_all_simulated(
    scenarios: Sequence[Scenario], seed: int, language: Language, report: Path, console: Console
) -> tuple[tuple[Tally, ...], Head]:
    """The same on simulated nodes: same seed, same blocks."""
    stage = SimulatedStage(joint_specification(scenarios), seed)
    return _play(stage, scenarios, language, report, console, simulated("all", seed)), stage.head()


def show_tallies(tallies: Sequence[Tally], language: Language, console: Console) -> None:
    """The trades side by side, with what each put on the ledger."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(COLUMNS.said(language).split("|")):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for tally in tallies:
        totals = tally.totals
        numbers = (totals.steps, totals.committed, totals.refused, len(totals.heights))
        title = tally.scenario.title.said(language)
        table.add_row(title, *(f"{number:,}" for number in numbers), f"{tally.duration_s:.1f}")
    console.print()
    console.print(table)
    console.print(COUNTED.said(language), style="dim")
    for tally in tallies:
        console.print(REPORT.said(language).format(tally.report.resolve()), soft_wrap=True)


def _play(
    stage: Stage, scenarios: Sequence[Scenario], language: Language, report: Path, console: Console, origin: Origin
) -> tuple[Tally, ...]:
    organizations = len(joint_specification(scenarios).organizations)
    console.print(ONE_LEDGER.said(language).format(len(scenarios), organizations), style="bold")
    players = players_on(stage, scenarios)
    tallies = {
        scenario.name: Tally(scenario, report=report.with_name(f"{report.stem}-{scenario.name}{report.suffix}"))
        for scenario in scenarios
    }
    with _progress(console) as progress:
        bars = {name: _bar(progress, player, language) for name, player in players.items()}
        for moment in play_together(players):
            name = moment.scenario.name
            tally = tallies[name]
            tally.add(moment)
            progress.update(
                bars[name], advance=1, date=date_of(moment.played), refused=REFUSED.said(language).format(tally.totals.refused),
                seconds=f"{tally.duration_s:.1f} s",
            )  # fmt: skip
            if moment.is_last:
                _conclude(players[name], tally, language, console, origin)
    return tuple(tallies.values())


def _conclude(player: Player, tally: Tally, language: Language, console: Console, origin: Origin) -> None:
    """A trade's report is written when its own story has ended; the others go on."""
    played_story: PlayedStory = player.played_story()
    settings = Settings(player.scenario, language, tally.report, console)
    conclude(settings, played_story, player.scenario.findings(played_story), origin)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.fields[date]}"),
        TextColumn("{task.fields[refused]}", style="red"), TextColumn("{task.fields[seconds]}", style="dim"),
        console=console,
    )  # fmt: skip


def _bar(progress: Progress, player: Player, language: Language) -> TaskID:
    steps = sum(len(chapter.steps) for chapter in player.scenario.story().chapters)
    return progress.add_task(player.scenario.title.said(language), total=steps, date="", refused="", seconds="")
