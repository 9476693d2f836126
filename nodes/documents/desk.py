"""The desk of one node's documents: takes them in, shows them to the entitled, writes down who saw them, and purges.

Entitled are those whom the contract's read rules let read a record that the document opens. That is asked of the ledger's
durable state each time, so that a new holder gains and a revoked member loses with the block that says so.
A node keeps a document only if some member of its own organization may read it when it comes; a reader gets it if it may
read it now, or has seen it here before. So a new holder gains; an old one keeps what it saw, and gets nothing that comes
later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.chain.view import ChainView
from ledger.contract.records import read_member
from ledger.encoding import encode
from ledger.errors import ConflictError, ForbiddenError, InputError, JsonValue, NotFoundError, RefusedError, TooLargeError
from ledger.identity.records import Member
from ledger.primitives import Digest
from ledger.sealed import Opening, parse_opening, sealed_digest
from nodes.access.levels import Sights, sights_of
from nodes.documents.document_store import Document, DocumentStore, Entry, RecordPlace
from nodes.node.node import Node

PLACES_MAX = 16
"""Of a document, when it passes between nodes."""
KEPT = "kept"
"""Rule of one who may not read the record any more, and keeps the document that it saw."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document in the hands of an entitled reader."""

    opening: Opening
    place: RecordPlace
    rule: str


