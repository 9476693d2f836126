"""`tallystick network …`: a whole network on this machine."""

import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, TypeAlias, get_args
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Column, Table

from ledger.errors import JsonValue, MalformedError, OperatorError, TallystickError
from ledger.primitives import is_digest
from nodes.access.levels import Reads
from nodes.commands.command_group import SAID_NO, Scenarios, add_commands, command_group, plain
from nodes.commands.command_parts import NETWORK, AsJson, Directory, Lang, show_json
from nodes.http.addresses import room_addresses
from nodes.key_files import write_durable
from nodes.lab.remote import RemoteControl
from nodes.network.directory import (
    EVERYWHERE,
    ended_nodes,
    hold_network,
    is_network_running,
    leave_taken_ports,
    read_lab,
    read_node,
    reset_network,
    set_nodes,
)
from nodes.network.lab_snapshot import restore_network, snapshot_network
from nodes.network.local import LocalNetwork, ProcessNode
from nodes.network.runner import MODULE as PROCESSES
from nodes.network.runner import serve_network, start_again, start_in_background, stop_network
from nodes.network.specification import NetworkSpecification, default_specification
from nodes.node.clock import wall_ms
from nodes.node.files import NETWORK_FILE, OUTPUT
from nodes.shutdown import stop_on_signals
from nodes.words import Language

application = command_group("Start, stop and look at a network, here or over several hosts.")
PLANNING = {
    "plan": ("nodes.commands.planning:plan", "Check the plan of a network over hosts, and say what each organization does next."),
    "offer": ("nodes.commands.planning:offer", "Make your organization's keys and certificates, and its offer beside the plan."),
    "gather": ("nodes.commands.planning:gather", "Verify all offers beside the plan, and write the genesis that follows."),
    "approve": ("nodes.commands.planning:approve", "Compute the genesis from plan and offers, compare it, and sign its digest."),
    "install": ("nodes.commands.planning:install", "Lay out the folders of your nodes, once all have approved the genesis."),
}
IN_PROCESS = "nodes.network.in_process"
"""Run as a program, so that this one need not load what a node is made of."""
DOWN = "down"
"""Of a node that gives no answer since it does not run."""
LOOK_AGAIN_SECONDS = 0.5
ROOT_SHOWN = 12
"""Digits that tell state roots apart in the table, so that addresses fit beside them; JSON has them whole."""
WITH_TLS = (
    "Its TLS certificates are for 127.0.0.1 and lead to the organizations' own roots, which no browser knows: a browser warns,"
    " and for the room plain HTTP is simpler."
)
StatusRows: TypeAlias = list[dict[str, JsonValue]]
"""What the nodes answered, one row each."""
Begun: TypeAlias = tuple[NetworkSpecification, tuple[str, ...]]
"""What a new network begins with, and what is added to its control."""
SnapshotFile = Annotated[Path, typer.Argument(help="File of the snapshot.")]


