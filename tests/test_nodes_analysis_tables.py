"""The typed tables: rows of each part of an export, its lines put together again, and views of what contracts keep."""

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from ledger.audit.exported import ExportedBlock, parse_export_head, parse_exported_block
from ledger.contract.description import describe
from ledger.encoding import decode, encode
from ledger.errors import MalformedError
from ledger.execution import with_system_contracts
from ledger.genesis import Genesis
from ledger.primitives import TIMESTAMP_MAX
from nodes.analysis.tables import (
    DUCKDB,
    NAME_BYTES_MAX,
    POSTGRESQL,
    TABLES,
    Row,
    block_line,
    head_line,
    ledger_row,
    rows_of,
    schema_rows,
    unique_name,
    views_of,
)
from nodes.node.node_directory import load_installed
from scenarios.sample import sample_path
from tests.support import refusal

LINES = sample_path().read_bytes().splitlines()
GENESIS = parse_export_head(LINES[0])
PARTS: list[Genesis | ExportedBlock] = [GENESIS, *map(parse_exported_block, LINES[1:])]
SCHEMAS = schema_rows(map(describe, with_system_contracts(load_installed(GENESIS)).contracts.values()))  # type: ignore[arg-type]
FIELDS: dict[str, Any] = {
    "b_ms": {"type": "integer", "minimum": 0, "maximum": TIMESTAMP_MAX},
    "at_ms": {"type": "integer", "maximum": TIMESTAMP_MAX},
    "at": {"type": "string"},
    "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "flag": {"type": "boolean"},
    "height": {"type": "integer"},
    "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    "parts": {"type": "array"},
    "price": {"$ref": "#/$defs/Sealed"},
    "itself": {"$ref": "#/$defs/Itself"},
    "it's": {"type": "string"},
}
SCHEMA: dict[str, Any] = {
    "properties": FIELDS,
    "$defs": {"Sealed": {"properties": {"sealed": {"type": "string"}}}, "Itself": {"$ref": "#/$defs/Itself"}},
}
KINDS = {
    "b": "time", "at_ms": "time", "at": "text", "count": "integer", "flag": "boolean", "height_2": "integer",
    "either": "json", "parts": "json", "price": "text", "itself": "json",
}  # fmt: skip


def column(table: str, rows: list[Row], name: str) -> list[Any]:
    return [row[TABLES[table].names.index(name)] for row in rows]


def test_each_row_fills_its_table() -> None:
    for part in PARTS:
        for name, rows in rows_of(part).items():
            assert rows == sorted(rows, key=lambda row: row[: TABLES[name].key])
            assert {len(row) for row in rows} <= {len(TABLES[name].columns)}


def test_the_canonical_columns_give_the_lines_again() -> None:
    head = ledger_row(GENESIS, None, "")
    assert head_line(column("ledger", [head], "genesis")[0], column("ledger", [head], "ledger")[0]) == LINES[0]
    for line, part in zip(LINES[1:], PARTS[1:], strict=True):
        rows = rows_of(part)
        places = (
            ("blocks", "header"),
            ("blocks", "record"),
            ("transactions", "envelope"),
            ("receipts", "receipt"),
            ("receipts", "writes"),
        )
        header, record, *rest = (column(table, rows[table], name) for table, name in places)
        assert block_line(header[0], record[0], *rest) == line
    assert {(name, one.name) for name, table in TABLES.items() for one in table.columns if one.is_canonical} == {
        ("ledger", "genesis"), *places,
    }  # fmt: skip


def test_a_state_row_is_the_last_write_of_its_key() -> None:
    state: dict[Any, Any] = {}
    for part in PARTS:
        state |= {row[:3]: row[3:] for row in rows_of(part)["state"]}
    history = [row for part in PARTS for row in rows_of(part)["history"]]
    assert state == {row[3:6]: (row[0], row[1], row[6]) for row in history}
    assert len(state) < len(history)


EVENT: dict[str, Any] = {"contract": "asset", "name": "issued", "data": {}}


