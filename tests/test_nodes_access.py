"""Who may read: every route has its kind, members prove themselves, a revocation acts at once, and a page shows who sees what."""

import asyncio
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from ledger.contract import (
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    Member,
    MemberId,
    Positive,
    ReadRule,
    Record,
    Sealed,
)
from ledger.contract import operation as operation_of
from ledger.contract.contract import ContractSet
from ledger.contract.sealed import seal
from ledger.errors import JsonValue
from ledger.execution import with_system_contracts
from nodes.access.levels import Sights
from nodes.app.dependencies import guard, kind_of
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from tests.http_support import FakeNode
from tests.support import NOTHING, DecidedChain, enrolled

SALT = "5" * 32
TRADER, BUYER, AUDITOR = "trade.wu", "shop.li", "shop.an"
PEOPLE = ("shop.admin", AUDITOR, BUYER, "trade.admin", "trade.node", TRADER)


class Offer(Record):
    """A price that only the entitled know, where there is one."""

    seller: MemberId
    price: Sealed[Positive] | None


class Offers(Contract):
    """Sealed prices."""

    name = "offers"
    offers = Collection(Offer)
    read_rules = {
        "seller": ReadRule(en="The seller knows its price.", zh="卖方知悉自己的价格。"),
        "admin": ReadRule(en="Admins look into every price.", zh="管理员可查看每个价格。"),
    }

    @operation_of(signed_by=Anyone())
    def offer(self, context: Context, number: Identifier, price: Sealed[Positive] | None) -> None:
        """Offers something."""
        self.offers[number] = Offer(seller=context.signers[0].member, price=price)

    def may_read(self, context: Context, record: object, reader: Member) -> str:
        """The seller, and admins."""
        if isinstance(record, Offer) and record.seller == reader.member:
            return "seller"
        return "admin" if "admin" in reader.roles else ""


SPECIFICATION = NetworkSpecification(
    organizations=(
        OrganizationSpec("trade", (MemberSpec("node", ("validator",)), MemberSpec("admin", ("admin",)), MemberSpec("wu"))),
        OrganizationSpec("shop", (MemberSpec("li"), MemberSpec("an", ("auditor",)), MemberSpec("admin", ("admin",)))),
    ),
    validators=("trade.node",),
    contracts=(("offers", "tests.test_nodes_access:Offers"),),
)


def offering(reads: str = "members") -> FakeNode:
    """A node whose ledger holds the offers `sealed` and `plain`."""
    node = FakeNode(DecidedChain(SPECIFICATION, ContractSet({"offers": Offers})), reads=reads)  # type: ignore[arg-type]
    prices: dict[str, JsonValue] = {"sealed": {"sealed": seal(7_000, SALT)[0].sealed}, "plain": None}
    for number, sealed in prices.items():
        node.commit(TRADER, "offers", "offer", number=number, price=sealed)
    return node


def revoke(node: FakeNode, member: str) -> None:
    node.commit(f"{member.partition('.')[0]}.admin", "membership", "revoke", member=member)


READS = (
    "/v1/transactions", "/v1/blocks", "/v1/blocks/latest", "/v1/state/offers/offers", "/v1/state/offers/offers/sealed",
    "/v1/members", "/v1/organizations", "/v1/validators", "/v1/contracts", "/v1/events", "/v1/log", "/v1/consensus",
    "/v1/export", "/v1/access/offers/offers/sealed", "/v1/events/stream",
)  # fmt: skip

OPEN_PATHS = ("/", "/page/{name}", "/v1/node", "/healthz", "/readyz", "/metrics", "/docs", "/docs/docs.css", "/docs/docs.js")
OPEN = {("GET", path) for path in (*OPEN_PATHS, "/openapi.json")} | {("HEAD", "/openapi.json")}
SIGNED = {("POST", "/v1/transactions")}
LAB_ORDERS = ("/v1/lab/clock", "/v1/lab/faults", "/v1/lab/reset", "/v1/lab/control/{path:path}")
LAB_READS = ("/v1/lab/faults", "/v1/lab/control/{path:path}")
LAB = {("POST", path) for path in LAB_ORDERS} | {("GET", path) for path in LAB_READS}


def routes(node: FakeNode) -> dict[tuple[str, str], Any]:
    """Every route by method and path, as the application serves them."""
    contexts = iter_route_contexts(node.app.web.routes)
    return {(method, str(found.path)): found for found in contexts for method in found.methods or ("?",)}


