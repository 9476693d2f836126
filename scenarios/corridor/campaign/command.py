"""`tallystick simulate --scenario corridor`: one seed of four ledgers, or many."""

from collections import Counter
from dataclasses import asdict

import typer

from nodes.commands.campaign import FAULTS_DUE, Pace, parse_range
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import show_json
from nodes.commands.workers import Workers, shown_in_order
from nodes.simulator.weather import FaultCounts
from scenarios.corridor.campaign.run import CorridorRun, CorridorVerdict, told

NOT_PLAYED = ("validator_change",)
"""Faults of other campaigns: the ledgers of the corridor keep their validators."""


def play(text: str, workers: Workers, *, as_json: bool) -> None:
    """Plays a range of seeds; names each that failed with the command that replays it."""
    seeds = parse_range(text)
    faults, fired, crossings, deals, forked = FaultCounts(), Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    failed, progress = 0, Pace(len(seeds), len(seeds))
    for verdict in shown_in_order(workers, play_seed, seeds):
        faults.add(verdict.faults)
        for whole, own in ((fired, verdict.fired), (crossings, verdict.crossings), (deals, verdict.deals)):
            whole.update(own)
        forked[verdict.forked or "none"] += 1
        if as_json:
            show_json(asdict(verdict))
        elif len(seeds) == 1 or verdict.failure is not None:
            typer.echo(str(verdict))
        if verdict.failure is not None:
            failed += 1
            typer.echo(f"replay it: tallystick simulate --scenario corridor --seed {verdict.seed}", err=True)
        progress.step(failed)
    if len(seeds) > 1 and not as_json:
        typer.echo(f"{len(seeds)} seeds, {failed} failed\n  {faults}\n  outside: {told(fired)}\n  crossings: {told(crossings)}")
        typer.echo(f"  deals: {told(deals)}; forked: {told(forked)}")
    never = faults.never_fired(*NOT_PLAYED) if len(seeds) >= FAULTS_DUE else ()
    if never:
        typer.echo(f"never happened, so nothing is known about: {', '.join(never)}", err=True)
    if failed or never:
        raise typer.Exit(SAID_NO)


def play_seed(seed: int) -> CorridorVerdict:
    """What a seed shows."""
    return CorridorRun(seed).play()
