"""Governance: a majority of organizations decides, every rule is judged when proposed and when applied."""

from collections.abc import Callable
from typing import Any

import pytest

import ledger.governance
from ledger.contract.records import read_contract, read_member, read_parameters, read_validators
from ledger.encoding import decode_object
from ledger.errors import JsonValue, StorageError
from ledger.governance import Governance
from ledger.identity.records import GOVERNANCE, MEMBERSHIP, RANGES, Parameters, out_of_range
from ledger.membership import Membership
from ledger.state.overlay import Overlay
from tests.support import ADMINS, NOTHING
from tests.system_contracts import END_MS, START_MS, SystemState, certificate_of, key_of, member_of, root_of

VALIDATORS = ("north.validator", "south.validator", "east.validator", "west.validator")
DELAY: dict[str, JsonValue] = {"kind": "set-parameter", "name": "delay_ms", "value": 250}
NEW_VERSION: dict[str, JsonValue] = {"kind": "approve-contract", "name": "asset", "module": "example:Asset", "digest": "bb" * 32}


@pytest.fixture
def system() -> SystemState:
    return SystemState("north", "south", "east", "west")


def add_organization(name: str = "centre", **changes: JsonValue) -> dict[str, JsonValue]:
    certificates = {"root_certificate": root_of(name), "admin_certificate": certificate_of(f"{name}.admin")}
    return {"kind": "add-organization", "name": name, **certificates, **changes}


def add_validator(member: str) -> dict[str, JsonValue]:
    return {"kind": "add-validator", "member": member}


def remove_validator(member: str) -> dict[str, JsonValue]:
    return {"kind": "remove-validator", "member": member}


def grant(organization: str, *roles: str) -> dict[str, JsonValue]:
    return {"kind": "grant-roles", "organization": organization, "roles": [*roles]}


def decide(system: SystemState, action: dict[str, JsonValue], number: str = "P-1") -> list[str]:
    """Proposed with the signatures of a majority: applied at once."""
    return system.call(Governance, "propose", *ADMINS, number=number, action=action)


def propose(system: SystemState, *signers: str, action: dict[str, JsonValue] = DELAY) -> list[str]:
    return system.call(Governance, "propose", *signers, number="P-1", action=action)


def approve(system: SystemState, *signers: str) -> list[str]:
    return system.call(Governance, "approve", *signers, number="P-1")


def refused(system: SystemState, operation: str, *signers: str, **arguments: JsonValue) -> str:
    return system.refused(Governance, operation, *signers, **arguments)


def refused_proposal(system: SystemState, action: dict[str, JsonValue]) -> str:
    """The code with which the very proposal is refused, long before a majority."""
    return refused(system, "propose", "north.admin", number="P-1", action=action)


def voters(system: SystemState) -> tuple[str, ...]:
    return tuple(validator.member for validator in read_validators(system.state).validators)


def proposal(system: SystemState, number: str = "P-1") -> dict[str, Any]:
    value = system.state.get(GOVERNANCE, "proposals", number)
    assert value is not None
    return decode_object(value)


# Voting


def test_a_majority_of_organizations_applies(system: SystemState) -> None:
    assert propose(system, "north.admin") == ["proposed"]
    assert approve(system, "south.admin") == ["approved"]
    assert read_parameters(system.state).delay_ms == 100
    assert proposal(system)["status"] == "open"
    assert approve(system, "west.admin") == ["approved", "applied"]
    assert read_parameters(system.state).delay_ms == 250
    assert proposal(system) == {
        "action": DELAY,
        "proposed_by": ["north.admin"],
        "approvals": ["north", "south", "west"],
        "status": "applied",
    }


def test_half_is_no_majority(system: SystemState) -> None:
    propose(system, "north.admin", "south.admin")
    assert read_parameters(system.state).delay_ms == 100
    assert proposal(system)["status"] == "open"


def test_two_admins_of_one_organization_are_one_approval(system: SystemState) -> None:
    for name in ("north.second", "north.third"):
        system.write(MEMBERSHIP, "members", name, member_of(name, "admin"))
    propose(system, "north.admin", "north.second", "north.third")
    assert proposal(system)["approvals"] == ["north"]


def test_a_cosigner_that_is_no_admin_approves_nothing(system: SystemState) -> None:
    propose(system, "north.admin", "south.li", "east.validator")
    assert proposal(system)["approvals"] == ["north"]


def test_only_admins_propose_and_approve(system: SystemState) -> None:
    assert refused(system, "propose", "north.li", number="P-1", action=DELAY) == "policy-not-satisfied"
    propose(system, "north.admin")
    assert refused(system, "approve", "south.validator", number="P-1") == "policy-not-satisfied"


