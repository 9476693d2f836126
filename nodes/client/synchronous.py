"""The same client without `await`, for scripts and notebooks: its connections live in an event loop of their own thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, Self, TypeVar
from urllib.parse import quote

from ledger.errors import IndefiniteError, JsonValue
from ledger.verify.trust import VerifiedFact
from nodes.client.asynchronous import AsyncClient
from nodes.client.contracts import RemoteContract
from nodes.client.peers import Tls, Urls
from nodes.key_files import LocalMember

P = ParamSpec("P")
T = TypeVar("T")


def _waiting(method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]) -> Callable[Concatenate["Client", P], T]:
    """The method of `AsyncClient`, with its parameters and description, that returns when it is done."""

    def wait(client: "Client", /, *arguments: P.args, **named: P.kwargs) -> T:
        return client.wait(method(client.asynchronous, *arguments, **named))

    update_wrapper(wait, method)
    return wait


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
        self._is_closed = False
        self._taking, self._closing = threading.Lock(), threading.Lock()
        """Held while work is handed to the loop, and while the loop ends."""

    get = _waiting(AsyncClient.get)
    request = _waiting(AsyncClient.request)
    call = _waiting(AsyncClient.call)
    call_named = _waiting(AsyncClient.call_named)
    attempt = _waiting(AsyncClient.attempt)
    sign = _waiting(AsyncClient.sign)
    sign_named = _waiting(AsyncClient.sign_named)
    deliver = _waiting(AsyncClient.deliver)
    submit = _waiting(AsyncClient.submit)
    submit_many = _waiting(AsyncClient.submit_many)
    status = _waiting(AsyncClient.status)
    outcome = _waiting(AsyncClient.outcome)
    read = _waiting(AsyncClient.read)
    page = _waiting(AsyncClient.page)
    records = _waiting(AsyncClient.records)
    count = _waiting(AsyncClient.count)
    put_document = _waiting(AsyncClient.put_document)
    document = _waiting(AsyncClient.document)
    disclosure = _waiting(AsyncClient.disclosure)
    ledger = _waiting(AsyncClient.ledger)
    node = _waiting(AsyncClient.node)
    synchronize = _waiting(AsyncClient.synchronize)
    set_clock = _waiting(AsyncClient.set_clock)
    set_faults = _waiting(AsyncClient.set_faults)

    def contract(self, name: str) -> RemoteContract:
        """A contract by name, whose operations are methods: `client.contract("asset").issue(number="A-1", to="…")`."""
        return RemoteContract(self.get(f"/v1/contracts/{quote(name, safe='')}"), self.call_named)

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact that a proof shows, from the client's genesis on."""

        async def verify() -> VerifiedFact:
            return self.asynchronous.verify(proof)

        return self.wait(verify())

    def export(self, after: int | None = None, wait_s: int = 0) -> Iterator[bytes]:
        """The ledger's lines; with `after` those of the blocks above that height, for the first of which it waits so long."""
        lines = self.asynchronous.export(after, wait_s)

        async def next_line() -> bytes | None:
            return await anext(lines, None)

        while (line := self.wait(next_line())) is not None:
            yield line

    @property
    def url(self) -> str:
        """Base address of the node."""
        return self.asynchronous.url

    @property
    def member(self) -> LocalMember | None:
        """Who signs."""
        return self.asynchronous.member

    def close(self) -> None:
        """Closes the connections and ends the thread; what another thread waits for is broken off."""
        with self._taking:
            self._is_closed = True
        with self._closing:
            if self._loop.is_closed():
                return
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
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

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work in this client's event loop; raises IndefiniteError `not-final` when it is closed."""
        with self._taking:
            if self._is_closed:
                work.close()
                raise IndefiniteError("not-final", "The client is closed.")
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

    async def _end(self) -> None:
        """What a Ctrl-C left unfinished comes to its own end first: it may have to put away what it holds."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            if not task.cancelling():  # a second time would break off how it ends
                task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self.asynchronous.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
