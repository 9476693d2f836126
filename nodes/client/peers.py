"""Where a client's requests go: to one of the nodes that it knows, with a token where that node asks for one.

A node that gives no answer, does not serve (503) or is behind the others is left for the next. A request moves on by itself
only while that is safe: a read, or a transaction that surely did not reach the first node. Whatever else happens to a
transaction raises IndefiniteError, and sending the same envelope again, to any node, is the caller's choice.
"""

import asyncio
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp

from ledger.errors import BusyError, IndefiniteError, InputError, MalformedError, UnauthorizedError
from ledger.primitives import Digest
from nodes.access.tokens import audience_of, sign_token
from nodes.client.outcome import error_of
from nodes.http_client import NOTHING, HttpAnswer, HttpClient, HttpQuery, unreachable
from nodes.key_files import LocalMember

Urls: TypeAlias = str | Sequence[str] | Mapping[str, str]
"""One address, several, or addresses by member id of their nodes (`urls()` of network.json): the surest, since a token then
goes to no other node than the one that it is made for."""
Tls: TypeAlias = ssl.SSLContext | Mapping[str, ssl.SSLContext] | None
"""For all addresses, or by address: `nodes.links.node_tls.reader_context(root certificate, member id)`."""

CONNECT_S, ANSWER_S = 10, 30
"""Seconds that a connection, and an answer beyond its own `wait`, take at most."""
LOOKS_S = 2, 10
"""The same of a look at all nodes, and of the next one where none answered: all may be on one busy machine."""
LOOK_AGAIN_S = 10
"""A client of several nodes looks this often which of them are up to date."""
BEHIND_BLOCKS = 3
"""A node this many blocks behind the middle one of all, of two the higher one, is left."""
RENEW = ("token-expired", "token-not-yet-valid", "token-before-start")
"""Refusals of a token that another look at the node's clock mends."""
TOKEN_TRIES = 4
ANSWER_BYTES_MAX = 256_000_000
"""Longest answer, and longest line of an export, that is read: as in an archive, one block with its receipts and writes."""
SAFE, TRANSACTIONS, NODE, DOCUMENTS = ("GET", "HEAD"), "/v1/transactions", "/v1/node", "/v1/documents/"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NODE_FIELDS = {"member": str, "ledger": str, "height": int, "clock": int, "transaction_lifetime_max_ms": int}
"""What a client needs to know of a node."""
PROBLEM = {"status", "code", "detail"}
"""What a client needs of a problem."""


@dataclass(slots=True)
class Peer:
    """One node as the client knows it."""

    url: str
    tls: ssl.SSLContext | None
    member: str
    """Empty until the node has said it, unless the caller named it."""
    asks_token: bool = False
    clock: tuple[int, int] | None = None
    """Its clock minus this machine's monotonic one, and the longest lifetime, in milliseconds; None until looked at."""


