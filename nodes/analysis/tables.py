"""The typed tables of a ledger, as data: what each holds, its rows for a part of an export, and a view a record type.

Whoever keeps these tables (Parquet, DuckDB, PostgreSQL) takes `TABLES`, gives each kind its own type, and writes what
`rows_of` says. The rows of a part depend on nothing but the part. Six columns are canonical (`Column.is_canonical`): from them
`head_line` and `block_line` put the lines of the export together again, byte for byte; every other cell follows from those.

    blocks ──< transactions ─ receipts ──< events        state: the last write of each key
                              receipts ──< history       schemas: from the contracts, for the views
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, TypeAlias

from ledger.audit.exported import ExportedBlock, ExportedReceipt
from ledger.block import Header, Write, encode_writes
from ledger.chain.view import EXPORT_FORMAT
from ledger.encoding import decode, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.genesis import Genesis
from ledger.primitives import NAME, TIMESTAMP_MAX

TABLES_FORMAT = "tallystick-tables-1"
CellKind = Literal["integer", "text", "boolean", "time", "json"]
"""integer: 64 bits. time: a moment in UTC, here in milliseconds since the epoch, up to 2^53. json: canonical JSON as text."""
Cell: TypeAlias = str | int | bool | None
Row: TypeAlias = tuple[Cell, ...]
TableRows: TypeAlias = dict[str, list[Row]]
"""By name of table, each in order of its key."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; only a `value` may be null."""

    name: str
    kind: CellKind
    meaning: str
    is_canonical: bool = False
    """The bytes of the ledger themselves: in UTF-8, what digests are taken of."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; the first columns, as many as `key`, name a row, and rows are in their order."""

    name: str
    key: int
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(column.name for column in self.columns)


_HEIGHT = Column("height", "integer", "Height of the block; 0 is the genesis.")
_POSITION = Column("position", "integer", "Place of the transaction in its block, from 0.")
_CONTRACT = Column("contract", "text", "Name of the contract.")
_COLLECTION = Column("collection", "text", "Name of the contract's collection.")
_KEY = Column("key", "text", "Key of the record.")

