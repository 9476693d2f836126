"""Lists as tables: read with libraries of others they are the JSON lists, page by page."""

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import JsonValue
from nodes.app.csv_page import _cell, csv_page
from tests.http_support import FakeNode
from tests.support import ALICE, BOB
from tests.test_nodes_query import PATH, Stage, thing

CSV = {"accept": "text/csv"}
NASTY = [
    "", " ", "=1+1", "+1", "-1", "@x", 'a"b', "a,b", "a\r\nb", "a\nb", "中文", "null", "true", "1", "\ttab", "'quoted'", "\u2028",
]  # fmt: skip


def cells_of(body: bytes) -> list[list[str]]:
    """As Python's own reader has it."""
    return list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))


def text_of(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


async def walk(node: FakeNode, path: str, /, **query: object) -> list[dict[str, str]]:
    """All rows, by the links of the answers."""
    rows: list[dict[str, str]] = []
    columns = None
    while True:
        answer = await node.http.get(path, CSV, **query)
        assert answer.status == 200, answer.body
        assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert "accept" in answer.headers["vary"]
        head, *lines = cells_of(answer.body)
        assert head == (columns := columns or head)
        rows += [dict(zip(head, line, strict=True)) for line in lines]
        if "link" not in answer.headers:
            return rows
        target, relation = answer.headers["link"].split("; ")
        assert relation == 'rel="next"'
        url = urlsplit(target[1:-1])
        path, query = url.path, dict(parse_qsl(url.query, keep_blank_values=True))


@pytest.mark.parametrize(
    ("path", "name", "query"),
    [
        ("/v1/blocks", "blocks", {}),
        ("/v1/transactions", "transactions", {}),
        ("/v1/transactions", "transactions", {"order": "-height", "outcome": "rejected"}),
        ("/v1/events", "events", {}),
        ("/v1/events", "events", {"name": "issued"}),
        ("/v1/members", "members", {}),
        ("/v1/organizations", "organizations", {}),
    ],
)
async def test_a_table_is_the_list(path: str, name: str, query: dict[str, object]) -> None:
    node = FakeNode()
    for number in range(7):
        node.issue(f"A-{number}", "A-0", member=BOB if number % 2 else ALICE)
    listed = (await node.http.get(path, limit=20, **query)).json[name]
    rows = await walk(node, path, limit=3, **query)
    assert len(rows) > 1
    assert rows == [{column: text_of(row[column]) for column in rows[0]} for row in listed]
    assert set(rows[0]) == set(listed[0]), "every member has its column"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.put({f"T-{i}": thing(i, note=text) for i, text in enumerate(NASTY)})
    stage.put({"T-5": None, "T-99": thing(tags=["x", "y"], size={"height": 2})})
    return stage


async def test_records_have_a_column_each_field_and_values_are_exact(stage: Stage) -> None:
    listed = await stage.walk(order="count")
    rows = await walk(stage, PATH, limit=4, order="count")
    assert list(rows[0]) == ["key", "kind", "count", "is_open", "note", "tags", "size", "limit"]
    assert rows == [{"key": key, **{name: text_of(value) for name, value in row.items()}} for key, row in listed[0]]
    (odd,) = await walk(stage, PATH, **{"size.height": 2})
    assert (odd["size"], odd["tags"], odd["note"]) == ('{"height":2}', '["x","y"]', "")
    assert await walk(stage, PATH, at=0) == []


async def test_a_history_as_a_table_goes_on_where_its_key_needs_care(stage: Stage) -> None:
    for count in range(3):
        stage.put({"T-99": thing(count)})
    stage.put({"T-99": None})
    rows = await walk(stage, f"{PATH}/T-99/history", limit=2)
    assert [row["height"] for row in rows] == ["6", "5", "4", "3", "2"]
    assert [json.loads(row["value"])["count"] if row["value"] else None for row in rows] == [None, 2, 1, 0, 0]


async def test_a_table_and_a_list_are_no_copies_of_each_other(stage: Stage) -> None:
    listed, table = await stage.get(), await stage.http.get(PATH, CSV)
    assert listed.headers["etag"] != table.headers["etag"]
    known = {"if-none-match": table.headers["etag"]}
    assert (await stage.http.get(PATH, {**CSV, **known})).status == 304
    assert (await stage.http.get(PATH, known)).status == 200
    assert all("accept" in answer.headers["vary"].split(", ") for answer in (listed, table))


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/csv;q=0.5, application/json", "image/png", "text/csv;q=0"])
async def test_who_does_not_prefer_a_table_gets_json(stage: Stage, accept: str) -> None:
    assert (await stage.http.get(PATH, {"accept": accept})).headers["content-type"] == "application/json"


async def test_a_proof_comes_in_json_and_a_problem_is_a_problem(stage: Stage) -> None:
    assert "proof" in (await stage.http.get(PATH, CSV, proof="true")).json
    assert (await stage.http.get(PATH, CSV, color="red")).code == "unknown-field"
    assert (await FakeNode(reads="members").http.get("/v1/members", CSV)).code == "token-missing"


def test_a_database_reads_null_and_empty_text_apart(stage: Stage, tmp_path: Path) -> None:
    answer = asyncio.run(stage.http.get(PATH, CSV, limit=20))
    (tmp_path / "things.csv").write_bytes(answer.body)
    query = "SELECT key, note FROM read_csv(?, all_varchar=true, allow_quoted_nulls=false) WHERE note IS NULL OR note = ''"
    found = dict(duckdb.execute(query, [str(tmp_path / "things.csv")]).fetchall())
    assert found == {"T-0": "", "T-99": None}


@given(rows=st.lists(st.tuples(st.text() | st.sampled_from(NASTY), st.text()), min_size=1))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    body = "".join(f"{_cell(a)},{_cell(b)}\r\n" for a, b in rows)
    assert cells_of(body.encode()) == [list(row) for row in rows]


CELLS: list[tuple[JsonValue, str]] = [
    (None, ""),
    ("", '""'),
    (True, "true"),
    (-7, "-7"),
    ("=1", "=1"),
    ({"b": 1, "a": None}, '"{""a"":null,""b"":1}"'),
]


@pytest.mark.parametrize(("value", "cell"), CELLS)
def test_cells(value: JsonValue, cell: str) -> None:
    assert _cell(value) == cell


def test_a_link_holds_no_character_that_ends_it() -> None:
    scope = {"type": "http", "path": '/v1/a b/中\r\nx: y>"', "query_string": b"a=%0d%0a&limit=1", "headers": []}
    link = csv_page(Request(scope), ["a"], [["b"]], "c>\r\n").headers["link"]
    assert link == '</v1/a%20b/%E4%B8%AD%0D%0Ax%3A%20y%3E%22?a=%0D%0A&limit=1&after=c%3E%0D%0A>; rel="next"'
    assert "link" not in csv_page(Request(scope), ["a"], [], None).headers
    assert "link" not in csv_page(Request(scope), ["a"], [], 1, "limit").headers
