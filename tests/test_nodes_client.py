"""The client against a running node, and the parts of it that need none."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from ledger import errors
from ledger.audit import audit_export
from nodes.client import AsyncClient, Client, LocalMember
from nodes.client.outcome import error_of
from nodes.http.addresses import bind
from nodes.network.in_process import InProcessNetwork
from nodes.sample_contract import Asset, Holding
from tests.http_support import server_of
from tests.network_support import running_network
from tests.support import DecidedChain, awaited_refusal, refusal

MEMBER = "north.member1"
DAY_MS = 86_400_000
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path_factory.mktemp("client")) as network:
        yield network


@pytest.fixture
def client(network: InProcessNetwork) -> Iterator[Client]:
    with network.client(MEMBER) as client:
        yield client


def test_a_call_is_final_and_its_record_is_read_with_proof(client: Client) -> None:
    outcome = client.call(Asset.issue, number="A-1", to=MEMBER)
    assert outcome.is_committed
    assert [(event["name"], event["data"]["number"]) for event in outcome.events] == [("issued", "A-1")]  # type: ignore[index, call-overload]
    assert client.read(Asset.assets, "A-1", proof=True) == Holding(holder=MEMBER)
    assert client.read(Asset.assets, "A-1") == Holding(holder=MEMBER)
    assert client.read(Asset.assets, "nothing", proof=True) is None
    assert client.read(Asset.assets, "nothing") is None


def test_a_rejection_is_an_error_of_call_and_an_outcome_of_attempt(client: Client) -> None:
    client.call(Asset.issue, number="A-2", to=MEMBER)
    error = refusal(errors.RefusedError, client.call, Asset.issue, number="A-2", to=MEMBER)
    assert (error.code, error.details) == ("already-issued", {"number": "A-2"})
    assert str(error) == "Asset A-2 exists already."
    assert client.attempt(Asset.issue, number="A-2", to=MEMBER).code == "already-issued"


def test_sentences_come_in_the_clients_language(network: InProcessNetwork, client: Client) -> None:
    client.call(Asset.issue, number="A-3", to=MEMBER)
    member = LocalMember.load(network.key_path(MEMBER))
    with Client(client.url, member=member, language="zh") as chinese:
        assert chinese.attempt(Asset.issue, number="A-3", to=MEMBER).sentence == "资产 A-3 已存在。"


def test_what_is_refused_before_the_ledger_is_an_input_error(client: Client) -> None:
    assert refusal(errors.InputError, client.call, Asset.issue, number=7, to=MEMBER).code == "bad-arguments"


def test_many_in_one_request(client: Client) -> None:
    sent = [client.sign(Asset.issue, number=f"B-{i}", to=MEMBER) for i in range(40)]
    results = client.submit_many(sent, wait_s=30)
    assert [(r["transaction"], r["status"]) for r in results] == [(t.id, "committed") for t in sent]
    held = client.records(Asset.assets, holder=MEMBER)
    assert {f"B-{i}" for i in range(40)} <= {key for key, _ in held}
    first = client.page(Asset.assets, limit=3, holder=MEMBER)
    assert first.next is not None
    second = client.page(Asset.assets, after=first.next, limit=3, holder=MEMBER)
    assert [key for key, _ in (*first.rows, *second.rows)] == [key for key, _ in held[:6]]


def test_a_client_without_a_genesis_asks_the_node_and_cannot_verify(network: InProcessNetwork, client: Client) -> None:
    with Client(client.url, member=LocalMember.load(network.key_path(MEMBER))) as trusting:
        assert trusting.ledger() == network.ledger
        assert trusting.call(Asset.bump, number="C").is_committed
        assert refusal(errors.InputError, trusting.read, Asset.counters, "C", proof=True).code == "no-genesis"
    with Client(client.url) as nobody:
        assert refusal(errors.InputError, nobody.call, Asset.bump, number="C").code == "no-signer"


def test_a_client_with_another_genesis_refuses_the_node(client: Client) -> None:
    other = DecidedChain().network.genesis_bytes
    with Client(client.url, genesis=other) as wrong:
        assert refusal(errors.InputError, wrong.synchronize).code == "wrong-ledger"
        assert refusal(errors.VerificationError, wrong.read, Asset.assets, "nothing", proof=True).code == "wrong-ledger"


def test_a_block_of_any_size_is_exported() -> None:
    lines = [b"{}", b"x" * 1_000_000, b"", b"end"]

    async def run() -> list[bytes]:
        async with server_of(answer) as server, AsyncClient(str(server.make_url("/"))) as client:
            return [line async for line in client.export()]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"\n".join(lines))

    assert asyncio.run(run()) == lines


async def test_a_line_of_an_export_that_is_too_long_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.client.peers.ANSWER_BYTES_MAX", 1_000_000)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"{}\n" + b"x" * 3_000_000)

    async with server_of(answer) as server, AsyncClient(str(server.make_url("/"))) as client:
        lines = client.export()
        assert await anext(lines) == b"{}"
        assert "more than 1000000 bytes" in str(await awaited_refusal(errors.IndefiniteError, anext(lines)))


@pytest.mark.parametrize("status", [200, 503])
async def test_an_answer_that_is_too_long_is_none(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.client.peers.ANSWER_BYTES_MAX", 1_000_000)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b'{"words":"' + b"x" * 3_000_000 + b'"}', status=status)

    async with server_of(answer) as server, AsyncClient(str(server.make_url("/"))) as client:
        assert (await awaited_refusal(errors.IndefiniteError, client.get("/v1/node"))).code == "unreachable"


async def test_a_refusal_of_an_export_without_an_end_is_not_read_on() -> None:
    whole = []

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(2_000):
                await response.write(b"no\n" * 10_000)
            whole.append(request.path)
        return response

    async with server_of(answer) as server, AsyncClient(str(server.make_url("/"))) as client:
        await awaited_refusal(errors.IndefiniteError, anext(client.export()))
    assert not whole


def test_the_export_holds(network: InProcessNetwork, client: Client) -> None:
    client.call(Asset.bump, number="E")
    report = audit_export(client.export(), network.ledger)
    assert report.height == client.node()["height"]


def test_a_client_follows_a_lab_clock(tmp_path: Path) -> None:
    with running_network(tmp_path) as network, network.client(MEMBER) as client:
        client.call(Asset.bump, number="C")
        with network.client() as operator:
            operator.set_clock(client.node()["clock"] + 90 * DAY_MS, network.lab_token)
        assert client.call(Asset.bump, number="C").is_committed, "the client looked at the node's clock again"
        first, last = (client.get(f"/v1/blocks/{height}")["time"] for height in ("0", "latest"))
        assert last >= first + 89 * DAY_MS


def test_a_call_survives_a_restart_of_the_node(tmp_path: Path) -> None:
    with running_network(tmp_path) as network, network.client(MEMBER) as client:
        transaction = client.sign(Asset.bump, number="C")
        network.kill("north.validator")
        assert refusal(errors.IndefiniteError, client.submit, transaction).code == "unreachable"
        outcomes: list[str] = []
        waiting = threading.Thread(target=lambda: outcomes.append(client.deliver(transaction).status))
        waiting.start()
        network.restart("north.validator")
        waiting.join()
        assert outcomes == ["committed"]


def test_answers_are_not_held_back_for_an_acknowledgement() -> None:
    """asyncio sets TCP_NODELAY only on what is named as TCP."""
    listener = bind("127.0.0.1", 0)
    assert listener.proto == socket.IPPROTO_TCP
    listener.close()


def test_threads_that_call_while_another_closes_are_answered() -> None:
    codes: set[str] = set()

    def call(client: Client) -> None:
        while (error := _ending(client)) is None:
            pass
        codes.add(error.code)

    for _ in range(10):
        client = Client("http://127.0.0.1:9")
        threads = [threading.Thread(target=call, args=(client,), daemon=True) for _ in range(2)]
        threads += [threading.Thread(target=client.close, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in threads)
    assert codes == {"not-final"}


def _ending(client: Client) -> errors.IndefiniteError | None:
    try:
        return client.wait(asyncio.sleep(0))
    except errors.IndefiniteError as error:
        return error


def test_an_interruption_does_not_keep_a_client_from_closing() -> None:
    client, closed = Client("http://127.0.0.1:9"), threading.Event()

    def interrupt() -> None:
        while not closed.is_set():
            client.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        client.close()
    finally:
        closed.set()
        thread.join()
    assert refusal(errors.IndefiniteError, client.wait, asyncio.sleep(0)).code == "not-final"


def test_what_a_ctrl_c_broke_off_has_ended_before_the_client_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), list[str]()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            for _ in range(100):  # it puts away what it holds, which takes more than one turn of the loop
                await asyncio.sleep(0)
            ended.append("the work")

    async def lines() -> AsyncIterator[str]:
        try:
            yield "a line"
            yield "another"
        finally:
            await asyncio.sleep(0)
            ended.append("the lines")

    async def next_line() -> str:
        return await anext(read)

    def pressed(future: Future[None]) -> None:
        assert begun.wait(10)
        raise KeyboardInterrupt

    read = lines()
    with Client("http://127.0.0.1:1") as client:
        client.wait(next_line())
        with monkeypatch.context() as patch:
            patch.setattr(Future, "result", pressed)
            with pytest.raises(KeyboardInterrupt):
                client.wait(work())
    assert ended == ["the work", "the lines"]


async def test_nobody_there_is_indefinite() -> None:
    async with AsyncClient(NOBODY) as client:
        assert (await awaited_refusal(errors.IndefiniteError, client.node())).code == "unreachable"
        await awaited_refusal(errors.IndefiniteError, anext(client.export()))


def test_a_key_file_says_whose_it_is(tmp_path: Path, network: InProcessNetwork) -> None:
    path = network.key_path(MEMBER)
    for spelling in (path, str(path), path.with_suffix("")):
        assert LocalMember.load(spelling).id == MEMBER
    assert refusal(errors.OperatorError, LocalMember.load, tmp_path / "north.key").code == "bad-key-file"
    assert refusal(errors.OperatorError, LocalMember.load, tmp_path / "north.nobody.key").code == "missing-key"


ERRORS: dict[int, type[errors.TallystickError]] = {
    400: errors.MalformedError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    413: errors.TooLargeError,
    422: errors.InputError,
    429: errors.BusyError,
    500: errors.IndefiniteError,
    503: errors.BusyError,
}


@pytest.mark.parametrize(("status", "kind"), ERRORS.items())
def test_a_problem_becomes_the_error_it_tells_of(status: int, kind: type[errors.TallystickError]) -> None:
    details = {"number": "A-1", "code": "mine", "message": "mine", "status": 1, "retry_after_s": 2, "was_sent": False}
    error = error_of({"status": status, "code": "some-code", "detail": "A sentence.", "details": details}, "7")
    assert type(error) is kind
    assert (error.code, error.message, error.details) == ("some-code", "A sentence.", {"number": "A-1"})
    if isinstance(error, errors.BusyError):
        assert (error.retry_after_s, error.status) == (7, status)
