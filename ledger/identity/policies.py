"""Who must sign: policies by member, organization or role, and their combinations. An empty policy refuses.

A policy's text is part of receipts, so it is a notation and not a sentence: `role:bank`, `member:east.li`,
`organization:east`, `any(role:bank, role:court)`, `all(…)`, `2 of (…)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.errors import JsonValue, RefusedError
from ledger.identity.records import Member


class Policy(Protocol):
    """A demand on the signers of a transaction. Policies are values: equal when they demand the same."""

    def text(self) -> str:
        """The demand in the notation of receipts."""

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil; empty when the policy is satisfied."""

    def to_json(self) -> JsonValue:
        """The policy for the API."""


def verify_policy(policy: Policy, signers: Sequence[Member]) -> None:
    """Raises RefusedError `policy-not-satisfied`, which says who signed and who is missing."""
    missing = policy.missing(signers)
    if missing:  # check: policy-satisfied
        signed = [signer.member for signer in signers]
        message = f"Signed by {', '.join(signed) or 'nobody'}; missing {', '.join(missing)}."
        raise RefusedError("policy-not-satisfied", message, signed=list(signed), missing=list(missing))


@dataclass(frozen=True, slots=True)
class Anyone:
    """Any enrolled member; the operation itself judges who the signer is."""

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return "anyone"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil."""
        if not signers:  # check: policy-anyone
            return (self.text(),)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "anyone"}


@dataclass(frozen=True, slots=True)
class Role:
    """A member enrolled with this role."""

    name: str

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"role:{self.name}"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil."""
        if not any(self.name in signer.roles for signer in signers):  # check: policy-role
            return (self.text(),)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "role", "name": self.name}


@dataclass(frozen=True, slots=True)
class MemberIs:
    """This one member."""

    member: str

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"member:{self.member}"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil."""
        if not any(signer.member == self.member for signer in signers):  # check: policy-member
            return (self.text(),)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "member", "member": self.member}


@dataclass(frozen=True, slots=True)
class OrganizationIs:
    """Any member of this organization."""

    name: str

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"organization:{self.name}"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil."""
        if not any(signer.organization == self.name for signer in signers):  # check: policy-organization
            return (self.text(),)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "organization", "name": self.name}


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """At least one of the parts is satisfied; without parts nobody can be."""

    parts: tuple[Policy, ...]

    def __init__(self, *parts: Policy) -> None:
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"any({_texts(self.parts)})"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil: the one part itself, or all alternatives as one text."""
        if all(part.missing(signers) for part in self.parts):  # check: policy-any-of
            return (self.parts[0].text(),) if len(self.parts) == 1 else (self.text(),)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "any-of", "parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True, slots=True, init=False)
class AllOf:
    """Every part is satisfied; one signer may satisfy several. Without parts it refuses."""

    parts: tuple[Policy, ...]

    def __init__(self, *parts: Policy) -> None:
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"all({_texts(self.parts)})"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil, part by part."""
        if not self.parts:  # check: policy-empty-all-of
            return (self.text(),)
        return tuple(text for part in self.parts for text in part.missing(signers))

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "all-of", "parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True, slots=True, init=False)
class OutOf:
    """At least `count` different parts are satisfied; a part named twice counts once, and a count below 1 refuses."""

    count: int
    parts: tuple[Policy, ...]

    def __init__(self, count: int, *parts: Policy) -> None:
        object.__setattr__(self, "count", count)
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return f"{self.count} of ({_texts(self.parts)})"

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """How many more are needed and of which parts."""
        different = tuple(dict.fromkeys(self.parts))
        open_parts = tuple(part for part in different if part.missing(signers))
        lacking = self.count - (len(different) - len(open_parts))
        if self.count < 1:  # check: policy-out-of-nothing
            return (self.text(),)
        if lacking > 0:  # check: policy-out-of
            return (f"{lacking} of ({_texts(open_parts)})",)
        return ()

    def to_json(self) -> JsonValue:
        """The policy for the API."""
        return {"policy": "out-of", "count": self.count, "parts": [part.to_json() for part in self.parts]}


def _texts(parts: Sequence[Policy]) -> str:
    return ", ".join(part.text() for part in parts)
