"""The HTTP application over a chain that is really decided, executed and proved; only consensus and sockets are missing."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from ledger.chain.view import ChainView
from ledger.encoding import encode
from ledger.errors import StorageError
from ledger.transaction import parse_transaction
from ledger.verify import trust_genesis, verify_proof
from nodes.app import blocks
from tests.http_support import LIMITS, WITH_TOKEN, FakeNode, Http
from tests.support import ALICE, awaited_refusal, patience_s


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


async def test_a_transaction_is_taken_with_202_and_its_status_told(node: FakeNode) -> None:
    transaction = node.decided.issue()
    unknown = await node.http.get(f"/v1/transactions/{transaction.id}")
    assert (unknown.status, unknown.json["status"]) == (200, "unknown")
    assert unknown.json["time"] == node.decided.chain.head_time_ms
    taken = await node.http.post("/v1/transactions", transaction.raw)
    assert (taken.status, taken.json["status"]) == (202, "pending")
    assert taken.json["transaction"] == transaction.id
    again = await node.http.post("/v1/transactions", transaction.raw)
    assert (again.status, again.json["status"]) == (200, "pending")
    node.decide()
    final = await node.http.get(f"/v1/transactions/{transaction.id}")
    assert final.json["status"] == "committed"
    assert final.json["place"]["height"] == 1
    assert final.json["receipt"]["code"] == "ok"


async def test_the_same_envelope_again_gives_its_status_even_after_it_expired(node: FakeNode) -> None:
    (transaction,) = node.issue("A-1")
    assert (await node.http.post("/v1/transactions", transaction.raw)).json["status"] == "committed"
    node.decided.decide(time_ms=transaction.expires_ms + 1)
    again = await node.http.post("/v1/transactions", transaction.raw)
    assert (again.status, again.json["status"]) == (200, "committed")


async def test_wait_answers_once_final(node: FakeNode) -> None:
    transaction = node.decided.issue()
    waiting = asyncio.create_task(node.http.post("/v1/transactions", transaction.raw, wait=10))
    while not node.pending:
        await asyncio.sleep(0)
    node.decide()
    answer = await waiting
    assert (answer.status, answer.json["status"]) == (200, "committed")


async def test_wait_ends_when_the_node_stops(node: FakeNode) -> None:
    waiting = asyncio.create_task(node.http.post("/v1/transactions", node.decided.issue().raw, wait=10))
    while not node.pending:
        await asyncio.sleep(0)
    node.published.close()
    answer = await waiting
    assert (answer.status, answer.json["status"]) == (202, "pending")


async def test_a_rejected_transaction_is_told_in_both_languages(node: FakeNode) -> None:
    node.issue("A-1")
    (again,) = node.issue("A-1")
    path = f"/v1/transactions/{again.id}"
    english = (await node.http.get(path)).json
    assert (english["status"], english["receipt"]["code"]) == ("rejected", "already-issued")
    assert english["sentence"] == "Asset A-1 exists already."
    chinese = (await node.http.get(path, {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})).json
    assert chinese["sentence"] == "资产 A-1 已存在。"


async def test_a_list_keeps_its_order_and_each_has_its_own_result(node: FakeNode) -> None:
    good = [node.decided.issue(f"A-{i}") for i in range(45)]
    old = node.decided.issue("B", expires_ms=1)
    body = b"[%s]" % b",".join(t.raw for t in (*good[:30], old, *good[30:], good[0]))
    answer = await node.http.post("/v1/transactions", body)
    results = answer.json["results"]
    assert answer.status == 202
    assert [r.get("transaction") for r in results] == [
        *(t.id for t in good[:30]),
        None,
        *(t.id for t in good[30:]),
        good[0].id,
    ]
    assert results[30]["problem"]["code"] == "expired"
    assert list(node.pending) == [t.id for t in good]
    node.decide()
    final = await node.http.post("/v1/transactions", body)
    assert final.json["results"][0]["status"] == "committed"


async def test_a_list_of_which_nothing_is_taken_is_a_problem(node: FakeNode) -> None:
    answer = await node.http.post("/v1/transactions", b"[%s]" % node.decided.issue(expires_ms=1).raw)
    assert (answer.status, answer.code) == (422, "nothing-taken")
    assert answer.json["details"]["results"][0]["problem"]["code"] == "expired"
    node.pending_max = 0
    full = await node.http.post("/v1/transactions", b"[%s]" % node.decided.issue().raw)
    assert (full.status, full.code, full.headers["retry-after"]) == (429, "too-many-pending", "2")


NOT_CANONICAL = (b"[]", b"[ %s]", b"[%s ]", b"[%s,]", b"[%s]\n", b"[%s", b"[%s,1]", b"[" * 5001)
NOT_JSON = (b"[{", b'["\xff"]', b"[" + b'{"a":' * 5000)
SPELLINGS = dict.fromkeys(NOT_CANONICAL, "not-canonical") | dict.fromkeys(NOT_JSON, "not-json")


@pytest.mark.parametrize(("spelling", "code"), SPELLINGS.items())
async def test_a_list_has_one_spelling(node: FakeNode, spelling: bytes, code: str) -> None:
    body = spelling.replace(b"%s", node.decided.issue().raw)
    answer = await node.http.post("/v1/transactions", body)
    assert (answer.status, answer.code) == (400, code)
    assert not node.pending


async def test_transactions_are_listed_by_cursor(node: FakeNode) -> None:
    sent = [t.id for numbers in (["A", "B", "C"], ["D"], ["E", "F"]) for t in node.issue(*numbers)]
    after = ""
    listed: list[str] = []
    while len(listed) < len(sent):
        page = (await node.http.get("/v1/transactions", after=after, limit=2)).json
        assert len(page["transactions"]) == 2
        listed += [row["transaction"] for row in page["transactions"]]
        after = page["next"]
    assert listed == sent
    end = (await node.http.get("/v1/transactions", after=after)).json
    assert (end["transactions"], end["next"]) == ([], after)
    node.issue("G")
    assert len((await node.http.get("/v1/transactions", after=after)).json["transactions"]) == 1


async def test_a_page_of_transactions_looks_at_so_many_blocks() -> None:
    node = FakeNode(limits=replace(LIMITS, query_rows_max=1))
    for _ in range(4):
        node.decide()
    (transaction,) = node.issue("A")
    pages = []
    after = ""
    while (page := (await node.http.get("/v1/transactions", after=after)).json)["next"] != after:
        pages.append([row["transaction"] for row in page["transactions"]])
        after = page["next"]
    assert pages == [[], [], [transaction.id]]


async def test_blocks_by_height_id_and_latest(node: FakeNode) -> None:
    genesis = (await node.http.get("/v1/blocks/latest")).json
    assert (genesis["height"], genesis["id"]) == (0, node.ledger)
    assert encode(genesis["genesis"]) == node.decided.network.genesis_bytes
    (transaction,) = node.issue("A")
    node.issue("B")
    block = (await node.http.get("/v1/blocks/1")).json
    assert [encode(t) for t in block["transactions"]] == [transaction.raw]
    assert block["receipts"][0]["transaction"] == transaction.id
    assert block["record"]["commit"]["block"] == block["id"]
    assert (await node.http.get(f"/v1/blocks/{block['id']}")).json == block
    assert (await node.http.get("/v1/blocks/latest")).json["height"] == 2
    listed = (await node.http.get("/v1/blocks", after=1)).json
    assert ([row["height"] for row in listed["blocks"]], listed["next"]) == ([2], 2)


async def test_proofs_lead_to_the_genesis(node: FakeNode) -> None:
    (transaction,) = node.issue("A")
    node.issue("B")
    trusted = trust_genesis(node.decided.network.genesis)
    value = (await node.http.get("/v1/state/asset/assets/A", proof="true")).json
    fact = verify_proof(value["proof"], trusted)
    assert (fact.kind, fact.claim["value"], fact.height) == ("state", value["value"], value["height"])
    absent = await node.http.get("/v1/state/asset/assets/Z", proof="true")
    assert (absent.status, absent.code) == (404, "not-found")
    assert verify_proof(absent.json["proof"], trusted).kind == "absence"
    status = (await node.http.get(f"/v1/transactions/{transaction.id}", proof="true")).json
    assert verify_proof(status["proof"]["receipt"], trusted).claim["value"] == status["receipt"]
    assert verify_proof(status["proof"]["transaction"], trusted).claim["value"] == transaction.to_json()
    block = (await node.http.get("/v1/blocks/2", proof="true")).json
    assert verify_proof(block["proof"], trusted).block == block["id"]
    consistency = (await node.http.get("/v1/proofs/consistency", from_=1, to=2)).json
    assert verify_proof(consistency["proof"], trusted).kind == "consistency"


async def test_state_pages_filters_and_history(node: FakeNode) -> None:
    node.issue(*(f"A-{i}" for i in range(7)))
    node.commit(ALICE, "asset", "transfer", number="A-3", to="south.member1")
    first = (await node.http.get("/v1/state/asset/assets")).json
    assert [row["key"] for row in first["items"]] == [f"A-{i}" for i in range(5)]
    rest = (await node.http.get("/v1/state/asset/assets", after=first["next"])).json
    assert ([row["key"] for row in rest["items"]], rest["next"]) == (["A-5", "A-6"], None)
    held = (await node.http.get("/v1/state/asset/assets", holder="south.member1", version=1)).json
    assert ([row["key"] for row in held["items"]], held["next"]) == (["A-3"], None)
    some = (await node.http.get("/v1/state/asset/assets", holder=ALICE, limit=2)).json
    assert [row["key"] for row in some["items"]] == ["A-0", "A-1"]
    history = (await node.http.get("/v1/state/asset/assets/A-3/history")).json
    assert [(row["height"], row["value"]["version"]) for row in history["history"]] == [(2, 1), (1, 0)]
    assert history["next"] is None
    older = (await node.http.get("/v1/state/asset/assets/A-3/history", before=2)).json
    assert [row["height"] for row in older["history"]] == [1]


async def test_who_is_who(node: FakeNode) -> None:
    organizations = (await node.http.get("/v1/organizations")).json["organizations"]
    assert [o["name"] for o in organizations] == ["east", "north", "south", "west"]
    members = (await node.http.get("/v1/members", limit=20)).json["members"]
    assert ALICE in [m["member"] for m in members]
    validators = (await node.http.get("/v1/validators")).json
    assert (validators["height"], validators["n"], validators["f"], validators["q"]) == (1, 4, 1, 3)


async def test_contracts_show_operations_schemas_policies_and_refusals(node: FakeNode) -> None:
    contracts = (await node.http.get("/v1/contracts")).json["contracts"]
    assert [c["name"] for c in contracts] == ["asset", "governance", "membership"]
    asset = (await node.http.get("/v1/contracts/asset")).json
    assert asset in contracts
    issue = next(o for o in asset["operations"] if o["name"] == "issue")
    assert set(issue["arguments"]["properties"]) == {"number", "to"}
    assert asset["refusals"]["not-holder"]["zh"] == "只有 {holder} 可以转让。"


async def test_events_by_cursor(node: FakeNode) -> None:
    node.issue("A", "B")
    node.issue("C")
    first = (await node.http.get("/v1/events", limit=2)).json
    assert [(e["height"], e["name"], e["data"]["number"]) for e in first["events"]] == [
        (1, "issued", "A"),
        (1, "issued", "B"),
    ]
    rest = (await node.http.get("/v1/events", after=first["next"])).json
    assert [e["data"]["number"] for e in rest["events"]] == ["C"]


async def test_the_event_stream_goes_on_behind_the_last_event_id_and_ends_with_the_node(node: FakeNode) -> None:
    node.issue("A", "B")
    first = (await node.http.get("/v1/events", limit=1)).json["events"][0]
    async with node.http.stream("/v1/events/stream", {"last-event-id": first["cursor"]}) as next_message:
        start = await next_message()
        assert (start["status"], dict(start["headers"])[b"content-type"][:17]) == (200, b"text/event-stream")
        assert (await next_message())["body"] == b": open\n\n"
        name, data = _event((await next_message())["body"])
        assert data["data"]["number"] == "B"
        assert name == data["cursor"]
        node.issue("C")
        assert _event((await next_message())["body"])[1]["data"]["number"] == "C"
        node.published.close()
        assert await next_message() == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_the_log_by_cursor_and_as_a_stream(node: FakeNode) -> None:
    for view in range(3):
        node.log.append(1, "vote", {"view": view})
    first = (await node.http.get("/v1/log", limit=2)).json
    assert ([r["view"] for r in first["log"]], first["next"]) == ([0, 1], "2")
    async with node.http.stream("/v1/log/stream", after=first["next"]) as next_message:
        await next_message(), await next_message()
        assert _event((await next_message())["body"]) == ("3", {"kind": "vote", "sequence": 3, "time": 1, "view": 2})
        node.log.append(2, "commit", {"height": 1})
        assert _event((await next_message())["body"])[0] == "4"


async def test_streams_have_a_limit(node: FakeNode) -> None:
    async with node.http.stream("/v1/log/stream") as next_message:
        await next_message(), await next_message()
        web_state = node.app.web.state
        assert web_state.streams == 1
        web_state.streams = node.limits.streams_max
        full = await asyncio.wait_for(node.http.get("/v1/log/stream"), patience_s())
        assert (full.status, full.code) == (503, "too-many-streams")
    assert web_state.streams == node.limits.streams_max - 1


async def test_the_export_is_the_ledger_line_by_line(node: FakeNode) -> None:
    node.issue("A")
    answer = await node.http.get("/v1/export")
    assert answer.body.splitlines() == list(node.decided.view.export())


async def test_the_export_goes_on_above_a_height_and_waits_for_the_next_block(node: FakeNode) -> None:
    for number in "ABC":
        node.issue(number)
    lines = list(node.decided.view.export())
    assert (await node.http.get("/v1/export", after=0)).body.splitlines() == lines[1:]
    assert (await node.http.get("/v1/export", after=2)).body.splitlines() == lines[3:]
    for height in (3, 99):
        nothing = await node.http.get("/v1/export", after=height, wait=0)
        assert (nothing.status, nothing.body) == (200, b"")
    waiting = asyncio.create_task(node.http.get("/v1/export", after=3, wait=10))
    while not node.published._changed._waiters:  # until it waits
        await asyncio.sleep(0)
    node.issue("D")
    (line,) = (await asyncio.wait_for(waiting, patience_s())).body.splitlines()
    assert line == list(node.decided.view.export())[4]
    assert (await node.http.get("/v1/export", after=3, wait=11)).code == "bad-wait"
    assert (await node.http.get("/v1/export", after=-1)).code == "bad-height"


async def test_a_slow_reader_of_the_export_holds_no_snapshot(node: FakeNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BYTES_BETWEEN_TURNS", 1)
    taken = node.snapshot
    now_open = 0

    @contextmanager
    def counted() -> Iterator[ChainView]:
        nonlocal now_open
        now_open += 1
        with taken() as view:
            yield view
        now_open -= 1

    node.issue("A")
    lines = list(node.decided.view.export())
    monkeypatch.setattr(node, "snapshot", counted)
    got = []
    async for part in (await blocks.get_export(Request({"type": "http", "app": node.app.web}), node)).body_iterator:
        assert now_open == 0
        got.append(bytes(part))  # type: ignore[arg-type]
        node.issue(f"B-{len(got)}")
    assert b"".join(got).splitlines() == lines
    assert len(got) > 1


async def test_the_node_tells_how_far_it_is(node: FakeNode) -> None:
    node.issue("A")
    status = (await node.http.get("/v1/node")).json
    assert (status["member"], status["ledger"], status["height"]) == (node.member, node.ledger, 1)
    assert status["clock"] == node.now_ms()
    assert (await node.http.get("/v1/consensus")).json == {"height": 2, "view": 1}
    assert (await node.http.get("/healthz")).json["status"] == "ok"
    assert (await node.http.get("/readyz")).json["status"] == "ready"
    node.reason = "diverged at height 7"
    unready = await node.http.get("/readyz")
    assert (unready.status, unready.code, unready.json["detail"]) == (503, "not-ready", "diverged at height 7")


async def test_the_lab_clock_needs_a_lab_and_its_token(node: FakeNode) -> None:
    body = b'{"time":5}'
    assert (await node.http.post("/v1/lab/clock", body)).code == "wrong-token"
    wrong = await node.http.post("/v1/lab/clock", body, {"authorization": "Bearer other"})
    assert (wrong.status, wrong.code) == (403, "wrong-token")
    assert node.lab.set_to == []
    for bad in (b'{"time":-1}', b'{"time":"5"}', b"{}", b'{"now":1,"time":5}', b'{"time":253402300800000}'):
        assert (await node.http.post("/v1/lab/clock", bad, WITH_TOKEN)).code == "bad-time"
    assert (await node.http.post("/v1/lab/clock", body, WITH_TOKEN)).status == 200
    assert node.lab.set_to == [5]
    no_lab = await FakeNode(is_lab=False).http.post("/v1/lab/clock", body, WITH_TOKEN)
    assert (no_lab.status, no_lab.code) == (404, "not-a-lab")


async def test_a_frozen_lab_obeys_its_own_machine_alone(node: FakeNode) -> None:
    async def from_the_room(scope: Scope, receive: Receive, send: Send) -> None:
        await node.app({**scope, "client": ("192.0.2.7", 2)}, receive, send)

    room = Http(from_the_room)
    orders = {"/v1/lab/clock": b'{"time":5}', "/v1/lab/faults": b'{"faults":[]}'}
    for is_frozen, codes in ((False, (200, 200)), (True, (409, 200))):
        node.lab.control.frozen = is_frozen
        for path, body in orders.items():
            assert tuple([(await one.post(path, body, WITH_TOKEN)).status for one in (room, node.http)]) == codes
    assert (await room.post("/v1/lab/clock", orders["/v1/lab/clock"], WITH_TOKEN)).code == "lab-frozen"
    assert (await room.get("/v1/lab/faults", WITH_TOKEN)).status == 200


@pytest.mark.parametrize(
    "path", ["/v1/blocks", "/v1/transactions", "/v1/members", "/v1/events", "/v1/log", "/v1/state/asset/assets"]
)
@pytest.mark.parametrize("limit", ["0", "-1", "21"])
async def test_a_page_size_out_of_range_is_refused(node: FakeNode, path: str, limit: str) -> None:
    answer = await node.http.get(path, limit=limit)
    assert (answer.status, answer.code) == (422, "bad-limit")
    assert (await node.http.get(path, limit="many")).code == "bad-parameter"


async def test_a_wait_out_of_range_is_refused(node: FakeNode) -> None:
    for wait in ("-1", "11"):
        answer = await node.http.post("/v1/transactions", node.decided.issue().raw, wait=wait)
        assert (answer.status, answer.code) == (422, "bad-wait")
    assert not node.pending


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/blocks", "GET"),
        ("/v1/transactions", "GET, POST"),
        ("/v1/documents/" + "0" * 64, "GET, PUT, DELETE"),
        ("/v1/lab/faults", "GET, POST"),
        ("/v1/lab/control/any/path", "GET, POST"),
        ("/", "GET"),
    ],
)
async def test_another_method_is_told_all_that_a_path_has(node: FakeNode, path: str, methods: str) -> None:
    answer = await node.http.request("TRACE", path)
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method-not-allowed", methods)


PROBLEMS = {
    "GET /v2": (404, "no-such-path"),
    "DELETE /v1/blocks": (405, "method-not-allowed"),
    "GET /v1/blocks?form=x": (422, "unknown-parameter"),
    "GET /v1/state/asset/assets/A?prof=true": (422, "unknown-parameter"),
    "GET /v1/transactions/abc": (400, "bad-id"),
    "GET /v1/blocks/one": (400, "bad-height"),
    "GET /v1/blocks/99999999999999999999": (400, "bad-height"),
    "GET /v1/blocks/3": (404, "no-such-block"),
    f"GET /v1/blocks/{'0' * 64}": (404, "no-such-block"),
    "GET /v1/validators?height=9": (404, "no-such-block"),
    "GET /v1/proofs/consistency": (422, "bad-parameter"),
    "GET /v1/contracts/nothing": (404, "unknown-contract"),
    "GET /v1/state/asset/assets?color=red": (422, "unknown-field"),
    "GET /v1/state/asset/nothing": (404, "no-such-collection"),
    "GET /v1/state/nothing/assets": (404, "no-such-collection"),
    f"GET /v1/state/asset/assets/{'k' * 257}": (422, "bad-key"),
    "GET /v1/state/asset/assets/a\x00b": (422, "bad-key"),
    "GET /v1/events?after=x": (400, "bad-cursor"),
    "GET /v1/log?after=-1": (400, "bad-height"),
    "POST /v1/transactions": (400, "not-json"),
    "GET /node/batch": (404, "no-such-path"),
    "POST /node/other": (404, "no-such-path"),
    "POST /node/session": (400, "not-json"),
    "POST /node/batch": (400, "not-json"),
}


@pytest.mark.parametrize("asked", PROBLEMS)
async def test_what_does_not_exist_or_fit_is_a_problem(node: FakeNode, asked: str) -> None:
    method, path, query = re.fullmatch(r"(\S+) ([^?]+)\??(.*)", asked).groups()  # type: ignore[union-attr]
    answer = await node.http.request(method, path, **dict(parse_qsl(query)))
    assert (answer.status, answer.code) == PROBLEMS[asked]


TOO_LARGE = {
    "a body": ("/v1/transactions", b"x" * (LIMITS.request_bytes_max + 1), "request-too-large"),
    "a body ten times too large": ("/v1/transactions", b"x" * LIMITS.request_bytes_max * 10, "request-too-large"),
    "a list": ("/v1/transactions", b"[%s]" % b",".join([b"{}"] * (LIMITS.request_transactions_max + 1)), "too-many-transactions"),
    "a request between nodes": ("/node/session", b"x" * 1_001, "batch-too-large"),
}


@pytest.mark.parametrize("sent", TOO_LARGE)
async def test_what_is_too_large_is_refused(node: FakeNode, sent: str) -> None:
    path, body, code = TOO_LARGE[sent]
    answer = await node.http.post(path, body)
    assert (answer.status, answer.code) == (413, code)


async def test_a_bug_tells_nothing_of_its_inside(node: FakeNode) -> None:
    def fail() -> int:
        raise ZeroDivisionError("secret")

    node.consensus_json = fail  # type: ignore[assignment]
    answer: list[Any] = []

    async def send(message: Message) -> None:
        answer.append(message)

    await awaited_refusal(ZeroDivisionError, node.http.call("/v1/consensus", send))
    assert answer[0]["status"] == 500
    assert json.loads(answer[1]["body"])["code"] == "internal-error"
    assert b"secret" not in answer[1]["body"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/consensus"), ("POST", "/node/batch")])
async def test_a_damaged_database_is_a_problem_after_which_to_come_back(node: FakeNode, method: str, path: str) -> None:
    """A node that sends a batch keeps it after 503, and gives it up after 500."""

    def fail(*arguments: object) -> Any:
        raise StorageError("database-damaged", "A row is damaged.")

    with patch.object(node, "consensus_json", fail), patch.object(node.inbox, "accept", fail):
        answer = await node.http.request(method, path)
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "database-damaged", "60")


async def test_envelopes_are_taken_byte_for_byte(node: FakeNode) -> None:
    """Braces, quotes and list-like text inside of arguments do not confuse where one envelope ends."""
    texts = ['"]},{"body":', "}", "\\", '\\"', "[", "汉"]
    sent = [node.decided.sign(ALICE, "asset", "issue", number=text, to=ALICE) for text in texts]
    answer = await node.http.post("/v1/transactions", b"[%s]" % b",".join(t.raw for t in sent))
    codes = {r["problem"]["code"] for r in answer.json["details"]["results"]}
    assert codes == {"bad-arguments"}, "each was read as a transaction of its own"
    assert [parse_transaction(t.raw) for t in sent] == sent


def _event(data: bytes) -> tuple[str, dict[str, Any]]:
    name, value = data.decode().strip().split("\n")
    return name.removeprefix("id: "), json.loads(value.removeprefix("data: "))
