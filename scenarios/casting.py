"""The network of a cast: each party an organization of its own, four of them with a validator."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.contract import Contract
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.dates import START_MS


def network_of(
    people: Sequence[Mapping[str, Any]],
    validators: Sequence[str],
    contract: type[Contract],
    *,
    others: Sequence[OrganizationSpec] = (),
    with_observers: bool = False,
) -> NetworkSpecification:
    """`people` have a member id and roles, `validators` are organizations; with observers the rest runs nodes without a vote.

    Each member enrols others of its own organization. `others` run no node.
    """
    members: dict[str, list[MemberSpec]] = {}
    for person in people:
        organization, _, name = person["member"].partition(".")
        members.setdefault(organization, []).append(MemberSpec(name, (*person["roles"], "admin")))
    for organization, own in members.items():
        if organization in validators or with_observers:
            own.append(MemberSpec("node", ("validator" if organization in validators else "node",)))
    return NetworkSpecification(
        organizations=(*(OrganizationSpec(name, tuple(own)) for name, own in members.items()), *others),
        validators=tuple(f"{organization}.node" for organization in validators),
        contracts=((contract.name, f"{contract.__module__}:{contract.__name__}"),),
        start_time_ms=START_MS,
    )
