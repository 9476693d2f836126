"""Membership: admins enrol and revoke the members of their own organization."""

import pytest

from ledger.contract.records import read_member
from ledger.errors import JsonValue
from ledger.identity.issuing import issue_member, issue_root
from ledger.membership import Membership
from tests.system_contracts import END_MS, START_MS, SystemState, certificate_of, key_of, root_of


@pytest.fixture
def system() -> SystemState:
    return SystemState("east", "west")


WU = certificate_of("east.wu")
MEMBER: JsonValue = ["member"]


def refused(system: SystemState, operation: str, *signers: str, **arguments: JsonValue) -> str:
    return system.refused(Membership, operation, *signers, **arguments)


def not_enrolled(system: SystemState, *signers: str, certificate: str = WU, roles: JsonValue = MEMBER) -> str:
    """The code of the refusal."""
    return refused(system, "enrol", *(signers or ("east.admin",)), certificate=certificate, roles=roles)


def test_admin_enrols_a_member(system: SystemState) -> None:
    system.grant("east", "trader")
    assert system.call(Membership, "enrol", "east.admin", certificate=WU, roles=["member", "trader"]) == ["enrolled"]
    member = read_member(system.state, "east.wu")
    assert member is not None
    assert (member.public_key, member.roles) == (key_of("east.wu").public_key, ("member", "trader"))
    assert (member.not_before_ms, member.not_after_ms, member.certificate) == (START_MS, END_MS, WU)
    assert member.is_active(system.time_ms)
    found = [m for _, m in Membership(system.state).members.items(prefix="east.")]
    assert {m.member for m in found} >= {"east.admin", "east.li", "east.wu"}
    assert {m.organization for m in found} == {"east"}


def test_enrolling_needs_an_admin(system: SystemState) -> None:
    assert not_enrolled(system, "east.li") == "policy-not-satisfied"


def test_admin_of_another_organization_cannot_enrol(system: SystemState) -> None:
    assert not_enrolled(system, "west.admin") == not_enrolled(system, "west.admin", "east.li") == "not-organization-admin"


def test_an_id_is_enrolled_once(system: SystemState) -> None:
    assert not_enrolled(system, certificate=certificate_of("east.li")) == "already-enrolled"
    system.call(Membership, "revoke", "east.admin", member="east.li")
    assert not_enrolled(system, certificate=certificate_of("east.li")) == "already-enrolled"


def test_roles_are_named_once(system: SystemState) -> None:
    assert not_enrolled(system, roles=["member", "bank", "member"]) == "duplicate-role"


def test_an_organization_gives_no_role_that_it_was_not_granted(system: SystemState) -> None:
    system.grant("west", "bank")
    error = system.refusal(Membership, "enrol", "east.admin", certificate=WU, roles=["member", "bank"])
    assert (error.code, error.details) == ("role-not-granted", {"organization": "east", "roles": ["bank"]})


@pytest.mark.parametrize("roles", [[], ["a b"], ["x" * 65], [f"role{n}" for n in range(17)], "member", [1]])
def test_roles_have_a_shape(system: SystemState, roles: JsonValue) -> None:
    assert not_enrolled(system, roles=roles) == "bad-arguments"


def test_certificate_of_another_root_is_refused(system: SystemState) -> None:
    stranger = key_of("stranger")
    root = issue_root("east", stranger, START_MS, END_MS, serial=1)
    certificate = issue_member(root, stranger, "east.wu", key_of("east.wu").public_key, START_MS, END_MS, serial=1)
    assert not_enrolled(system, certificate=certificate) == "wrong-issuer"


def test_what_is_no_certificate_is_refused(system: SystemState) -> None:
    for certificate in ("hello", root_of("east")):
        assert not_enrolled(system, certificate=certificate) == "bad-certificate"


def test_unknown_organization_is_refused(system: SystemState) -> None:
    assert not_enrolled(system, certificate=certificate_of("north.wu")) == "not-found"


def test_expired_certificate_is_refused(system: SystemState) -> None:
    certificate = certificate_of("east.wu", START_MS, START_MS + 60_000)
    system.time_ms = START_MS + 60_001
    assert not_enrolled(system, certificate=certificate) == "certificate-validity"
    system.time_ms = START_MS + 60_000
    system.call(Membership, "enrol", "east.admin", certificate=certificate, roles=["member"])


def test_admin_revokes_a_member_from_block_time_on(system: SystemState) -> None:
    assert system.call(Membership, "revoke", "east.admin", member="east.li") == ["revoked"]
    member = read_member(system.state, "east.li")
    assert member is not None
    assert member.revoked_at_ms == system.time_ms
    assert not member.is_active(system.time_ms)


def test_admin_of_another_organization_cannot_revoke(system: SystemState) -> None:
    assert refused(system, "revoke", "west.admin", member="east.li") == "not-organization-admin"
    assert refused(system, "revoke", "east.li", member="east.li") == "policy-not-satisfied"


def test_unknown_member_cannot_be_revoked(system: SystemState) -> None:
    assert refused(system, "revoke", "east.admin", member="east.nobody") == "not-found"


def test_a_member_is_revoked_once(system: SystemState) -> None:
    system.call(Membership, "revoke", "east.admin", member="east.li")
    system.time_ms += 1
    assert refused(system, "revoke", "east.admin", member="east.li") == "already-revoked"


def test_a_voting_validator_is_not_revoked(system: SystemState) -> None:
    assert refused(system, "revoke", "east.admin", member="east.validator") == "still-validator"
    system.write_validators("west.validator")
    system.call(Membership, "revoke", "east.admin", member="east.validator")


def test_the_last_admin_is_not_revoked(system: SystemState) -> None:
    assert refused(system, "revoke", "east.admin", member="east.admin") == "last-admin"
    system.call(Membership, "enrol", "east.admin", certificate=WU, roles=["admin"])
    system.call(Membership, "revoke", "east.admin", member="east.admin")
    assert refused(system, "revoke", "east.wu", member="east.wu") == "last-admin"


def test_an_expired_admin_does_not_count_as_one(system: SystemState) -> None:
    certificate = certificate_of("east.wu", START_MS, START_MS + 60_000)
    system.call(Membership, "enrol", "east.admin", certificate=certificate, roles=["admin"])
    system.time_ms = START_MS + 60_001
    assert refused(system, "revoke", "east.admin", member="east.admin") == "last-admin"
