"""Which operation leads from which state to which, as data. What is not here is refused.

"" stands for what does not exist yet. A word behind an operation tells two ways of it apart.
"""

from collections.abc import Mapping

ITEMS: Mapping[str, Mapping[str, str]] = {
    "draft_item": {"": "draft"},
    "publish_item": {"draft": "published", "published": "published"},
    "retire_item": {"published": "retired"},
}
"""Of entries of the catalogue; each publication is a version of its own."""
REQUESTS: Mapping[str, Mapping[str, str]] = {
    "request_share": {"": "under-review"},
    "request_share unconditional": {"": "approved"},
    "approve": {"under-review": "approved", "escalated": "approved"},
    "deny": {"under-review": "denied", "escalated": "denied"},
    "escalate": {"under-review": "escalated"},
}
"""Of requests to share. An unconditional one that is served late is escalated, and stays approved."""
GRANTS: Mapping[str, Mapping[str, str]] = {
    "approve": {"": "active"},
    "grant_consent": {"": "active"},
    "grant_consent by code": {"": "offered"},
    "redeem_code": {"offered": "active"},
    "report_wrong_code third": {"offered": "locked"},
    "access": {"active": "active"},
    "access last": {"active": "used-up"},
    "revoke_consent": {"offered": "revoked", "active": "revoked", "locked": "revoked"},
    "expire_grant": {"offered": "expired", "active": "expired", "locked": "expired"},
}
"""Of what may be accessed."""
LICENCES: Mapping[str, Mapping[str, str]] = {
    "issue_licence": {"": "valid"},
    "renew_licence": {"valid": "lapsed", "lapsed": "lapsed"},
    "withhold_licence": {"valid": "withheld"},
    "restore_licence": {"withheld": "valid"},
    "revoke_licence": {"valid": "revoked", "withheld": "revoked"},
    "withdraw_licence": {"valid": "withdrawn", "withheld": "withdrawn"},
    "transfer_licence": {"valid": "transferred"},
    "cancel_licence": {"valid": "cancelled"},
    "lapse_licence": {"valid": "lapsed", "withheld": "lapsed"},
}
"""Of one version of a licence. A renewal makes the next one valid in the same block."""
CASES: Mapping[str, Mapping[str, str]] = {
    "report_error": {"": "reported"},
    "object_to_use": {"": "reported"},
    "correct": {"reported": "corrected", "escalated": "corrected"},
    "uphold": {"reported": "upheld", "escalated": "upheld"},
    "keep": {"reported": "kept", "escalated": "kept"},
    "escalate_case": {"reported": "escalated"},
}
"""Of reports of an error, and of objections."""
QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "ask_presentation": {"": "asked"},
    "present": {"asked": "presented"},
    "accept_presentation": {"presented": "accepted"},
}
"""Of what a verifier wants to be shown."""
EVIDENCE: Mapping[str, Mapping[str, str]] = {
    "deposit_evidence": {"": "deposited"},
    "anchor_evidence": {"deposited": "anchored"},
    "submit_evidence": {"anchored": "anchored", "verified": "anchored", "mismatch": "anchored"},
    "verify as match": {"anchored": "verified", "verified": "verified", "mismatch": "verified"},
    "verify as mismatch": {"anchored": "mismatch", "verified": "mismatch", "mismatch": "mismatch"},
    "admit_evidence": {"verified": "admitted"},
}
"""Of evidence, as a whole or by one line of it."""
