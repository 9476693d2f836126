"""Genesis: one spelling, parts that fit each other, the state it begins with."""

import json
from typing import Any

import pytest

from ledger.chain.chain import Chain
from ledger.contract.records import read_contract, read_member, read_parameters, read_validators
from ledger.encoding import digest, encode, encode_unchecked
from ledger.errors import InputError, MalformedError
from ledger.genesis import Genesis, parse_genesis
from ledger.membership import Membership
from ledger.state.memory_store import MemoryStore
from nodes.network.specification import default_specification
from tests.support import CONTRACTS, DecidedChain, built, refusal

GENESIS = built(default_specification(members_each=1)).genesis
LISTS = ("organizations", "members", "validators", "contracts")
NO_NAMES = ("", "a b", "a\x00b", "x" * 257)


def altered(**changes: Any) -> bytes:
    """The genesis with some fields replaced, in canonical form."""
    return encode_unchecked({**json.loads(GENESIS.encode()), **changes})


def fields(name: str) -> Any:
    return json.loads(GENESIS.encode())[name]


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


def members(**public_keys: str) -> list[dict[str, Any]]:
    """The members, some with other keys."""
    return [{**m, "public_key": public_keys.get(m["member"].replace(".", "_"), m["public_key"])} for m in fields("members")]


NESTED: Any = 1
for _ in range(15):
    NESTED = [NESTED]
READER = {"name": "reader", "module": "example:Reader", "digest": "0" * 64, "reads": {"asset.assets.holder": "null|string"}}
"""A contract that reads assets."""
WRITE = {"contract": "asset", "collection": "assets", "key": "A", "value": 1}
NORTH_KEY = next(m["public_key"] for m in fields("members") if m["member"] == "north.validator")
MISFITS: dict[str, dict[str, Any]] = {
    "a field more": {"extra": 1},
    "a time as text": {"time_ms": "0"},
    "a time before the epoch": {"time_ms": -1},
    "another format": {"format": "tallystick-genesis-2"},
    "an unknown suite": {"suite": "rot13"},
    "a parameter out of range": {"parameters": {**fields("parameters"), "block_transactions_max": 0}},
    "a block smaller than a transaction": {
        "parameters": {**fields("parameters"), "block_bytes_max": fields("parameters")["transaction_bytes_max"] - 1}
    },
    "a member of no organization": {"organizations": fields("organizations")[1:]},
    "a weak key": {"members": members(north_admin="00" * 32)},
    "a key of two validators": {"members": members(south_validator=NORTH_KEY)},
    "no validators": {"validators": []},
    "a validator without the role": {"validators": ["north.admin"]},
    "a validator that is nobody": {"validators": ["north.nobody"]},
    **{f"{name} with one twice": {name: [*fields(name), fields(name)[0]]} for name in LISTS},
    **{f"a contract named {name[:9]!r}": {"contracts": [{**fields("contracts")[0], "name": name}]} for name in NO_NAMES},
    "a read of what is not stated": {"contracts": [READER, *fields("contracts")]},
    "a read of another kind": {"contracts": [READER, {**fields("contracts")[0], "fields": {"assets.holder": "integer"}}]},
    "a read that may be missing, of another kind": {
        "contracts": [
            {**READER, "reads": {"asset.assets.x": "absent|string"}},
            {**READER, "name": "asset", "reads": {"b.c.d": "string"}, "fields": {"assets.x": "null"}},
        ]
    },
    "a list of numbers": {"contracts": [{**fields("contracts")[0], "fields": {"assets.holder": 1}}]},
    "a write past the fields": {"writes": [{**WRITE, "contract": "membership"}]},
    "a write without key": {"writes": [{**WRITE, "key": ""}]},
    "a write twice": {"writes": [WRITE, WRITE]},
    "too deep a value": {"writes": [{**WRITE, "value": NESTED}]},
}
"""Changes of a genesis whose parts do not fit any more. One who holds two validators' key would vote twice: governance
refuses it later, so the genesis may not begin with it."""


@pytest.mark.parametrize("name", MISFITS)
def test_a_genesis_whose_parts_do_not_fit_is_refused(name: str) -> None:
    code = {"a weak key": "weak-key", "too deep a value": "too-deep"}.get(name, "bad-genesis")
    assert refusal(InputError, parse_genesis, altered(**MISFITS[name])).code == code


def test_a_genesis_whose_reads_are_stated_is_taken() -> None:
    asset = fields("contracts")[0]
    parse_genesis(altered(contracts=[{**READER, "name": "one"}, {**READER, "name": "other"}]))  # what they read is not there yet
    parse_genesis(altered(contracts=[READER, {**asset, "fields": {"assets.holder": "string"}}]))
    parse_genesis(altered(contracts=[READER, {**asset, "fields": {"assets.holder": "absent|string"}}]))


def test_another_spelling_is_refused() -> None:
    assert refusal(MalformedError, parse_genesis, GENESIS.encode() + b" ").code == "not-canonical"
    assert refusal(MalformedError, parse_genesis, b"[]").code == "not-an-object"
    without = {name: value for name, value in json.loads(GENESIS.encode()).items() if name != "writes"}
    assert refusal(MalformedError, parse_genesis, encode(without)).code == "not-canonical"
    empty = altered(contracts=[{**fields("contracts")[0], "reads": {}}])
    assert refusal(MalformedError, parse_genesis, empty).code == "not-canonical"


def test_certificate_that_says_something_else_is_refused() -> None:
    first, *others = fields("members")
    data = altered(members=[{**first, "not_after_ms": first["not_after_ms"] + 1_000}, *others])
    parse_genesis(data)
    assert refusal(InputError, Chain.create, MemoryStore(), data, CONTRACTS).code == "bad-genesis"


def test_initial_writes_stand_in_order_of_their_key() -> None:
    writes = Genesis.model_validate_json(altered(writes=[{"contract": "a", "collection": "c", "key": "k", "value": 1}]))
    first = writes.initial_writes()[0]
    assert (first.contract, first.value) == ("a", b"1")
