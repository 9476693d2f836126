"""The database of `tallystick follow`: a PostgreSQL schema with the typed tables of one ledger, which one program writes.

Blocks are written with the height in one transaction, which moves the height on from exactly where the blocks begin: each
block is in the tables once, whoever was killed when. The verifier keeps nothing of its own: at the start its state is read from
these tables, and must lead to the roots of the last header, so that a cell of `state` that somebody changed is noticed.

PostgreSQL takes no U+0000. The canonical columns do not need it: JSON writes it as six characters. In all other columns it is
shown as `␀` (U+2400), and before a `␀` or `␛` (U+241B) that the ledger itself holds stands `␛`; so nothing becomes ambiguous.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from ledger import merkle
from ledger.audit.audit import NO_CONTRACTS, Auditor
from ledger.block import Header, Write, parse_header, tree_changes
from ledger.chain import tables
from ledger.chain.chain import Chain, genesis_batch
from ledger.contract.records import read_validators
from ledger.encoding import encode_unchecked
from ledger.errors import MalformedError, OperatorError, StorageError, TallystickError
from ledger.genesis import Genesis
from ledger.identity.records import CONTRACTS, GOVERNANCE
from ledger.primitives import Digest
from ledger.state.history_tree import HistoryTree
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import StateView, put_state
from ledger.state.store import Batch, big_endian
from ledger.state.tree import StateTree
from nodes.analysis.tables import (
    POSTGRESQL,
    TABLES,
    Cell,
    Row,
    Table,
    TableRows,
    ledger_row,
    literal,
    quoted,
    rows_of,
    schema_rows,
    views_of,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = ()
"""Statements that bring a schema from version 1 to 2, from 2 to 3, and so on; a new schema is made as the newest one."""
ADDED = ("blocks", "transactions", "receipts", "events", "history")
"""Tables whose rows never change."""
CONNECTION: Mapping[str, str | int] = {
    "application_name": "tallystick follow", "connect_timeout": 10,
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip
"""Of the connection, unless the address says otherwise; a server that is silent for a minute is given up."""
LOCK_WAIT_MS = 5_000
"""How long a start waits for the lock of an earlier follower."""
INDEXES: tuple[str, ...] = (
    "CREATE INDEX ON transactions (id)",
    "CREATE INDEX ON history (contract, collection, key, height)",
)
"""Beside the primary keys."""
FOLLOWER = """CREATE TABLE follower (version integer NOT NULL, contracts jsonb, written timestamptz NOT NULL);
COMMENT ON TABLE follower IS 'One row: version of this schema, contracts whose schemas the views were made of, last write.'"""
APPROVED = "(SELECT jsonb_object_agg(key, value) FROM state WHERE contract = %s AND collection = %s)"
"""The versions of contracts that the ledger has approved."""
UPSERT = """INSERT INTO state
SELECT contract, collection, key, height, position, value::jsonb
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
       AS incoming (contract, collection, key, height, position, value)
    ON CONFLICT (contract, collection, key)
    DO UPDATE SET height = excluded.height, position = excluded.position, value = excluded.value"""
DELETE = """DELETE FROM state USING unnest(%s::text[], %s::text[], %s::text[]) AS gone (contract, collection, key)
 WHERE state.contract = gone.contract AND state.collection = gone.collection AND state.key = gone.key"""
HOLDER = """SELECT pid, coalesce(host(client_addr), 'this machine'), date_trunc('second', backend_start)::text
  FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'advisory' AND objsubid = 1 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)"""
DAY_MS, EPOCH_DAY = 86_400_000, 2_440_588
"""Milliseconds of a day; the Julian day of 1970-01-01."""


class FollowedDatabase:
    """One session at the schema, which holds its lock."""

    def __init__(self, connection: psycopg.Connection[Row], schema: str, genesis: Genesis) -> None:
        """Takes the lock, and creates or migrates the schema; raises OperatorError or StorageError."""
        self._connection, self._schema, self._genesis = connection, schema, genesis
        self._lock_schema()
        self._prepare()
        self.verify_held()
        approved = f"SELECT contracts IS DISTINCT FROM {APPROVED} FROM follower"
        self.views_are_old = bool(self._one(approved, GOVERNANCE, CONTRACTS)[0])
        """Whether a contract has been approved since the views were made."""

    def verify_held(self) -> None:
        """Raises unless this session goes on, and with it the lock; sets `height` to that of the last block."""
        self.height = int(str(self._one("SELECT height FROM ledger")[0]))

    def block_id(self, height: int) -> str:
        """Id of a block that is here, of the genesis at 0."""
        return str(self._one("SELECT id FROM blocks WHERE height = %s", height)[0]) if height else self._genesis.ledger

    def auditor(self) -> Auditor:
        """The verifier of the next block; raises StorageError `database-damaged`."""
        auditor = Auditor(self._genesis.ledger)
        auditor.store = store = MemoryStore()
        try:
            store.commit(self._rows_of_head(store) if self.height else genesis_batch(store, self._genesis))
            store.flush()
            auditor.opened = Chain.open(store, NO_CONTRACTS, self._genesis.ledger)
        except (StorageError, MalformedError, ValueError) as error:
            message = f"Schema {self._schema} does not hold the state after block {self.height}: it was changed by other hands."
            raise StorageError("database-damaged", f"{message} Drop it (DROP SCHEMA … CASCADE) to follow anew.") from error
        return auditor

    def write(self, rows: TableRows, first: int, head: Header) -> None:
        """Blocks that hold, from `first` to `head`, in one transaction; raises StorageError `database-changed`."""
        _, _, height, block, time_ms, state_root, _ = ledger_row(self._genesis, head, head.state_root)
        with self._connection.transaction():
            moved = self._do(
                "UPDATE ledger SET height = %s, block = %s, time = %s, state_root = %s WHERE height = %s",
                height,
                block,
                time_text(time_ms),
                state_root,
                first - 1,
            )
            if moved.rowcount != 1:  # check: follow-height
                message = f"Schema {self._schema} is not at height {first - 1} any more: another program writes to it."
                raise StorageError("database-changed", message)
            self._do("UPDATE follower SET written = now()")
            for name in ADDED:
                self._copy(TABLES[name], rows[name])
            self._replace(rows["state"])
        self.height = head.height
        self.views_are_old = self.views_are_old or any(row[:2] == (GOVERNANCE, CONTRACTS) for row in rows["state"])

    def make_views(self, contracts: Iterable[Mapping[str, Any]]) -> list[str]:
        """Two views for each collection of these contracts, as their descriptions say; names of views that could not be changed.

        That is one whose columns are other ones now, and on which somebody's own view stands. Raises MalformedError `bad-answer`
        for descriptions of which PostgreSQL can make no view.
        """
        try:
            return self._views_of(schema_rows(contracts))
        except (psycopg.DataError, errors.TooManyColumns, errors.ProgramLimitExceeded) as error:
            raise MalformedError("bad-answer", f"PostgreSQL says: {_said(error)}.") from error

    def _views_of(self, schemas: Sequence[Row]) -> list[str]:
        kept = list[str]()
        with self._connection.transaction():
            self._do("DELETE FROM schemas")
            self._copy(TABLES["schemas"], schemas)
            for view in views_of(schemas):
                if not self._make_view(view.name, POSTGRESQL.create_view(view)):
                    kept.append(view.name)
            self._do(f"UPDATE follower SET contracts = {APPROVED}", GOVERNANCE, CONTRACTS)
        self.views_are_old = False
        return kept

    def _lock_schema(self) -> None:
        """One follower a schema: the lock goes with the session, which the server may end a moment after its follower."""
        name = f"tallystick follow {self._schema}"
        try:
            self._do(f"SET lock_timeout = {LOCK_WAIT_MS}")
            self._do("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)  # check: follow-lock
            self._do("SET lock_timeout = 0")
        except errors.LockNotAvailable as error:
            holder = self._do(HOLDER, name).fetchone()
            who = "" if holder is None else " (server process {}, from {}, since {})".format(*holder)
            raise OperatorError("second-follower", f"Another follower keeps schema {self._schema}{who}.") from error

    def _prepare(self) -> None:
        """Makes the schema, or brings it up to date, step by step."""
        if self._one("SHOW server_encoding") != ("UTF8",):
            raise OperatorError("wrong-database", "The database is not in UTF8: createdb --encoding UTF8 --template template0.")
        newest = 1 + len(MIGRATIONS)
        with self._connection.transaction():
            if not self._one("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", self._schema)[0]:
                self._do(f"CREATE SCHEMA {quoted(self._schema)}")
            self._do(f"SET search_path TO {quoted(self._schema)}")
            if self._one("SELECT to_regclass('follower') IS NULL")[0]:
                self._create(newest)
        (version,) = self._one("SELECT version FROM follower")
        assert isinstance(version, int)
        if version > newest:  # check: follow-newer
            message = f"Schema {self._schema} is of version {version}, from a newer program; this one knows {newest}."
            raise OperatorError("newer-database", message)
        (ledger,) = self._one("SELECT ledger FROM ledger")
        if ledger != self._genesis.ledger:  # check: follow-ledger
            message = f"Schema {self._schema} holds ledger {ledger}, not {self._genesis.ledger}."
            raise OperatorError("other-ledger", f"{message} Name another one with --schema.")
        for number in range(version, newest):
            with self._connection.transaction():
                for statement in MIGRATIONS[number - 1]:
                    self._do(statement)
                self._do("UPDATE follower SET version = %s", number + 1)

    def _create(self, version: int) -> None:
        """All tables, with the genesis."""
        rows = rows_of(self._genesis)
        try:
            for table in TABLES.values():
                self._do(POSTGRESQL.create_table(table))
                name, key = quoted(table.name), ", ".join(map(quoted, table.names[: table.key]))
                self._do(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
                self._do(f"COMMENT ON TABLE {name} IS {literal(table.meaning)}")
                for column in table.columns:
                    self._do(f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {literal(column.meaning)}")
        except errors.DuplicateTable as error:
            message = f"Schema {self._schema} holds other tables: {_said(error)}. Name another one with --schema."
            raise OperatorError("foreign-database", message) from error
        for statement in (*INDEXES, FOLLOWER):
            self._do(statement)
        self._do("INSERT INTO follower VALUES (%s, NULL, now())", version)
        self._copy(TABLES["ledger"], [ledger_row(self._genesis, None, "")])
        for kind in ("history", "state"):
            self._copy(TABLES[kind], rows[kind])

    def _copy(self, table: Table, rows: Iterable[Row]) -> None:
        cells = _cells(table)
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table.name)} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row([cell if write is None else write(cell) for write, cell in zip(cells, row, strict=True)])

    def _replace(self, rows: Iterable[Row]) -> None:
        """Rows of `state`, the newest of a key last."""
        last = {row[:3]: row for row in rows}
        written = [row for row in last.values() if row[-1] is not None]
        gone = [(contract, collection, shown(key)) for (contract, collection, key), row in last.items() if row[-1] is None]
        if written:
            shown_rows = ((*row[:2], shown(row[2]), *row[3:5], shown_json(row[5])) for row in written)
            self._do(UPSERT, *map(list, zip(*shown_rows, strict=True)))
        if gone:
            self._do(DELETE, *map(list, zip(*gone, strict=True)))

    def _make_view(self, name: str, statement: str) -> bool:
        """Makes a view, or changes it; False if that cannot be."""
        try:
            with self._connection.transaction():
                self._do(statement)
        except errors.InvalidTableDefinition:  # a column has gone, or has another type
            try:
                with self._connection.transaction():
                    self._do(f"DROP VIEW {quoted(name)}")
                    self._do(statement)
            except errors.DependentObjectsStillExist:
                return False
        return True

    def _rows_of_head(self, store: MemoryStore) -> Batch:
        """What the verifier of the next block needs to know."""
        (raw,) = self._one("SELECT header FROM blocks WHERE height = %s", self.height)
        head, batch, writes = parse_header(str(raw).encode()), Batch(), []
        for contract, collection, key, height, value in self._read("contract, collection, key, height, value FROM state"):
            write = Write(contract, collection, original(key), encode_unchecked(json.loads(original_json(value))))
            put_state(batch, int(height), contract, collection, write.key, write.value)
            writes.append(write)
        StateTree(store).update(tree_changes(writes)).write_to(batch)
        ids = [self._genesis.ledger, *(block for (block,) in self._read("id FROM blocks ORDER BY height"))]
        history = HistoryTree(store, self.height).begun_with(_peaks(ids[:-1]), batch)
        if history is None or ids[-1] != head.id:
            raise ValueError("other blocks than there were")
        history.append(bytes.fromhex(head.id), batch)
        # What has expired is refused for that, whether it is known or not.
        young = f"height, position, id FROM transactions WHERE expires > {literal(time_text(head.time))}"
        for height, position, transaction in self._read(young):
            batch.put(tables.TRANSACTIONS, tables.digest_key(Digest(transaction)), tables.pack_place(int(height), int(position)))
        batch.put(tables.META, tables.GENESIS, self._genesis.encode())
        batch.put(tables.META, tables.HEAD, big_endian(head.height))
        batch.put(tables.BLOCKS, big_endian(head.height), head.raw)
        store.commit(batch)
        voters = Batch()
        tables.put_validators(voters, read_validators(StateView(store)))
        return voters

    def _read(self, selected: str) -> Iterator[Any]:
        """Rows as text, one after another."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY (SELECT {selected}) TO STDOUT".encode()) as copy:
            yield from copy.rows()

    def _do(self, statement: str, *parameters: object) -> psycopg.Cursor[Row]:
        """Several statements in one take no parameters."""
        return self._connection.execute(statement.encode(), parameters or None)

    def _one(self, statement: str, *parameters: Cell) -> Row:
        found = self._do(statement, *parameters).fetchone()
        if found is None:
            raise StorageError("database-damaged", f"A row of schema {self._schema} is gone.")
        return found


