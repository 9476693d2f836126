"""Where a client's requests go: to one of the nodes that it knows, with a token where that node asks for one.

A node that gives no answer, does not serve (503) or is behind the others is left for the next. A request moves on by itself
only while that is safe: a read, or a transaction that surely did not reach the first node. Whatever else happens to a
transaction is told as IndefiniteError, and sending the same envelope again, to any node, is the caller's choice.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeAlias

import aiohttp

from ledger.errors import IndefiniteError, InputError
from ledger.primitives import Digest
from nodes.access.tokens import audience_of, sign_token
from nodes.client.member import LocalMember
from nodes.client.outcome import error_of
from nodes.client.peer import TOLD, Peer, Tls, Urls, is_private, peers_of, read_answer, unreachable

Query: TypeAlias = Mapping[str, str | int | bool]
Reply: TypeAlias = tuple[int, dict[str, Any], str | None]
"""Status, JSON and Retry-After of an answer."""

CONNECT_S, ANSWER_S, LOOK_S = 5, 30, 2
"""Seconds that a connection, an answer beyond its own `wait`, and a look at a node take at most."""
LOOK_AGAIN_S = 10
"""A client of several nodes looks this often which of them are up to date."""
BEHIND_BLOCKS = 3
"""A node so many blocks behind the middle one of all, of two the higher one, is left."""
RENEW = ("token-expired", "token-not-yet-valid", "token-before-start")
"""Refusals of a token that another look at the node's clock mends."""
TOKEN_TRIES = 4
SAFE, TRANSACTIONS, NODE, DOCUMENTS = ("GET", "HEAD"), "/v1/transactions", "/v1/node", "/v1/documents/"


