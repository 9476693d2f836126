"""Private documents: kept by nodes of the entitled, passed over TLS alone, read by rule, logged, disclosed by field, purged."""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from ledger.contract.contract import ContractSet
from ledger.contract.sealed import seal
from ledger.disclosure import parse_disclosure, verify_disclosure
from ledger.encoding import encode
from ledger.errors import IndefiniteError, JsonValue, StorageError, TallystickError
from ledger.primitives import Digest
from ledger.sealed import Sealed
from nodes.access.tokens import audience_of, sign_token
from nodes.client import LocalMember
from nodes.documents import document_store
from nodes.documents import exchange as exchange_module
from nodes.documents.desk import PLACES_MAX
from nodes.documents.document_store import DocumentStore, Entry, RecordPlace
from nodes.documents.exchange import TAG
from nodes.http_client import HttpAnswer
from nodes.key_files import read_key
from nodes.limits import Limits
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec, seeded_keys
from nodes.node.files import DOCUMENTS
from tests.commands import run, succeeds
from tests.http_support import LIMITS, Answer, FakeNode, server_of
from tests.network_support import wait_for_height
from tests.sealed_papers import Papers
from tests.support import DecidedChain, refusal

SALT = "5" * 32
SECRET = "unit price 4711.29"
TERMS: JsonValue = {"goods": "gearbox housings", "price": SECRET, "quantity": 12}
ALPHA, BETA, GAMMA = "alpha.one", "beta.one", "gamma.one"
WAIT_S = 20
RETRY_S = 0.2


def test_a_damaged_opening_is_not_shown(tmp_path: Path) -> None:
    """SQLite keeps what the disk made of it; the digest does not."""
    sealed, opening = seal("a price", SALT)
    digest, store = Digest(sealed.sealed), DocumentStore(tmp_path / DOCUMENTS)
    store.put(digest, opening.to_json(), [RecordPlace("papers", "papers", "1")], ALPHA, 1)
    for damaged in ("replace(opening, 'price', 'pricf')", "substr(opening, 2)"):
        store._run(f"UPDATE documents SET opening = CAST({damaged} AS BLOB)")
        assert refusal(StorageError, store.find, digest).code == "database-damaged"
    store.close()


def people(node: MemberSpec) -> tuple[MemberSpec, ...]:
    return (node, MemberSpec("one"), MemberSpec("admin", ("admin",)), MemberSpec("auditor", ("auditor",)))


SPECIFICATION = NetworkSpecification(
    organizations=(
        OrganizationSpec("alpha", people(MemberSpec("node", ("validator",)))),
        *(OrganizationSpec(name, people(MemberSpec("node", ("node",)))) for name in ("beta", "gamma")),
    ),
    validators=("alpha.node",),
    contracts=(("papers", "tests.sealed_papers:Papers"),),
    start_time_ms=time.time_ns() // 1_000_000 - 1_000,
)
SEALED, OPENING = seal(TERMS, SALT)
DIGEST = SEALED.sealed
PATH = f"/v1/documents/{DIGEST}"
PLACE: list[JsonValue] = ["papers", "papers", "P-1"]
GIVEN = encode({"digest": DIGEST, "opening": OPENING.to_json(), "places": [PLACE]})
"""What a node that has the document sends to another."""


def body(number: str = "P-1", opening: JsonValue = None, **changes: JsonValue) -> bytes:
    return encode(
        {"contract": "papers", "collection": "papers", "key": number, "opening": opening or OPENING.to_json(), **changes}
    )


# One node.