@application.command()
def up(
    directory: Directory = NETWORK,
    lab: Annotated[bool, typer.Option("--lab", help="A new network becomes a lab: its clock can be set.")] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="The nodes of a new network speak TLS, with each other and with all.")
    ] = False,
    observers: Annotated[
        int, typer.Option(min=0, max=20, help="Further organizations of a new network, whose nodes do not vote.")
    ] = 0,
    reads: Annotated[
        str | None, typer.Option("--reads", help="Whom the nodes answer to: `open` or `members`. Kept until given again.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="A new lab is that of a scenario, whose story its page plays; see `tallystick scenarios`.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Where the nodes listen: `127.0.0.1`, or `0.0.0.0` for the whole room. Kept until given again."),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name by which browsers and clients may ask the nodes, beside this machine's addresses: a proxy's, or one of"
            " DNS. May be repeated. Kept until given again.",
        ),
    ] = None,
    in_process: Annotated[bool, typer.Option("--in-process", help="All nodes in one process.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it serves; `network down` stops it.")] = False,
    port: Annotated[int, typer.Option(help="First port of a new network, if it and the next ones are free.")] = 8101,
    as_json: AsJson = False,
) -> None:
    """Start a network, making a new one of four organizations if the directory holds none.

    Holds the foreground until Ctrl-C. Where it runs and some of its nodes have ended, those are started again, in the way it
    runs. Example: tallystick network up --lab --detach
    """
    started = time.monotonic()
    if reads not in (None, *get_args(Reads)):
        raise OperatorError("wrong-use", f"`--reads` is {' or '.join(get_args(Reads))}, got {reads}.")
    given = {"reads": reads, "host": host, "allowed_hosts": allowed_host}
    changes = {name: value for name, value in given.items() if value is not None}
    if (directory / NETWORK_FILE).exists():
        leave_taken_ports(directory)
        network = LocalNetwork(directory)
        for option, is_asked, is_made in (("--lab", lab, network.file.lab), ("--tls", tls, network.file.has_tls)):
            if is_asked and not is_made:
                raise OperatorError("wrong-use", f"{directory} holds a network without {option}; a new one takes another --dir.")
        if is_network_running(directory):
            _start_again(network, keeps=not changes, as_json=as_json)
            return
    else:
        specification, extension = _begin(lab, scenario, observers)
        network = LocalNetwork.create(
            directory, specification, is_lab=lab, first_port=port, has_tls=tls, extension=extension,
            is_started_here=not (detach or in_process),
        )  # fmt: skip
    if changes:
        set_nodes(directory, **changes)

    def announce() -> None:
        show_network(network, time.monotonic() - started, as_json=as_json, foreground=not detach)

    if detach:
        start_in_background(directory, IN_PROCESS if in_process else PROCESSES)
        announce()
    elif in_process:
        ProcessNode([IN_PROCESS, str(directory)], directory / OUTPUT).follow(announce)
    else:
        ended = threading.Event()
        stop_on_signals(ended.set)
        serve_network(network, announce, ended)


@application.command()
def down(directory: Directory = NETWORK) -> None:
    """Stop a network that another process runs. Example: tallystick network down"""
    typer.echo("stopped" if stop_network(directory) else "it was not running")


