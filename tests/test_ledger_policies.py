"""Policies: who must sign, what is missing, and that empty ones refuse."""

import pytest

from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.identity.policies import AllOf, AnyOf, Anyone, MemberIs, OrganizationIs, OutOf, Policy, Role, verify_policy
from ledger.identity.records import Member
from tests.support import enrolled, refusal

CHEN = enrolled("bank.chen", "member", "bank")
LI = enrolled("east.li", "member")
JUDGE = enrolled("court.judge", "court")
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


MISSING: dict[str, tuple[Policy, list[Member], list[str]]] = {
    "anyone": (Anyone(), [], ["anyone"]),
    "a role": (Role("bank"), [LI, JUDGE], ["role:bank"]),
    "a member": (MemberIs("east.li"), [CHEN], ["member:east.li"]),
    "a member and not its neighbour": (MemberIs("east.li"), [enrolled("east.lin")], ["member:east.li"]),
    "an organization": (OrganizationIs("east"), [CHEN], ["organization:east"]),
    "an organization and not a prefix": (OrganizationIs("east"), [enrolled("eastern.li")], ["organization:east"]),
    "any of nothing": (AnyOf(), [CHEN, LI, JUDGE], ["any()"]),
    "any of one": (AnyOf(ROLE_A), [LI], ["role:bank"]),
    "any of two": (AnyOf(ROLE_A, ROLE_B), [LI], ["any(role:bank, role:court)"]),
    "all of nothing": (AllOf(), [CHEN, LI, JUDGE], ["all()"]),
    "all of two, one there": (AllOf(ROLE_A, ROLE_B), [CHEN], ["role:court"]),
    "all of two": (AllOf(ROLE_A, ROLE_B), [LI], ["role:bank", "role:court"]),
    "one of nothing": (OutOf(1), [CHEN], ["1 of ()"]),
    "none of one": (OutOf(0, ROLE_A), [CHEN], ["0 of (role:bank)"]),
    "less than none of one": (OutOf(-1, ROLE_A), [CHEN], ["-1 of (role:bank)"]),
    "two of two": (OutOf(2, ROLE_A, ROLE_B), [CHEN], ["1 of (role:court)"]),
    "two of three": (OutOf(2, ROLE_A, ROLE_B, MemberIs("east.li")), [CHEN], ["1 of (role:court, member:east.li)"]),
    "two of one part twice": (OutOf(2, ROLE_A, Role("bank")), [CHEN], ["1 of ()"]),
    "two of two, by two of one part": (OutOf(2, ROLE_A, ROLE_B), [CHEN, enrolled("bank.wu", "bank")], ["1 of (role:court)"]),
    "a policy of policies": (AllOf(AnyOf(ROLE_A), OutOf(1, ROLE_B)), [CHEN], ["1 of (role:court)"]),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_parts_are_named(name: str) -> None:
    policy, signers, missing = MISSING[name]
    error = refusal(RefusedError, verify_policy, policy, signers)
    assert error.code == "policy-not-satisfied"
    assert error.details == {"signed": [signer.member for signer in signers], "missing": missing}


def test_policies_are_values_and_write_canonical_json() -> None:
    policy = AllOf(Anyone(), AnyOf(ROLE_A, MemberIs("east.li")), OutOf(1, OrganizationIs("east")))
    assert policy == AllOf(Anyone(), AnyOf(Role("bank"), MemberIs("east.li")), OutOf(1, OrganizationIs("east")))
    assert len({policy, ROLE_A, Role("bank")}) == 2
    assert encode(policy.to_json()) == (
        b'{"parts":[{"policy":"anyone"},{"parts":[{"name":"bank","policy":"role"},{"member":"east.li","policy":"member"}],'
        b'"policy":"any-of"},{"count":1,"parts":[{"name":"east","policy":"organization"}],"policy":"out-of"}],"policy":"all-of"}'
    )