def test_a_number_is_proposed_once(system: SystemState) -> None:
    propose(system, "north.admin")
    assert refused(system, "propose", "south.admin", number="P-1", action=NEW_VERSION) == "proposal-exists"


def test_an_organization_approves_once(system: SystemState) -> None:
    propose(system, "north.admin")
    assert refused(system, "approve", "north.admin", number="P-1") == "already-approved"
    assert refused(system, "approve", "south.admin", "north.admin", number="P-1") == "already-approved"


def test_an_applied_proposal_is_closed(system: SystemState) -> None:
    decide(system, DELAY)
    assert refused(system, "approve", "west.admin", number="P-1") == "proposal-applied"


def test_an_unknown_proposal_is_not_approved(system: SystemState) -> None:
    assert refused(system, "approve", "west.admin", number="P-9") == "not-found"


def test_rules_are_judged_again_when_applied(system: SystemState) -> None:
    propose(system, "north.admin", "south.admin", action=remove_validator("west.validator"))
    system.write_validators("west.validator")
    assert refused(system, "approve", "east.admin", number="P-1") == "last-validator"
    assert proposal(system)["approvals"] == ["north", "south"]
    system.write_validators("north.validator", "west.validator")
    approve(system, "east.admin")
    assert voters(system) == ("north.validator",)


# Organizations


def test_an_organization_joins_with_its_first_admin(system: SystemState) -> None:
    assert decide(system, add_organization()) == ["proposed", "applied"]
    organization, admin = Governance(system.state).organizations.get("centre"), read_member(system.state, "centre.admin")
    assert organization is not None
    assert (organization.root_certificate, organization.added_height) == (root_of("centre"), 5)
    assert admin is not None
    assert (admin.roles, admin.public_key) == (("admin",), key_of("centre.admin").public_key)
    system.call(Membership, "enrol", "centre.admin", certificate=certificate_of("centre.wu"), roles=["member"])
    assert [name for name, _ in Governance(system.state).organizations.items()] == ["centre", "east", "north", "south", "west"]


def test_a_new_organization_changes_the_majority(system: SystemState) -> None:
    decide(system, add_organization("centre"), "P-1")
    decide(system, add_organization("centre2"), "P-2")
    decide(system, DELAY, "P-3")
    assert proposal(system, "P-3")["status"] == "open"
    assert system.call(Governance, "approve", "centre.admin", number="P-3") == ["approved", "applied"]


def test_business_roles_are_granted_by_a_majority_alone(system: SystemState) -> None:
    enrol: dict[str, JsonValue] = {"certificate": certificate_of("east.wu"), "roles": ["bank"]}
    assert system.refused(Membership, "enrol", "east.admin", **enrol) == "role-not-granted"
    decide(system, grant("east", "bank"))
    assert system.call(Membership, "enrol", "east.admin", **enrol) == ["enrolled"]
    decide(system, grant("east"), "P-2")
    enrol["certificate"] = certificate_of("east.xu")
    assert system.refused(Membership, "enrol", "east.admin", **enrol) == "role-not-granted"


def test_a_new_organization_comes_with_its_roles(system: SystemState) -> None:
    decide(system, add_organization(roles=["bank"]))
    enrol: dict[str, JsonValue] = {"certificate": certificate_of("centre.wu"), "roles": ["bank"]}
    assert system.call(Membership, "enrol", "centre.admin", **enrol) == ["enrolled"]


# Validators


def test_a_validator_is_added_last_in_order(system: SystemState) -> None:
    system.write_validators(*VALIDATORS[:3])
    decide(system, add_validator("west.validator"))
    assert voters(system) == VALIDATORS
    assert read_validators(system.state).validators[3].public_key == key_of("west.validator").public_key


def test_a_validator_is_removed_and_the_order_stays(system: SystemState) -> None:
    decide(system, remove_validator("south.validator"))
    assert voters(system) == ("north.validator", "east.validator", "west.validator")


# Contract versions


def report(system: SystemState, validator: str, digest: str = "bb" * 32) -> list[str]:
    return system.call(Governance, "report_installed", validator, contract="asset", digest=digest)


def acting_digest(system: SystemState) -> str:
    entry = read_contract(system.state, "asset")
    assert entry is not None
    return entry.digest


def test_an_approved_version_acts_when_a_quorum_has_it(system: SystemState) -> None:
    decide(system, NEW_VERSION)
    assert report(system, "north.validator") == ["installed"]
    assert report(system, "north.validator") == ["installed"]
    assert report(system, "south.validator") == ["installed"]
    assert acting_digest(system) == "aa" * 32
    assert report(system, "west.validator") == ["installed", "active"]
    assert acting_digest(system) == "bb" * 32
    assert report(system, "east.validator") == ["installed"]


