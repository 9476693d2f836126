"""A client of the nodes of one ledger, under asyncio.

What failed for sure and what is not known are different errors. Surely not done: InputError and BusyError (nothing was
taken) and RefusedError (the ledger itself said no). Not known: IndefiniteError. Sending the same envelope again is safe,
to another node too, so `call` does that by itself until its time is up; what it signs again is surely undone.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar
from urllib.parse import quote

from ledger.contract.contract import Operation
from ledger.contract.records import Collection, json_of
from ledger.disclosure import Disclosure, parse_disclosure, verify_disclosure
from ledger.encoding import encode
from ledger.errors import BusyError, IndefiniteError, InputError, JsonValue, NotFoundError, TallystickError
from ledger.genesis import parse_genesis
from ledger.identity.records import StateModel
from ledger.primitives import Digest
from ledger.sealed import Opening, Sealed, parse_opening, sealed_digest, verify_opening
from ledger.transaction import Transaction, sign_transaction
from ledger.verify.trust import VerifiedFact
from nodes.client.contracts import RemoteContract
from nodes.client.outcome import Outcome, Page, RowCount, is_surely_not_done, parse_outcome, refusal_of
from nodes.client.peers import TRANSACTIONS, Peers, Tls, Urls, monotonic_ms
from nodes.client.proofs import Trust, verify_rows_answer, verify_state_answer, verify_transaction_answer
from nodes.http_client import HttpQuery
from nodes.key_files import LocalMember

R = TypeVar("R", bound=StateModel)

FINAL_TIMEOUT_S = 120
"""How long `call` waits in all."""
WAIT_S, WAIT_OF_MANY_S = 30, 5
"""How long one request waits for a transaction to become final; less where there are more nodes to go to."""
RETRY_S = 0.2
CLOCK_CODES = ("expired", "lifetime-too-long")
"""Refusals that a look at the node's clock may mend."""