class Peers:
    """The nodes of one ledger."""

    def __init__(self, urls: Urls, tls: Tls, reader: LocalMember | None, language: str, ledger: Digest | None) -> None:
        """Raises InputError `no-node`."""
        urls = [urls] if isinstance(urls, str) else urls
        named = urls.items() if isinstance(urls, Mapping) else [("", url) for url in urls]
        if not named:
            raise InputError("no-node", "Give the client the address of a node.")
        self._peers = [Peer(u.rstrip("/"), tls.get(u) if isinstance(tls, Mapping) else tls, member) for member, u in named]
        self._reader = reader
        self._language = language
        self.ledger = ledger
        """The genesis id; without a genesis, what the first node says."""
        self._http = HttpClient(ANSWER_S, CONNECT_S)
        self._looked_s = 0.0

    @property
    def current(self) -> Peer:
        """The node that is asked next."""
        return self._peers[0]

    @property
    def are_many(self) -> bool:
        """Whether there is another one to go to."""
        return len(self._peers) > 1

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def clock(self) -> tuple[int, int]:
        """The current node's clock minus this machine's monotonic one, and the longest lifetime, in milliseconds."""
        if self.current.clock is None:
            await self.choose()
        assert self.current.clock is not None
        return self.current.clock

    async def exchange(
        self, method: str, path: str, query: HttpQuery, body: bytes | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """The JSON object that a node answers with; raises the error of a problem.

        Where no answer comes, raises IndefiniteError `unreachable`: `was_sent` says whether a node may have got the request.
        """
        may_move = method in SAFE or path == TRANSACTIONS
        if may_move and self.are_many and time.monotonic() - self._looked_s > LOOK_AGAIN_S:
            await self.choose()
        tries = len(self._peers) if may_move else 1
        while True:
            tries -= 1
            peer = self.current
            try:
                return await self._ask(peer, method, path, query, body, headers)
            except IndefiniteError as error:
                if "was_sent" not in error.details:  # the problem of a node that answered
                    raise
                self._leave(peer)
                if not tries or (error.details["was_sent"] and method not in SAFE):  # check: client-sent-once
                    raise
            except BusyError as error:
                if error.status != 503 or not tries:
                    raise
                self._leave(peer)

    async def lines(self, path: str) -> AsyncIterator[bytes]:
        """The lines of an answer of the current node, without their ends; raises IndefiniteError, or the error of a problem."""
        peer = self.current
        for tries in reversed(range(TOKEN_TRIES)):
            headers = await self._headers(peer, "GET", path, NOTHING)
            async with self._http.stream(peer.url + path, headers=headers, tls=peer.tls) as response:
                if response.status < 300:
                    async for line in _lines(response):
                        yield line
                    return
                problem = await anext(_lines(response), b"")  # the rest of a refusal may be without an end
                answer = HttpAnswer(response.status, response.headers, problem)
            try:
                _content(peer, answer)
            except UnauthorizedError as refusal:
                await self._prepare_token(peer, refusal, tries)

    async def look(self, peer: Peer, seconds: float = LOOKS_S[-1]) -> dict[str, Any]:
        """Asks a node who and how far it is, and waits so long; raises InputError `wrong-ledger` or `wrong-node`."""
        headers = await self._headers(peer, "GET", NODE, NOTHING)
        answer = _content(peer, await self._send(peer, "GET", NODE, headers=headers, seconds_max=seconds))
        if any(type(answer.get(name)) is not kind for name, kind in NODE_FIELDS.items()):  # check: client-told
            raise unreachable(peer.url, "it does not say who and how far it is")
        if self.ledger not in (None, answer["ledger"]):  # check: client-ledger
            raise InputError("wrong-ledger", f"{peer.url} keeps ledger {answer['ledger']}, expected {self.ledger}.")
        if peer.member not in ("", answer["member"]):  # check: client-node
            raise InputError("wrong-node", f"{peer.url} is the node of {answer['member']}, expected {peer.member}.")
        self.ledger, peer.member = Digest(answer["ledger"]), answer["member"]
        peer.asks_token = peer.asks_token or answer.get("reads") == "members"
        peer.clock = answer["clock"] - monotonic_ms(), answer["transaction_lifetime_max_ms"]
        return answer

    async def choose(self) -> None:
        """Goes on with the first node, the current one before others, that serves and is not behind.

        Raises IndefiniteError when none answers.
        """
        self._looked_s = time.monotonic()
        for seconds in LOOKS_S:
            looks = (self.look(peer, seconds) for peer in self._peers)
            answers = await asyncio.gather(*looks, return_exceptions=True)
            if not all(isinstance(answer, IndefiniteError) for answer in answers):
                break
        answered = {id(peer): answer for peer, answer in zip(self._peers, answers, strict=True) if isinstance(answer, dict)}
        for answer in answers:
            if isinstance(answer, BaseException) and (not answered or not isinstance(answer, IndefiniteError)):
                raise answer
        heights = sorted(answer["height"] for answer in answered.values())
        usual = heights[len(heights) // 2]  # and not the highest: a node that boasts must not draw the client to itself

        def place(peer: Peer) -> int:
            answer = answered.get(id(peer))
            if answer is None:
                return 2
            return 0 if answer.get("ready") and answer["height"] >= usual - BEHIND_BLOCKS else 1

        self._peers.sort(key=place)

    def _leave(self, peer: Peer) -> None:
        """The next node comes first, this one last; another request may have left it already."""
        if peer is self.current:
            self._peers.append(self._peers.pop(0))

    async def _ask(
        self, peer: Peer, method: str, path: str, query: HttpQuery, body: bytes | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:  # fmt: skip
        given = headers if body is None else {"content-type": "application/json", **headers}
        limit = ANSWER_S + int(query.get("wait", 0))
        for tries in reversed(range(1 if "authorization" in headers else TOKEN_TRIES)):
            sent = await self._headers(peer, method, path, given)
            answer = await self._send(peer, method, path, body, query=query, headers=sent, seconds_max=limit)
            try:
                return _content(peer, answer)
            except UnauthorizedError as refusal:
                await self._prepare_token(peer, refusal, tries)
        raise AssertionError("the last try raises its refusal")

    async def _send(self, peer: Peer, method: str, path: str, body: bytes | None = None, **options: Any) -> HttpAnswer:
        """The answer of a node; one that is too long is none."""
        try:
            return await self._http.ask(method, peer.url + path, body, tls=peer.tls, bytes_max=ANSWER_BYTES_MAX, **options)
        except MalformedError as error:
            raise unreachable(peer.url, error.message) from error

    async def _prepare_token(self, peer: Peer, refusal: UnauthorizedError, tries: int) -> None:
        """Sees to it that the next try has the token that the node asked for, or a fresher one; raises the refusal where none is
        left or the client cannot."""
        if not tries or self._reader is None or refusal.code not in ("token-missing", *RENEW):
            raise refusal
        if refusal.code == "token-missing":
            peer.asks_token = True
        else:
            await asyncio.sleep(1 if refusal.code == "token-before-start" else 0)
            await self.look(peer)

    async def _headers(self, peer: Peer, method: str, path: str, given: Mapping[str, str]) -> dict[str, str]:
        """Those of a request, with a fresh token where that node asks for one."""
        headers = {"accept-language": self._language, **given}
        needs_none = path == NODE or (method, path) == ("POST", TRANSACTIONS) or "authorization" in given
        reader = None if needs_none or not peer.asks_token else self._reader
        if (reader is not None or path.startswith(DOCUMENTS)) and not is_private(peer.url):  # check: client-plain-connection
            raise InputError("plain-connection", f"Tokens and documents go over https, or within one machine; not to {peer.url}.")
        if reader is not None:
            if peer.clock is None:
                await self.look(peer)
            assert peer.clock is not None
            assert self.ledger is not None
            audience, number = audience_of(self.ledger, peer.member), secrets.token_hex(16)
            now_ms = peer.clock[0] + monotonic_ms()
            token = sign_token(reader.key, reader.id, audience=audience, now_ms=now_ms, number=number)
            headers["authorization"] = f"Bearer {token}"
        return headers


def is_private(url: str) -> bool:
    """Whether an address is reached over https, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def monotonic_ms() -> int:
    """This machine's monotonic clock."""
    return time.monotonic_ns() // 1_000_000


def _content(peer: Peer, answer: HttpAnswer) -> dict[str, Any]:
    """The JSON object of an answer; raises the error of a problem, and IndefiniteError `unreachable` for anything else."""
    try:
        content = answer.json()
        if not isinstance(content, dict) or (answer.status >= 300 and not content.keys() >= PROBLEM):  # check: client-answer
            raise ValueError("neither a JSON object nor a problem")
    except (ValueError, RecursionError) as error:
        raise unreachable(peer.url, error) from error
    if answer.status >= 300:
        raise error_of(content, answer.headers.get("retry-after"))
    return content


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for part in response.content.iter_any():  # aiohttp's own lines end at 128 KB, which a block may exceed
        rest += part
        if b"\n" in part:
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield bytes(line)
        if len(rest) > ANSWER_BYTES_MAX:  # check: client-line
            raise unreachable(response.url, f"a line of it has more than {ANSWER_BYTES_MAX} bytes")
    if rest:
        yield bytes(rest)