def test_no_route_is_open_by_omission() -> None:
    """What needs no token is written out here once more; whatever else there is asks for one where reads are for members."""
    found = routes(offering())
    kinds = {place: kind_of(*place) for place in found}
    assert {place for place, kind in kinds.items() if kind == "open"} <= OPEN
    assert {place for place, kind in kinds.items() if kind == "signed"} == SIGNED
    assert {place for place, kind in kinds.items() if kind == "lab"} == LAB
    assert all(kind == "member" for (_, path), kind in kinds.items() if "/documents" in path or path == "/v1/reads")
    assert kinds["GET", "/v1/state/{contract}/{collection}"] == "reader"


def test_every_route_stands_behind_the_guard() -> None:
    for place, route in routes(offering()).items():
        if place[1] == "/openapi.json":
            continue  # the framework's own; it shows what is the same for every ledger
        assert isinstance(route.original_route, APIRoute), place
        assert guard in [dependency.call for dependency in route.dependant.dependencies], place


@pytest.mark.parametrize("place", sorted(routes(FakeNode())))
async def test_without_a_token_members_reads_answer_only_where_that_is_meant(place: tuple[str, str]) -> None:
    """Every route of the application is called, with nothing in hand."""
    method, path = place
    http = offering().http
    answer = await http.request(method, path.replace("{", "").replace("}", "").replace(":path", ""))
    kind = kind_of(method, path)
    if kind in ("reader", "member"):
        assert (answer.status, answer.code, answer.headers["www-authenticate"]) == (401, "token-missing", "Bearer")
    elif kind == "lab":
        assert (answer.status, answer.code) == (403, "wrong-token")
    else:
        assert answer.status != 401


@pytest.mark.parametrize("path", READS)
async def test_a_member_reads_and_nobody_else(path: str) -> None:
    node = offering()
    assert (await node.http.get(path)).code == "token-missing"
    assert (await node.http.get(path, {"authorization": "Basic eA=="})).code == "token-missing"
    used = node.token(BUYER)
    if path.endswith("stream"):
        async with node.http.stream(path, used) as next_message:
            assert (await next_message())["status"] == 200
    else:
        assert (await node.http.get(path, used)).status == 200
    assert (await node.http.get(path, used)).code == "token-used"
    assert (await node.http.get(path, node.token(BUYER, audience=f"{node.ledger}/shop.node"))).code == "token-audience"
    revoke(node, BUYER)
    assert (await node.http.get(path, node.token(BUYER))).code == "token-inactive"
    if not path.endswith("stream"):
        assert (await offering("open").http.get(path)).status == 200


async def test_a_certificate_that_has_ended_reads_no_more() -> None:
    node = offering()
    end_ms = next(m for m in node.decided.network.genesis.members if m.member == BUYER).not_after_ms
    node.decided.decide(time_ms=end_ms - 60_000)
    assert (await node.http.get("/v1/blocks", node.token(BUYER))).status == 200
    node.decided.decide(time_ms=end_ms)
    assert (await node.http.get("/v1/blocks", node.token(BUYER))).code == "token-inactive"


async def test_a_stream_ends_when_its_reader_is_revoked() -> None:
    node = offering()
    async with node.http.stream("/v1/events/stream", node.token(BUYER), after="3.0.0") as next_message:
        assert (await next_message())["status"] == 200
        assert (await next_message())["body"] == b": open\n\n"
        node.commit(TRADER, "offers", "offer", number="more", price=None)
        revoke(node, BUYER)
        seen = b""
        while (message := await asyncio.wait_for(next_message(), 5))["more_body"]:
            seen += message["body"]
        assert b"revoked" not in seen, "what was committed with the revocation is not told any more"


async def test_an_export_ends_when_its_reader_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.app.blocks.BYTES_BETWEEN_TURNS", 1)
    node = offering()
    async with node.http.stream("/v1/export", node.token(BUYER)) as next_message:
        assert (await next_message())["status"] == 200
        assert (await next_message())["body"].startswith(b'{"format"')
        revoke(node, BUYER)
        while (message := await asyncio.wait_for(next_message(), 5))["more_body"]:
            assert b'{"header"' in message["body"]
            assert b'"height":2,' not in message["body"], "part by part"


async def test_who_is_revoked_while_it_waits_for_a_block_is_told_nothing() -> None:
    node = offering()
    waiting = asyncio.create_task(node.http.get("/v1/export", node.token(BUYER), after=node.decided.view.height, wait=10))
    while not node.published._changed._waiters:
        await asyncio.sleep(0)
    revoke(node, BUYER)
    assert (await asyncio.wait_for(waiting, 5)).code == "token-inactive"


async def test_who_is_revoked_while_it_waits_for_a_transaction_is_told_nothing() -> None:
    node = offering()
    offer = node.decided.sign(TRADER, "offers", "offer", number="more", price=None)
    node.submit((offer,))
    waiting = asyncio.create_task(node.http.get(f"/v1/transactions/{offer.id}", node.token(BUYER), wait=10))
    await asyncio.sleep(0.05)
    revoke(node, BUYER)
    assert (await asyncio.wait_for(waiting, 5)).code == "token-inactive"


