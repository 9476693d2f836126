"""`tallystick simulate`: the very code of the nodes under seeded faults, by hand, or in every order."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated

import typer

from ledger.errors import OperatorError
from nodes.commands.campaign import parse_range, play_many, play_one
from nodes.commands.command_group import SAID_NO, Scenarios
from nodes.commands.command_parts import Lang
from nodes.commands.workers import Workers, shown_in_order, workers
from nodes.simulator.campaign import Settings
from nodes.simulator.cost import CASES, Case, Cost, cases_at, measure, table
from nodes.simulator.exhaustive import Report, Scope, explore, merged, parts, scopes
from nodes.simulator.trace_player import play_file
from nodes.traitors.kinds import TRAITORS

HEAL_EVERY = 1_000
"""One explored state in this many is healed and must decide."""
CAMPAIGN = "campaign"
TAKEN: Mapping[str, frozenset[str]] = {
    "play": frozenset(),
    "exhaustive": frozenset({"nodes", "views", "states", "jobs", "scheduler"}),
    "cost": frozenset({"delay", "jobs", "scheduler"}),
    CAMPAIGN: frozenset({"scenario", "seed", "seeds", "jobs", "as_json"}),
    "scenario": frozenset({"seed", "language", "report", "log", "data", "full", "as_json"}),
    "seeds": frozenset({"heights", "nodes", "traitor", "jobs", "results", "scheduler", "as_json"}),
    "seed": frozenset({"heights", "nodes", "traitor", "jobs", "log", "html", "as_json"}),
}
"""What may be asked of the simulator, the first that is given, and the other options that each takes."""


def simulate(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Plays this seed.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="Plays a range of seeds instead, such as 1..200.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes for a range of seeds, the exploration or the costs.")] = 1,
    heights: Annotated[int, typer.Option(min=1, help="Ends the chaos at this height.")] = 20,
    nodes: Annotated[
        str,
        typer.Option(
            metavar="N|FIRST..LAST",
            help="Validators at the start, 4 to 100. Of a range each seed has its number: n comes (LAST / n)² times a round.",
        ),
    ] = "4",
    traitor: Annotated[
        str | None,
        typer.Option(
            metavar="KIND[:COUNT]|all",
            help="Traitors among them, f unless counted; all: none and each kind in turn, then the next n follows. "
            f"Kinds: {', '.join(TRAITORS)}.",
        ),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="Keeps each verdict in this folder, as JSON Lines and Parquet; the same command goes on.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Plays on the workers of this Dask scheduler instead of --jobs.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Writes the log of the run to this file: the same bytes each time.")] = None,
    html: Annotated[Path | None, typer.Option(help="Writes a picture of the run: one page that opens from disk.")] = None,
    play: Annotated[Path | None, typer.Option(help="Plays a scripted trace, one message at a time.")] = None,
    exhaustive: Annotated[bool, typer.Option("--exhaustive", help="Explores every order of one height instead.")] = False,
    views: Annotated[int, typer.Option(min=1, max=4, help="Views of the exploration.")] = 2,
    states: Annotated[int, typer.Option(min=1, help="Most states of each exploration.")] = 1_000_000,
    cost: Annotated[bool, typer.Option("--cost", help="Messages, bytes and time of a block by number of validators.")] = False,
    delay: Annotated[
        int | None, typer.Option(metavar="MS", min=0, max=10_000, help="With --cost: every link takes this long, which is Δ too.")
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(help="Tells this scenario on simulated nodes without faults; corridor: with faults, in English, no report."),
    ] = None,
    language: Lang = "en",
    report: Annotated[Path, typer.Option(help="Where a scenario's report goes.")] = Path("report.html"),
    data: Annotated[Path | None, typer.Option(help="The scenario on your own file or folder; its readme says which.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Tells every step of a scenario; else the main ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a seed.")] = False,
) -> None:
    """Play nodes that fail and messages that get lost, from a seed. The simulated network has loss, delay, duplication,
    partitions, crashes and changing validators.

    Exit code 1 if the nodes ever disagree, or do not settle once the network is healed. Same seed, same blocks, anywhere.

    Example: tallystick simulate --seed 42 --html trace.html

    Example: tallystick simulate --seeds 1..1000 --jobs 2

    Example: tallystick simulate --seed 42 --nodes 7 --traitor equivocator:2

    Example: tallystick simulate --seeds 1..100000 --nodes 4..13 --traitor all --results campaign --scheduler tcp://host:8786

    Example: tallystick simulate --play nodes/traces/hidden-vote.txt

    Example: tallystick simulate --cost --delay 40

    Example: tallystick simulate --scenario supply-chain-finance --seed 42

    Example: tallystick simulate --scenario corridor --seeds 1..100 --jobs 2
    """
    campaign = None if scenario is None else Scenarios.campaigns.get(scenario)
    _verify_taken(context, is_campaign=campaign is not None)
    if play is not None:
        _play(play)
    elif exhaustive:
        _explore(Settings.parse(heights, nodes, None).one, views, states, jobs, scheduler)
    elif cost:
        _cost(CASES if delay is None else cases_at(delay), workers(jobs, scheduler))
    elif campaign is not None:
        with closing(workers(jobs, scheduler)) as players:
            resolve_name(campaign)(seeds or f"{seed}..{seed}", players, as_json=as_json)
    elif scenario is not None:
        if Scenarios.tell_simulated is None:
            raise OperatorError("no-scenarios", "No scenarios are installed beside the nodes.")
        resolve_name(Scenarios.tell_simulated)(scenario, seed, language, report, log, data, full=full, as_json=as_json)
    elif seeds is not None:
        settings = Settings.parse(heights, nodes, traitor)
        play_many(parse_range(seeds), settings, workers(jobs, scheduler), results, as_json=as_json)
    else:
        play_one(seed, Settings.parse(heights, nodes, traitor), log, html, as_json=as_json)


def _verify_taken(context: typer.Context, *, is_campaign: bool) -> None:
    """Raises BadParameter for an option that would say nothing."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    mode = CAMPAIGN if is_campaign else next((name for name in TAKEN if name in given), "seed")
    spelled = {one.name: one.opts[0] for one in context.command.params}
    asked = spelled | {"scenario": "--scenario of a trade", CAMPAIGN: "--scenario corridor"}
    for name in sorted(given - TAKEN[mode] - {mode}):
        fitting = " or ".join(asked[one] for one, taken in TAKEN.items() if name in taken)
        if given.isdisjoint(TAKEN):
            raise typer.BadParameter(f"It says something only with {fitting}.", param_hint=spelled[name])
        instead = f", but with {fitting}" if fitting else ""
        raise typer.BadParameter(f"It does not go with {asked[mode]}{instead}.", param_hint=spelled[name])


