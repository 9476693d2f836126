"""`/v1/access`: who sees of a record the value, the digest or nothing, and by which rule; one answer draws a page."""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract
from ledger.encoding import decode
from ledger.errors import JsonValue, NotFoundError
from ledger.identity.reads import read_member
from ledger.identity.records import MEMBERS, MEMBERSHIP, Member
from ledger.sealed import sealed_in
from nodes.access.levels import Level, Sight, Sights
from nodes.app.dependencies import CallerLanguage, KeyInPath, Limit, ThisNode, described, page_limit
from nodes.http.answers import answer
from nodes.node.node import Node

router = APIRouter(tags=["access"])
ORDER: tuple[Level, ...] = ("nothing", "digest", "value")


@router.get(
    "/v1/access/{contract}/{collection}/{key:path}", **described("Access", "404 not-found no-such-collection", "422 bad-key")
)
async def get_access(
    node: ThisNode,
    contract: str,
    collection: str,
    key: KeyInPath,
    language: CallerLanguage,
    after: str = "",
    limit: Limit = None,
) -> Response:
    """Who sees of this record the `value`, the `digest` (the record as on the ledger) or `nothing`, and by which rule."""
    with node.snapshot() as view:
        value = view.state.get(contract, collection, key)
        if value is None:
            raise NotFoundError("not-found", f"{contract[:64]}/{collection[:64]} holds nothing under this key.")
        digests = list(sealed_in(decode(value)))
        sights = _sights(node, view, contract, collection, value, has_sealed=bool(digests))
        most = page_limit(limit, node.limits)
        ids = [name for name, _ in view.state.page(MEMBERSHIP, MEMBERS, after, most)]
        found = [(member, sights.of(member)) for member in (read_member(view.state, name) for name in ids) if member is not None]
        height = view.height
    return answer(
        {
            "contract": contract,
            "collection": collection,
            "key": key,
            "height": height,
            "reads": node.reads,
            "sealed": [*digests],
            "members": [_row(sights, sight, language, member=m.member, roles=[*m.roles]) for m, sight in found],
            "organizations": [_row(sights, sight, language, organization=name) for name, sight in _by_organization(found)],
            "others": _row(sights, sights.of(None), language),
            "next": ids[-1] if len(ids) == most else None,
        }
    )


def _sights(node: Node, view: ChainView, contract: str, collection: str, value: bytes, *, has_sealed: bool) -> Sights:
    found: type[Contract] | None = node.contracts.contracts.get(contract)
    if found is None or collection not in found.collections or found.collections[collection].contract != contract:
        raise NotFoundError("no-such-collection", f"No installed contract has a collection {contract[:64]}/{collection[:64]}.")
    return Sights(
        contract=found,
        state=view.state,
        record=found.collections[collection].record.model_validate_json(value),
        has_sealed=has_sealed,
        reads=node.reads,
        clock_ms=view.next_time_ms(node.now_ms()),
        time_ms=view.time_ms(),
        height=view.height,
    )


def _by_organization(found: Iterable[tuple[Member, Sight]]) -> list[tuple[str, Sight]]:
    best: dict[str, Sight] = {}
    for member, sight in found:
        known = best.setdefault(member.organization, sight)
        if ORDER.index(sight.level) > ORDER.index(known.level):
            best[member.organization] = sight
    return list(best.items())


def _row(sights: Sights, sight: Sight, language: str, **who: JsonValue) -> JsonValue:
    return {**who, "level": sight.level, "rule": sight.rule, "sentence": sights.sentence(sight, language)}
