"""From a specification to a genesis: deterministic with seeded keys, refused when it fits no network."""

from dataclasses import replace

import pytest

from ledger.chain.chain import verify_certificates
from ledger.errors import OperatorError
from ledger.genesis import parse_genesis
from ledger.primitives import PublicKey
from nodes.network.specification import (
    DAY_MS,
    LAB_START_MS,
    BuiltNetwork,
    MemberSpec,
    NetworkSpecification,
    OrganizationSpec,
    build_network,
    default_specification,
    load_contracts,
    seeded_keys,
)
from tests.support import refusal

ONE = OrganizationSpec("one", (MemberSpec("node", ("validator",)), MemberSpec("watcher", ("node",))))


def build(specification: NetworkSpecification, seed: int = 1) -> BuiltNetwork:
    return build_network(specification, seeded_keys(seed), load_contracts(specification))


def test_the_default_network_is_a_genesis_that_its_reader_accepts() -> None:
    built = build(default_specification())
    genesis = parse_genesis(built.genesis_bytes)
    verify_certificates(genesis)
    assert genesis.ledger == built.ledger
    assert genesis.validators == tuple(f"{name}.validator" for name in ("north", "south", "east", "west"))
    assert [entry.name for entry in genesis.contracts] == ["asset"]


def test_seeded_keys_give_the_same_bytes_and_another_seed_gives_others() -> None:
    specification = default_specification(members_each=1)
    assert build(specification).genesis_bytes == build(specification).genesis_bytes
    assert build(specification).ledger != build(specification, seed=2).ledger


def test_every_member_has_its_key_and_certificate() -> None:
    built = build(default_specification(members_each=1))
    for member in built.genesis.members:
        assert built.member_keys[member.member].public_key == PublicKey(member.public_key)
        assert built.certificates[member.member] == member.certificate
    assert set(built.root_keys) == {"north", "south", "east", "west"}


def test_lab_certificates_run_from_the_day_before_for_thirty_years() -> None:
    start_ms = LAB_START_MS + 123
    member = build(default_specification(start_ms, members_each=0)).genesis.members[0]
    assert not member.is_active(start_ms - DAY_MS - 1_000)
    assert member.is_active(start_ms - DAY_MS)
    assert member.is_active(start_ms + 29 * 365 * DAY_MS)
    assert not member.is_active(start_ms + 30 * 365 * DAY_MS)


def test_observers_run_nodes_and_do_not_vote() -> None:
    specification = NetworkSpecification((ONE,), ("one.node",))
    assert specification.nodes() == ("one.node", "one.watcher")
    assert build(specification).genesis.validators == ("one.node",)


WRONG = {
    "no-validators": NetworkSpecification((ONE,), ()),
    "a-validator-twice": NetworkSpecification((ONE,), ("one.node", "one.node")),
    "a-validator-that-is-none": NetworkSpecification((ONE,), ("one.watcher",)),
    "a-validator-of-nobody": NetworkSpecification((ONE,), ("two.node",)),
    "members-twice": NetworkSpecification((replace(ONE, members=ONE.members * 2),), ("one.node",)),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_no_network_can_start_from_is_refused(what: str) -> None:
    assert refusal(OperatorError, build, WRONG[what]).code == "bad-specification"