def test_a_quorum_of_the_present_validators_counts(system: SystemState) -> None:
    decide(system, NEW_VERSION)
    for validator in VALIDATORS[:2]:
        report(system, validator)
    system.write_validators("south.validator", "east.validator", "west.validator")
    assert report(system, "east.validator") == ["installed"]
    assert report(system, "west.validator") == ["installed", "active"]


def test_a_report_may_be_repeated_after_the_validators_changed(system: SystemState) -> None:
    decide(system, NEW_VERSION)
    for validator in VALIDATORS[:2]:
        report(system, validator)
    system.write_validators(*VALIDATORS[:2])
    assert report(system, "north.validator") == ["installed", "active"]


def test_a_new_contract_is_approved_like_a_version(system: SystemState) -> None:
    decide(system, {**NEW_VERSION, "name": "bond", "module": "example.bonds:Bond"})
    assert read_contract(system.state, "bond") is None
    for validator in VALIDATORS[:3]:
        system.call(Governance, "report_installed", validator, contract="bond", digest="bb" * 32)
    assert [(entry.name, entry.module) for _, entry in Governance(system.state).contracts.items()] == [
        ("asset", "example:Asset"),
        ("bond", "example.bonds:Bond"),
    ]


def test_an_approved_version_is_withdrawn_by_approving_the_acting_one(system: SystemState) -> None:
    decide(system, NEW_VERSION, "P-0")
    decide(system, {**NEW_VERSION, "digest": "aa" * 32}, "P-1")
    refusal = system.refusal(Governance, "report_installed", "north.validator", contract="asset", digest="bb" * 32)
    assert (refusal.code, refusal.details["digest"]) == ("wrong-digest", "aa" * 32)


def test_only_a_voting_validator_reports(system: SystemState) -> None:
    decide(system, NEW_VERSION)
    system.write_validators(*VALIDATORS[:3])
    arguments: dict[str, JsonValue] = {"contract": "asset", "digest": "bb" * 32}
    assert refused(system, "report_installed", "west.validator", **arguments) == "not-a-validator"
    assert refused(system, "report_installed", "west.admin", **arguments) == "policy-not-satisfied"


def test_only_the_approved_digest_is_reported(system: SystemState) -> None:
    arguments: dict[str, JsonValue] = {"contract": "asset", "digest": "cc" * 32}
    assert refused(system, "report_installed", "west.validator", **arguments) == "not-found"
    decide(system, NEW_VERSION)
    assert refused(system, "report_installed", "west.validator", **arguments) == "wrong-digest"


# Parameters


@pytest.mark.parametrize("name", list(RANGES))
def test_a_parameter_takes_both_ends_of_its_range_and_nothing_beyond(system: SystemState, name: str) -> None:
    least, most = RANGES[name]
    system.write(GOVERNANCE, "parameters", "current", Parameters(transaction_bytes_max=1_024, block_bytes_max=6_000_000))
    for number, value in enumerate((least, most)):
        decide(system, {"kind": "set-parameter", "name": name, "value": value}, f"P-{number + 2}")
        assert getattr(read_parameters(system.state), name) == value
    for value in (least - 1, most + 1):
        action: dict[str, JsonValue] = {"kind": "set-parameter", "name": name, "value": value}
        assert refused_proposal(system, action) == "parameter-out-of-range"


def test_every_parameter_has_a_range_that_holds_its_usual_value() -> None:
    assert RANGES.keys() == Parameters.model_fields.keys()
    assert out_of_range(Parameters()) is None


def test_a_transaction_always_fits_a_block(system: SystemState) -> None:
    action: dict[str, JsonValue] = {"kind": "set-parameter", "name": "block_bytes_max", "value": 65_535}
    refusal = system.refusal(Governance, "propose", "north.admin", number="P-1", action=action)
    assert refusal.details == {"name": "block_bytes_max", "least": 65_536, "most": 6_000_000}


# Proposals that are refused


def three_vote(system: SystemState) -> None:
    system.write_validators(*VALIDATORS[:3])


def revoked(system: SystemState) -> None:
    three_vote(system)
    system.call(Membership, "revoke", "west.admin", member="west.validator")


def expired(system: SystemState) -> None:
    three_vote(system)
    system.time_ms = END_MS + 1


def twin(system: SystemState) -> None:
    member = member_of("west.twin", "validator").model_copy(update={"public_key": key_of("west.validator").public_key})
    system.write(MEMBERSHIP, "members", "west.twin", member)


