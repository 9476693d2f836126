"""What a network consists of at its start, and how the genesis is built from it. Pure: keys and time come in as values.

With seeded keys the same specification gives the same genesis, byte for byte, on every machine. Lab certificates run
from the day before the genesis for 30 years, so that a story may move its clock far ahead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.contract import ContractSet
from ledger.contract.source_rules.loader import load_contract
from ledger.encoding import digest_bytes
from ledger.errors import JsonValue, OperatorError
from ledger.execution import SYSTEM
from ledger.genesis import Genesis, GenesisWrite
from ledger.identity.issuing import issue_member, issue_root
from ledger.identity.records import SYSTEM_ROLES, ContractEntry, Member, Organization, Parameters
from ledger.keys import DEFAULT_SUITE, PrivateKey
from ledger.primitives import Digest

DAY_MS = 86_400_000
CERTIFICATE_LIFETIME_MS = 30 * 365 * DAY_MS
LAB_START_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z: where simulations and examples begin by default."""
NODE_ROLES = frozenset({"validator", "node"})
"""Members with one of these roles run a node: validators vote, `node` is an organization's observer."""

NAMES = ("north", "south", "east", "west")

KeySource = Callable[[str], PrivateKey]
"""The key of a member id, or of an organization's root by the organization's name."""


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """One member of an organization."""

    name: str
    """The part of the id after the dot."""
    roles: tuple[str, ...] = ("member",)


@dataclass(frozen=True, slots=True)
class OrganizationSpec:
    """One organization with its own root certificate."""

    name: str
    members: tuple[MemberSpec, ...]

    @property
    def business_roles(self) -> tuple[str, ...]:
        """Roles of a trade that its first members have: it may give them to others too."""
        roles = dict.fromkeys(role for member in self.members for role in member.roles)
        return tuple(role for role in roles if role not in SYSTEM_ROLES)


