"""Audits tables and believes nothing in them: lines first, then every cell.

1. The files are those of the format, with its columns and no others.
2. The canonical columns give the lines of the export again. Each is pinned before a line is judged: the header by the decision
   record, envelopes and receipts by the roots in the header, writes by the receipt. So a line that does not hold has a cell that
   is to blame, and it is named.
3. The `Auditor` judges the lines, as it judges those of an export.
4. Every row is computed again of what held, and compared cell by cell, in the order of the file.
5. Metadata and views are those of the rows.

A row in Python is `(cell, …)`, as `rows_of` makes it; nothing but the state is held in memory as a whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from ledger import merkle
from ledger.audit.audit import Auditor, AuditReport
from ledger.audit.exported import ExportedBlock
from ledger.block import parse_header
from ledger.certificate import parse_record
from ledger.encoding import decode, digest, encode_unchecked
from ledger.errors import InputError, JsonValue, MalformedError
from ledger.genesis import Genesis, parse_genesis
from ledger.identity.records import CONTRACTS, GOVERNANCE, SYSTEM_CONTRACTS
from ledger.primitives import Digest
from ledger.verify.verdict import BrokenRuleError
from nodes.analysis.table_files import (
    FILES,
    GROUP_MAX,
    NAMED_IN_EACH_FILE,
    SOURCE,
    VIEWS,
    ColumnClaim,
    WaitingRows,
    catalog_expected,
    catalog_of,
    claims_of,
    columns_of,
    kept_together,
    metadata_of,
    opened,
    rows_claimed,
    rows_in,
    size_of,
    views_sql,
)
from nodes.analysis.tables import DUCKDB, TABLES, Cell, Row, block_line, column_of, head_line, ledger_row, rows_of, views_of

FINDINGS_MAX = 100
"""After so many the audit stops."""
SCHEMAS_MAX = 10_000
"""Rows of that table that are read; further ones are no part of what the views follow from."""
SCHEMAS_BYTES_MAX = 16_000_000
"""Memory of these rows: views are made of each."""
PART_ROWS, PART_BYTES = 500, 1_000_000
"""So many rows, or as many as take so much memory, are compared with statistics at a time."""
SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as the ledger has it."""

    table: str
    """Or the file, where it is none of a table."""
    row: tuple[Cell, ...] | None
    """Key of the row as it should be; None for the whole table."""
    column: str | None
    """None for the whole row."""
    message: str

    def __str__(self) -> str:
        row = "" if self.row is None else f" row ({', '.join(map(str, self.row))})"
        return f"{self.table}{row}{'' if self.column is None else f' column {self.column}'}: {self.message}"


@dataclass(frozen=True, slots=True)
class TablesReport:
    """The outcome: what the audit of the lines found, and what is wrong in the tables."""

    audit: AuditReport
    rows: Mapping[str, int]
    """Rows that hold, by table."""
    compared_schemas: bool
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return self.audit.broken is None and not self.findings

    def to_json(self) -> dict[str, JsonValue]:
        """All of it, for `--json`."""
        findings: list[JsonValue] = [
            {**asdict(one), "row": None if one.row is None else [*one.row], "sentence": str(one)} for one in self.findings
        ]
        tables: JsonValue = {"rows": dict(self.rows), "compared_schemas": self.compared_schemas, "findings": findings}
        return {**self.audit.to_json(), "tables": tables}


def audit_tables(
    path: Path,
    auditor: Auditor,
    schemas: Iterable[Row] | None = None,
    block: Digest | None = None,
    progress: Callable[[int], object] = lambda height: None,
) -> TablesReport:
    """Audits a folder or a database; raises MalformedError `bad-tables` for one that cannot be read.

    `schemas` are those of the contracts that are installed; without them nothing is said of that table but what views follow
    from it. `block` is the id of one that must be there.
    """
    with opened(path) as database:
        return _Audit(path, database, auditor, progress).report(schemas, block)


class _StoppedError(Exception):
    """What was found makes the rest meaningless."""


