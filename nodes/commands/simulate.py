"""`tallystick simulate`: the very code of the nodes under seeded faults, by hand, or in every order."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated

import typer

from ledger.errors import OperatorError
from nodes.commands.campaign import Settings, play_many, play_one
from nodes.commands.command_group import SAID_NO, Scenarios
from nodes.commands.command_parts import Lang
from nodes.simulator.cost import CASES, measure, table
from nodes.simulator.exhaustive import Report, explore, scopes
from nodes.simulator.trace_player import play_file
from nodes.traitors.kinds import TRAITORS

HEAL_EVERY = 1_000
"""One explored state in this many is healed and must decide."""


def simulate(
    seed: Annotated[int, typer.Option(help="Plays this seed.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="Plays a range of seeds instead, such as 1..200.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes for a range of seeds.")] = 1,
    heights: Annotated[int, typer.Option(min=1, help="Ends the chaos at this height.")] = 20,
    nodes: Annotated[int, typer.Option(min=4, max=100, help="Validators at the start.")] = 4,
    traitor: Annotated[
        str | None, typer.Option(metavar="KIND[:COUNT]", help=f"Traitors among them, f unless counted: {', '.join(TRAITORS)}.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Writes the log of the run to this file: the same bytes each time.")] = None,
    html: Annotated[Path | None, typer.Option(help="Writes a picture of the run: one page that opens from disk.")] = None,
    play: Annotated[Path | None, typer.Option(help="Plays a scripted trace, one message at a time.")] = None,
    exhaustive: Annotated[bool, typer.Option("--exhaustive", help="Explores every order of one height instead.")] = False,
    views: Annotated[int, typer.Option(min=1, max=4, help="Views of the exploration.")] = 2,
    states: Annotated[int, typer.Option(min=1, help="Most states of each exploration.")] = 1_000_000,
    cost: Annotated[bool, typer.Option("--cost", help="Messages, bytes and time of a block by number of validators.")] = False,
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

    Example: tallystick simulate --play nodes/traces/hidden-vote.txt

    Example: tallystick simulate --scenario supply-chain-finance --seed 42

    Example: tallystick simulate --scenario corridor --seeds 1..100 --jobs 2
    """
    if data is not None and scenario is None:
        raise typer.BadParameter("Data belong to a scenario; name it with --scenario.", param_hint="--data")
    if play is not None:
        _play(play)
    elif exhaustive:
        _explore(nodes, views, states)
    elif cost:
        _cost()
    elif scenario is not None and scenario in Scenarios.campaigns:
        if traitor is not None or log is not None or html is not None or data is not None:
            refused = f"{scenario} is played with --seed or --seeds, --jobs and --json only; each ledger draws its traitors."
            raise typer.BadParameter(refused, param_hint="--scenario")
        resolve_name(Scenarios.campaigns[scenario])(seeds or f"{seed}..{seed}", jobs, as_json=as_json)
    elif scenario is not None:
        if seeds is not None or traitor is not None:
            raise typer.BadParameter("A scenario is told with one --seed and without traitors.", param_hint="--scenario")
        if Scenarios.tell_simulated is None:
            raise OperatorError("no-scenarios", "No scenarios are installed beside the nodes.")
        resolve_name(Scenarios.tell_simulated)(scenario, seed, language, report, log, data, full=full, as_json=as_json)
    elif seeds is not None:
        play_many(seeds, Settings(heights, nodes, traitor), jobs, as_json=as_json)
    else:
        play_one(seed, Settings(heights, nodes, traitor), log, html, as_json=as_json)


def _play(path: Path) -> None:
    result = play_file(path)
    for line in result.lines:
        typer.echo(line)
    if not result.ok:
        raise typer.Exit(SAID_NO)


def _explore(validators: int, views: int, states_max: int) -> None:
    """One traitor at each place, all deliveries, timeouts and one crash."""
    reports = []
    for scope in scopes(validators, views, heal_every=HEAL_EVERY):
        reports.append(explore(scope, states_max=states_max, progress=_show_progress))
        typer.echo(str(reports[-1]))
    if any(report.failure is not None for report in reports):
        raise typer.Exit(SAID_NO)


def _show_progress(report: Report) -> None:
    typer.echo(f"  {report.states:,} states, {report.frontier:,} to follow", err=True)


def _cost() -> None:
    rows = []
    for validators, links in CASES:
        row = measure(validators, links)
        typer.echo(f"  {row}", err=True)
        rows.append(row)
    typer.echo(table(rows))
