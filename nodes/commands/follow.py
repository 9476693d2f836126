"""`tallystick follow`: keeps a PostgreSQL schema at the head of a ledger."""

import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ledger.errors import OperatorError
from ledger.genesis import parse_genesis
from nodes.commands.command_group import plain
from nodes.commands.command_parts import NETWORK, AsJson, Directory, NodeName, load_leaf, show_json
from nodes.key_files import read_bytes
from nodes.network.directory import client_of
from nodes.node.files import GENESIS_FILE
from nodes.shutdown import stop_on_signals

LINE_S = 10
"""Between two lines of progress where they cannot replace each other."""
SCHEMA_BYTES_MAX = 63


def follow(
    database: Annotated[
        str, typer.Argument(help="postgresql://USER@HOST:PORT/DATABASE; the password is best kept in ~/.pgpass or PGPASSWORD.")
    ],
    schema: Annotated[str, typer.Option(help="Schema of that database, made if it is not there; one a ledger.")] = "tallystick",
    directory: Directory = NETWORK,
    node: NodeName = None,
    once: Annotated[bool, typer.Option("--once", help="End at the node's head.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep a PostgreSQL schema at the head of a ledger. Each block is verified, and written once, in one transaction.

    It goes on from the height that the schema has, waits for a node or a database that is away, and says so. Ctrl-C ends it
    between two writes. Exit code 1 if a block does not hold.

    Example: tallystick follow postgresql://ledger@127.0.0.1/books

    From another node, up to its head: tallystick follow postgresql:///books --schema trade --node south.validator --once
    """
    if not 0 < len(schema.encode()) <= SCHEMA_BYTES_MAX or "\0" in schema or schema.startswith("pg_"):
        message = f"`--schema` is a name of at most {SCHEMA_BYTES_MAX} bytes that does not begin with pg_."
        raise OperatorError("wrong-use", message)
    follower_class = load_leaf("nodes.analysis.follow:Follower", "analysis")
    teller = _Teller()
    with client_of(directory, node) as client:
        genesis = parse_genesis(read_bytes(directory / GENESIS_FILE))
        follower = follower_class(client, genesis, database, schema, once=once, progress=teller.progress, note=teller.note)
        stop_on_signals(follower.stop)
        try:
            follower.run()
        finally:
            teller.end()
    if once and teller.last is None:
        typer.echo(f"Schema {schema} is at the head of {client.url} already: nothing was written.", err=True)
    if as_json and teller.last is not None:
        show_json(asdict(teller.last))


class _Teller:
    """One line on standard error that says how far it is, and lines that say why it waits."""

    def __init__(self) -> None:
        self.last: Any = None
        self._shown: Any = None
        self._shown_s, self._is_open, self._said, self._can_replace = 0.0, False, "", sys.stderr.isatty()

    def progress(self, progress: Any) -> None:
        """After each write."""
        self.last, self._said = progress, ""
        if self._can_replace or time.monotonic() - self._shown_s >= LINE_S:
            self._show()

    def note(self, message: str) -> None:
        """A line of its own, unless it was the last one too."""
        if message != self._said:
            typer.echo("\n" * self._is_open + plain(message), err=True)
            self._is_open = False
        self._said = message

    def end(self) -> None:
        """The last line."""
        if self.last is not self._shown:
            self._show()
        if self._is_open:
            typer.echo(err=True)

    def _show(self) -> None:
        self._shown_s, self._shown = time.monotonic(), self.last
        at = self.last
        rate = f"{at.transactions / at.seconds if at.seconds else 0:,.0f} transactions/s"
        line = f"height {at.height:,}, {at.behind:,} blocks behind, written {at.lag_ms / 1_000:,.1f} s after its time; {rate}"
        typer.echo(f"\r{line}\x1b[K" if self._can_replace else line, nl=not self._can_replace, err=True)
        self._is_open = self._can_replace
