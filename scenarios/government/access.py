"""Access: both sides sign one receipt, or there is none. The ledger holds who, when, for what and names of fields, no value."""

from collections.abc import Sequence

from ledger.contract import Anyone, Collection, Context, DigestText, Sealed, operation
from ledger.contract.calendar import date_text
from scenarios.government.argument_types import FieldName, Fields, Note, Number, Purpose
from scenarios.government.consents import ConsentOperations
from scenarios.government.offices import BANK, CONSUMER, ENTERPRISE, end_of
from scenarios.government.records import Case, Grant, Payload, Receipt


class AccessOperations(ConsentOperations):
    """The part of the contract that keeps the book of who looked at what, and lets holders object to what is in it."""

    receipts = Collection(Receipt)
    cases = Collection(Case)

    @operation(signed_by=Anyone())
    def access(
        self,
        context: Context,
        receipt: Number,
        grant: Number,
        fields: Fields,
        purpose: Purpose,
        matter: Number,
        schema_digest: DigestText,
        request: Sealed[Payload],
        response: Sealed[Payload],
    ) -> None:
        """Consumer and provider sign for one exchange of data, which itself goes between them outside of the ledger."""
        # READ
        found = self.grants[grant]
        # CHECK
        self._require_both_sides(context, found)
        self._require_live(context, grant, found)
        context.require(matter == found.matter, "grant-for-other-matter", matter=found.matter, asked=matter)
        self.require_matter(context, matter, found.consumer, found.subject, purpose)
        beyond = [field for field in fields if field not in found.fields]
        context.require(beyond == [], "field-creep", beyond=beyond, granted=found.fields)
        self._require_source(context, found, fields, schema_digest)
        context.require(receipt not in self.receipts, "already-exists", number=receipt)
        # WRITE
        uses = found.uses + 1
        self.grants[grant] = found.replace(uses=uses, state="used-up" if uses == found.uses_max else "active")
        if found.basis == "approval" and found.uses == 0:
            self.requests[grant] = self.requests[grant].replace(served_at_ms=context.time_ms)
        written = Receipt(
            grant=grant,
            consumer=found.consumer,
            provider=found.provider,
            subject=found.subject,
            item=found.item,
            version=found.version,
            schema_digest=schema_digest,
            licence=found.licence,
            fields=fields,
            purpose=purpose,
            matter=matter,
            request=request,
            response=response,
            accessed_at_ms=context.time_ms,
        )
        self.receipts[receipt] = written
        # EMIT
        context.emit("accessed", receipt=receipt, **written.model_dump(mode="json"))
        if uses == found.uses_max:
            context.emit("grant-ended", grant=grant, state="used-up")

    @operation(signed_by=Anyone())
    def report_error(self, context: Context, case: Number, receipt: Number, field: FieldName) -> None:
        """A holder who saw a wrong value in an access to its own data says which field; the provider must answer in time."""
        # READ
        found = self.receipts[receipt]
        # CHECK
        context.require(self.signs(context, found.subject, ENTERPRISE), "not-holder", holder=found.subject)
        context.require(field in found.fields, "unknown-field", item=found.item, fields=(field,))
        context.require(case not in self.cases, "already-exists", number=case)
        # WRITE
        self.cases[case] = Case(
            subject=found.subject,
            provider=found.provider,
            receipt=receipt,
            field=field,
            reported_at_ms=context.time_ms,
            answer_by_ms=self.answer_by(context, "correction"),
        )
        # EMIT
        context.emit("error-reported", case=case, subject=found.subject, provider=found.provider, field=field)

    @operation(signed_by=Anyone())
    def correct(self, context: Context, case: Number, content: Sealed[Payload]) -> None:
        """The provider corrects the field, late too: better late than wrong."""
        # READ
        found = self._open_case(context, case)
        # CHECK
        context.require(self.signs_as_provider(context, found.provider), "not-provider", provider=found.provider)
        # WRITE
        self.cases[case] = found.replace(state="corrected", answered_at_ms=context.time_ms, content=content)
        # EMIT
        context.emit("error-answered", case=case, outcome="corrected", by=found.provider)

    @operation(signed_by=Anyone())
    def keep(self, context: Context, case: Number, reason: Note) -> None:
        """The provider keeps the value, in time and with its reason; afterwards only the data bureau can."""
        # READ
        found = self._open_case(context, case)
        # CHECK
        is_escalated = found.state == "escalated"
        by = self.require_answer_in_time(context, found.provider, found.answer_by_ms, is_escalated=is_escalated)
        # WRITE
        self.cases[case] = found.replace(state="kept", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("error-answered", case=case, outcome="kept", by=by, reason=reason)

    @operation(signed_by=Anyone())
    def escalate_case(self, context: Context, case: Number) -> None:
        """Anyone tells that a report was not answered in time."""
        # READ
        found = self._open_case(context, case)
        # CHECK
        context.require(found.state == "reported", "already-escalated", request=case)
        context.require(context.time_ms > found.answer_by_ms, "deadline-runs", until=date_text(found.answer_by_ms))
        # WRITE
        self.cases[case] = found.replace(state="escalated")
        # EMIT
        context.emit("error-escalated", case=case, provider=found.provider)

    def _open_case(self, context: Context, case: str) -> Case:
        found = self.cases[case]
        is_open = found.state in ("reported", "escalated")
        context.require(is_open, "already-answered", request=case, state=found.state)
        return found

    def _require_both_sides(self, context: Context, found: Grant) -> None:
        is_consumer = self.signs(context, found.consumer, CONSUMER) or self.signs(context, found.consumer, BANK)
        context.require(is_consumer, "other-agency", agency=found.consumer)
        is_provider = self.signs_as_provider(context, found.provider)
        context.require(is_provider, "one-side-only", missing=[found.provider])

    def _require_live(self, context: Context, grant: str, found: Grant) -> None:
        """Judged at this block's time: a last day that has passed ends a grant whether or not anybody has marked it."""
        context.require(found.state != "revoked", "grant-revoked", grant=grant)
        context.require(found.state != "used-up", "grant-used-up", grant=grant, uses=found.uses_max)
        is_running = found.state != "expired" and context.time_ms <= end_of(found.expires_on_ms)
        context.require(is_running, "grant-expired", grant=grant)
        context.require(found.state == "active", "code-not-told", consent=grant)

    def _require_source(self, context: Context, found: Grant, fields: Sequence[str], schema_digest: str) -> None:
        """The version of the grant must still be in force and be the one that is quoted; a licence must be valid now."""
        current = self.require_current(context, found.item, found.version, fields)
        context.require(schema_digest == current.schema_digest, "wrong-schema", item=found.item, version=found.version)
        if found.licence:
            self.require_valid(context, found.licence, self.licences[found.licence])
