"""Who must sign: policies by member, organization or role, and their combinations. An empty policy refuses.

A policy's text is part of receipts, so it is a notation and not a sentence: `role:bank`, `member:east.li`,
`organization:east`, `any(role:bank, role:court)`, `all(…)`, `2 of (…)`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

from ledger.errors import JsonValue, RefusedError
from ledger.identity.records import Member


def verify_policy(policy: "Policy", signers: Sequence[Member]) -> None:
    """Raises RefusedError `policy-not-satisfied`, which says who signed and who is missing."""
    missing = policy.missing(signers)
    if missing:  # check: policy-satisfied
        signed = [signer.member for signer in signers]
        message = f"Signed by {', '.join(signed) or 'nobody'}; missing {', '.join(missing)}."
        raise RefusedError("policy-not-satisfied", message, signed=list(signed), missing=list(missing))


@dataclass(frozen=True, slots=True)
class Policy(ABC):
    """A demand on the signers of a transaction. Policies are values: equal when they demand the same."""

    kind: ClassVar[str]

    def text(self) -> str:
        """The demand in the notation of receipts."""
        return ":".join((self.kind, *(getattr(self, field.name) for field in fields(self))))

    def missing(self, signers: Sequence[Member]) -> tuple[str, ...]:
        """Texts of what these signers do not fulfil; empty when the policy is satisfied."""
        return tuple(self._missing(signers))

    def to_json(self) -> JsonValue:
        """The policy for the API: its kind and its fields, parts in the same form."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if "parts" in values:
            values["parts"] = [part.to_json() for part in values["parts"]]
        return {"policy": self.kind, **values}

    @abstractmethod
    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        """The rule of each policy."""


@dataclass(frozen=True, slots=True)
class Anyone(Policy):
    """Any enrolled member; the operation itself judges who the signer is."""

    kind = "anyone"

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if not signers:  # check: policy-anyone
            yield self.text()


@dataclass(frozen=True, slots=True)
class Role(Policy):
    """A member enrolled with this role."""

    kind = "role"
    name: str

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if not any(self.name in signer.roles for signer in signers):  # check: policy-role
            yield self.text()


@dataclass(frozen=True, slots=True)
class MemberIs(Policy):
    """This one member."""

    kind = "member"
    member: str

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if not any(signer.member == self.member for signer in signers):  # check: policy-member
            yield self.text()


@dataclass(frozen=True, slots=True)
class OrganizationIs(Policy):
    """Any member of this organization."""

    kind = "organization"
    name: str

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if not any(signer.organization == self.name for signer in signers):  # check: policy-organization
            yield self.text()


@dataclass(frozen=True, slots=True, init=False)
class AnyOf(Policy):
    """At least one of the parts is satisfied; without parts it refuses. A part that is the only one is missing itself."""

    kind = "any-of"
    parts: tuple[Policy, ...]

    def __init__(self, *parts: Policy) -> None:
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """`any(PART, …)`."""
        return f"any{_listed(self.parts)}"

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if all(part.missing(signers) for part in self.parts):  # check: policy-any-of
            yield self.parts[0].text() if len(self.parts) == 1 else self.text()


@dataclass(frozen=True, slots=True, init=False)
class AllOf(Policy):
    """Every part is satisfied; one signer may satisfy several. Without parts it refuses."""

    kind = "all-of"
    parts: tuple[Policy, ...]

    def __init__(self, *parts: Policy) -> None:
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """`all(PART, …)`."""
        return f"all{_listed(self.parts)}"

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        if not self.parts:  # check: policy-empty-all-of
            yield self.text()
        for part in self.parts:
            yield from part.missing(signers)


@dataclass(frozen=True, slots=True, init=False)
class OutOf(Policy):
    """At least `count` different parts are satisfied; a part named twice counts once, and a count below 1 refuses."""

    kind = "out-of"
    count: int
    parts: tuple[Policy, ...]

    def __init__(self, count: int, *parts: Policy) -> None:
        object.__setattr__(self, "count", count)
        object.__setattr__(self, "parts", parts)

    def text(self) -> str:
        """`COUNT of (PART, …)`."""
        return f"{self.count} of {_listed(self.parts)}"

    def _missing(self, signers: Sequence[Member]) -> Iterator[str]:
        """How many more are needed, and of which parts."""
        different = tuple(dict.fromkeys(self.parts))
        open_parts = tuple(part for part in different if part.missing(signers))
        lacking = self.count - (len(different) - len(open_parts))
        if self.count < 1:  # check: policy-out-of-nothing
            yield self.text()
        elif lacking > 0:  # check: policy-out-of
            yield f"{lacking} of {_listed(open_parts)}"


def _listed(parts: Sequence[Policy]) -> str:
    return f"({', '.join(part.text() for part in parts)})"
