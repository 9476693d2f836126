"""Who acts in a transaction, by role."""

from collections.abc import Sequence

from ledger.contract import Context, Member


def signer_with(context: Context, roles: Sequence[str]) -> Member | None:
    """The first signer with one of these roles."""
    return next((signer for signer in context.signers if any(role in signer.roles for role in roles)), None)


def organization(member: str) -> str:
    """The part before the dot."""
    return member.partition(".")[0]