class _Range:
    """What values a column has in a group of rows."""

    def __init__(self) -> None:
        self.low: Any = None
        self.high: Any = None
        self.nulls = 0

    def add(self, cells: Sequence[Any]) -> None:
        """Takes more of them."""
        known = [cell for cell in cells if cell is not None]
        self.nulls += len(cells) - len(known)
        if known:
            self.low = min(known) if self.low is None else min(self.low, *known)
            self.high = max(known) if self.high is None else max(self.high, *known)

    def is_claimed(self, claim: ColumnClaim) -> bool:
        """Whether the claim is true."""
        is_true = claim.nulls in (None, self.nulls)
        for low, high in claim.bounds:
            is_true &= _within(low, self.low) and _within(self.high, high)
            is_true &= not claim.is_exact or (low in (None, self.low) and high in (None, self.high))
        return is_true


def _within(low: Any, high: Any) -> bool:
    return low is None or high is None or (type(low) is type(high) and low <= high)


class _Audit:
    def __init__(
        self, path: Path, database: duckdb.DuckDBPyConnection, auditor: Auditor, progress: Callable[[int], object]
    ) -> None:
        self.path, self.database, self.auditor, self.progress = path, database, auditor, progress
        self.findings: list[Finding] = []
        self.held: Counter[str] = Counter()
        self.waiting: dict[str, WaitingRows] = {}
        self.written: dict[tuple[Cell, ...], Row] = {}
        """The last write of each key, without its value, which the auditor's state has."""

    def report(self, schemas: Iterable[Row] | None, block: Digest | None) -> TablesReport:
        """Goes through everything."""
        broken: BrokenRuleError | None = None
        try:
            self._verify_form()
            self._verify_views(self._kept_schemas(rows_in(self.database, self.path, "schemas")))
            self.waiting = {name: WaitingRows(self._rows(name), self.path, name) for name in TABLES}
            genesis = self._begin()
            has_block = self._follow(block)
            if block is not None:
                self.auditor.verify_block(block, has_block)
            self._end(genesis, schemas)
        except BrokenRuleError as error:
            broken = error
        except _StoppedError:
            pass
        return TablesReport(self.auditor.report(broken), dict(self.held), schemas is not None, tuple(self.findings))

    def _found(self, table: str, row: Sequence[Cell] | None, column: str | None, message: str) -> None:
        self.findings.append(Finding(table, None if row is None else tuple(row), column, message))
        if len(self.findings) >= FINDINGS_MAX:
            raise _StoppedError

    def _stop(self, table: str, row: Sequence[Cell] | None, column: str | None, message: str) -> _StoppedError:
        self._found(table, row, column, message)
        return _StoppedError()

    # 1. Form.

    def _verify_form(self) -> None:
        """Stops unless every table is there with its columns."""
        if self.path.is_dir():
            wanted, there = {*FILES.values(), VIEWS}, {file.name for file in self.path.iterdir() if file.is_file()}
            others = {file.name for file in self.path.iterdir()} - there
            for name in sorted(wanted - there):
                self._found(name, None, None, "this file is missing")
            for name in sorted((there | others) - wanted):
                self._found(name, None, None, "this file is none of the tables'")
        else:
            catalog, expected = catalog_of(self.database, SOURCE), catalog_expected(())
            for name in (name for name in expected if catalog.get(name) != expected[name]):
                self._found(name, None, None, f"expected {expected[name]} found {_shown(catalog.get(name))}")
        if self.findings:
            raise _StoppedError
        for name, table in TABLES.items():
            columns = [(column.name, DUCKDB.type_of(column)) for column in table.columns]
            if columns_of(self.database, self.path, name) != columns:  # check: tables-columns
                self._found(name, None, None, f"its columns are not {', '.join(map(' '.join, columns))}")
        if self.findings:
            raise _StoppedError

    def _verify_views(self, schemas: Sequence[Row]) -> None:
        """Views, and whatever else stands beside the tables, follow from the table of schemas."""
        for row in schemas:
            try:
                views_of([row])
            except MalformedError as error:
                raise self._stop("schemas", row[:2], "schema", error.message) from error
        views = views_of(schemas)
        if self.path.is_dir():
            expected_text = views_sql(views).encode()
            with (self.path / VIEWS).open("rb") as file:
                if file.read(len(expected_text) + 1) != expected_text:  # check: tables-views
                    self._found(VIEWS, None, None, "it is not what follows from the table schemas")
            return
        catalog, expected = catalog_of(self.database, SOURCE), catalog_expected(views)
        for name in sorted(catalog.keys() | expected.keys()):
            if catalog.get(name) != expected.get(name):  # check: tables-catalog
                self._found(name, None, None, f"expected {_shown(expected.get(name))}, found {_shown(catalog.get(name))}")

    def _kept_schemas(self, rows: Iterator[Row]) -> list[Row]:
        return list(kept_together(islice(rows, SCHEMAS_MAX), self.path, "schemas", SCHEMAS_BYTES_MAX))

    def _rows(self, table: str) -> Iterator[Row]:
        """The rows of a table; of a Parquet file what its statistics claim of them is compared as they pass."""
        rows = rows_in(self.database, self.path, table)
        if not self.path.is_dir():
            yield from rows
            return
        groups = claims_of(self.database, self.path, table)
        if rows_claimed(self.database, self.path, table) != sum(count for count, _ in groups):  # check: tables-rows-claimed
            self._found(FILES[table], None, None, "it claims another number of rows than its groups have")
        for count, claims in groups:
            seen = {name: _Range() for name in TABLES[table].names}
            for part in _parts(islice(rows, count)):
                for column, cells in zip(seen.values(), zip(*part, strict=True), strict=False):
                    column.add(cells)
                yield from part
            for claim in claims:
                if claim.has_index:  # check: tables-index
                    self._found(FILES[table], None, claim.column, "it has an index, and no export writes one")
                if not seen[claim.column].is_claimed(claim):  # check: tables-statistics
                    said = " and ".join(f"{_shown(low)} to {_shown(high)}" for low, high in claim.bounds)
                    self._found(FILES[table], None, claim.column, f"its statistics claim {said}, and {claim.nulls} nulls")
        yield from rows

    # 2. Lines.

    def _begin(self) -> Genesis:
        """Judges the first line, and compares what the state begins with."""
        heads = self.waiting["ledger"].peek(2)
        if len(heads) != 1:  # check: tables-one-ledger
            raise self._stop("ledger", None, None, f"it has one row, not {'more' if heads else 'none'}")
        head = dict(zip(TABLES["ledger"].names, heads[0], strict=True))
        text, said = str(head["genesis"]), head["ledger"]
        try:
            genesis = parse_genesis(text.encode())
        except InputError as error:
            raise self._stop("ledger", (said,), "genesis", error.message) from error
        if genesis.ledger != said and self._is_ledger(said):  # check: tables-genesis
            raise self._stop("ledger", (said,), "genesis", f"its digest is {genesis.ledger}, and the blocks are of ledger {said}")
        self.auditor.feed(head_line(text, genesis.ledger))
        self._compare(genesis)
        return genesis

    def _is_ledger(self, said: Cell) -> bool:
        """Whether the first block, or where there is none the head, is of this ledger."""
        blocks = self.waiting["blocks"].peek(1)
        head = self.waiting["ledger"].peek(1)[0]
        named = [row[column_of("blocks", "parent")] for row in blocks] or [head[column_of("ledger", "block")]]
        return named == [said]

    def _follow(self, block: Digest | None) -> bool:
        """Judges block after block, and compares its rows; says whether the block that was asked for is among them."""
        has_block, blocks = block is None, self.waiting["blocks"]
        while rows := blocks.peek(1):
            fed = self._judged(rows[0])
            has_block = has_block or fed.header.id == block
            self._compare(fed)
            self.progress(fed.header.height)
        head, chain = self.waiting["ledger"].peek(1)[0], self.auditor.chain
        block_said, height = head[column_of("ledger", "block")], head[column_of("ledger", "height")]
        if block_said != chain.head_id and isinstance(height, int) and height > chain.height:  # check: tables-last-block
            raise self._stop("blocks", (chain.height + 1,), None, f"this row is missing: the ledger goes up to block {height}")
        return has_block

    def _judged(self, row: Row) -> ExportedBlock:
        """Puts the line of the next block together, and has it judged."""
        height = self.auditor.height + 1
        header, record = (str(row[column_of("blocks", name)]) for name in ("header", "record"))
        try:
            parsed = parse_header(header.encode())
        except MalformedError as error:
            raise self._stop("blocks", (height,), "header", error.message) from error
        try:
            decided = parse_record(decode(record.encode())).commit.block
        except MalformedError as error:
            raise self._stop("blocks", (height,), "record", error.message) from error
        if parsed.id != decided:  # check: tables-header
            blamed = "record" if row[column_of("blocks", "id")] == parsed.id else "header"
            raise self._stop("blocks", (height,), blamed, f"the digest of the header is {parsed.id}, and decided was {decided}")
        if parsed.height != height:  # check: tables-height
            raise self._stop("blocks", (height,), None, f"this row is missing or out of place: here stands block {parsed.height}")
        envelopes = self._taken("transactions", "envelope", height, parsed.transactions_root, row)
        receipts = self._taken("receipts", "receipt", height, parsed.receipts_root, row)
        written = [str(one[column_of("receipts", "writes")]) for one in receipts]
        named: list[Any] = [decode(str(one[column_of("receipts", "receipt")]).encode()) for one in receipts]
        for position, (one, writes) in enumerate(zip(named, written, strict=True)):
            if digest("writes", writes.encode()) != one["writes"]:  # check: tables-writes
                raise self._stop("receipts", (height, position), "writes", "they are not those that the receipt names")
        line = block_line(
            header, record,
            (str(one[column_of("transactions", "envelope")]) for one in envelopes),
            (str(one[column_of("receipts", "receipt")]) for one in receipts), written,
        )  # fmt: skip
        try:
            fed = self.auditor.feed(line)
        except BrokenRuleError as error:
            if error.details["rule"] in ("record", "line"):  # all other parts of the line are pinned by digests
                self._found("blocks", (height,), "record", error.message)
            raise
        assert fed is not None, "the genesis was fed"
        return fed

    def _taken(self, table: str, column: str, height: int, root: Digest, block: Row) -> list[Row]:
        """The rows of a block: as many of the next ones as have the root, whatever they say of their place."""
        waiting, place = self.waiting[table], column_of(table, column)
        said, told = len(waiting.of_height(height)), block[column_of("blocks", "transactions")]
        likely = (said, *([told] if isinstance(told, int) and 0 <= told < GROUP_MAX else []))
        for count in (*likely, *range(max(likely) + 3)):
            rows = waiting.peek(count)
            if len(rows) == count and merkle.root([str(row[place]).encode() for row in rows]).hex() == root:
                return rows
        raise self._blamed(table, column, height, root)

    def _blamed(self, table: str, column: str, height: int, root: Digest) -> _StoppedError:
        """What is wrong with rows of another root: one is not as its other cells say, or is missing, or too much."""
        rows = self.waiting[table].of_height(height)
        for position, row in enumerate(rows):
            cells = dict(zip(TABLES[table].names, row, strict=True))
            if cells[column] != self._told(table, cells):  # check: tables-envelope
                return self._stop(table, (height, position), column, "it says something else than the other columns")
        others = self.waiting["receipts" if table == "transactions" else "transactions"].of_height(height)
        ids = [[row[2] for row in side] for side in (rows, others)]
        first = next((p for p, (one, other) in enumerate(zip(*ids, strict=False)) if one != other), min(map(len, ids)))
        if ids[0] == ids[1]:
            return self._stop(table, (height,), None, f"the rows of this block have another root than its header names, {root}")
        what = ("is missing", "is out of place", "is too much")[(len(ids[0]) > len(ids[1])) - (len(ids[0]) < len(ids[1])) + 1]
        return self._stop(table, (height, first), None, f"this row {what}")

    def _told(self, table: str, cells: Mapping[str, Any]) -> str | None:
        """The canonical column of a transaction or receipt, by its other columns; None if those are no JSON."""
        try:
            if table == "transactions":
                parts: dict[str, JsonValue] = {
                    name: decode(cells[name].encode()) for name in ("arguments", "signers", "signatures")
                }
                body: dict[str, JsonValue] = {
                    "ledger": self.auditor.chain.ledger, "contract": cells["contract"], "operation": cells["operation"],
                    "arguments": parts["arguments"], "signers": parts["signers"], "nonce": cells["nonce"],
                    "expires": cells["expires"],
                }  # fmt: skip
                return encode_unchecked({"body": body, "signatures": parts["signatures"]}).decode()
            place = cells["height"], cells["position"]
            announced = [row[3:] for row in self.waiting["events"].of_height(cells["height"]) if row[:2] == place]
            events: list[JsonValue] = [{"contract": c, "name": n, "data": decode(str(data).encode())} for c, n, data in announced]
            names = ("transaction", "outcome", "code")
            told = {name: cells[name] for name in names} | {
                "writes": cells["writes_digest"],
                "details": decode(cells["details"].encode()),
            }
            return encode_unchecked({**told, "events": events}).decode()
        except (AttributeError, MalformedError):
            return None

    # 4. Cells.

    def _compare(self, part: Genesis | ExportedBlock) -> None:
        """Compares the rows of a part that holds."""
        try:
            expected = rows_of(part)
        except MalformedError as error:
            raise self._stop("receipts", (self.auditor.height,), None, error.message) from error
        for row in expected.pop("state"):
            self.written[row[:3]] = row[:5]
        for name, rows in expected.items():
            self._compare_rows(name, rows)

    def _compare_rows(self, table: str, expected: Iterable[Row]) -> None:
        """Goes through rows as they should be and as they are; a row that is missing or too much does not upset the rest."""
        waiting, key = self.waiting[table], TABLES[table].key
        for row in expected:
            while (found := waiting.peek(2)) and found[0] != row and not _is_same(found[0], row, key, found[-1]):
                if found[-1] != row and _order(found[0][:key]) > _order(row[:key]):
                    found = []
                    break
                self._found(table, found[0][:key], None, "this row is too much, or out of place")
                waiting.take()
            if not found:
                self._found(table, row[:key], None, "this row is missing")
                continue
            for column, cell, other in zip(TABLES[table].names, row, found[0], strict=True):
                if cell != other:  # check: tables-cell
                    self._found(table, row[:key], column, f"expected {_shown(cell)}, found {_shown(other)}")
            waiting.take()
            self.held[table] += found[0] == row

    # 5. The rest.

    def _end(self, genesis: Genesis, schemas: Iterable[Row] | None) -> None:
        """What can be compared once all blocks hold."""
        chain = self.auditor.chain
        root = Digest(chain.tree.root().hex())
        head = ledger_row(genesis, chain.head, root)
        self._compare_rows("ledger", [head])
        installed, kept = [*(schemas or ())], self._kept_schemas(self._rows("schemas"))
        named = {*SYSTEM_CONTRACTS, *(name[2] for name in self.written if name[:2] == (GOVERNANCE, CONTRACTS))}
        for row in kept:
            if row[0] not in named:  # check: tables-schema-contract
                self._found("schemas", row[:2], "contract", "the ledger has no such contract")
        known = {row[0] for row in installed}
        self.waiting["schemas"] = WaitingRows((row for row in kept if row[0] in known), self.path, "schemas")
        self._compare_rows("schemas", installed)
        self._compare_rows("state", self._state())
        for name, waiting in self.waiting.items():
            for row in waiting.peek(1):
                self._found(name, row[: TABLES[name].key], None, "this row is too much")
        if self.path.is_dir():
            said = sorted((name, str(head[column_of("ledger", name)])) for name in NAMED_IN_EACH_FILE)
            for table, file in FILES.items():
                if (found := metadata_of(self.database, self.path, table)) != said:  # check: tables-metadata
                    names = ", ".join(sorted({name for name, _ in {*found} ^ {*said}}))
                    self._found(file, None, None, f"its metadata is not that of these tables: {names or 'a name twice'}")

    def _state(self) -> Iterator[Row]:
        for name in sorted(self.written):
            value = self.auditor.chain.state.get(*map(str, name))
            if value is not None:
                yield (*self.written[name], value.decode())


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part, size = list[Row](), 0
    for row in rows:
        part.append(row)
        size += size_of(row)
        if len(part) == PART_ROWS or size > PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _is_same(found: Row, row: Row, key: int, following: Row) -> bool:
    """Whether this row, with cells that were changed, stands for the other: it has its key, or all but its key."""
    return found[:key] == row[:key] or (found[key:] == row[key:] and following != row)


def _order(key: Sequence[Cell]) -> list[tuple[bool, Cell]]:
    return [(cell is None, cell) for cell in key]


def _shown(cell: Cell) -> str:
    text = "nothing" if cell is None else str(cell)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