class Desk:
    """All documents of one node."""

    def __init__(self, node: Node, store: DocumentStore) -> None:
        self.node, self.store = node, store
        self._organization = node.member.partition(".")[0]

    def put(self, member: Member, digest: Digest, place: RecordPlace, opening: JsonValue) -> None:
        """Takes a document from a member. Raises InputError:

        `document-too-large`, `bad-opening`, `wrong-opening`, `no-such-record`, `not-sealed-there`, `not-entitled`,
        `not-kept-here`, `document-purged`, `document-share-full`, `documents-full`.
        """
        self._verify_opening(digest, opening)
        with self.node.snapshot() as view:
            record = self._record(view, place, digest)
            if not record.rule_of(member):  # check: document-put-entitled
                raise _not_entitled(member.member)
            kept_for = self._kept_for(record)
        self._store(member.member, digest, (place,), opening, kept_for)

    def take(self, peer: str, digest: Digest, places: Sequence[RecordPlace], opening: JsonValue) -> None:
        """Takes a document from the node of another organization; the same refusals as `put`, and what it says is checked."""
        self._verify_opening(digest, opening)
        with self.node.snapshot() as view:
            found = {place: record for place in places if (record := self._try_record(view, place, digest)) is not None}
            if not found:  # check: document-take-place
                raise NotFoundError("no-such-record", f"None of the records of {digest} is here, or not yet.")
            kept_for = {name: rule for record in found.values() for name, rule in self._kept_for(record).items()}
        self._store(peer, digest, tuple(found), opening, kept_for)

    def get(self, reader: Member, digest: Digest) -> Shown:
        """What an entitled reader sees; a reader that gets it is to be written down by `read`.

        Raises NotFoundError `no-such-document` or `document-purged`, ForbiddenError `not-entitled`.
        """
        document = self._find(digest)
        place, rule = self._rule_of(reader, document)
        if document.opening is None:
            purged = f"The node of {self.node.member} has purged it; its digest stays."
            raise NotFoundError("document-purged", purged, purged_at=document.purged_at_ms, purged_by=document.purged_by)
        return Shown(parse_opening(document.opening), place, rule)

    def read(self, reader: Member, digest: Digest, fields: Sequence[str], rule: str) -> None:
        """Writes down that the reader gets these fields."""
        self.store.log(Entry("read", reader.member, digest, fields, rule, self.node.now_ms()), [reader.member])

    def give(self, peer: str, digest: Digest) -> Document:
        """The document for the node of another organization, with the places that entitle it, written down.

        Raises NotFoundError `no-such-document`, also where there is one that the organization may not have.
        """
        document = self._find(digest)
        rules = self._entitling(document, peer.partition(".")[0])
        if not rules:  # check: document-give-entitled
            raise _missing(digest)
        rule = next(iter(rules.values()))
        self.store.log(Entry("passed", peer, digest, _field_names(document), rule, self.node.now_ms()))
        return replace(document, places=tuple(rules)[:PLACES_MAX])

    def entitled_organizations(self, digest: Digest, organizations: Sequence[str]) -> list[str]:
        """Which of these may have the document now."""
        document = self._find(digest)
        return [name for name in organizations if self._entitling(document, name)]

    def purge(self, admin: Member, digest: Digest) -> None:
        """Forgets the bytes; raises ForbiddenError `not-the-admin`, NotFoundError `no-such-document` or `document-purged`."""
        if admin.organization != self._organization or "admin" not in admin.roles:  # check: document-purge-admin
            raise ForbiddenError("not-the-admin", f"Documents here are purged by an admin of {self._organization}.")
        document = self.store.find(digest)
        if document is None:  # check: document-purge-known
            raise _missing(digest)
        if document.opening is None:
            raise NotFoundError("document-purged", "It has been purged before.", purged_at=document.purged_at_ms)
        now_ms = self.node.now_ms()
        self.store.log(Entry("purged", admin.member, digest, _field_names(document), "admin", now_ms))
        self.store.purge(digest, admin.member, now_ms)

    def reads(self, auditor: Member, after: int, limit: int) -> "list[JsonValue]":
        """Who got what and when; raises ForbiddenError `not-an-auditor`."""
        if auditor.organization != self._organization or "auditor" not in auditor.roles:  # check: reads-auditor
            raise ForbiddenError("not-an-auditor", f"What was read here is shown to auditors of {self._organization}.")
        return [dict(row) for row in self.store.reads(after, limit)]

    def _verify_opening(self, digest: Digest, opening: JsonValue) -> None:
        size, most = len(encode(opening)), self.node.limits.document_bytes_max
        if size > most:  # check: document-size
            raise TooLargeError("document-too-large", f"A document has at most {most} bytes, got {size}.", bytes_max=most)
        if sealed_digest(parse_opening(opening)) != digest:  # check: document-opening
            raise InputError("wrong-opening", f"The opening does not give the sealed digest {digest}.")

    def _store(
        self, member: str, digest: Digest, places: Sequence[RecordPlace], opening: JsonValue, kept_for: dict[str, str]
    ) -> None:
        if not kept_for:  # check: document-kept-here
            raise ForbiddenError("not-kept-here", f"No member of {self._organization} may read it: this node does not keep it.")
        known, limits = self.store.find(digest), self.node.limits
        if known is not None and known.opening is None:  # check: document-purged-stays
            raise ConflictError("document-purged", "This node has purged it and does not take it again.")
        size = 0 if known else len(encode(opening))
        if self.store.size_of(member) + size > limits.documents_per_member_bytes_max:  # check: document-share
            share = f"{member} has its share of {limits.documents_per_member_bytes_max} bytes here."
            raise TooLargeError("document-share-full", share)
        if self.store.size() + size > limits.documents_bytes_max:  # check: documents-size
            raise TooLargeError("documents-full", f"This node keeps {limits.documents_bytes_max} bytes of documents.")
        now_ms, rule = self.node.now_ms(), next(iter(kept_for.values()))
        self.store.put(digest, opening, places, member, now_ms)
        self.store.log(Entry("stored", member, digest, parse_opening(opening).names, rule, now_ms), kept_for)

    def _find(self, digest: Digest) -> Document:
        document = self.store.find(digest)
        if document is None:
            raise _missing(digest)
        return document

    def _rule_of(self, reader: Member, document: Document) -> tuple[RecordPlace, str]:
        with self.node.snapshot() as view:
            now = read_member(view.state, reader.member) or reader  # revoked, perhaps, while the document was fetched
            for place in document.places:
                record = self._try_record(view, place, document.digest)
                if record is not None and (rule := record.rule_of(now)):
                    return place, rule
        if self.store.has_seen(document.digest, reader.member):
            return document.places[0], KEPT
        raise _not_entitled(reader.member)

    def _entitling(self, document: Document, organization: str) -> dict[RecordPlace, str]:
        """The places whose record some member of the organization may read now, each with such a member's rule."""
        found: dict[RecordPlace, str] = {}
        if document.opening is not None:
            with self.node.snapshot() as view:
                for place in document.places:
                    record = self._try_record(view, place, document.digest)
                    if record is not None and (rules := record.entitled(organization)):
                        found[place] = next(iter(rules.values()))
        return found

    def _kept_for(self, record: Sights) -> dict[str, str]:
        return record.entitled(self._organization)

    def _try_record(self, view: ChainView, place: RecordPlace, digest: Digest) -> Sights | None:
        try:
            return self._record(view, place, digest)
        except (InputError, RefusedError):
            return None  # the record has gone, hides something else now, or its key is none

    def _record(self, view: ChainView, place: RecordPlace, digest: Digest) -> Sights:
        """Who sees the record at a place; raises NotFoundError `no-such-record`, ConflictError `not-sealed-there`."""
        node = self.node
        try:
            sights = sights_of(
                view, node.contracts.contracts, node.reads, node.now_ms(), place.contract, place.collection, place.key
            )
        except NotFoundError as error:
            where = f"{place.contract[:64]}/{place.collection[:64]}/{place.key[:64]}"
            raise NotFoundError("no-such-record", f"The ledger holds no record {where} of an installed contract.") from error
        if digest not in sights.sealed:  # check: document-sealed-there
            raise ConflictError("not-sealed-there", f"No sealed field of that record has the digest {digest}.")
        return sights


def _field_names(document: Document) -> list[str]:
    return [] if document.opening is None else parse_opening(document.opening).names


def _missing(digest: Digest) -> NotFoundError:
    return NotFoundError("no-such-document", f"This node keeps no document {digest}.")


def _not_entitled(member: str) -> ForbiddenError:
    return ForbiddenError("not-entitled", f"No read rule of the contract entitles {member} to it.")
