"""Plays one seed or many, and says what they showed."""

import json
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

import typer

from ledger.errors import OperatorError
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import load_leaf, show_json
from nodes.commands.workers import KILLED, Workers, in_order
from nodes.picture.single_page import write_picture
from nodes.simulator.campaign import Settings
from nodes.simulator.run import RunVerdict
from nodes.simulator.weather import FaultCounts

SEEDS_MAX = 1_000_000
BATCH = 4
"""Seeds that are given away at once."""
FAULTS_DUE = 100
"""From this many seeds on, a fault that never happened fails the campaign."""
KIND_DUE = 10
"""From this many seeds on, or in all of them, a kind of traitor must have acted."""
PROGRESS_SECONDS = 5


def play_one(seed: int, settings: Settings, log: Path | None, html: Path | None, *, as_json: bool) -> None:
    """Plays a seed; writes its log and its picture if asked."""
    run = settings.run(seed, keep_log=True)
    verdict = run.play()
    records = run.simulation.log or []
    if log is not None:
        log.write_bytes(b"\n".join(records) + b"\n")
    if html is not None:
        said = "agreed" if verdict.failure is None else verdict.failure
        traitors = tuple(sorted(run.simulation.traitors))
        write_picture(map(json.loads, records), f"Seed {seed}", html, traitors=traitors, verdict=said)
    if as_json:
        show_json(asdict(verdict))
    else:
        typer.echo(str(verdict))
    if verdict.failure is not None:
        raise typer.Exit(SAID_NO)


def play_many(seeds: range, settings: Settings, workers: Workers, folder: Path | None, *, as_json: bool) -> None:
    """Plays the seeds, but for those that the folder holds a verdict on; names each that failed with what replays it."""
    tally, due = Tally(settings, as_json=as_json), list(seeds)
    with ExitStack() as opened:
        players, results = opened.enter_context(closing(workers)), None
        if folder is not None:
            results = opened.enter_context(closing(load_leaf("nodes.cluster.results:Results", "cluster")(folder, settings)))
        if results is not None:
            for verdict, cpu_ms in results.read():
                if verdict.seed in seeds:
                    tally.add(verdict, cpu_ms)
            due = [seed for seed in seeds if seed not in results.seeds]
        progress, done = Pace(len(due), len(seeds)), players.each(settings.judge, due, BATCH)
        try:
            for seed, judged in in_order(done, due) if results is None else done:
                verdict, cpu_ms = judged or (settings.lost(seed, KILLED), 0)
                if results is not None:
                    results.add(verdict, cpu_ms)
                tally.add(verdict, cpu_ms)
                progress.step(tally.failed)
        except KeyboardInterrupt:
            kept = "" if results is None else f" and kept in {folder}; the same command goes on"
            typer.echo(f"{tally.played} of {len(seeds)} seeds are judged{kept}.", err=True)
            raise
        if results is not None:
            typer.echo(f"written: {results.write_table()}", err=True)
    tally.show()


def parse_range(seeds: str) -> range:
    """Reads FIRST..LAST; raises OperatorError."""
    first, dots, last = seeds.partition("..")
    if not dots or not first.isdecimal() or not last.isdecimal() or not int(first) <= int(last) < int(first) + SEEDS_MAX:
        raise OperatorError("bad-seeds", f"Expected a range of seeds such as 1..200, got {seeds!r}.")
    return range(int(first), int(last) + 1)


class Pace:
    """Says from time to time how far a campaign is, and when it may be done."""

    def __init__(self, due: int, whole: int) -> None:
        self._due, self._before, self._whole, self._played = due, whole - due, whole, 0
        self._began = self._said = time.monotonic()

    def step(self, failed: int) -> None:
        """One more is judged."""
        self._played += 1
        now = time.monotonic()
        if now - self._said >= PROGRESS_SECONDS:
            self._said, a_second = now, self._played / (now - self._began)
            left = timedelta(seconds=round((self._due - self._played) / a_second))
            done = f"{self._before + self._played} of {self._whole} seeds judged, {failed} failed"
            typer.echo(f"{done}, {a_second:.1f} seeds/s, {left} left", err=True)


@dataclass
class Tally:
    """What verdicts add up to."""

    settings: Settings
    as_json: bool
    played: int = 0
    failed: int = 0
    forked: int = 0
    cpu_ms: int = 0
    faults: FaultCounts = field(default_factory=FaultCounts)
    acts: dict[str, Counter[str]] = field(default_factory=dict)
    """By kind of traitor: how often it did what."""
    seeds: Counter[str] = field(default_factory=Counter)
    """By kind of traitor."""

    def add(self, verdict: RunVerdict, cpu_ms: int) -> None:
        """Adds a verdict, and shows it if it failed or if every one is asked for."""
        self.played += 1
        self.cpu_ms += cpu_ms
        self.faults.add(verdict.faults)
        self.forked += verdict.forked_at is not None
        if verdict.traitor is not None:
            self.acts.setdefault(verdict.traitor, Counter()).update(verdict.betrayals)
            self.seeds[verdict.traitor] += 1
        if self.as_json:
            show_json(asdict(verdict))
        if verdict.failure is not None:
            self.failed += 1
            typer.echo(f"{verdict}\n  replay it: {self.settings.again(verdict.seed)}", err=self.as_json)

    def show(self) -> None:
        """Says the sum; raises typer.Exit if a seed failed, or if something never happened that the campaign is about."""
        if not self.as_json:
            hours = timedelta(seconds=round(self.cpu_ms / 1_000))
            typer.echo(f"{self.played} seeds, {self.failed} failed, {hours} of processor time\n  {self.faults}")
            for kind, acts in self.acts.items():
                told = ", ".join(f"{act} {count}" for act, count in sorted(acts.items()))
                typer.echo(f"  {kind} in {self.seeds[kind]} seeds: {told}")
            if self.seeds:
                typer.echo(f"  {self.forked} seeds forked, and the exports convicted only traitors")
        not_due = () if self.seeds else ("traitor_crash",)
        never = [*self.faults.never_fired(*not_due)] if self.played >= FAULTS_DUE and not self.forked else []
        never += [kind for kind, acts in self.acts.items() if not acts and self.seeds[kind] >= min(KIND_DUE, self.played)]
        if never:
            typer.echo(f"never happened, so nothing is known about: {', '.join(never)}", err=True)
        if self.failed or never:
            raise typer.Exit(SAID_NO)