REFUSED: dict[str, tuple[str, dict[str, JsonValue]]] = {
    "an organization twice": ("organization-exists", add_organization("west")),
    "another's root": ("bad-certificate", add_organization(root_certificate=root_of("west"))),
    "a member as root": ("bad-certificate", add_organization(root_certificate=certificate_of("centre.admin"))),
    "no root": ("bad-certificate", add_organization(root_certificate="hello")),
    "no admin": ("bad-certificate", add_organization(admin_certificate="hello")),
    "a root as admin": ("bad-certificate", add_organization(admin_certificate=root_of("centre"))),
    "another's admin": ("wrong-issuer", add_organization(admin_certificate=certificate_of("west.admin"))),
    "an admin before its root": (
        "certificate-validity", add_organization(admin_certificate=certificate_of("centre.admin", START_MS - 86_400_000))),
    "roles for no organization": ("not-found", grant("elsewhere")),
    "a validator not enrolled": ("not-found", add_validator("west.nobody")),
    "a validator without the role": ("not-eligible", add_validator("west.li")),
    "a revoked validator": ("not-eligible", add_validator("west.validator")),
    "an expired validator": ("not-eligible", add_validator("west.validator")),
    "a validator twice": ("already-validator", add_validator("east.validator")),
    "a key twice": ("already-validator", add_validator("west.twin")),
    "no validator removed": ("not-a-validator", remove_validator("south.li")),
    "the last validator removed": ("last-validator", remove_validator("south.validator")),
    "the acting version": ("version-exists", {**NEW_VERSION, "digest": "aa" * 32}),
    "an approved version": ("version-exists", NEW_VERSION),
    "membership replaced": ("reserved-name", {**NEW_VERSION, "name": MEMBERSHIP}),
    "governance replaced": ("reserved-name", {**NEW_VERSION, "name": GOVERNANCE}),
    "an unknown parameter": ("unknown-parameter", {**DELAY, "name": "delay"}),
    "a part of the model": ("unknown-parameter", {**DELAY, "name": "model_fields"}),
    "a part of the class": ("unknown-parameter", {**DELAY, "name": "__class__"}),
    "nothing": ("bad-arguments", {}),
    "another kind": ("bad-arguments", {"kind": "abolish"}),
    "a field missing": ("bad-arguments", {"kind": "add-validator"}),
    "no member id": ("bad-arguments", add_validator("no-dot")),
    "a number as text": ("bad-arguments", {**DELAY, "value": "250"}),
    "too large a number": ("bad-arguments", {**DELAY, "value": 2**53}),
    "a field more": ("bad-arguments", {**DELAY, "note": ""}),
    "a digest in capitals": ("bad-arguments", {**NEW_VERSION, "digest": "BB" * 32}),
    "a module without class": ("bad-arguments", {**NEW_VERSION, "module": "os"}),
    "a module with a line end": ("bad-arguments", {**NEW_VERSION, "module": "example:Asset\n"}),
    "a contract of two words": ("bad-arguments", {**NEW_VERSION, "name": "a b"}),
}  # fmt: skip
BEFORE: dict[str, Callable[[SystemState], object]] = {
    "a revoked validator": revoked,
    "an expired validator": expired,
    "a key twice": twin,
    "the last validator removed": lambda system: system.write_validators("south.validator"),
    "an approved version": lambda system: decide(system, NEW_VERSION, "P-0"),
}
"""What is done first; before the others the west's validator is taken out of those who vote."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_proposal_is_refused_before_anybody_votes(system: SystemState, name: str) -> None:
    code, action = REFUSED[name]
    BEFORE.get(name, three_vote)(system)
    assert refused_proposal(system, action) == code


@pytest.mark.parametrize(
    ("limit", "action", "code"),
    [
        ("ORGANIZATIONS_MAX", add_organization(), "too-many-organizations"),
        ("VALIDATORS_MAX", add_validator("west.validator"), "too-many-validators"),
    ],
)
def test_organizations_and_validators_are_limited(
    system: SystemState, monkeypatch: pytest.MonkeyPatch, limit: str, action: dict[str, JsonValue], code: str
) -> None:
    three_vote(system)
    monkeypatch.setattr(ledger.governance, limit, 3)
    assert refused_proposal(system, action) == code


# Reads


def test_a_state_without_genesis_is_damaged() -> None:
    with pytest.raises(StorageError, match="which the genesis writes"):
        read_parameters(Overlay(NOTHING))


def test_a_state_with_another_shape_is_damaged(system: SystemState) -> None:
    system.state.put(MEMBERSHIP, "members", "east.li", b"{}")
    with pytest.raises(StorageError, match=r"east\.li\) is no Member"):
        read_member(system.state, "east.li")
