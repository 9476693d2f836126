"""`/v1/documents`: private documents, for those whom a contract's read rules entitle; `/v1/reads`: who read them.

A document is the opening of a sealed field, its address the sealed digest on the ledger. Each call needs a token.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from ledger.contract.sealed import disclose
from ledger.errors import JsonValue
from nodes.app.access_control import KnownMember
from nodes.app.answers import ThisNode, TrustFrom, WithProof, answer, page_limit, parse_body, parse_height, parse_id, read_body
from nodes.documents.exchange import OVERHEAD_BYTES
from nodes.documents.store import Place

router = APIRouter(tags=["documents"])
NO_STORE = {"cache-control": "no-store"}


class OpeningBody(BaseModel):
    """What a sealed field hides."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    salt: str
    value: object


class DocumentBody(BaseModel):
    """A document and the record whose sealed field it opens."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    contract: str
    collection: str
    key: str
    opening: OpeningBody


BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": DocumentBody.model_json_schema()}}}}


@router.put("/v1/documents/{digest}", openapi_extra=BODY)
async def put_document(request: Request, node: ThisNode, member: KnownMember, digest: str) -> Response:
    """Stores a document here, if some member of this node's organization may read it, and passes it to the other nodes of
    entitled organizations, over TLS. Who puts must be entitled too, and the opening must give the digest of a sealed field of
    that record. Again with the same document is no error."""
    address = parse_id(digest)
    body = await read_body(request, node.limits.document_bytes_max + OVERHEAD_BYTES)
    given = parse_body(DocumentBody, body, "bad-document")
    where = Place(given.contract, given.collection, given.key)
    return answer(await node.documents.put(member, address, where, given.opening.model_dump()), headers=NO_STORE)


@router.get("/v1/documents/{digest}")
async def get_document(
    node: ThisNode,
    member: KnownMember,
    digest: str,
    field: Annotated[str | None, Query(max_length=200)] = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """The opening; with `field` a disclosure of that field alone, which can be shown on. `proof` adds that the record with
    the sealed digest is on the ledger. A document that this node does not have is asked for at the others first."""
    address = parse_id(digest)
    shown = await node.documents.get(member, address)
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
    node.documents.desk.read(member, address, names, shown.rule)
    return answer(members, headers=NO_STORE)


@router.delete("/v1/documents/{digest}")
async def purge_document(node: ThisNode, member: KnownMember, digest: str) -> Response:
    """An admin of this node's organization purges a document here: its bytes are gone, its digest stays, and this node does
    not take it again. What other organizations keep is theirs."""
    address = parse_id(digest)
    node.documents.desk.purge(member, address)
    return answer({"digest": address, "purged": True}, headers=NO_STORE)


@router.get("/v1/reads")
async def list_reads(node: ThisNode, member: KnownMember, after: str = "0", limit: int | None = None) -> Response:
    """For auditors of this node's organization: who read, stored, passed on or purged which document here, when, which fields
    and by which rule; never a value. `next` is the `after` of the next page."""
    rows = node.documents.desk.reads(member, parse_height(after, "after"), page_limit(limit, node.limits))
    following = after if not rows else str(rows[-1]["sequence"])  # type: ignore[index,call-overload]
    return answer({"reads": rows, "next": following}, headers=NO_STORE)
