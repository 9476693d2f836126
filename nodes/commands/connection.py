"""Which node a command talks to, and as whom: options that commands share."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from ledger.errors import JsonValue, OperatorError
from nodes.client import Client, LocalMember, Outcome
from nodes.commands.outcome import SAID_NO, show_json
from nodes.key_files import read_key
from nodes.network.directory import read_network, reader_tls
from nodes.node.files import GENESIS_FILE, KEYS

NETWORK = Path("tallystick-network")
"""Where a network lives unless `--dir` says otherwise."""
FINAL_SECONDS_MAX = 60

Directory: TypeAlias = Annotated[Path, typer.Option("--dir", help="Directory of the network.")]
NodeName: TypeAlias = Annotated[str | None, typer.Option("--node", help="Member id of the node to ask; the first by default.")]
Signers: TypeAlias = Annotated[
    list[str], typer.Option("--as", help="Member id that signs; repeat it for several, in signing order.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def connect(directory: Path, node: str | None = None) -> Client:
    """A client of one node of the network."""
    addresses = read_network(directory).urls()
    name = node or next(iter(addresses))
    if name not in addresses:
        raise OperatorError("unknown-node", f"{name} is no node of this network; there are {', '.join(addresses)}.")
    genesis = (directory / GENESIS_FILE).read_bytes()
    return Client({name: addresses[name]}, reader=_reader(directory, name), genesis=genesis, tls=reader_tls(directory, name))


def _reader(directory: Path, node: str) -> LocalMember | None:
    """Where a node answers to members alone, whoever runs its directory reads as the node itself."""
    path = directory / KEYS / f"{node}.key"
    return LocalMember(node, read_key(path)) if path.exists() else None


def load_signers(directory: Path, names: Sequence[str]) -> list[LocalMember]:
    """The members with their keys from the network's directory."""
    return [LocalMember(name, read_key(directory / KEYS / f"{name}.key")) for name in names]


def submit_and_show(
    directory: Path,
    node: str | None,
    signers: Sequence[str],
    contract: str,
    operation: str,
    arguments: dict[str, JsonValue],
    *,
    as_json: bool,
) -> Outcome:
    """Signs, submits, waits until final and shows the outcome; exit code 1 if the ledger rejected it."""
    with connect(directory, node) as client:
        members = load_signers(directory, signers)
        outcome = client.deliver(client.sign_named(contract, operation, arguments, members), FINAL_SECONDS_MAX)
    show_outcome(outcome, as_json=as_json)
    if not outcome.is_committed:
        raise typer.Exit(SAID_NO)
    return outcome


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """One line, or JSON."""
    if as_json:
        show_json(
            {
                "transaction": outcome.transaction,
                "status": outcome.status,
                "code": outcome.code,
                "details": outcome.details,
                "height": outcome.height,
                "position": outcome.position,
                "events": list(outcome.events),
            }
        )
        return
    place = f"block {outcome.height}, place {outcome.position}"
    if outcome.is_committed:
        typer.echo(f"committed in {place}: {outcome.transaction}")
    else:
        typer.echo(f"rejected ({outcome.code}) in {place}: {outcome.sentence}")


def parse_json(text: str, what: str) -> Any:
    """JSON from the command line; raises OperatorError `bad-json`."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise OperatorError("bad-json", f"{what} should be JSON: {error}.") from error