class Peers:
    """The nodes of one ledger."""

    def __init__(self, urls: Urls, tls: Tls, reader: LocalMember | None, language: str, ledger: Digest | None) -> None:
        self._peers = peers_of(urls, tls)
        self._reader = reader
        self._language = language
        self.ledger = ledger
        """The genesis id; without a genesis, what the first node says."""
        self.began_ms = 0
        """Time of the genesis, where the client has it."""
        self._http: aiohttp.ClientSession | None = None
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
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer; raises the error that a problem tells of, or IndefiniteError."""
        status, answer, retry_after = await self.exchange(method, path, query or {}, body, headers or {})
        if status >= 400:
            raise error_of(answer, retry_after)
        return answer

    async def clock(self) -> tuple[int, int]:
        """The current node's clock minus this machine's monotonic one, and the longest lifetime, in milliseconds."""
        if self.current.clock is None:
            await self.choose()
        assert self.current.clock is not None
        return self.current.clock

    async def exchange(self, method: str, path: str, query: Query, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """The answer to a request; raises IndefiniteError `unreachable`, whose `was_sent` says whether a node may have got it."""
        may_move = method in SAFE or path == TRANSACTIONS
        if may_move and self.are_many and time.monotonic() - self._looked_s > LOOK_AGAIN_S:
            await self.choose()
        tries = len(self._peers) if may_move else 1
        while True:
            tries -= 1
            peer = self.current
            try:
                reply = await self._ask(peer, method, path, query, body, headers)
            except IndefiniteError as error:
                self._leave(peer)
                if not tries or (error.details["was_sent"] and method not in SAFE):  # check: client-sent-once
                    raise
            else:
                if reply[0] != 503 or not tries:
                    return reply
                self._leave(peer)

    async def open(self, path: str) -> aiohttp.ClientResponse:
        """An answer of the current node that is still to be read; raises IndefiniteError, or the error of a problem."""
        peer = self.current
        for _ in range(TOKEN_TRIES):
            response = await self._request(peer, "GET", path, {}, None, {}, aiohttp.ClientTimeout(sock_read=ANSWER_S))
            if response.status < 300:
                return response
            async with response:
                answer = await read_answer(peer, response)
            if not await self._may_try_again(peer, response.status, answer):
                break
        raise error_of(answer)

    async def lines(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """Its lines, without their ends; raises IndefiniteError where it breaks off."""
        try:
            rest = b""
            async for part in response.content.iter_any():  # aiohttp's own lines end at 128 KB, which a block may exceed
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    yield line
            if rest:
                yield rest
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(str(response.url), error) from error

    async def look(self, peer: Peer) -> dict[str, Any]:
        """Asks a node who and how far it is; raises InputError `wrong-ledger` or `wrong-node`."""
        limit = aiohttp.ClientTimeout(LOOK_S)
        async with await self._request(peer, "GET", NODE, {}, None, {}, limit) as response:
            told = await read_answer(peer, response)
        if response.status >= 400:
            raise error_of(told)
        if any(type(told.get(name)) is not kind for name, kind in TOLD.items()):  # check: client-told
            raise unreachable(peer.url, ValueError("it does not say who and how far it is"))
        if self.ledger not in (None, told["ledger"]):  # check: client-ledger
            raise InputError("wrong-ledger", f"{peer.url} keeps ledger {told['ledger']}, expected {self.ledger}.")
        if peer.member not in ("", told["member"]):  # check: client-node
            raise InputError("wrong-node", f"{peer.url} is the node of {told['member']}, expected {peer.member}.")
        self.ledger, peer.member = Digest(told["ledger"]), told["member"]
        peer.asks_token = peer.asks_token or told.get("reads") == "members"
        peer.clock = told["clock"] - monotonic_ms(), told["transaction_lifetime_max_ms"]
        return told

    async def choose(self) -> None:
        """Goes on with the first node, the current one before others, that serves and is not behind.

        Raises IndefiniteError when none answers.
        """
        self._looked_s = time.monotonic()
        found = await asyncio.gather(*map(self.look, self._peers), return_exceptions=True)
        told = {id(peer): answer for peer, answer in zip(self._peers, found, strict=True) if isinstance(answer, dict)}
        for answer in found:
            if isinstance(answer, BaseException) and (not told or not isinstance(answer, IndefiniteError)):
                raise answer
        heights = sorted(answer["height"] for answer in told.values())
        usual = heights[len(heights) // 2]  # and not the highest: a node that boasts must not draw the client to itself

        def place(peer: Peer) -> int:
            answer = told.get(id(peer))
            if answer is None:
                return 2
            return 0 if answer.get("ready") and answer["height"] >= usual - BEHIND_BLOCKS else 1

        self._peers.sort(key=place)

    def _leave(self, peer: Peer) -> None:
        """The next node comes first, this one last; another request may have left it already."""
        if peer is self.current:
            self._peers.append(self._peers.pop(0))

    async def _ask(
        self, peer: Peer, method: str, path: str, query: Query, body: bytes | None, headers: Mapping[str, str]
    ) -> Reply:  # fmt: skip
        limit = aiohttp.ClientTimeout(ANSWER_S + int(query.get("wait", 0)), sock_connect=CONNECT_S)
        for _ in range(TOKEN_TRIES):
            response = await self._request(peer, method, path, query, body, headers, limit)
            async with response:
                answer = await read_answer(peer, response)
            if "authorization" in headers or not await self._may_try_again(peer, response.status, answer):
                break
        return response.status, answer, response.headers.get("retry-after")

    async def _may_try_again(self, peer: Peer, status: int, answer: Mapping[str, Any]) -> bool:
        """Whether the node asked for a token that the client can make, or for a fresher one."""
        if status != 401 or self._reader is None:
            return False
        if answer["code"] == "token-missing":
            peer.asks_token = True
        elif answer["code"] in RENEW:
            await asyncio.sleep(1 if answer["code"] == "token-before-start" else 0)
            await self.look(peer)
        else:
            return False
        return True

    async def _request(
        self,
        peer: Peer,
        method: str,
        path: str,
        query: Query,
        body: bytes | None,
        headers: Mapping[str, str],
        limit: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        """Sends a request, with a fresh token where that node asks for one."""
        sent = {"accept-language": self._language, **headers}
        if body is not None:
            sent["content-type"] = "application/json"
        needs_none = path == NODE or (method, path) == ("POST", TRANSACTIONS) or "authorization" in headers
        has_token = peer.asks_token and self._reader is not None and not needs_none
        if (has_token or path.startswith(DOCUMENTS)) and not is_private(peer.url):  # check: client-plain-connection
            raise InputError("plain-connection", f"Tokens and documents go over https, or within one machine; not to {peer.url}.")
        if has_token and self._reader is not None:
            sent["authorization"] = f"Bearer {await self._token(peer, self._reader)}"
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        try:
            return await self._http.request(
                method,
                peer.url + path,
                params=texts,
                data=body,
                headers=sent,
                timeout=limit,
                ssl=peer.tls or True,
                allow_redirects=False,  # what is meant for this node goes nowhere else
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(peer.url, error) from error

    async def _token(self, peer: Peer, reader: LocalMember) -> str:
        if peer.clock is None:
            await self.look(peer)
        assert peer.clock is not None
        assert self.ledger is not None
        now_ms = peer.clock[0] + monotonic_ms()
        audience = audience_of(self.ledger, peer.member)
        return sign_token(reader.key, reader.id, audience=audience, now_ms=now_ms, number=secrets.token_hex(16))


def monotonic_ms() -> int:
    """This machine's monotonic clock."""
    return time.monotonic_ns() // 1_000_000