class AsyncClient:
    """Talks to a node; use it as `async with AsyncClient(url) as client`."""

    def __init__(
        self,
        urls: Urls,
        *,
        member: LocalMember | None = None,
        reader: LocalMember | None = None,
        genesis: bytes | None = None,
        check_proofs: bool = False,
        language: str = "en",
        tls: Tls = None,
    ) -> None:
        """`urls` is an address, or several: one whose node does not answer, does not serve or falls behind is left for the next.

        `member` signs, and proves itself where a node answers only to members, unless `reader` does that.
        `genesis` is what proofs are verified against; with `check_proofs` every record that `read` gives and every outcome
        of a call is proved. `language` of sentences is `en` or `zh`. `tls`: see `nodes/client/peers.py`.
        """
        self.member = member
        began = None if genesis is None else parse_genesis(genesis)
        self._trust = None if began is None else Trust(began)
        self.check_proofs = check_proofs and self.trust.height >= 0
        self._peers = Peers(urls, tls, reader or member, language, None if began is None else began.ledger)
        self._began_ms = 0 if began is None else began.time_ms

    @property
    def trust(self) -> Trust:
        """What proofs are verified against: the genesis and the validator changes since; raises InputError `no-genesis`."""
        if self._trust is None:
            raise InputError("no-genesis", "Give the client the genesis: a proof is worth what it is verified against.")
        return self._trust

    @property
    def url(self) -> str:
        """Address of the node that is asked next."""
        return self._peers.current.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._peers.close()

    # Any path.

    async def get(self, /, path: str, **query: str | int | bool) -> dict[str, Any]:
        """The JSON answer of a GET; raises the error of a problem, or IndefiniteError `unreachable`."""
        return await self.request("GET", path, query=query)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: HttpQuery | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer of any request."""
        return await self._peers.exchange(method, path, query or {}, body, headers or {})

    # Writing.

    async def call(self, /, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """Signs, submits, and waits until final; raises RefusedError when the ledger rejects it."""
        return await self.call_named(operation.contract, operation.name, _json(arguments), signers)

    async def attempt(self, /, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """The same, and a rejection is an outcome like any other."""
        return await self._deliver_fresh(operation.contract, operation.name, _json(arguments), signers)

    async def sign(self, /, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Transaction:
        """The signed transaction, not sent. Signers are this client's member unless others are given, in that order."""
        return await self.sign_named(operation.contract, operation.name, _json(arguments), signers)

    async def sign_named(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember] = ()
    ) -> Transaction:
        """The same for an operation known only by name. Nothing is checked: `contract` does that."""
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

    async def contract(self, name: str) -> RemoteContract:
        """A contract by name, whose operations are methods: `(await client.contract("asset")).issue(number="A-1", to="…")`."""
        return RemoteContract(await self.get(f"/v1/contracts/{_escape(name)}"), self.call_named)

    async def call_named(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember] = ()
    ) -> Outcome:
        """`call` for an operation known only by name."""
        outcome = await self._deliver_fresh(contract, operation, arguments, signers)
        if not outcome.is_committed:
            raise refusal_of(outcome)
        return outcome

    async def _deliver_fresh(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember]
    ) -> Outcome:
        """Signs and delivers; once more where the node says that the client's view of time was old.

        Not so a client that checks proofs: a node that lies there would have it done twice.
        """
        try:
            return await self.deliver(await self.sign_named(contract, operation, arguments, signers))
        except InputError as error:
            if error.code not in CLOCK_CODES:
                raise
            await self.synchronize()
            if self.check_proofs:  # check: client-signs-anew
                raise
        return await self.deliver(await self.sign_named(contract, operation, arguments, signers))

    async def deliver(self, transaction: Transaction, timeout_s: float = FINAL_TIMEOUT_S) -> Outcome:
        """Submits until it is final, always this same envelope, to whichever node serves.

        Raises InputError or BusyError when it was surely not taken, InputError `surely-not-done` when it may have been but can
        never happen any more, and IndefiniteError when the time is up and nothing is known. A refusal is proof of nothing once
        an earlier request may have arrived: then only the transaction's status can tell.
        """
        deadline = time.monotonic() + timeout_s
        may_be_taken = False
        while True:
            outcome, pause_s = None, 0.0
            problem: TallystickError = IndefiniteError("not-final", f"{transaction.id} is not final after {timeout_s} s.")
            try:
                status = await self.submit(transaction, WAIT_OF_MANY_S if self._peers.are_many else WAIT_S)
                outcome, may_be_taken = _outcome(status, transaction), True
            except IndefiniteError as error:
                may_be_taken = may_be_taken or error.details.get("was_sent", True) is True
                problem, pause_s = error, RETRY_S
            except BusyError as error:
                problem, pause_s = problem if may_be_taken else error, error.retry_after_s
            except InputError:
                if not may_be_taken:  # check: client-definite
                    raise
                outcome, pause_s = await self._taken_before(transaction), RETRY_S
            if outcome is not None:
                return await self._proved(transaction) if self.check_proofs else outcome
            if time.monotonic() + pause_s > deadline:
                raise problem
            await asyncio.sleep(pause_s)
            if self._peers.are_many and may_be_taken:
                with suppress(TallystickError):  # what the nodes say of themselves says nothing of the transaction
                    await self._peers.choose()

    async def _taken_before(self, transaction: Transaction) -> Outcome | None:
        """What became of an envelope that a node refuses now; None while that cannot be said, or not read."""
        try:
            status = await self.status(transaction.id)
            _, lifetime_ms = await self._peers.clock()
        except TallystickError:
            return None
        if is_surely_not_done(status, transaction.expires_ms, lifetime_ms, self._began_ms):  # check: client-surely-not-done
            raise InputError("surely-not-done", f"{transaction.id} has expired and stands in no block: it never happens.")
        return _outcome(status, transaction)

    async def _proved(self, transaction: Transaction) -> Outcome:
        """The same outcome after its proofs have held; raises VerificationError, or IndefiniteError where there is no proof."""
        try:
            answer = await self.get(f"{TRANSACTIONS}/{transaction.id}", **self._with_proof())
            verify_transaction_answer(self.trust, answer, transaction.id)
        except (InputError, BusyError) as error:
            raise IndefiniteError(error.code, f"The outcome of {transaction.id} is not proved: {error.message}") from error
        proved = parse_outcome(answer)
        assert proved is not None
        return proved

    async def submit(self, transaction: Transaction, wait_s: int = 0) -> dict[str, Any]:
        """The transaction's status after it was taken; raises InputError or BusyError when this request did not bring it in."""
        return await self.request("POST", TRANSACTIONS, query=_wait(wait_s), body=transaction.raw)

    async def submit_many(self, transactions: Sequence[Transaction], wait_s: int = 0) -> list[dict[str, Any]]:
        """For each in order its status, or `{"problem": …}`; raises when none was taken."""
        body = b"[%s]" % b",".join(transaction.raw for transaction in transactions)
        answer = await self.request("POST", TRANSACTIONS, query=_wait(wait_s), body=body)
        results: list[dict[str, Any]] = answer["results"]
        return results

    # Reading.

    async def status(self, transaction: str, wait_s: int = 0) -> dict[str, Any]:
        """What the node knows of a transaction."""
        return await self.get(f"{TRANSACTIONS}/{transaction}", **_wait(wait_s))

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

    async def read(self, collection: Collection[R], key: str, proof: bool | None = None) -> R | None:
        """The record, None where there is none; with `proof` checked against the genesis, its absence too."""
        path = f"/v1/state/{collection.contract}/{collection.name}/{_escape(key)}"
        is_proved = self.check_proofs if proof is None else proof
        try:
            answer = await self.get(path, **(self._with_proof() if is_proved else {}))
        except NotFoundError as absence:
            if absence.code != "not-found":
                raise
            answer = absence.details
        if is_proved:
            verify_state_answer(self.trust, answer, collection.contract, collection.name, key)
        value = answer.get("value")
        return None if value is None else collection.record.model_validate_json(json.dumps(value))

    async def page(
        self, /, collection: Collection[R], after: str = "", limit: int | None = None, **fields: str | int | bool
    ) -> Page[R]:
        """A page of records by key; `fields` keep those that have these values. That none is left out is not proved."""
        query = {"after": after, **fields, **({} if limit is None else {"limit": limit})}
        query |= self._with_proof() if self.check_proofs else {}
        answer = await self.get(f"/v1/state/{collection.contract}/{collection.name}", **query)
        if self.check_proofs:
            verify_rows_answer(self.trust, answer, collection.contract, collection.name, fields)
        parse = collection.record.model_validate_json
        return Page(tuple((row["key"], parse(json.dumps(row["value"]))) for row in answer["items"]), answer["next"])

    async def records(self, /, collection: Collection[R], **fields: str | int | bool) -> list[tuple[str, R]]:
        """Every record of a collection with its key, page by page."""
        rows: list[tuple[str, R]] = []
        after: str | None = ""
        while after is not None:
            page = await self.page(collection, after, None, **fields)
            rows += page.rows
            after = page.next
        return rows

    async def count(self, /, what: Collection[Any] | str, by: str = "", **conditions: str | int | bool) -> RowCount:
        """How many records of a collection, or of `transactions`, `events` or `state/CONTRACT/COLLECTION`, and by a field."""
        path = what if isinstance(what, str) else f"state/{what.contract}/{what.name}"
        query = {**conditions, **({"by": by} if by else {})}
        count, groups = 0, list[dict[str, Any]]()
        while True:
            answer = await self.get(f"/v1/counts/{path}", **query)
            count += answer["count"]
            groups += answer.get("groups", ())
            if answer["next"] is None:
                return RowCount(count, answer["height"], _added(groups))
            query["after"] = answer["next"]

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact that a proof shows, from the client's genesis on; raises VerificationError or MalformedError."""
        return self.trust.verify(proof)

    def _with_proof(self) -> dict[str, str | int | bool]:
        return {"proof": True, "trust_from": self.trust.height}

    async def export(self, after: int | None = None, wait_s: int = 0) -> AsyncIterator[bytes]:
        """The ledger's lines; with `after` those of the blocks above that height, for the first of which it waits so long."""
        async for line in self._peers.lines("/v1/export" if after is None else f"/v1/export?after={after}&wait={wait_s}"):
            yield line

    # Private documents.

    async def put_document(self, collection: Collection[Any], key: str, opening: Opening) -> Digest:
        """Gives the node the opening of a sealed field of that record, and returns its address, the sealed digest."""
        place: dict[str, JsonValue] = {"contract": collection.contract, "collection": collection.name, "key": key}
        digest = sealed_digest(opening)
        await self.request("PUT", f"/v1/documents/{digest}", body=encode({**place, "opening": opening.to_json()}))
        return digest

    async def document(self, digest: str) -> Opening:
        """The opening of a sealed digest; raises VerificationError where it does not fit it."""
        opening = parse_opening((await self.get(f"/v1/documents/{digest}"))["opening"])
        verify_opening(Sealed(digest), opening)
        return opening

    async def disclosure(self, digest: str, field: str) -> Disclosure:
        """One field of a sealed digest, to be shown on; raises VerificationError where it does not fit it."""
        disclosure = parse_disclosure((await self.get(f"/v1/documents/{digest}", field=field))["disclosure"])
        verify_disclosure(Sealed(digest), disclosure)
        return disclosure

    # The node.

    async def ledger(self) -> Digest:
        """The genesis id: that of the client's genesis, else the node's word for it."""
        if self._peers.ledger is None:
            await self.synchronize()
        assert self._peers.ledger is not None
        return self._peers.ledger

    async def node(self) -> dict[str, Any]:
        """Who the node is and how far it is."""
        return await self.get("/v1/node")

    async def synchronize(self) -> None:
        """Looks at clock, height and ledger of the nodes; raises InputError `wrong-ledger` or `wrong-node`."""
        await self._peers.choose()

    async def set_clock(self, time_ms: int, token: str) -> None:
        """Moves a lab node's clock forward to an instant."""
        headers = {"authorization": f"Bearer {token}"}
        await self.request("POST", "/v1/lab/clock", body=encode({"time": time_ms}), headers=headers)
        self._peers.current.clock = None

    async def set_faults(self, faults: JsonValue, token: str) -> None:
        """Gives a lab node these faults, `[{"peer", "direction", "drop_permille", "delay_ms"}, …]`, and takes all others away."""
        headers = {"authorization": f"Bearer {token}"}
        await self.request("POST", "/v1/lab/faults", body=encode({"faults": faults}), headers=headers)

    async def _expires_ms(self) -> int:
        """Half of the longest lifetime ahead of the node's clock: both may drift a little."""
        offset_ms, lifetime_ms = await self._peers.clock()
        return offset_ms + monotonic_ms() + lifetime_ms // 2


def _outcome(status: Mapping[str, Any], transaction: Transaction) -> Outcome | None:
    """The outcome in a status, if it is this transaction's."""
    outcome = parse_outcome(status)
    return outcome if outcome is not None and outcome.transaction == transaction.id else None


def _added(groups: Sequence[Mapping[str, Any]]) -> dict[str | int | bool | None, int]:
    """The groups of all answers as of one, in the order of each."""
    found: dict[str | int | bool | None, int] = {}
    for group in groups:
        found[group["value"]] = found.get(group["value"], 0) + group["count"]
    kinds = (type(None), bool, int, str)
    return dict(sorted(found.items(), key=lambda item: (kinds.index(type(item[0])), item[0])))


def _wait(seconds: int) -> dict[str, int]:
    return {"wait": seconds} if seconds else {}


def _json(arguments: Mapping[str, object]) -> dict[str, JsonValue]:
    return {name: json_of(value) for name, value in arguments.items()}


def _escape(key: str) -> str:
    return quote(key, safe="")
