"""Access: both sides sign one receipt, or there is none. The ledger holds who, when, for what and names of fields, no value."""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, Sealed, Timestamp, operation
from ledger.contract.calendar import date_text, day_of
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
        rules.require_clerk(context, permission.matter, self.matters[permission.matter])
        is_provider = rules.signs_as_provider(context, permission.provider)
        context.require(is_provider, "one-side-only", missing=[permission.provider])
        self._require_live(context, grant, permission)
        is_matter = exchange.matter == permission.matter
        context.require(is_matter, "grant-for-other-matter", matter=permission.matter, asked=exchange.matter)
        rules.require_matter(self, context, exchange.matter, permission.consumer, permission.subject, exchange.purpose)
        beyond = [field for field in exchange.fields if field not in permission.fields]
        context.require(beyond == [], "field-creep", beyond=beyond, granted=permission.fields)
        rules.require_no_objection(self, context, permission.matter, permission.item)
        rules.require_reason_seen(self, context, permission.matter, grant)
        self._require_ages(context, permission, exchange)
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
            keep_until_on_ms=rules.kept_until(self, context, exchange.purpose),
        )
        self.receipts[receipt] = written
        rules.add_look(self, context, "access", receipt, written)
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
        # WRITE
        self._lodge(context, case, looked.subject, looked.provider, receipt=receipt, field=field)
        # EMIT
        told = {"subject": looked.subject, "provider": looked.provider, "receipt": receipt, "field": field}
        context.emit("error-reported", case=case, **told)

    @operation(signed_by=Anyone())
    def object_to_use(
        self, context: Context, case: records.Number, matter: records.Number, item: records.Number, reason: records.Note
    ) -> None:
        """Whose data they are objects to an entry's use for a matter: nothing of it is opened until that is turned down."""
        # READ
        application, provider, use = self.matters[matter], self.items[item].provider, f"{matter}:{item}"
        earlier = self.objections.get(use)
        # CHECK
        rules.require_holder(context, application.applicant)
        context.require(application.legal_basis == "", "by-law", legal_basis=application.legal_basis)
        context.require(application.state == "open", "matter-closed", matter=matter)
        context.require(earlier is None, "already-objected", item=item, case=earlier.case if earlier else "")
        # WRITE
        self.objections[use] = records.Objection(case=case)
        self._lodge(context, case, application.applicant, provider, use=use)
        # EMIT
        context.emit("objected", case=case, use=use, subject=application.applicant, reason=reason)

    @operation(signed_by=Anyone())
    def uphold(self, context: Context, case: records.Number) -> None:
        """The provider, late too, or the data bureau in its place agrees with an objection: the entry stays closed."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        by = rules.require_answerer(context, objection.provider, is_escalated=objection.state == "escalated")
        context.require(objection.use != "", "other-case", case=case)
        # WRITE
        self._answer(context, case, objection, "upheld", by)

    @operation(signed_by=Anyone())
    def correct(self, context: Context, case: records.Number, content: Sealed[records.Payload], as_of_on_ms: Timestamp) -> None:
        """The provider corrects the field, late too: better late than wrong. All who were given it before get a notice."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        context.require(rules.signs_as_provider(context, objection.provider), "not-provider", provider=objection.provider)
        context.require(objection.receipt != "", "other-case", case=case)
        context.require(day_of(as_of_on_ms) <= context.time_ms, "as-of-ahead", as_of=date_text(as_of_on_ms))
        wrong = self.receipts[objection.receipt]
        item, key = wrong.item, f"{objection.subject}:{wrong.item}:{objection.field}"
        earlier = self.corrected.get(key)
        known_on_ms = max(wrong.as_of_of(objection.field), earlier.as_of_on_ms if earlier else 0)
        context.require(day_of(as_of_on_ms) >= day_of(known_on_ms), "as-of-behind", as_of=date_text(known_on_ms))
        # WRITE
        self.corrected[key] = records.CorrectedValue(case=case, as_of_on_ms=day_of(as_of_on_ms))
        self._answer(context, case, objection.replace(content=content), "corrected", objection.provider)
        for _, look in self.looks.items(prefix=f"{objection.subject}:"):
            if look.item == item and objection.field in look.fields:
                key = f"{look.matter}:correction:{case}:{look.number}"
                rules.notify(self, context, key, look.by, (objection.field,))

    @operation(signed_by=Anyone())
    def keep(self, context: Context, case: records.Number, reason: records.Note) -> None:
        """The provider keeps value or grant, in time and with its reason; afterwards only the data bureau can."""
        # READ
        objection = self._open_case(context, case)
        # CHECK
        is_escalated = objection.state == "escalated"
        by = rules.require_answer_in_time(context, objection.provider, objection.answer_by_ms, is_escalated=is_escalated)
        # WRITE
        self._answer(context, case, objection, "kept", by, reason)

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

    def _lodge(self, context: Context, case: str, subject: str, provider: str, **about: str) -> None:
        """What its subject says, and until when the provider has to answer."""
        context.require(case not in self.cases, "already-exists", number=case)
        answer_by_ms = rules.answer_by(self, context, "correction")
        times = {"reported_at_ms": context.time_ms, "answer_by_ms": answer_by_ms}
        self.cases[case] = records.Case.model_validate({**about, **times, "subject": subject, "provider": provider})

    def _open_case(self, context: Context, case: str) -> records.Case:
        objection = self.cases[case]
        context.require(objection.state in CASES["correct"], "already-answered", request=case, state=objection.state)
        return objection

    def _answer(self, context: Context, case: str, objection: records.Case, outcome: str, by: str, reason: str = "") -> None:
        self.cases[case] = objection.replace(state=outcome, answered_at_ms=context.time_ms)
        context.emit("error-answered", case=case, outcome=outcome, by=by, reason=reason)

    def _require_ages(self, context: Context, permission: records.Grant, exchange: records.Exchange) -> None:
        """Each value has the day for which its source vouches, which is none to come and none before a correction."""
        days = exchange.as_of_on_ms
        context.require(len(days) == len(exchange.fields), "as-of-missing", fields=exchange.fields)
        context.require(max(days) <= context.time_ms, "as-of-ahead", as_of=date_text(max(days)))
        ages = zip(exchange.fields, days, strict=True)
        rules.require_uncorrected(self, context, permission.subject, permission.item, ages)

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
