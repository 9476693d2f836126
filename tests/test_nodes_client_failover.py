"""A client of several nodes: it leaves a dead, lagging or unready one, sends one envelope and no other, and says what it knows.

The nodes here are scripted: each does to a request what its test says, also not answering at all.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from ledger.errors import BusyError, IndefiniteError, InputError, VerificationError
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction
from nodes.client import AsyncClient, LocalMember, peers
from nodes.client.outcome import is_surely_not_done
from nodes.client.peers import is_private
from nodes.http.answers import problem_json
from nodes.sample_contract import Asset
from tests.http_support import server_of
from tests.support import DecidedChain, awaited_refusal, patience_s, refusal

LEDGER, CLOCK_MS, LIFETIME_MS = "a" * 64, 1_780_000_000_000, 60_000
WU = LocalMember("trade.wu", PrivateKey(b"k" * 32))
DEAD = "http://127.0.0.1:1"
Reply = tuple[int, dict[str, Any]] | None
"""Status and body; None: the connection is cut."""


def refused(status: int, code: str) -> Reply:
    return status, problem_json(status, code, "A sentence.", {})


def refuses(status: int, code: str) -> Callable[[bytes], Reply]:
    """What refuses every envelope with this code."""
    return lambda body: refused(status, code)


def cut(body: bytes) -> Reply:
    """An envelope arrives, and no answer goes out."""
    return None


def final(body: bytes) -> Reply:
    receipt = {"code": "ok", "details": {}, "events": [], "outcome": "committed"}
    place = {"height": 1, "position": 0, "block": "b" * 64}
    return 200, {"transaction": parse_transaction(body).id, "status": "committed", "receipt": receipt, "place": place}


def pending(body: bytes) -> Reply:
    return 202, {"transaction": parse_transaction(body).id, "status": "pending", "time": CLOCK_MS}


class Scripted:
    """One node."""

    def __init__(self, member: str = "north.validator", *posts: Callable[[bytes], Reply], height: int = 7) -> None:
        self.node: dict[str, Any] = {"member": member, "ledger": LEDGER, "height": height, "clock": CLOCK_MS, "ready": True}
        self.node |= {"transaction_lifetime_max_ms": LIFETIME_MS, "reads": "open"}
        self.posts = [*posts]
        """What happens to each POST in turn; the last stays."""
        self.looks_s: list[float] = []
        """How long each look at it takes in turn; none after these."""
        self.got: list[bytes] = []
        self.read: Callable[[], Reply] = lambda: (200, {"blocks": [], "from": member})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/node":
            await asyncio.sleep(self.looks_s.pop(0) if self.looks_s else 0)
            return web.json_response(self.node)
        if request.method == "POST":
            self.got.append(await request.read())
            reply = (self.posts.pop(0) if len(self.posts) > 1 else self.posts[0])(self.got[-1])
        else:
            reply = self.read()
        if reply is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.json_response(reply[1], status=reply[0])


async def signed(client: AsyncClient) -> Transaction:
    return await client.sign(Asset.bump, number="A")


@asynccontextmanager
async def client_of(*nodes: Scripted, before: Sequence[str] = ()) -> AsyncIterator[AsyncClient]:
    """A client that knows these nodes, after some addresses at which nobody is."""
    async with AsyncExitStack() as opened:
        urls = [*before]
        for node in nodes:
            urls.append(str((await opened.enter_async_context(server_of(node.handle))).make_url("/")))
        yield await opened.enter_async_context(AsyncClient(urls, member=WU))


async def test_a_dead_node_is_left() -> None:
    node = Scripted("north.validator", final)
    async with client_of(node, before=[DEAD, DEAD]) as client:
        assert (await client.get("/v1/blocks"))["from"] == "north.validator"
        assert (await client.call(Asset.bump, number="A")).is_committed
        assert len(node.got) == 1


async def test_a_node_that_is_behind_or_does_not_serve_is_left_and_the_rest_keep_their_order() -> None:
    behind, unready, good, other = (Scripted(name, height=7) for name in ("a.n", "b.n", "c.n", "d.n"))
    behind.node["height"], unready.node["ready"] = 3, False
    async with client_of(behind, unready, good, other) as client:
        assert (await client.get("/v1/blocks"))["from"] == "c.n"
        good.read = lambda: refused(503, "not-ready")
        assert (await client.get("/v1/blocks"))["from"] == "d.n"
    async with client_of(unready) as client:
        await client.synchronize()
        unready.read = lambda: refused(503, "not-ready")
        await awaited_refusal(BusyError, client.get("/v1/blocks"))


async def test_a_read_goes_on_at_the_next_node_and_ends_when_all_are_dead() -> None:
    first, second = Scripted("a.n"), Scripted("b.n")
    first.read = lambda: None
    async with client_of(first, second) as client:
        assert (await client.get("/v1/blocks"))["from"] == "b.n"
        second.read = lambda: None
        await awaited_refusal(IndefiniteError, client.get("/v1/blocks"))
    async with AsyncClient([DEAD, DEAD]) as nobody:
        assert (await awaited_refusal(IndefiniteError, nobody.get("/v1/blocks"))).details == {"was_sent": False}


async def test_nodes_that_are_all_slow_are_waited_for_and_a_slow_one_beside_another_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peers, "LOOKS_S", (0.1, 60))
    first, second = Scripted("a.n"), Scripted("b.n")
    first.looks_s, second.looks_s = [60, 0.3], [60, 0.3]
    async with client_of(first, second) as client:
        assert (await client.get("/v1/blocks"))["from"] == "a.n"
    monkeypatch.setattr(peers, "LOOKS_S", (2, 60))
    first.looks_s = [60]
    async with client_of(first, second) as client:
        assert (await client.get("/v1/blocks"))["from"] == "b.n"


async def test_the_same_envelope_is_sent_again_and_to_the_next_node_and_no_other_one() -> None:
    first, second = Scripted("a.n", cut), Scripted("b.n", pending, cut, pending, final)
    async with client_of(first, second) as client:
        assert (await client.call(Asset.bump, number="A")).is_committed
        sent = {*first.got, *second.got}
        assert len(sent) == 1, "never a second envelope, which would bump twice"
        assert len(first.got) + len(second.got) >= 4


async def test_a_submission_that_may_have_arrived_is_not_silently_sent_elsewhere() -> None:
    first, second = Scripted("a.n", cut), Scripted("b.n", refuses(422, "bad-arguments"))
    async with client_of(first, second) as client:
        assert (await awaited_refusal(IndefiniteError, client.submit(await signed(client)))).details == {"was_sent": True}
        assert second.got == []


async def test_what_is_refused_at_once_is_surely_not_done() -> None:
    async with client_of(Scripted("a.n", refuses(422, "bad-arguments")), before=[DEAD]) as client:
        assert (
            await awaited_refusal(InputError, client.deliver(await signed(client), timeout_s=patience_s()))
        ).code == "bad-arguments"


async def test_a_refusal_after_an_answer_that_was_lost_proves_nothing() -> None:
    node = Scripted("a.n", cut, refuses(422, "expired"))
    async with client_of(node) as client:
        transaction = await signed(client)
        unknown = {"transaction": transaction.id, "status": "unknown", "time": transaction.expires_ms - 1}
        node.read = lambda: (200, unknown)
        assert (await awaited_refusal(IndefiniteError, client.deliver(transaction, timeout_s=2))).code == "not-final"
        node.read = lambda: final(transaction.raw)
        node.posts = [cut, refuses(422, "expired")]
        assert (await client.deliver(transaction, timeout_s=patience_s())).is_committed, (
            "it was taken, though the node refuses it now"
        )
        node.read = lambda: (200, {**unknown, "time": transaction.expires_ms})
        node.posts = [cut, refuses(422, "expired")]
        assert (await awaited_refusal(InputError, client.deliver(transaction, timeout_s=patience_s()))).code == "surely-not-done"
        late = transaction.expires_ms - LIFETIME_MS + 1
        node.read = lambda: (200, {**unknown, "time": transaction.expires_ms, "complete_from": late})
        node.posts = [cut, refuses(422, "expired")]
        await awaited_refusal(IndefiniteError, client.deliver(transaction, timeout_s=0.5))


@pytest.mark.parametrize(
    ("status", "is_sure"),
    [
        ({"status": "unknown", "time": 100}, True),
        ({"status": "unknown", "time": 99}, False),
        ({"status": "pending", "time": 100}, False),
        ({"status": "unknown", "time": 100, "complete_from": 40}, True),
        ({"status": "unknown", "time": 100, "complete_from": 41}, False),
    ],
)
def test_unknown_is_surely_not_done_only_where_the_node_would_know(status: dict[str, Any], is_sure: bool) -> None:
    assert is_surely_not_done(status, expires_ms=100, lifetime_ms=60) is is_sure


def test_a_node_of_the_whole_ledger_knows_from_its_beginning_on() -> None:
    status = {"status": "unknown", "time": 100, "complete_from": 70}
    assert is_surely_not_done(status, expires_ms=100, lifetime_ms=60, began_ms=70)
    assert not is_surely_not_done(status, expires_ms=100, lifetime_ms=60, began_ms=69)


async def test_a_full_node_is_asked_again_when_it_says_so() -> None:
    node = Scripted("a.n", refuses(429, "too-many-pending"), final)
    async with client_of(node) as client:
        assert (await client.call(Asset.bump, number="A")).is_committed
        assert node.got[0] == node.got[1]
        node.posts = [refuses(429, "too-many-pending")]
        await awaited_refusal(BusyError, client.deliver(await signed(client), timeout_s=0.5))


async def test_a_node_that_stops_while_a_transaction_waits_is_left() -> None:
    first, second = Scripted("a.n", pending, height=7), Scripted("b.n", final, height=7)
    async with client_of(first, second) as client:
        await client.synchronize()
        second.node["height"] = 20
        assert (await client.call(Asset.bump, number="A")).is_committed
        assert first.got[:1] == second.got


async def test_an_address_that_is_another_members_node_is_refused_before_a_token_is_made() -> None:
    node = Scripted("liar.node")
    node.read = lambda: refused(401, "token-missing")
    async with client_of(node) as known:
        url = known.url
        async with AsyncClient({"north.validator": url}, member=WU) as client:
            assert (await awaited_refusal(InputError, client.get("/v1/blocks"))).code == "wrong-node"
        async with AsyncClient({"liar.node": url}, member=WU) as client:
            await client.synchronize()
    assert refusal(InputError, AsyncClient, []).code == "no-node"


def answers(*replies: Reply) -> Callable[[], Reply]:
    """One after the other; the last stays."""
    left = [*replies]
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    "read", [refused(429, "too-many-tokens"), refused(401, "token-missing"), refused(503, "not-ready"), None]
)
async def test_what_may_be_taken_is_never_called_undone_because_its_status_cannot_be_read(read: Reply) -> None:
    node = Scripted("a.n", cut, refuses(422, "expired"))
    async with client_of(node) as client:
        transaction = await signed(client)
        node.read = lambda: read
        await awaited_refusal(IndefiniteError, client.deliver(transaction, timeout_s=0.5))
        node.posts, node.read = [cut, refuses(422, "expired")], answers(read, final(transaction.raw))
        assert (await client.deliver(transaction)).is_committed


async def test_a_node_that_shows_another_ledger_does_not_make_undone_what_the_first_one_took() -> None:
    honest, liar = Scripted("a.n", pending, final), Scripted("b.n", final)
    async with client_of(honest, liar) as client:
        transaction = await signed(client)
        liar.node["ledger"] = "b" * 64
        assert (await client.deliver(transaction)).is_committed


async def test_a_mistake_of_the_node_says_nothing_of_the_transaction() -> None:
    node = Scripted("a.n", refuses(500, "internal-error"), final)
    async with client_of(node) as client:
        assert (await client.call(Asset.bump, number="A")).is_committed
        assert node.got[0] == node.got[1]
        node.posts = [refuses(500, "internal-error")]
        assert (await awaited_refusal(IndefiniteError, client.submit(await signed(client)))).code == "internal-error"


async def test_a_client_that_checks_proofs_signs_nothing_anew_on_the_word_of_a_node() -> None:
    """A node that passes the first on and calls it expired would have it done twice."""
    genesis = DecidedChain().view.genesis
    node = Scripted("a.n", refuses(422, "expired"), final)
    node.node["ledger"] = genesis.ledger
    async with client_of(node) as known:
        async with AsyncClient(known.url, member=WU, genesis=genesis.encode(), check_proofs=True) as client:
            assert (await awaited_refusal(InputError, client.call(Asset.bump, number="A"))).code == "expired"
        assert len(node.got) == 1
        node.posts = [refuses(422, "expired"), final]
        async with AsyncClient(known.url, member=WU) as client:
            assert (await client.call(Asset.bump, number="A")).is_committed


@pytest.mark.parametrize("read", [refused(429, "too-many-tokens"), refused(401, "token-missing"), (200, {"status": "unknown"})])
async def test_what_is_final_but_not_proved_is_not_called_undone(read: Reply) -> None:
    genesis = DecidedChain().view.genesis
    node = Scripted("a.n", final)
    node.node["ledger"] = genesis.ledger
    node.read = lambda: read
    sure: dict[str, Any] = {"member": WU, "genesis": genesis.encode(), "check_proofs": True}
    async with client_of(node) as known, AsyncClient(known.url, **sure) as client:
        await awaited_refusal((IndefiniteError, VerificationError), client.call(Asset.bump, number="A"))


async def test_a_node_that_boasts_of_its_height_does_not_draw_the_client_away_from_the_others() -> None:
    nodes = first, *_, liar = [Scripted(name) for name in ("a.n", "b.n", "c.n", "d.n")]
    liar.node["height"] = 1_000_000
    async with client_of(*nodes) as client:
        assert (await client.get("/v1/blocks"))["from"] == "a.n"
        first.node["height"] = 3
        await client.synchronize()
        assert (await client.get("/v1/blocks"))["from"] == "b.n"


async def test_no_redirect_is_followed() -> None:
    """Nothing that was meant for one node, least of all an opening, goes to wherever that node points."""
    elsewhere = Scripted("b.n", final)

    async def point(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(str(target.make_url(request.path)))

    target = server_of(elsewhere.handle)
    async with target, server_of(point) as server, AsyncClient(str(server.make_url("/"))) as client:
        for method in ("GET", "PUT", "POST"):
            await awaited_refusal(IndefiniteError, client.request(method, "/v1/blocks", body=b"{}"))
    assert elsewhere.got == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://ledger.test:1"])
def test_a_connection_within_the_machine_or_over_tls_is_private(url: str) -> None:
    assert is_private(url)


@pytest.mark.parametrize(
    "url", ["http://ledger.test:1", "http://10.0.0.1:1", "http://127.0.0.1.ledger.test:1", "http://127.0.0.1@ledger.test:1"]
)
async def test_tokens_and_openings_go_over_no_other_one(url: str) -> None:
    """Whoever listens would use the token first, and read the opening; a transaction is for all eyes."""
    async with AsyncClient(url, member=WU) as client:
        peer = client._peers.current
        peer.asks_token, peer.clock, peer.member, client._peers.ledger = True, (0, LIFETIME_MS), "a.n", Digest(LEDGER)
        assert (await awaited_refusal(InputError, client.get("/v1/blocks"))).code == "plain-connection"
        peer.url = "http://127.0.0.2:1"
        await awaited_refusal(IndefiniteError, client.request("POST", "/v1/transactions", body=b"{}"))
        peer.asks_token = False
        opening = client.request("PUT", f"/v1/documents/{LEDGER}", body=b"{}")
        assert (await awaited_refusal(InputError, opening)).code == "plain-connection"


@pytest.mark.parametrize("told", [{}, {"height": "9"}, {"clock": None}, {"member": 7}, {"transaction_lifetime_max_ms": True}])
async def test_a_node_that_does_not_say_who_it_is_is_left(told: dict[str, Any]) -> None:
    strange, good = Scripted("a.n", final), Scripted("b.n", final)
    strange.node = told and {**strange.node, **told}
    async with client_of(strange, good) as client:
        assert (await client.get("/v1/blocks"))["from"] == "b.n"
        assert (await client.call(Asset.bump, number="A")).is_committed
    assert strange.got == []


@pytest.mark.parametrize("change", [{"place": None}, {"receipt": {}}, {"receipt": 7}, {"transaction": "f" * 64}])
async def test_an_outcome_that_cannot_be_read_or_is_anothers_is_none(change: dict[str, Any]) -> None:
    def strange(body: bytes) -> Reply:
        reply = final(body)
        assert reply is not None
        return reply[0], {**reply[1], **change}

    async with client_of(Scripted("a.n", strange)) as client:
        await awaited_refusal(IndefiniteError, client.deliver(await signed(client), timeout_s=0.3))
    async with client_of(Scripted("a.n", strange, final)) as client:
        assert (await client.call(Asset.bump, number="A")).is_committed


@pytest.mark.parametrize("text", ["[]", "7", '"x"', "{", "[" * 2_000])
async def test_an_answer_that_is_no_object_is_no_answer(text: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=422)

    async with server_of(handle) as server, AsyncClient(str(server.make_url("/"))) as client:
        await awaited_refusal(IndefiniteError, client.get("/v1/blocks"))


async def test_json_of_a_request_is_what_the_scripted_nodes_read() -> None:
    """The double answers as a node does: else the tests above would show nothing."""
    node = Scripted("a.n", final)
    async with client_of(node) as client:
        await client.call(Asset.bump, number="A")
        body = json.loads(node.got[0])["body"]
        assert (body["ledger"], body["operation"], body["arguments"]) == (LEDGER, "bump", {"number": "A"})
