"""Lists of transactions and events, narrowed and turned round, compared with a model that filters plain lists."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import tables
from ledger.chain.retention import prune
from ledger.chain.view import rebuild_terms
from ledger.state.store import Batch, big_endian
from nodes.network.specification import default_specification
from tests.http_support import LIMITS, FakeNode
from tests.support import ALICE, BOB, DecidedChain

MEMBERS = (ALICE, "north.member2", BOB)
Row = dict[str, Any]


@cache
def chain() -> DecidedChain:
    """Blocks of none to four transactions: issues that succeed or not, bumps by two members, and nothing at all."""
    decided = DecidedChain(default_specification(members_each=2))
    for number in range(24):
        member = MEMBERS[number % 3]
        block = [decided.sign(member, "asset", "issue", number=f"A-{(number + i) % 20}", to=member) for i in range(number % 4)]
        if number % 5 == 0:
            block.append(decided.sign((BOB, "north.member2"), "asset", "bump", number="C"))
        decided.decide(*block)
    return decided


@cache
def every_row() -> list[Row]:
    """All transactions as a list tells them, read from the blocks themselves."""
    rows = []
    for height in range(1, chain().chain.height + 1):
        time = chain().view.header(height).time
        for position, (raw, receipt) in enumerate(zip(chain().view.envelopes(height), chain().receipts(height), strict=True)):
            body = json.loads(raw)["body"]
            rows.append(
                {
                    "transaction": receipt["transaction"],
                    **{name: body[name] for name in ("contract", "operation", "signers")},
                    **{name: receipt[name] for name in ("outcome", "code")},
                    "height": height,
                    "position": position,
                    "time": time,
                }
            )
    return rows


def matches(row: Row, query: dict[str, Any]) -> bool:
    tests: dict[str, Callable[[Any], bool]] = {
        "signer": lambda value: value in row["signers"],
        "organization": lambda value: value in [name.split(".")[0] for name in row["signers"]],
        "after_time": lambda value: row["time"] > value,
        "before_time": lambda value: row["time"] < value,
        "after_height": lambda value: row["height"] > value,
        "before_height": lambda value: row["height"] < value,
    }
    return all(tests[name](value) if name in tests else row[name] == value for name, value in query.items())


HEIGHTS = st.integers(0, 26)
TIMES = HEIGHTS.flatmap(lambda height: st.integers(-1, 1).map(lambda by: chain().view.time_of(min(height, 24)) + by))
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "signer": st.sampled_from([*MEMBERS, "north.member"]),
        "organization": st.sampled_from(["north", "south", "nor"]),
        "contract": st.sampled_from(["asset", "ass"]),
        "operation": st.sampled_from(["issue", "bump", "transfer"]),
        "outcome": st.sampled_from(["committed", "rejected"]),
        "code": st.sampled_from(["ok", "already-issued"]),
        "after_time": TIMES,
        "before_time": TIMES,
        "after_height": HEIGHTS,
        "before_height": HEIGHTS,
    },
)


async def walk(node: FakeNode, path: str, rows_of: str, /, **query: Any) -> list[Row]:
    rows: list[Row] = []
    after = None
    while True:
        answer = await node.http.get(path, **query, **({"after": after} if after else {}))
        assert answer.status == 200, answer.body
        page = answer.json
        rows += page[rows_of]
        if page["next"] == after:
            return rows
        after = page["next"]


@given(query=QUERIES, is_descending=st.booleans(), limit=st.integers(1, 7), rows_max=st.sampled_from([1, 50, 20_000]))
def test_transactions_are_those_of_a_model(query: dict[str, Any], is_descending: bool, limit: int, rows_max: int) -> None:
    node = FakeNode(chain(), replace(LIMITS, query_rows_max=rows_max))
    expected = [row for row in every_row() if matches(row, query)]

    async def work() -> None:
        order = "-height" if is_descending else "height"
        found = await walk(node, "/v1/transactions", "transactions", **query, order=order, limit=limit)
        assert found == (expected[::-1] if is_descending else expected)

    asyncio.run(work())


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


async def test_the_newest_first_is_not_moved_by_new_blocks(node: FakeNode) -> None:
    for number in range(4):
        node.issue(f"A-{number}", f"B-{number}")
    seen: list[tuple[int, int]] = []
    after = ""
    for _ in range(4):
        page = (await node.http.get("/v1/transactions", order="-height", limit=2, after=after or "99.0")).json
        seen += [(row["height"], row["position"]) for row in page["transactions"]]
        after = page["next"]
        node.issue(f"C-{len(seen)}")
    assert seen == [(height, position) for height in (4, 3, 2, 1) for position in (1, 0)]


async def test_what_no_list_knows_is_refused(node: FakeNode) -> None:
    refused: list[tuple[dict[str, object], str]] = [
        ({"outcome": "perhaps"}, "bad-parameter"),
        ({"order": "signer"}, "bad-parameter"),
        ({"after": "1"}, "bad-cursor"),
        ({"after_height": -1}, "bad-range"),
        ({"signers": "x"}, "unknown-parameter"),
    ]
    for query, code in refused:
        assert (await node.http.get("/v1/transactions", **query)).code == code


def _terms(decided: DecidedChain) -> list[tuple[bytes, bytes]]:
    return decided.store.scan(tables.TERMS, b"", b"\xff" * 9, 1_000)


def _without_terms(decided: DecidedChain) -> Iterator[bytes]:
    batch = Batch()
    for key, _ in _terms(decided):
        batch.delete(tables.TERMS, key)
        yield key
    decided.store.commit(batch)


def test_the_index_is_rebuilt_as_it_was_written_when_a_database_without_it_is_opened() -> None:
    decided = DecidedChain()
    node = FakeNode(decided)
    node.issue("A", "B")
    node.issue("A", member=BOB)
    node.decide()
    written = _terms(decided)
    assert [key for key, _ in written] == [big_endian(height) for height in (1, 2, 3)]
    assert b"\ncode already-issued\n" in written[1][1]
    assert written[2][1] == b"\n\n"
    assert list(_without_terms(decided)) == [key for key, _ in written]
    assert _terms(decided) == []
    for batch in rebuild_terms(decided.view):
        decided.store.commit(batch)
    assert _terms(decided) == written
    assert list(rebuild_terms(decided.view)) == []


async def test_a_block_without_a_row_of_the_index_is_looked_at(node: FakeNode) -> None:
    node.issue("A")
    node.issue("A", member=BOB)
    list(_without_terms(node.decided))
    rows = await walk(node, "/v1/transactions", "transactions", outcome="rejected")
    assert [row["height"] for row in rows] == [2]


async def test_blocks_and_events_by_time(node: FakeNode) -> None:
    for number in range(5):
        node.issue(f"A-{number}", f"B-{number}")
    times = [node.decided.view.time_of(height) for height in range(6)]
    blocks = (await node.http.get("/v1/blocks", after_time=times[1], before_time=times[4])).json
    assert [row["height"] for row in blocks["blocks"]] == [2, 3]
    assert (await node.http.get("/v1/blocks", after=2, after_time=times[1], before_time=times[4])).json["blocks"][0][
        "height"
    ] == 3
    assert (await node.http.get("/v1/blocks", before_time=times[1])).json["blocks"] == []
    events = await walk(node, "/v1/events", "events", after_time=times[1], before_time=times[4], limit=3)
    assert [(e["height"], e["position"]) for e in events] == [(h, p) for h in (2, 3) for p in (0, 1)]
    assert await walk(node, "/v1/events", "events", before_time=times[0]) == []


async def test_events_by_contract_and_name(node: FakeNode) -> None:
    for number in range(4):
        node.issue(f"A-{number}")
        node.commit(ALICE, "asset", "bump", number="C")
    named = await walk(node, "/v1/events", "events", contract="asset", name="issued", limit=3)
    assert [e["data"]["number"] for e in named] == [f"A-{number}" for number in range(4)]
    for query in ({"name": "issue"}, {"contract": "ass"}, {"contract": "membership", "name": "issued"}):
        assert await walk(node, "/v1/events", "events", **query) == []


async def test_a_search_passes_over_pruned_blocks_that_hold_nothing_of_it_and_refuses_the_others(node: FakeNode) -> None:
    decided = node.decided
    for number in range(6):
        decided.decide(decided.issue(f"A-{number}"), time_ms=decided.chain.head_time_ms + (660_000 if number == 3 else 1_000))
    node.issue("A-0", member=BOB)
    for batch in prune(decided.view, 3):
        decided.store.commit(batch)
    rows = await walk(node, "/v1/transactions", "transactions", outcome="rejected")
    assert [row["height"] for row in rows] == [7]
    gone = await node.http.get("/v1/transactions", signer=ALICE)
    assert (gone.status, gone.code, gone.json["details"]["first"]) == (410, "pruned", 4)
    kept = await walk(node, "/v1/transactions", "transactions", signer=ALICE, after_height=3)
    assert [row["height"] for row in kept] == [4, 5, 6]
    assert len(await walk(node, "/v1/events", "events", name="issued")) == 6


def test_times_rise_in_the_chain_of_the_model() -> None:
    assert all(a["time"] <= b["time"] for a, b in pairwise(every_row()))
    assert {row["code"] for row in every_row()} == {"ok", "already-issued"}
