"""Documents between nodes: requests signed by the sender's node key, only over TLS.

    POST /node/document   {"document": {"digest", "opening", "places"} or null, "digest", "ledger", "receiver", "sender"}

With a document the sender gives it, without one it asks for it. The receiver judges the signature by the ledger, and that
the TLS certificate of the connection is that of the same member; so a recorded request is worth nothing.
What comes is judged like what a member puts. A node pushes a document to every entitled organization when it is put, and
asks the others for one that it does not have.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ledger.codec import Codec, HexDigest, Many
from ledger.errors import ForbiddenError, JsonValue, NotFoundError, TallystickError
from ledger.identity.records import Member
from ledger.keys import PrivateKey, Suite
from ledger.primitives import Digest, Signature
from nodes.documents.desk import PLACES_MAX, Desk, Shown
from nodes.documents.document_store import Document, RecordPlace
from nodes.http_client import HttpClient
from nodes.links.node_tls import NodeTls

TAG = "document"
PATH = "/node/document"
OVERHEAD_BYTES = 10_000
"""Of a request beside its opening."""
REQUEST_TIMEOUT_S = 5
TRIES = 4
"""Of a push: the receiver may be a block behind."""
RETRY_S = 0.25
UNKNOWN_S = 2
"""How long a document that no node gave is not asked for again."""
UNKNOWN_MAX = 1_000
PULLS_MAX = 4
"""At the same time for members of one organization, so that they hold up only themselves."""


@dataclass(frozen=True, slots=True)
class PassedDocument:
    """A document on its way between nodes."""

    digest: HexDigest
    opening: Any
    """JSON, judged by the desk."""
    places: Annotated[Many[tuple[str, str, str]], Field(min_length=1, max_length=PLACES_MAX)]
    """Contract, collection and key of each record that entitles the receiver."""


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What one node asks of another."""

    document: PassedDocument | None
    digest: HexDigest
    ledger: str
    receiver: str
    sender: str


PASSED = Codec(PassedDocument, "bad-document")
REQUEST = Codec(DocumentRequest, "bad-document")


class Exchange:
    """The documents of one node, and its dealings with other nodes over them."""

    def __init__(
        self,
        desk: Desk,
        *,
        key: PrivateKey,
        suite: Suite,
        addresses: Mapping[str, str],
        tls: NodeTls | None,
    ) -> None:
        self.desk = desk
        self.bytes_max = desk.node.limits.document_bytes_max + OVERHEAD_BYTES
        """Of one request, from a member or a node."""
        self._ledger, self._member, self._key, self._suite = desk.node.ledger, desk.node.member, key, suite
        self._urls = {} if tls is None else {name: url for name, url in addresses.items() if name != self._member}
        """Empty without TLS."""
        self._tls = tls
        self._http = HttpClient(REQUEST_TIMEOUT_S)
        self._unknown: dict[Digest, float] = {}
        self._pulls: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PULLS_MAX))

    async def close(self) -> None:
        """Ends connections and closes the store."""
        await self._http.close()
        self.desk.store.close()

    async def put(self, member: Member, digest: Digest, place: RecordPlace, opening: JsonValue) -> dict[str, JsonValue]:
        """Takes a document and passes it to the nodes of every entitled organization; says which have it now."""
        self.desk.put(member, digest, place, opening)
        organizations = list(dict.fromkeys(name.partition(".")[0] for name in self._urls))
        entitled = self.desk.entitled_organizations(digest, organizations)
        nodes = [name for name in self._urls if name.partition(".")[0] in entitled]
        reached = await asyncio.gather(*(self._push(name, digest) for name in nodes))
        passed = [name for name, has_it in zip(nodes, reached, strict=True) if has_it]
        return {"digest": digest, "passed_to": [*passed], "not_reached": [name for name in nodes if name not in passed]}

    async def get(self, reader: Member, digest: Digest) -> Shown:
        """What `Desk.get` shows; a document that is not here is asked for first."""
        if self._urls and self.desk.store.find(digest) is None and time.monotonic() > self._unknown.get(digest, 0):
            async with self._pulls[reader.organization]:
                await self._pull(digest)
        return self.desk.get(reader, digest)

    def answer(self, body: bytes, signature: str, peer: str | None) -> bytes:
        """Answers another node's request; raises InputError or VerificationError."""
        request = REQUEST.decode(body)
        self._verify(request, body, signature, peer)
        if request.document is None:
            return PASSED.encode(_passed(self.desk.give(request.sender, request.digest)))
        self._take(request.sender, request.digest, request.document)
        return b"{}"

    def _verify(self, request: DocumentRequest, body: bytes, signature: str, peer: str | None) -> None:
        sender = request.sender
        # 1. Ledger and receiver.
        if (request.ledger, request.receiver) != (self._ledger, self._member):  # check: document-receiver
            raise ForbiddenError("wrong-receiver", f"This is {self._member} of ledger {self._ledger}.")
        # 2. Over TLS, and the certificate of the connection is the sender's.
        if peer is None:  # check: document-tls
            raise ForbiddenError("tls-required", "Documents pass between nodes only over TLS.")
        if peer != sender:  # check: document-tls-peer
            raise ForbiddenError("wrong-tls-peer", f"The connection is that of {peer or 'nobody'}, not of {sender[:129]}.")
        # 3. The sender runs a node by the ledger, and signed this.
        key = self.desk.node.key_of(sender)
        if key is None:  # check: document-stranger
            raise ForbiddenError("not-a-node", f"{sender[:129]} does not run a node of this ledger.")
        self._suite(key, TAG, body, Signature(signature))

    def _take(self, sender: str, digest: Digest, document: PassedDocument) -> None:
        self.desk.take(sender, digest, [RecordPlace(*place) for place in document.places], document.opening)

    async def _push(self, receiver: str, digest: Digest) -> bool:
        try:
            document = self.desk.give(receiver, digest)
        except NotFoundError:
            return False
        for attempt in range(TRIES):
            await asyncio.sleep(RETRY_S * attempt)
            if not self.desk.entitled_organizations(digest, [receiver.partition(".")[0]]):
                return False  # purged since, or no longer its business
            try:
                await self._ask(receiver, digest, _passed(document))
            except TallystickError:
                continue
            return True
        return False

    async def _pull(self, digest: Digest) -> None:
        """Asks one node after the other until one gives what this node may keep."""
        for name in self._urls:
            if self.desk.store.find(digest) is not None:
                return
            try:
                self._take(name, digest, PASSED.decode(await self._ask(name, digest, None)))
            except TallystickError:
                continue
        if self.desk.store.find(digest) is None:
            while len(self._unknown) >= UNKNOWN_MAX:
                del self._unknown[next(iter(self._unknown))]
            self._unknown[digest] = time.monotonic() + UNKNOWN_S

    async def _ask(self, receiver: str, digest: Digest, document: PassedDocument | None) -> bytes:
        """One request; raises TallystickError where no answer comes, or a refusal."""
        assert self._tls is not None
        body = REQUEST.encode(DocumentRequest(document, digest, self._ledger, receiver, self._member))
        headers = {"x-signature": self._key.sign(TAG, body)}
        url, tls = self._urls[receiver] + PATH, self._tls.to(receiver)
        answer = await self._http.ask("POST", url, body, headers=headers, tls=tls, bytes_max=self.bytes_max)
        if answer.status != 200:
            raise NotFoundError("no-such-document", f"The node of {receiver} answers with status {answer.status}.")
        return answer.body


def _passed(document: Document) -> PassedDocument:
    return PassedDocument(document.digest, document.opening, tuple((p.contract, p.collection, p.key) for p in document.places))