@contextmanager
def follow_database(address: str, schema: str, genesis: Genesis) -> Iterator[FollowedDatabase]:
    """A session; whatever PostgreSQL says against it, within too, is raised as an error of the tree, without a password."""
    try:
        with closing(_connect(address)) as connection:
            yield FollowedDatabase(connection, schema, genesis)
    except psycopg.Error as error:
        raise _error_of(error) from error


def _connect(address: str) -> psycopg.Connection[Row]:
    try:
        parts: dict[str, Any] = conninfo_to_dict(address)
        if any("@" in str(parts.get(name, "")) for name in ("host", "port", "dbname")):  # check: follow-address
            raise psycopg.ProgrammingError("an @ in a password is written %40")
    except psycopg.ProgrammingError:  # its sentence may hold a part of the password
        message = "The address is not as libpq asks: postgresql://USER@HOST:PORT/DATABASE, in a password %40 for @, %2F for /."
        raise OperatorError("bad-database-address", message) from None
    try:
        return psycopg.connect(**{**CONNECTION, **parts}, autocommit=True)
    except psycopg.OperationalError as error:
        said = _said(error).replace(str(parts.get("password") or "\0"), "***")
        if "FATAL" in said or "password" in said:  # what the server answers; libpq gives no code
            raise StorageError("database-refused", f"{said}.") from None
        raise StorageError("database-unreachable", f"{said}.") from None


