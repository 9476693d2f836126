"""Groups of commands: known by name and summary, imported when one is used, and ended by a sentence and an exit code.

An error of the project's tree becomes one sentence and an exit code, never a traceback: 0 done; 1 the ledger or a check said
no; 2 wrong use: options, files, ports, an unreachable node.
"""

import gc
import sys
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any
from unicodedata import category

import typer
from typer.core import TyperGroup
from typer.main import get_group

from ledger.errors import IndefiniteError, OperatorError, TallystickError

SAID_NO = 1
WRONG_USE = 2
NEW_LINE = "\n"


class Scenarios:
    """Import strings of what `scenarios` adds to commands of the nodes, which know no scenario."""

    begin_lab: str | None = None
    """Of a scenario by name, or of a lab without one: the network, and the extension of its control."""
    tell_simulated: str | None = None
    """Tells a scenario on simulated nodes; raises typer.Exit or an error of the tree if the story ends otherwise."""
    campaigns: Mapping[str, str] = {}
    """By scenario: plays a range of seeds of it under faults of its own; raises typer.Exit if one of them fails."""


def plain(text: str, kept: str = "") -> str:
    """What others may have written, so that it moves no terminal: control characters stand as Python writes them."""
    return "".join(ascii(one)[1:-1] if category(one)[0] == "C" and one not in kept else one for one in text)


class CommandGroup(TyperGroup):
    """A group of commands whose errors are sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except TallystickError as error:
            typer.echo(plain(f"tallystick: {error.message} [{error.code}]", kept=NEW_LINE), err=True)
            raise typer.Exit(exit_code(error)) from error
        except KeyboardInterrupt:
            typer.echo("tallystick: stopped.", err=True)
            raise typer.Exit(SAID_NO) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(SAID_NO) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the words name; one of `add_commands` is imported here, for its use, its help and its completion."""
        name, command, rest = super().resolve_command(ctx, args)
        where = getattr(getattr(command, "callback", None), "where", None)
        return name, command if where is None else import_command(str(name), where), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list of commands under their headings, each summary whole."""
        shown = [command for command in self.commands.values() if not command.hidden]
        width = max(len(str(command.name)) for command in shown)
        rows: dict[str, list[tuple[str, str]]] = {}
        for one in shown:
            heading = getattr(one, "rich_help_panel", None) or "Commands"
            rows.setdefault(heading, []).append((str(one.name).ljust(width), one.get_short_help_str(limit=1_000)))
        for heading, of_it in rows.items():
            with formatter.section(heading):
                formatter.write_dl(of_it)


def exit_code(error: TallystickError) -> int:
    """1 when the ledger or a check said no, 2 when it could not be asked."""
    return WRONG_USE if isinstance(error, OperatorError | IndefiniteError) else SAID_NO


def command_group(text: str) -> typer.Typer:
    """An empty group with that help."""
    return typer.Typer(cls=CommandGroup, help=text, no_args_is_help=True, rich_markup_mode=None)


def add_commands(group: typer.Typer, commands: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
    """Adds commands and groups by heading and name, each with its import string and its summary, the first sentence of its help.

    A list of commands needs only these: what commands import takes a second, most of it for commands that are not used.
    """
    for heading, of_it in commands.items():
        for name, (where, summary) in of_it.items():
            group.command(name, help=summary, rich_help_panel=heading)(_named(where))


def import_command(name: str, where: str) -> Any:
    """The command or group that an import string `module:function` or `module:group` names."""
    gc.disable()  # imports make next to no garbage, and looking for it takes a seventh of their time
    try:
        found, around = resolve_name(where), command_group("")
    finally:
        gc.enable()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return get_group(around).commands[name]


def _named(where: str) -> Any:
    def not_imported() -> None:
        """Stands for the command in a list."""

    not_imported.where = where  # type: ignore[attr-defined]
    return not_imported
