"""Which operation leads from which state to which, as data. What is not here is refused.

After EnergyTag's reference, which reserves, locks and withdraws in any state: here what was cancelled or claimed never comes
back. "" stands for what does not exist yet. A word behind an operation tells two ways of it apart.
"""

from collections.abc import Mapping

BUNDLES: Mapping[str, Mapping[str, str]] = {
    "issue": {"": "active"},
    "discharge": {"": "active"},
    "split": {"active": "split"},
    "transfer": {"active": "active"},
    "reserve": {"active": "reserved"},
    "release": {"reserved": "active"},
    "lock": {"active": "locked", "reserved": "locked"},
    "unlock": {"locked": "active"},
    "unlock reserved": {"locked": "reserved"},
    "cancel": {"active": "cancelled", "reserved": "cancelled"},
    "claim": {"cancelled": "claimed"},
    "charge": {"cancelled": "cancelled"},
    "withdraw_claim": {"claimed": "cancelled"},
    "withdraw": {"active": "withdrawn", "reserved": "withdrawn", "locked": "withdrawn"},
    "expire": {"active": "expired", "reserved": "expired", "locked": "expired"},
}
"""Of hourly certificates. What is locked goes back to what it was; the parts of a split are active."""
CLAIMS: Mapping[str, Mapping[str, str]] = {
    "claim": {"": "pending"},
    "consume_green": {"": "pending"},
    "attest_claim": {"pending": "attested", "disputed": "attested"},
    "dispute_claim": {"pending": "disputed", "attested": "disputed"},
    "withdraw_claim": {"pending": "withdrawn", "disputed": "withdrawn"},
}
"""Of claims. Only what is attested stands; what is withdrawn lets go of its load; its certificates stay used up."""
GREEN_LOTS: Mapping[str, Mapping[str, str]] = {
    "issue_green": {"": "issued"},
    "divide_green": {"issued": "divided", "traded": "divided"},
    "list_green": {"issued": "listed"},
    "unlist_green": {"listed": "issued"},
    "trade_green": {"listed": "traded"},
    "consume_green": {"issued": "consumed", "traded": "consumed", "consumed": "consumed"},
    "freeze_ccer": {"issued": "frozen"},
    "unfreeze_ccer": {"frozen": "issued"},
    "register_ccer": {"frozen": "excluded"},
    "expire_green": {"issued": "expired", "listed": "expired", "traded": "expired"},
}
"""Of monthly green certificates. The parts of a divided lot are what it was."""
CARBON_PROJECTS: Mapping[str, Mapping[str, str]] = {
    "freeze_ccer": {"": "applied"},
    "unfreeze_ccer": {"applied": "ended"},
    "register_ccer": {"applied": "registered"},
}
"""Of applications for carbon credits."""