class Desk(FakeNode):
    """A node that holds the paper P-1 between alpha and beta; calls to it, each with a fresh token."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        super().__init__(DecidedChain(SPECIFICATION, ContractSet({"papers": Papers})), limits)
        self.commit(ALPHA, "papers", "file", number="P-1", buyer=BETA, terms={"sealed": DIGEST})

    async def as_member(self, member: str, method: str, path: str, sent: bytes = b"", **query: object) -> Answer:
        return await self.http.request(method, path, sent, self.token(member), **query)

    def ask(
        self,
        peer: str | None = "beta.node",
        sender: str = "beta.node",
        key: str = "",
        document: JsonValue = None,
        **changes: JsonValue,
    ) -> bytes:
        """What another node is answered, which signs with this key and comes as this TLS peer."""
        parties: dict[str, JsonValue] = {"ledger": self.ledger, "receiver": "alpha.node", "sender": sender}
        request = encode({**parties, "digest": DIGEST, "document": document, **changes})
        return self.documents.answer(request, self.decided.keys[key or sender].sign(TAG, request), peer)

    def beta_answers(self, ask: Callable[[str, str, object], Awaitable[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
        """The node of beta is known, and answers in this way."""
        monkeypatch.setattr(self.documents, "_ask", ask)
        monkeypatch.setattr(self.documents, "_urls", {"beta.node": "https://nowhere"})

    async def code(self, member: str, method: str, path: str, sent: bytes = b"", **query: object) -> str:
        answer = await self.as_member(member, method, path, sent, **query)
        return "ok" if answer.status < 300 else answer.code


async def test_a_party_puts_a_document_and_the_entitled_read_it() -> None:
    desk = Desk()
    assert (await desk.http.get(PATH)).status == 401
    assert await desk.code(ALPHA, "GET", PATH) == "no-such-document"
    assert await desk.code("gamma.one", "PUT", PATH, body()) == "not-entitled"
    put = await desk.as_member(BETA, "PUT", PATH, body())
    assert put.json == {"digest": DIGEST, "passed_to": [], "not_reached": []}
    assert await desk.code(ALPHA, "PUT", PATH, body()) == "ok"
    got = await desk.as_member(ALPHA, "GET", PATH)
    place = {"contract": "papers", "collection": "papers", "key": "P-1"}
    assert got.json == {**place, "digest": DIGEST, "opening": OPENING.to_json(), "rule": "party"}
    assert got.headers["cache-control"] == "no-store"
    assert await desk.code(GAMMA, "GET", PATH) == "not-entitled"
    desk.commit("beta.admin", "membership", "revoke", member=BETA)
    assert await desk.code(BETA, "GET", PATH) == "token-inactive"


BAD_PUTS: dict[str, tuple[bytes, str]] = {
    "another value": (body(opening={"salt": SALT, "value": "other"}), "wrong-opening"),
    "another salt": (body(opening={"salt": "6" * 32, "value": TERMS}), "wrong-opening"),
    "no opening": (body(opening={"salt": SALT}), "bad-document"),
    "short salt": (body(opening={"salt": "5", "value": TERMS}), "bad-opening"),
    "no such record": (body("P-9"), "no-such-record"),
    "no such collection": (body(collection="nothing"), "no-such-record"),
    "no such contract": (body(contract="nothing"), "no-such-record"),
    "a record without it": (body("P-2"), "not-sealed-there"),
    "too large": (body(opening={"salt": SALT, "value": "x" * 2_000}), "document-too-large"),
    "more": (body(more=1), "bad-document"),
    "not canonical": (b" " + body(), "not-canonical"),
}


@pytest.mark.parametrize("case", BAD_PUTS)
async def test_a_document_is_what_stands_sealed_in_that_record(case: str) -> None:
    sent, code = BAD_PUTS[case]
    desk = Desk(replace(LIMITS, document_bytes_max=1_000))
    desk.commit(ALPHA, "papers", "file", number="P-2", buyer=BETA, terms={"sealed": "a" * 64})
    assert await desk.code(ALPHA, "PUT", PATH, sent) == code
    assert await desk.code(ALPHA, "GET", PATH) == "no-such-document"


async def test_who_copies_a_digest_into_a_record_of_its_own_reads_nothing() -> None:
    desk = Desk()
    await desk.as_member(ALPHA, "PUT", PATH, body())
    desk.commit(GAMMA, "papers", "file", number="P-3", buyer=GAMMA, terms={"sealed": DIGEST})
    assert await desk.code(GAMMA, "GET", PATH) == "not-entitled"


async def test_a_node_keeps_what_its_own_organization_may_read() -> None:
    desk = Desk()
    desk.commit(BETA, "papers", "file", number="P-4", buyer=GAMMA, terms={"sealed": DIGEST})
    assert await desk.code(BETA, "PUT", PATH, body("P-4")) == "not-kept-here"


async def test_documents_have_limits() -> None:
    size = len(encode(OPENING.to_json()))
    for name, code in (("documents_per_member_bytes_max", "document-share-full"), ("documents_bytes_max", "documents-full")):
        desk = Desk(replace(LIMITS, **{name: size}))
        assert await desk.code(ALPHA, "PUT", PATH, body()) == "ok"
        assert await desk.code(ALPHA, "PUT", PATH, body()) == "ok"
        sealed, opening = seal("more", SALT)
        desk.commit(ALPHA, "papers", "file", number="P-2", buyer=BETA, terms={"sealed": sealed.sealed})
        assert await desk.code(ALPHA, "PUT", f"/v1/documents/{sealed.sealed}", body("P-2", opening.to_json())) == code


async def test_one_field_is_disclosed_and_nothing_of_the_others() -> None:
    desk = Desk()
    await desk.as_member(ALPHA, "PUT", PATH, body())
    got = await desk.as_member(ALPHA, "GET", PATH, field="quantity", proof="true")
    disclosure = parse_disclosure(got.json["disclosure"])
    verify_disclosure(SEALED, disclosure)
    assert disclosure.values == {"quantity": 12}
    assert SECRET not in json.dumps(got.json)
    assert got.json["proof"]["value"]["terms"] == {"sealed": DIGEST}
    assert await desk.code(ALPHA, "GET", PATH, field="colour") == "no-such-field"


async def test_auditors_of_the_organization_see_who_read_which_fields_and_no_values() -> None:
    desk = Desk()
    await desk.as_member(BETA, "PUT", PATH, body())
    await desk.as_member(ALPHA, "GET", PATH, field="quantity")
    await desk.as_member(BETA, "GET", PATH)
    for stranger in (ALPHA, "beta.auditor", "alpha.admin"):
        assert await desk.code(stranger, "GET", "/v1/reads") == "not-an-auditor"
    page = (await desk.as_member("alpha.auditor", "GET", "/v1/reads", limit=2)).json
    rest = (await desk.as_member("alpha.auditor", "GET", "/v1/reads", after=page["next"])).json
    rows = [(row["what"], row["member"], row["fields"], row["rule"]) for row in page["reads"] + rest["reads"]]
    every = ["goods", "price", "quantity"]
    expected = [("stored", BETA, every), ("read", ALPHA, ["quantity"]), ("read", BETA, every)]
    assert rows == [(*row, "party") for row in expected]
    assert all(row["digest"] == DIGEST and row["time"] > 0 for row in page["reads"])
    assert SECRET not in json.dumps([page, rest])


async def test_a_purge_leaves_the_digest_and_is_for_the_admin() -> None:
    desk = Desk()
    assert await desk.code("alpha.admin", "DELETE", PATH) == "no-such-document"
    await desk.as_member(ALPHA, "PUT", PATH, body())
    for stranger in (ALPHA, "beta.admin"):
        assert await desk.code(stranger, "DELETE", PATH) == "not-the-admin"
    assert await desk.code("alpha.admin", "DELETE", PATH) == "ok"
    assert await desk.code("alpha.admin", "DELETE", PATH) == "document-purged"
    gone = await desk.as_member(ALPHA, "GET", PATH)
    assert (gone.status, gone.code, gone.json["details"]["purged_by"]) == (404, "document-purged", "alpha.admin")
    assert await desk.code(GAMMA, "GET", PATH) == "not-entitled"
    assert await desk.code(ALPHA, "PUT", PATH, body()) == "document-purged"


def places(*found: JsonValue, opening: JsonValue = None) -> dict[str, Any]:
    """A document that is passed on for the sake of these."""
    return {"document": {"digest": DIGEST, "opening": opening or OPENING.to_json(), "places": [*found]}}


BAD_REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "without TLS": ({"peer": None}, "tls-required"),
    "of no TLS peer": ({"peer": ""}, "wrong-tls-peer"),
    "of another TLS peer": ({"peer": "gamma.node"}, "wrong-tls-peer"),
    "with another key": ({"key": "gamma.node"}, "wrong-signature"),
    "to another node": ({"receiver": "gamma.node"}, "wrong-receiver"),
    "of another ledger": ({"ledger": "a" * 64}, "wrong-receiver"),
    "of no node": ({"peer": BETA, "sender": BETA}, "not-a-node"),
    "of a node that is not entitled": ({"peer": "gamma.node", "sender": "gamma.node"}, "no-such-document"),
    "for what is not kept": ({"digest": "b" * 64}, "no-such-document"),
    "more": ({"more": 1}, "bad-document"),
    "a forged opening": (places(PLACE, opening={"salt": SALT, "value": "forged"}), "wrong-opening"),
    "no places": (places(), "bad-document"),
    "a place of one name": (places(["papers"]), "bad-document"),
    "a key that is a number": (places(["papers", "papers", 1]), "bad-document"),
    "too many places": (places(*[PLACE] * 17), "bad-document"),
    "no such record": (places(["papers", "papers", "P-9"]), "no-such-record"),
    "an empty key": (places(["papers", "papers", ""]), "no-such-record"),
    "a key with NUL": (places(["papers", "papers", "P\0"]), "no-such-record"),
    "a key that is too long": (places(["papers", "papers", "P" * 257]), "no-such-record"),
}


@pytest.fixture(scope="module")
def holding() -> Desk:
    """Has the document of P-1."""
    desk = Desk()
    asyncio.run(desk.as_member(ALPHA, "PUT", PATH, body()))
    return desk


def test_a_node_that_is_entitled_is_given_the_document(holding: Desk) -> None:
    assert json.loads(holding.ask())["opening"] == OPENING.to_json()


@pytest.mark.parametrize("bad", BAD_REQUESTS)
def test_requests_between_nodes_are_signed_over_tls_by_a_node_of_the_ledger(holding: Desk, bad: str) -> None:
    asked, code = BAD_REQUESTS[bad]
    assert refusal(TallystickError, holding.ask, **asked).code == code


def test_a_node_is_given_the_places_that_entitle_it_and_never_too_many() -> None:
    """Who has the opening may file as many records of it as it likes: others are not kept from theirs."""
    desk = Desk()

    async def work() -> None:
        for number in range(PLACES_MAX + 1):
            desk.commit(BETA, "papers", "file", number=f"A-{number}", buyer=ALPHA, terms={"sealed": DIGEST})
            assert await desk.code(BETA, "PUT", PATH, body(f"A-{number}")) == "ok"
        await desk.as_member(ALPHA, "PUT", PATH, body())
        desk.commit(BETA, "papers", "pass_on", number="P-1", to=GAMMA)

    asyncio.run(work())
    assert json.loads(desk.ask("gamma.node", "gamma.node"))["places"] == [PLACE]
    assert len(json.loads(desk.ask())["places"]) == PLACES_MAX


async def test_who_asks_for_what_nobody_has_holds_up_its_own_organization_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, ended = Desk(), asyncio.Event()

    async def ask(receiver: str, digest: str, document: object) -> bytes:
        if digest != DIGEST:
            await ended.wait()
            raise IndefiniteError("unreachable", "No answer.", was_sent=True)
        return GIVEN

    desk.beta_answers(ask, monkeypatch)
    unknown = [asyncio.create_task(desk.code(GAMMA, "GET", f"/v1/documents/{n:064x}")) for n in range(20)]
    await asyncio.sleep(RETRY_S)
    assert await asyncio.wait_for(desk.code(ALPHA, "GET", PATH), WAIT_S) == "ok"
    ended.set()
    assert set(await asyncio.gather(*unknown)) == {"no-such-document"}


async def test_a_reader_that_is_revoked_while_its_document_is_fetched_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()

    async def ask(receiver: str, digest: str, document: object) -> bytes:
        desk.commit("alpha.admin", "membership", "revoke", member=ALPHA)
        return GIVEN

    desk.beta_answers(ask, monkeypatch)
    assert await desk.code(ALPHA, "GET", PATH) == "not-entitled"
    assert await desk.code("alpha.admin", "GET", PATH) == "ok"


@pytest.mark.parametrize("status", [204, 307, 404])
async def test_only_a_node_that_took_a_document_has_it(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    exchange = (desk := Desk()).documents

    async def ask(*_: object, **__: object) -> HttpAnswer:
        return HttpAnswer(status, {}, b"")

    monkeypatch.setattr(exchange_module, "RETRY_S", 0)
    monkeypatch.setattr(exchange, "_tls", SimpleNamespace(to=lambda receiver: None))
    monkeypatch.setattr(exchange, "_urls", {"beta.node": "https://nowhere"})
    monkeypatch.setattr(exchange, "_http", SimpleNamespace(ask=ask))
    put = await desk.as_member(ALPHA, "PUT", PATH, body())
    assert put.json == {"digest": DIGEST, "passed_to": [], "not_reached": ["beta.node"]}


async def test_what_is_purged_between_two_tries_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, sent = Desk(), list[object]()

    async def ask(receiver: str, digest: str, document: object) -> bytes:
        sent.append(document)
        await desk.code("alpha.admin", "DELETE", PATH)
        raise IndefiniteError("unreachable", "No answer.", was_sent=True)

    desk.beta_answers(ask, monkeypatch)
    put = await desk.as_member(ALPHA, "PUT", PATH, body())
    assert put.json["not_reached"] == ["beta.node"]
    assert len(sent) == 1


async def test_nobody_floods_what_another_read_out_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_store, "READS_MAX", 5)
    desk = Desk()
    await desk.as_member(BETA, "PUT", PATH, body())
    await desk.as_member(ALPHA, "GET", PATH, field="price")
    for _ in range(20):
        await desk.as_member(BETA, "GET", PATH, field="goods")
    rows = desk.documents.desk.store.reads(0, 100)
    assert [(row["what"], row["member"]) for row in rows[:2]] == [("stored", BETA), ("read", ALPHA)]
    assert len(rows) == 2 + 5


def test_a_purge_waits_for_no_backup_and_erases_when_that_is_done(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path / DOCUMENTS)
    store.put(Digest(DIGEST), OPENING.to_json(), [], ALPHA, 1)
    backup = sqlite3.connect(tmp_path / DOCUMENTS, isolation_level=None)
    backup.execute("BEGIN")
    backup.execute("SELECT count(*) FROM documents").fetchone()
    store._database.execute("PRAGMA busy_timeout = 120000")
    began = time.monotonic()
    store.purge(Digest(DIGEST), "alpha.admin", 2)
    assert time.monotonic() - began < 60
    backup.close()
    store.log(Entry("read", BETA, Digest("b" * 64), ["x"], "party", 3))
    files = sorted(tmp_path.glob(f"{DOCUMENTS}*"))
    assert not any(SECRET.encode() in file.read_bytes() for file in files)
    store.close()


async def test_a_node_that_answers_without_end_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain server stands in for the other node; what is tried is the size of its answer."""
    endless: list[JsonValue] = [["x" * 200, "papers", "P-1"]] * 15
    filled = encode({"digest": DIGEST, "opening": OPENING.to_json(), "places": [PLACE, *endless]})
    answers = iter([filled, GIVEN])

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=next(answers))

    monkeypatch.setattr(exchange_module, "OVERHEAD_BYTES", 1_000)
    monkeypatch.setattr(exchange_module, "UNKNOWN_S", 0)
    desk = Desk(replace(LIMITS, document_bytes_max=1_000))
    exchange = desk.documents
    async with server_of(answer) as server:
        monkeypatch.setattr(exchange, "_urls", {"beta.node": str(server.make_url("")).rstrip("/")})
        monkeypatch.setattr(exchange, "_tls", SimpleNamespace(to=lambda member: True))
        assert await desk.code(ALPHA, "GET", PATH) == "no-such-document"
        assert await desk.code(ALPHA, "GET", PATH) == "ok"
        await exchange.close()


