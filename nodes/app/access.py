"""`/v1/access`: who sees of a record the value, the digest or nothing, and by which rule; one answer draws a page."""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.responses import Response

from ledger.contract.records import read_member
from ledger.errors import JsonValue
from ledger.identity.records import MEMBERS, MEMBERSHIP, Member
from nodes.access.levels import Level, Sight, Sights, sights_of
from nodes.app.dependencies import STRICT, CallerLanguage, KeyInPath, Limit, ThisNode, described, page_limit
from nodes.http.answers import answer

router = APIRouter(tags=["access"], dependencies=STRICT)
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
        sights = sights_of(view, node.contracts.contracts, node.reads, node.now_ms(), contract, collection, key)
        most = page_limit(limit, node.limits)
        ids = [name for name, _ in view.state.page(MEMBERSHIP, MEMBERS, after, most)]
        found = [(member, sights.of(member)) for member in (read_member(view.state, name) for name in ids) if member is not None]
    return answer(
        {
            "contract": contract,
            "collection": collection,
            "key": key,
            "height": sights.height,
            "reads": node.reads,
            "sealed": [*sights.sealed],
            "members": [_row(sights, sight, language, member=m.member, roles=[*m.roles]) for m, sight in found],
            "organizations": [_row(sights, sight, language, organization=name) for name, sight in _by_organization(found)],
            "others": _row(sights, sights.of(None), language),
            "next": ids[-1] if len(ids) == most else None,
        }
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