@application.command()
def status(
    directory: Directory = NETWORK,
    wait: Annotated[int, typer.Option(min=0, help="Wait until all serve, for at most this many seconds.")] = 0,
    page: Annotated[Path | None, typer.Option(help="HTML file to write, which a browser opens from disk.")] = None,
    every: Annotated[int | None, typer.Option(min=1, help="Write the page again after so many seconds, until Ctrl-C.")] = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Show each node: address, height, state root, and whether it serves or is down. Exit code 1 unless all serve.

    Before the next of several nodes is stopped for an upgrade, all have to serve: tallystick network status --wait 60
    A page of all hosts for a screen on the wall: tallystick network status --page nodes.html --every 10
    """
    network, ends = LocalNetwork(directory), time.monotonic() + wait
    if every is not None:
        if page is None or wait or as_json:
            raise OperatorError("wrong-use", "`--every` goes with `--page`, and without `--wait` and `--json`.")
        _keep_page(network, page, every, language)
        return
    rows = _look(network)
    while not _all_serve(rows) and time.monotonic() < ends:
        time.sleep(LOOK_AGAIN_SECONDS)
        rows = _look(network)
    forked = _forked_heights(rows)
    if page is not None:
        _write_page(page, network, rows, language, None)
    if as_json:
        show_json({"ledger": network.ledger, "lab": network.file.lab, "nodes": list(rows)})
    else:
        root = Column("state root", max_width=ROOT_SHOWN, no_wrap=True, overflow="crop")
        table = Table("node", Column("address", overflow="fold"), "height", root, "serves")
        for row in rows:
            cells = (row[name] for name in ("member", "url", "height", "state_root", "serves"))
            table.add_row(*("–" if cell is None else plain(str(cell)) for cell in cells))
        Console(markup=False).print(table)  # an IPv6 address has brackets
        if any(row["serves"] == DOWN for row in rows):  # of nodes whose directories are here
            typer.echo(f"`tallystick network up --dir {directory}` starts what is down.")
    for height in forked:
        typer.echo(f"Two nodes have different state roots at height {height}. Stop and find out why.", err=True)
    if forked or not _all_serve(rows):
        raise typer.Exit(SAID_NO)


@application.command()
def reset(directory: Directory = NETWORK) -> None:
    """Take a lab back to its genesis; one that runs goes on from there.

    Only for labs: a validator that goes back signs one height twice.
    """
    read_lab(directory, "reset")
    control = RemoteControl(directory)
    if control.is_there():
        control.order("/reset")
    else:
        with hold_network(directory):
            reset_network(directory)
    typer.echo("back at the genesis")


@application.command()
def snapshot(target: SnapshotFile, directory: Directory = NETWORK) -> None:
    """Copy a lab whole into one file, while it runs or not: history, clocks and votes.

    Two branches that share keys are equivocation: never run both against each other.
    Example: tallystick network snapshot before-the-fraud.zip
    """
    snapshot_network(directory, target)
    typer.echo(f"copied to {target}, {target.stat().st_size:,} bytes")


@application.command()
def restore(source: SnapshotFile, directory: Directory = NETWORK) -> None:
    """Put a lab back to a snapshot: each node has said what it had said then, and its clock shows what it showed.

    One that runs goes on from there. Two branches that share keys are equivocation: never run both
    against each other. Example: tallystick network restore before-the-fraud.zip
    """
    read_lab(directory, "restore")
    control = RemoteControl(directory)
    if control.is_there():
        control.order("/restore", {"source": str(source.resolve())})
    else:
        with hold_network(directory):
            restore_network(directory, source)
    typer.echo(f"restored from {source}")


def show_network(network: LocalNetwork, seconds: float, *, as_json: bool, foreground: bool) -> None:
    """Shows a network that has started; `seconds` is how long that took."""
    pages = {member: f"{url}/" for member, url in network.urls.items()}
    room = _room(network)
    token = network.lab_token if network.file.lab else None
    if as_json:
        shown: dict[str, JsonValue] = {
            "ledger": network.ledger,
            "nodes": dict(network.urls),
            "milliseconds": round(seconds * 1000),
        }
        lab: dict[str, JsonValue] = {} if token is None else {"token": token, "room": list(room)}
        show_json({**shown, "pages": dict(pages), **lab})
        return
    typer.echo(f"Ledger {network.ledger} in {network.directory}, ready after {seconds:.1f} s.")
    for member, page in pages.items():
        typer.echo(f"  {member:<24} {page}")
    typer.echo("Each serves its page there, and its documentation under /docs.")
    if token is not None:
        _show_room(network, next(iter(pages.values())), room, token)
    typer.echo("Ctrl-C stops it." if foreground else f"`tallystick network down --dir {network.directory}` stops it.")


def _show_room(network: LocalNetwork, page: str, room: list[str], token: str) -> None:
    typer.echo(f"To act there, give the lab's token, {token}, or open this link: {page}#token={token}")
    if read_node(network.directory, network.members[0]).host != EVERYWHERE:
        command = f"tallystick network up --dir {network.directory} --host {EVERYWHERE}"
        typer.echo(f"Other machines cannot reach it; stop it, and `{command}` opens it to them.")
    elif room:
        typer.echo(f"Others in the room reach it at {' or '.join(room)}")
    else:
        typer.echo("It is open to others, but this machine has no address beside its loopback: it is in no network.")
    if network.file.has_tls:
        typer.echo(WITH_TLS)


def _room(network: LocalNetwork) -> list[str]:
    """Pages of the first node as others reach it, the most likely address first; empty while it is closed to them."""
    if read_node(network.directory, network.members[0]).host != EVERYWHERE:
        return []
    address = urlsplit(next(iter(network.urls.values())))
    return [f"{address.scheme}://{own}:{address.port}/" for own in room_addresses()]


def _start_again(network: LocalNetwork, *, keeps: bool, as_json: bool) -> None:
    """Starts what has ended of a running network; raises OperatorError `network-running` where there is nothing to do."""
    directory = network.directory
    if not keeps:
        message = f"The network in {directory} is running. --reads, --host and --allowed-host need a new start: stop it first."
        raise OperatorError("network-running", message)
    again = start_again(directory)
    if as_json:
        show_json({"ledger": network.ledger, "nodes": dict(network.urls), "started_again": list(again)})
    else:
        typer.echo(f"The network in {directory} was running; started again: {', '.join(again)}.")


def _begin(lab: bool, scenario: str | None, observers: int) -> Begun:
    """Of a new network; raises OperatorError."""
    if scenario is not None and not lab:
        raise OperatorError("wrong-use", "`--scenario` goes with `--lab`: its story moves the clock.")
    if lab and Scenarios.begin_lab is not None and (scenario is not None or not observers):
        begun: Begun = resolve_name(Scenarios.begin_lab)(scenario)
        return begun
    if scenario is not None:
        raise OperatorError("no-scenarios", "No scenarios are installed beside the nodes, or they go with no observers.")
    return default_specification(wall_ms(), observers=observers), ()


def _look(network: LocalNetwork) -> StatusRows:
    """The rows of the status; hosts that give no answer are waited for side by side."""
    with ThreadPoolExecutor(len(network.members)) as pool:
        return list(pool.map(partial(_look_at, network), network.members))


def _write_page(page: Path, network: LocalNetwork, rows: StatusRows, language: Language, every: int | None) -> None:
    status_page = resolve_name("nodes.plan.status_page:status_page")
    text: str = status_page(network.ledger, rows, _forked_heights(rows), wall_ms(), language, every)
    write_durable(page, text.encode())


def _keep_page(network: LocalNetwork, page: Path, every: int, language: Language) -> None:
    """Writes the page until a signal comes."""
    ended = threading.Event()
    stop_on_signals(ended.set)
    typer.echo(f"{page} is written every {every} s. Ctrl-C stops it.")
    while not ended.is_set():
        _write_page(page, network, _look(network), language, every)
        ended.wait(every)


def _forked_heights(rows: StatusRows) -> list[int]:
    """Heights at which two nodes have different states, which no single node can know."""
    roots = defaultdict[int, set[JsonValue]](set)
    for row in rows:
        if isinstance(row["height"], int) and row["state_root"] is not None:
            roots[row["height"]].add(row["state_root"])
    return sorted(height for height, found in roots.items() if len(found) > 1)


def _all_serve(rows: StatusRows) -> bool:
    return all(row["serves"] == "yes" for row in rows)


def _look_at(network: LocalNetwork, member: str) -> dict[str, JsonValue]:
    """One row of the status; a node that gives no answer has no height."""
    row: dict[str, JsonValue] = {"member": member, "url": network.urls[member], "height": None, "state_root": None}
    try:
        with network.client(node=member) as client:
            newest = client.get("/v1/blocks/latest")
            height, header = newest.get("height"), newest.get("header", {"state_root": None})
            root = header.get("state_root", "") if isinstance(header, dict) else ""
            if not isinstance(height, int) or not (root is None or is_digest(root)):  # check: status-answer
                raise MalformedError("bad-answer", f"The newest block of {member} has no height or no state root.")
            row |= {"height": height, "state_root": root}
            client.get("/readyz")
    except TallystickError as error:
        is_down = error.code == "unreachable" and member in ended_nodes(network.directory)
        return row | {"serves": DOWN if is_down else error.code}
    return row | {"serves": "yes"}


add_commands(application, {"Over several hosts, step by step": PLANNING})
