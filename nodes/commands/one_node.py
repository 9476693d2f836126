"""`tallystick node …`: one node, as an organization of its own would run it."""

import shutil
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ledger.errors import OperatorError
from ledger.genesis import Genesis
from nodes.commands.command_group import command_group
from nodes.commands.command_parts import AsJson, show_json
from nodes.key_files import read_bytes, read_key
from nodes.network.directory import write_tls
from nodes.network.local import ProcessNode
from nodes.node.copies import (
    RestoredCopy,
    join,
    let_sole_validator_vote,
    prune_node,
    restore_backup,
    write_backup,
    write_snapshot,
)
from nodes.node.files import (
    GENESIS_FILE,
    LAB_TOKEN,
    NETWORK_FILE,
    NODE_FILE,
    OUTPUT,
    TLS,
    NetworkFile,
    NodeFile,
    read_file,
    read_genesis,
    read_node_settings,
)
from nodes.node.node_directory import create_node, load_installed

application = command_group("Make, run, copy and prune one node.")
PROGRESS_BLOCKS = 2_000
"""Blocks between two lines of progress: some seconds."""
NodeDirectory = Annotated[Path, typer.Argument(help="Directory of the node.")]


RunsAs = Annotated[str | None, typer.Option(help="Member id the node runs as.")]
KeyFile = Annotated[Path | None, typer.Option(help="The member's key file.")]
GenesisFile = Annotated[Path | None, typer.Option(help="genesis.json of the network.")]
Network = Annotated[Path | None, typer.Option(help="network.json with the address of every node.")]


@application.command()
def init(
    directory: NodeDirectory,
    member: Annotated[str, typer.Option(help="Member id the node runs as.")],
    key: Annotated[Path, typer.Option(help="The member's key file.")],
    genesis: Annotated[Path, typer.Option(help="genesis.json of the network.")],
    network: Annotated[Path, typer.Option(help="network.json with the address of every node.")],
    restored: Annotated[
        bool, typer.Option("--restored", help="This key has voted before: ask the others before voting again.")
    ] = False,
    snapshot: Annotated[
        Path | None, typer.Option(help="State snapshot to begin with instead of the genesis; every line is checked against it.")
    ] = None,
) -> None:
    """Make a node's directory: the database with the genesis, settings, and the mark that lets it vote.

    Where the addresses are https, the node's certificate and key lie in `tls` beside network.json; see `node certificate`.
    A node that begins with a state snapshot asks the others before it votes. It has no block before the snapshot.

    Example: tallystick node init north --member north.validator --key north.validator.key
    --genesis genesis.json --network network.json
    """
    file, found = _settings(member, key, genesis, network)
    begin = None if snapshot is None else partial(join, snapshot, genesis=found)
    create_node(directory, file, found, load_installed(found), with_mark=not restored and snapshot is None, begin=begin)
    _copy_network(directory, genesis, network)
    typer.echo(f"{member} is ready: tallystick node run {directory}")


@application.command()
def certificate(
    member: Annotated[str, typer.Argument(help="Member id the node runs as.")],
    root: Annotated[Path, typer.Option(help="The organization's root certificate.")],
    root_key: Annotated[Path, typer.Option(help="The root's key file.")],
    address: Annotated[str, typer.Option(help="IP address or DNS name that clients know the node by.")] = "127.0.0.1",
    to: Annotated[Path, typer.Option(help="Folder for MEMBER.pem and MEMBER.key.")] = Path(TLS),
) -> None:
    """Make a node's TLS certificate and key, or new ones if they end within a month; a running node takes them at its restart.

    Example: tallystick node certificate north.validator --root north.pem --root-key north.key --address 10.0.0.7
    """
    write_tls(to, member, read_bytes(root).decode(), read_key(root_key), address)
    typer.echo(f"{to / member}.pem")


@application.command()
def run(directory: NodeDirectory) -> None:
    """Run a node until Ctrl-C. Example: tallystick node run tallystick-network/nodes/north.validator"""
    read_file(directory / NODE_FILE, NodeFile)
    node = ProcessNode(["nodes.node.process", str(directory)], directory / OUTPUT)
    node.follow(lambda: typer.echo("It serves. Ctrl-C stops it."))
    if node.exit_code:
        raise OperatorError("node-failed", f"The node stopped by itself; see {directory / OUTPUT}.")


