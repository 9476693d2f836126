"""`tallystick contract …`: a contract of one's own, from the first line to the running network."""

import time
from pathlib import Path
from typing import Annotated

import typer

from ledger.errors import JsonValue, OperatorError
from nodes.commands.command_group import SAID_NO, command_group
from nodes.commands.command_parts import NETWORK, AsJson, Directory, Lang, show_json
from nodes.contract_author.check import check as judge
from nodes.contract_author.install import Installation
from nodes.contract_author.located import locate, place
from nodes.contract_author.report import WORDS, report, report_lines
from nodes.contract_author.template import begin_contract
from nodes.network.directory import read_network

application = command_group("Write a contract of your own: begin, check, install it.")
EXAMPLES = 50
"""Sequences that an installation tries once more; its author has let `check` try more."""
Where = Annotated[str, typer.Argument(help="FILE.py or package.module, and :CLASS where it has several.")]


@application.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the module: small letters, digits and _.")],
    directory: Annotated[Path, typer.Option("--dir", help="Folder for the two files.")] = Path("."),
) -> None:
    """Begin a contract: NAME.py with about thirty lines that work, and test_NAME.py with its tests.

    Example: tallystick contract new warehouse_receipt
    """
    contract, tests = begin_contract(name, directory)
    typer.echo(f"{contract}: the contract. {tests}: its tests.")
    typer.echo(f"  tallystick contract check {contract}     the rules of contracts, and random transactions on it")
    typer.echo(f"  pytest {tests}     its own tests too; breakpoint() stops there")
    typer.echo(f"  tallystick contract install {contract} --dir NETWORK     puts it on a network that runs")


@application.command()
def check(
    where: Where,
    debug: Annotated[bool, typer.Option("--debug", help="Let breakpoint() stand, and stop there.")] = False,
    examples: Annotated[int, typer.Option(min=0, max=10_000, help="Sequences of random transactions to try.")] = 200,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Judge a contract by the rules of contracts, look for the shortest way to break it, and compare two interpreters.

    Exit code 1 if something is wrong.

    Example: tallystick contract check warehouse_receipt.py --lang zh
    """
    started = time.monotonic()
    if debug:
        typer.echo(WORDS.text("check", "stops", language), err=True)
    checked = judge(locate(where), is_debugged=debug, examples=examples)
    if as_json:
        show_json(report(checked, language))
    else:
        for line in report_lines(checked, language, time.monotonic() - started):
            typer.echo(line)
    if not checked.is_sound:
        raise typer.Exit(SAID_NO)


@application.command()
def install(
    where: Where,
    directory: Directory = NETWORK,
    only_nodes: Annotated[
        list[str] | None, typer.Option("--only-node", help="Only on this node, repeatable; it proposes and approves nothing.")
    ] = None,
    propose_only: Annotated[
        bool, typer.Option("--propose-only", help="Only propose it; others approve, and install it on their nodes.")
    ] = False,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Put a contract, or its next version, on a network: on its nodes, proposed, approved by a majority, reported, acting.

    It is checked first. Nodes start again one after another, so that the ledger goes on. Given again, it goes on from where it
    stopped. Example: tallystick contract install warehouse_receipt.py --dir tallystick-lab

    In a group: one gives --propose-only, admins approve on the page, and each gives --only-node for a node of its own.
    """
    if only_nodes and propose_only:
        raise OperatorError("wrong-use", "Either --only-node or --propose-only.")
    read_network(directory)
    started = time.monotonic()
    checked = judge(locate(where), examples=EXAMPLES)
    if not checked.is_sound or not as_json:
        for line in report_lines(checked, language, time.monotonic() - started):
            typer.echo(line, err=as_json)
    if not checked.is_sound:
        raise typer.Exit(SAID_NO)
    placed = place(checked.located, directory)
    steps: list[JsonValue] = []
    for step in Installation(directory, placed, tuple(only_nodes or ()), propose_only).steps():
        steps.append({"step": step.kind, "who": step.who, "more": step.more})
        if not as_json:
            typer.echo(step.text(language))
    if as_json:
        show_json({"contract": placed.contract.name, "module": placed.module, "digest": placed.digest, "steps": steps})
