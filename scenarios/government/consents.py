"""Consent: a holder lets one agency see some fields of one licence for one matter, at once or by an eight-digit code.

The code is what an applicant says aloud at a window, so it has 10^8 values and no more. A digest of it on a ledger that every
member can read would be found by trying, with or without a public salt. Therefore:

    tag     HMAC-SHA-256 under a key that only the licence platform has, over the code and all that it is bound to:
            consent, licence, agency, matter, last day, number of uses. The ledger keeps the tag.
    offer   signed by the holder, so that no consent is made up, and by the platform, which made the code
    redeem  signed by the clerk, who heard it, and by the platform, which works out the tag of what the clerk typed.
            Of a wrong code nothing is submitted: the platform counts it, and after three the consent is locked.

What this does not stop: a platform and an agency that conspire can redeem a consent whose holder never gave the code, but
only one that the holder signed, for that agency, matter and fields.
"""

from ledger.contract import AllOf, AnyOf, Anyone, Context, DigestText, Role, operation
from scenarios.government import rules
from scenarios.government.licence_identifiers import LicenceKey
from scenarios.government.records import Grant, Name, Number, Use
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import GRANTS
from scenarios.working_days import end_of_day

WRONG_CODES_MAX = 3


class ConsentOperations(GovernmentState):
    """The part of the contract in which holders say yes, and take it back."""

    @operation(signed_by=Role(rules.ENTERPRISE))
    def grant_consent(
        self, context: Context, consent: Number, licence: LicenceKey, consumer: Name, use: Use, code_tag: DigestText | None = None
    ) -> None:
        """A holder consents; with the tag of a code it holds only once the code was given at the agency's window."""
        # READ
        shown = self.licences[licence]
        item = self.items[shown.item]
        # CHECK
        rules.require_holder(context, shown.holder)
        rules.require_valid(context, licence, shown)
        rules.require_current(self, context, shown.item, item.version, use.fields)
        rules.require_matter(self, context, use.matter, consumer, shown.holder, use.purpose)
        beyond = rules.require_needed(self, context, use, shown.item, use.expires_on_ms)
        context.require(consent not in self.grants and consent not in self.requests, "already-exists", number=consent)
        is_made_by_platform = any(rules.LICENCE_PLATFORM in signer.roles for signer in context.signers)
        context.require(code_tag is None or is_made_by_platform, "code-not-from-platform")
        # WRITE
        grant = Grant(
            **dict(use),
            basis="consent",
            consumer=consumer,
            provider=shown.issuer,
            subject=shown.holder,
            item=shown.item,
            version=item.version,
            licence=licence,
            state="active" if code_tag is None else "offered",
            code_tag=code_tag or "",
        )
        self.grants[consent] = grant
        # EMIT
        context.emit("granted", grant=consent, **grant.model_dump(mode="json"))
        rules.raise_excess(self, context, consent, use, beyond)

    @operation(signed_by=AllOf(AnyOf(Role(rules.CONSUMER), Role(rules.BANK)), Role(rules.LICENCE_PLATFORM)))
    def redeem_code(self, context: Context, consent: Number, matter: Number, code_tag: DigestText) -> None:
        """A clerk types the code that it heard; the platform computes its tag and signs too."""
        # READ
        grant = self.grants[consent]
        # CHECK
        self._require_offered(context, consent, grant)
        context.require(matter == grant.matter, "code-for-other-matter", matter=grant.matter, asked=matter)
        application = rules.require_matter(self, context, matter, grant.consumer, grant.subject, grant.purpose)
        rules.require_clerk(context, matter, application)
        context.require(code_tag == grant.code_tag, "wrong-code", consent=consent)
        # WRITE
        self.grants[consent] = grant.replace(state="active")
        # EMIT
        context.emit("code-redeemed", grant=consent, by=grant.consumer)

    @operation(signed_by=Role(rules.LICENCE_PLATFORM))
    def report_wrong_code(self, context: Context, consent: Number) -> None:
        """The platform counts a wrong code; the third one locks the consent."""
        # READ
        grant = self.grants[consent]
        # CHECK
        self._require_offered(context, consent, grant)
        # WRITE
        count = grant.wrong_codes + 1
        is_last = count == WRONG_CODES_MAX
        self.grants[consent] = grant.replace(wrong_codes=count, state="locked" if is_last else grant.state)
        # EMIT
        if is_last:
            context.emit("grant-ended", grant=consent, state="locked")

    @operation(signed_by=Role(rules.ENTERPRISE))
    def revoke_consent(self, context: Context, consent: Number) -> None:
        """The holder takes a consent back: from this block on nothing is accessed by it. What was, stays provable."""
        # READ
        grant = self.grants[consent]
        # CHECK
        context.require(grant.basis == "consent", "not-a-consent", grant=consent)
        rules.require_holder(context, grant.subject)
        context.require(grant.state in GRANTS["revoke_consent"], "grant-over", grant=consent, state=grant.state)
        # WRITE
        self.grants[consent] = grant.replace(state="revoked")
        # EMIT
        context.emit("grant-ended", grant=consent, state="revoked")

    @operation(signed_by=Anyone())
    def expire_grant(self, context: Context, grant: Number) -> None:
        """Anyone marks a grant whose last day has passed; it has not opened anything since, marked or not."""
        # READ
        permission = self.grants[grant]
        # CHECK
        context.require(permission.state in GRANTS["expire_grant"], "grant-over", grant=grant, state=permission.state)
        context.require(context.time_ms > end_of_day(permission.expires_on_ms), "not-expired", grant=grant)
        # WRITE
        self.grants[grant] = permission.replace(state="expired")
        # EMIT
        context.emit("grant-ended", grant=grant, state="expired")

    def _require_offered(self, context: Context, consent: str, grant: Grant) -> None:
        context.require(grant.state != "locked", "code-locked", consent=consent)
        context.require(grant.state in GRANTS["redeem_code"], "code-used", consent=consent)
        context.require(context.time_ms <= end_of_day(grant.expires_on_ms), "grant-expired", grant=consent)
