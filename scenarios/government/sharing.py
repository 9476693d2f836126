"""Requests to share: approved at once, reviewed in time, or escalated; a department that is late has lost its say."""

from ledger.contract import AnyOf, Anyone, Collection, Context, Role, Timestamp, operation
from ledger.contract.calendar import date_text
from scenarios.government.argument_types import Fields, Name, Note, Number, Purpose, Uses
from scenarios.government.catalogue import CatalogueOperations
from scenarios.government.offices import CONSUMER, DATA_BUREAU, ISSUER, PROVIDER, end_of
from scenarios.government.records import Grant, Issuer, ShareRequest


class SharingOperations(CatalogueOperations):
    """The part of the contract in which departments ask each other."""

    requests = Collection(ShareRequest)
    grants = Collection(Grant)
    issuers = Collection(Issuer)
    """Whose entries are about licences: no department opens these to another, only their holders do."""

    @operation(signed_by=Role(CONSUMER))
    def request_share(
        self,
        context: Context,
        request: Number,
        item: Number,
        version: int,
        subject: Name,
        fields: Fields,
        purpose: Purpose,
        matter: Number,
        uses_max: Uses,
        expires_on_ms: Timestamp,
    ) -> None:
        """A department asks for fields of an item for one matter; an unconditional item is approved by rule."""
        # READ
        consumer = self.acting(context, CONSUMER)
        # CHECK
        self.require_matter(context, matter, consumer, subject, purpose)
        current = self.require_current(context, item, version, fields)
        provider = self.items[item].provider
        context.require(provider != consumer, "own-data", item=item)
        context.require(provider not in self.issuers, "needs-consent", item=item)
        context.require(request not in self.requests and request not in self.grants, "already-exists", number=request)
        context.require(end_of(expires_on_ms) > context.time_ms, "expired-already")
        # WRITE
        is_open = current.attribute == "unconditional"
        asked = ShareRequest(
            item=item,
            version=version,
            attribute=current.attribute,
            consumer=consumer,
            provider=provider,
            subject=subject,
            fields=fields,
            purpose=purpose,
            matter=matter,
            uses_max=uses_max,
            expires_on_ms=expires_on_ms,
            state="approved" if is_open else "under-review",
            submitted_at_ms=context.time_ms,
            answer_by_ms=self.answer_by(context, current.attribute),
        )
        self.requests[request] = asked
        # EMIT
        context.emit("share-requested", request=request, **asked.model_dump(mode="json"))
        if is_open:
            self._grant(context, request, asked)

    @operation(signed_by=AnyOf(Role(PROVIDER), Role(ISSUER), Role(DATA_BUREAU)))
    def approve(self, context: Context, request: Number) -> None:
        """The provider says yes in time; after an escalation the data bureau does. The entry must still be the one asked for."""
        # READ
        asked = self.requests[request]
        # CHECK
        by = self._require_answerer(context, request, asked)
        self.require_current(context, asked.item, asked.version, asked.fields)
        self.require_matter(context, asked.matter, asked.consumer, asked.subject, asked.purpose)
        # WRITE
        self.requests[request] = asked.replace(state="approved", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("share-answered", request=request, outcome="approved", by=by)
        self._grant(context, request, asked)

    @operation(signed_by=AnyOf(Role(PROVIDER), Role(ISSUER), Role(DATA_BUREAU)))
    def deny(self, context: Context, request: Number, reason: Note) -> None:
        """The provider says no in time, and why; nobody can deny an unconditional item."""
        # READ
        asked = self.requests[request]
        # CHECK
        context.require(asked.attribute != "unconditional", "unconditional", item=asked.item)
        by = self._require_answerer(context, request, asked)
        # WRITE
        self.requests[request] = asked.replace(state="denied", answered_at_ms=context.time_ms)
        # EMIT
        context.emit("share-answered", request=request, outcome="denied", by=by, reason=reason)

    @operation(signed_by=Anyone())
    def escalate(self, context: Context, request: Number) -> None:
        """Anyone tells that a deadline has passed without an answer, or without data: now the data bureau has the say."""
        # READ
        asked = self.requests[request]
        is_served = asked.attribute == "unconditional" and asked.served_at_ms > 0
        # CHECK
        context.require(asked.escalated_at_ms == 0, "already-escalated", request=request)
        is_waiting = asked.state == "under-review" or (asked.attribute == "unconditional" and not is_served)
        context.require(is_waiting, "already-answered", request=request, state=asked.state)
        context.require(context.time_ms > asked.answer_by_ms, "deadline-runs", until=date_text(asked.answer_by_ms))
        # WRITE
        state = "escalated" if asked.state == "under-review" else asked.state
        self.requests[request] = asked.replace(state=state, escalated_at_ms=context.time_ms)
        # EMIT
        context.emit("share-escalated", request=request, provider=asked.provider)

    def _require_answerer(self, context: Context, request: str, asked: ShareRequest) -> Name:
        """The provider until the deadline; the data bureau once the request was escalated."""
        is_open = asked.state in ("under-review", "escalated")
        context.require(is_open, "already-answered", request=request, state=asked.state)
        is_escalated = asked.state == "escalated"
        return self.require_answer_in_time(context, asked.provider, asked.answer_by_ms, is_escalated=is_escalated)

    def _grant(self, context: Context, request: str, asked: ShareRequest) -> None:
        grant = Grant(
            basis="approval",
            consumer=asked.consumer,
            provider=asked.provider,
            subject=asked.subject,
            item=asked.item,
            version=asked.version,
            fields=asked.fields,
            purpose=asked.purpose,
            matter=asked.matter,
            expires_on_ms=asked.expires_on_ms,
            uses_max=asked.uses_max,
            state="active",
        )
        self.grants[request] = grant
        context.emit("granted", grant=request, **grant.model_dump(mode="json"))