def _play(path: Path) -> None:
    result = play_file(path)
    for line in result.lines:
        typer.echo(line)
    if not result.ok:
        raise typer.Exit(SAID_NO)


def _explore(validators: int, views: int, states_max: int, jobs: int, scheduler: str | None) -> None:
    """One traitor at each place, all deliveries, timeouts and one crash; by first moves where several play."""
    is_shared = jobs > 1 or scheduler is not None
    pieces = {scope: parts(scope) if is_shared else (scope,) for scope in scopes(validators, views, heal_every=HEAL_EVERY)}
    failed = False
    with closing(workers(jobs, scheduler)) as players:
        every_part = [part for its in pieces.values() for part in its]
        done = shown_in_order(players, partial(_explored, states_max=states_max), every_part)
        for scope, its in pieces.items():
            report = merged(scope, list(islice(done, len(its))))
            typer.echo(str(report))
            failed |= report.failure is not None
    if failed:
        raise typer.Exit(SAID_NO)


def _explored(scope: Scope, states_max: int) -> Report:
    return explore(scope, states_max=states_max, progress=_show_progress)


def _show_progress(report: Report) -> None:
    typer.echo(f"  {report.states:,} states, {report.frontier:,} to follow", err=True)


def _cost(cases: Sequence[Case], workers: Workers) -> None:
    rows = []
    with closing(workers) as players:
        for row in shown_in_order(players, _measured, cases):
            typer.echo(f"  {row}", err=True)
            rows.append(row)
    typer.echo(table(rows))


def _measured(case: Case) -> Cost:
    return measure(*case)
