"""Batches between nodes: who may send, that nothing is played twice, and that a refused batch changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import pytest
from aiohttp import web

from ledger.encoding import decode_object, encode
from ledger.errors import ForbiddenError, IndefiniteError, JsonValue, TallystickError
from ledger.keys import SUITES, PrivateKey
from ledger.primitives import Digest, PublicKey
from nodes.limits import Limits
from nodes.links import batches
from nodes.links import connection as connection_module
from nodes.links import links as links_module
from nodes.links.batches import BatchReceiver, BatchSigner, encode_messages
from nodes.links.faults import Faults
from nodes.links.links import Links
from nodes.messages import Message, StatusMessage, TransactionsMessage
from nodes.node.node import next_proposer, node_key
from tests.delay_proxy import Line
from tests.engine import Engine, certificate, said
from tests.http_support import server_of
from tests.support import DecidedChain, refusal

LEDGER = Digest("a" * 64)
OTHER_LEDGER = Digest("b" * 64)
KEYS = {name: PrivateKey(bytes([seed]) * 32) for seed, name in enumerate(("north.node", "south.node", "east.node"), 1)}
LIMITS = Limits(batch_bytes_max=10_000, batch_messages_max=10, batch_lines_max=100)
ONE = (StatusMessage(1, 1),)
TWO = (StatusMessage(2, 1),)
DELAY_S = 0.2


def key_of(member: str) -> PublicKey | None:
    return KEYS[member].public_key if member in KEYS else None


def receiver() -> BatchReceiver:
    nonces = map("{:032x}".format, count(1))
    suite = SUITES["ed25519-sha256"]
    return BatchReceiver(
        ledger=LEDGER, receiver="south.node", key_of=key_of, nonce=lambda: next(nonces), suite=suite, limits=LIMITS
    )


def signer(
    sender: str = "north.node", to: str = "south.node", ledger: Digest = LEDGER, key: PrivateKey | None = None
) -> BatchSigner:
    return BatchSigner(ledger, sender, to, key or KEYS[sender])


def linked(inbox: BatchReceiver, key: PrivateKey | None = None) -> BatchSigner:
    """A signer with a session."""
    made = signer(key=key)
    made.start(inbox.open_session(made.request()))
    return made


def pair() -> tuple[BatchReceiver, BatchSigner]:
    """A receiver, and a signer with a session at it."""
    inbox = receiver()
    return inbox, linked(inbox)


def refused(inbox: BatchReceiver, batch: tuple[bytes, str]) -> str:
    """The code; that nothing was changed, an honest batch of the same session shows."""
    error = refusal(TallystickError, inbox.accept, *batch)
    assert 400 <= error.status < 500
    return error.code


def signed(body: bytes) -> tuple[bytes, str]:
    """A batch of any bytes, by the sender's own key."""
    return body, KEYS["north.node"].sign("batch", body)


def test_a_batch_arrives_with_its_sender_and_messages() -> None:
    inbox, link = pair()
    assert inbox.accept(*link.seal(encode_messages(ONE + TWO))) == ("north.node", [*ONE, *TWO])
    assert inbox.accept(*link.seal(encode_messages(TWO))) == ("north.node", [*TWO])
    assert inbox.accept(*link.seal(b"")) == ("north.node", [])


def test_a_batch_is_not_played_twice() -> None:
    inbox, link = pair()
    first, second = link.seal(encode_messages(ONE)), link.seal(encode_messages(TWO))
    inbox.accept(*second)
    assert refused(inbox, second) == "wrong-counter"
    assert refused(inbox, first) == "wrong-counter"
    inbox.accept(*link.seal(b""))


def test_a_new_session_ends_the_old_one() -> None:
    inbox = receiver()
    old, new = linked(inbox), linked(inbox)
    batch = old.seal(encode_messages(ONE))
    inbox.accept(*batch)
    inbox.accept(*new.seal(encode_messages(ONE)))
    assert refused(inbox, old.seal(encode_messages(ONE))) == "unknown-session"
    assert refused(inbox, batch) == "unknown-session"


