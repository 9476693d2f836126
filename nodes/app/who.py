"""Who is who and what runs, from the ledger: organizations, members, validators, contracts."""

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.contract.description import describe
from ledger.contract.records import read_contract
from ledger.errors import JsonValue, NotFoundError
from ledger.identity.records import CONTRACTS, GOVERNANCE, MEMBERS, MEMBERSHIP, ORGANIZATIONS, Member, Organization
from nodes.app.csv_page import MEDIA_TYPE, list_answer
from nodes.app.dependencies import STRICT, Height, Limit, ThisNode, TrustFrom, WithProof, described, page_limit, parse_height
from nodes.http.answers import Answer, answer
from nodes.node.node import Node

router = APIRouter(tags=["who is who"], dependencies=STRICT)


@router.get("/v1/organizations", **described("OrganizationPage", also=MEDIA_TYPE))
async def list_organizations(
    request: Request, node: ThisNode, after: str = "", limit: Limit = None, proof: WithProof = False, trust_from: TrustFrom = 0
) -> Response:
    """Organizations with their root certificates, by name."""
    return _list(request, node, ORGANIZATIONS, Organization, after, limit, trust_from if proof else None)


@router.get("/v1/members", **described("MemberPage", also=MEDIA_TYPE))
async def list_members(
    request: Request, node: ThisNode, after: str = "", limit: Limit = None, proof: WithProof = False, trust_from: TrustFrom = 0
) -> Response:
    """Members with keys, roles and validity, revoked ones too, by id."""
    return _list(request, node, MEMBERS, Member, after, limit, trust_from if proof else None)


@router.get("/v1/validators", **described("Validators", "400 bad-height", "404 no-such-block"))
async def get_validators(node: ThisNode, height: Height = None, proof: WithProof = False, trust_from: TrustFrom = 0) -> Response:
    """Who votes on the block of a height, the next one if none is given, in order; f may be faulty, q make a quorum."""
    with node.snapshot() as view:
        at = view.height + 1 if height is None else parse_height(str(height), "height")
        validators = view.validators_at(at)
        proofs: Answer = {"proof": view.prove_validators(at, trust_from)} if proof else {}
    sizes: Answer = {"n": validators.n, "f": validators.f, "q": validators.q}
    return answer({"height": at, "validators": validators.to_json(), "digest": validators.digest, **sizes, **proofs})


@router.get("/v1/contracts", **described("ContractList"))
async def list_contracts(node: ThisNode, proof: WithProof = False, trust_from: TrustFrom = 0) -> Response:
    """Every contract that is installed here or approved on the ledger, with operations, policies and JSON Schemas."""
    with node.snapshot() as view:
        approved = view.state.page(GOVERNANCE, CONTRACTS, "", node.limits.page_max)
        names = sorted({*(key for key, _ in approved), *node.contracts.contracts})
        contracts: JsonValue = [_describe(node, view, name) for name in names]
        proofs: Answer = {"proof": view.prove_rows(GOVERNANCE, CONTRACTS, approved, trust_from)} if proof else {}
    return answer({"contracts": contracts, **proofs})


@router.get("/v1/contracts/{name}", **described("ContractDescription", "404 unknown-contract"))
async def get_contract(node: ThisNode, name: str, proof: WithProof = False, trust_from: TrustFrom = 0) -> Response:
    """One contract."""
    with node.snapshot() as view:
        if name not in node.contracts.contracts and read_contract(view.state, name) is None:
            raise NotFoundError("unknown-contract", f"There is no contract {name[:64]!r} here.", contract=name[:64])
        proofs: Answer = {"proof": view.prove_state(GOVERNANCE, CONTRACTS, name, trust_from)} if proof else {}
        return answer({**_describe(node, view, name), **proofs})


def _describe(node: Node, view: ChainView, name: str) -> dict[str, JsonValue]:
    """What the class says of itself, and what the ledger says: module and digest, null for the system contracts, and lists."""
    found, entry = node.contracts.contracts.get(name), read_contract(view.state, name)
    return {
        **({} if found is None else describe(found)),  # type: ignore[arg-type]  # mypy: a class counts as unhashable
        "name": name,
        "is_installed": found is not None,
        **({"module": None, "digest": None} if entry is None else entry.model_dump(mode="json")),
    }


def _list(
    request: Request,
    node: Node,
    collection: str,
    record: type[BaseModel],
    after: str,
    limit: int | None,
    trust_from: int | None,
) -> Response:
    """A page of what membership knows; with a proof of its rows unless `trust_from` is None."""
    most = page_limit(limit, node.limits)
    with node.snapshot() as view:
        rows = view.state.page(MEMBERSHIP, collection, after, most)
        height = view.height
        proofs: Answer = {} if trust_from is None else {"proof": view.prove_rows(MEMBERSHIP, collection, rows, trust_from)}
    following = rows[-1][0] if len(rows) == most else None
    values = [value for _, value in rows]
    return list_answer(request, collection, tuple(record.model_fields), values, following, {"height": height, **proofs})
