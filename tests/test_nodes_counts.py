"""Counts: what paging the list through gives, for the same readers, and never more work than a page may cost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.contract.contract import ContractSet
from ledger.contract.sealed import seal
from nodes.app import counts, transaction_query
from nodes.app.counts import RowTally
from nodes.client import RowCount
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import default_specification
from nodes.sample_contract import Asset
from tests.http_support import LIMITS, FakeNode
from tests.network_support import running_network
from tests.support import ALICE, DecidedChain
from tests.test_nodes_access import SALT, Offers
from tests.test_nodes_query import BLOCKS, CONDITIONS, Stage, Things
from tests.test_nodes_transaction_query import QUERIES, chain, every_row, matches

MEMBER = "north.member1"
DAY_MS = 86_400_000


async def counted(node: FakeNode, path: str, /, **query: Any) -> tuple[int, Counter[Any], list[dict[str, Any]]]:
    """The sum over all answers, and the answers."""
    answers: list[dict[str, Any]] = []
    groups: Counter[Any] = Counter()
    while not answers or answers[-1]["next"] is not None:
        after = {"after": answers[-1]["next"]} if answers else {}
        answer = await node.http.get(f"/v1/counts/{path}", **query, **after)
        assert answer.status == 200, answer.body
        answers.append(answer.json)
        found = [group["value"] for group in answers[-1].get("groups", ())]
        assert len(set(map(str, found))) == len(found)
        groups.update({group["value"]: group["count"] for group in answers[-1].get("groups", ())})
    return sum(answer["count"] for answer in answers), groups, answers


def values_of(row: dict[str, Any], by: str) -> list[Any]:
    match by:
        case "signer":
            return list(row["signers"])
        case "organization":
            return sorted({signer.split(".")[0] for signer in row["signers"]})
    return [row[by]]


BY = ("", "signer", "organization", "contract", "operation", "outcome", "code")


@given(query=QUERIES, by=st.sampled_from(BY), rows_max=st.sampled_from([1, 50, 20_000]), groups_max=st.integers(1, 4))
def test_a_count_of_transactions_is_that_of_a_model(query: dict[str, Any], by: str, rows_max: int, groups_max: int) -> None:
    """The lists are held against the same model (`test_nodes_transaction_query`)."""
    node = FakeNode(chain(), replace(LIMITS, query_rows_max=rows_max, page_max=groups_max))
    expected = [row for row in every_row() if matches(row, query)]

    async def work() -> None:
        count, groups, answers = await counted(node, "transactions", **query, **({"by": by} if by else {}))
        assert count == len(expected)
        assert groups == Counter(value for row in expected if by for value in values_of(row, by))
        assert all(answer["height"] == chain().chain.height and ("groups" in answer) == bool(by) for answer in answers)

    asyncio.run(work())


@settings(max_examples=40)
@given(blocks=st.lists(BLOCKS, min_size=1, max_size=4), conditions=CONDITIONS, by=st.sampled_from(["", "kind", "note", "tags"]))
def test_a_count_of_records_is_that_of_the_list(blocks: list[Things], conditions: list[tuple[str, Any]], by: str) -> None:
    stage = Stage(60)
    for things in blocks:
        stage.put(things)
    query = {name: value if isinstance(value, str) else str(value).lower().replace("none", "null") for name, value in conditions}

    async def work() -> None:
        rows, height = await stage.walk(**query, limit=3)
        count, groups, answers = await counted(stage, "state/shelf/things", **query, **({"by": by} if by else {}))
        assert count == len(rows)
        values = [row[by] if isinstance(row[by], list) else [row[by]] for _, row in rows if by]
        assert groups == Counter(value for found in values for value in dict.fromkeys(found))
        assert {answer["height"] for answer in answers} == {height}

    asyncio.run(work())


@pytest.mark.parametrize("rows_max", [500, 20_000])
@pytest.mark.parametrize("query", [{}, {"name": "issued"}, {"contract": "asset", "after_time": 0}, {"name": "nothing"}])
async def test_a_count_of_events_is_that_of_the_list(query: dict[str, Any], rows_max: int) -> None:
    node = FakeNode(chain(), replace(LIMITS, query_rows_max=rows_max))
    rows: list[dict[str, Any]] = []
    after, following = None, ""
    while following != after:
        after = following
        page = (await node.http.get("/v1/events", **query, **({"after": after} if after else {}))).json
        rows, following = rows + page["events"], page["next"]
    count, groups, _ = await counted(node, "events", by="name", **query)
    assert (count, groups) == (len(rows), Counter(row["name"] for row in rows))
    assert count == 0 or query.get("name") != "nothing"


@asynccontextmanager
async def turns() -> AsyncIterator[list[None]]:
    """As many as the event loop goes round meanwhile."""
    taken: list[None] = []

    async def turn() -> None:
        while True:
            taken.append(None)
            await asyncio.sleep(0)

    other = asyncio.create_task(turn())
    yield taken
    other.cancel()


async def test_one_answer_counts_no_more_than_a_page_may_look_at_and_the_loop_goes_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "COST_A_TURN", 10)
    node = FakeNode(chain(), replace(LIMITS, query_rows_max=20))
    async with turns() as taken:
        for path, least in (("transactions", 5), ("events", 2)):
            before = len(taken)
            _, _, answers = await counted(node, path)
            assert len(answers) >= least
            assert max(answer["count"] for answer in answers) <= 20 + 4, "one block more than the limit at most"
            assert len(taken) - before >= len(answers)


async def test_a_large_block_is_counted_in_turns_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction_query, "COST_A_TURN", 10)
    node = FakeNode(limits=replace(LIMITS, query_rows_max=50))
    node.issue(*(f"A-{number}" for number in range(100)))
    async with turns() as taken:
        first = (await node.http.get("/v1/counts/transactions")).json
        assert len(taken) >= 3
        assert (first["count"], first["next"]) == (31, "1.31"), "the block itself costs as much as 20 rows"
        assert (await counted(node, "transactions"))[0] == 100


async def test_a_count_of_records_stays_on_the_height_of_its_first_answer() -> None:
    stage = Stage()
    stage.put({f"T-{i}": {"kind": "box", "count": i, "is_open": False} for i in range(30)})
    stage.limits = replace(LIMITS, query_rows_max=20)
    first = (await stage.http.get("/v1/counts/state/shelf/things", by="kind")).json
    stage.put({f"T-{i}": None for i in range(30)})
    stage.limits = replace(LIMITS, query_rows_max=20_000)
    second = (await stage.http.get("/v1/counts/state/shelf/things", by="kind", after=first["next"])).json
    assert (first["count"] + second["count"], second["height"], second["next"]) == (30, 1, None)
    assert (await counted(stage, "state/shelf/things", at=1))[0] == 30
    assert (await counted(stage, "state/shelf/things"))[0] == 0
    other = await stage.http.get("/v1/counts/state/shelf/things", by="count", after=first["next"])
    assert other.code == "bad-cursor", "a cursor goes with its query"
    page = (await stage.http.get("/v1/state/shelf/things", at=1, limit=2)).json
    assert (await stage.http.get("/v1/counts/state/shelf/things", at=1, after=page["next"])).code == "bad-cursor"


async def test_days_are_those_of_the_blocks_in_utc() -> None:
    node = FakeNode()
    midnight = (node.decided.chain.head_time_ms // DAY_MS + 2) * DAY_MS
    for number, time_ms in enumerate((midnight - 1, midnight, midnight + 1)):
        node.decided.decide(node.decided.issue(f"A-{number}", expires_ms=midnight + 2), time_ms=time_ms)
    first, second = (date(1970, 1, 1) + timedelta(days=midnight // DAY_MS - by) for by in (1, 0))
    for path in ("transactions", "events"):
        assert (await counted(node, path, by="day"))[1] == {str(first): 1, str(second): 2}


async def test_what_no_count_knows_is_refused() -> None:
    node = FakeNode()
    node.issue("A")
    refused: list[tuple[str, dict[str, object], str]] = [
        ("transactions", {"by": "weather"}, "bad-parameter"),
        ("transactions", {"after": "1"}, "bad-cursor"),
        ("transactions", {"limit": 5}, "unknown-parameter"),
        ("events", {"by": "signer"}, "bad-parameter"),
        ("events", {"after": "x"}, "bad-cursor"),
        ("state/asset/assets", {"by": "weather"}, "unknown-field"),
        ("state/asset/assets", {"color": "red"}, "unknown-field"),
        ("state/asset/nothing", {}, "no-such-collection"),
        ("state/asset/assets", {"at": 9}, "no-such-block"),
        ("state/asset/assets", {"after": "x"}, "bad-cursor"),
    ]
    for path, query, code in refused:
        answer = await node.http.get(f"/v1/counts/{path}", **query)
        assert answer.code == code, (path, query)
        assert code != "bad-parameter" or "by: Input should be" in answer.json["detail"], "the sentence names no parameter"


@pytest.mark.parametrize("path", ["transactions", "events", "state/membership/members"])
async def test_a_count_is_for_those_who_may_read_the_list(path: str) -> None:
    node = FakeNode(reads="members")
    assert (await node.http.get(f"/v1/counts/{path}")).code == "token-missing"
    assert (await node.http.get(f"/v1/{path}")).code == "token-missing"
    assert (await node.http.get(f"/v1/counts/{path}", node.token(ALICE))).status == 200


async def test_a_count_by_a_sealed_field_tells_digests() -> None:
    specification = replace(default_specification(members_each=1), contracts=(("offers", "tests.test_nodes_access:Offers"),))
    node = FakeNode(DecidedChain(specification, ContractSet({"offers": Offers})))
    digest = seal(7_000, SALT)[0].sealed
    for number in ("O-1", "O-2"):
        node.commit(ALICE, "offers", "offer", number=number, price={"sealed": digest})
    node.commit(ALICE, "offers", "offer", number="O-3", price=None)
    listed = (await node.http.get("/v1/state/offers/offers")).json["items"]
    assert [row["value"]["price"] for row in listed] == [{"sealed": digest}, {"sealed": digest}, None]
    assert (await counted(node, "state/offers/offers", by="price.sealed"))[1] == {digest: 2, None: 1}


def test_true_and_one_are_two_values() -> None:
    tally = RowTally(10)
    for value in (True, 1, None, "1", 1):
        tally.take([value])
    assert b'"groups":[{"count":1,"value":null},{"count":1,"value":true},{"count":2,"value":1},{"count":1,"value":"1"}]' in (
        tally.answer("x", 1, None).body
    )


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path_factory.mktemp("counts")) as network:
        yield network


def test_the_client_adds_up(network: InProcessNetwork) -> None:
    with network.client(MEMBER) as client:
        for number in range(5):
            client.call(Asset.issue, number=f"A-{number}", to=MEMBER if number % 2 else "south.member1")
        client.attempt(Asset.issue, number="A-0", to=MEMBER)
        height = client.node()["height"]
        assert client.count("transactions", "code", contract="asset") == RowCount(6, height, {"already-issued": 1, "ok": 5})
        assert client.count(Asset.assets, holder=MEMBER) == RowCount(2, height, {})
        assert client.count(Asset.assets, "holder").groups == {MEMBER: 2, "south.member1": 3}
        assert client.count("events", name="issued").count == 5
