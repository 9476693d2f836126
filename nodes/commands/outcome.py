"""How commands end: an error of the project's tree becomes one sentence and an exit code, never a traceback.

0 done; 1 the ledger or a check said no; 2 wrong use: options, files, ports, an unreachable node.
"""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from ledger.encoding import encode_unchecked
from ledger.errors import IndefiniteError, JsonValue, OperatorError, TallystickError

SAID_NO = 1
WRONG_USE = 2


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
