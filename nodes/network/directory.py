"""The directory of a network: making, changing and resetting its keys, certificates, genesis, addresses and nodes."""

import os
import secrets
import socket
import ssl
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.errors import OperatorError
from ledger.genesis import Genesis
from ledger.identity.tls import issue_tls, tls_ends_ms
from ledger.keys import PrivateKey
from nodes.client import Client
from nodes.http.addresses import parse_host
from nodes.key_files import PRIVATE_MODE, LocalMember, random_key, read_bytes, read_key, write_durable, write_key
from nodes.links.node_tls import reader_context
from nodes.network.specification import KeySource, NetworkSpecification, build_network, load_contracts
from nodes.node.clock import begin_clocks, wall_ms
from nodes.node.files import (
    CERTIFICATES,
    CLOCK_OFFSET,
    DATABASE,
    GENESIS_FILE,
    KEYS,
    LAB_TOKEN,
    NETWORK_FILE,
    NETWORK_LOCK,
    NODE_FILE,
    NODES,
    TLS,
    TLS_ROOTS,
    NetworkFile,
    NodeAddress,
    NodeFile,
    read_file,
    read_genesis,
    write_file,
    write_secret,
)
from nodes.node.node_directory import clear_node, create_database, create_node, is_running, load_installed
from nodes.node.voting_mark import write_voting_mark
from nodes.storage.lock import held, is_held

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104
"""Where nodes listen that answer to the whole room."""
TOKEN_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # noqa: S105
"""No two that look alike: the token of a lab is read from a projector and typed."""
TOKEN_GROUPS = 4
FIRST_PORT = 8101
LOWEST_PORT = 10_240
HIGHEST_PORT = 32_000
"""Below the ports that systems hand out to outgoing connections, so that none is taken between choice and use."""
DAY_MS = 86_400_000
TLS_LIFETIME_MS = 397 * DAY_MS
"""What browsers take at most."""
TLS_RENEWED_MS = 30 * DAY_MS
"""A TLS certificate that ends sooner than this is replaced."""
UP_TO_ROOT = "../../"
"""From a node's directory to the network's."""


def create_network(
    directory: Path,
    specification: NetworkSpecification,
    keys: KeySource,
    *,
    is_lab: bool,
    ports: Sequence[int],
    has_tls: bool = False,
    extension: Sequence[str] = (),
) -> NetworkFile:
    """Fills a new directory; raises OperatorError `already-a-network` where there is one."""
    if (directory / NETWORK_FILE).exists():  # check: network-directory-new
        raise OperatorError("already-a-network", f"{directory} holds a network already. Choose another directory, or remove it.")
    contracts = load_contracts(specification)
    built = build_network(specification, keys, contracts)
    for name in (KEYS, CERTIFICATES, NODES):
        (directory / name).mkdir(parents=True, exist_ok=True)
    for owner, key in {**built.root_keys, **built.member_keys}.items():
        write_key(directory / KEYS / f"{owner}.key", key)
    for owner, pem in built.certificates.items():
        (directory / CERTIFICATES / f"{owner}.pem").write_text(pem)
    write_durable(directory / GENESIS_FILE, built.genesis_bytes)
    if is_lab:
        write_secret(directory / LAB_TOKEN, _new_token())
    if has_tls:
        issue_tls_files(directory, specification.nodes())
        roots = dict.fromkeys(member.partition(".")[0] for member in specification.nodes())
        (directory / TLS / TLS_ROOTS).write_text("".join(built.certificates[name] for name in roots))
    addresses, scheme = [], "https" if has_tls else "http"
    for member, port in zip(specification.nodes(), ports, strict=True):
        file = NodeFile(
            member=member,
            host=HOST,
            port=port,
            key=f"{UP_TO_ROOT}{KEYS}/{member}.key",
            genesis=UP_TO_ROOT + GENESIS_FILE,
            network=UP_TO_ROOT + NETWORK_FILE,
            lab_token=UP_TO_ROOT + LAB_TOKEN if is_lab else None,
            tls_certificate=f"{UP_TO_ROOT}{TLS}/{member}.pem" if has_tls else None,
            tls_key=f"{UP_TO_ROOT}{TLS}/{member}.key" if has_tls else None,
        )
        create_node(directory / NODES / member, file, built.genesis, contracts)
        addresses.append(NodeAddress(member=member, url=f"{scheme}://{HOST}:{port}", directory=f"{NODES}/{member}"))
    network = NetworkFile(ledger=built.ledger, lab=is_lab, nodes=tuple(addresses), extension=tuple(extension))
    if is_lab:
        begin_clocks(_clock_files(directory, network), built.genesis.time_ms)
    write_file(directory / NETWORK_FILE, network)
    return network


