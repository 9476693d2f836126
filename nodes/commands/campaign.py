"""Plays one seed or many, and says what they showed."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import typer

from ledger.errors import OperatorError
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import show_json
from nodes.picture.single_page import write_picture
from nodes.simulator.run import Run, RunVerdict, Treason
from nodes.simulator.weather import FaultCounts

V = TypeVar("V")
SEEDS_MAX = 1_000_000
FAULTS_DUE = 100
"""From this many seeds on, a fault that never happened fails the campaign."""
PROGRESS_SEEDS = 25


@dataclass(frozen=True, slots=True)
class Settings:
    """What every seed of a campaign is played with."""

    heights: int
    validators: int
    traitor: str | None

    @property
    def treason(self) -> Treason | None:
        """The traitors of each run; raises OperatorError for an unknown kind."""
        return None if self.traitor is None else Treason.parse(self.traitor)

    def run(self, seed: int, *, keep_log: bool = False) -> Run:
        """The run of a seed, to be played."""
        return Run(seed, self.heights, keep_log=keep_log, validators=self.validators, treason=self.treason)

    def play(self, seed: int) -> RunVerdict:
        """What a seed shows."""
        return self.run(seed).play()

    def again(self, seed: int) -> str:
        """The command that replays a seed."""
        traitor = f" --traitor {self.traitor}" if self.traitor else ""
        return f"tallystick simulate --seed {seed} --heights {self.heights} --nodes {self.validators}{traitor}"


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


def play_many(seeds: str, settings: Settings, jobs: int, *, as_json: bool) -> None:
    """Plays a range of seeds with progress; names each that failed with the command that replays it."""
    treason, faults, betrayals, failed = settings.treason, FaultCounts(), Counter[str](), 0
    played = forked = 0
    for played, verdict in enumerate(verdicts(settings.play, *parse_range(seeds), jobs), 1):
        faults.add(verdict.faults)
        betrayals.update(verdict.betrayals)
        forked += verdict.forked_at is not None
        if as_json:
            show_json(asdict(verdict))
        if verdict.failure is not None:
            failed += 1
            typer.echo(f"{verdict}\n  replay it: {settings.again(verdict.seed)}", err=as_json)
        if played % PROGRESS_SEEDS == 0:
            typer.echo(f"{played} seeds played, {failed} failed", err=True)
    if not as_json:
        typer.echo(f"{played} seeds, {failed} failed\n  {faults}")
        if treason is not None:
            acts = ", ".join(f"{act} {count}" for act, count in betrayals.items())
            typer.echo(f"  betrayals: {acts}\n  {forked} seeds forked, and the exports convicted only traitors")
    never = [*faults.never_fired()] if played >= FAULTS_DUE and not forked else []
    if treason is not None and not betrayals:
        never.append(treason.kind)
    if never:
        typer.echo(f"never happened, so nothing is known about: {', '.join(never)}", err=True)
    if failed or never:
        raise typer.Exit(SAID_NO)


def verdicts(play: Callable[[int], V], first: int, last: int, jobs: int) -> Iterator[V]:
    """What each seed shows, in order of the seeds; `jobs` are processes."""
    if jobs == 1:
        yield from map(play, range(first, last + 1))
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(play, range(first, last + 1), chunksize=5)
        finally:
            pool.shutdown(cancel_futures=True)


def parse_range(seeds: str) -> tuple[int, int]:
    """Reads FIRST..LAST; raises OperatorError."""
    first, dots, last = seeds.partition("..")
    if not dots or not first.isdecimal() or not last.isdecimal() or not int(first) <= int(last) < int(first) + SEEDS_MAX:
        raise OperatorError("bad-seeds", f"Expected a range of seeds such as 1..200, got {seeds!r}.")
    return int(first), int(last)
