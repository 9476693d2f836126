"""Commands that play scenarios."""

from pathlib import Path
from pkgutil import resolve_name
from shlex import quote
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ledger.contract.source_rules.source import read_sources
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import Lang, show_json
from scenarios.catalogue import ACROSS, SCENARIOS, find_scenario
from scenarios.data_files import write_sample
from scenarios.demo import TEXTS, Settings, Teller, play_live, play_simulated
from scenarios.importing.faults import InputFaults, end_refused, show_faults
from scenarios.story.story import Head, Language, Scenario

DEFAULT = "supply-chain-finance"
KEPT = Path("tallystick-demo")
PLAY_ACROSS = "scenarios.corridor.demo:play_live"
"""Imported for a story on several ledgers only."""
ELSEWHERE = {"shipping": " Messages in DCSA's JSON come in by `tallystick shipping import`."}
"""Where a scenario takes what is one's own, if not by --data."""


def demo(
    scenario: Annotated[str, typer.Argument(help="One that `tallystick scenarios` lists, all, or corridor.")] = DEFAULT,
    language: Lang = "en",
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter after each step.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the nodes running and their directory in place.")] = False,
    directory: Annotated[Path, typer.Option("--dir", help="Directory of the network with --keep.")] = KEPT,
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = Path("report.html"),
    data: Annotated[Path | None, typer.Option(help="The scenario on your own file or folder; its readme says which.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Tell every step; else the main ones. All are played.")] = False,
) -> None:
    """Play a scenario on four local nodes and write report.html.

    `all` plays one day in one economy: the four trades on one ledger, each relying on what the others recorded.
    `corridor` plays one container on four ledgers of four nodes each, which believe each other by proof alone.

    Examples: tallystick demo · tallystick demo supply-chain-finance --lang zh --step · tallystick demo --keep

    tallystick demo energy --data FOLDER plays your meters and your load: readings.csv has device, technology, capacity_kw, start,
    end, energy_kwh or energy_wh, and for the sun latitude and longitude; load.csv, if there is one, start, end and the energy.
    `tallystick scenarios energy --sample FOLDER` writes both; scenarios/energy/data/README.md says more. Exit code 1 if a row was
    refused.
    """
    console = Console(highlight=False)
    settings = Settings(language, report, console, (lambda: pause(console)) if step else None, full)
    kept = directory if keep else None
    if scenario in ACROSS and data is None:
        chosen = ACROSS[scenario]
        networks, writer = resolve_name(PLAY_ACROSS)(chosen, settings, kept)
    else:
        chosen = choose(scenario, data, language)
        network, writer = play_live(chosen, settings, kept)
        networks = () if network is None else (network,)
    writer.close(str(report.resolve()), is_kept=keep)
    for network in networks if keep else ():
        typer.echo(TEXTS["keeps"].text(language, urls=" ".join(network.urls.values()), directory=network.directory))
    end_with(chosen, writer)


def tell_simulated(
    scenario: str, seed: int, language: Language, report: Path, log: Path | None, data: Path | None, *, full: bool, as_json: bool
) -> None:
    """`tallystick simulate --scenario`: same seed, same blocks, on any machine."""
    console = Console(highlight=False, quiet=as_json)
    chosen = choose(scenario, data, language, as_json=as_json)
    stage, writer, played_story = play_simulated(chosen, Settings(language, report, console, full=full), seed)
    if log is not None:
        log.write_bytes(b"\n".join(stage.simulation.log or ()) + b"\n")
    writer.close(str(report.resolve()))
    _show_head(seed, played_story.head, language, as_json=as_json)
    end_with(chosen, writer)


def end_with(scenario: Scenario, writer: Teller) -> None:
    """Exit code 1 if rows of the user's own files were refused, by the ledger or before it."""
    end_refused(scenario.rows_refused + len(writer.refused_rows.causes))


def _show_head(seed: int, head: Head, language: Language, *, as_json: bool) -> None:
    if as_json:
        show_json({"seed": seed, "height": head.height, "block": head.block, "state_root": head.state_root})
    else:
        typer.echo(TEXTS["head"].text(language, seed=seed, height=head.height, block=head.block))


def scenarios(
    name: Annotated[str | None, typer.Argument(help="One scenario only.")] = None,
    sample: Annotated[Path | None, typer.Option(help="Write a small valid input of that scenario into this directory.")] = None,
    language: Lang = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """List the scenarios, or write a small input of one to edit.

    Examples: tallystick scenarios --lang zh · tallystick scenarios energy --sample my-readings
    """
    chosen = tuple(SCENARIOS.values()) if name is None else (find_scenario(name),)
    if sample is not None:
        if name is None:
            raise typer.BadParameter("goes with the name of a scenario.", param_hint="--sample")
        show_sample(chosen[0], sample, language, as_json=as_json)
        return
    if as_json:
        show_json(
            [
                {
                    "name": scenario.name,
                    "title": scenario.title.said(language),
                    "summary": scenario.summary.said(language),
                    "operations": len(scenario.contract.operations),
                    "contract_lines": contract_lines(scenario),
                }
                for scenario in chosen
            ]
        )
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")  # Chinese has no spaces to break lines at
    for scenario in chosen:
        size = TEXTS["size"].text(language, operations=len(scenario.contract.operations), lines=f"{contract_lines(scenario):,}")
        table.add_row(scenario.name, f"{scenario.title.said(language)}\n{size}", scenario.summary.said(language) + "\n")
    Console(highlight=False).print(table)


def show_sample(scenario: Scenario, directory: Path, language: Language, *, as_json: bool) -> None:
    """Writes a scenario's sample, and says what was written and which command plays it."""
    written = write_sample(scenario_package(scenario), directory)
    command = scenario.sample.format(directory=quote(str(directory)))
    if as_json:
        show_json({"directory": str(directory), "files": list(written), "command": command})
    else:
        said = {"directory": directory, "files": ", ".join(written), "command": command}
        typer.echo(TEXTS["sample-written"].text(language, **said))


def scenario_package(scenario: Scenario) -> str:
    """The trade's package."""
    return scenario.contract.__module__.rpartition(".")[0]


def contract_lines(scenario: Scenario) -> int:
    """Lines of the trade's own files that its contract consists of: rules, records, sentences."""
    package = scenario_package(scenario)
    sources = read_sources(scenario.contract.__module__)
    return sum(len(source.text.splitlines()) for module, source in sources.items() if module.startswith(package))


def choose(name: str, data: Path | None, language: Language, *, as_json: bool = False) -> Scenario:
    """A scenario, on the user's own data if there are any. Wrong files: every fault is shown, exit code 1, nothing started."""
    scenario = find_scenario(name)
    if data is None:
        return scenario
    if scenario.with_data is None:
        able = " and ".join(other.name for other in SCENARIOS.values() if other.with_data is not None)
        raise typer.BadParameter(f"{name} takes no data of your own; {able} do.{ELSEWHERE.get(name, '')}", param_hint="--data")
    try:
        return scenario.with_data(data)
    except InputFaults as error:
        if as_json:
            show_json({"code": error.code, "count": error.count, "faults": [fault.to_json() for fault in error.faults]})
        else:
            show_faults(Console(highlight=False, stderr=True), error.faults, language, error.count)
        raise typer.Exit(SAID_NO) from error


def pause(console: Console) -> None:
    """Waits for Enter; without a terminal it goes on."""
    if console.is_terminal:
        console.input("")
