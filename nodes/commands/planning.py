"""`tallystick network plan` and its steps: a network over the hosts of organizations that trust each other little."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from ledger.errors import JsonValue, OperatorError, TallystickError
from ledger.primitives import moment
from nodes.access.levels import Reads
from nodes.commands.command_group import SAID_NO, plain
from nodes.commands.command_parts import NETWORK, AsJson, show_json
from nodes.node.files import GENESIS_FILE
from nodes.node.voting_mark import has_voting_mark
from nodes.plan.network_plan import load_planned
from nodes.plan.offers import root_key_of
from nodes.plan.office import Office
from nodes.plan.operation import UNIT
from nodes.plan.papers import GOOD, MISSING, Papers

PlanFile = Annotated[Path, typer.Argument(help="The plan. Offers, genesis and approvals lie beside it.")]
OwnName = Annotated[str, typer.Argument(help="Name of your organization in the plan.")]
OwnDirectory = Annotated[Path, typer.Option("--dir", help="Your organization's own directory, with its keys.")]
HOME = Path("/var/lib/tallystick")
SAMPLE = Path(sys.modules[Office.__module__].__file__ or "").with_name("sample.toml")


def plan(
    file: Annotated[Path | None, typer.Argument(help="The plan. Offers, genesis and approvals lie beside it.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Print a plan to change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the plan of a network over hosts, and say what each organization does next.

    Exit code 1 if an offer or approval does not hold. The steps: `network offer` by each organization, `network gather` by
    anybody, `network approve` and `network install` by each organization.

    Example: tallystick network plan --sample > plan.toml; tallystick network plan plan.toml
    """
    if sample:
        typer.echo(SAMPLE.read_text(encoding="utf-8"), nl=False)
        return
    if file is None:
        raise OperatorError("wrong-use", "Give the file of a plan; `tallystick network plan --sample` prints one to change.")
    papers = Papers(file)
    load_planned(papers.plan)
    rows = papers.progress()
    faults = {name: fault for name, (*_, fault) in rows.items() if fault}
    ledger = None
    if not faults and all(offered == GOOD for offered, *_ in rows.values()):
        try:
            ledger = papers.genesis.ledger
        except TallystickError as error:
            faults["All offers together"] = error.message
    coming = None if faults else _next(papers, rows)
    roots = {name: root_key_of(papers.offer(name)) if rows[name][0] == GOOD else None for name in rows}
    if as_json:
        organizations: list[JsonValue] = [
            {"name": name, "offer": offered, "approval": approved, "fault": fault or None, "root": roots[name]}
            for name, (offered, approved, fault) in rows.items()
        ]
        show_json({"plan": papers.plan.digest, "ledger": ledger, "organizations": organizations, "next": coming})
    else:
        typer.echo(f"Plan {papers.plan.digest}, from {moment(papers.plan.start_time_ms)}.")
        table = Table("organization", Column("nodes", overflow="fold"), "root key", "offer", "approval")
        nodes = {node.member: node.url for node in papers.plan.node_addresses}
        for name, (offered, approved, _) in rows.items():
            own = "\n".join(url for member, url in nodes.items() if member.partition(".")[0] == name)
            table.add_row(name, own, (roots[name] or "–")[:16], offered, approved)
        Console(markup=False).print(table)  # an IPv6 address has brackets
        for name, fault in faults.items():
            typer.echo(plain(f"{name}: {fault}"))
        if coming is not None:
            typer.echo(f"Next: {coming}")
        if ledger is not None:
            typer.echo(f"Ledger {ledger}: tell it each other by another way than these files.")
    if faults:
        raise typer.Exit(SAID_NO)


def offer(file: PlanFile, organization: OwnName, directory: OwnDirectory = NETWORK) -> None:
    """Make your organization's keys and certificates, and its offer beside the plan.

    The keys stay in --dir. Another call keeps them. Example: tallystick network offer plan.toml north --dir north
    """
    office = Office(Papers(file), organization, directory)
    path = office.offer()
    typer.echo(f"{path} is your offer to plan {office.papers.plan.digest[:16]}…: hand it round. Your keys are in {directory}.")


def gather(file: PlanFile) -> None:
    """Verify all offers beside the plan, and write the genesis that follows.

    Example: tallystick network gather plan.toml
    """
    papers = Papers(file)
    papers.gather()
    typer.echo(f"{file.with_name(GENESIS_FILE)} is the genesis of ledger {papers.genesis.ledger}: hand it round.")


def approve(file: PlanFile, organization: OwnName, directory: OwnDirectory = NETWORK) -> None:
    """Compute the genesis from plan and offers, compare it, and sign its digest.

    Example: tallystick network approve plan.toml north --dir north
    """
    office = Office(Papers(file), organization, directory)
    path = office.approve()
    genesis = office.papers.genesis
    for one in genesis.organizations:
        typer.echo(f"{one.name}, root key {root_key_of(office.papers.offer(one.name))}")
        for member in (member for member in genesis.members if member.organization == one.name):
            typer.echo(f"  {member.member:<24} {', '.join(member.roles)}")
    for contract in genesis.contracts:
        typer.echo(f"Contract {contract.name}, {contract.module}, source {contract.digest[:16]}…")
    typer.echo(f"You approve ledger {genesis.ledger} with these: hand {path} round.")
    typer.echo(
        "Tell the others this digest by another way than these files, and ask for theirs: only then are they who they seem."
    )


def install(
    file: PlanFile,
    organization: OwnName,
    ledger: Annotated[str, typer.Option(help="The digest of the genesis, as the other organizations told it you.")],
    directory: OwnDirectory = NETWORK,
    home: Annotated[Path, typer.Option(help="Folder on the hosts that the folders of your nodes move to.")] = HOME,
    python: Annotated[str, typer.Option(help="Interpreter on the hosts, in which Tallystick is installed.")] = sys.executable,
    reads: Annotated[Reads, typer.Option(help="Whom your nodes answer to: everyone, or only members.")] = "open",
) -> None:
    """Lay out the folders of your nodes, once all have approved the genesis.

    Move each folder to its host, and keep no copy: two that run sign twice. If a host is lost, remove its folder here if there
    is one and call this again: the new folder has no voting mark, so that the node asks the others before it votes.

    Example: tallystick network install plan.toml north --dir north --ledger 6f1c…
    """
    made = Office(Papers(file), organization, directory).install(ledger, home, python, reads)
    for folder in made:
        typer.echo(f"{folder}: node and {UNIT.format(member=folder.name)}, which begins with what to do")
        if not has_voting_mark(folder):
            typer.echo("  It has no voting mark, as for a host that was lost: never run it while the one before it runs.")
    typer.echo(f"{directory} is now a network directory: tallystick network status --dir {directory}")


def _next(papers: Papers, rows: Mapping[str, tuple[str, str, str]]) -> str:
    """The next step, and whose it is."""
    for step, column in (("offer", 0), ("approve", 1)):
        if missing := [name for name, states in rows.items() if states[column] == MISSING]:
            if column and not papers.path.with_name(GENESIS_FILE).exists():
                return f"anybody: tallystick network gather {papers.path}"
            return f"{', '.join(missing)}: tallystick network {step} {papers.path} ORGANIZATION --dir DIR"
    return f"all: tallystick network install {papers.path} ORGANIZATION --dir DIR --ledger DIGEST"