def _error_of(error: psycopg.Error) -> TallystickError:
    match error:
        case errors.InsufficientPrivilege():
            return OperatorError("database-permission", f"PostgreSQL says: {_said(error)}. Who follows owns the schema.")
        case psycopg.OperationalError():
            return StorageError("database-unreachable", f"PostgreSQL says: {_said(error)}.")
    return StorageError("storage-failed", f"PostgreSQL says: {_said(error)}.")


def _said(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


# Cells as PostgreSQL takes them.


def shown(text: Any) -> Any:
    """A text without U+0000; None stays."""
    return text if text is None else re.sub("[\0␀␛]", lambda m: "␀" if m[0] == "\0" else f"␛{m[0]}", text)


def original(text: str) -> str:
    """The reverse."""
    return re.sub("␛([␀␛])|␀", lambda m: m[1] or "\0", text)


def shown_json(text: Any) -> Any:
    """The same in the strings of a JSON text."""
    if text is None or not ("\\u0000" in text or "␀" in text or "␛" in text):
        return text
    marks = {"\\u0000": "␀", "␀": "␛␀", "␛": "␛␛"}
    return re.sub(r"\\u0000|\\.|[␀␛]", lambda m: marks.get(m[0], m[0]), text)


def original_json(text: str) -> str:
    """The reverse."""
    return re.sub("␛([␀␛])|␀", lambda m: m[1] or "\\u0000", text)


def time_text(time_ms: Any) -> Any:
    """A moment by its Julian day, which is no harder to read for PostgreSQL beyond the year 9999; None stays."""
    if time_ms is None:
        return None
    day, rest = divmod(time_ms, DAY_MS)
    minutes, seconds = divmod(rest, 60_000)
    return f"J{EPOCH_DAY + day} {minutes // 60:02}:{minutes % 60:02}:{seconds // 1000:02}.{seconds % 1000:03}+00"


def _cells(table: Table) -> list[Any]:
    """What to do to each cell of a row; None for nothing."""
    kinds = {"text": shown, "json": shown_json, "time": time_text}
    return [None if column.is_canonical else kinds.get(column.kind) for column in table.columns]


def _peaks(ids: Sequence[str]) -> list[bytes]:
    """Roots of the complete subtrees over these, largest first."""
    leaves, peaks, start = [bytes.fromhex(one) for one in ids], [], 0
    for level in reversed(range(len(ids).bit_length())):
        if len(ids) >> level & 1:
            peaks.append(merkle.root(leaves[start : start + (1 << level)]))
            start += 1 << level
    return peaks