@dataclass(frozen=True, slots=True)
class NetworkSpecification:
    """Everything that stands in the genesis, before keys are made."""

    organizations: tuple[OrganizationSpec, ...]
    validators: tuple[str, ...]
    """Member ids in voting order; each has the role `validator`."""
    contracts: tuple[tuple[str, str], ...] = ()
    """(name, import string `module:Class`)."""
    start_time_ms: int = LAB_START_MS
    parameters: Parameters = field(default_factory=Parameters)
    writes: tuple[tuple[str, str, str, JsonValue], ...] = ()
    """(contract, collection, key, value) that the state begins with."""

    def members(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every (member id, roles) in order of the specification."""
        return tuple((f"{o.name}.{m.name}", m.roles) for o in self.organizations for m in o.members)

    def nodes(self) -> tuple[str, ...]:
        """Ids of the members that run a node: the validators in order, then the observers."""
        others = (member for member, roles in self.members() if NODE_ROLES.intersection(roles))
        return (*self.validators, *(member for member in others if member not in self.validators))


@dataclass(frozen=True)
class BuiltNetwork:
    """A genesis and all that its organizations keep beside it."""

    genesis: Genesis
    genesis_bytes: bytes
    ledger: Digest
    member_keys: Mapping[str, PrivateKey]
    """By member id."""
    root_keys: Mapping[str, PrivateKey]
    """By organization."""
    certificates: Mapping[str, str]
    """PEM by member id, and by organization for the roots."""


def build_network(specification: NetworkSpecification, keys: KeySource, contracts: ContractSet) -> BuiltNetwork:
    """Issues every certificate and writes the genesis, which names the contracts as they are installed here."""
    verify_specification(specification)
    names = tuple(organization.name for organization in specification.organizations)
    root_keys = {name: keys(name) for name in names}
    member_keys = {member: keys(member) for member, _ in specification.members()}
    roots, members = dict[str, str](), list[Member]()
    for name in names:
        roots[name], issued = issue_organization(specification, name, root_keys[name], member_keys)
        members += issued
    genesis = build_genesis(specification, roots, members, contracts)
    return BuiltNetwork(
        genesis=genesis,
        genesis_bytes=genesis.encode(),
        ledger=genesis.ledger,
        member_keys=member_keys,
        root_keys=root_keys,
        certificates={**roots, **{m.member: m.certificate for m in members}},
    )


def issue_organization(
    specification: NetworkSpecification, organization: str, root_key: PrivateKey, keys: Mapping[str, PrivateKey]
) -> tuple[str, list[Member]]:
    """An organization's root certificate, and its members with theirs; `keys` has those of its members."""
    not_before_ms, not_after_ms = certificate_times(specification)
    serial = [one.name for one in specification.organizations].index(organization) + 1
    root = issue_root(organization, root_key, not_before_ms, not_after_ms, serial=serial)
    members = []
    for serial, (member, roles) in enumerate(specification.members(), 1):
        if member.partition(".")[0] != organization:
            continue
        public_key = keys[member].public_key
        certificate = issue_member(root, root_key, member, public_key, not_before_ms, not_after_ms, serial=serial)
        members.append(
            Member(
                member=member,
                public_key=public_key,
                roles=roles,
                not_before_ms=not_before_ms,
                not_after_ms=not_after_ms,
                certificate=certificate,
            )
        )
    return root, members


def certificate_times(specification: NetworkSpecification) -> tuple[int, int]:
    """First and last millisecond of the certificates of the genesis."""
    not_before_ms = (specification.start_time_ms - DAY_MS) // 1000 * 1000  # certificates count whole seconds
    return not_before_ms, not_before_ms + CERTIFICATE_LIFETIME_MS


def build_genesis(
    specification: NetworkSpecification, roots: Mapping[str, str], members: Sequence[Member], contracts: ContractSet
) -> Genesis:
    """The one genesis of a specification, the root certificates by organization, and the members in order."""
    return Genesis(
        suite=DEFAULT_SUITE,
        time_ms=specification.start_time_ms,
        organizations=tuple(
            Organization(name=o.name, root_certificate=roots[o.name], roles=o.business_roles) for o in specification.organizations
        ),
        members=tuple(members),
        validators=specification.validators,
        contracts=tuple(_entry(name, module, contracts) for name, module in specification.contracts),
        parameters=specification.parameters,
        writes=tuple(
            GenesisWrite(contract=contract, collection=collection, key=key, value=value)  # type: ignore[arg-type]
            for contract, collection, key, value in specification.writes
        ),
    )


def _entry(name: str, module: str, contracts: ContractSet) -> ContractEntry:
    """A contract's entry; fields are stated only where one reads the other, so that any other entry is spelled as ever."""
    own = contracts.contracts[name].field_lists
    for system in SYSTEM.values():
        if unmet := own.unmet_by(system.name, system.field_lists):  # check: specification-reads
            message = f"Contract {name} reads {', '.join(unmet)} of {system.name}, which has no such field."
            raise OperatorError("bad-specification", message)
    places = [place for contract in contracts.contracts.values() for place in contract.field_lists.reads]
    is_stated = own.reads or any(place.startswith(f"{name}.") for place in places)
    fields = own.fields if is_stated else {}
    return ContractEntry(name=name, module=module, digest=contracts.digests[name], reads=own.reads, fields=fields)


def load_contracts(specification: NetworkSpecification) -> ContractSet:
    """The contracts with their source digests."""
    loaded = {name: load_contract(module) for name, module in specification.contracts}
    return ContractSet({n: entry.contract for n, entry in loaded.items()}, {n: entry.digest for n, entry in loaded.items()})


def seeded_keys(seed: int) -> KeySource:
    """Keys that anyone can compute again from the seed: only for simulations and labs."""
    return lambda name: PrivateKey(digest_bytes("lab-key", f"{seed}/{name}".encode()))


def default_specification(
    start_time_ms: int = LAB_START_MS,
    members_each: int = 4,
    parameters: Parameters | None = None,
    observers: int = 0,
    names: tuple[str, ...] = NAMES,
) -> NetworkSpecification:
    """Organizations of these names, each with a validator, an admin and members, and the sample contract.

    `observers` further organizations, `observer1` and on, have the same but a node that does not vote.
    """
    admin = MemberSpec("admin", ("admin",))
    members = tuple(MemberSpec(f"member{number}") for number in range(1, members_each + 1))
    voting, watching = MemberSpec("validator", ("validator",)), MemberSpec("node", ("node",))
    more = tuple(OrganizationSpec(f"observer{number}", (watching, admin, *members)) for number in range(1, observers + 1))
    return NetworkSpecification(
        organizations=(*(OrganizationSpec(name, (voting, admin, *members)) for name in names), *more),
        validators=tuple(f"{name}.validator" for name in names),
        contracts=(("asset", "nodes.sample_contract:Asset"),),
        start_time_ms=start_time_ms,
        parameters=parameters or Parameters(),
    )


def verify_specification(specification: NetworkSpecification) -> None:
    """Raises OperatorError `bad-specification` for what no network can start from."""
    roles = dict(specification.members())
    if len(roles) != len(specification.members()):
        raise OperatorError("bad-specification", "Two members of the network have the same id.")
    if not specification.validators or len(set(specification.validators)) != len(specification.validators):
        raise OperatorError("bad-specification", "A network has at least one validator, each listed once.")
    for member in specification.validators:
        if "validator" not in roles.get(member, ()):
            raise OperatorError("bad-specification", f"Validator {member} is not a member with the role `validator`.")
