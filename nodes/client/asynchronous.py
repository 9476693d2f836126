"""A client of one node under asyncio.

What failed for sure and what is not known are different errors: InputError and BusyError say that nothing was taken,
RefusedError that the ledger itself said no, IndefiniteError that no answer came. Sending the same envelope again is
safe, so `call` does that by itself.
"""

import asyncio
import json
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import aiohttp

from ledger.chain.genesis import parse_genesis
from ledger.contract.collection import Collection
from ledger.contract.model import json_of
from ledger.contract.operation import Operation
from ledger.encoding import encode
from ledger.errors import IndefiniteError, InputError, JsonValue, TallystickError
from ledger.identity.records import StateModel
from ledger.light_client import VerifiedFact, trust_genesis, verify_proof
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.client.member import LocalMember
from nodes.client.outcome import Outcome, Page, error_of, parse_outcome, refusal_of
from nodes.client.proofs import verify_state_claim

R = TypeVar("R", bound=StateModel)

REQUEST_TIMEOUT_S = 90
WAIT_S = 30
"""How long one request waits for a transaction to become final."""
FINAL_TIMEOUT_S = 120
"""How long `call` waits in all."""
RETRY_S = 0.2
CLOCK_CODES = ("expired", "lifetime-too-long")
"""Refusals that a look at the node's clock may mend."""


