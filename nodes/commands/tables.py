"""Tables for analysts, as commands write and verify them; what does it comes with the extra `analysis`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from ledger.audit.audit import NO_CONTRACTS, Auditor
from ledger.audit.exported import parse_export_head
from ledger.contract.contract import ContractSet
from ledger.contract.description import describe
from ledger.errors import JsonObject, OperatorError
from ledger.execution import with_system_contracts
from ledger.primitives import Digest
from nodes.commands.archive import open_export
from nodes.commands.command_group import plain
from nodes.commands.command_parts import load_leaf
from nodes.node.node_directory import load_installed

EXTRA = "analysis"
BLOCKS_SHOWN = 100
"""Progress is shown each time after so many."""
_MAGIC, _MAGIC_FROM = b"DUCK", 8
"""Of a DuckDB database, and behind how many bytes it stands."""


def are_tables(path: Path) -> bool:
    """Whether this is a folder or a DuckDB database; raises OSError."""
    if path.is_dir():
        return True
    with path.open("rb") as file:
        return file.read(_MAGIC_FROM + len(_MAGIC))[_MAGIC_FROM:] == _MAGIC


def write_tables(target: Path, lines: Iterable[bytes], contracts: Iterable[JsonObject], *, is_folder: bool) -> None:
    """Writes the tables of an export and says how much it was."""
    folder, database = "nodes.analysis.table_export:write_folder", "nodes.analysis.table_export:write_database"
    write = load_leaf(folder if is_folder else database, EXTRA)
    with _progress("read") as progress:
        written = write(lines, contracts, target, progress)
    rows = ", ".join(f"{count:,} {name}" for name, count in written.rows.items())
    typer.echo(f"Ledger {written.ledger} up to block {written.height}: {sum(written.rows.values()):,} rows ({rows}).", err=True)
    typer.echo(f"{written.bytes:,} bytes in {target}; `tallystick verify {target}` checks every cell.", err=True)


def audit_tables(path: Path, ledger: Digest | None, block: Digest | None, contracts: ContractSet | None) -> Any:
    """The report on tables; contracts that are given are run again, and schemas compared with theirs."""
    audit = load_leaf("nodes.analysis.table_audit:audit_tables", EXTRA)
    schema_rows = load_leaf("nodes.analysis.tables:schema_rows", EXTRA)
    schemas = None if contracts is None else schema_rows(descriptions(contracts))
    with _progress("checked") as progress:
        return audit(path, Auditor(ledger, contracts or NO_CONTRACTS), schemas, block, progress)


def show_tables(report: Any) -> None:
    """How many rows hold, and what does not."""
    if report.rows:
        typer.echo(f"Rows that hold: {', '.join(f'{count:,} {name}' for name, count in report.rows.items())}.")
    if not report.compared_schemas:
        typer.echo("The table schemas, on which the views stand, was not compared with contracts: give --contracts.")
    for finding in report.findings:
        typer.echo(plain(str(finding)))


def descriptions(contracts: ContractSet) -> list[JsonObject]:
    """What contracts say of themselves, those of the system among them."""
    return [describe(one) for one in with_system_contracts(contracts).contracts.values()]  # type: ignore[arg-type]


@contextmanager
def lines_of(file: Path) -> Iterator[Iterator[bytes]]:
    """The lines of an export, of its archive or of its tables. Raises OperatorError, InputError."""
    try:
        if are_tables(file):
            yield load_leaf("nodes.analysis.table_files:lines_in", EXTRA)(file)
        else:
            with open_export(file) as lines:
                yield lines
    except OSError as error:
        if error.filename is None:  # not of this file: a pipe that was closed
            raise
        raise OperatorError("missing-file", f"{file} cannot be read: {error.strerror}.") from error


def installed_contracts(file: Path) -> ContractSet:
    """The contracts of the genesis in a file, as they are installed here; raises as `lines_of`, and what the loader refuses."""
    with lines_of(file) as lines:
        return load_installed(parse_export_head(next(lines, b"")))


@contextmanager
def _progress(done: str) -> Iterator[Callable[[int], object]]:
    """Shows on a terminal which block it is at."""
    if not sys.stderr.isatty():
        yield lambda height: None
        return

    def show(height: int) -> None:
        if height % BLOCKS_SHOWN == 0:
            typer.echo(f"\r{done} up to block {height:,} ", nl=False, err=True)

    yield show
    typer.echo("", err=True)
