"""Access: both sides sign one receipt, or there is none. The ledger holds who, when, for what and names of fields, no value."""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, Sealed, operation
from ledger.contract.calendar import date_text
from scenarios.government import records, rules
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import CASES, GRANTS
from scenarios.working_days import end_of_day


class AccessOperations(GovernmentState):
    """The part of the contract that keeps the book of who looked at what, and lets holders object to what is in it."""

    @operation(signed_by=Anyone())
    def access(self, context: Context, receipt: records.Number, grant: records.Number, exchange: records.Exchange) -> None:
        """Consumer and provider sign for one exchange of data, which itself goes between them outside of the ledger."""
        # READ
        permission = self.grants[grant]
        # CHECK
        self._require_both_sides(context, permission)
        self._require_live(context, grant, permission)
        is_matter = exchange.matter == permission.matter
        context.require(is_matter, "grant-for-other-matter", matter=permission.matter, asked=exchange.matter)
        rules.require_matter(self, context, exchange.matter, permission.consumer, permission.subject, exchange.purpose)
        beyond = [field for field in exchange.fields if field not in permission.fields]
        context.require(beyond == [], "field-creep", beyond=beyond, granted=permission.fields)
        self._require_source(context, permission, exchange.fields, exchange.schema_digest)
        context.require(receipt not in self.receipts, "already-exists", number=receipt)
        # WRITE
        uses = permission.uses + 1
        self.grants[grant] = permission.replace(uses=uses, state="used-up" if uses == permission.uses_max else "active")
        if permission.basis == "approval" and permission.uses == 0:
            self.requests[grant] = self.requests[grant].replace(served_at_ms=context.time_ms)
        written = records.Receipt(
            **dict(exchange),
            grant=grant,
            consumer=permission.consumer,
            provider=permission.provider,
            subject=permission.subject,
            item=permission.item,
            version=permission.version,
            licence=permission.licence,
            accessed_at_ms=context.time_ms,
        )
        self.receipts[receipt] = written
        # EMIT
        context.emit("accessed", receipt=receipt, **written.model_dump(mode="json"))
        if uses == permission.uses_max:
            context.emit("grant-ended", grant=grant, state="used-up")

    @operation(signed_by=Anyone())
    def report_error(self, context: Context, case: records.Number, receipt: records.Number, field: records.FieldName) -> None:
        """A holder who saw a wrong value in an access to its own data says which field; the provider must answer in time."""
        # READ
        looked = self.receipts[receipt]
        # CHECK
        rules.require_holder(context, looked.subject)
        context.require(field in looked.fields, "unknown-field", item=looked.item, fields=(field,))
        context.require(case not in self.cases, "already-exists", number=case)
        # WRITE
        self.cases[case] = records.Case(
            subject=looked.subject,
            provider=looked.provider,
            receipt=receipt,
            field=field,
            reported_at_ms=context.time_ms,
            answer_by_ms=rules.answer_by(self, context, "correction"),
        )
        # EMIT
        context.emit("error-reported", case=case, subject=looked.subject, provider=looked.provider, field=field)

    @operation(signed_by=Anyone())
    def correct(self, context: Context, case: records.Number, content: Sealed[records.Payload]) -> None:
        """The provider corrects the field, late too: better late than wrong."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        context.require(rules.signs_as_provider(context, objection.provider), "not-provider", provider=objection.provider)
        # WRITE
        self.cases[case] = objection.replace(state="corrected", answered_at_ms=context.time_ms, content=content)
        # EMIT
        context.emit("error-answered", case=case, outcome="corrected", by=objection.provider)

    @operation(signed_by=Anyone())
    def keep(self, context: Context, case: records.Number, reason: records.Note) -> None:
        """The provider keeps the value, in time and with its reason; afterwards only the data bureau can."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        is_escalated = objection.state == "escalated"
        by = rules.require_answer_in_time(context, objection.provider, objection.answer_by_ms, is_escalated=is_escalated)
        # WRITE
        self.cases[case] = objection.replace(state="kept", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("error-answered", case=case, outcome="kept", by=by, reason=reason)

    @operation(signed_by=Anyone())
    def escalate_case(self, context: Context, case: records.Number) -> None:
        """Anyone tells that a report was not answered in time."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        context.require(objection.state in CASES["escalate_case"], "already-escalated", request=case)
        context.require(context.time_ms > objection.answer_by_ms, "deadline-runs", until=date_text(objection.answer_by_ms))
        # WRITE
        self.cases[case] = objection.replace(state="escalated")
        # EMIT
        context.emit("error-escalated", case=case, provider=objection.provider)

    def _open_case(self, context: Context, case: str) -> records.Case:
        objection = self.cases[case]
        context.require(objection.state in CASES["correct"], "already-answered", request=case, state=objection.state)
        return objection

    def _require_both_sides(self, context: Context, permission: records.Grant) -> None:
        rules.require_agency(context, permission.consumer)
        is_provider = rules.signs_as_provider(context, permission.provider)
        context.require(is_provider, "one-side-only", missing=[permission.provider])

    def _require_live(self, context: Context, grant: str, permission: records.Grant) -> None:
        """Judged at this block's time: a last day that has passed ends a grant whether or not anybody has marked it."""
        context.require(permission.state != "revoked", "grant-revoked", grant=grant)
        context.require(permission.state != "used-up", "grant-used-up", grant=grant, uses=permission.uses_max)
        is_running = permission.state != "expired" and context.time_ms <= end_of_day(permission.expires_on_ms)
        context.require(is_running, "grant-expired", grant=grant)
        context.require(permission.state in GRANTS["access"], "code-not-told", consent=grant)

    def _require_source(self, context: Context, permission: records.Grant, fields: Sequence[str], schema_digest: str) -> None:
        """The version of the grant must still be in force and be the one that is quoted; a licence must be valid now."""
        current = rules.require_current(self, context, permission.item, permission.version, fields)
        context.require(schema_digest == current.schema_digest, "wrong-schema", item=permission.item, version=permission.version)
        if permission.licence:
            rules.require_valid(context, permission.licence, self.licences[permission.licence])
