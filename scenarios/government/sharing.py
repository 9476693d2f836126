"""Data shared between departments: a catalogue in versions, and requests for what it lists.

Duty -> item -> fields. A department drafts an entry, the data bureau puts it in force, and no version ever changes. A request is
approved at once, reviewed in time, or escalated; a department that is late has lost its say.
"""

from ledger.contract import AnyOf, Anyone, Context, DigestText, Role, operation
from ledger.contract.calendar import date_text
from scenarios.government import records, rules
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import ITEMS, REQUESTS


class SharingOperations(GovernmentState):
    """The part of the contract in which departments list their data, and ask each other."""

    @operation(signed_by=AnyOf(Role(rules.PROVIDER), Role(rules.ISSUER)))
    def draft_item(
        self,
        context: Context,
        item: records.Number,
        duty: records.Note,
        attribute: records.Attribute,
        basis: records.Note,
        fields: records.Fields,
    ) -> None:
        """A department drafts an entry, or the next version of its own one."""
        # READ
        provider = rules.acting(context, rules.PROVIDER, rules.ISSUER)
        entry = self.items.get(item)
        current = self.versions.get(rules.version_key(item, entry.version)) if entry else None
        version = entry.version + 1 if entry else 1
        # CHECK
        context.require(entry is None or entry.provider == provider, "not-provider", provider=entry.provider if entry else "")
        context.require(entry is None or entry.state != "retired", "retired", item=item)
        context.require(len(set(fields)) == len(fields), "doubled-field", item=item)
        is_new = current is None or (current.attribute, current.fields) != (attribute, fields)
        context.require(is_new, "nothing-amended", item=item, version=version - 1)
        # WRITE
        if entry is None:
            self.items[item] = records.Item(provider=provider, state="draft")
        self.drafts[item] = records.ItemVersion(
            duty=duty,
            attribute=attribute,
            basis=basis,
            fields=fields,
            schema_digest=rules.schema_digest(item, version, attribute, fields),
        )

    @operation(signed_by=Role(rules.DATA_BUREAU))
    def publish_item(self, context: Context, item: records.Number, schema_digest: DigestText) -> None:
        """The data bureau puts in force the draft that it has read; the version before stays on the ledger."""
        # READ
        entry = self.items[item]
        draft = self.drafts.get(item)
        # CHECK
        if draft is None:  # check: government-no-draft
            context.refuse("no-draft", item=item)
        context.require(schema_digest == draft.schema_digest, "other-draft", item=item)
        # WRITE
        version = entry.version + 1
        self.items[item] = entry.replace(state="published", version=version)
        self.versions[rules.version_key(item, version)] = draft
        del self.drafts[item]
        # EMIT
        context.emit("item-published", item=item, provider=entry.provider, version=version, **draft.model_dump(mode="json"))

    @operation(signed_by=AnyOf(Role(rules.PROVIDER), Role(rules.ISSUER)))
    def retire_item(self, context: Context, item: records.Number) -> None:
        """A department takes an entry out: nothing can be requested or accessed under it any more."""
        # READ
        entry = self.items[item]
        # CHECK
        context.require(rules.signs_as_provider(context, entry.provider), "not-provider", provider=entry.provider)
        context.require(entry.state in ITEMS["retire_item"], "not-published", item=item)
        # WRITE
        self.items[item] = entry.replace(state="retired")
        if item in self.drafts:
            del self.drafts[item]
        # EMIT
        context.emit("item-retired", item=item)

    @operation(signed_by=Role(rules.CONSUMER))
    def request_share(self, context: Context, request: records.Number, wanted: records.SharedData) -> None:
        """A department asks for fields of an item for one matter; an unconditional item is approved by rule."""
        # READ
        consumer = rules.acting(context, rules.CONSUMER)
        # CHECK
        matter = rules.require_matter(self, context, wanted.matter, consumer, wanted.subject, wanted.purpose)
        rules.require_clerk(context, wanted.matter, matter)
        current = rules.require_current(self, context, wanted.item, wanted.version, wanted.fields)
        rules.require_no_objection(self, context, wanted.matter, wanted.item)
        beyond = rules.require_needed(self, context, wanted, wanted.item, wanted.expires_on_ms)
        provider = self.items[wanted.item].provider
        context.require(provider != consumer, "own-data", item=wanted.item)
        is_open_to_all = provider not in self.issuers or matter.legal_basis != ""
        context.require(is_open_to_all, "needs-consent", item=wanted.item)
        context.require(request not in self.requests and request not in self.grants, "already-exists", number=request)
        # WRITE
        is_open = current.attribute == "unconditional"
        share = records.ShareRequest(
            **dict(wanted),
            attribute=current.attribute,
            consumer=consumer,
            provider=provider,
            state="approved" if is_open else "under-review",
            submitted_at_ms=context.time_ms,
            answer_by_ms=rules.answer_by(self, context, current.attribute),
        )
        self.requests[request] = share
        # EMIT
        context.emit("share-requested", request=request, **share.model_dump(mode="json"))
        rules.raise_excess(self, context, request, wanted, beyond)
        if is_open:
            self._grant(context, request, share)

    @operation(signed_by=AnyOf(Role(rules.PROVIDER), Role(rules.ISSUER), Role(rules.DATA_BUREAU)))
    def approve(self, context: Context, request: records.Number) -> None:
        """The provider says yes in time; after an escalation the data bureau does. The entry must still be the one asked for."""
        # READ
        share = self.requests[request]
        # CHECK
        by = self._require_answerer(context, request, share)
        rules.require_current(self, context, share.item, share.version, share.fields)
        rules.require_matter(self, context, share.matter, share.consumer, share.subject, share.purpose)
        # WRITE
        self.requests[request] = share.replace(state="approved", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("share-answered", request=request, outcome="approved", by=by)
        self._grant(context, request, share)

    @operation(signed_by=AnyOf(Role(rules.PROVIDER), Role(rules.ISSUER), Role(rules.DATA_BUREAU)))
    def deny(self, context: Context, request: records.Number, reason: records.Note) -> None:
        """The provider says no in time, and why; an unconditional item cannot be denied."""
        # READ
        share = self.requests[request]
        # CHECK
        context.require(share.attribute != "unconditional", "unconditional", item=share.item)
        by = self._require_answerer(context, request, share)
        # WRITE
        self.requests[request] = share.replace(state="denied", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("share-answered", request=request, outcome="denied", by=by, reason=reason)

    @operation(signed_by=Anyone())
    def escalate(self, context: Context, request: records.Number) -> None:
        """Anyone tells that a deadline has passed without an answer, or without data: now the data bureau has the say."""
        # READ
        share = self.requests[request]
        is_served = share.attribute == "unconditional" and share.served_at_ms > 0
        # CHECK
        context.require(share.escalated_at_ms == 0, "already-escalated", request=request)
        is_waiting = share.state in REQUESTS["escalate"] or (share.attribute == "unconditional" and not is_served)
        context.require(is_waiting, "already-answered", request=request, state=share.state)
        if share.attribute == "unconditional":
            rules.require_reason_seen(self, context, share.matter, request)
        context.require(context.time_ms > share.answer_by_ms, "deadline-runs", until=date_text(share.answer_by_ms))
        # WRITE
        state = REQUESTS["escalate"].get(share.state, share.state)
        self.requests[request] = share.replace(state=state, escalated_at_ms=context.time_ms)
        # EMIT
        context.emit("share-escalated", request=request, provider=share.provider)

    def _require_answerer(self, context: Context, request: str, share: records.ShareRequest) -> records.Name:
        """The provider until the deadline; the data bureau once the request was escalated."""
        context.require(share.state in REQUESTS["approve"], "already-answered", request=request, state=share.state)
        is_escalated = share.state == "escalated"
        return rules.require_answer_in_time(context, share.provider, share.answer_by_ms, is_escalated=is_escalated)

    def _grant(self, context: Context, request: str, share: records.ShareRequest) -> None:
        data = {name: value for name, value in dict(share).items() if name in records.SharedData.model_fields}
        grant = records.Grant(**data, basis="approval", consumer=share.consumer, provider=share.provider, state="active")
        self.grants[request] = grant
        context.emit("granted", grant=request, **grant.model_dump(mode="json"))