# Three nodes.


class Three:
    """A TLS network of three organizations, and calls to its nodes as their members."""

    def __init__(self, network: InProcessNetwork) -> None:
        self.network = network

    def ask(self, node: str, member: str, method: str = "GET", path: str = PATH, sent: bytes = b"", **query: Any) -> Any:
        """The answer, or the code of the problem."""
        key = read_key(self.network.key_path(member))
        with self.network.client(node=f"{node}.node") as client:
            audience, now_ms = audience_of(self.network.ledger, f"{node}.node"), int(client.node()["clock"])
            token = sign_token(key, member, audience=audience, now_ms=now_ms, number=secrets.token_hex(16))
            headers = {"authorization": f"Bearer {token}"}
            try:
                return client.request(method, path, query=query, body=sent or None, headers=headers)
            except TallystickError as error:
                if error.code != "token-before-start":
                    return error.code
        time.sleep(RETRY_S)  # the node takes no token of the second in which it started
        return self.ask(node, member, method, path, sent, **query)

    def file(self, number: str, text: str) -> tuple[str, bytes]:
        """A new paper between alpha and beta: its path, and the body that puts its terms."""
        sealed, opening = seal({"note": text}, secrets.token_hex(16))
        self.call(Papers.file, ALPHA, number=number, buyer=BETA, terms=sealed)
        return f"/v1/documents/{sealed.sealed}", body(number, opening.to_json())

    def keep_one(self) -> None:
        """The paper P-1 between alpha and beta, whose document both have."""
        self.call(Papers.file, ALPHA, number="P-1", buyer=BETA, terms=SEALED)
        self.ask("alpha", ALPHA, "PUT", PATH, body())

    def call(self, operation: Any, member: str, **arguments: Any) -> None:
        """Waits until every node has it."""
        signer = LocalMember(member, read_key(self.network.key_path(member)))
        with self.network.client() as client:
            height = client.call(operation, signers=[signer], **arguments).height
        for node in self.network.members:
            with self.network.client(node=node) as client:
                wait_for_height(client, height)


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    monkeypatch.setattr(exchange_module, "UNKNOWN_S", 0)
    with running(tmp_path) as network:
        yield network


