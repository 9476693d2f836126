"""The genesis: height 0, without header or certificate. It holds everything that a verifier takes on trust.

Its digest is the `ledger` id, the `parent` of block 1 and the first leaf of `history_root`.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import permutations
from typing import Literal, TypeVar, cast

from pydantic import JsonValue as PydanticJson
from pydantic import ValidationError

from ledger.block import Write, tree_changes
from ledger.codec import first_fault
from ledger.encoding import decode_object, digest, encode
from ledger.errors import InputError, JsonValue, MalformedError, RefusedError
from ledger.identity.records import (
    CONTRACTS,
    CURRENT,
    GOVERNANCE,
    MEMBERS,
    MEMBERSHIP,
    ORGANIZATIONS,
    PARAMETERS,
    VALIDATORS,
    ContractEntry,
    Member,
    Organization,
    Parameters,
    StateModel,
    Validator,
    ValidatorSet,
    out_of_range,
)
from ledger.keys import SUITES, verify_public_key
from ledger.primitives import NAME, Digest, PublicKey, is_member_id
from ledger.state.map_proof import map_root, state_key

FORMAT: Literal["tallystick-genesis-1"] = "tallystick-genesis-1"
TAG = "genesis"
VALIDATORS_MAX = 100
Item = TypeVar("Item")
Key = TypeVar("Key", str, bytes)


class GenesisWrite(StateModel):
    """One value that the state begins with."""

    contract: str
    collection: str
    key: str
    value: PydanticJson
    """The value itself; the state holds its canonical bytes."""


class Genesis(StateModel):
    """Organizations, first members and validators, contracts, parameters, initial writes, start time."""

    format: Literal["tallystick-genesis-1"] = FORMAT
    suite: str
    """Name of the signature suite, `ed25519-sha256`."""
    time_ms: int
    """Start time, which may lie in the past; block 1 is later."""
    organizations: tuple[Organization, ...]
    members: tuple[Member, ...]
    validators: tuple[str, ...]
    """Member ids in voting order."""
    contracts: tuple[ContractEntry, ...]
    parameters: Parameters
    writes: tuple[GenesisWrite, ...] = ()

    def encode(self) -> bytes:
        """The one byte string of this genesis."""
        return encode(self.model_dump(mode="json"))

    @cached_property
    def ledger(self) -> Digest:
        """The ledger id: the digest of the bytes."""
        return digest(TAG, self.encode())

    @cached_property
    def validator_set(self) -> ValidatorSet:
        """Who votes on block 1."""
        keys = {member.member: PublicKey(member.public_key) for member in self.members}
        return ValidatorSet(tuple(Validator(member, keys[member]) for member in self.validators))

    def initial_writes(self) -> tuple[Write, ...]:
        """The state at height 0, in order of state key."""
        records: list[tuple[str, str, str, JsonValue]] = [
            *((MEMBERSHIP, ORGANIZATIONS, o.name, o.model_dump(mode="json")) for o in self.organizations),
            *((MEMBERSHIP, MEMBERS, m.member, m.model_dump(mode="json")) for m in self.members),
            *((GOVERNANCE, CONTRACTS, c.name, c.model_dump(mode="json")) for c in self.contracts),
            (GOVERNANCE, VALIDATORS, CURRENT, {"validators": self.validator_set.to_json()}),
            (GOVERNANCE, PARAMETERS, CURRENT, self.parameters.model_dump(mode="json")),
            *((w.contract, w.collection, w.key, cast(JsonValue, w.value)) for w in self.writes),
        ]
        writes = [Write(contract, collection, key, encode(value)) for contract, collection, key, value in records]
        return tuple(sorted(writes, key=lambda w: w.state_key))


def parse_genesis(data: bytes) -> Genesis:
    """Reads genesis bytes; raises InputError, of which MalformedError is a kind."""
    decode_object(data)
    try:
        genesis = Genesis.model_validate_json(data)
    except ValidationError as error:
        raise MalformedError(
            "bad-genesis", f"The genesis does not have the right shape: {first_fault(error, 'genesis')}"
        ) from error
    if genesis.encode() != data:  # check: genesis-spelling
        raise MalformedError("not-canonical", "A genesis spells out every field, also those that have a usual value.")
    verify_genesis(genesis)
    return genesis


def initial_state_root(genesis: Genesis) -> Digest:
    """State root at height 0."""
    return Digest(map_root(tree_changes(genesis.initial_writes())).hex())


def verify_genesis(genesis: Genesis) -> None:
    """Raises InputError `bad-genesis` unless the parts fit each other."""
    organizations = _unique("organization", genesis.organizations, lambda o: o.name)
    members = _unique("member", genesis.members, lambda m: m.member)
    validators = _unique("validator", genesis.validators, str)
    contracts = _unique("contract", genesis.contracts, lambda c: c.name)
    if genesis.suite not in SUITES:  # check: genesis-suite
        raise InputError("bad-genesis", f"Signature suite {genesis.suite} is not one of {sorted(SUITES)}.")
    if genesis.time_ms < 0:
        raise InputError("bad-genesis", "The start time is in milliseconds since the epoch, from 0.")
    outside = out_of_range(genesis.parameters)
    if outside is not None:  # check: genesis-parameters
        name, low, high = outside
        raise InputError("bad-genesis", f"Parameter {name} lies outside {low} to {high}.")
    if not all(NAME.fullmatch(name) for name in organizations) or not all(map(is_member_id, members)):
        raise InputError("bad-genesis", "Organizations are names; members are ids of the form organization.member.")
    if not all(NAME.fullmatch(name) for name in contracts):  # check: genesis-contract-name
        raise InputError("bad-genesis", "Contracts have names of 1 to 64 letters, digits, - or _.")
    for reader, read in permutations(genesis.contracts, 2):
        if unmet := reader.unmet_by(read.name, read):  # check: genesis-reads
            raise InputError("bad-genesis", f"{reader.name} reads of {read.name} what that does not state: {', '.join(unmet)}.")
    for member in genesis.members:
        verify_public_key(member.public_key)
        if member.organization not in organizations:  # check: genesis-member-organization
            raise InputError("bad-genesis", f"Member {member.member} belongs to no organization of the genesis.")
    if not 1 <= len(validators) <= VALIDATORS_MAX:  # check: genesis-validator-count
        raise InputError("bad-genesis", f"A network begins with 1 to {VALIDATORS_MAX} validators, got {len(validators)}.")
    for name in validators:
        if name not in members or "validator" not in members[name].roles:  # check: genesis-validator-role
            raise InputError("bad-genesis", f"Validator {name} is not a member with the role `validator`.")
    _unique("validator's key", genesis.validators, lambda name: members[name].public_key)
    _verify_writes(genesis.writes)


def _verify_writes(writes: tuple[GenesisWrite, ...]) -> None:
    for write in writes:
        if write.contract in (MEMBERSHIP, GOVERNANCE):  # check: genesis-system-write
            raise InputError("bad-genesis", f"What {write.contract} begins with has fields of its own in the genesis.")
    try:
        _unique("write", writes, lambda w: state_key(w.contract, w.collection, w.key))
    except RefusedError as error:
        raise InputError("bad-genesis", f"An initial value has a wrong key: {error.message}") from error


def _unique(what: str, items: Iterable[Item], name: Callable[[Item], Key]) -> dict[Key, Item]:
    by_name: dict[Key, Item] = {}
    for item in items:
        if name(item) in by_name:  # check: genesis-duplicate
            raise InputError("bad-genesis", f"The genesis names a {what} twice: {name(item)!r}.")
        by_name[name(item)] = item
    return by_name