def test_a_session_is_known_only_to_the_receiver_that_gave_it() -> None:
    link = linked(receiver())
    assert refused(receiver(), link.seal(encode_messages(ONE))) == "unknown-session"


@pytest.mark.parametrize("is_used", [True, False], ids=["a session", "the challenge of a node"])
def test_a_stranger_who_asks_often_does_not_push_out(is_used: bool) -> None:
    """Requests for sessions are not signed: anybody may ask in any node's name, between its request and its first batch."""
    inbox, link = pair()
    if is_used:
        inbox.accept(*link.seal(b""))
    for _ in range(1_000):
        inbox.open_session(signer().request())
    inbox.accept(*link.seal(encode_messages(ONE)))


WRONG_SESSIONS = {
    "a stranger": (signer("stranger.node", key=KEYS["north.node"]).request(), "not-a-node"),
    "another ledger": (signer(ledger=OTHER_LEDGER).request(), "wrong-ledger"),
    "another receiver": (signer(to="east.node").request(), "wrong-receiver"),
    "no fields": (b"{}", "bad-session"),
    "no JSON": (b"x", "not-json"),
}


@pytest.mark.parametrize(("asked", "code"), WRONG_SESSIONS.values(), ids=WRONG_SESSIONS)
def test_sessions_are_for_nodes_of_the_ledger(asked: bytes, code: str) -> None:
    assert refusal(TallystickError, receiver().open_session, asked).code == code


def test_a_key_that_does_not_fit_is_refused() -> None:
    inbox = receiver()
    forger = linked(inbox, KEYS["east.node"])
    assert refused(inbox, forger.seal(encode_messages(ONE))) == "wrong-signature"
    body, _ = linked(inbox).seal(encode_messages(ONE))
    for signature in ("", "zz", "0" * 128, "é"):
        assert refused(inbox, (body, signature)) == "wrong-signature"


def test_a_changed_batch_is_refused() -> None:
    inbox, link = pair()
    body, signature = link.seal(encode_messages(ONE))
    assert refused(inbox, (body.replace(b'"height":1', b'"height":2'), signature)) == "wrong-signature"
    inbox.accept(body, signature)


@pytest.mark.parametrize("peer", ["east.node", ""])
def test_a_batch_comes_over_its_senders_own_connection(peer: str) -> None:
    inbox, link = pair()
    batch = link.seal(encode_messages(ONE))
    assert refusal(ForbiddenError, inbox.accept, *batch, peer=peer).code == "wrong-tls-peer"
    assert refusal(ForbiddenError, inbox.open_session, signer().request(), peer).code == "wrong-tls-peer"
    assert inbox.accept(*batch, peer="north.node") == ("north.node", [*ONE])


def test_both_ends_call_a_batch_the_same() -> None:
    inbox, link = pair()
    for payload in (ONE, TWO):
        inbox.accept(*link.seal(encode_messages(payload)))
        assert inbox.last_batch("north.node") == link.batch
    link.count()
    assert inbox.last_batch("north.node") != link.batch, "a batch that is not sent has a name of its own"
    inbox.accept(*link.seal(b""))


WRONG_HEADS: dict[str, tuple[dict[str, Any], str]] = {
    "another ledger": ({"ledger": OTHER_LEDGER}, "wrong-ledger"),
    "another receiver": ({"receiver": "east.node"}, "wrong-receiver"),
    "a stranger": ({"sender": "stranger.node"}, "not-a-node"),
    "no member id": ({"sender": "nobody"}, "bad-batch"),
    "no session id": ({"session": 7}, "bad-batch"),
    "another session": ({"session": "f" * 32}, "unknown-session"),
    "too long": ({"receiver": "r" * 1_000}, "bad-batch"),
    "counter 0": ({"counter": 0}, "bad-batch"),
    "a counter of text": ({"counter": "1"}, "bad-batch"),
    "one field more": ({"extra": 1}, "bad-batch"),
    "without counter": ({"counter": ...}, "bad-batch"),
}
"""Changed fields of a head; `...` leaves one out."""


