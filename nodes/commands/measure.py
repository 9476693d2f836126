"""`tallystick bench`: what this implementation does on this machine."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ledger.errors import OperatorError
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
    lengths: Annotated[
        str, typer.Option("--sizes", metavar="N,N", help="For `far`: numbers of transactions, such as 10000,1000000.")
    ] = "",
    directory: Annotated[Path | None, typer.Option("--dir", help="Work on the disk of this directory.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure throughput, latency, memory and growth on this machine. Example: tallystick bench throughput --json

    It starts networks of its own on free ports, in a temporary directory, and stops them. Close other programs first:
    the figures are those of the whole machine.
    """
    stop_on_signals(_interrupt)
    sizes = SHORT if short else FULL
    if lengths:
        sizes = replace(sizes, far=_lengths(lengths, sizes.far_block_transactions))
    found = run_benchmark([*(measures or ()), *(["load"] if load else [])], sizes, _tell, directory)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    console = Console()
    console.print(facts_table(found.machine, found.versions))
    console.print(measures_table(found.measures))
    for name, mode in found.modes.items():
        console.print(f"{name}: {mode}.")
    console.print("Ratios: rates as parts of the verifications a second, processor times as numbers of verifications.")


def _lengths(text: str, block: int) -> tuple[int, ...]:
    """Numbers in rising order; raises OperatorError `wrong-use`."""
    try:
        numbers = tuple(map(int, text.split(",")))
    except ValueError:
        numbers = ()
    if not numbers or numbers[0] < block or list(numbers) != sorted(set(numbers)):  # check: bench-sizes
        message = f"`--sizes` takes numbers of transactions in rising order from {block} on, with commas between; got {text:.80}."
        raise OperatorError("wrong-use", message)
    return numbers


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _interrupt() -> None:
    raise KeyboardInterrupt
