"""The files in which tables lie: a folder of Parquet files with `views.sql`, or one DuckDB database.

DuckDB reads and writes them, here without extensions from elsewhere, without a network, within a limit of memory, and of files
only those that are named.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from sys import getsizeof
from typing import Any

import duckdb

from ledger.errors import MalformedError, OperatorError
from nodes.analysis.tables import (
    DUCKDB,
    TABLES,
    Cell,
    CellKind,
    Row,
    TableView,
    block_line,
    column_of,
    head_line,
    literal,
    quoted,
)

VIEWS = "views.sql"
FILES: Mapping[str, str] = {name: f"{name}.parquet" for name in TABLES}
"""Name of each table's file."""
NAMED_IN_EACH_FILE = ("ledger", "format", "height", "block", "state_root")
"""Columns of `ledger` that stand in the metadata of every Parquet file as well."""
INTERRUPTED = "Query interrupted"
GROUP_MAX = 10_001
"""Rows of one block that are looked at to find its transactions; no ledger allows more of them."""
ROW_BYTES_MAX = 32_000_000
"""Of the texts of a row that is read; the longest of a ledger are a genesis and what one transaction writes."""
HELD_BYTES_MAX = 256_000_000
"""Memory of the rows of a table that are held at a time: as much as the longest line of an archive, one block."""
SOURCE = "source"
"""Name under which a database that is read is known."""
_SETTINGS = {
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    "storage_compatibility_version": "v1.2.0",
    "threads": "2",
}
_PATTERN = frozenset("*?[]{}")
_HEAD = """-- The tables of a Tallystick ledger as views on the Parquet files beside this one, and a view each record type.
-- Read it in this folder: duckdb -init views.sql. From elsewhere say first: SET file_search_path = 'THIS FOLDER';
"""


