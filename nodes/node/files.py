"""Where a network and a node keep what on disk, and how their settings files are read and written.

NETWORK/network.json            ledger, lab or not, address of every node
NETWORK/genesis.json            the genesis, byte for byte
NETWORK/keys/MEMBER.key         mode 0600, also of the organizations' roots
NETWORK/certificates/NAME.pem
NETWORK/lab.token               mode 0600, only in a lab
NETWORK/control.json            mode 0600, where the control of a running lab listens
NETWORK/contracts/            modules of contracts of one's own, see nodes/contract_author
NETWORK/tls/MEMBER.{pem,key}    what a node speaks TLS with, and roots.pem for clients; only with TLS
NETWORK/nodes/MEMBER/node.json  settings of one node; its paths are relative to this file
                    ledger.sqlite3, documents.sqlite3 (mode 0600), voting.mark, clock.offset, log.jsonl, output.txt
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import PositiveInt, ValidationError

from ledger.codec import StrictModel, first_fault
from ledger.errors import InputError, OperatorError, StorageError
from ledger.genesis import Genesis, parse_genesis
from ledger.keys import PrivateKey
from nodes.access.levels import Reads
from nodes.event_lines import Form, LineLevel
from nodes.key_files import PRIVATE_MODE, read_bytes, read_key, write_durable
from nodes.limits import Limits
from nodes.storage.lock import FileLock

DATABASE = "ledger.sqlite3"
DOCUMENTS = "documents.sqlite3"
CLOCK_OFFSET = "clock.offset"
LOG = "log.jsonl"
OUTPUT = "output.txt"
NODE_FILE = "node.json"
NETWORK_FILE = "network.json"
GENESIS_FILE = "genesis.json"
LAB_TOKEN = "lab.token"  # noqa: S105
CONTROL_FILE = "control.json"
NETWORK_LOCK = "network.lock"
"""Held by the program that runs the network of the directory."""
CONTRACTS = "contracts"
KEYS = "keys"
CERTIFICATES = "certificates"
TLS = "tls"
TLS_ROOTS = "roots.pem"
HTTPS = "https://"
NODES = "nodes"


class NodeAddress(StrictModel):
    """Where one node is reached."""

    member: str
    url: str
    directory: str = ""
    """Its directory relative to the network's, empty for a node on another machine."""


class NetworkFile(StrictModel):
    """network.json: what every node and client of the network may know."""

    format: Literal["tallystick-network-1"] = "tallystick-network-1"
    ledger: str
    lab: bool
    nodes: tuple[NodeAddress, ...]
    extension: tuple[str, ...] = ()
    """What is added to a lab's control: an import string `module:name`, and words for it; empty: nothing."""

    def urls(self) -> dict[str, str]:
        """Address by member id."""
        return {node.member: node.url for node in self.nodes}

    @property
    def has_tls(self) -> bool:
        """Whether its nodes speak TLS, all or none."""
        return any(node.url.startswith(HTTPS) for node in self.nodes)


class NodeFile(StrictModel):
    """node.json: the settings of one node."""

    format: Literal["tallystick-node-1"] = "tallystick-node-1"
    member: str
    host: str = "127.0.0.1"
    allowed_hosts: tuple[str, ...] = ()
    """Names under which it answers beside this machine's addresses and its own in network.json: a proxy's, a DNS name."""
    port: int
    key: str
    genesis: str
    network: str
    lab_token: str | None = None
    """Path of the secret for lab calls; None: not a lab."""
    reads: Reads = "open"
    """Whom it answers to: everyone, or only members, who prove themselves with a token."""
    tls_certificate: str | None = None
    """Path of the TLS certificate in PEM; None: plain HTTP."""
    tls_key: str | None = None
    """Path of its private key in PEM."""
    contracts: tuple[str, ...] = ()
    """Import strings of contracts that governance added to those of the genesis."""
    database_bytes_max: int | None = None
    """The database may grow to this size; past it the node stops as it does when the disk is full."""
    traitor: str | None = None
    """Kind of traitor that this node is, only in a lab: a name of `nodes/traitors/kinds.py`."""
    limits: Mapping[str, PositiveInt] = {}
    """By name, what differs from the defaults of `nodes/limits.py`."""
    log_form: Form = "json"
    """Lines on standard error: JSON, or `text` for a terminal."""
    log_level: LineLevel = "info"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """All that a node needs to start: its settings file, and what stands in the files that it names."""

    directory: Path
    file: NodeFile
    genesis: Genesis
    key: PrivateKey
    addresses: Mapping[str, str]
    """URL of every node by member id."""
    hosts: tuple[str, ...]
    """Names under which it answers, beside the addresses of this machine."""
    contracts_folder: Path
    """Folder from which those contracts are imported that no installed package holds."""
    limits: Limits
    tls: tuple[Path, Path] | None
    """Files of its TLS certificate and key; None: plain HTTP."""
    lab_token: str | None
    """None: not a lab."""
    control: Path | None
    """File in which a lab's control leaves its address; None: not a lab."""

    @property
    def member(self) -> str:
        """The member whose node it is."""
        return self.file.member

    @property
    def is_lab(self) -> bool:
        """Whether the network was started as a lab."""
        return self.lab_token is not None


