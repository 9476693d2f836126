"""What every contract imports; `source_rules/allowed.toml` lists what it may import besides."""

from ledger.contract.contract import Context, Contract, Operation, operation
from ledger.contract.records import (
    Absent,
    Collection,
    CrossingProof,
    DigestText,
    Identifier,
    Integer,
    MemberId,
    NonNegative,
    Positive,
    Record,
    RecordView,
    Text,
    Timestamp,
)
from ledger.contract.refusal import ReadRule, Refusal
from ledger.identity.policies import AllOf, AnyOf, Anyone, MemberIs, OrganizationIs, OutOf, Policy, Role
from ledger.identity.records import Member
from ledger.sealed import Opening, Sealed