def read_network(directory: Path) -> NetworkFile:
    """Reads network.json; raises OperatorError `no-network` that says how to make one."""
    if not (directory / NETWORK_FILE).exists():
        made = f"`tallystick network up --dir {directory}` makes one, for a plan `tallystick network install`"
        raise OperatorError("no-network", f"{directory} holds no network. {made}.")
    return read_file(directory / NETWORK_FILE, NetworkFile)


def issue_tls_files(directory: Path, members: Sequence[str]) -> None:
    """Gives the nodes of these members TLS certificates of their organizations' roots, new ones where they soon end."""
    for member in members:
        organization = member.partition(".")[0]
        root_pem = (directory / CERTIFICATES / f"{organization}.pem").read_text()
        root_key = read_key(directory / KEYS / f"{organization}.key")
        write_tls(directory / TLS, member, root_pem, root_key, HOST)


def write_tls(directory: Path, member: str, root_pem: str, root_key: PrivateKey, address: str) -> None:
    """Writes `MEMBER.pem` and `MEMBER.key`, unless they are there and good for a while yet."""
    directory.mkdir(parents=True, exist_ok=True)
    certificate, key_file = directory / f"{member}.pem", directory / f"{member}.key"
    now_ms = wall_ms()
    if certificate.exists() and key_file.exists() and tls_ends_ms(certificate.read_text()) > now_ms + TLS_RENEWED_MS:
        return
    key = random_key()  # not the node's own: what signs for it on the ledger signs no handshake
    pem = issue_tls(root_pem, root_key, member, key.public_key, address, now_ms - DAY_MS, now_ms + TLS_LIFETIME_MS)
    write_durable(key_file, key.handle.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE_MODE)
    write_durable(certificate, pem.encode())


def load_member(directory: Path, member: str) -> LocalMember:
    """A member whose key lies here; raises OperatorError `missing-key`."""
    return LocalMember(member, read_key(directory / KEYS / f"{member}.key"))


def client_of(directory: Path, *nodes: str | None, member: str | None = None, language: str = "en") -> Client:
    """A client of these nodes, of the first of the network unless some are named, that signs as the member if one is given.

    It reads as that member, else as the first of the nodes itself, or as another node, whose key lies here. Raises OperatorError.
    """
    return Client(**client_access(directory, *nodes, member=member), language=language)


def client_access(directory: Path, *named: str | None, member: str | None = None) -> dict[str, Any]:
    """Keyword arguments of `Client` or `AsyncClient` for these nodes, as in `client_of`; raises OperatorError."""
    network = read_network(directory)
    addresses = network.urls()
    nodes = [node for node in named if node] or [network.nodes[0].member]
    for node in nodes:
        if node not in addresses:
            raise OperatorError("unknown-node", f"{node} is no node of this network; there are {', '.join(addresses)}.")
    signer = None if member is None else load_member(directory, member)
    reader = next((one for one in (nodes[0], *addresses) if (directory / KEYS / f"{one}.key").exists()), None)
    return {
        "urls": {node: addresses[node] for node in nodes},
        "member": signer,
        "reader": signer or (None if reader is None else load_member(directory, reader)),
        "genesis": (directory / GENESIS_FILE).read_bytes(),
        "tls": {addresses[node]: reader_tls(directory, node) for node in nodes} if network.has_tls else None,
    }


def reader_tls(directory: Path, member: str) -> ssl.SSLContext:
    """What a client judges that member's node by, from the directory of a network with TLS."""
    root = read_bytes(directory / CERTIFICATES / f"{member.partition('.')[0]}.pem")
    return reader_context(root.decode(), member)