@contextmanager
def running(directory: Path, *, has_tls: bool = True) -> Iterator[Three]:
    network = InProcessNetwork.create(directory / "n", SPECIFICATION, keys=seeded_keys(1), has_tls=has_tls, is_lab=True)
    with network:
        yield Three(network)


def test_a_new_holder_gains_and_an_old_one_keeps_what_it_saw(three: Three) -> None:
    path, sent = three.file("P-1", "first")
    assert three.ask("alpha", ALPHA, "PUT", path, sent)["passed_to"] == ["beta.node"]
    assert three.ask("beta", BETA, path=path)["rule"] == "party"
    assert three.ask("gamma", GAMMA, path=path) == "no-such-document"
    three.call(Papers.pass_on, BETA, number="P-1", to=GAMMA)
    assert three.ask("gamma", GAMMA, path=path)["rule"] == "party"
    assert three.ask("beta", BETA, path=path)["rule"] == "kept"
    assert three.ask("alpha", BETA, path=path) == "not-entitled"
    assert three.ask("beta", GAMMA, path=path)["rule"] == "party"
    later, sent = three.file("P-2", "second")
    three.call(Papers.pass_on, BETA, number="P-2", to=GAMMA)
    assert three.ask("alpha", ALPHA, "PUT", later, sent)["passed_to"] == ["gamma.node"]
    assert three.ask("beta", BETA, path=later) == "no-such-document"
    passed = [(row["what"], row["member"]) for row in three.ask("alpha", "alpha.auditor", path="/v1/reads")["reads"]]
    assert passed.count(("passed", "beta.node")) == 1
    assert passed.count(("passed", "gamma.node")) == 2


