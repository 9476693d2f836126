"""Genesis: one spelling, parts that fit each other, the state it begins with."""

import json
from typing import Any

import pytest

from ledger.chain.chain import Chain
from ledger.contract.records import read_contract, read_member, read_parameters, read_validators
from ledger.encoding import digest, encode
from ledger.errors import InputError, MalformedError
from ledger.genesis import Genesis, parse_genesis
from ledger.membership import Membership
from ledger.state.memory_store import MemoryStore
from nodes.network.specification import default_specification
from tests.support import CONTRACTS, DecidedChain, built, refusal

GENESIS = built(default_specification(members_each=1)).genesis


def altered(**changes: Any) -> bytes:
    """The genesis with some fields replaced, in canonical form."""
    return encode({**json.loads(GENESIS.encode()), **changes})


def fields(name: str) -> Any:
    return json.loads(GENESIS.encode())[name]


def refused(data: bytes, code: str = "bad-genesis") -> None:
    assert refusal(InputError, parse_genesis, data).code == code


def test_bytes_and_genesis_are_one() -> None:
    data = GENESIS.encode()
    assert parse_genesis(data) == GENESIS
    assert parse_genesis(data).ledger == digest("genesis", data)


def test_state_begins_with_what_the_genesis_names() -> None:
    state = DecidedChain().view.state
    assert read_validators(state) == GENESIS.validator_set
    assert read_parameters(state) == GENESIS.parameters
    assert read_contract(state, "asset") == GENESIS.contracts[0]
    assert read_member(state, "north.admin") in GENESIS.members
    assert Membership(state).organizations["north"] in GENESIS.organizations


def test_other_json_is_malformed() -> None:
    refused(GENESIS.encode() + b" ", "not-canonical")
    refused(b"[]", "not-an-object")
    refused(altered(extra=1))
    refused(altered(time_ms="0"))
    refused(altered(time_ms=-1))
    refused(altered(format="tallystick-genesis-2"))


def test_a_field_left_out_is_another_spelling() -> None:
    value = json.loads(GENESIS.encode())
    del value["writes"]
    assert refusal(MalformedError, parse_genesis, encode(value)).code == "not-canonical"


def test_unknown_suite_is_refused() -> None:
    refused(altered(suite="rot13"))


def test_parameters_out_of_range_are_refused() -> None:
    refused(altered(parameters={**fields("parameters"), "block_transactions_max": 0}))


def test_member_of_no_organization_is_refused() -> None:
    refused(altered(organizations=fields("organizations")[1:]))


def test_network_without_validators_is_refused() -> None:
    refused(altered(validators=[]))


def test_validator_without_the_role_is_refused() -> None:
    refused(altered(validators=["north.admin"]))
    refused(altered(validators=["north.nobody"]))


def test_two_validators_with_one_key_are_refused() -> None:
    """Governance refuses it later, so the genesis may not begin with it: one who holds it would vote twice."""
    members = fields("members")
    first, second = (next(m for m in members if m["member"] == f"{name}.validator") for name in ("north", "south"))
    second["public_key"] = first["public_key"]
    refused(altered(members=members))


def test_weak_member_key_is_refused() -> None:
    members = fields("members")
    members[0]["public_key"] = "00" * 32
    refused(altered(members=members), "weak-key")


@pytest.mark.parametrize("what", ["organizations", "members", "validators", "contracts"])
def test_nothing_is_named_twice(what: str) -> None:
    refused(altered(**{what: [*fields(what), fields(what)[0]]}))


@pytest.mark.parametrize("name", ["", "a b", "a\x00b", "x" * 257])
def test_contract_without_a_name_is_refused(name: str) -> None:
    refused(altered(contracts=[{**fields("contracts")[0], "name": name}]))


def test_system_state_is_not_written_past_its_fields() -> None:
    write = {"contract": "membership", "collection": "members", "key": "north.ghost", "value": {}}
    refused(altered(writes=[write]))


def test_initial_value_needs_a_right_key() -> None:
    refused(altered(writes=[{"contract": "asset", "collection": "assets", "key": "", "value": {}}]))


def test_certificate_that_says_something_else_is_refused() -> None:
    members = fields("members")
    members[0]["not_after_ms"] += 1_000
    data = altered(members=members)
    parse_genesis(data)
    assert refusal(InputError, Chain.create, MemoryStore(), data, CONTRACTS).code == "bad-genesis"


def test_initial_writes_stand_in_order_of_their_key() -> None:
    writes = Genesis.model_validate_json(altered(writes=[{"contract": "a", "collection": "c", "key": "k", "value": 1}]))
    first = writes.initial_writes()[0]
    assert (first.contract, first.value) == ("a", b"1")
