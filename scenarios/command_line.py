"""The program `tallystick`: the commands of the nodes, and those that play scenarios."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nodes.commands import application, show_json
from nodes.commands.simulate import simulate as simulate_nodes
from nodes.traitors.kinds import TRAITORS
from scenarios.catalogue import SCENARIOS, find_scenario
from scenarios.demo import Settings, play_live, play_simulated
from scenarios.story import Language

DEFAULT = "supply-chain-finance"
KEPT = Path("tallystick-demo")
WHERE = {
    "en": "Report: {report}",
    "zh": "报告：{report}",
}
KEEPS = {
    "en": "The nodes go on: {urls}\nStop them with: tallystick network down --dir {directory}",
    "zh": "节点继续运行：{urls}\n停止命令：tallystick network down --dir {directory}",
}


@application.command()
def demo(
    scenario: Annotated[str, typer.Argument(help="Which scenario; `tallystick scenarios` lists them.")] = DEFAULT,
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter after each step.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the nodes running and their directory in place.")] = False,
    directory: Annotated[Path, typer.Option("--dir", help="Directory of the network with --keep.")] = KEPT,
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = Path("report.html"),
) -> None:
    """Play a scenario on four local nodes and write report.html.

    Examples: tallystick demo · tallystick demo supply-chain-finance --lang zh --step · tallystick demo --keep
    """
    console = Console(highlight=False)
    spoken = parse_language(language)
    settings = Settings(find_scenario(scenario), spoken, report, console, (lambda: pause(console)) if step else None)
    network = play_live(settings, directory if keep else None)
    typer.echo("\n" + WHERE[spoken].format(report=report.resolve()))
    if network is not None:
        typer.echo(KEEPS[spoken].format(urls=" ".join(network.urls.values()), directory=directory))


def simulate(
    scenario: Annotated[
        str | None, typer.Option(help="Plays this scenario without faults instead of random transactions.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Plays this seed.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="Plays a range of seeds instead, such as 1..200.")] = None,
    heights: Annotated[int, typer.Option(min=1, help="Ends the chaos at this height.")] = 20,
    jobs: Annotated[int, typer.Option(min=1, help="Processes for a range of seeds.")] = 1,
    log: Annotated[Path | None, typer.Option(help="Writes the log of the run to this file: the same bytes each time.")] = None,
    language: Annotated[str, typer.Option("--lang", help="en or zh, for a scenario.")] = "en",
    report: Annotated[Path, typer.Option(help="Where a scenario's report goes.")] = Path("report.html"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a seed.")] = False,
    nodes: Annotated[int, typer.Option(min=4, max=100, help="Validators at the start.")] = 4,
    traitor: Annotated[
        str | None, typer.Option(metavar="KIND[:COUNT]", help=f"Traitors among them, f unless counted: {', '.join(TRAITORS)}.")
    ] = None,
) -> None:
    """Play replicas on a simulated network with loss, delay, duplication, partitions, crashes and changing validators.

    Exit code 1 if the nodes ever disagree, or do not settle once the network is healed. With --scenario a story is told
    on the simulated nodes: same seed, same blocks, on any machine.

    Example: tallystick simulate --seed 42

    Example: tallystick simulate --seed 42 --traitor equivocator:2

    Example: tallystick simulate --scenario supply-chain-finance --seed 42
    """
    if scenario is None:
        simulate_nodes(seed, seeds, heights, jobs, log, as_json, nodes, traitor)
        return
    if traitor is not None:
        raise typer.BadParameter("A scenario is played without traitors.", param_hint="--traitor")
    if seeds is not None:
        raise typer.BadParameter("A scenario is played with one --seed.", param_hint="--seeds")
    spoken = parse_language(language)
    console = Console(highlight=False, quiet=as_json)
    stage, performance = play_simulated(
        Settings(find_scenario(scenario), spoken, report, console), seed, keep_log=log is not None
    )
    if log is not None:
        log.write_bytes(b"\n".join(stage.simulation.log or ()) + b"\n")
    head = performance.head
    if as_json:
        show_json({"seed": seed, "height": head.height, "block": head.block, "state_root": head.state_root})
    else:
        typer.echo(
            f"seed {seed}: height {head.height}, last block {head.block}\n" + WHERE[spoken].format(report=report.resolve())
        )


application.registered_commands = [
    command for command in application.registered_commands if command.callback is not simulate_nodes
]
application.command()(simulate)


@application.command()
def scenarios(
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """List the scenarios. Example: tallystick scenarios --lang zh"""
    spoken = parse_language(language)
    rows = [(scenario.name, scenario.title.said(spoken), scenario.summary.said(spoken)) for scenario in SCENARIOS.values()]
    if as_json:
        show_json([{"name": name, "title": title, "summary": summary} for name, title, summary in rows])
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)


def parse_language(text: str) -> Language:
    """Raises typer.BadParameter for another language than en and zh."""
    if text == "en":
        return "en"
    if text == "zh":
        return "zh"
    raise typer.BadParameter(f"{text!r} is neither en nor zh.", param_hint="--lang")


def pause(console: Console) -> None:
    """Waits for Enter; where nobody can press it, goes on."""
    if console.is_terminal:
        console.input("")


def main() -> None:
    """The console script."""
    application()


if __name__ == "__main__":
    main()