# fmt: off
TABLES: Mapping[str, Table] = {table.name: table for table in (
    Table("ledger", 1, "One row: which ledger this is, and up to where.", (
        Column("ledger", "text", "Ledger id, the digest of the genesis."),
        Column("format", "text", f"{TABLES_FORMAT}."),
        Column("height", "integer", "Height of the last block."),
        Column("block", "text", "Its id; the ledger id at height 0."),
        Column("time", "time", "Its time."),
        Column("state_root", "text", "Root of the state after it."),
        Column("genesis", "json", "The whole genesis.", is_canonical=True),
    )),
    Table("schemas", 2, "The form of the records of each collection, as its installed contract says. Not part of the ledger.", (
        _CONTRACT, _COLLECTION, Column("schema", "json", "JSON Schema of a record."),
    )),
    Table("blocks", 1, "A row each block, from height 1.", (
        _HEIGHT,
        Column("id", "text", "Block id, the digest of the header."),
        Column("time", "time", "Time of the block."),
        Column("parent", "text", "Id of the block before; the ledger id in block 1."),
        Column("proposer", "text", "Member id of the validator that made it."),
        Column("transactions", "integer", "How many transactions it holds."),
        Column("decided_in_view", "integer", "View in which a quorum decided it; 1 if the first leader succeeded."),
        Column("transactions_root", "text", "Root over the envelopes."),
        Column("receipts_root", "text", "Root over the receipts."),
        Column("state_root", "text", "Root of the state after the block."),
        Column("history_root", "text", "Root over the ids of all blocks before it."),
        Column("validators", "text", "Digest of the validators that decided it."),
        Column("next_validators", "text", "Digest of those of the next height."),
        Column("header", "json", "The whole header.", is_canonical=True),
        Column("record", "json", "The decision record: the certificates of the quorum.", is_canonical=True),
    )),
    Table("transactions", 2, "A row each transaction, committed or rejected.", (
        _HEIGHT, _POSITION,
        Column("id", "text", "Transaction id, the digest of its body."),
        _CONTRACT,
        Column("operation", "text", "Name of the operation."),
        Column("arguments", "json", "Object of arguments."),
        Column("signers", "json", "List of member ids in signing order."),
        Column("nonce", "text", "16 bytes in hexadecimal."),
        Column("expires", "time", "No block of this time or later may hold it."),
        Column("signatures", "json", "List of signatures, in order of the signers."),
        Column("envelope", "json", "The whole envelope.", is_canonical=True),
    )),
    Table("receipts", 2, "A row each transaction: what became of it.", (
        _HEIGHT, _POSITION,
        Column("transaction", "text", "Transaction id."),
        Column("outcome", "text", "committed or rejected."),
        Column("code", "text", "ok, or the code of the refusal."),
        Column("details", "json", "Object of the refusal's details."),
        Column("events", "integer", "How many events it announced."),
        Column("writes_digest", "text", "Digest of its writes."),
        Column("receipt", "json", "The whole receipt.", is_canonical=True),
        Column("writes", "json", "List of its writes, values as canonical text.", is_canonical=True),
    )),
    Table("events", 3, "A row each event that a contract announced.", (
        _HEIGHT, _POSITION,
        Column("number", "integer", "Place among the events of its transaction, from 0."),
        _CONTRACT,
        Column("name", "text", "Name of the event."),
        Column("data", "json", "Object of its fields."),
    )),
    Table("history", 3, "A row each write of a record, in order; what the state begins with at height 0.", (
        _HEIGHT, _POSITION,
        Column("number", "integer", "Place among the writes of its transaction, from 0."),
        _CONTRACT, _COLLECTION, _KEY,
        Column("value", "json", "The record; null where the key was deleted."),
    )),
    Table("state", 3, "A row each key that holds a record now.", (
        _CONTRACT, _COLLECTION, _KEY,
        Column("height", "integer", "Height of its last write."),
        Column("position", "integer", "Place of the transaction that wrote it."),
        Column("value", "json", "The record."),
    )),
)}
# fmt: on


def rows_of(part: Genesis | ExportedBlock) -> TableRows:
    """The rows that a part of an export adds; raises MalformedError for a receipt that cannot be one.

    In `state` they take the place of rows of the same key, and a value of None says that the key holds nothing any more.
    `ledger` and `schemas` are not of a part: see `ledger_row` and `schema_rows`.
    """
    if isinstance(part, ExportedBlock):
        return _rows_of_block(part)
    written = [(0, number, write) for number, write in enumerate(part.initial_writes())]
    return {"history": _history(0, written), "state": _state(0, written)}


def add_rows(rows: TableRows, part: Genesis | ExportedBlock) -> None:
    """Adds the rows of the next part to those of the ones before it."""
    for table, more in rows_of(part).items():
        rows.setdefault(table, []).extend(more)


def column_of(table: str, name: str) -> int:
    """The place of a column."""
    return TABLES[table].names.index(name)


def ledger_row(genesis: Genesis, head: Header | None, state_root: str) -> Row:
    """The row of `ledger` after a block, or after the genesis."""
    height, block, time_ms = (0, genesis.ledger, genesis.time_ms) if head is None else (head.height, head.id, head.time)
    return (genesis.ledger, TABLES_FORMAT, height, block, time_ms, state_root, genesis.encode().decode())


