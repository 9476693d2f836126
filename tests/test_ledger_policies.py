"""Policies: who must sign, what is missing, and that empty ones refuse."""

import pytest

from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.identity.policies import AllOf, AnyOf, Anyone, MemberIs, OrganizationIs, OutOf, Policy, Role, verify_policy
from ledger.identity.records import Member
from tests.support import refusal


def member(name: str, *roles: str) -> Member:
    return Member(member=name, public_key="00" * 32, roles=roles, not_before_ms=0, not_after_ms=1, certificate="")


CHEN = member("bank.chen", "member", "bank")
LI = member("east.li", "member")
JUDGE = member("court.judge", "court")
ROLE_A, ROLE_B = Role("bank"), Role("court")


@pytest.mark.parametrize(
    ("policy", "signers"),
    [
        (Anyone(), [LI]),
        (Role("bank"), [LI, CHEN]),
        (MemberIs("east.li"), [CHEN, LI]),
        (OrganizationIs("east"), [LI]),
        (AnyOf(ROLE_A, ROLE_B), [JUDGE]),
        (AllOf(ROLE_A, ROLE_B), [JUDGE, CHEN]),
        (AllOf(Role("bank"), MemberIs("bank.chen")), [CHEN]),
        (OutOf(2, ROLE_A, ROLE_B, MemberIs("east.li")), [CHEN, LI]),
        (AnyOf(AllOf(ROLE_A, ROLE_B), OutOf(1, OrganizationIs("east"))), [LI]),
    ],
)
def test_satisfied(policy: Policy, signers: list[Member]) -> None:
    verify_policy(policy, signers)


@pytest.mark.parametrize(
    ("policy", "signers", "missing"),
    [
        (MemberIs("east.li"), [CHEN], ["member:east.li"]),
        (OrganizationIs("east"), [CHEN], ["organization:east"]),
        (AnyOf(ROLE_A, ROLE_B), [LI], ["any(role:bank, role:court)"]),
        (AnyOf(ROLE_A), [LI], ["role:bank"]),
        (AllOf(ROLE_A, ROLE_B), [CHEN], ["role:court"]),
        (AllOf(ROLE_A, ROLE_B), [LI], ["role:bank", "role:court"]),
        (OutOf(2, ROLE_A, ROLE_B, MemberIs("east.li")), [CHEN], ["1 of (role:court, member:east.li)"]),
        (AllOf(AnyOf(ROLE_A), OutOf(1, ROLE_B)), [CHEN], ["1 of (role:court)"]),
    ],
)
def test_missing_parts_are_named(policy: Policy, signers: list[Member], missing: list[str]) -> None:
    assert refusal(RefusedError, verify_policy, policy, signers).details == {
        "signed": [signer.member for signer in signers],
        "missing": missing,
    }


def test_unsatisfied_policy_refuses_with_who_signed_and_who_is_missing() -> None:
    with pytest.raises(RefusedError) as caught:
        verify_policy(ROLE_A, [LI])
    assert caught.value.code == "policy-not-satisfied"
    assert caught.value.details == {"signed": ["east.li"], "missing": ["role:bank"]}


def test_anyone_needs_a_signer() -> None:
    assert Anyone().missing([]) == ("anyone",)


def test_role_of_nobody_is_missing() -> None:
    assert Role("bank").missing([LI, JUDGE]) == ("role:bank",)


def test_member_is_not_its_neighbour() -> None:
    assert MemberIs("east.li").missing([member("east.lin")]) == ("member:east.li",)


def test_organization_is_not_a_prefix() -> None:
    assert OrganizationIs("east").missing([member("eastern.li")]) == ("organization:east",)


def test_any_of_nothing_refuses() -> None:
    assert AnyOf().missing([CHEN, LI, JUDGE]) == ("any()",)


def test_all_of_nothing_refuses() -> None:
    assert AllOf().missing([CHEN, LI, JUDGE]) == ("all()",)


def test_out_of_needs_its_count() -> None:
    assert OutOf(2, ROLE_A, ROLE_B).missing([CHEN]) == ("1 of (role:court)",)
    assert OutOf(1).missing([CHEN]) == ("1 of ()",)


@pytest.mark.parametrize("count", [0, -1])
def test_out_of_below_one_refuses(count: int) -> None:
    assert OutOf(count, ROLE_A).missing([CHEN]) == (f"{count} of (role:bank)",)


def test_out_of_counts_a_repeated_part_once() -> None:
    assert OutOf(2, ROLE_A, Role("bank")).missing([CHEN]) == ("1 of ()",)


def test_out_of_is_not_met_by_one_part_and_two_signers() -> None:
    assert OutOf(2, ROLE_A, ROLE_B).missing([CHEN, member("bank.wu", "bank")]) == ("1 of (role:court)",)


def test_policies_are_values_and_write_canonical_json() -> None:
    policy = AllOf(Anyone(), AnyOf(ROLE_A, MemberIs("east.li")), OutOf(1, OrganizationIs("east")))
    assert policy == AllOf(Anyone(), AnyOf(Role("bank"), MemberIs("east.li")), OutOf(1, OrganizationIs("east")))
    assert len({policy, ROLE_A, Role("bank")}) == 2
    assert encode(policy.to_json()) == (
        b'{"parts":[{"policy":"anyone"},{"parts":[{"name":"bank","policy":"role"},{"member":"east.li","policy":"member"}],'
        b'"policy":"any-of"},{"count":1,"parts":[{"name":"east","policy":"organization"}],"policy":"out-of"}],"policy":"all-of"}'
    )
