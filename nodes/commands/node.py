"""`tallystick node …`: one node, as an organization of its own would run it."""

import shutil
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ledger.errors import OperatorError
from nodes.commands.outcome import command_group
from nodes.key_files import read_key
from nodes.local_network import ProcessNode
from nodes.node_directory import create_node, load_installed
from nodes.node_files import (
    GENESIS_FILE,
    LAB_TOKEN,
    NETWORK_FILE,
    NODE_FILE,
    OUTPUT,
    NetworkFile,
    NodeFile,
    read_file,
    read_genesis,
)
from nodes.shutdown import stop_on_signals

application = command_group("Make and run one node.")
WAIT_SECONDS = 0.5
NodeDirectory = Annotated[Path, typer.Argument(help="Directory of the node.")]


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
) -> None:
    """Make a node's directory: the database with the genesis, settings, and the mark that lets it vote.

    Example: tallystick node init north --member north.validator --key north.validator.key
    --genesis genesis.json --network network.json
    """
    addresses = read_file(network, NetworkFile)
    found = read_genesis(genesis, addresses.ledger)
    read_key(key)
    if member not in addresses.urls():
        raise OperatorError("unknown-node", f"{network} gives no address for {member}.")
    address = urlsplit(addresses.urls()[member])
    if address.hostname is None or address.port is None:
        raise OperatorError("bad-file", f"{network}: the address of {member} should be http://HOST:PORT.")
    directory.mkdir(parents=True, exist_ok=True)
    token = network.with_name(LAB_TOKEN)
    file = NodeFile(
        member=member,
        host=address.hostname,
        port=address.port,
        key=str(key.resolve()),
        genesis=GENESIS_FILE,
        network=NETWORK_FILE,
        lab_token=str(token.resolve()) if addresses.lab and token.exists() else None,
    )
    create_node(directory, file, found, load_installed(found), with_mark=not restored)
    shutil.copyfile(genesis, directory / GENESIS_FILE)
    shutil.copyfile(network, directory / NETWORK_FILE)
    typer.echo(f"{member} is ready: tallystick node run {directory}")


@application.command()
def run(directory: NodeDirectory) -> None:
    """Run a node until Ctrl-C. Example: tallystick node run tallystick-network/nodes/north.validator"""
    read_file(directory / NODE_FILE, NodeFile)
    node = ProcessNode(["nodes.node_process", str(directory)], directory / OUTPUT)
    stop_on_signals(node.request_stop)
    try:
        node.wait_ready()
        typer.echo("It serves. Ctrl-C stops it.")
        while not node.wait(WAIT_SECONDS):
            pass
    except BaseException:
        node.kill()
        raise
    if node.exit_code:
        raise OperatorError("node-failed", f"The node stopped by itself; see {directory / OUTPUT}.")