def read_lab(directory: Path, what: str) -> tuple[NetworkFile, Genesis]:
    """The files of a lab. Only labs go back in time: keys that sign one height twice convict their owners anywhere else.

    Raises OperatorError `no-network` or `not-a-lab`.
    """
    network = read_network(directory)
    if not network.lab:  # check: only-labs-go-back
        raise OperatorError("not-a-lab", f"{what} is only for labs: a validator that goes back signs one height twice.")
    return network, read_genesis(directory / GENESIS_FILE, network.ledger)


def read_node(directory: Path, member: str) -> NodeFile:
    """The settings of a node of this directory."""
    return read_file(directory / NODES / member / NODE_FILE, NodeFile)


def set_nodes(directory: Path, *members: str, **settings: object) -> None:
    """Changes settings of the nodes of this directory, of all unless some are named, from their next start on.

    Raises OperatorError: `host` is this machine's loopback, by which nodes reach each other, or all its addresses;
    `allowed_hosts` are names, else `bad-host`.
    """
    if (host := settings.get("host", HOST)) not in (HOST, EVERYWHERE):  # check: host-known
        raise OperatorError("wrong-use", f"`--host` is {HOST}, this machine alone, or {EVERYWHERE}, got {host!s:.80}.")
    if isinstance(names := settings.get("allowed_hosts"), Sequence):
        settings["allowed_hosts"] = tuple(parse_host(name) for name in names)
    for node in read_network(directory).nodes:
        if node.directory and (not members or node.member in members):
            path = directory / node.directory / NODE_FILE
            write_file(path, NodeFile.model_validate({**read_file(path, NodeFile).model_dump(), **settings}))


def leave_taken_ports(directory: Path) -> None:
    """Gives the nodes of a lab that does not run other ports where programs have taken theirs: a full room does not wait.

    Only of a lab: on its addresses no program relies.
    """
    network = read_network(directory)
    if not network.lab or is_network_running(directory):
        return
    moved = []
    for node in network.nodes:
        place, _, text = node.url.rpartition(":")
        (port,) = free_ports(1, int(text))
        if port != int(text):
            set_nodes(directory, node.member, port=port)
        moved.append(node.model_copy(update={"url": f"{place}:{port}"}))
    if tuple(moved) != network.nodes:
        write_file(directory / NETWORK_FILE, network.model_copy(update={"nodes": tuple(moved)}))


def hold_network(directory: Path) -> AbstractContextManager[None]:
    """Held by the program that runs the network, until its end; raises OperatorError `network-running` if another does."""
    message = f"The network in {directory} is running. `tallystick network down --dir {directory}` stops it."
    return held(directory / NETWORK_LOCK, OperatorError("network-running", message))


def is_network_running(directory: Path) -> bool:
    """Whether some program runs the network."""
    return is_held(directory / NETWORK_LOCK)


def ended_nodes(directory: Path) -> tuple[str, ...]:
    """The nodes of this directory that do not run."""
    here = [node for node in read_network(directory).nodes if node.directory]
    return tuple(node.member for node in here if not is_running(directory / node.directory))


def reset_network(directory: Path) -> None:
    """Takes every node of a stopped lab back to the genesis. Keys, addresses and genesis stay."""
    network, genesis = read_lab(directory, "reset")
    contracts = load_installed(genesis)
    first, *others = (directory / node.directory for node in network.nodes)
    for place in (first, *others):
        clear_node(place)
    create_database(first, genesis, contracts)
    for place in others:  # the same bytes, sooner
        write_durable(place / DATABASE, (first / DATABASE).read_bytes())
    for place in (first, *others):
        write_voting_mark(place, genesis.ledger)
    begin_clocks(_clock_files(directory, network), genesis.time_ms)


def free_ports(count: int, first: int | None = None) -> list[int]:
    """Ports that no program listens on: from `first` on if these are free, else chosen by chance."""
    if first is not None and all(_is_free(first + index) for index in range(count)):
        return [first + index for index in range(count)]
    ports: list[int] = []
    while len(ports) < count:
        port = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)
        if port not in ports and _is_free(port):
            ports.append(port)
    return ports


def _new_token() -> str:
    """80 bits in groups of letters and digits."""
    return "-".join("".join(secrets.choice(TOKEN_LETTERS) for _ in range(4)) for _ in range(TOKEN_GROUPS))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":  # there the option would let two programs share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _clock_files(directory: Path, network: NetworkFile) -> list[Path]:
    return [directory / node.directory / CLOCK_OFFSET for node in network.nodes]