@pytest.mark.parametrize(("changes", "code"), WRONG_HEADS.values(), ids=WRONG_HEADS)
def test_a_wrong_head_is_refused(changes: dict[str, Any], code: str) -> None:
    inbox, link = pair()
    body, signature = link.seal(encode_messages(ONE))
    head, _, payload = body.partition(b"\n")
    changed = {name: value for name, value in {**decode_object(head), **changes}.items() if value is not ...}
    assert refused(inbox, signed(encode(changed) + b"\n" + payload)) == code
    inbox.accept(body, signature)


WRONG_MESSAGES = {
    "no JSON": (b"x", "not-json"),
    "a list": (b"[]", "not-an-object"),
    "another type": (b'{"type":"gossip"}', "bad-message"),
    "a negative height": (b'{"height":-1,"type":"status","view":1}', "bad-message"),
    "fewer lines than it says": (b'{"lines":3,"type":"transactions"}\n{}', "bad-message"),
}


@pytest.mark.parametrize(("payload", "code"), WRONG_MESSAGES.values(), ids=WRONG_MESSAGES)
def test_a_batch_whose_messages_are_wrong_does_not_use_up_its_counter(payload: bytes, code: str) -> None:
    inbox, link = pair()
    body, signature = link.seal(encode_messages(ONE))
    assert refused(inbox, signed(body.partition(b"\n")[0] + b"\n" + payload)) == code
    inbox.accept(body, signature)


def test_a_batch_has_a_size() -> None:
    inbox, link = pair()
    assert refused(inbox, link.seal(b"x" * LIMITS.batch_bytes_max)) == "batch-too-large"
    assert refused(inbox, link.seal(encode_messages(ONE * (LIMITS.batch_messages_max + 1)))) == "too-many-messages"
    inbox.accept(*link.seal(encode_messages(ONE)))


