"""`tallystick simulate`: the very code of the nodes under seeded faults. A seed decides everything."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ledger.errors import OperatorError
from nodes.commands.outcome import SAID_NO, show_json
from nodes.simulator.faults import FaultCounts, FaultOptions
from nodes.simulator.run import Run, Verdict, run_seed
from nodes.simulator.treason import Treason
from nodes.traitors.kinds import TRAITORS

SEEDS_MAX = 1_000_000
CAMPAIGN_SEEDS_MIN = 100
"""From so many seeds on, a fault that never happened fails the campaign."""


def simulate(
    seed: Annotated[int, typer.Option(help="Plays this seed.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="Plays a range of seeds instead, such as 1..200.")] = None,
    heights: Annotated[int, typer.Option(min=1, help="Ends the chaos at this height.")] = 20,
    jobs: Annotated[int, typer.Option(min=1, help="Processes for a range of seeds.")] = 1,
    log: Annotated[Path | None, typer.Option(help="Writes the log of the run to this file: the same bytes each time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a seed.")] = False,
    nodes: Annotated[int, typer.Option(min=4, max=100, help="Validators at the start.")] = 4,
    traitor: Annotated[
        str | None, typer.Option(metavar="KIND[:COUNT]", help=f"Traitors among them, f unless counted: {', '.join(TRAITORS)}.")
    ] = None,
) -> None:
    """Play replicas on a simulated network with loss, delay, duplication, partitions, crashes and changing validators.

    Exit code 1 if the nodes ever disagree, or do not settle once the network is healed.

    Example: tallystick simulate --seed 42

    Example: tallystick simulate --seeds 1..200 --jobs 2

    Example: tallystick simulate --seed 42 --traitor equivocator:2
    """
    treason = None if traitor is None else Treason.parse(traitor)
    again = f" --heights {heights} --nodes {nodes}" + (f" --traitor {traitor}" if traitor else "")
    if seeds is None:
        run = Run(seed, heights, FaultOptions(), keep_log=True, validators=nodes, treason=treason)
        verdicts: Iterator[Verdict] = iter((run.play(),))
    else:
        play = partial(run_seed, heights=heights, validators=nodes, treason=treason)
        verdicts = _campaign(play, *_parse_range(seeds), jobs)
    failed: list[int] = []
    forks: list[int] = []
    total = FaultCounts()
    betrayals: Counter[str] = Counter()
    for number, verdict in enumerate(verdicts, start=1):
        total.add(verdict.faults)
        betrayals.update(verdict.betrayals)
        if verdict.forked_at is not None:
            forks.append(verdict.seed)
        if as_json:
            show_json(asdict(verdict))
        elif seeds is None or verdict.failure is not None:
            typer.echo(str(verdict))
        elif number % 25 == 0:
            typer.echo(f"{number} seeds played, {len(failed)} failed", err=True)
        if verdict.failure is not None:
            failed.append(verdict.seed)
            typer.echo(f"replay it: tallystick simulate --seed {verdict.seed}{again}", err=True)
    if seeds is None and log is not None:
        log.write_bytes(b"\n".join(run.simulation.log or ()) + b"\n")
    never = total.never_fired() if number >= CAMPAIGN_SEEDS_MIN and not forks else ()
    if treason is not None and not betrayals:
        never = (*never, treason.kind)
    if seeds is not None and not as_json:
        typer.echo(f"{number} seeds, {len(failed)} failed\n  {total}")
        if treason is not None:
            acts = ", ".join(f"{act} {count}" for act, count in betrayals.items())
            typer.echo(f"  betrayals: {acts}\n  {len(forks)} seeds forked, and the exports convicted traitors alone")
        if never:
            typer.echo(f"never happened, so nothing is known about: {', '.join(never)}", err=True)
    if failed or never:
        raise typer.Exit(SAID_NO)


def _campaign(play: Callable[[int], Verdict], first: int, last: int, jobs: int) -> Iterator[Verdict]:
    """Verdicts in order of the seeds."""
    if jobs == 1:
        yield from map(play, range(first, last + 1))
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(play, range(first, last + 1), chunksize=5)
        finally:
            pool.shutdown(cancel_futures=True)


def _parse_range(seeds: str) -> tuple[int, int]:
    first, dots, last = seeds.partition("..")
    if not dots or not first.isdecimal() or not last.isdecimal() or not int(first) <= int(last) < int(first) + SEEDS_MAX:
        raise OperatorError("bad-seeds", f"Expected a range of seeds such as 1..200, got {seeds!r}.")
    return int(first), int(last)
