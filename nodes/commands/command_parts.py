"""What commands share: which node they ask and as whom, and what they show."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, TypeAlias

import typer

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, OperatorError
from nodes.client import LocalMember, Outcome
from nodes.commands.command_group import SAID_NO
from nodes.network.directory import client_of, load_member
from nodes.words import Language

NETWORK = Path("tallystick-network")
"""Where a network lives unless `--dir` says otherwise."""
FINAL_SECONDS_MAX = 60

Directory: TypeAlias = Annotated[Path, typer.Option("--dir", help="Directory of the network.")]
NodeName: TypeAlias = Annotated[str | None, typer.Option("--node", help="Member id of the node to ask; the first by default.")]
SignersOption: TypeAlias = Annotated[
    list[str], typer.Option("--as", help="Member id that signs; repeat it for several, in signing order.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Lang: TypeAlias = Annotated[Language, typer.Option("--lang", help="en or zh.")]


def show_json(value: JsonValue) -> None:
    """One line of JSON for scripts."""
    typer.echo(encode_unchecked(value))


def load_signers(directory: Path, names: Sequence[str]) -> list[LocalMember]:
    """The members with their keys from the network's directory."""
    return [load_member(directory, name) for name in names]


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
    with client_of(directory, node) as client:
        members = load_signers(directory, signers)
        outcome = client.deliver(client.sign_named(contract, operation, arguments, members), FINAL_SECONDS_MAX)
    show_outcome(outcome, as_json=as_json)
    if not outcome.is_committed:
        raise typer.Exit(SAID_NO)
    return outcome


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """One line, or JSON."""
    if as_json:
        show_json({name: value for name, value in asdict(outcome).items() if name != "sentence"})
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


def load_leaf(where: str, extra: str) -> Any:
    """What the import string `module:name` names, of a leaf whose libraries come with an extra; raises OperatorError."""
    try:
        return resolve_name(where)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in ("ledger", "nodes", "scenarios"):
            raise
        message = f"This needs the library {library}, of an extra: `pip install -e '.[{extra}]'` in Tallystick's folder."
        raise OperatorError("missing-extra", message) from error
