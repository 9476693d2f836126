"""Tables as files: written whole or not at all, and no cell, row, file, view or line of metadata changes unnoticed."""

import json
import os
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ledger.audit.audit import Auditor
from ledger.contract.description import describe
from ledger.encoding import decode, encode
from ledger.errors import InputError, MalformedError, OperatorError
from ledger.execution import with_system_contracts
from ledger.primitives import Digest
from nodes.analysis import table_audit, table_export, table_files
from nodes.analysis.table_audit import TablesReport, audit_tables
from nodes.analysis.table_export import write_database, write_folder
from nodes.analysis.table_files import FILES, INTERRUPTED, VIEWS, lines_in, opened, views_sql
from nodes.analysis.tables import TABLES, literal, quoted, schema_rows, views_of
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import default_specification
from nodes.node.clock import wall_ms
from scenarios.sample import sample_path
from tests.commands import run
from tests.support import CONTRACTS, refusal
from tests.test_ledger_audit import edited, honest_lines

DESCRIPTIONS: list[Any] = [describe(one) for one in with_system_contracts(CONTRACTS).contracts.values()]  # type: ignore[arg-type]
SCHEMAS = schema_rows(DESCRIPTIONS)
COLUMNS = [(table.name, column.name) for table in TABLES.values() for column in table.columns]
DATABASE = "ledger.duckdb"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables in both forms."""
    place = tmp_path_factory.mktemp("tables")
    write_folder(honest_lines(), DESCRIPTIONS, place / "tables", lambda height: None)
    write_database(honest_lines(), DESCRIPTIONS, place / DATABASE, lambda height: None)
    return place


def audited(path: Path) -> TablesReport:
    return audit_tables(path, Auditor(None, CONTRACTS), SCHEMAS)


def test_tables_hold(written: Path) -> None:
    for path in (written / "tables", written / DATABASE):
        report = audited(path)
        assert (report.findings, report.audit.broken, report.holds) == ((), None, True)
        assert report.audit.height == len(honest_lines()) - 1
        assert min(report.rows[name] for name in TABLES) > 0


def changed(kind: str, cell: Any) -> Any:
    """Another value of the same kind, for JSON another canonical one."""
    if kind in ("integer", "time"):
        return cell + 1
    if kind == "text":
        return cell[:-1] + ("0" if cell[-1] != "0" else "1")
    return encode(other(decode(cell.encode()))).decode()


def other(value: Any) -> Any:
    if isinstance(value, dict) and value:
        name = sorted(value)[-1]
        return {**value, name: other(value[name])}
    if isinstance(value, list) and value:
        return [*value[:-1], other(value[-1])]
    return changed("text", value) if isinstance(value, str) and value else {"else": 1}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_changed_cell_is_named(table: str, column: str, written: Path, tmp_path: Path) -> None:
    shutil.copy(written / DATABASE, tmp_path)
    kind = next(one.kind for one in TABLES[table].columns if one.name == column)
    shown = f"epoch_us({quoted(column)})" if kind == "time" else quoted(column)
    with duckdb.connect(tmp_path / DATABASE) as database:
        rows = database.execute(f"SELECT rowid, {shown} FROM {table} WHERE {quoted(column)} IS NOT NULL").fetchall()
        row, cell = rows[len(rows) // 2]
        value = "make_timestamp(?)" if kind == "time" else "?"
        database.execute(f"UPDATE {table} SET {quoted(column)} = {value} WHERE rowid = ?", [changed(kind, cell), row])
    findings = audited(tmp_path / DATABASE).findings
    named = {(one.table, one.column) for one in findings if not one.table.startswith("view ")}
    assert named - {("schemas", None)} == {(table, column)}, "of schemas, the views change as well, and a row is missed"


def rewritten(written: Path, place: Path, table: str, select: str, bloom: str = "false") -> Path:
    """A folder in which one file holds other rows, with the same metadata."""
    folder = shutil.copytree(written / "tables", place / "tables")
    file = literal(str(folder / FILES[table]))
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE t AS SELECT * FROM {file}")
        database.execute("ALTER TABLE t ADD COLUMN n BIGINT")
        database.execute("UPDATE t SET n = rowid")
        said = database.execute(f"SELECT key, value FROM parquet_kv_metadata({file})").fetchall()
        metadata = ", ".join(f"{key.decode()}: {literal(value.decode())}" for key, value in said)
        database.execute(f"COPY ({select}) TO {file} (FORMAT parquet, WRITE_BLOOM_FILTER {bloom}, KV_METADATA {{{metadata}}})")
    return folder


ROWS = {
    "nulls": "SELECT * EXCLUDE (n) REPLACE (CASE WHEN n <> 1 THEN {column} END AS {column}) FROM t ORDER BY n",
    "first missing": "SELECT * EXCLUDE (n) FROM t WHERE n <> 0 ORDER BY n",
    "missing": "SELECT * EXCLUDE (n) FROM t WHERE n <> 1 ORDER BY n",
    "last missing": "SELECT * EXCLUDE (n) FROM t WHERE n < (SELECT max(n) FROM t) ORDER BY n",
    "added": "SELECT * EXCLUDE (n) FROM (FROM t UNION ALL FROM t WHERE n = 1) ORDER BY n",
    "added at the end": "SELECT * EXCLUDE (n) FROM (FROM t UNION ALL SELECT * REPLACE (1000 AS n) FROM t WHERE n = 1) ORDER BY n",
    "swapped": "SELECT * EXCLUDE (n) FROM t ORDER BY CASE n WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE n END",
    "none": "SELECT * EXCLUDE (n) FROM t WHERE false",
    "a column more": "SELECT * EXCLUDE (n), n AS more FROM t ORDER BY n",
}


@pytest.mark.parametrize("change", ROWS)
@pytest.mark.parametrize("table", [name for name in TABLES if name != "ledger"])
def test_other_rows_are_named(table: str, change: str, written: Path, tmp_path: Path) -> None:
    column = quoted(TABLES[table].names[-1])
    report = audited(rewritten(written, tmp_path, table, ROWS[change].format(column=column)))
    assert table in {one.table for one in report.findings}


CELLS = {
    ("blocks", "time"): "time + INTERVAL 1 microsecond", ("transactions", "expires"): "'infinity'::TIMESTAMP",
    ("receipts", "writes"): "writes || ' '", ("history", "value"): "' ' || value", ("state", "height"): "height + 1",
    ("events", "name"): "upper(name)", ("schemas", "schema"): "'{}'",
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_changed_cell_of_a_parquet_file_is_named(table: str, column: str, written: Path, tmp_path: Path) -> None:
    other_cell = f"CASE n WHEN 1 THEN {CELLS[table, column]} ELSE {column} END AS {column}"
    report = audited(rewritten(written, tmp_path, table, f"SELECT * EXCLUDE (n) REPLACE ({other_cell}) FROM t ORDER BY n"))
    beside = {(VIEWS, None), (FILES[table], "expires")}  # schemas lead to views; an infinite time is in no statistics
    assert {(one.table, one.column) for one in report.findings} - beside == {(table, column)}


@pytest.mark.parametrize("change", ["none", "added"])
def test_a_ledger_has_one_row(change: str, written: Path, tmp_path: Path) -> None:
    folder = rewritten(written, tmp_path, "ledger", ROWS[change].replace("n = 1", "n = 0"))
    assert [str(one) for one in audited(folder).findings] == [
        f"ledger: it has one row, not {'none' if change == 'none' else 'more'}"
    ]


def test_another_genesis_is_not_that_of_the_blocks(written: Path, tmp_path: Path) -> None:
    shutil.copy(written / DATABASE, tmp_path)
    with duckdb.connect(tmp_path / DATABASE) as database:
        ((text,),) = database.execute("SELECT genesis FROM ledger").fetchall()
        genesis: Any = decode(text.encode())
        other_genesis = encode({**genesis, "time_ms": genesis["time_ms"] - 1}).decode()
        database.execute("UPDATE ledger SET genesis = ?", [other_genesis])
    assert [(one.table, one.column) for one in audited(tmp_path / DATABASE).findings] == [("ledger", "genesis")]


def test_rows_as_they_were_hold_in_a_file_of_another_writer(written: Path, tmp_path: Path) -> None:
    assert audited(rewritten(written, tmp_path, "history", "SELECT * EXCLUDE (n) FROM t ORDER BY n")).holds


def test_an_index_by_which_a_reader_passes_rows_over_is_named(written: Path, tmp_path: Path) -> None:
    report = audited(rewritten(written, tmp_path, "history", "SELECT * EXCLUDE (n) FROM t ORDER BY n", bloom="true"))
    assert {one.table for one in report.findings} == {FILES["history"]}
    assert "contract" in {one.column for one in report.findings}


@pytest.mark.parametrize("claim", [3, 5])
def test_statistics_by_which_a_reader_answers_are_true(claim: int, written: Path, tmp_path: Path) -> None:
    """Every row is there, and DuckDB says that the last block is another, or that there is none above it."""
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    file = folder / FILES["blocks"]
    data = file.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    file.write_bytes(data[:footer] + data[footer:].replace((4).to_bytes(8, "little"), claim.to_bytes(8, "little")))
    with duckdb.connect() as database:
        assert database.execute(f"SELECT max(height) FROM '{file}'").fetchall() == [(claim,)], "this is what it is good for"
    assert ("blocks.parquet", "height") in {(one.table, one.column) for one in audited(folder).findings}


def test_a_file_has_the_rows_that_it_claims(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    file = folder / FILES["blocks"]
    data = file.read_bytes()
    rows, groups = b"\x16\x08", b"\x19\x1c"  # 64 bits, 4 in zigzag, and a list of one structure
    assert data.count(rows + groups) == 1
    file.write_bytes(data.replace(rows + groups, b"\x16\x0a" + groups))
    assert [str(one) for one in audited(folder).findings] == [
        "blocks.parquet: it claims another number of rows than its groups have"
    ]


def test_a_column_has_one_name_in_its_file(written: Path, tmp_path: Path) -> None:
    """DuckDB goes by places, others by names."""
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    before, name, after = (folder / FILES["blocks"]).read_bytes().rpartition(b"decided_in_view")
    assert name
    (folder / FILES["blocks"]).write_bytes(before + b"decided_in_vieW" + after)
    assert "decided_in_vieW" in refusal(MalformedError, audited, folder).message


def test_files_of_a_folder_are_those_of_the_tables(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    (folder / FILES["events"]).unlink()
    assert "it has no events.parquet" in refusal(MalformedError, next, lines_in(folder)).message
    (folder / VIEWS).rename(folder / "more.sql")
    (folder / "nested").mkdir()
    assert [str(one) for one in audited(folder).findings] == [
        "events.parquet: this file is missing",
        "views.sql: this file is missing",
        "more.sql: this file is none of the tables'",
        "nested: this file is none of the tables'",
    ]


@pytest.mark.parametrize(
    ("table", "length", "count"), [("receipts", 40_000_000, 1), ("receipts", 1_000_000, 400), ("schemas", 1_000_000, 400)]
)
def test_few_bytes_do_not_become_many(table: str, length: int, count: int, written: Path, tmp_path: Path) -> None:
    """A text that stands once in the file and many times in its rows."""
    folder = swollen(table, length, count, written, tmp_path)
    assert (folder / FILES[table]).stat().st_size < 8_000_000
    tracemalloc.start()
    try:
        refused = refusal(MalformedError, audited, folder)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.code == "bad-tables"
    assert f"The table {table} " in refused.message
    assert ("at height 1 " in refused.message) == (table != "schemas")
    assert peak < 300_000_000


@pytest.mark.parametrize("table", ["receipts", "schemas"])
def test_rows_of_more_bytes_than_the_limit_are_refused(
    table: str, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a small limit, so that what does not refuse comes to its end soon."""
    monkeypatch.setattr(table_files, "HELD_BYTES_MAX", 1_000_000)
    monkeypatch.setattr(table_audit, "SCHEMAS_BYTES_MAX", 1_000_000)
    refused = refusal(MalformedError, audited, swollen(table, 100_000, 20, written, tmp_path))
    assert refused.code == "bad-tables"
    assert "take more than 1000000 bytes" in refused.message


