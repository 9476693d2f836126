"""`tallystick bench`: what this implementation does on this machine."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nodes.bench.amounts import FULL, SHORT
from nodes.bench.benchmark import MEASURES, run_benchmark
from nodes.bench.measures_table import facts_table, measures_table
from nodes.commands.command_parts import AsJson
from nodes.shutdown import stop_on_signals


def bench(
    measures: Annotated[list[str] | None, typer.Argument(help=f"Some of {', '.join(MEASURES)}; all by default.")] = None,
    load: Annotated[
        bool, typer.Option("--load", help="Only `load`: many readers and writers at once; nothing may be lost.")
    ] = False,
    short: Annotated[bool, typer.Option("--short", help="Small amounts: shows in a minute that every measure works.")] = False,
    directory: Annotated[Path | None, typer.Option("--dir", help="Work on the disk of this directory.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure throughput, latency, memory and growth on this machine. Example: tallystick bench throughput --json

    It starts networks of its own on free ports, in a temporary directory, and stops them. Close other programs first:
    the figures are those of the whole machine.
    """
    stop_on_signals(_interrupt)
    found = run_benchmark([*(measures or ()), *(["load"] if load else [])], SHORT if short else FULL, _tell, directory)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    console = Console()
    console.print(facts_table(found.machine, found.versions))
    console.print(measures_table(found.measures))
    for name, mode in found.modes.items():
        console.print(f"{name}: {mode}.")
    console.print("Ratios: rates as parts of the verifications a second, processor times as numbers of verifications.")


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _interrupt() -> None:
    raise KeyboardInterrupt