def connect(path: Path | None = None, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory, or in a new file; what does not fit into memory goes to the folder `spill`, or is refused."""
    settings = {**_SETTINGS, "temp_directory": "" if spill is None else str(spill)}
    return duckdb.connect(":memory:" if path is None else str(path), config=dict(settings))


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables for reading, each as `relation` names it; raises MalformedError `bad-tables` for what DuckDB cannot read.

    Nothing is believed but the form of the files: views of the database are not used, and `views.sql` is not read.
    """
    verify_plain(path)
    with reading(path), connect() as database:
        if path.is_dir():
            files = [path / file for file in FILES.values()]
            for file in files:
                if file.exists() and not file.is_file():  # check: tables-regular
                    raise MalformedError("bad-tables", f"{file} is no regular file.")  # of a pipe, DuckDB would wait for the end
            _confine(database, files)
        else:
            beside = path.with_name(f"{path.name}.wal")
            if beside.exists():  # check: tables-wal
                raise MalformedError(
                    "bad-tables", f"{path} was not closed: {beside.name} lies beside it. Open it once with DuckDB."
                )
            _confine(database, [path, beside])
            database.execute(f"ATTACH {literal(str(path))} AS {SOURCE} (READ_ONLY)")
        database.execute("SET lock_configuration = true")
        yield database


def relation(path: Path, table: str) -> str:
    """A table as SQL names it in `opened`."""
    if path.is_dir():
        return f"read_parquet({literal(str(path / FILES[table]))}, hive_partitioning = false)"
    return f"{SOURCE}.main.{quoted(table)}"


def columns_of(database: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns."""
    return [(str(row[0]), str(row[1])) for row in database.execute(f"DESCRIBE SELECT * FROM {relation(path, table)}").fetchall()]


def rows_in(database: duckdb.DuckDBPyConnection, path: Path, table: str) -> Iterator[Row]:
    """The rows in the order of the file; a time that is no whole millisecond is a fraction, and so equals none.

    Some kilobytes of Parquet can be gigabytes of text: DuckDB counts the bytes, and what is too long never gets into Python.
    """
    columns = TABLES[table].columns
    size = " + ".join(f"coalesce(strlen({quoted(one.name)}), 0)" for one in columns if one.kind in ("text", "json"))
    shown = (_read_as(one.kind, quoted(one.name), f"{size} <= {ROW_BYTES_MAX}") for one in columns)
    times = [place for place, one in enumerate(columns) if one.kind == "time"]
    with database.cursor() as cursor, reading(path):
        cursor.execute(f"SELECT {', '.join(shown)}, {size} <= {ROW_BYTES_MAX} FROM {relation(path, table)}")
        while (row := cursor.fetchone()) is not None:
            *cells, fits = row
            if not fits:  # check: tables-row-bytes
                raise _too_much(path, table, cells, f"a row has more than {ROW_BYTES_MAX} bytes")
            for place in times:
                cells[place] = _milliseconds(row[place])
            yield tuple(cells)


def kept_together(rows: Iterable[Row], path: Path, table: str, bytes_max: int) -> Iterator[Row]:
    """Passes the rows; raises MalformedError `bad-tables` once they take too much memory."""
    size = 0
    for row in rows:
        size += size_of(row)
        if size > bytes_max:  # check: tables-kept-bytes
            raise _too_much(path, table, row, f"its rows take more than {bytes_max} bytes")
        yield row


def size_of(row: Row) -> int:
    """How much memory the cells of a row take."""
    return sum(map(getsizeof, row))


def _read_as(kind: CellKind, name: str, fits: str) -> str:
    if kind == "time":
        return f"epoch_us({name})"
    return f"{name}::BIGINT" if kind == "integer" else f"CASE WHEN {fits} THEN {name} END"


def _too_much(path: Path, table: str, row: Sequence[Cell], what: str) -> MalformedError:
    place = f" at height {row[column_of(table, 'height')]}" if "height" in TABLES[table].names else ""
    return MalformedError("bad-tables", f"The table {table} in {path} is that of no ledger:{place} {what}.")


def lines_in(path: Path) -> Iterator[bytes]:
    """The lines of the export that the tables were made of, so far as they say so; nothing of it is verified."""
    missing = [file for file in FILES.values() if not (path / file).exists()] if path.is_dir() else []
    if missing:
        raise MalformedError("bad-tables", f"{path} is no folder of tables: it has no {missing[0]}.")
    with opened(path) as database:
        waiting = {name: WaitingRows(rows_in(database, path, name), path, name) for name in ("transactions", "receipts")}
        for row in rows_in(database, path, "ledger"):
            yield head_line(*(str(row[column_of("ledger", name)]) for name in ("genesis", "ledger")))
        for row in rows_in(database, path, "blocks"):
            height, header, record = (row[column_of("blocks", name)] for name in ("height", "header", "record"))
            rows = {name: one.take(len(one.of_height(height))) for name, one in waiting.items()}
            parts = (("transactions", "envelope"), ("receipts", "receipt"), ("receipts", "writes"))
            yield block_line(str(header), str(record), *([str(row[column_of(t, c)]) for row in rows[t]] for t, c in parts))


class WaitingRows:
    """Rows to be compared, one after another."""

    def __init__(self, rows: Iterable[Row], path: Path, table: str) -> None:
        self._rows, self._path, self._table = iter(rows), path, table
        self._seen, self._bytes = deque[Row](), 0

    def peek(self, count: int) -> list[Row]:
        """The next rows, fewer at the end; raises MalformedError `bad-tables` if they take too much memory."""
        while len(self._seen) < count and (row := next(self._rows, None)) is not None:
            self._bytes += size_of(row)
            if self._bytes > HELD_BYTES_MAX:  # check: tables-held-bytes
                raise _too_much(self._path, self._table, row, f"rows of one block take more than {HELD_BYTES_MAX} bytes")
            self._seen.append(row)
        return [self._seen[place] for place in range(min(count, len(self._seen)))]

    def of_height(self, height: Cell) -> list[Row]:
        """The next rows, so far as they say that they are of this block."""
        count = 0
        while count < GROUP_MAX and len(rows := self.peek(count + 1)) > count and rows[count][0] == height:
            count += 1
        return self.peek(count)

    def take(self, count: int = 1) -> list[Row]:
        """Passes the next rows."""
        taken = [self._seen.popleft() for _ in self.peek(count)]
        self._bytes -= sum(map(size_of, taken))
        return taken


def metadata_of(database: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[tuple[str, str]]:
    """What the metadata of a Parquet file says, in order of names."""
    found = database.execute(f"SELECT key, value FROM parquet_kv_metadata({literal(str(path / FILES[table]))})").fetchall()
    return sorted((bytes(key).decode(errors="replace"), bytes(value).decode(errors="replace")) for key, value in found)


def catalog_of(database: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """The statement of everything that stands in a database besides rows, by its kind and name."""
    found = {}
    known = database.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = 'duckdb_triggers'").fetchall()
    for kind, query in (_CATALOG | (_TRIGGERS if known else {})).items():
        for schema, one, statement in database.execute(f"{query} AND database_name = {literal(name)}").fetchall():
            found[f"{kind} {one}" if schema == "main" else f"{kind} {schema}.{one}"] = str(statement)
    return found


_CATALOG = {
    "table": "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE NOT internal",
    "view": "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal",
    "index": "SELECT schema_name, index_name, sql FROM duckdb_indexes() WHERE true",
    "sequence": "SELECT schema_name, sequence_name, sql FROM duckdb_sequences() WHERE true",
    "function": "SELECT schema_name, function_name, macro_definition FROM duckdb_functions() WHERE NOT internal",
    "type": "SELECT schema_name, type_name, logical_type FROM duckdb_types() WHERE NOT internal",
    "schema": "SELECT 'main', schema_name, NULL FROM duckdb_schemas() WHERE NOT internal",
    "comment on table": "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE comment IS NOT NULL",
    "comment on view": "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE comment IS NOT NULL",
    "comment on column": """
        SELECT schema_name, table_name || '.' || column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL
    """,
}
_TRIGGERS = {"trigger": "SELECT schema_name, trigger_name, sql FROM duckdb_triggers() WHERE true"}
"""Of newer versions."""


def catalog_expected(views: Iterable[TableView]) -> dict[str, str]:
    """What `catalog_of` gives for a database of the tables and these views, as this DuckDB spells it."""
    with connect() as database:
        for table in TABLES.values():
            database.execute(DUCKDB.create_table(table))
        for view in views:
            database.execute(DUCKDB.create_view(view))
        return catalog_of(database, "memory")


@dataclass(frozen=True, slots=True)
class ColumnClaim:
    """What a Parquet file says of a column in a group of rows: DuckDB and others pass groups over for it, and answer by it."""

    column: str
    bounds: tuple[tuple[Cell, Cell], ...]
    """The least and the greatest value, twice, since there are an old and a new place for them; None says nothing."""
    is_exact: bool
    """Whether there are such values, and not only none beyond them."""
    nulls: int | None
    has_index: bool
    """Whether there is more by which readers pass rows over."""


def claims_of(database: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[tuple[int, list[ColumnClaim]]]:
    """How many rows each group has, and what is claimed of its columns."""
    cursor = database.execute(f"SELECT * FROM parquet_metadata({literal(str(path / FILES[table]))})")
    names = [str(one[0]) for one in cursor.description or ()]
    kinds = {one.name: one.kind for one in TABLES[table].columns}
    places = {*enumerate(kinds)}
    groups = dict[int, tuple[int, list[ColumnClaim]]]()
    for values in cursor.fetchall():
        said = dict(zip(names, values, strict=True))
        column = str(said["path_in_schema"])
        if (said["column_id"], column) not in places:  # check: tables-chunk
            message = f"{path / FILES[table]} calls a column {column} that its schema calls otherwise."
            raise MalformedError("bad-tables", message)
        low, high, old_low, old_high = (_claimed(database, kinds[column], said[bound]) for bound in _BOUNDS)
        claim = ColumnClaim(
            column, ((low, high), (old_low, old_high)),
            is_exact=said.get("min_is_exact") is not False and said.get("max_is_exact") is not False,
            nulls=said["stats_null_count"], has_index=any(said.get(index) is not None for index in _INDEXES),
        )  # fmt: skip
        groups.setdefault(said["row_group_id"], (said["row_group_num_rows"], []))[1].append(claim)
    return [groups[number] for number in sorted(groups)]


_BOUNDS = ("stats_min_value", "stats_max_value", "stats_min", "stats_max")
_INDEXES = ("bloom_filter_offset", "column_index_offset", "offset_index_offset", "index_page_offset")


def _claimed(database: duckdb.DuckDBPyConnection, kind: CellKind, text: str | None) -> Cell:
    if text is None or kind in ("text", "json"):
        return text
    type_name = "TIMESTAMP" if kind == "time" else "BIGINT"
    (found,) = database.execute(f"SELECT {'epoch_us' if kind == 'time' else ''}(?::{type_name})", [text]).fetchall()
    return _milliseconds(found[0]) if kind == "time" else int(found[0])


def rows_claimed(database: duckdb.DuckDBPyConnection, path: Path, table: str) -> int:
    """How many rows a Parquet file says it has."""
    (found,) = database.execute(f"SELECT num_rows FROM parquet_file_metadata({literal(str(path / FILES[table]))})").fetchall()
    return int(found[0])


def views_sql(views: Iterable[TableView]) -> str:
    """The text of `views.sql`."""
    tables = (f"CREATE OR REPLACE VIEW {quoted(t)} AS SELECT * FROM read_parquet({literal(f)})" for t, f in FILES.items())
    return _HEAD + "".join(f"\n{statement};\n" for statement in (*tables, *map(DUCKDB.create_view, views)))


def verify_plain(path: Path) -> None:
    """Raises OperatorError: DuckDB takes a path with one of these characters as the pattern of many."""
    if _PATTERN & {*str(path)}:  # check: tables-pattern
        raise OperatorError("wrong-use", f"DuckDB reads {' '.join(sorted(_PATTERN))} in {path} as a pattern: take another name.")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Tells what DuckDB says of a file that it cannot read."""
    try:
        with stopping():
            yield
    except (duckdb.Error, UnicodeDecodeError) as error:
        said = str(error).partition("\n")[0]
        raise MalformedError("bad-tables", f"The tables in {path} cannot be read: {said}") from error
    except MemoryError as error:
        raise MalformedError("bad-tables", f"The tables in {path} take more memory than there is.") from error


@contextmanager
def stopping() -> Iterator[None]:
    """Makes of DuckDB's ways to say that Ctrl-C broke a query off what it is elsewhere."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if str(error) != INTERRUPTED:
            raise
        raise KeyboardInterrupt from error


def _confine(database: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> None:
    named = ", ".join(literal(str(file)) for file in files)
    database.execute(f"SET allowed_paths = [{named}]")
    database.execute("SET enable_external_access = false")


def _milliseconds(microseconds: Any) -> Any:
    whole, rest = divmod(microseconds, 1000) if isinstance(microseconds, int) else (None, 0)
    return Fraction(microseconds, 1000) if rest else whole
