"""`/v1/documents`: private documents, for those whom a contract's read rules entitle; `/v1/reads`: who read them.

A document is the opening of a sealed field, its address the sealed digest on the ledger. Each call needs a token.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ledger.codec import StrictModel
from ledger.disclosure import disclose
from ledger.errors import JsonValue
from nodes.app.dependencies import (
    JSON_CODES,
    STRICT,
    DigestInPath,
    HeightText,
    KnownMember,
    Limit,
    ThisNode,
    TrustFrom,
    WithProof,
    described,
    page_limit,
    parse_height,
    parse_id,
)
from nodes.documents.document_store import RecordPlace
from nodes.documents.exchange import Exchange
from nodes.http.answers import answer, parse_body, read_body

router = APIRouter(tags=["documents"], dependencies=STRICT)
NO_STORE = {"cache-control": "no-store"}


async def _exchange(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.documents
    return exchange


TheseDocuments = Annotated[Exchange, Depends(_exchange)]
"""The node's documents, as a parameter of a route."""


class OpeningBody(StrictModel):
    """What a sealed field hides."""

    salt: str
    value: object


class DocumentBody(StrictModel):
    """A document and the record whose sealed field it opens."""

    contract: str
    collection: str
    key: str
    opening: OpeningBody


@router.put(
    "/v1/documents/{digest}",
    **described(
        "DocumentKept",
        f"400 bad-id bad-document bad-opening bad-salt {JSON_CODES}",
        "403 not-entitled not-kept-here",
        "404 no-such-record",
        "409 not-sealed-there document-purged",
        "413 request-too-large document-too-large document-share-full documents-full",
        "422 wrong-opening bad-key",
        body="DocumentBody",
    ),
)
async def put_document(request: Request, documents: TheseDocuments, member: KnownMember, digest: DigestInPath) -> Response:
    """Stores a document here and at the other nodes of entitled organizations; the member who hands it in is entitled too."""
    address = parse_id(digest)
    body = await read_body(request, documents.bytes_max)
    given = parse_body(DocumentBody, body, "bad-document")
    where = RecordPlace(given.contract, given.collection, given.key)
    return answer(await documents.put(member, address, where, given.opening.model_dump()), headers=NO_STORE)


@router.get(
    "/v1/documents/{digest}",
    **described("DocumentShown", "400 bad-id", "403 not-entitled", "404 no-such-document document-purged no-such-field"),
)
async def get_document(
    node: ThisNode,
    documents: TheseDocuments,
    member: KnownMember,
    digest: DigestInPath,
    field: Annotated[str | None, Query(max_length=200)] = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """The opening; with `field` a disclosure of only that field, which the reader may pass on."""
    address = parse_id(digest)
    shown = await documents.get(member, address)
    place = shown.place
    members: dict[str, JsonValue] = {"digest": address, "rule": shown.rule}
    members |= {"contract": place.contract, "collection": place.collection, "key": place.key}
    if field is None:
        members["opening"] = shown.opening.to_json()
    else:
        members["disclosure"] = disclose(shown.opening, [field]).to_json()
    if proof:
        with node.snapshot() as view:
            members["proof"] = view.prove_state(place.contract, place.collection, place.key, trust_from)
    names = shown.opening.names if field is None else [field]
    documents.desk.read(member, address, names, shown.rule)
    return answer(members, headers=NO_STORE)


@router.delete(
    "/v1/documents/{digest}",
    **described("DocumentPurged", "400 bad-id", "403 not-the-admin", "404 no-such-document document-purged"),
)
async def purge_document(documents: TheseDocuments, member: KnownMember, digest: DigestInPath) -> Response:
    """Purges a document here, for an admin of this node's organization."""
    address = parse_id(digest)
    documents.desk.purge(member, address)
    return answer({"digest": address, "purged": True}, headers=NO_STORE)


@router.get("/v1/reads", **described("ReadPage", "400 bad-height", "403 not-an-auditor"))
async def list_reads(
    node: ThisNode, documents: TheseDocuments, member: KnownMember, after: HeightText = "0", limit: Limit = None
) -> Response:
    """Who did what with which document here, for auditors of this node's organization."""
    rows = documents.desk.reads(member, parse_height(after, "after"), page_limit(limit, node.limits))
    following = after if not rows else str(rows[-1]["sequence"])  # type: ignore[index,call-overload]
    return answer({"reads": rows, "next": following}, headers=NO_STORE)
