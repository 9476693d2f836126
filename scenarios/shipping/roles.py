"""Roles in shipping, and who acts by them: the contract's policies, the table of authority and the cast share the names."""

from collections.abc import Sequence

from ledger.contract import Context, Member, MemberId

CARRIER = "carrier"
SHIPPER = "shipper"
CONSIGNEE = "consignee"
TERMINAL = "terminal"
DEPOT = "depot"
TRUCKER = "trucker"
CUSTOMS = "customs"
SENSORS = "container-sensors"
"""Provider of sensors on containers: doors, places, temperatures."""
PLATFORM = "ebl-platform"
BANK = "bank"
"""Finances trade, and moves the money of charges."""


def acting(context: Context, role: str) -> MemberId:
    """The signer with this role; the policy has seen to it that there is one."""
    return next(signer.member for signer in context.signers if role in signer.roles)


def signer_with(context: Context, roles: Sequence[str]) -> Member | None:
    """The first signer with one of these roles."""
    return next((signer for signer in context.signers if any(role in signer.roles for role in roles)), None)


def has_role(context: Context, member: MemberId, role: str) -> bool:
    """Whether a member of this id, which may be empty, is enrolled with this role."""
    enrolled = context.member(member) if member else None
    return enrolled is not None and role in enrolled.roles
