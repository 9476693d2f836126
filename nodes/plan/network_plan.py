"""The plan of a network: organizations, members, addresses of nodes, contracts and parameters, before there are keys.

A plan is a TOML file that one person writes and every organization reads. Its digest is over its meaning, so that comments,
order of names and time zones do not change it; lists keep their order, in which validators take turns.
"""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from ledger.codec import StrictModel, first_fault
from ledger.contract.contract import ContractSet
from ledger.encoding import digest, encode
from ledger.errors import OperatorError
from ledger.genesis import VALIDATORS_MAX
from ledger.governance import ImportString, Name
from ledger.identity.records import Parameters, out_of_range
from ledger.primitives import TIMESTAMP_MAX, Digest
from nodes.http.addresses import parse_host
from nodes.network.specification import (
    CERTIFICATE_LIFETIME_MS,
    DAY_MS,
    NODE_ROLES,
    MemberSpec,
    NetworkSpecification,
    OrganizationSpec,
    load_contracts,
)
from nodes.node.files import NodeAddress

TAG = "network-plan"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlannedMember(StrictModel):
    """A member, and where its node is reached if it runs one."""

    name: Name
    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    address: str = ""
    """HOST:PORT of the node of a member with the role `validator` or `node`, empty for all others."""

    @model_validator(mode="after")
    def _has_address_as_a_node(self) -> Self:
        if bool(self.address) != bool(NODE_ROLES.intersection(self.roles)):  # check: plan-node-address
            raise ValueError("A member with the role `validator` or `node` has an address, and no other member has one")
        if self.address:
            parse_address(self.address)
        return self


class PlannedOrganization(StrictModel):
    """An organization with all members that the genesis names."""

    name: Name
    members: Annotated[tuple[PlannedMember, ...], Field(min_length=1)]


class NetworkPlan(StrictModel):
    """The whole plan."""

    format: Literal["tallystick-plan-1"] = "tallystick-plan-1"
    start_time: AwareDatetime
    """Time of the genesis; every block is later."""
    tls: bool = True
    """Whether nodes speak TLS, with each other and with all who ask."""
    contracts: dict[Name, ImportString] = {}
    """Import string `module:Class` by name; each organization has them installed."""
    parameters: Parameters = Parameters()
    organizations: Annotated[tuple[PlannedOrganization, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [organization.name for organization in self.organizations]
        members = [member for member, _ in self.specification.members()]
        addresses = [parse_address(member.address) for member in self._nodes().values()]
        for what, found in (("organization", names), ("member", members), ("address", addresses)):
            if len(set(found)) != len(found):  # check: plan-named-once
                raise ValueError(f"Two of the plan have the same {what}")
        if not 1 <= len(self.specification.validators) <= VALIDATORS_MAX:  # check: plan-validators
            raise ValueError(f"A network begins with 1 to {VALIDATORS_MAX} members with the role `validator`")
        outside = out_of_range(self.parameters)
        if outside is not None:  # check: plan-parameters
            raise ValueError("Parameter {} lies outside {} to {}".format(*outside))
        if not DAY_MS <= self.start_time_ms <= TIMESTAMP_MAX - CERTIFICATE_LIFETIME_MS:  # check: plan-start
            raise ValueError("The start time lies from 1970-01-02 to 9969: certificates begin a day before and last 30 years")
        return self

    @property
    def digest(self) -> Digest:
        """What every offer and approval is for."""
        meaning = {**self.model_dump(mode="json"), "start_time": self.start_time_ms}
        return digest(TAG, encode(meaning))

    @property
    def start_time_ms(self) -> int:
        """The start time in milliseconds."""
        return (self.start_time - _EPOCH) // timedelta(milliseconds=1)

    @property
    def specification(self) -> NetworkSpecification:
        """What stands in the genesis, apart from keys."""
        organizations = tuple(
            OrganizationSpec(one.name, tuple(MemberSpec(member.name, member.roles) for member in one.members))
            for one in self.organizations
        )
        return NetworkSpecification(
            organizations=organizations,
            validators=tuple(f"{o.name}.{m.name}" for o in organizations for m in o.members if "validator" in m.roles),
            contracts=tuple(sorted(self.contracts.items())),
            start_time_ms=self.start_time_ms,
            parameters=self.parameters,
        )

    @property
    def node_addresses(self) -> tuple[NodeAddress, ...]:
        """Where each node is reached, validators first."""
        nodes, scheme = self._nodes(), "https" if self.tls else "http"
        return tuple(
            NodeAddress(member=member, url=f"{scheme}://{nodes[member].address}") for member in self.specification.nodes()
        )

    def members_of(self, organization: str) -> tuple[str, ...]:
        """Ids of an organization's members; raises OperatorError `unknown-organization`."""
        found = tuple(member for member, _ in self.specification.members() if member.partition(".")[0] == organization)
        if not found:  # check: plan-organization
            names = ", ".join(one.name for one in self.organizations)
            raise OperatorError("unknown-organization", f"The plan has no organization {organization!r:.80}; it has {names}.")
        return found

    def _nodes(self) -> dict[str, PlannedMember]:
        return {f"{o.name}.{m.name}": m for o in self.organizations for m in o.members if m.address}


def parse_plan(text: str, where: str) -> NetworkPlan:
    """Reads a plan; raises OperatorError `bad-plan` with the place of the first fault."""
    try:
        return NetworkPlan.model_validate_json(json.dumps(tomllib.loads(text), default=str))
    except ValidationError as error:
        raise OperatorError("bad-plan", f"{where}: {first_fault(error, 'the plan')}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise OperatorError("bad-plan", f"{where} is not TOML: {error}.") from error


def parse_address(text: str) -> tuple[str, int]:
    """Host, in one spelling, and port; raises ValueError."""
    address = urlsplit(f"//{text}")
    if not address.hostname or not address.port or "@" in text or address.netloc != text:  # check: plan-address
        raise ValueError(f"An address is HOST:PORT, got {text!r:.80}")
    try:
        host = parse_host(address.hostname)
    except OperatorError as error:
        raise ValueError(f"The host of an address is a name or an address, got {text!r:.80}") from error
    if is_ip_address(host) and ip_address(host).is_unspecified:  # check: plan-address-reachable
        raise ValueError(f"An address is one by which other hosts reach the node, got {text}")
    return host, address.port


def is_ip_address(host: str) -> bool:
    """Whether the host is an address, and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def load_planned(plan: NetworkPlan) -> ContractSet:
    """The contracts of the plan as they are installed here; raises OperatorError `bad-plan`, or what the loader refuses."""
    contracts = load_contracts(plan.specification)
    for name, contract in contracts.contracts.items():
        if contract.name != name:  # check: plan-contract-name
            raise OperatorError("bad-plan", f"contracts.{name}: {plan.contracts[name]} has the name {contract.name}.")
    return contracts