class AsyncClient:
    """Talks to one node; use it as `async with AsyncClient(url) as client`."""

    def __init__(
        self,
        url: str,
        *,
        member: LocalMember | None = None,
        genesis: bytes | None = None,
        language: str = "en",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`member` signs; `genesis` is what proofs are verified against; `language` of sentences is `en` or `zh`.

        `tls` says which node an https address must be: `nodes.tls.reader_context(root certificate, member id)`.
        """
        self.url = url.rstrip("/")
        self.member = member
        self.trusted = None if genesis is None else trust_genesis(parse_genesis(genesis))
        """What proofs are verified against; moves on with each verified validator change."""
        self._ledger = None if self.trusted is None else self.trusted.ledger
        self._language = language
        self._http: aiohttp.ClientSession | None = None
        self._tls = tls
        self._clock: tuple[int, int] | None = None
        """The node's clock minus this machine's monotonic one, and the longest lifetime, in milliseconds."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    # Any path.

    async def get(self, path: str, **query: str | int | bool) -> dict[str, Any]:
        """The JSON answer of a GET; raises the error that a problem tells of, or IndefiniteError `unreachable`."""
        return await self.request("GET", path, query=query)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int | bool] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer of any request."""
        status, answer, retry_after = await self._send(method, path, query or {}, body, headers or {})
        if status >= 400:
            raise error_of(answer, retry_after)
        return answer

    # Writing.

    async def call(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """Signs, submits, and waits until final; raises RefusedError when the ledger rejects it."""
        outcome = await self.attempt(operation, signers=signers, **arguments)
        if not outcome.is_committed:
            raise refusal_of(outcome)
        return outcome

    async def attempt(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """The same, and a rejection is an outcome like any other."""
        try:
            return await self.deliver(await self.sign(operation, signers=signers, **arguments))
        except InputError as error:
            if error.code not in CLOCK_CODES:
                raise
        await self.synchronize()
        return await self.deliver(await self.sign(operation, signers=signers, **arguments))

    async def sign(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Transaction:
        """The signed transaction, not sent. Signers are this client's member unless others are given, in that order."""
        return await self.sign_named(
            operation.contract, operation.name, {name: json_of(value) for name, value in arguments.items()}, signers
        )

    async def sign_named(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember] = ()
    ) -> Transaction:
        """The same for an operation known by name alone."""
        members = tuple(signers) or ((self.member,) if self.member is not None else ())
        if not members:
            raise InputError("no-signer", "Give the client a member, or the call its signers.")
        return sign_transaction(
            ledger=await self.ledger(),
            contract=contract,
            operation=operation,
            arguments=arguments,
            signers=[(member.id, member.key) for member in members],
            nonce=secrets.token_hex(16),
            expires_ms=await self._expires_ms(),
        )

    async def deliver(self, transaction: Transaction, timeout_s: float = FINAL_TIMEOUT_S) -> Outcome:
        """Submits, again if no answer comes, and waits until final; raises IndefiniteError when the time is up."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                status = await self.submit(transaction, wait_s=WAIT_S)
            except IndefiniteError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(RETRY_S)
                continue
            outcome = parse_outcome(status)
            if outcome is not None:
                return outcome
            if time.monotonic() > deadline:
                raise IndefiniteError("not-final", f"{transaction.id} was taken but is not final after {timeout_s} s.")

    async def submit(self, transaction: Transaction, wait_s: int = 0) -> dict[str, Any]:
        """The transaction's status after it was taken; raises InputError or BusyError when it was not."""
        return await self.request("POST", "/v1/transactions", query=_wait(wait_s), body=transaction.raw)

    async def submit_many(self, transactions: Sequence[Transaction], wait_s: int = 0) -> list[dict[str, Any]]:
        """For each in order its status, or `{"problem": …}`; raises when none was taken."""
        body = b"[%s]" % b",".join(transaction.raw for transaction in transactions)
        answer = await self.request("POST", "/v1/transactions", query=_wait(wait_s), body=body)
        results: list[dict[str, Any]] = answer["results"]
        return results

    # Reading.

    async def status(self, transaction: str, wait_s: int = 0) -> dict[str, Any]:
        """What the node knows of a transaction."""
        return await self.get(f"/v1/transactions/{transaction}", **_wait(wait_s))

    async def outcome(self, transaction: str, timeout_s: float = FINAL_TIMEOUT_S) -> Outcome:
        """Waits until a transaction is final; raises IndefiniteError `not-final` when the time is up."""
        deadline = time.monotonic() + timeout_s
        while True:
            rest = max(1, min(WAIT_S, int(deadline - time.monotonic())))
            outcome = parse_outcome(await self.status(transaction, rest))
            if outcome is not None:
                return outcome
            if time.monotonic() > deadline:
                raise IndefiniteError("not-final", f"{transaction} is not final after {timeout_s} s.")

    async def read(self, collection: Collection[R], key: str, proof: bool = False) -> R | None:
        """The record, None where there is none; with `proof` checked against the genesis, its absence too."""
        path = f"/v1/state/{collection.contract}/{collection.name}/{_escape(key)}"
        query = {"proof": True} if proof else {}
        status, answer, retry_after = await self._send("GET", path, query, None, {})
        is_absent = status == 404 and answer["code"] == "not-found"
        if status >= 400 and not is_absent:
            raise error_of(answer, retry_after)
        value = None if is_absent else answer["value"]
        if proof:
            place = {"contract": collection.contract, "collection": collection.name, "key": key}
            verify_state_claim(self.verify(answer.get("proof")), place, value)
        return None if value is None else collection.record.model_validate_json(json.dumps(value))

    async def page(
        self, collection: Collection[R], after: str = "", limit: int | None = None, **fields: str | int | bool
    ) -> Page[R]:
        """A page of records by key; `fields` keep those that have these values."""
        query = {"after": after, **fields, **({} if limit is None else {"limit": limit})}
        answer = await self.get(f"/v1/state/{collection.contract}/{collection.name}", **query)
        parse = collection.record.model_validate_json
        return Page(tuple((row["key"], parse(json.dumps(row["value"]))) for row in answer["items"]), answer["next"])

    async def records(self, collection: Collection[R], **fields: str | int | bool) -> list[tuple[str, R]]:
        """Every record of a collection with its key, page by page."""
        rows: list[tuple[str, R]] = []
        after: str | None = ""
        while after is not None:
            page = await self.page(collection, after, None, **fields)
            rows += page.rows
            after = page.next
        return rows

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact that a proof shows, from the client's genesis on; raises VerificationError or MalformedError."""
        if self.trusted is None:
            raise InputError("no-genesis", "Give the client the genesis: a proof is worth what it is verified against.")
        fact = verify_proof(proof, self.trusted)
        self.trusted = fact.trusted
        return fact

    async def export(self) -> AsyncIterator[bytes]:
        """The ledger's lines."""
        try:
            async with self._session().get(self.url + "/v1/export") as response:
                if response.status >= 400:
                    raise error_of(await response.json(content_type=None))
                async for line in response.content:
                    yield line.rstrip(b"\n")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error

    # The node.

    async def ledger(self) -> Digest:
        """The genesis id: that of the client's genesis, else the node's word for it."""
        if self._ledger is None:
            await self.synchronize()
        assert self._ledger is not None
        return self._ledger

    async def node(self) -> dict[str, Any]:
        """Who the node is and how far it is."""
        return await self.get("/v1/node")

    async def synchronize(self) -> None:
        """Looks at the node's clock and ledger; raises InputError `wrong-ledger` if it keeps another one than the genesis."""
        node = await self.node()
        if self._ledger is not None and node["ledger"] != self._ledger:  # check: client-ledger
            raise InputError("wrong-ledger", f"{self.url} keeps ledger {node['ledger']}, expected {self._ledger}.")
        self._ledger = Digest(node["ledger"])
        self._clock = node["clock"] - _monotonic_ms(), node["transaction_lifetime_max_ms"]

    async def set_clock(self, time_ms: int, token: str) -> None:
        """Moves a lab node's clock forward to an instant."""
        headers = {"authorization": f"Bearer {token}"}
        await self.request("POST", "/v1/lab/clock", body=encode({"time": time_ms}), headers=headers)
        self._clock = None

    async def set_faults(self, faults: JsonValue, token: str) -> None:
        """Gives a lab node these faults, `[{"peer", "direction", "drop_permille", "delay_ms"}, …]`, and takes all others away."""
        headers = {"authorization": f"Bearer {token}"}
        await self.request("POST", "/v1/lab/faults", body=encode({"faults": faults}), headers=headers)

    async def _expires_ms(self) -> int:
        """Half of the longest lifetime ahead of the node's clock: both may drift a little."""
        if self._clock is None:
            await self.synchronize()
        assert self._clock is not None
        offset_ms, lifetime_ms = self._clock
        return offset_ms + _monotonic_ms() + lifetime_ms // 2

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int | bool],
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> tuple[int, dict[str, Any], str | None]:
        """Status, JSON and Retry-After of the answer; raises IndefiniteError `unreachable`."""
        texts = {name: _query_text(value) for name, value in query.items()}
        sent = {"accept-language": self._language, **headers}
        if body is not None:
            sent["content-type"] = "application/json"
        try:
            url = self.url + path
            async with self._session().request(method, url, params=texts, data=body, headers=sent) as response:
                answer = json.loads(await response.read())
                return response.status, answer, response.headers.get("retry-after")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise self._unreachable(error) from error

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
            self._http = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0, ssl=self._tls or True))
        return self._http

    def _unreachable(self, error: Exception) -> TallystickError:
        reason = "no connection can be made" if isinstance(error, aiohttp.ClientConnectorError) else error or type(error).__name__
        return IndefiniteError("unreachable", f"{self.url} gave no answer: {reason}.")


def _wait(seconds: int) -> dict[str, int]:
    return {"wait": seconds} if seconds else {}


def _query_text(value: str | int | bool) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _escape(key: str) -> str:
    return quote(key, safe="")
