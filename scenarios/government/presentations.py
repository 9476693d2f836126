"""Presentations and customers: a verifier asks once, a holder shows a licence of its own, a bank relies on it for one purpose."""

from ledger.contract import AnyOf, Context, Role, Sealed, Timestamp, operation
from ledger.contract.calendar import date_text, day_of
from scenarios.government import rules
from scenarios.government.licence_identifiers import LicenceKey
from scenarios.government.records import Customer, Demand, Fields, Name, Nonce, Number, Payload, Purpose, Question
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import QUESTIONS
from scenarios.working_days import end_of_day


class PresentationOperations(GovernmentState):
    """The part of the contract behind what a holder carries in its own wallet."""

    @operation(signed_by=AnyOf(Role(rules.BANK), Role(rules.CONSUMER)))
    def ask_presentation(self, context: Context, question: Number, demand: Demand) -> None:
        """A verifier says which fields it wants for which matter, with a nonce that was never asked before."""
        # READ
        verifier = rules.acting(context, rules.BANK, rules.CONSUMER)
        earlier = self.nonces.get(demand.nonce)
        # CHECK
        matter = rules.require_matter(self, context, demand.matter, verifier, demand.holder, demand.purpose)
        rules.require_clerk(context, demand.matter, matter)
        rules.require_current(self, context, demand.item, self.items[demand.item].version, demand.fields)
        rules.require_no_objection(self, context, demand.matter, demand.item)
        beyond = rules.require_needed(self, context, demand, demand.item, demand.open_until_on_ms)
        context.require(question not in self.questions, "already-exists", number=question)
        context.require(earlier is None, "nonce-used", question=earlier.question if earlier else "")
        # WRITE
        self.nonces[demand.nonce] = Nonce(question=question)
        asked = Question(**dict(demand), verifier=verifier, asked_at_ms=context.time_ms)
        self.questions[question] = asked
        # EMIT
        context.emit("presentation-asked", question=question, **asked.model_dump(mode="json"))
        rules.raise_excess(self, context, question, demand, beyond)

    @operation(signed_by=Role(rules.ENTERPRISE))
    def present(
        self, context: Context, question: Number, licence: LicenceKey, fields: Fields, presentation: Sealed[Payload]
    ) -> None:
        """A holder shows the fields that were asked for, no more; what it shows goes to the verifier outside of the ledger."""
        # READ
        asked, shown = self.questions[question], self.licences[licence]
        # CHECK
        is_own = rules.signs(context, asked.holder, rules.ENTERPRISE) and shown.holder == asked.holder
        context.require(is_own, "not-holder", holder=shown.holder)
        context.require(asked.state in QUESTIONS["present"], "question-answered", question=question)
        is_running = context.time_ms <= end_of_day(asked.open_until_on_ms)
        context.require(is_running, "question-over", until=date_text(asked.open_until_on_ms))
        context.require(shown.item == asked.item, "other-licence", item=asked.item)
        self._require_usable(context, asked)
        rules.require_reason_seen(self, context, asked.matter, question)
        rules.require_valid(context, licence, shown)
        as_of_on_ms = day_of(shown.issued_at_ms)
        self._require_uncorrected(context, asked, as_of_on_ms)
        is_asked = sorted(fields) == sorted(asked.fields)
        context.require(is_asked, "other-fields", asked=asked.fields, shown=fields)
        # WRITE
        self.questions[question] = asked.replace(
            state="presented",
            licence=licence,
            presentation=presentation,
            presented_at_ms=context.time_ms,
            as_of_on_ms=as_of_on_ms,
            keep_until_on_ms=rules.kept_until(self, context, asked.purpose),
        )
        rules.add_look(self, context, "presentation", question, asked)
        # EMIT
        context.emit("presented", question=question, licence=licence, fields=fields)

    @operation(signed_by=AnyOf(Role(rules.BANK), Role(rules.CONSUMER)))
    def accept_presentation(self, context: Context, question: Number, presentation: Sealed[Payload]) -> None:
        """The verifier states that it checked what it was shown; the licence must be valid at this block's time too."""
        # READ
        asked = self.questions[question]
        # CHECK
        rules.require_clerk(context, asked.matter, self.matters[asked.matter])
        context.require(asked.state != "accepted", "question-answered", question=question)
        context.require(asked.state in QUESTIONS["accept_presentation"], "not-presented", question=question)
        context.require(presentation == asked.presentation, "other-presentation", question=question)
        self._require_usable(context, asked)
        self._require_uncorrected(context, asked, asked.as_of_on_ms)
        self._require_reliable(context, asked)
        # WRITE
        self.questions[question] = asked.replace(state="accepted")
        # EMIT
        context.emit(
            "presentation-accepted",
            question=question,
            licence=asked.licence,
            verifier=asked.verifier,
            holder=asked.holder,
            fields=asked.fields,
            purpose=asked.purpose,
            matter=asked.matter,
        )

    @operation(signed_by=Role(rules.BANK))
    def open_account(self, context: Context, question: Number, check_again_on_ms: Timestamp) -> None:
        """A bank opens an account on a presentation that it accepted, and keeps what it learned for that purpose."""
        # READ
        asked = self.questions[question]
        key = f"{asked.verifier}:{asked.holder}"
        # CHECK
        rules.require_clerk(context, asked.matter, self.matters[asked.matter])
        context.require(asked.state == "accepted", "not-accepted", question=question)
        self._require_usable(context, asked)
        self._require_reliable(context, asked)
        known = self.customers.get(key)
        is_newer = known is None or asked.presented_at_ms > known.opened_at_ms
        context.require(is_newer, "question-answered", question=question)
        rules.require_ahead(context, check_again_on_ms)
        # WRITE
        self.customers[key] = Customer(
            question=question,
            licence=asked.licence,
            purpose=asked.purpose,
            opened_at_ms=context.time_ms,
            check_again_on_ms=check_again_on_ms,
        )
        # EMIT
        context.emit("account-opened", bank=asked.verifier, holder=asked.holder, question=question, matter=asked.matter)

    @operation(signed_by=Role(rules.BANK))
    def reuse_customer(self, context: Context, holder: Name, purpose: Purpose, matter: Number) -> None:
        """A bank relies on what it knows instead of asking again: for the same purpose, while the licence is valid."""
        # READ
        bank = rules.acting(context, rules.BANK)
        known = self.customers[f"{bank}:{holder}"]
        shown = self.questions[known.question]
        # CHECK
        context.require(purpose == known.purpose, "other-purpose", purpose=known.purpose, asked=purpose)
        application = rules.require_matter(self, context, matter, bank, holder, purpose)
        rules.require_clerk(context, matter, application)
        rules.require_no_objection(self, context, matter, shown.item)
        rules.require_no_objection(self, context, shown.matter, shown.item)
        is_fresh = context.time_ms <= end_of_day(known.check_again_on_ms)
        context.require(is_fresh, "check-again", until=date_text(known.check_again_on_ms))
        self._require_reliable(context, shown)
        # WRITE
        rules.add_look(self, context, "reuse", known.question, shown.replace(matter=matter))
        # EMIT
        context.emit("customer-reused", bank=bank, holder=holder, purpose=purpose, matter=matter)

    def _require_usable(self, context: Context, asked: Question) -> None:
        """The matter of the question is open, and its subject has not objected to the use of the entry in it."""
        rules.require_matter(self, context, asked.matter, asked.verifier, asked.holder, asked.purpose)
        rules.require_no_objection(self, context, asked.matter, asked.item)

    def _require_uncorrected(self, context: Context, asked: Question, as_of_on_ms: int) -> None:
        """A licence says what it said when it was issued: a field that was corrected since takes a renewal."""
        ages = ((field, as_of_on_ms) for field in asked.fields)
        rules.require_uncorrected(self, context, asked.holder, asked.item, ages)

    def _require_reliable(self, context: Context, shown: Question) -> None:
        """What was shown is still kept, its corrections were seen, and its licence is valid now."""
        rules.require_corrections_seen(self, context, shown.matter, shown.verifier)
        is_kept = context.time_ms <= end_of_day(shown.keep_until_on_ms)
        context.require(is_kept, "retention-over", until=date_text(shown.keep_until_on_ms))
        rules.require_valid(context, shown.licence, self.licences[shown.licence])