def swollen(table: str, length: int, count: int, written: Path, folder: Path) -> Path:
    """Tables of which one has a row so often, with a text of that length, which stands once in the file."""
    column = TABLES[table].names[-1] if table == "schemas" else "receipt"
    place = "" if table == "schemas" else "1::BIGINT AS height, "
    text = f"('\"' || repeat('x', {length}) || '\"')::JSON AS {quoted(column)}"
    select = f"SELECT * EXCLUDE (n, range) REPLACE ({place}{text}) FROM t, range({count}) WHERE n = 0"
    return rewritten(written, folder, table, select)


def test_too_little_memory_is_said(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(rows: object) -> None:
        raise MemoryError

    monkeypatch.setattr(table_audit, "views_of", short)
    refused = refusal(MalformedError, audited, written / "tables")
    assert (refused.code, refused.message) == (
        "bad-tables",
        f"The tables in {written / 'tables'} take more memory than there is.",
    )


def test_a_pipe_holds_nothing_up(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    (folder / FILES["ledger"]).unlink()
    os.mkfifo(folder / FILES["ledger"])
    # with a writer there, a reader without the check finds no table rather than wait for ever
    unlocked = os.open(folder / FILES["ledger"], os.O_RDWR)
    try:
        assert "no regular file" in refusal(MalformedError, next, lines_in(folder)).message
    finally:
        os.close(unlocked)


def test_views_are_those_of_the_schemas(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    text = (folder / VIEWS).read_text(encoding="utf-8")
    assert text == views_sql(views_of(SCHEMAS))
    (folder / VIEWS).write_text(text.replace('"version"', '"holder"'), encoding="utf-8")
    assert [one.table for one in audited(folder).findings] == [VIEWS]


CATALOG = {
    "view asset_assets": "CREATE OR REPLACE VIEW asset_assets AS SELECT 1",
    "view asset_counters": "DROP VIEW asset_counters",
    "view mine": "CREATE VIEW mine AS SELECT 1",
    "table mine": "CREATE TABLE mine (a INTEGER)",
    "table other.mine": "CREATE SCHEMA other; CREATE TABLE other.mine (a INTEGER)",
    "function epoch_us": "CREATE MACRO epoch_us(a) AS 1",
    "sequence s": "CREATE SEQUENCE s",
    "type t": "CREATE TYPE t AS ENUM ('a')",
    "table blocks": "ALTER TABLE blocks ADD COLUMN more INTEGER",
    "table events": "ALTER TABLE events RENAME TO more; CREATE VIEW events AS FROM more",
    "index i": "CREATE INDEX i ON blocks (height)",
    "comment on column blocks.id": "COMMENT ON COLUMN blocks.id IS 'not the id'",
}


@pytest.mark.parametrize("name", CATALOG)
def test_a_database_holds_nothing_but_tables_and_views(name: str, written: Path, tmp_path: Path) -> None:
    shutil.copy(written / DATABASE, tmp_path)
    with duckdb.connect(tmp_path / DATABASE) as database:
        database.execute(CATALOG[name])
    assert name in {one.table for one in audited(tmp_path / DATABASE).findings}


@pytest.mark.parametrize("key", ["ledger", "height", "block", "state_root", "more"])
def test_each_file_names_what_it_is_of(key: str, written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written / "tables", tmp_path / "tables")
    file = literal(str(folder / FILES["state"]))
    with duckdb.connect() as database:
        said = database.execute(f"SELECT key, value FROM parquet_kv_metadata({file})").fetchall()
        names = {name.decode(): value.decode() for name, value in said}
        assert (names["height"], names["state_root"]) == ("4", audited(folder).audit.state_root)
        metadata = ", ".join(f"{name}: {literal(value)}" for name, value in (names | {key: "0"}).items())
        database.execute(f"CREATE TABLE t AS FROM {file}")
        database.execute(f"COPY t TO {file} (FORMAT parquet, WRITE_BLOOM_FILTER false, KV_METADATA {{{metadata}}})")
    found = f"state.parquet: its metadata is not that of these tables: {key}"
    assert [str(one) for one in audited(folder).findings] == [found]


def test_another_ledger_or_block_is_not_what_was_asked_for(written: Path) -> None:
    folder = written / "tables"
    for report in (
        audit_tables(folder, Auditor(Digest("0" * 64), CONTRACTS), SCHEMAS),
        audit_tables(folder, Auditor(None, CONTRACTS), SCHEMAS, block=Digest("0" * 64)),
    ):
        assert report.audit.broken is not None
        assert report.audit.broken.details["rule"] in ("ledger", "block")


def test_a_ledger_of_forged_blocks_is_not_believed_for_its_tables(tmp_path: Path) -> None:
    """The tables fit each other in every cell; what they hold no quorum decided."""
    forged = edited(3, lambda line: line["record"]["commit"]["signatures"].reverse())
    write_folder(forged, DESCRIPTIONS, tmp_path / "tables", lambda height: None)
    report = audited(tmp_path / "tables")
    assert report.audit.broken is not None
    assert [(one.table, one.row, one.column) for one in report.findings] == [("blocks", (2,), "record")]


@pytest.mark.parametrize("name", [*FILES.values(), DATABASE])
def test_what_is_damaged_is_refused_by_name(name: str, written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "w")
    path = tmp_path / "w" / ("" if name == DATABASE else "tables") / name
    data = path.read_bytes()
    for damaged in (b"", b"no tables", data[: len(data) // 2], data[:-9] + b"\xff" * 9):
        path.write_bytes(damaged)
        with pytest.raises(MalformedError, match=str(tmp_path)) as raised:
            audited(path if name == DATABASE else path.parent)
        assert raised.value.code == "bad-tables"


def test_a_database_that_was_not_closed_is_refused(written: Path, tmp_path: Path) -> None:
    shutil.copy(written / DATABASE, tmp_path)
    (tmp_path / f"{DATABASE}.wal").write_bytes(b"")
    assert refusal(MalformedError, audited, tmp_path / DATABASE).code == "bad-tables"


def test_nothing_is_read_but_the_files_that_are_named(written: Path, tmp_path: Path) -> None:
    """A database whose table is a view on a file elsewhere, and a reader that would read it."""
    shutil.copy(written / DATABASE, tmp_path)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with opened(tmp_path / DATABASE) as database:
        for query in (f"FROM '{tmp_path}/secret.csv'", f"ATTACH '{tmp_path}/new.duckdb'", "INSTALL httpfs", "SET threads = 1"):
            with pytest.raises(duckdb.Error, match=r"disabled|locked|does not exist"):
                database.execute(query)


def test_a_path_that_is_a_pattern_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "a*", tmp_path / "[a]"):
        assert refusal(OperatorError, write_folder, [], [], path, print).code == "wrong-use"


def test_nothing_that_is_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    (tmp_path / "empty").mkdir()
    for folder in ("full", "full/a"):
        assert refusal(OperatorError, write_folder, honest_lines(), [], tmp_path / folder, print).code == "not-empty"
    assert refusal(OperatorError, write_database, honest_lines(), [], tmp_path / "full/a", print).code == "file-exists"
    write_folder(honest_lines(), [], tmp_path / "empty", lambda height: None)
    assert {file.name for file in (tmp_path / "empty").iterdir()} == {*FILES.values(), VIEWS}


ENDS: dict[str, tuple[BaseException, type[BaseException]]] = {
    "a disk that is full": (OSError(28, "No space left"), OperatorError),
    "Ctrl-C": (KeyboardInterrupt(), KeyboardInterrupt),
    "Ctrl-C in DuckDB": (RuntimeError(INTERRUPTED), KeyboardInterrupt),
    "a line that is none": (MalformedError("broken", "off"), MalformedError),
    "a fault": (RuntimeError("else"), RuntimeError),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("write", [write_folder, write_database])
def test_an_export_that_breaks_off_leaves_nothing(write: Any, end: str, tmp_path: Path) -> None:
    def breaking_off() -> Iterator[bytes]:
        yield from honest_lines()[:3]
        raise ENDS[end][0]

    with pytest.raises(ENDS[end][1]):
        write(breaking_off(), DESCRIPTIONS, tmp_path / "tables", lambda height: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lines", [[0, 1, 3], [0, 2], [1], []], ids=str)
def test_lines_that_are_no_whole_export_make_no_tables(lines: list[int], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_folder([honest_lines()[place] for place in lines], [], tmp_path / "tables", print)
    assert list(tmp_path.iterdir()) == []


def test_a_large_ledger_goes_over_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_export, "ROWS_AT_ONCE", 1)
    seen: list[int] = []
    write_folder(honest_lines(), DESCRIPTIONS, tmp_path / "tables", seen.append)
    assert seen == [1, 2, 3, 4]
    assert audited(tmp_path / "tables").holds


def test_a_genesis_makes_tables(tmp_path: Path) -> None:
    for write, name in ((write_folder, "tables"), (write_database, DATABASE)):
        write(honest_lines()[:1], DESCRIPTIONS, tmp_path / name, lambda height: None)
        report = audited(tmp_path / name)
        assert report.holds
        assert (report.audit.height, report.rows["state"]) == (0, report.rows["history"])


def test_the_same_ledger_gives_the_same_rows(written: Path, tmp_path: Path) -> None:
    write_folder(honest_lines(), DESCRIPTIONS, tmp_path / "tables", lambda height: None)
    with duckdb.connect() as database:
        for file in FILES.values():
            once, again = (database.execute(f"FROM '{place / 'tables' / file}'").fetchall() for place in (written, tmp_path))
            assert once == again


def test_views_open_from_the_folder(written: Path) -> None:
    with duckdb.connect() as database:
        database.execute(f"SET file_search_path = {literal(str(written / 'tables'))}")
        database.execute((written / "tables" / VIEWS).read_text(encoding="utf-8"))
        shown = database.execute("SELECT key, holder, version FROM asset_assets").fetchall()
    with duckdb.connect(written / DATABASE, read_only=True) as database:
        assert database.execute("SELECT key, holder, version FROM asset_assets").fetchall() == shown != []


def test_a_cell_that_moves_the_terminal_is_shown_harmlessly(tmp_path: Path) -> None:
    """Else the finding that names it would be wiped off the screen by what it shows."""
    database = tmp_path / DATABASE
    assert run("export", "--duckdb", database, "--from", sample_path()).exit_code == 0
    with duckdb.connect(database) as opened_again:
        opened_again.execute("UPDATE blocks SET proposer = ? WHERE height = 3", ["\x1b[1A\x1b[2K\nEverything holds.\u202e中"])
    shown = run("verify", database)
    assert shown.exit_code == 1
    assert r"found \x1b[1A\x1b[2K\nEverything holds.\u202e中" in shown.stdout


def test_commands_write_and_verify(tmp_path: Path) -> None:
    sample, folder, database = sample_path(), tmp_path / "tables", tmp_path / DATABASE
    said = run("export", "--parquet", folder, "--from", sample)
    assert (said.exit_code, said.stdout) == (0, "")
    assert f"`tallystick verify {folder}` checks every cell" in said.stderr
    assert run("export", "--duckdb", database, "--from", sample).exit_code == 0
    for path in (folder, database):
        held = run("verify", path, "--contracts", "--json")
        assert held.exit_code == 0, held.output
        found = json.loads(held.stdout)
        assert (found["height"], found["tables"]["findings"], found["tables"]["compared_schemas"]) == (4, [], True)
    with duckdb.connect(database) as opened_again:
        opened_again.execute("UPDATE blocks SET proposer = 'nobody' WHERE height = 3")
    broken = run("verify", database)
    assert broken.exit_code == 1
    assert "blocks row (3) column proposer: expected" in broken.stdout
    assert "give --contracts" in broken.stdout
    assert run("verify", folder, "--ledger", "0" * 64).exit_code == 1
    for arguments in ("out.jsonl --parquet more", "--parquet more --duckdb more", "--parquet more --from missing.jsonl"):
        assert run("export", *arguments.split()).exit_code == 2


def test_tables_give_the_export_back(tmp_path: Path) -> None:
    folder, database, again = tmp_path / "tables", tmp_path / DATABASE, tmp_path / "again.jsonl"
    for target, source in ((("--parquet", folder), sample_path()), (("--duckdb", database), folder), ((again,), database)):
        assert run("export", *target, "--from", source).exit_code == 0
    assert again.read_bytes() == sample_path().read_bytes()
    shutil.rmtree(folder)
    folder.mkdir()
    assert (run("export", again, "--from", folder).exit_code, again.read_bytes()) == (1, sample_path().read_bytes())


def test_a_block_without_transactions_is_a_line_too(written: Path) -> None:
    assert [*lines_in(written / "tables")] == [*lines_in(written / DATABASE)] == honest_lines()


def test_a_node_gives_its_tables(tmp_path: Path) -> None:
    specification = default_specification(wall_ms(), members_each=1, names=("north",))
    with InProcessNetwork.create(tmp_path / "n", specification) as network:
        assert run("export", "--parquet", tmp_path / "tables", "--dir", network.directory).exit_code == 0
    held = run("verify", tmp_path / "tables", "--genesis", tmp_path / "n" / "genesis.json", "--contracts")
    assert held.exit_code == 0, held.output
