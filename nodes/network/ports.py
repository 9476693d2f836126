"""Other ports for a lab that does not run, where programs have taken its own meanwhile: nobody waits for them in a full room."""

from pathlib import Path

from nodes.network.directory import free_ports, is_network_running, read_network
from nodes.node.files import NETWORK_FILE, NODE_FILE, NodeAddress, NodeFile, read_file, write_file


def leave_taken_ports(directory: Path) -> None:
    """Gives each node whose port is taken another, kept from then on; of a lab alone, whose addresses nobody relies on."""
    network = read_network(directory)
    if not network.lab or is_network_running(directory):
        return
    moved = tuple(_moved(directory, address) for address in network.nodes)
    if moved != network.nodes:
        write_file(directory / NETWORK_FILE, network.model_copy(update={"nodes": moved}))


def _moved(directory: Path, address: NodeAddress) -> NodeAddress:
    place, _, text = address.url.rpartition(":")
    (port,) = free_ports(1, int(text))
    if port == int(text):
        return address
    path = directory / address.directory / NODE_FILE
    write_file(path, read_file(path, NodeFile).model_copy(update={"port": port}))
    return address.model_copy(update={"url": f"{place}:{port}"})
