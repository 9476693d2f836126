"""What commands share: which node they ask and as whom, what they show, and how they end.

An error of the project's tree becomes one sentence and an exit code, never a traceback: 0 done; 1 the ledger or a check said
no; 2 wrong use: options, files, ports, an unreachable node.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from typer.core import TyperGroup

from ledger.encoding import encode_unchecked
from ledger.errors import IndefiniteError, JsonValue, OperatorError, TallystickError
from nodes.client import LocalMember, Outcome
from nodes.network.directory import client_of, load_member
from nodes.words import Language

SAID_NO = 1
WRONG_USE = 2
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


class CommandGroup(TyperGroup):
    """A group of commands whose errors are sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except TallystickError as error:
            typer.echo(f"tallystick: {error.message} [{error.code}]", err=True)
            raise typer.Exit(exit_code(error)) from error
        except KeyboardInterrupt:
            typer.echo("tallystick: stopped.", err=True)
            raise typer.Exit(SAID_NO) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(SAID_NO) from None


def exit_code(error: TallystickError) -> int:
    """1 when the ledger or a check said no, 2 when it could not be asked."""
    return WRONG_USE if isinstance(error, OperatorError | IndefiniteError) else SAID_NO


def command_group(text: str) -> typer.Typer:
    """An empty group with that help."""
    return typer.Typer(cls=CommandGroup, help=text, no_args_is_help=True, rich_markup_mode=None)


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
