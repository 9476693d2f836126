"""Membership: admins enrol and revoke the members of their own organization."""

from collections.abc import Sequence
from typing import Any

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
ADMIN = ("east.admin",)


def enrol(system: SystemState, certificate: str = WU, roles: JsonValue = MEMBER) -> list[str]:
    return system.call(Membership, "enrol", "east.admin", certificate=certificate, roles=roles)


def revoke(system: SystemState, member: str) -> list[str]:
    return system.call(Membership, "revoke", "east.admin", member=member)


def test_admin_enrols_a_member(system: SystemState) -> None:
    system.grant("east", "trader")
    assert enrol(system, roles=["member", "trader"]) == ["enrolled"]
    member = read_member(system.state, "east.wu")
    assert member is not None
    assert (member.public_key, member.roles) == (key_of("east.wu").public_key, ("member", "trader"))
    assert (member.not_before_ms, member.not_after_ms, member.certificate) == (START_MS, END_MS, WU)
    assert member.is_active(system.time_ms)
    found = [m for _, m in Membership(system.state).members.items(prefix="east.")]
    assert {m.member for m in found} >= {"east.admin", "east.li", "east.wu"}
    assert {m.organization for m in found} == {"east"}


def not_enrolled(system: SystemState, certificate: str = WU, roles: JsonValue = MEMBER, by: Sequence[str] = ADMIN) -> str:
    return system.refused(Membership, "enrol", *by, certificate=certificate, roles=roles)


def not_revoked(system: SystemState, member: str, signer: str = "east.admin") -> str:
    return system.refused(Membership, "revoke", signer, member=member)


def of_another_root(member: str) -> str:
    root = issue_root("east", key_of("stranger"), START_MS, END_MS, serial=1)
    return issue_member(root, key_of("stranger"), member, key_of(member).public_key, START_MS, END_MS, serial=1)


NOT_ENROLLED: dict[str, tuple[str, dict[str, Any]]] = {
    "by a member": ("policy-not-satisfied", {"by": ["east.li"]}),
    "by another organization's admin": ("not-organization-admin", {"by": ["west.admin"]}),
    "by another organization's admin and a member": ("not-organization-admin", {"by": ["west.admin", "east.li"]}),
    "an id twice": ("already-enrolled", {"certificate": certificate_of("east.li")}),
    "by another root": ("wrong-issuer", {"certificate": of_another_root("east.wu")}),
    "no certificate": ("bad-certificate", {"certificate": "hello"}),
    "a root": ("bad-certificate", {"certificate": root_of("east")}),
    "of no organization": ("not-found", {"certificate": certificate_of("north.wu")}),
    "a role twice": ("duplicate-role", {"roles": ["member", "bank", "member"]}),
    "no role": ("bad-arguments", {"roles": []}),
    "a role of two words": ("bad-arguments", {"roles": ["a b"]}),
    "a long role": ("bad-arguments", {"roles": ["x" * 65]}),
    "too many roles": ("bad-arguments", {"roles": [f"role{n}" for n in range(17)]}),
    "roles that are no list": ("bad-arguments", {"roles": "member"}),
    "a number as a role": ("bad-arguments", {"roles": [1]}),
}
NOT_REVOKED: dict[str, tuple[str, str, str]] = {
    "by a member": ("policy-not-satisfied", "east.li", "east.li"),
    "by another organization's admin": ("not-organization-admin", "east.li", "west.admin"),
    "nobody": ("not-found", "east.nobody", "east.admin"),
}
"""Code, member, signer."""


@pytest.mark.parametrize("name", NOT_ENROLLED)
def test_a_wrong_enrolment_is_refused(system: SystemState, name: str) -> None:
    code, attempt = NOT_ENROLLED[name]
    assert not_enrolled(system, **attempt) == code


@pytest.mark.parametrize("name", NOT_REVOKED)
def test_a_wrong_revocation_is_refused(system: SystemState, name: str) -> None:
    code, member, signer = NOT_REVOKED[name]
    assert not_revoked(system, member, signer) == code


def test_an_id_that_was_revoked_is_not_enrolled_again(system: SystemState) -> None:
    revoke(system, "east.li")
    assert not_enrolled(system, certificate_of("east.li")) == "already-enrolled"


def test_an_organization_gives_no_role_that_it_was_not_granted(system: SystemState) -> None:
    system.grant("west", "bank")
    error = system.refusal(Membership, "enrol", "east.admin", certificate=WU, roles=["member", "bank"])
    assert (error.code, error.details) == ("role-not-granted", {"organization": "east", "roles": ["bank"]})


def test_expired_certificate_is_refused(system: SystemState) -> None:
    certificate = certificate_of("east.wu", START_MS, START_MS + 60_000)
    system.time_ms = START_MS + 60_001
    assert not_enrolled(system, certificate) == "certificate-validity"
    system.time_ms = START_MS + 60_000
    enrol(system, certificate)


def test_admin_revokes_a_member_from_block_time_on(system: SystemState) -> None:
    assert revoke(system, "east.li") == ["revoked"]
    member = read_member(system.state, "east.li")
    assert member is not None
    assert member.revoked_at_ms == system.time_ms
    assert not member.is_active(system.time_ms)


def test_a_member_is_revoked_once(system: SystemState) -> None:
    revoke(system, "east.li")
    system.time_ms += 1
    assert not_revoked(system, "east.li") == "already-revoked"


def test_a_voting_validator_is_not_revoked(system: SystemState) -> None:
    assert not_revoked(system, "east.validator") == "still-validator"
    system.write_validators("west.validator")
    revoke(system, "east.validator")


def test_the_last_admin_is_not_revoked(system: SystemState) -> None:
    assert not_revoked(system, "east.admin") == "last-admin"
    enrol(system, roles=["admin"])
    revoke(system, "east.admin")
    assert not_revoked(system, "east.wu", "east.wu") == "last-admin"


def test_an_expired_admin_does_not_count_as_one(system: SystemState) -> None:
    certificate = certificate_of("east.wu", START_MS, START_MS + 60_000)
    enrol(system, certificate, ["admin"])
    system.time_ms = START_MS + 60_001
    assert not_revoked(system, "east.admin") == "last-admin"