def read_node_settings(directory: Path) -> NodeSettings:
    """Reads node.json and the files it names; raises OperatorError for what is missing or does not fit."""
    file = read_file(directory / NODE_FILE, NodeFile)
    network = read_file(directory / file.network, NetworkFile)
    genesis = read_genesis(directory / file.genesis, network.ledger)
    key = read_key(directory / file.key)
    member = next((m for m in genesis.members if m.member == file.member), None)
    if member is not None and member.public_key != key.public_key:  # check: node-key-fits
        raise OperatorError("wrong-key", f"The key in {directory / file.key} is not that of {file.member} in the genesis.")
    if file.traitor is not None and file.lab_token is None:  # check: traitor-in-lab
        raise OperatorError("no-lab", f"{directory / NODE_FILE}: `traitor` is only for labs.")
    return NodeSettings(
        directory=directory,
        file=file,
        genesis=genesis,
        key=key,
        addresses=network.urls(),
        hosts=(file.host, urlsplit(network.urls().get(file.member, "")).hostname or file.host, *file.allowed_hosts),
        contracts_folder=(directory / file.network).resolve().with_name(CONTRACTS),
        limits=_limits(directory, file),
        tls=_tls_files(directory, file, network),
        lab_token=None if file.lab_token is None else read_secret(directory / file.lab_token),
        control=None if file.lab_token is None else (directory / file.lab_token).with_name(CONTROL_FILE),
    )


def _limits(directory: Path, file: NodeFile) -> Limits:
    unknown = sorted(file.limits.keys() - {limit.name for limit in fields(Limits)})
    if unknown:  # check: limit-name
        raise OperatorError("bad-file", f"{directory / NODE_FILE}: there is no limit {unknown[0]!r:.80}.")
    return Limits(**file.limits)


def _tls_files(directory: Path, file: NodeFile, network: NetworkFile) -> tuple[Path, Path] | None:
    """Raises OperatorError `plain-address` where TLS is spoken in part: a node that sends over TLS sends nothing without."""
    plain = [node.url for node in network.nodes if not node.url.startswith(HTTPS)]
    if file.tls_certificate is None or file.tls_key is None:
        if network.has_tls:  # check: tls-node-in-tls-network
            raise OperatorError("plain-address", f"{directory / NODE_FILE} names no TLS certificate and key; others speak it.")
        return None
    if plain:  # check: tls-addresses
        raise OperatorError("plain-address", f"With TLS every address of the network is https, got {plain[0]}.")
    return directory / file.tls_certificate, directory / file.tls_key


SettingsFile = TypeVar("SettingsFile", NetworkFile, NodeFile)


def read_file(path: Path, model: type[SettingsFile]) -> SettingsFile:
    """Reads a settings file; raises OperatorError `missing-file` or `bad-file` with what is wrong."""
    data = read_bytes(path)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise OperatorError("bad-file", f"{path} is not a {model.__name__}: {first_fault(error, 'the file')}") from error


def write_file(path: Path, content: NetworkFile | NodeFile) -> None:
    """Writes a settings file whole or not at all."""
    write_durable(path, content.model_dump_json(indent=2).encode() + b"\n")


def read_genesis(path: Path, ledger: str | None = None) -> Genesis:
    """Reads a genesis; raises OperatorError unless it is one, and of that ledger if one is given."""
    try:
        genesis = parse_genesis(read_bytes(path))
    except InputError as error:
        raise OperatorError("bad-genesis", f"{path} is not a genesis: {error.message}") from error
    if ledger is not None and genesis.ledger != ledger:  # check: genesis-of-network
        raise OperatorError("other-ledger", f"{path} is the genesis of ledger {genesis.ledger[:16]}…, expected {ledger[:16]}….")
    return genesis


def write_secret(path: Path, secret: str) -> None:
    """Writes a secret that only its owner can read."""
    write_durable(path, secret.encode() + b"\n", PRIVATE_MODE)


def read_secret(path: Path) -> str:
    """Reads a secret; raises OperatorError `missing-file`."""
    return read_bytes(path).decode().strip()


def read_control(path: Path) -> dict[str, Any]:
    """What the control of a lab leaves for its nodes and for programs beside it: where it listens, whether the lab is frozen.

    A runner that was killed leaves the file behind, and another program may have the port by now, which must not get the lab's
    token. So the file counts only while some program runs the network: else it is removed, and the answer is empty.
    """
    try:
        control = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return control if isinstance(control, dict) and not _is_left_behind(path) else {}


def _is_left_behind(path: Path) -> bool:
    try:
        lock = FileLock(path.with_name(NETWORK_LOCK))
    except StorageError as error:
        return error.code != "database-in-use"
    try:
        path.unlink(missing_ok=True)  # while no program can begin to run the network
    finally:
        lock.release()
    return True