def test_a_place_that_hides_something_else_now_does_not_hold_up_the_others(three: Three) -> None:
    path, sent = three.file("P-1", "first")
    first = three.ask("alpha", ALPHA, "PUT", path, sent)
    three.call(Papers.file, ALPHA, number="P-2", buyer=BETA, terms=Sealed(first["digest"]))
    three.ask("alpha", ALPHA, "PUT", path, encode({**json.loads(sent), "key": "P-2"}))
    three.call(Papers.file, ALPHA, number="P-2", buyer=BETA, terms=SEALED)
    three.call(Papers.pass_on, BETA, number="P-1", to=GAMMA)
    got = three.ask("gamma", GAMMA, path=path)
    assert (got["key"], got["rule"]) == ("P-1", "party")


def test_a_purged_document_is_gone_from_the_disk_and_does_not_come_back(three: Three) -> None:
    three.keep_one()
    files = sorted((three.network.directory / "nodes" / "beta.node").glob(f"{DOCUMENTS}*"))
    assert any(SECRET.encode() in file.read_bytes() for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    three.ask("beta", "beta.admin", "DELETE", PATH)
    assert three.ask("beta", BETA) == "document-purged"
    assert not any(SECRET.encode() in file.read_bytes() for file in files)
    assert three.ask("alpha", ALPHA, "PUT", PATH, body())["not_reached"] == ["beta.node"]
    assert three.ask("alpha", ALPHA)["opening"] == OPENING.to_json()


def test_no_plain_value_leaves_the_store(three: Three) -> None:
    three.keep_one()
    assert three.ask("beta", BETA)["opening"] == OPENING.to_json()
    with three.network.client() as client:
        assert SECRET.encode() not in b"\n".join(client.export())
        assert SECRET not in json.dumps([client.get("/v1/log", limit=500), client.get("/v1/events")])
    three.network.stop()
    found = {
        file.name
        for file in three.network.directory.rglob("*")
        if file.is_file() and (SECRET.encode() in (data := file.read_bytes()) or SALT.encode() in data)
    }
    assert {name.partition("-")[0] for name in found} == {DOCUMENTS}


def test_without_tls_a_document_stays_where_it_was_put(tmp_path: Path) -> None:
    with running(tmp_path, has_tls=False) as three:
        path, sent = three.file("P-1", "first")
        assert three.ask("alpha", ALPHA, "PUT", path, sent)["passed_to"] == []
        assert three.ask("beta", BETA, path=path) == "no-such-document"


def test_a_disclosure_with_its_proof_is_verified_on_the_command_line(three: Three, tmp_path: Path) -> None:
    three.keep_one()
    got = three.ask("beta", BETA, field="quantity", proof=True)
    parts = {"disclosures": [got["disclosure"]], "proofs": [got["proof"]], "genesis": None, "ledger": three.network.ledger}
    file = tmp_path / "proof.json"
    genesis = three.network.directory / "genesis.json"
    file.write_bytes(encode({"format": "tallystick-proof-file-1", **parts}))
    succeeds("verify", file, "--genesis", genesis)
    got["disclosure"]["disclosed"]["quantity"]["value"] = 13
    file.write_bytes(encode({"format": "tallystick-proof-file-1", **parts}))
    assert run("verify", file, "--genesis", genesis).exit_code == 1
