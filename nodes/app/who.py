"""Who is who and what runs, from the ledger: organizations, members, validators, contracts."""

from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract
from ledger.errors import JsonValue, NotFoundError
from ledger.identity.reads import CONTRACTS, MEMBERS, ORGANIZATIONS, read_contract
from ledger.identity.records import GOVERNANCE, MEMBERSHIP
from nodes.app.answers import Answer, Services, answer, page_limit, parse_height, raw_list
from nodes.app.services import NodeServices

router = APIRouter(tags=["who is who"])


@router.get("/v1/organizations")
async def list_organizations(services: Services, after: str = "", limit: int | None = None) -> Response:
    """Organizations with their root certificates, by name."""
    return _list(services, MEMBERSHIP, ORGANIZATIONS, after, limit)


@router.get("/v1/members")
async def list_members(services: Services, after: str = "", limit: int | None = None) -> Response:
    """Members with keys, roles and validity, revoked ones too, by id."""
    return _list(services, MEMBERSHIP, MEMBERS, after, limit)


@router.get("/v1/validators")
async def get_validators(services: Services, height: int | None = None) -> Response:
    """Who votes on the block of a height, the next one if none is given, in order; f may be faulty, q make a quorum."""
    with services.snapshot() as view:
        at = view.height + 1 if height is None else parse_height(str(height), "height")
        validators = view.validators_at(at)
    sizes: Answer = {"n": validators.n, "f": validators.f, "q": validators.q}
    return answer({"height": at, "validators": validators.to_json(), "digest": validators.digest, **sizes})


@router.get("/v1/contracts")
async def list_contracts(services: Services) -> Response:
    """Every contract that is installed here or approved on the ledger, with operations, policies and JSON Schemas."""
    with services.snapshot() as view:
        approved = [key for key, _ in view.state.page(GOVERNANCE, CONTRACTS, "", services.limits.page_max)]
        names = sorted({*approved, *services.contracts.contracts})
        contracts: JsonValue = [_describe(services, view, name) for name in names]
    return answer({"contracts": contracts})


@router.get("/v1/contracts/{name}")
async def get_contract(services: Services, name: str) -> Response:
    """One contract."""
    with services.snapshot() as view:
        if name not in services.contracts.contracts and read_contract(view.state, name) is None:
            raise NotFoundError("unknown-contract", f"There is no contract {name[:64]!r} here.", contract=name[:64])
        return answer(_describe(services, view, name))


def _describe(services: NodeServices, view: ChainView, name: str) -> dict[str, JsonValue]:
    """What the class says of itself, and what the ledger says: module and digest, null for the system contracts."""
    found, entry = services.contracts.contracts.get(name), read_contract(view.state, name)
    return {
        **({} if found is None else _described(found)),  # type: ignore[arg-type]  # mypy: a class counts as unhashable
        "name": name,
        "is_installed": found is not None,
        "module": None if entry is None else entry.module,
        "digest": None if entry is None else entry.digest,
    }


@cache
def _described(contract: type[Contract]) -> dict[str, JsonValue]:
    """What a class says of itself; it does not change while the process runs."""
    described = contract.describe()
    assert isinstance(described, dict)
    return described


def _list(services: NodeServices, contract: str, collection: str, after: str, limit: int | None) -> Response:
    most = page_limit(limit, services.limits)
    with services.snapshot() as view:
        rows = view.state.page(contract, collection, after, most)
        height = view.height
    following = rows[-1][0] if len(rows) == most else None
    return answer({collection: raw_list(value for _, value in rows), "height": height, "next": following})