def test_a_batch_of_too_many_lines_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short lines by the million would hold up a node for seconds."""
    inbox, link = pair()
    longest = encode_messages([TransactionsMessage((b"{}",) * (LIMITS.batch_lines_max - 1))])
    inbox.accept(*link.seal(longest))
    monkeypatch.setattr(batches, "decode_messages", None)
    assert refused(inbox, link.seal(longest + b"\n{}")) == "too-many-messages"


def test_members_with_a_node_role_run_nodes_while_they_are_active() -> None:
    network = DecidedChain().network.genesis
    validator = next(m for m in network.members if "validator" in m.roles)
    trader = next(m for m in network.members if m.roles == ("member",))
    assert node_key(validator, network.time_ms) == validator.public_key
    assert node_key(trader, network.time_ms) is None
    assert node_key(None, network.time_ms) is None
    assert node_key(validator, validator.not_after_ms + 1) is None
    assert node_key(validator.model_copy(update={"revoked_at_ms": 1}), network.time_ms) is None
    assert node_key(trader.model_copy(update={"roles": ("node",)}), network.time_ms) == trader.public_key


def test_who_proposes_next_gets_transactions_at_once() -> None:
    """leader(h, v) = validators[(h + v) mod n]; height 1 of four."""
    engine = Engine()
    assert next_proposer(engine.state) == "v.2"
    assert next_proposer(engine.give(said("propose", 2)).state) == "v.3"
    assert next_proposer(engine.give(certificate("skip")).state) == "v.3"
    assert next_proposer(engine.give(certificate("skip", view=2)).state) == "v.0"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Peer:
    """A node that takes batches over HTTP."""

    def __init__(self) -> None:
        self.inbox = receiver()
        self.got: list[Message] = []
        self.batches = 0
        self.changed = asyncio.Event()
        self.held = asyncio.Event()
        self.held.set()
        self.failures = 0
        self.statuses: list[int] = []
        self.ends: list[Any] = []
        """Of each request: the end from which it came."""
        self.is_brief = False
        """Whether a connection ends with its first answer."""
        self.records: list[tuple[str, dict[str, JsonValue]]] = []
        """What the sender logged."""

    def log(self, kind: str, fields: dict[str, JsonValue]) -> None:
        self.records.append((kind, fields))
        self.changed.set()

    async def session(self, request: web.Request) -> web.StreamResponse:
        return self._answer(self.inbox.open_session, await request.read())

    async def batch(self, request: web.Request) -> web.Response:
        body = await request.read()
        await self.held.wait()
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        return self._answer(lambda data: self._take(data, request.headers["x-signature"]), body)

    async def wait_for(self, count: int) -> None:
        while len(self.got) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 20)

    async def wait_for_record(self, kind: str) -> dict[str, JsonValue]:
        while not (found := [fields for logged, fields in self.records if logged == kind]):
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 20)
        return found[0]

    def _take(self, body: bytes, signature: str) -> bytes:
        self.got += self.inbox.accept(body, signature)[1]
        self.batches += 1
        self.changed.set()
        return b"{}"

    def _answer(self, work: Callable[[bytes], bytes], body: bytes) -> web.Response:
        try:
            return web.Response(body=work(body))
        except TallystickError as error:
            self.statuses.append(error.status)
            self.changed.set()
            return web.Response(status=error.status)


def links_to(url: str, log: Callable[[str, dict[str, JsonValue]], None], faults: Faults | None = None) -> Links:
    """What north sends south there."""
    addresses = {"south.node": url, "north.node": "http://127.0.0.1:1"}
    return Links(ledger=LEDGER, member="north.node", key=KEYS["north.node"], addresses=addresses, log=log, faults=faults)


@asynccontextmanager
async def linked_peer(
    monkeypatch: pytest.MonkeyPatch, faults: Faults | None = None, session: Handler | None = None, delay_s: float = 0.0
) -> AsyncIterator[tuple[Links, Peer]]:
    """Links to a peer that opens sessions as a node does, or as it is given, and is so far away."""
    monkeypatch.setattr(links_module, "BACKOFF_MIN_S", 0.001)
    peer = Peer()

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peer.ends.append(request.transport.get_extra_info("peername"))
        response = await ((session or peer.session) if request.path == "/node/session" else peer.batch)(request)
        if peer.is_brief:
            response.force_close()
        return response

    async with server_of(handle) as server:
        url = server.make_url("/")
        line = Line(delay_s)
        if delay_s:
            url = url.with_port(await line.listen("127.0.0.1:0", f"127.0.0.1:{url.port}"))
        outgoing = links_to(str(url), peer.log, faults)
        try:
            await outgoing.start()
            yield outgoing, peer
        finally:
            peer.held.set()
            await outgoing.close()
            await line.close()


def status(height: int) -> StatusMessage:
    return StatusMessage(height, 1)


async def test_messages_arrive_in_order_and_join_one_batch_while_another_is_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        peer.held.clear()
        outgoing.send("south.node", status(1))
        await asyncio.sleep(0)
        for height in range(2, 6):
            outgoing.send(None, status(height))
        outgoing.send("unknown.node", status(9))
        peer.held.set()
        await peer.wait_for(5)
        assert peer.got == [status(height) for height in range(1, 6)]
        assert peer.batches <= 2


@asynccontextmanager
async def long_line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Links, Peer]]:
    """Links to a peer that is far away, and known to be."""
    monkeypatch.setattr(links_module, "ANSWERS_RECENT", 2)
    async with linked_peer(monkeypatch, delay_s=DELAY_S) as (outgoing, peer):
        for height in (1, 2):
            outgoing.send(None, status(height))
            await peer.wait_for(height)
        async with asyncio.timeout(20):
            while not outgoing._links["south.node"]._may_send_ahead():
                await asyncio.sleep(0.005)
        yield outgoing, peer


async def send_apart(outgoing: Links, *heights: int) -> None:
    """Each in a batch of its own, if none waits for another."""
    for height in heights:
        outgoing.send(None, status(height))
        while outgoing._links["south.node"]._queue:
            await asyncio.sleep(0)


async def test_on_a_long_line_no_batch_waits_for_the_answer_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async with long_line(monkeypatch) as (outgoing, peer):
        started = asyncio.get_running_loop().time()
        await send_apart(outgoing, 3, 4, 5)
        await peer.wait_for(5)
        assert peer.got == [status(height) for height in range(1, 6)]
        assert peer.batches == 5
        assert asyncio.get_running_loop().time() - started < 3 * DELAY_S  # when the second of two that wait would come


async def test_no_more_than_some_batches_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "AHEAD_MAX", 2)
    async with long_line(monkeypatch) as (outgoing, peer):
        await send_apart(outgoing, 3, 4)
        outgoing.send(None, status(5))
        await asyncio.sleep(0)
        outgoing.send(None, status(6))  # joins the one that waits
        await peer.wait_for(6)
        assert peer.got == [status(height) for height in range(1, 7)]
        assert peer.batches == 5


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_what_is_under_way_when_one_batch_fails_comes_again(monkeypatch: pytest.MonkeyPatch, is_forgotten: bool) -> None:
    async with long_line(monkeypatch) as (outgoing, peer):
        if is_forgotten:
            peer.inbox = receiver()
        else:
            peer.failures = 1
        await send_apart(outgoing, 3, 4, 5)
        while {status(3), status(4), status(5)} - set(peer.got):
            await peer.wait_for(len(peer.got) + 1)
        if is_forgotten:  # the later ones were refused as well
            assert peer.got == [status(height) for height in range(1, 6)]


async def test_what_is_under_way_beside_a_batch_that_is_refused_for_good_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with long_line(monkeypatch) as (outgoing, peer):
        peer.is_brief = True  # what follows the refused one is not read
        for _ in range(LIMITS.batch_messages_max):
            outgoing.send(None, status(9))
        await send_apart(outgoing, 9, 3, 4)
        await peer.wait_for(4)
        assert (peer.statuses, peer.got) == ([413], [status(height) for height in range(1, 5)])


async def test_nothing_is_asked_over_a_connection_that_is_closed() -> None:
    async with server_of(Peer().session) as server:
        connection = await connection_module.KeptConnection.open(str(server.make_url("/")))
        connection.close()
        for _ in range(2):  # while it closes, and when it is closed
            with pytest.raises(IndefiniteError):
                async with asyncio.timeout(connection_module.TIMEOUT_S / 2):
                    await connection.ask("GET", "/")
            await asyncio.sleep(0.01)


async def test_what_may_wait_goes_with_what_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "PATIENCE_S", 1_000)
    async with linked_peer(monkeypatch) as (outgoing, peer):
        outgoing.send(None, status(1))
        await peer.wait_for(1)
        assert outgoing.send(None, status(2), patient=["south.node"]) == 1
        outgoing.send("south.node", status(3), patient=["south.node"])
        await asyncio.sleep(0.01)
        assert len(peer.got) == 1
        outgoing.send(None, status(4))
        await peer.wait_for(4)
        assert (peer.got, peer.batches) == ([status(height) for height in range(1, 5)], 2)


async def test_what_may_wait_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "PATIENCE_S", 0.001)
    async with linked_peer(monkeypatch) as (outgoing, peer):
        for height in (1, 2):
            outgoing.send(None, status(height), patient=["south.node"])
            await peer.wait_for(height)
        assert peer.got == [status(1), status(2)]


async def test_a_peer_that_forgot_the_session_gets_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        outgoing.send(None, status(1))
        await peer.wait_for(1)
        peer.inbox = receiver()
        outgoing.send(None, status(2))
        await peer.wait_for(2)
        assert peer.statuses == [409]


async def test_a_busy_peer_gets_the_same_messages_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        peer.failures = 2
        outgoing.send(None, status(1))
        await peer.wait_for(1)
        assert peer.got == [status(1)]


async def test_a_batch_that_the_peer_refuses_for_good_does_not_block_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        for _ in range(LIMITS.batch_messages_max + 1):
            outgoing.send(None, status(1))
        while not peer.statuses:
            await peer.changed.wait()
        outgoing.send(None, status(2))
        await peer.wait_for(1)
        assert (peer.statuses, peer.got) == ([413], [status(2)])


async def test_a_peer_that_answers_without_end_is_a_failing_link(monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while written < 50_000_000:
                await response.write(b" " * 100_000)
                written += 100_000
        return response

    async with linked_peer(monkeypatch, session=endless) as (outgoing, peer):
        outgoing.send("south.node", status(1))
        await peer.wait_for_record("link-down")
        assert written < 20_000_000


async def test_of_a_refusal_the_status_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wordy(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, body=b" " * 20_000_000)

    async with linked_peer(monkeypatch, session=wordy) as (outgoing, peer):
        outgoing.send("south.node", status(1))
        while len(peer.ends) < 3:
            await asyncio.sleep(0.001)
        assert peer.records == []


async def test_a_connection_that_the_peer_ends_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        peer.is_brief = True
        for height in (1, 2, 3):
            outgoing.send("south.node", status(height))
            await peer.wait_for(height)
        assert (len(set(peer.ends)), peer.records) == (4, []), "a session, and three batches"


async def test_a_peer_that_speaks_no_http_is_a_failing_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "BACKOFF_MIN_S", 0.001)
    peer = Peer()

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        outgoing = links_to(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", peer.log)
        await outgoing.start()
        outgoing.send("south.node", status(1))
        assert (await peer.wait_for_record("link-down"))["error"] == "MalformedError"
        await outgoing.close()


async def test_a_peer_that_answers_what_it_has_not_read_ends_the_connection() -> None:
    """All that is sent to it would pile up here."""
    is_over = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            await asyncio.sleep(0.005)
        is_over.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        connection = await connection_module.KeptConnection.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with suppress(IndefiniteError):
            for _ in range(100):
                if connection.is_open:
                    await connection.post("/node/batch", bytes(1_000_000), "")
        is_open = connection.is_open
        connection.close()
        await asyncio.wait_for(is_over.wait(), 20)
    assert not is_open


async def test_the_answer_to_a_request_that_was_given_up_is_not_that_of_the_next() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    async with server_of(slow) as server:
        connection = await connection_module.KeptConnection.open(str(server.make_url("/")))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await connection.post("/node/batch", b"", "")
        assert not connection.is_open


async def test_a_peer_that_does_not_answer_is_a_failing_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "TIMEOUT_S", 0.1)
    async with linked_peer(monkeypatch) as (outgoing, peer):
        peer.held.clear()
        outgoing.send("south.node", status(1))
        assert (await peer.wait_for_record("link-down"))["error"] == "TimeoutError"
        peer.held.set()
        await peer.wait_for(1)


async def test_a_peer_that_points_elsewhere_is_a_failing_link(monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        queries.append(request.query_string)
        return web.Response(status=307, headers={"location": "/node/session?again=1"})

    async with linked_peer(monkeypatch, session=elsewhere) as (outgoing, peer):
        outgoing.send("south.node", status(1))
        await peer.wait_for_record("link-down")
        assert set(queries) == {""}


async def test_a_link_without_a_peer_keeps_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "BACKOFF_MIN_S", 0.0001)
    monkeypatch.setattr(links_module, "BACKOFF_MAX_S", 0.001)
    records: list[str] = []
    given_up = asyncio.Event()

    def log(kind: str, fields: dict[str, JsonValue]) -> None:
        records.append(kind)
        given_up.set()

    outgoing = links_to("http://127.0.0.1:1", log)
    await outgoing.start()
    for height in range(100):
        outgoing.send(None, status(height))
    await asyncio.wait_for(given_up.wait(), 20)
    assert records == ["link-down"]
    await outgoing.close()


async def test_a_full_queue_drops_its_oldest_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "QUEUE_BYTES_MAX", 200)
    async with linked_peer(monkeypatch) as (outgoing, peer):
        for height in range(50):
            outgoing.send(None, status(height))
        outgoing.send(None, status(999))
        while status(999) not in peer.got:
            await peer.wait_for(len(peer.got) + 1)
        assert len(peer.got) < 10