@application.command()
def backup(directory: NodeDirectory, file: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Copy a node's data while it runs: the ledger and its private documents, without key and voting mark.

    A purge of a document does not reach backups. Example: tallystick node backup north north-monday.zip
    """
    settings = read_file(directory / NODE_FILE, NodeFile)
    height = write_backup(directory, settings.member, file)
    typer.echo(f"{settings.member} at height {height}: {file}, {file.stat().st_size:,} bytes")


@application.command()
def restore(
    directory: NodeDirectory,
    file: Annotated[Path, typer.Argument(help="The backup.")],
    member: RunsAs = None,
    key: KeyFile = None,
    genesis: GenesisFile = None,
    network: Network = None,
) -> None:
    """Put a backup in the place of a lost database; the node asks the others before it votes again.

    Nothing of the backup is believed: every block is held against the genesis, and the rows of the database are built again.

    Never put back a copy of the whole directory instead: with its voting mark the node signs again, and otherwise, what it has
    signed since. A database that lost its end is noticed by that mark where the mark is newer, and the node asks as after this.

    A new directory takes the options of `node init` as well. Example: tallystick node restore north north-monday.zip
    """
    if (directory / NODE_FILE).exists():
        settings = read_node_settings(directory)
        restored = restore_backup(file, directory, settings.genesis, settings.member, _show_progress)
    else:
        if member is None or key is None or genesis is None or network is None:
            message = f"{directory} holds no {NODE_FILE}: give --member, --key, --genesis and --network as for `node init`."
            raise OperatorError("wrong-use", message)
        content, found = _settings(member, key, genesis, network)
        done = list[RestoredCopy]()
        create_node(
            directory, content, found, load_installed(found), with_mark=False,
            begin=lambda place: done.append(restore_backup(file, place, found, content.member, _show_progress)),
        )  # fmt: skip
        _copy_network(directory, genesis, network)
        (restored,) = done
    if restored.left_out:
        typer.echo(f"The backup held other rows than follow from its blocks; built again: {', '.join(restored.left_out)}.")
    typer.echo(f"restored at height {restored.height}: tallystick node run {directory}")


@application.command()
def mark(directory: NodeDirectory) -> None:
    """Let the only validator of a network vote after a restore, or where its database lost its end: there is no other to ask.

    You vouch for it that its key has signed nothing after its newest block here. Where other nodes keep the ledger, let it run
    first and fetch what it had signed. Example: tallystick node mark north
    """
    settings = read_node_settings(directory)
    let_sole_validator_vote(
        directory, settings.member, load_installed(settings.genesis, settings.file.contracts, settings.contracts_folder)
    )
    typer.echo(f"{settings.member} votes again")


@application.command()
def snapshot(directory: NodeDirectory, file: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write the state with all that a new node must know, while the node runs; `node init --snapshot` begins with it.

    It holds no private documents. Example: tallystick node snapshot north state.gz
    """
    height = write_snapshot(directory, file)
    typer.echo(f"state after block {height}: {file}, {file.stat().st_size:,} bytes")


@application.command()
def prune(
    directory: NodeDirectory,
    keep: Annotated[int | None, typer.Option(min=1, help="Newest blocks that stay whole.")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="First height that stays whole.")] = None,
    as_json: AsJson = False,
) -> None:
    """Drop bodies and earlier values of old blocks in a node that stands still.

    Headers, decision records, receipts and ids stay, and what they prove; envelopes, earlier values of keys and the export are
    gone here. Blocks whose transactions may not have expired stay whole. Example: tallystick node prune north --keep 10000
    """
    if (keep is None) == (before is None):
        raise OperatorError("wrong-use", "Give either --keep or --before.")
    done = prune_node(directory, keep=keep, before=before)
    if as_json:
        show_json({"pruned": done.upto, "asked": done.asked, "bytes_before": done.bytes_before, "bytes_after": done.bytes_after})
        return
    gone = f"gone up to block {done.upto}" if done.upto else "nothing is gone"
    typer.echo(f"{gone}; the database has {done.bytes_after:,} bytes, it had {done.bytes_before:,}")
    if done.upto < done.asked:
        typer.echo(f"Blocks {done.upto + 1} to {done.asked} stay: their transactions may not have expired.")


def _show_progress(height: int, of: int) -> None:
    if height % PROGRESS_BLOCKS == 0:
        typer.echo(f"  block {height:,} of {of:,} holds", err=True)


def _settings(member: str, key: Path, genesis: Path, network: Path) -> tuple[NodeFile, Genesis]:
    """The settings of a new node; raises OperatorError for what does not fit."""
    addresses = read_file(network, NetworkFile)
    found = read_genesis(genesis, addresses.ledger)
    read_key(key)
    if member not in addresses.urls():
        raise OperatorError("unknown-node", f"{network} gives no address for {member}.")
    address = urlsplit(addresses.urls()[member])
    if address.hostname is None or address.port is None:
        raise OperatorError("bad-file", f"{network}: the address of {member} should be http://HOST:PORT or https://HOST:PORT.")
    token, tls = network.with_name(LAB_TOKEN), network.with_name(TLS) / member
    file = NodeFile(
        member=member,
        host=address.hostname,
        port=address.port,
        key=str(key.resolve()),
        genesis=GENESIS_FILE,
        network=NETWORK_FILE,
        lab_token=str(token.resolve()) if addresses.lab and token.exists() else None,
        tls_certificate=f"{tls.resolve()}.pem" if addresses.has_tls else None,
        tls_key=f"{tls.resolve()}.key" if addresses.has_tls else None,
    )
    return file, found


def _copy_network(directory: Path, genesis: Path, network: Path) -> None:
    shutil.copyfile(genesis, directory / GENESIS_FILE)
    shutil.copyfile(network, directory / NETWORK_FILE)
