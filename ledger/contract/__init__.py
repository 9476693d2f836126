"""The contract framework: everything that a contract imports."""

from ledger.contract.contract import Context, Contract, Operation, operation
from ledger.contract.records import (
    Collection,
    DigestText,
    Identifier,
    Integer,
    MemberId,
    NonNegative,
    Positive,
    Record,
    Text,
    Timestamp,
)
from ledger.contract.refusal import ReadRule, Refusal
from ledger.identity.policies import AllOf, AnyOf, Anyone, MemberIs, OrganizationIs, OutOf, Policy, Role
from ledger.identity.records import Member
from ledger.sealed import Opening, Sealed
