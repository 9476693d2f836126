"""Writes the tables of an export into a folder of Parquet files or into one DuckDB database: whole, or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.block import Header
from ledger.errors import InputError, OperatorError
from ledger.genesis import initial_state_root
from ledger.identity.records import CONTRACTS, GOVERNANCE, SYSTEM_CONTRACTS
from ledger.primitives import Digest
from nodes.analysis.table_files import FILES, NAMED_IN_EACH_FILE, VIEWS, connect, stopping, verify_plain, views_sql
from nodes.analysis.tables import (
    DUCKDB,
    TABLES,
    Column,
    Row,
    TableRows,
    add_rows,
    ledger_row,
    literal,
    quoted,
    rows_of,
    schema_rows,
    views_of,
)
from nodes.key_files import PARTIAL, put_in_place

HeightSeen = Callable[[int], object]
"""Takes the height of each block that was read."""
ROWS_AT_ONCE, BYTES_AT_ONCE = 5_000, 8_000_000
"""Rows are handed to DuckDB together, at most about so many, of about so many bytes of export."""
ROWS_A_GROUP = 16_384
"""Of a Parquet file; a group is packed in memory."""
STATE = """
    INSERT INTO state SELECT contract, collection, key, height, position, value FROM (
        SELECT *, row_number() OVER (PARTITION BY contract, collection, key ORDER BY height DESC, position DESC, number DESC)
            AS age FROM history
    ) WHERE age = 1 AND value IS NOT NULL ORDER BY contract, collection, key
"""
"""The last write of each key, which need not fit into Python's memory."""


@dataclass(frozen=True, slots=True)
class WrittenTables:
    """What an export of tables wrote."""

    ledger: Digest
    height: int
    rows: Mapping[str, int]
    """By table."""
    bytes: int


def write_folder(
    lines: Iterable[bytes], contracts: Iterable[Mapping[str, Any]], folder: Path, progress: HeightSeen
) -> WrittenTables:
    """Parquet files of the tables and `views.sql`, in a new folder. Raises OperatorError, InputError."""
    verify_plain(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):  # check: tables-folder-empty
        raise OperatorError("not-empty", f"{folder} is there and not empty; nothing in it is replaced.")
    with _place_beside(folder) as place:
        ready = place / "ready"
        ready.mkdir()
        with _filled(lines, contracts, place, progress) as (database, head, schemas):
            metadata = ", ".join(f"{name}: {literal(head[name])}" for name in NAMED_IN_EACH_FILE)
            form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_A_GROUP}, WRITE_BLOOM_FILTER false"
            for table, file in FILES.items():
                database.execute(f"COPY {quoted(table)} TO {literal(str(ready / file))} ({form}, KV_METADATA {{{metadata}}})")
            rows = _counts(database)
        (ready / VIEWS).write_text(views_sql(views_of(schemas)), encoding="utf-8")
        size = sum(file.stat().st_size for file in ready.iterdir())
        if folder.exists():
            folder.rmdir()
        put_in_place(ready, folder)
    return WrittenTables(Digest(head["ledger"]), int(head["height"]), rows, size)


def write_database(
    lines: Iterable[bytes], contracts: Iterable[Mapping[str, Any]], file: Path, progress: HeightSeen
) -> WrittenTables:
    """A DuckDB database of the tables and views, under a new name. Raises OperatorError, InputError."""
    verify_plain(file)
    if file.exists():  # check: tables-file-new
        raise OperatorError("file-exists", f"{file} exists already; it is never replaced.")
    with _place_beside(file) as place:
        with _filled(lines, contracts, place, progress) as (database, head, schemas):
            for view in views_of(schemas):
                database.execute(DUCKDB.create_view(view))
            rows = _counts(database)
            database.execute("CHECKPOINT")
        put_in_place(place / _DATABASE, file)
    return WrittenTables(Digest(head["ledger"]), int(head["height"]), rows, file.stat().st_size)


_DATABASE = "tables.duckdb"


@contextmanager
def _filled(
    lines: Iterable[bytes], contracts: Iterable[Mapping[str, Any]], place: Path, progress: HeightSeen
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str], Sequence[Row]]]:
    """A database in that folder with all tables, the cells of `ledger` by name, and the rows of `schemas`."""
    with connect(place / _DATABASE, place / "spilled") as database:
        for table in TABLES.values():
            database.execute(DUCKDB.create_table(table))
        head = _fill(database, lines, progress)
        database.execute(STATE)
        approved = "SELECT key FROM state WHERE contract = ? AND collection = ?"
        named = database.execute(approved, [GOVERNANCE, CONTRACTS]).fetchall()
        known = {*SYSTEM_CONTRACTS, *(name for (name,) in named)}
        schemas = [row for row in schema_rows(contracts) if row[0] in known]
        _insert(database, "ledger", [head])
        _insert(database, "schemas", schemas)
        yield database, dict(zip(TABLES["ledger"].names, map(str, head), strict=True)), schemas


def _fill(database: duckdb.DuckDBPyConnection, lines: Iterable[bytes], progress: HeightSeen) -> Row:
    """Adds the rows of every line; returns the row of `ledger`."""
    following = iter(lines)
    genesis = parse_export_head(next(following, b""))
    header: Header | None = None
    waiting, size = rows_of(genesis), 0
    for line in following:
        block = parse_exported_block(line)
        height = 1 if header is None else header.height + 1
        if (block.header.height, block.header.ledger) != (height, genesis.ledger):  # check: tables-line
            raise InputError("bad-export", f"Expected block {height} of ledger {genesis.ledger}; the export is not whole.")
        header = block.header
        add_rows(waiting, block)
        size += len(line)
        if size > BYTES_AT_ONCE or sum(map(len, waiting.values())) > ROWS_AT_ONCE:
            _flush(database, waiting)
            size = 0
        progress(height)
    _flush(database, waiting)
    return ledger_row(genesis, header, initial_state_root(genesis) if header is None else header.state_root)


def _flush(database: duckdb.DuckDBPyConnection, waiting: TableRows) -> None:
    for name, rows in waiting.items():
        if name != "state":  # that follows from the history
            _insert(database, name, rows)
    waiting.clear()


def _insert(database: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Hands over a column at a time: a list costs a tenth of what its cells do one by one."""
    if rows:
        given = ", ".join(map(_given, TABLES[table].columns))
        database.execute(f"INSERT INTO {quoted(table)} SELECT {given}", [list(column) for column in zip(*rows, strict=True)])


def _given(column: Column) -> str:
    if column.kind == "time":
        return "epoch_ms(unnest(?::BIGINT[]))"
    return f"unnest(?::{'VARCHAR' if column.kind == 'json' else DUCKDB.type_of(column)}[])"


def _counts(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = ", ".join(f"(SELECT count(*) FROM {quoted(name)})" for name in TABLES)
    return dict(zip(TABLES, database.execute(f"SELECT {counts}").fetchall()[0], strict=True))


@contextmanager
def _place_beside(target: Path) -> Iterator[Path]:
    """A folder beside the target, gone in the end whatever happens. Raises OperatorError `cannot-write`."""
    place: Path | None = None
    try:
        place = Path(tempfile.mkdtemp(PARTIAL, f"{target.name}.", target.resolve().parent))
        with stopping():
            yield place
    except (duckdb.Error, OSError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error).partition("\n")[0]
        raise OperatorError("cannot-write", f"{target} cannot be written: {said}") from error
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