def schema_rows(contracts: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The rows of `schemas`, from descriptions as `GET /v1/contracts` and `ledger.contract.description.describe` give them.

    Raises MalformedError `bad-answer` for descriptions of another form, or a contract or collection of a name that none can have.
    """
    try:
        collections = [one for contract in contracts for one in contract.get("collections", ())]
        found = {(str(one["contract"]), str(one["name"])): one["record"] for one in collections}
    except (LookupError, TypeError, AttributeError) as error:
        raise MalformedError("bad-answer", "A description names contract, name and record of each collection.") from error
    if not all(NAME.fullmatch(part) for name in found for part in name):  # check: schema-names
        raise MalformedError("bad-answer", "A contract or a collection of the description has a name that none can have.")
    return [(*name, _text(schema)) for name, schema in sorted(found.items())]


def head_line(genesis: str, ledger: str) -> bytes:
    """The first line of the export, of cells of `ledger`."""
    return f'{{"format":"{EXPORT_FORMAT}","genesis":{genesis},"ledger":"{ledger}"}}'.encode()


def block_line(header: str, record: str, envelopes: Iterable[str], receipts: Iterable[str], writes: Iterable[str]) -> bytes:
    """The line of a block, of cells of `blocks`, `transactions` and `receipts`."""
    return (
        f'{{"header":{header},"receipts":[{",".join(receipts)}],"record":{record},'
        f'"transactions":[{",".join(envelopes)}],"writes":[{",".join(writes)}]}}'
    ).encode()


def _rows_of_block(block: ExportedBlock) -> TableRows:
    header, height = block.header, block.header.height
    written = [(p, n, write) for p, writes in enumerate(block.writes) for n, write in enumerate(writes)]
    rows: TableRows = {
        "blocks": [
            (
                height, header.id, header.time, header.parent, header.proposer, len(block.transactions), block.record.commit.view,
                header.transactions_root, header.receipts_root, header.state_root, header.history_root,
                header.validators, header.next_validators, header.raw.decode(), _text(block.record.to_json()),
            )
        ],
        "transactions": [
            (
                height, position, one.id, one.contract, one.operation, _text(one.arguments), _text([*one.signers]),
                one.nonce, one.expires_ms, _text([*one.signatures]), one.raw.decode(),
            )
            for position, one in enumerate(block.transactions)
        ],
        "receipts": [],
        "events": [],
        "history": _history(height, written),
        "state": _state(height, written),
    }  # fmt: skip
    for position, (receipt, writes) in enumerate(zip(block.receipts, block.writes, strict=True)):
        row, events = _of_receipt(receipt)
        rows["receipts"].append((height, position, *row, receipt.raw.decode(), encode_writes(writes).decode()))
        rows["events"].extend((height, position, number, *event) for number, event in enumerate(events))
    return rows


def _history(height: int, written: Iterable[tuple[int, int, Write]]) -> list[Row]:
    return [(height, p, n, w.contract, w.collection, w.key, _json(w.value)) for p, n, w in written]


def _state(height: int, written: Iterable[tuple[int, int, Write]]) -> list[Row]:
    """The last write of each key."""
    last = {(w.contract, w.collection, w.key): (position, w.value) for position, _, w in written}
    return [(*name, height, position, _json(value)) for name, (position, value) in sorted(last.items())]


def _json(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _of_receipt(receipt: ExportedReceipt) -> tuple[Row, list[Row]]:
    """The receipt's own columns and those of its events; whoever certified it, its code and events have one form."""
    fields: Any = decode(receipt.raw)
    code, details, events = fields["code"], fields["details"], fields["events"]
    if not isinstance(code, str) or not isinstance(details, dict) or not isinstance(events, list):  # check: tables-receipt
        raise MalformedError("bad-receipt", "The code of a receipt is a string, its details an object, its events a list.")
    for event in events:
        is_one = isinstance(event, dict) and event.keys() == {"contract", "name", "data"} and isinstance(event["data"], dict)
        if not is_one or not isinstance(event["contract"], str) or not isinstance(event["name"], str):  # check: tables-event
            raise MalformedError("bad-receipt", "An event has exactly contract, name and data.")
    announced: list[Row] = [(event["contract"], event["name"], _text(event["data"])) for event in events]
    outcome = "committed" if receipt.committed else "rejected"
    return (receipt.transaction, outcome, code, _text(details), len(events), receipt.writes), announced


def _text(value: JsonValue) -> str:
    return encode_unchecked(value).decode()


# Views: the records of one collection with a column each field.

NAME_BYTES_MAX = 63
"""Longest identifier that PostgreSQL keeps whole."""
REFERENCES_MAX = 8
"""How far a schema is followed from a field to what it names."""
_WRAPPED = 16
"""A schema may nest as much deeper than what the ledger holds."""
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRESENT, _PAST = ("key", "height", "position"), ("key", "height", "position", "number", "is_deleted")
_JSON_KINDS: Mapping[str, CellKind] = {"string": "text", "integer": "integer", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view: a field of the record."""

    column: str
    """Name of the field, in lower case; a time is named without `_ms`, since it is no number here."""
    kind: CellKind
    path: tuple[str, ...]
    """Names that lead to it: `(amount_cents,)`, or `(price, sealed)` for the digest of a sealed field."""


@dataclass(frozen=True, slots=True)
class TableView:
    """The records of a collection: those that there are now, or every write of them."""

    name: str
    """`CONTRACT_COLLECTION` in lower case, with `_history` where it is of all writes."""
    contract: str
    collection: str
    is_history: bool
    fields: tuple[ViewColumn, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database spells what differs between databases."""

    types: Mapping[CellKind, str]
    canonical: str
    """The type of canonical columns, which keeps them byte for byte."""
    expressions: Mapping[CellKind, str]
    """The field of the record in `value` at a path, `{path}`; null where it is missing or of another kind."""
    path: str
    """A step of a path, of a name of letters, digits and `_`."""
    joint: str
    """Between two steps."""
    prefix: str = ""
    """Before the first."""

    def create_table(self, table: Table) -> str:
        """The statement that creates an empty table."""
        columns = ", ".join(f"{quoted(column.name)} {self.type_of(column)}" for column in table.columns)
        return f"CREATE TABLE {quoted(table.name)} ({columns})"

    def type_of(self, column: Column) -> str:
        """How the database calls what the column holds."""
        return self.canonical if column.is_canonical else self.types[column.kind]

    def create_view(self, view: TableView) -> str:
        """The statement that creates the view on `state` or `history`."""
        place = list(map(quoted, _PRESENT))
        if view.is_history:
            place += ['"number"', '"value" IS NULL AS "is_deleted"']
        columns = ",\n       ".join([", ".join(place), *map(self._column, view.fields)])
        source = "history" if view.is_history else "state"
        return (
            f"CREATE OR REPLACE VIEW {quoted(view.name)} AS\nSELECT {columns}\n  FROM {quoted(source)}\n"
            f' WHERE "contract" = {literal(view.contract)} AND "collection" = {literal(view.collection)}'
        )

    def _column(self, field: ViewColumn) -> str:
        path = self.prefix + self.joint.join(self.path.format(name) for name in field.path)
        return f"{self.expressions[field.kind].format(path=path)} AS {quoted(field.column)}"


DUCKDB = Dialect(
    types={"integer": "BIGINT", "text": "VARCHAR", "boolean": "BOOLEAN", "time": "TIMESTAMP", "json": "JSON"},
    canonical="JSON",
    expressions={
        "integer": "TRY_CAST(json_extract_string(\"value\", '{path}') AS BIGINT)",
        "text": "json_extract_string(\"value\", '{path}')",
        "boolean": "TRY_CAST(json_extract_string(\"value\", '{path}') AS BOOLEAN)",
        "time": "epoch_ms(TRY_CAST(json_extract_string(\"value\", '{path}') AS BIGINT))",
        "json": "CASE WHEN json_type(\"value\", '{path}') <> 'NULL' THEN json_extract(\"value\", '{path}') END",
    },
    path='."{}"',
    joint="",
    prefix="$",
)
POSTGRESQL = Dialect(
    types={"integer": "bigint", "text": "text", "boolean": "boolean", "time": "timestamptz", "json": "jsonb"},
    canonical="text",
    expressions={
        "integer": "CASE jsonb_typeof(\"value\" #> '{{{path}}}') WHEN 'number' THEN (\"value\" #>> '{{{path}}}')::bigint END",
        "text": "\"value\" #>> '{{{path}}}'",
        "boolean": "CASE jsonb_typeof(\"value\" #> '{{{path}}}') WHEN 'boolean' THEN (\"value\" #>> '{{{path}}}')::boolean END",
        "time": (
            "CASE jsonb_typeof(\"value\" #> '{{{path}}}') WHEN 'number' "
            "THEN timestamptz 'epoch' + (\"value\" #>> '{{{path}}}')::bigint * interval '1 millisecond' END"
        ),
        "json": "CASE WHEN jsonb_typeof(\"value\" #> '{{{path}}}') <> 'null' THEN \"value\" #> '{{{path}}}' END",
    },
    path="{}",
    joint=",",
)


def views_of(schemas: Iterable[Sequence[Cell]]) -> list[TableView]:
    """Two views for each row of `schemas`, in order: of the records, and of their history.

    Names are unique whatever contracts are called. A field whose name is no identifier of letters, digits and `_` has no column.
    """
    views, taken = list[TableView](), {*TABLES}
    for contract, collection, schema in schemas:
        record = decode(str(schema).encode(), wrapped=_WRAPPED)
        for is_history in (False, True):
            name = unique_name(f"{contract}_{collection}{'_history' * is_history}", taken)
            fields = tuple(_fields(record, {*(_PAST if is_history else _PRESENT)}))
            views.append(TableView(name, str(contract), str(collection), is_history, fields))
    return views


def unique_name(wanted: str, taken: set[str]) -> str:
    """An identifier in lower case that is not taken yet, and that no database cuts short; takes it."""
    plain = re.sub(r"[^a-z0-9_]", "_", wanted.lower())
    names = (f"{plain[: NAME_BYTES_MAX - 4]}_{number}" for number in count(2))
    name = plain if plain not in taken and len(plain) <= NAME_BYTES_MAX else next(name for name in names if name not in taken)
    taken.add(name)
    return name


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string."""
    return "'" + text.replace("'", "''") + "'"


def _fields(schema: Any, taken: set[str]) -> Iterator[ViewColumn]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    for name in filter(_FIELD.fullmatch, properties):
        kind = _kind(properties[name], schema, REFERENCES_MAX)
        column = name.removesuffix("_ms") if kind == "time" else name
        wanted = name if column != name and column in taken | properties.keys() else column
        inner = ("text", (name, "sealed")) if kind == "sealed" else (kind, (name,))
        yield ViewColumn(unique_name(wanted, taken), *inner)


def _kind(part: Any, schema: Any, references: int) -> CellKind | Literal["sealed"]:
    """The kind of a field: json for what may be of several kinds or has parts."""
    if not isinstance(part, dict) or references == 0:
        return "json"
    if "$ref" in part:
        definitions = schema.get("$defs")
        named = definitions.get(str(part["$ref"]).rpartition("/")[2]) if isinstance(definitions, dict) else None
        return _kind(named, schema, references - 1)
    for choices in (part[word] for word in ("anyOf", "oneOf", "allOf") if isinstance(part.get(word), list)):
        kinds = {_kind(choice, schema, references - 1) for choice in choices if choice != {"type": "null"}}
        return kinds.pop() if len(kinds) == 1 else "json"
    if isinstance(part.get("properties"), dict) and part["properties"].keys() == {"sealed"}:
        return "sealed"
    if part.get("type") == "integer" and part.get("maximum") == TIMESTAMP_MAX:
        return "time"
    return _JSON_KINDS.get(str(part.get("type")), "json")
