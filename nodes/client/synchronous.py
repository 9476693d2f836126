"""The same client without `await`, for scripts and notebooks: its connections live in an event loop of their own thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

from ledger.contract.contract import Operation
from ledger.contract.records import Collection
from ledger.contract.sealed import Disclosure, Opening
from ledger.errors import IndefiniteError, JsonValue
from ledger.identity.records import StateModel
from ledger.light_client.verification import VerifiedFact
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.client.asynchronous import FINAL_TIMEOUT_S, AsyncClient
from nodes.client.contracts import RemoteContract
from nodes.client.member import LocalMember
from nodes.client.outcome import Outcome, Page
from nodes.client.peer import Tls, Urls
from nodes.client.peers import Query

R = TypeVar("R", bound=StateModel)
T = TypeVar("T")


class Client:
    """Talks to a node. Every parameter and method is that of `AsyncClient`, which says more."""

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
        self.asynchronous = AsyncClient(
            urls, member=member, reader=reader, genesis=genesis, check_proofs=check_proofs, language=language, tls=tls
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tallystick-client", daemon=True)
        self._thread.start()
        self._is_interrupted = False
        self._waited_for: set[Future[Any]] = set()

    @property
    def url(self) -> str:
        """Base address of the node."""
        return self.asynchronous.url

    @property
    def member(self) -> LocalMember | None:
        """Who signs."""
        return self.asynchronous.member

    def close(self) -> None:
        """Closes the connections and ends the thread."""
        if self._loop.is_closed():
            return
        self.resume()
        self._run(self.asynchronous.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def interrupt(self) -> None:
        """For another thread: what is waited for ends with IndefiniteError `not-final`, and so does all else until `resume`."""
        self._is_interrupted = True
        for future in tuple(self._waited_for):
            future.cancel()

    def resume(self) -> None:
        """Ends an interruption."""
        self._is_interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def get(self, path: str, **query: str | int | bool) -> dict[str, Any]:
        """The JSON answer of a GET."""
        return self._run(self.asynchronous.get(path, **query))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer of any request."""
        return self._run(self.asynchronous.request(method, path, query=query, body=body, headers=headers))

    def call(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """Signs, submits, and waits until final; raises RefusedError when the ledger rejects it."""
        return self._run(self.asynchronous.call(operation, signers=signers, **arguments))

    def attempt(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Outcome:
        """The same, and a rejection is an outcome like any other."""
        return self._run(self.asynchronous.attempt(operation, signers=signers, **arguments))

    def sign(self, operation: Operation, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Transaction:
        """The signed transaction, not sent."""
        return self._run(self.asynchronous.sign(operation, signers=signers, **arguments))

    def sign_named(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember] = ()
    ) -> Transaction:
        """The same for an operation known by name alone."""
        return self._run(self.asynchronous.sign_named(contract, operation, arguments, signers))

    def contract(self, name: str) -> RemoteContract:
        """A contract by name, whose operations are methods: `client.contract("asset").issue(number="A-1", to="…")`."""
        return RemoteContract(self.get(f"/v1/contracts/{quote(name, safe='')}"), self.call_named)

    def call_named(
        self, contract: str, operation: str, arguments: Mapping[str, JsonValue], signers: Sequence[LocalMember] = ()
    ) -> Outcome:
        """`call` for an operation known by name alone."""
        return self._run(self.asynchronous.call_named(contract, operation, arguments, signers))

    def deliver(self, transaction: Transaction, timeout_s: float = FINAL_TIMEOUT_S) -> Outcome:
        """Submits, again if no answer comes, and waits until final."""
        return self._run(self.asynchronous.deliver(transaction, timeout_s))

    def submit(self, transaction: Transaction, wait_s: int = 0) -> dict[str, Any]:
        """The transaction's status after it was taken."""
        return self._run(self.asynchronous.submit(transaction, wait_s))

    def submit_many(self, transactions: Sequence[Transaction], wait_s: int = 0) -> list[dict[str, Any]]:
        """For each in order its status, or `{"problem": …}`."""
        return self._run(self.asynchronous.submit_many(transactions, wait_s))

    def status(self, transaction: str, wait_s: int = 0) -> dict[str, Any]:
        """What the node knows of a transaction."""
        return self._run(self.asynchronous.status(transaction, wait_s))

    def outcome(self, transaction: str, timeout_s: float = FINAL_TIMEOUT_S) -> Outcome:
        """Waits until a transaction is final."""
        return self._run(self.asynchronous.outcome(transaction, timeout_s))

    def read(self, collection: Collection[R], key: str, proof: bool | None = None) -> R | None:
        """The record, None where there is none; with `proof` checked against the genesis."""
        return self._run(self.asynchronous.read(collection, key, proof))

    def page(self, collection: Collection[R], after: str = "", limit: int | None = None, **fields: str | int | bool) -> Page[R]:
        """A page of records by key."""
        return self._run(self.asynchronous.page(collection, after, limit, **fields))

    def records(self, collection: Collection[R], **fields: str | int | bool) -> list[tuple[str, R]]:
        """Every record of a collection with its key."""
        return self._run(self.asynchronous.records(collection, **fields))

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact that a proof shows, from the client's genesis on."""

        async def verify() -> VerifiedFact:
            return self.asynchronous.verify(proof)

        return self._run(verify())

    def export(self) -> Iterator[bytes]:
        """The ledger's lines."""
        lines = self.asynchronous.export()

        async def next_line() -> bytes | None:
            return await anext(lines, None)

        while (line := self._run(next_line())) is not None:
            yield line

    def put_document(self, collection: Collection[Any], key: str, opening: Opening) -> Digest:
        """Gives the node the opening of a sealed field, and returns its address."""
        return self._run(self.asynchronous.put_document(collection, key, opening))

    def document(self, digest: str) -> Opening:
        """The opening of a sealed digest."""
        return self._run(self.asynchronous.document(digest))

    def disclosure(self, digest: str, field: str) -> Disclosure:
        """One field of a sealed digest, to be shown on."""
        return self._run(self.asynchronous.disclosure(digest, field))

    def ledger(self) -> Digest:
        """The genesis id."""
        return self._run(self.asynchronous.ledger())

    def node(self) -> dict[str, Any]:
        """Who the node is and how far it is."""
        return self._run(self.asynchronous.node())

    def synchronize(self) -> None:
        """Looks at the node's clock and ledger."""
        self._run(self.asynchronous.synchronize())

    def set_clock(self, time_ms: int, token: str) -> None:
        """Moves a lab node's clock forward to an instant."""
        self._run(self.asynchronous.set_clock(time_ms, token))

    def set_faults(self, faults: JsonValue, token: str) -> None:
        """Gives a lab node these faults and takes all others away."""
        self._run(self.asynchronous.set_faults(faults, token))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._waited_for.add(future)
        try:
            if self._is_interrupted:
                future.cancel()
            return future.result()
        except CancelledError as error:
            raise IndefiniteError("not-final", "The wait for an answer was broken off.") from error
        finally:
            self._waited_for.discard(future)
            future.cancel()  # what a Ctrl-C left unfinished; nothing happens to what is done