@pytest.mark.parametrize(
    "change",
    [
        {"code": 7}, {"details": []}, {"events": {}}, {"events": [7]}, {"events": [EVENT | {"more": 1}]},
        {"events": [EVENT | {"name": 7}]}, {"events": [EVENT | {"contract": None}]}, {"events": [EVENT | {"data": []}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_receipt_that_is_none_has_no_rows(change: dict[str, Any]) -> None:
    block = next(part for part in PARTS if isinstance(part, ExportedBlock) and part.receipts)
    receipt = block.receipts[0]
    fields: Any = decode(receipt.raw)
    good = rows_of(replace(block, receipts=(replace(receipt, raw=encode({**fields, "events": [EVENT]})), *block.receipts[1:])))
    assert good["events"][0] == (block.header.height, 0, 0, "asset", "issued", "{}")
    with pytest.raises(MalformedError, match=r"receipt|event"):
        rows_of(replace(block, receipts=(replace(receipt, raw=encode({**fields, **change})), *block.receipts[1:])))


def test_a_view_has_a_column_each_field() -> None:
    (present, past) = views_of([("my-trade", "bills", encode(SCHEMA).decode())])
    assert (present.name, past.name) == ("my_trade_bills", "my_trade_bills_history")
    assert {field.column: field.kind for field in present.fields} == KINDS
    assert next(field.path for field in present.fields if field.column == "price") == ("price", "sealed")


def test_names_are_unique_whatever_contracts_are_called() -> None:
    names = ["a-b_c", "a_b-c", "A_B_C", "x" * 200, "x" * 201, "state", *TABLES]
    views = [view.name for view in views_of([(name, "c", "{}") for name in names])]
    assert len({*views, *TABLES}) == 2 * len(names) + len(TABLES)
    assert all(len(name) <= NAME_BYTES_MAX and name == name.lower() for name in views)
    taken = {"state"}
    assert [unique_name("state", taken) for _ in range(2)] == ["state_2", "state_3"]


def test_duckdb_shows_the_fields_of_records() -> None:
    value: dict[str, Any] = {
        "b_ms": 1_000, "at_ms": TIMESTAMP_MAX, "at": "x'\u0000", "count": None, "flag": True, "height": 7, "either": "e",
        "parts": [{"a": 1}], "price": {"sealed": "ab"}, "itself": None, "it's": "",
    }  # fmt: skip
    with duckdb.connect() as database:
        for table in TABLES.values():
            database.execute(DUCKDB.create_table(table))
        for view in views_of([*SCHEMAS, ("it's", 'the "one"', encode(SCHEMA).decode())]):
            database.execute(DUCKDB.create_view(view))
            database.execute(f"SELECT * FROM {view.name}")
        place = ["it's", 'the "one"', "k", 3, 0]
        database.execute("INSERT INTO state VALUES (?, ?, ?, ?, ?, ?)", [*place, encode(value).decode()])
        found = database.execute("SELECT epoch_ms(b), epoch_ms(at_ms), * EXCLUDE (b, at_ms) FROM it_s_the__one_").fetchone()
        assert found is not None
        shown = dict(zip([name[0] for name in database.description or ()], found, strict=True))
    assert list(shown.values())[:5] == [1_000, TIMESTAMP_MAX, "k", 3, 0]
    assert (shown["at"], shown["count"], shown["flag"], shown["height_2"]) == ("x'\u0000", None, True, 7)
    assert (shown["either"], shown["parts"], shown["price"], shown["itself"]) == ('"e"', '[{"a":1}]', "ab", None)


def test_postgresql_names_fields_in_its_own_way() -> None:
    present, _ = views_of([("trade", "bills", encode(SCHEMA).decode())])
    sql = POSTGRESQL.create_view(present)
    assert """"value" #>> '{price,sealed}' AS "price\"""" in sql
    assert """timestamptz 'epoch' + ("value" #>> '{b_ms}')::bigint * interval '1 millisecond' END AS "b\"""" in sql


@pytest.mark.parametrize("contracts", [None, [7], [{"collections": 7}], [{"collections": [7]}], [{"collections": [{}]}]], ids=str)
def test_a_description_that_is_none_is_refused(contracts: Any) -> None:
    assert refusal(MalformedError, schema_rows, contracts).code == "bad-answer"


@pytest.mark.parametrize("names", [("a\0b", "records"), ("a", "two words"), ("", "records")])
def test_a_name_that_no_collection_can_have_is_refused(names: tuple[str, str]) -> None:
    with pytest.raises(MalformedError, match="a name that none can have") as refused:
        schema_rows([{"collections": [{"contract": names[0], "name": names[1], "record": {}}]}])
    assert refused.value.code == "bad-answer"
