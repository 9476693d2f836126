"""The requests that the OpenAPI document shows, made of a node whose ledger is seeded: the answers are its own."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.contract.contract import ContractSet
from ledger.contract.sealed import seal
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from tests.http_support import WITH_TOKEN, Answer, FakeNode
from tests.openapi_document import Example, build_openapi, operations_of
from tests.support import DecidedChain
from tests.test_ledger_golden import SPECIFICATION, WU
from tests.test_nodes_access import BUYER, SALT, TRADER, Offers

PRICE = 7_000
CSV = "text/csv"
AS_CSV = {"accept": CSV}
TEXT_MAX = 200
"""What examples show of long texts."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an example; `values` are parameters of the path and the query."""

    operation: str
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that the document does not show, such as tokens."""
    items_max: int = 2
    """What the example shows of a list."""


def seeded_node() -> FakeNode:
    """A node of a network of one, whose ledger holds an asset, a refusal, and one transaction that waits."""
    node = FakeNode(DecidedChain(SPECIFICATION))
    node.lab.control.address = "http://127.0.0.1:1"
    issue, again = (node.decided.sign(WU, "asset", "issue", number="W-1", to=WU) for _ in range(2))
    node.submit((issue, again))
    node.decide()
    node.commit(WU, "asset", "transfer", number="W-1", to="trade.admin")
    for height in (1, 2):
        node.log.append(node.decided.view.header(height).time, "decided", {"height": height})
    return node


def sealed_node() -> FakeNode:
    """A node whose ledger holds a sealed price, and whose organization has an auditor and an admin."""
    own = (MemberSpec("node", ("validator",)), MemberSpec("admin", ("admin",)), MemberSpec("wu"), MemberSpec("an", ("auditor",)))
    specification = NetworkSpecification(
        organizations=(
            OrganizationSpec("trade", own),
            OrganizationSpec("shop", (MemberSpec("li"), MemberSpec("admin", ("admin",)))),
        ),
        validators=("trade.node",),
        contracts=(("offers", "tests.test_nodes_access:Offers"),),
    )
    node = FakeNode(DecidedChain(specification, ContractSet({"offers": Offers})))
    node.commit(TRADER, "offers", "offer", number="sealed", price={"sealed": seal(PRICE, SALT)[0].sealed})
    return node


def requests(node: FakeNode) -> Iterator[Request]:
    """At least one of each operation, but for documents."""
    issue, again = (json.loads(raw)["transaction"] for raw in node.decided.view.receipts(1))
    place = {"contract": "asset", "collection": "assets"}
    fresh, other = (json.loads(node.decided.sign(WU, "asset", "issue", number=n, to=WU).raw) for n in ("W-2", "W-3"))
    late = json.loads(node.decided.sign(WU, "asset", "issue", expires_ms=1, number="W-4", to=WU).raw)
    yield Request("POST /v1/transactions", "one", body=fresh)
    yield Request("POST /v1/transactions", "list", body=[other, late])
    yield Request("POST /v1/transactions", "expired", body=late)
    yield Request("GET /v1/transactions/{transaction}", "committed", {"transaction": issue})
    yield Request("GET /v1/transactions/{transaction}", "rejected", {"transaction": again})
    yield Request("GET /v1/transactions/{transaction}", "unknown", {"transaction": "0" * 64})
    yield Request("GET /v1/transactions/{transaction}", "bad-id", {"transaction": "W-1"})
    yield Request("GET /v1/transactions", "page", {"limit": 2})
    yield Request("GET /v1/transactions", "table", {"limit": 2}, headers=AS_CSV)
    yield Request("GET /v1/counts/transactions", "count", {"organization": "trade"})
    yield Request("GET /v1/counts/transactions", "by-code", {"by": "code"})
    yield Request("GET /v1/counts/events", "by-name", {"contract": "asset", "by": "name"})
    yield Request("GET /v1/counts/state/{contract}/{collection}", "by-holder", {**place, "by": "holder"})
    yield Request("GET /v1/blocks", "page", {"after": 0, "limit": 1})
    yield Request("GET /v1/blocks/{block}", "latest", {"block": "latest"})
    yield Request("GET /v1/blocks/{block}", "no-such-block", {"block": 99})
    yield Request("GET /v1/proofs/consistency", "proof", {"from": 1, "to": 2})
    yield Request("GET /v1/export", "export")
    yield Request("GET /v1/export", "above", {"after": 1})
    yield Request("GET /v1/state/{contract}/{collection}/{key}", "value", {**place, "key": "W-1"})
    yield Request("GET /v1/state/{contract}/{collection}/{key}", "proof", {**place, "key": "W-1", "proof": True})
    yield Request("GET /v1/state/{contract}/{collection}/{key}", "not-found", {**place, "key": "W-9"})
    yield Request("GET /v1/state/{contract}/{collection}/{key}/history", "history", {**place, "key": "W-1"})
    yield Request("GET /v1/state/{contract}/{collection}/{key}/history", "table", {**place, "key": "W-1"}, headers=AS_CSV)
    yield Request("GET /v1/state/{contract}/{collection}", "page", {**place, "limit": 2})
    yield Request("GET /v1/state/{contract}/{collection}", "table", {**place, "limit": 2}, headers=AS_CSV)
    yield Request("GET /v1/state/{contract}/{collection}", "unknown-field", {**place, "order": "price"})
    yield Request("GET /v1/access/{contract}/{collection}/{key}", "access", {**place, "key": "W-1", "limit": 1})
    yield Request("GET /v1/organizations", "page", {"limit": 1})
    yield Request("GET /v1/members", "page", {"limit": 1})
    yield Request("GET /v1/validators", "validators", {"height": 1})
    yield Request("GET /v1/contracts", "contracts", items_max=1)
    yield Request("GET /v1/contracts/{name}", "contract", {"name": "asset"})
    yield Request("GET /v1/contracts/{name}", "unknown-contract", {"name": "shipping"})
    yield Request("GET /v1/events", "page", {"limit": 2})
    yield Request("GET /v1/events", "table", {"limit": 2}, headers=AS_CSV)
    yield Request("GET /v1/events/stream", "stream")
    yield Request("GET /v1/log", "page", {"after": 0, "limit": 2})
    yield Request("GET /v1/log/stream", "stream", {"after": 1})
    yield Request("GET /v1/node", "node")
    yield Request("GET /v1/consensus", "consensus")
    yield Request("GET /healthz", "ok")
    yield Request("GET /readyz", "ready")
    yield Request("GET /metrics", "figures")
    yield Request("POST /v1/lab/clock", "set", body={"time": node.now_ms() + 60_000}, headers=WITH_TOKEN)
    yield Request("POST /v1/lab/clock", "wrong-token", body={"time": 1})
    faults = {"faults": [{"delay_ms": 200, "direction": "both", "drop_permille": 0, "peer": "*"}]}
    yield Request("POST /v1/lab/faults", "slow", body=faults, headers=WITH_TOKEN)
    yield Request("GET /v1/lab/faults", "none", headers=WITH_TOKEN)
    yield Request("POST /v1/lab/reset", "under-way", headers=WITH_TOKEN)
    yield Request("POST /v1/lab/reset", "wrong-token")


def document_requests(node: FakeNode) -> Iterator[Request]:
    """A sealed price: its seller hands the opening in and reads it, an auditor sees who did, an admin purges it."""
    opening = {"salt": SALT, "value": PRICE}
    place = {"contract": "offers", "collection": "offers", "key": "sealed"}
    address = {"digest": seal(PRICE, SALT)[0].sealed}
    path = "/v1/documents/{digest}"
    yield Request(f"PUT {path}", "document", address, body={**place, "opening": opening}, headers=node.token(TRADER))
    yield Request(f"GET {path}", "opening", address, headers=node.token(TRADER))
    yield Request(f"GET {path}", "field", {**address, "field": "", "proof": True}, headers=node.token(TRADER))
    yield Request(f"GET {path}", "not-entitled", address, headers=node.token(BUYER))
    yield Request("GET /v1/reads", "page", {"after": 0, "limit": 3}, headers=node.token("trade.an"), items_max=3)
    yield Request(f"DELETE {path}", "purged", address, headers=node.token("trade.admin"))


def examples() -> dict[str, list[Example]]:
    """By operation what was asked and answered."""
    seeded, sealed = seeded_node(), sealed_node()
    found: dict[str, list[Example]] = {}
    asked = [(seeded, request) for request in requests(seeded)]
    asked += [(sealed, request) for request in document_requests(sealed)]
    for node, request in asked:
        answer = asyncio.run(ask(node, request))
        body = None if request.body is None else shortened(request.body, request.items_max)
        media = answer.headers.get("content-type", "").partition(";")[0]
        content = shortened(_content(answer), request.items_max)
        shown = Example(request.name, request.values, body, answer.status, content, media if media == CSV else "")
        found.setdefault(request.operation, []).append(shown)
    return found


def document() -> dict[str, Any]:
    """What `nodes/app/openapi.json` must hold."""
    return build_openapi(FakeNode(DecidedChain(SPECIFICATION)).app.web, examples())


async def ask(node: FakeNode, request: Request) -> Answer:
    """The answer; of a stream what it begins with."""
    method, template = request.operation.split(" ")
    path = re.sub(r"\{(\w+)\}", lambda place: str(request.values[place[1]]), template)
    names = re.findall(r"\{(\w+)\}", template)
    query = {name: _query(value) for name, value in request.values.items() if name not in names}
    if path.endswith("/stream"):
        async with node.http.stream(path, request.headers, **query) as receive:
            start, *parts = [await receive() for _ in range(3)]
        names_of = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], names_of, b"".join(part["body"] for part in parts))
    body = b"" if request.body is None else json.dumps(request.body, separators=(",", ":"), sort_keys=True).encode()
    return await node.http.request(method, path, body, request.headers, **query)


def _query(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _content(answer: Answer) -> Any:
    is_json = answer.headers.get("content-type", "").endswith(("/json", "+json"))
    text = answer.body.decode()
    if text.startswith("# HELP"):  # Figures of a process differ from run to run.
        text = "\n".join(line for line in text.splitlines() if line.startswith("# HELP tallystick"))
    return answer.json if is_json else text or None


def shortened(value: Any, items_max: int) -> Any:
    """Long lists and texts are cut, so that an example can be read."""
    match value:
        case dict():
            return {name: shortened(member, items_max) for name, member in value.items()}
        case list():
            return [shortened(item, items_max) for item in value[:items_max]]
        case str() if "\n" in value and not value.startswith("-----"):
            return "\n".join(_cut(line) for line in value.split("\n"))
        case str():
            return _cut(value)
    return value


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "…"


def uncovered(shown: Mapping[str, Sequence[Example]]) -> list[str]:
    """Operations without an example of an answer that is no problem."""
    return [
        name for name, _ in operations_of(seeded_node().app.web) if all(example.status >= 400 for example in shown.get(name, ()))
    ]