async def test_who_sees_what_of_a_record_is_told_by_member_and_organization() -> None:
    node = offering()
    revoke(node, BUYER)
    page = (await node.http.get("/v1/access/offers/offers/sealed", node.token(TRADER))).json
    assert [(row["member"], row["level"], row["rule"]) for row in page["members"][:4]] == [
        ("shop.admin", "value", "admin"),
        (AUDITOR, "digest", "as-on-ledger"),
        (BUYER, "nothing", "not-active"),
        ("trade.admin", "value", "admin"),
    ]
    assert page["next"] == "trade.node"
    rest = (await node.http.get("/v1/access/offers/offers/sealed", node.token(TRADER), after="trade.node")).json
    assert [(row["member"], row["level"], row["rule"]) for row in rest["members"]] == [(TRADER, "value", "seller")]
    assert [(row["organization"], row["level"]) for row in page["organizations"]] == [("shop", "value"), ("trade", "value")]
    assert [(row["organization"], row["level"]) for row in rest["organizations"]] == [("trade", "value")]
    assert page["sealed"] == [seal(7_000, SALT)[0].sealed]
    assert (page["others"]["level"], page["others"]["rule"], page["reads"]) == ("nothing", "members-only", "members")
    assert rest["members"][0]["sentence"] == "The seller knows its price."
    chinese = (await node.http.get("/v1/access/offers/offers/sealed", {**node.token(TRADER), "accept-language": "zh"})).json
    assert chinese["members"][0]["sentence"] == "管理员可查看每个价格。"
    assert chinese["others"]["sentence"] == "本节点只答复成员。"


async def test_where_reads_are_open_everybody_sees_the_ledger_and_no_more() -> None:
    node = offering("open")
    revoke(node, AUDITOR)
    page = (await node.http.get("/v1/access/offers/offers/sealed", limit=20)).json
    levels = {row["member"]: (row["level"], row["rule"]) for row in page["members"]}
    digest = ("digest", "as-on-ledger")
    entitled = {TRADER: ("value", "seller"), **dict.fromkeys(("shop.admin", "trade.admin"), ("value", "admin"))}
    assert levels == dict.fromkeys(PEOPLE, digest) | entitled
    assert (page["others"]["level"], page["others"]["rule"]) == digest
    plain = (await node.http.get("/v1/access/offers/offers/plain", limit=20)).json
    levels = {row["member"]: (row["level"], row["rule"]) for row in plain["members"]}
    assert levels == dict.fromkeys(PEOPLE, ("value", "nothing-sealed")) | entitled
    assert (plain["sealed"], plain["others"]["level"]) == ([], "value")


async def test_access_is_told_of_records_that_are_there() -> None:
    http = offering("open").http
    assert (await http.get("/v1/access/offers/offers/none")).code == "not-found"
    assert (await http.get("/v1/access/nothing/offers/none")).code == "not-found"
    member = (await http.get(f"/v1/access/membership/members/{TRADER}")).json
    assert member["others"] == {
        "level": "value",
        "rule": "nothing-sealed",
        "sentence": "Nothing in this record is sealed: whoever may read the ledger reads all of it.",
    }
    assert (await http.get("/v1/access/governance/parameters/current")).status == 200


async def test_a_record_whose_contract_is_not_installed_is_not_judged() -> None:
    node = offering("open")
    node.installed = with_system_contracts(ContractSet({}))
    assert (await node.http.get("/v1/access/offers/offers/sealed")).code == "no-such-collection"


async def test_a_members_path_asks_for_a_token_where_reads_are_open() -> None:
    """Whatever a route itself asks for: this one would answer anybody."""
    node = offering("open")

    @node.app.web.get("/v1/documents/{name}/more")
    async def get_nothing(name: str) -> dict[str, str]:
        return {"name": name}

    assert (await node.http.get("/v1/documents/x/more")).code == "token-missing"
    assert (await node.http.get("/v1/documents/x/more", node.token(BUYER))).json == {"name": "x"}


def test_a_read_rule_is_declared() -> None:
    class Whims(Offers):
        """Answers with a rule that no reader can look up."""

        name = "whims"

        def may_read(self, context: Context, record: object, reader: Member) -> str:
            """Everybody, for no reason."""
            return "whim"

    sights = Sights(Whims, NOTHING, Offer(seller=TRADER, price=None), (), "open", 5, 5, 1)
    with pytest.raises(TypeError, match="does not declare the read rule 'whim'"):
        sights.of(enrolled(BUYER, "member"))
