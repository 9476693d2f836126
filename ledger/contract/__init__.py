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
from ledger.contract.sealed import Opening, Sealed
from ledger.identity.policies import AllOf, AnyOf, Anyone, MemberIs, OrganizationIs, OutOf, Policy, Role
from ledger.identity.records import Member

__all__ = [
    "AllOf",
    "AnyOf",
    "Anyone",
    "Collection",
    "Context",
    "Contract",
    "DigestText",
    "Identifier",
    "Integer",
    "Member",
    "MemberId",
    "MemberIs",
    "NonNegative",
    "Opening",
    "Operation",
    "OrganizationIs",
    "OutOf",
    "Policy",
    "Positive",
    "ReadRule",
    "Record",
    "Refusal",
    "Role",
    "Sealed",
    "Text",
    "Timestamp",
    "operation",
]
