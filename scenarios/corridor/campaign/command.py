"""`tallystick simulate --scenario corridor`: one seed of four ledgers, or many."""

from collections import Counter
from dataclasses import asdict

import typer

from nodes.commands.campaign import FAULTS_DUE, PROGRESS_SEEDS, parse_range, verdicts
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import show_json
from nodes.simulator.weather import FaultCounts
from scenarios.corridor.campaign.run import CorridorRun, CorridorVerdict, told

NOT_PLAYED = ("validator_change",)
"""Faults of other campaigns: the ledgers of the corridor keep their validators."""


def play(seeds: str, jobs: int, *, as_json: bool) -> None:
    """Plays a range of seeds; names each that failed with the command that replays it."""
    first, last = parse_range(seeds)
    faults, fired, crossings, deals, forked = FaultCounts(), Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    played = failed = 0
    for played, verdict in enumerate(verdicts(play_seed, first, last, jobs), 1):
        faults.add(verdict.faults)
        for whole, own in ((fired, verdict.fired), (crossings, verdict.crossings), (deals, verdict.deals)):
            whole.update(own)
        forked[verdict.forked or "none"] += 1
        if as_json:
            show_json(asdict(verdict))
        elif first == last or verdict.failure is not None:
            typer.echo(str(verdict))
        if verdict.failure is not None:
            failed += 1
            typer.echo(f"replay it: tallystick simulate --scenario corridor --seed {verdict.seed}", err=True)
        if played % PROGRESS_SEEDS == 0:
            typer.echo(f"{played} seeds played, {failed} failed", err=True)
    if first != last and not as_json:
        typer.echo(f"{played} seeds, {failed} failed\n  {faults}\n  outside: {told(fired)}\n  crossings: {told(crossings)}")
        typer.echo(f"  deals: {told(deals)}; forked: {told(forked)}")
    never = [name for name in faults.never_fired() if name not in NOT_PLAYED] if played >= FAULTS_DUE else []
    if never:
        typer.echo(f"never happened, so nothing is known about: {', '.join(never)}", err=True)
    if failed or never:
        raise typer.Exit(SAID_NO)


def play_seed(seed: int) -> CorridorVerdict:
    """What a seed shows."""
    return CorridorRun(seed).play()
