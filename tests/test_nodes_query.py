"""Pages of records: conditions, orders and cursors that stay on one height, compared with a model that sorts lists."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, Integer, Record, operation
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue
from ledger.verify import trust_genesis, verify_proof
from nodes.app import state_routes
from nodes.app.record_fields import fields_of
from nodes.app.state_routes import Cursor, write_cursor
from nodes.network.specification import default_specification
from tests.http_support import LIMITS, Answer, FakeNode
from tests.support import ALICE, DecidedChain

PATH = "/v1/state/shelf/things"


class Size(Record):
    """Inside of a thing."""

    height: Integer


class Thing(Record):
    """One field of each kind."""

    kind: Literal["box", "jar"]
    count: Integer
    is_open: bool
    note: str | None = None
    tags: tuple[str, ...] = ()
    size: Size | None = None
    limit: Integer = 0
    """Named like a parameter of the page."""


class Shelf(Contract):
    """Things that are put and taken away."""

    name = "shelf"
    things = Collection(Thing)

    @operation(signed_by=Anyone())
    def put(self, context: Context, things: dict[Identifier, Thing | None]) -> None:
        """Puts things, and takes away those that are null."""
        for name, thing in sorted(things.items()):
            if thing is not None:
                self.things[name] = thing
            elif name in self.things:
                del self.things[name]


SHELF = ContractSet({"shelf": Shelf})
Things = dict[str, dict[str, Any] | None]


class Stage(FakeNode):
    """A node with a shelf, and what lies on it by height as plain dictionaries."""

    def __init__(self, query_rows_max: int = LIMITS.query_rows_max) -> None:
        specification = replace(default_specification(members_each=1), contracts=(("shelf", "tests.test_nodes_query:Shelf"),))
        super().__init__(DecidedChain(specification, SHELF), replace(LIMITS, query_rows_max=query_rows_max))
        self.past: list[dict[str, dict[str, Any]]] = [{}]

    def put(self, things: Things) -> None:
        """One block."""
        self.commit(ALICE, "shelf", "put", things=things)  # type: ignore[arg-type]
        after = {**self.past[-1], **{name: thing for name, thing in things.items() if thing is not None}}
        self.past.append({name: thing for name, thing in after.items() if name not in things or things[name] is not None})

    async def get(self, after: str = "", **query: object) -> Answer:
        return await self.http.get(PATH, **({"after": after} if after else {}), **query)

    async def walk(self, **query: object) -> tuple[list[tuple[str, Any]], int]:
        """All rows, page by page, and the height that all pages are of."""
        rows: list[tuple[str, Any]] = []
        after: str | None = ""
        heights = set()
        while after is not None:
            answer = await self.get(after, **query)
            assert answer.status == 200, answer.body
            page = answer.json
            rows += [(row["key"], row["value"]) for row in page["items"]]
            after = page["next"]
            heights.add(page["height"])
        (height,) = heights
        return rows, height


def thing(count: int = 0, **fields: Any) -> dict[str, Any]:
    return {"kind": "box", "count": count, "is_open": False, "note": None, "tags": [], "size": None, "limit": 0, **fields}


@pytest.fixture
def stage() -> Stage:
    return Stage()


THINGS = st.builds(
    thing,
    st.integers(-3, 3),
    kind=st.sampled_from(["box", "jar"]),
    is_open=st.booleans(),
    note=st.none() | st.sampled_from(["", "a", "b", "中"]),
    tags=st.lists(st.sampled_from(["x", "y"]), max_size=2),
    size=st.none() | st.builds(lambda height: {"height": height}, st.integers(0, 2)),
)
BLOCKS = st.dictionaries(st.sampled_from([f"T-{i}" for i in range(9)]), st.none() | THINGS, min_size=1)
TESTS: dict[str, tuple[st.SearchStrategy[Any], Callable[[dict[str, Any], Any], bool]]] = {
    "kind": (st.sampled_from(["box", "jar"]), lambda row, value: row["kind"] == value),
    "is_open": (st.booleans(), lambda row, value: row["is_open"] == value),
    "count.ge": (st.integers(-3, 3), lambda row, value: row["count"] >= value),
    "count.lt": (st.integers(-3, 3), lambda row, value: row["count"] < value),
    "count.ne": (st.integers(-3, 3), lambda row, value: row["count"] != value),
    "note.gt": (st.sampled_from(["", "a"]), lambda row, value: row["note"] is not None and row["note"] > value),
    "note": (st.none() | st.just("a"), lambda row, value: row["note"] == value),
    "note.ne": (st.none() | st.just("a"), lambda row, value: row["note"] != value),
    "tags.has": (st.sampled_from(["x", "y"]), lambda row, value: value in row["tags"]),
    "size.height.le": (st.integers(0, 2), lambda row, value: row["size"] is not None and row["size"]["height"] <= value),
}
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "count": lambda row: row["count"],
    "note": lambda row: (row["note"] is not None, row["note"] or ""),
    "is_open": lambda row: row["is_open"],
    "size.height": lambda row: (row["size"] is not None, (row["size"] or {}).get("height", 0)),
}
CONDITIONS = st.lists(
    st.sampled_from(sorted(TESTS)).flatmap(lambda name: st.tuples(st.just(name), TESTS[name][0])),
    max_size=2,
    unique_by=lambda pair: pair[0],
)


@given(
    before=st.lists(BLOCKS, min_size=1, max_size=3),
    during=st.lists(BLOCKS, max_size=3),
    conditions=CONDITIONS,
    order=st.sampled_from(["", *ORDERS, *(f"-{name}" for name in ORDERS)]),
    limit=st.integers(1, 4),
    rows_max=st.sampled_from([60, 20_000]),
)
def test_pages_under_concurrent_commits_are_those_of_a_model(
    before: list[Things],
    during: list[Things],
    conditions: list[tuple[str, Any]],
    order: str,
    limit: int,
    rows_max: int,
) -> None:
    """Small budgets end pages in order of keys early; they must neither double nor leave out a row."""
    stage = Stage(20_000 if order else rows_max)
    for things in before:
        stage.put(things)
    query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in conditions}
    if order:
        query["order"] = order

    async def commit() -> None:
        for things in during:
            for _ in range(4):
                await asyncio.sleep(0)
            stage.put(things)

    async def work() -> None:
        committing = asyncio.create_task(commit())
        with patch.object(state_routes, "COST_A_TURN", 1):
            rows, height = await stage.walk(**query, limit=limit)
        await committing
        expected = [
            (key, row) for key, row in sorted(stage.past[height].items()) if all(TESTS[n][1](row, v) for n, v in conditions)
        ]
        if order:
            value = ORDERS[order.removeprefix("-")]
            expected.sort(key=lambda pair: (value(pair[1]), pair[0]), reverse=order.startswith("-"))
        assert rows == expected

    asyncio.run(work())


WRONG_QUERIES: dict[str, tuple[dict[str, str], str, str]] = {
    "an unknown field": ({"color": "red"}, "unknown-field", "color"),
    "a record": ({"size": "1"}, "unknown-field", "size"),
    "an unknown field of a record": ({"size.width": "1"}, "unknown-field", "size.width"),
    "in the order of an unknown field": ({"order": "color"}, "unknown-field", "color"),
    "in the order of a list": ({"order": "tags"}, "unknown-field", "tags"),
    "in the reverse order of a list": ({"order": "-tags"}, "unknown-field", "tags"),
    "no choice": ({"kind": "bag"}, "bad-field-value", "kind"),
    "no number": ({"count": "many"}, "bad-field-value", "count"),
    "a fraction": ({"count": "1.0"}, "bad-field-value", "count"),
    "leading zeros": ({"count": "007"}, "bad-field-value", "count"),
    "too large a number": ({"count.lt": str(2**53)}, "bad-field-value", "count"),
    "null where a number must be": ({"count": "null"}, "bad-field-value", "count"),
    "neither true nor false": ({"is_open": "yes"}, "bad-field-value", "is_open"),
    "what a number has": ({"count.has": "1"}, "unknown-operator", "count"),
    "what a number is like": ({"count.like": "1"}, "unknown-operator", "count"),
    "what is before a list": ({"tags.lt": "x"}, "unknown-operator", "tags"),
}


@pytest.mark.parametrize(("query", "code", "field"), WRONG_QUERIES.values(), ids=WRONG_QUERIES)
async def test_what_a_record_cannot_be_asked_is_refused_by_name(
    stage: Stage, query: dict[str, str], code: str, field: str
) -> None:
    answer = await stage.get(**query)
    assert (answer.status, answer.code, answer.json["details"]["field"]) == (422, code, field)
    assert code == "unknown-field" or answer.json["details"]["allowed"]


async def test_conditions_are_counted(stage: Stage) -> None:
    conditions = [f"{field}.{o}" for field in ("count", "limit", "size.height") for o in ("eq", "ne", "lt", "le", "gt", "ge")]
    assert (await stage.get(**dict.fromkeys(conditions[:17], "0"))).code == "too-many-conditions"


def test_the_fields_of_a_record_are_those_of_its_model() -> None:
    fields = fields_of(Thing)
    assert list(fields) == ["kind", "count", "is_open", "note", "tags", "size.height", "limit"]
    assert fields["kind"].choices == ("box", "jar")
    assert fields["note"].kinds == ("null", "string")


async def test_a_field_named_like_a_parameter_is_asked_with_an_operator(stage: Stage) -> None:
    stage.put({"A": thing(limit=1), "B": thing(limit=2)})
    assert [key for key, _ in (await stage.walk(limit=1, **{"limit.eq": 2}))[0]] == ["B"]


async def test_a_cursor_of_another_query_or_a_changed_one_is_refused(stage: Stage) -> None:
    stage.put({f"T-{i}": thing(i) for i in range(4)})
    cursor = (await stage.get(limit=2, order="count")).json["next"]
    assert (await stage.get(cursor, limit=2, order="count")).status == 200
    wrong: dict[str, tuple[str, dict[str, str]]] = {
        "another order": (cursor, {"order": "-count"}),
        "another condition": (cursor, {"order": "count", "kind": "box"}),
        "no order": (cursor, {}),
        "cut off": (cursor[:-1], {"order": "count"}),
        "changed": ("A" + cursor, {"order": "count"}),
        "a key": ("T-1", {}),
        "not ASCII": ("é.0", {}),
        "too long": ("x" * 30_000, {}),
    }
    for name, (after, query) in wrong.items():
        answer = await stage.get(after, **query)
        assert (answer.status, answer.code) == (400, "bad-cursor"), name


async def test_a_cursor_made_by_hand_is_judged_like_any_input(stage: Stage) -> None:
    """Its check is no secret, so what it holds is not believed."""
    stage.put({"A": thing()})
    identity: JsonValue = [stage.ledger, "shelf", "things", "", None, []]
    ahead = write_cursor(Cursor(99, "A", None), identity)
    assert (await stage.get(ahead)).code == "no-such-block"
    for wrong in (Cursor(-1, "A", None), Cursor(1, 5, None), Cursor(True, "A", None), Cursor(1, "A", [])):  # type: ignore[arg-type]
        assert (await stage.get(write_cursor(wrong, identity))).code == "bad-cursor"
    assert (await stage.get(write_cursor(Cursor(0, "", None), identity))).json["items"] == []


async def test_a_page_of_the_past(stage: Stage) -> None:
    stage.put({"A": thing(1), "B": thing(2)})
    stage.put({"A": None, "B": thing(3), "C": thing(4)})
    assert await stage.walk(at=1, limit=1) == (sorted(stage.past[1].items()), 1)
    assert await stage.walk(at=0) == ([], 0)
    assert (await stage.get(at=3)).code == "no-such-block"
    assert (await stage.get(at=-1)).code == "bad-height"


async def test_rows_are_proved_at_the_head(stage: Stage) -> None:
    stage.put({"A": thing(1), "B": thing(2)})
    stage.put({"B": thing(3)})
    first = (await stage.get(limit=1, proof="true", order="count")).json
    stage.put({"A": thing(9)})
    second = (await stage.get(first["next"], limit=1, proof="true", order="count")).json
    trusted = trust_genesis(stage.decided.network.genesis)
    assert [verify_proof(page["proof"], trusted).height for page in (first, second)] == [2, 3]
    assert second["items"][0]["key"] == "B"
    past = await stage.get(at=1, proof="true")
    assert (past.status, past.code) == (409, "no-proof-of-the-past")


async def test_a_page_in_another_order_that_costs_too_much_is_refused() -> None:
    stage = Stage(query_rows_max=5)
    stage.put({f"T-{i}": thing(i) for i in range(6)})
    answer = await stage.get(order="count")
    assert (answer.status, answer.code, answer.json["details"]["rows_max"]) == (422, "query-too-costly", 5)
    assert len((await stage.walk(kind="jar"))[0]) == 0
    assert len((await stage.walk(kind="box"))[0]) == 6


async def test_a_key_with_more_later_versions_than_a_page_may_look_at_is_refused() -> None:
    stage = Stage(query_rows_max=50)
    for count in range(5):
        stage.put({"A": thing(count)})
    assert (await stage.get(at=4)).status == 200
    assert (await stage.get(at=1)).code == "query-too-costly"


async def test_a_history_by_time(stage: Stage) -> None:
    for count in range(5):
        stage.put({"A": thing(count)})
    times = [stage.decided.view.time_of(height) for height in range(6)]

    async def heights(**query: object) -> list[tuple[int, int]]:
        rows = (await stage.http.get(f"{PATH}/A/history", **query)).json["history"]
        return [(row["height"], row["time"] - times[0]) for row in rows]

    assert await heights(after_time=times[1], before_time=times[4]) == [(3, times[3] - times[0]), (2, times[2] - times[0])]
    assert [h for h, _ in await heights(after_time=times[1] - 1, before_time=times[1] + 1)] == [1]
    page = (await stage.http.get(f"{PATH}/A/history", before_time=times[4], limit=2)).json
    assert ([row["height"] for row in page["history"]], page["next"]) == ([3, 2], 2)
    assert [h for h, _ in await heights(before_time=times[4], before=2)] == [1]
    assert (await stage.http.get(f"{PATH}/A/history", after_time=-1)).code == "bad-range"
