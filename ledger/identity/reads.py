"""Reads members, organizations, contracts, validators and parameters from any state: the chain's, a snapshot's, an overlay."""

from collections.abc import Iterator
from itertools import takewhile
from typing import TypeVar

from pydantic import ValidationError

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
    ValidatorList,
    ValidatorSet,
)
from ledger.primitives import PublicKey
from ledger.state.overlay import StateReads
from ledger.state.store import damaged

_PAGE = 100
Model = TypeVar("Model", bound=StateModel)


def read_organization(state: StateReads, name: str) -> Organization | None:
    """The organization of that name, or None."""
    return _read(state, Organization, MEMBERSHIP, ORGANIZATIONS, name)


def read_member(state: StateReads, member: str) -> Member | None:
    """The member of that id, revoked or not, or None."""
    return _read(state, Member, MEMBERSHIP, MEMBERS, member)


def read_validators(state: StateReads) -> ValidatorSet:
    """Who votes on the height after this state."""
    entries = _read_current(state, ValidatorList, VALIDATORS).validators
    return ValidatorSet(tuple(Validator(entry.member, PublicKey(entry.public_key)) for entry in entries))


def read_parameters(state: StateReads) -> Parameters:
    """The parameters of the height after this state."""
    return _read_current(state, Parameters, PARAMETERS)


def read_contract(state: StateReads, name: str) -> ContractEntry | None:
    """The contract version that acts under that name, or None."""
    return _read(state, ContractEntry, GOVERNANCE, CONTRACTS, name)


def list_organizations(state: StateReads) -> Iterator[Organization]:
    """Every organization in order of its name."""
    return _list(state, Organization, MEMBERSHIP, ORGANIZATIONS)


def list_members(state: StateReads, organization: str) -> Iterator[Member]:
    """Every member of an organization, revoked or not, in order of its id."""
    members = _list(state, Member, MEMBERSHIP, MEMBERS, after=f"{organization}.")
    return takewhile(lambda member: member.organization == organization, members)


def list_contracts(state: StateReads) -> Iterator[ContractEntry]:
    """Every acting contract version in order of its name."""
    return _list(state, ContractEntry, GOVERNANCE, CONTRACTS)


def _read(state: StateReads, model: type[Model], contract: str, collection: str, key: str) -> Model | None:
    value = state.get(contract, collection, key)
    return None if value is None else _parse(model, value, contract, collection, key)


def _read_current(state: StateReads, model: type[Model], collection: str) -> Model:
    record = _read(state, model, GOVERNANCE, collection, CURRENT)
    if record is None:
        raise damaged(f"the state holds no {collection}, which the genesis writes")
    return record


def _list(state: StateReads, model: type[Model], contract: str, collection: str, after: str = "") -> Iterator[Model]:
    while rows := state.page(contract, collection, after, _PAGE):
        for key, value in rows:
            yield _parse(model, value, contract, collection, key)
            after = key


def _parse(model: type[Model], value: bytes, contract: str, collection: str, key: str) -> Model:
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        raise damaged(f"state ({contract}, {collection}, {key}) is no {model.__name__}") from error
