"""Attempts that only one rule of supply-chain finance refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable
from typing import Any, TypeAlias

from ledger.contract import Operation
from ledger.contract.calendar import DAY_MS
from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.money import discounted_cents
from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.certificates import LEAVES_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests import scf_world as given
from tests.scf_world import World

Before: TypeAlias = Callable[[], World]
Attempt: TypeAlias = Callable[[World], str]
BILLS = {"core": cast.HAIHE, "cause": "bills-overdue", "reference": "list of May"}
NOTHING = [given.part(cast.BEICHEN, given.FACE), given.part(cast.LULIN, 0, "L")]
MANY = [given.part(cast.LULIN, 1) for _ in range(LEAVES_MAX - PARTS_MAX + 1)]
DUST = [given.part(cast.LULIN, 1, "L") for _ in range(PARTS_MAX + 1)]


def attempt(signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Attempt:
    """A member tries something."""
    return lambda world: world.code(signers, operation, **arguments)


def row(before: Before, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> tuple[Before, Attempt]:
    """In such a world a member tries something."""
    return before, attempt(signers, operation, **arguments)


def root_row(before: Before, signers: str | tuple[str, ...], operation: Operation, **more: object) -> tuple[Before, Attempt]:
    """The same on the root."""
    return row(before, signers, operation, certificate=given.ROOT, **more)


def later(before: Before, day: str) -> Before:
    """The same world on a later day."""
    return lambda: before().at(day)


def registering(invoice: str, number: str, seller: str, buyer: str, day: str = "2026-03-27", cents: int = 2) -> Attempt:
    """A seller registers an open invoice."""
    return attempt(
        (seller, cast.REGISTRY), Scf.register_invoice, **given.registration(invoice, number, seller, buyer, day, cents)
    )


def sealing(invoice: str, number: str, seller: str, buyer: str) -> Attempt:
    """A seller registers a sealed invoice."""
    return attempt((seller, cast.REGISTRY), Scf.register_sealed_invoice, **given.sealing(invoice, number, seller, buyer))


def onboarding(member: str, kind: str, uscc: str = given.USCC) -> Attempt:
    """The platform lets a company in."""
    return attempt(cast.TONGDA, Scf.onboard, member=member, kind=kind, uscc=uscc, licence=given.LICENCE)


def issuing(certificate: str = given.ROOT, **changes: object) -> Attempt:
    """Haihe promises something."""
    return attempt(cast.HAIHE, Scf.issue, **given.issue(certificate, **changes))


def splitting(*parts: object) -> Attempt:
    """Beichen splits the root."""
    return attempt(cast.BEICHEN, Scf.split_transfer, certificate=given.ROOT, parts=parts)


def disbursing(net_cents: int) -> Attempt:
    """Yanshan pays out."""
    return attempt((cast.YANSHAN, cast.CLEARING), Scf.disburse, certificate=given.ROOT, net_cents=net_cents)


def paying(amount_cents: int) -> Attempt:
    """Haihe pays the root."""
    return attempt((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=amount_cents)


def reconciling(**changes: Any) -> Attempt:
    """Tongda states its books."""
    return attempt(cast.TONGDA, Scf.reconcile, **given.tallied(**changes))


RULES: dict[str, tuple[Before, Attempt]] = {
    # Services
    "services.set_tenor_rule.retroactive": row(
        given.opened, cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), limits=cast.limits(9, 9)
    ),
    "services.onboard.role-missing": (given.newcomer, onboarding("new.person", "bank")),
    "services.onboard.already-onboarded": (given.opened, onboarding(cast.LULIN, "supplier")),
    "bad-uscc (none)": (given.newcomer, onboarding("new.person", "supplier", "")),
    "services.onboard.bad-uscc": (given.newcomer, onboarding("new.person", "supplier", given.USCC[:-1] + "4")),
    "services.onboard.company-onboarded": (
        given.newcomer,
        lambda w: onboarding("new.person", "supplier", w.contract.parties[cast.LULIN].uscc)(w),
    ),
    "services.set_holidays.retroactive": row(
        given.opened, cast.CLEARING, Scf.set_holidays, days=(on("2026-03-31"),), name="a storm"
    ),
    "services.announce_default.announced-already": row(
        lambda: given.barred(given.opened()),
        cast.REGULATOR, Scf.announce_default, core=cast.HAIHE, cause="bond-default", reference="again",
    ),
    "services.announce_cure.not-announced": row(
        lambda: given.barred(given.opened()),
        cast.REGULATOR, Scf.announce_cure, **BILLS,
    ),
    "services.declare_relation.to-self": row(
        given.opened, cast.TONGDA, Scf.declare_relation, member=cast.LULIN, other=cast.LULIN, ground="itself"
    ),
    "services.declare_relation.not-onboarded": row(
        given.opened, cast.TONGDA, Scf.declare_relation, member=cast.LULIN, other=cast.COURT, ground="a cousin"
    ),
    "services.suspend.suspended": row(
        lambda: given.suspended(given.opened(), cast.LULIN), cast.TONGDA, Scf.suspend, member=cast.LULIN, reason="again"
    ),
    "services.require_own.other-platform": row(given.opened, cast.JINQIAO, Scf.suspend, member=cast.LULIN, reason="envy"),
    "services.reinstate.not-suspended": row(given.opened, cast.TONGDA, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE),
    "services.unfreeze.set-aside": row(given.set_aside, cast.COURT, Scf.unfreeze, certificate="R-2", order="lifted"),
    "services.reconcile.wrong-day": (given.held, reconciling(day="2026-04-06")),
    "services.reconcile.reconciled-already": (
        lambda: given.held().do(cast.TONGDA, Scf.reconcile, **given.tallied()), reconciling()
    ),
    "services.reconcile.books-beyond": row(given.held, cast.TONGDA, Scf.reconcile, **given.beyond()),
    # Invoices
    "invoices.require_new.invoice-exists": (given.issued, registering("A", given.vat("another"), cast.LULIN, cast.HAIHE)),
    "invoices.require_new.to-self": (given.opened, registering("S", given.vat("S"), cast.LULIN, cast.LULIN)),
    "invoices.require_new.dated-ahead": (
        later(given.opened, "2026-04-03"), registering("F", given.vat("F"), cast.LULIN, cast.HAIHE, "2026-04-04")
    ),
    "invoices.require_unknown.duplicate-invoice": (
        given.issued, registering("A2", " ".join(given.vat("A")), cast.BEICHEN, cast.HAIHE, cents=6)
    ),
    "invoices.require_buyer.not-buyer": row(given.unconfirmed, cast.BEICHEN, Scf.confirm_payable, invoice="A"),
    "invoices.confirm_payable.disputed": row(given.disputed, cast.HAIHE, Scf.confirm_payable, invoice="A"),
    "invoices.dispute.payable-unconditional": row(given.issued, cast.HAIHE, Scf.dispute, invoice="A", reason="noise"),
    "invoices.require_new.bank-no-seller": row(
        given.opened,
        (cast.YANSHAN, cast.LULIN, cast.REGISTRY), Scf.register_sealed_invoice,
        **given.sealing("Y", "1", cast.YANSHAN, cast.BEICHEN),
    ),
    "invoices.require_unknown.used-elsewhere": (given.reported, registering("J", given.vat("J"), cast.LULIN, cast.BEICHEN)),
    "rules.require_unused_elsewhere.used-elsewhere": row(
        lambda: given.used_elsewhere(given.unconfirmed(), "A", cast.BEICHEN, cast.HAIHE),
        cast.HAIHE, Scf.confirm_payable, invoice="A",
    ),
    "used-elsewhere (twice)": row(
        lambda: given.used_elsewhere(given.ready(), "A", cast.BEICHEN, cast.HAIHE),
        (cast.JINQIAO, cast.REGISTRY), Scf.report_use, **given.prints(given.vat("A"), cast.BEICHEN, cast.HAIHE),
    ),
    "used-elsewhere (pass on)": (
        lambda: given.used_elsewhere(given.held(), "A", cast.BEICHEN, cast.HAIHE),
        splitting(given.part(cast.LULIN, given.FACE, "L")),
    ),
    "used-elsewhere (accept)": root_row(
        lambda: given.used_elsewhere(given.issued(), "A", cast.BEICHEN, cast.HAIHE), cast.BEICHEN, Scf.accept
    ),
    "invoices.withdraw_use.use-not-reported": row(
        given.reported,
        (cast.TONGDA, cast.REGISTRY), Scf.withdraw_use, **given.prints(given.vat("J"), cast.LULIN, cast.BEICHEN), reason="envy",
    ),
    "used-elsewhere (issue)": (lambda: given.used_elsewhere(given.ready(), "A", cast.BEICHEN, cast.HAIHE), issuing()),
    "used-elsewhere (apply)": row(
        lambda: given.used_elsewhere(given.held(), "A", cast.BEICHEN, cast.HAIHE),
        cast.BEICHEN, Scf.apply_finance, **given.terms(),
    ),
    "used-elsewhere (disburse)": (
        lambda: given.used_elsewhere(given.registered(), "A", cast.BEICHEN, cast.HAIHE), disbursing(given.NET)
    ),
    "invoices.register_invoice.bad-invoice-number": (
        given.opened, registering("O", given.vat("O")[:-1] + "O", cast.LULIN, cast.HAIHE)
    ),
    "invoices.register_invoice.number-of-another-year": (
        given.opened, registering("O", given.vat("O"), cast.LULIN, cast.HAIHE, "2025-12-31")
    ),
    "bad-invoice-number (Cyrillic)": (given.opened, registering("O", "FР-77001", cast.LULIN, cast.HAIHE)),
    "bad-invoice-number (12 digits)": (given.opened, registering("O", "1" * 12, cast.LULIN, cast.HAIHE)),
    "invoices.credit_invoice.not-seller": row(
        given.ready, (cast.LULIN, cast.REGISTRY), Scf.credit_invoice, **given.credit(1)
    ),
    "invoices.credit_invoice.bad-invoice-number": row(
        given.ready, (cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **{**given.credit(1), "number": "1"}
    ),
    "invoices.credit_invoice.over-credit": row(
        given.ready, (cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **given.credit(given.FACE + 1)
    ),
    "duplicate-invoice (another buyer)": (given.issued, registering("A2", given.vat("A"), cast.BEICHEN, cast.TUOHAI)),
    "duplicate-invoice (another seller)": (given.issued, registering("A2", given.vat("A"), cast.LULIN, cast.HAIHE)),
    "duplicate-invoice (red letter)": row(
        given.ready, (cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **given.credit(1, "A")
    ),
    "invoice-used-up (taken back)": (
        lambda: given.ready().do((cast.BEICHEN, cast.REGISTRY), Scf.credit_invoice, **given.credit(1)), issuing()
    ),
    # Certificates
    "certificates.use_invoices.no-trade": (given.held, splitting(given.part(cast.LULIN, given.FACE))),
    "certificates.use_invoices.wrong-trade": (
        lambda: given.invoiced(given.held(), "M", cast.MINGHE, cast.BEICHEN, given.FACE),
        splitting(given.part(cast.LULIN, given.FACE, "M")),
    ),
    "certificates.use_invoices.disputed": (given.disputed, issuing()),
    "certificates.use_invoices.not-confirmed": (given.unconfirmed, issuing()),
    "certificates.use_invoices.invoice-too-old": (
        lambda: given.opened().do(
            (cast.BEICHEN, cast.REGISTRY), Scf.register_invoice,
            **given.registration("A", "00000001", cast.BEICHEN, cast.HAIHE, "2025-04-02", given.FACE),
        ).do(cast.HAIHE, Scf.confirm_payable, invoice="A").at("2026-04-03"),
        issuing(),
    ),
    "certificates.issue.certificate-exists": (
        lambda: given.invoiced(given.issued(), "B", cast.BEICHEN, cast.HAIHE, given.MILLION),
        issuing(amount_cents=given.MILLION, invoices=("B",)),
    ),
    "certificates.issue.part-number": (
        lambda: given.ready_again(given.held()), issuing(f"{given.ROOT}-1", amount_cents=given.MILLION, invoices=("B",))
    ),
    "certificates.issue.root-on-sealed": (
        lambda: given.sealed(given.opened().at("2026-04-03"), "S", cast.BEICHEN, cast.HAIHE), issuing(invoices=("S",))
    ),
    "certificates.issue.not-platform": (given.ready, issuing(platform=cast.REGISTRY)),
    "certificates.require_tenor.not-after-today": (given.ready, issuing(due_on_ms=on("2026-04-03") + DAY_MS - 1)),
    "certificates.require_tenor.tenor-too-long": (given.ready, issuing(due_on_ms=on("2027-04-04"), reason="a bridge")),
    "certificates.require_tenor.tenor-without-reason": (given.ready, issuing(due_on_ms=on("2026-10-04"))),
    "certificates.require_lines.over-line": (
        lambda: given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, 2 * given.FACE).at("2026-04-03"),
        issuing(amount_cents=12 * given.MILLION + 1),
    ),
    "certificates.require_receiver.not-offered-to": root_row(given.issued, cast.LULIN, Scf.accept),
    "certificates.accept.offer-expired": root_row(lambda: given.issued().at("2026-04-13", 1), cast.BEICHEN, Scf.accept),
    "certificates.end_offer.offer-stands": root_row(later(given.issued, "2026-04-13"), cast.LULIN, Scf.expire),
    "certificates.split_transfer.too-deep": (
        lambda: given.invoiced(given.deep(), "Z", cast.LULIN, cast.BEICHEN, given.FACE),
        lambda w: attempt(
            cast.BEICHEN, Scf.split_transfer, certificate=given.DEEPEST,
            parts=[given.part(cast.LULIN, given.size(w, given.DEEPEST), "Z")],
        )(w),
    ),
    "certificates.split_transfer.too-many-leaves": row(
        lambda: given.invoiced(given.wide(), "M", cast.MINGHE, cast.LULIN, given.FACE),
        cast.LULIN, Scf.split_transfer, certificate=given.LAST,
        parts=[*MANY, given.part(cast.MINGHE, given.FACE - LEAVES_MAX, "M")],
    ),
    "certificates.split_transfer.to-self": (given.held, splitting(given.part(cast.BEICHEN, given.FACE))),
    # Finance
    "finance.set_line.line-in-use": row(
        given.issued,
        cast.YANSHAN, Scf.set_line, core=cast.HAIHE, limit_cents=8 * given.MILLION - 1, expires_on_ms=on("2027-03-31"),
    ),
    "finance.release.registration-stands": root_row(given.registered, cast.BEICHEN, Scf.release),
    "finance.check_documents.documents-incomplete": root_row(
        given.applied, cast.YANSHAN, Scf.check_documents, invoices=(), evidence=given.EVIDENCE
    ),
    "finance.query_registry.answered-ahead": root_row(
        given.applied, cast.YANSHAN, Scf.query_registry, outside={**given.ANSWER, "answered_at_ms": on("2026-04-08")}
    ),
    "finance.acknowledge_flags.flags-unacknowledged": root_row(
        lambda: given.related(given.applied()), cast.YANSHAN, Scf.acknowledge_flags, flags=("related-parties",), reason="known"
    ),
    "finance.disburse.flags-unacknowledged": (lambda: given.related(given.registered()), disbursing(given.NET)),
    "finance.register_assignment.not-queried": root_row(
        given.applied, cast.YANSHAN, Scf.register_assignment, contract_on_ms=on("2026-04-07"), months=12
    ),
    "finance.opened.not-bank": root_row(
        lambda: given.applied().do(cast.LANHAI, Scf.query_registry, certificate=given.ROOT),
        cast.LANHAI, Scf.check_documents, invoices=("A",), evidence=given.EVIDENCE,
    ),
    "finance.require_steps.not-queried": (given.applied, disbursing(given.NET)),
    "finance.require_steps.documents-not-checked": (
        lambda: given.applied().do(cast.YANSHAN, Scf.query_registry, certificate=given.ROOT), disbursing(given.NET)
    ),
    "finance.require_steps.not-registered": (
        lambda: given.applied().check("A"),
        disbursing(given.NET),
    ),
    "finance.disburse.nothing-left": (lambda: given.registered(fee_cents=given.FACE), disbursing(0)),
    "finance.disburse.wrong-net": (given.registered, disbursing(given.NET + 1)),
    "finance.cancel_registration.not-assignee": root_row(
        lambda: given.overdue().do(cast.YANSHAN, Scf.write_off, certificate=given.ROOT), cast.LANHAI, Scf.cancel_registration
    ),
    "finance.cancel_registration.still-live": root_row(given.financed, cast.YANSHAN, Scf.cancel_registration),
    "finance.set_line.retroactive": row(
        given.held, cast.LANHAI, Scf.set_line, core=cast.HAIHE, limit_cents=10**14, expires_on_ms=on("2026-04-07")
    ),
    "finance.expire_registration.registration-runs": root_row(given.registered, cast.LULIN, Scf.expire_registration),
    "finance.cancel_registration.registration-over": root_row(
        lambda: given.registered().do(cast.YANSHAN, Scf.release, certificate=given.ROOT), cast.YANSHAN, Scf.cancel_registration
    ),
    "finance.require_own_line.over-own-line": (
        lambda: given.registered().open_line(cast.LANHAI, given.FACE).open_line(cast.YANSHAN, given.FACE - 1),
        disbursing(given.NET),
    ),
    # What other contracts keep
    "not-on-ledger (no contract)": row(
        lambda: given.licence_needed(given.held()), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "not-on-ledger (no record)": row(
        given.held, cast.BEICHEN, Scf.apply_finance, **given.terms(**given.GREEN | {"green_claim": ""})
    ),
    "not-on-ledger (no such bill)": root_row(
        lambda: given.pledged(given.applied()), cast.YANSHAN, Scf.check_documents, **given.named("A", bill="TD-3")
    ),
    "reliance.read.brought-too-old": row(
        lambda: given.outdated(given.licensed(given.held())), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "reliance.require_licence.licence-of-another": row(
        lambda: given.licensed(given.held(), holder_code=given.USCC), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "reliance.require_licence.licence-not-valid": row(
        lambda: given.licensed(given.held(), state="withheld"), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "not-on-ledger (renewed under another number)": row(
        lambda: given.licensed(given.renewed(given.held())), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "licence-not-valid (disburse)": (lambda: given.licensed(given.registered(), state="revoked"), disbursing(given.NET)),
    "licence-not-valid (paid early)": root_row(
        lambda: given.licensed(given.held(), state="revoked").at("2026-07-08").do(cast.HAIHE, Scf.offer_early_pay, **given.OFFER),
        (cast.BEICHEN, cast.CLEARING), Scf.early_pay,
        price_cents=discounted_cents(given.FACE, 45_000, on("2026-07-08"), on("2026-10-05")),
    ),
    "licence-not-valid (run out)": row(
        lambda: given.licensed(given.held(), valid_to_on_ms=on("2026-04-07")), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    "reliance.require_bills.bill-not-pledged": root_row(
        lambda: given.pledged(given.applied(), cast.LANHAI), cast.YANSHAN, Scf.check_documents, **given.named("A")
    ),
    "reliance.require_bills.bill-cited": row(
        given.cited_once,
        cast.YANSHAN, Scf.check_documents, certificate="R-2", **given.named("A", "L", bill="TD-1"),
    ),
    "bill-cited (amended)": row(
        lambda: given.amended(given.cited_once()),
        cast.YANSHAN, Scf.check_documents, certificate="R-2", **given.named("A", "L", bill="TD-2"),
    ),
    "bill-not-pledged (any more)": (given.unpledged, disbursing(given.NET)),
    "reliance.require_bills.pledgee-of-another": root_row(
        lambda: given.pledged(given.applied(), cast.LANHAI), cast.YANSHAN, Scf.check_documents,
        **given.named("A", pledgee=cast.LANHAI),
    ),
    "reliance.require_bills.bill-not-held": root_row(
        lambda: given.pledged(given.applied(), possessor=cast.BEICHEN), cast.YANSHAN, Scf.check_documents, **given.named("A")
    ),
    "bill-not-held (not delivered)": root_row(
        lambda: given.pledged(given.applied(), entries=0), cast.YANSHAN, Scf.check_documents, **given.named("A")
    ),
    **{
        f"bill-not-held ({place})": root_row(
            lambda bound=bound: given.pledged(given.applied(), **bound),  # type: ignore[misc]
            cast.YANSHAN, Scf.check_documents, **given.named("A"),
        )
        for place, bound in {"examined under a credit": {"under_credit": "LC-1"}, "sent away": {"in_transit": "ENV-1"}}.items()
    },
    "bill-not-held (given back to the carrier)": root_row(
        lambda: given.pledged(given.applied(), status="SURRENDERED_FOR_AMENDMENT"),
        cast.YANSHAN, Scf.check_documents, **given.named("A"),
    ),
    "reliance.require_bills.bill-flagged": root_row(
        lambda: given.pledged(given.applied(), times_flagged=1), cast.YANSHAN, Scf.check_documents, **given.named("A")
    ),
    "bill-flagged (once more)": root_row(
        lambda: given.pledged(given.applied(), times_flagged=3), cast.YANSHAN, Scf.check_documents, **given.named("A")
    ),
    "reliance.require_green.claim-of-another": row(
        lambda: given.green(given.held(), cast.LULIN), cast.BEICHEN, Scf.apply_finance, **given.terms(**given.GREEN)
    ),
    "reliance.require_green.claim-not-attested": row(
        lambda: given.green(given.held(), state="pending"), cast.BEICHEN, Scf.apply_finance, **given.terms(**given.GREEN)
    ),
    "claim-not-attested (disputed since)": (given.disputed_since, disbursing(given.NET)),
    # Payments
    "payments.pay_at_maturity.not-core": root_row(
        given.due, (cast.TUOHAI, cast.CLEARING), Scf.pay_at_maturity, amount_cents=given.FACE
    ),
    "payments.pay_at_maturity.not-due": (later(given.held, "2026-10-04"), paying(given.FACE)),
    "payments.pay_at_maturity.wrong-state": (later(given.issued, "2026-10-05"), paying(given.FACE)),
    "payments.pay_at_maturity.over-payment": (given.due, paying(given.FACE + 1)),
    "payments.mark_overdue.not-overdue": root_row(given.due, cast.LULIN, Scf.mark_overdue),
    "payments.mark_overdue.wrong-state": root_row(
        lambda: given.due().pay(given.FACE).at("2026-10-06"),
        cast.LULIN, Scf.mark_overdue,
    ),
    "payments.claim_recourse.without-recourse": root_row(
        lambda: given.overdue(with_recourse=False), cast.YANSHAN, Scf.claim_recourse
    ),
    "payments.pay_recourse.not-seller": root_row(
        lambda: given.overdue().do(cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT),
        (cast.LULIN, cast.CLEARING), Scf.pay_recourse,
    ),
    "payments.root.not-a-root": row(
        lambda: given.split(given.held()).at("2026-10-05"),
        (cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate="R-2", amount_cents=1,
    ),
    "payments.offer_early_pay.not-core": row(given.held, "tuohai.sun", Scf.offer_early_pay, **given.OFFER),
    "payments.offer_early_pay.offer-not-ahead": row(
        later(given.held, "2026-07-16"), cast.HAIHE, Scf.offer_early_pay, **given.OFFER
    ),
    "payments.early_pay.wrong-price": root_row(
        given.offered, (cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=given.PRICE
    ),
    # What they share
    "rules.require_no_platform.platform-no-party": (given.held, splitting(given.part(cast.TONGDA, given.FACE, "L"))),
    "rules.require_party.not-onboarded": (given.held, splitting(given.part(cast.REGULATOR, given.FACE, "L"))),
    "rules.require_unblocked.core-blocked": row(
        given.defaulted_second,
        cast.HAIHE, Scf.issue, **given.issue("R2", amount_cents=given.MILLION, invoices=("B",), due_on_ms=on("2026-12-01")),
    ),
    "rules.state_after.wrong-state": (lambda: given.split(given.held()), splitting(given.part(cast.LULIN, given.FACE, "L"))),
    "rules.require_holder.not-holder": row(given.held, cast.LULIN, Scf.apply_finance, **given.terms()),
    "rules.require_running.past-due": row(later(given.held, "2026-10-01"), cast.BEICHEN, Scf.apply_finance, **given.terms()),
    "rules.require_unblocked.core-barred": (
        lambda: given.barred(given.ready_again(given.held())), lambda w: w.code(cast.HAIHE, Scf.issue, **given.second_order(w))
    ),
    "rules.require_party.suspended": row(
        lambda: given.suspended(given.held(), cast.BEICHEN), cast.BEICHEN, Scf.apply_finance, **given.terms()
    ),
    # Further attempts, and those against checks that have names of their own
    "part-too-small (nothing)": (given.held, splitting(*NOTHING)),
    "too-many-parts (dust)": (given.held, splitting(*DUST)),
    "platform-no-party (onboard)": (given.colleague, onboarding("tongda.fin", "supplier")),
    "duplicate-invoice (sealed)": (
        lambda: given.sealed(given.opened(), "S1", cast.LULIN, cast.BEICHEN),
        sealing("S2", " ".join(given.vat("sealed S1").replace("0", "O")), cast.LULIN, cast.BEICHEN),
    ),
    "not-buyer (dispute)": row(given.unconfirmed, cast.TUOHAI, Scf.dispute, invoice="A", reason="envy"),
    "invoice-used-up (by a cent)": (given.issued, issuing("R2", amount_cents=1)),
    "invoice-used-up (named twice)": (given.ready, issuing(invoices=("A", "A"), amount_cents=given.FACE + given.MILLION)),
    "invoice-used-up (sealed, used twice)": root_row(
        lambda: given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN),
        cast.BEICHEN, Scf.split_transfer, parts=[given.part(cast.LULIN, 1, "S"), given.part(cast.LULIN, given.FACE - 1, "S")],
    ),
    "core-blocked (late)": row(
        lambda: given.ready_again(given.held()).at("2026-10-06"),
        cast.HAIHE, Scf.issue, **given.issue("R2", amount_cents=given.MILLION, invoices=("B",), due_on_ms=on("2026-12-01")),
    ),
    "no-tenor-rule (before the first)": (
        lambda: given.invoiced(given.opened().at("2026-03-30"), "A", cast.BEICHEN, cast.HAIHE, given.FACE),
        issuing(due_on_ms=on("2026-09-01")),
    ),
    "over-line (expired)": (
        lambda: given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, given.FACE).at("2027-03-31"),
        issuing(due_on_ms=on("2027-06-01")),
    ),
    "not-offered-to (reject)": root_row(given.issued, cast.LULIN, Scf.reject),
    "not-holder (void)": root_row(given.issued, cast.BEICHEN, Scf.void),
    "past-due (disburse)": (later(given.registered, "2026-11-01"), disbursing(given.NET)),
    "wrong-sum (a cent lost)": (
        given.held, splitting(given.part(cast.BEICHEN, 4 * given.MILLION), given.part(cast.LULIN, 6 * given.MILLION - 1, "L"))
    ),
    "no-parts (none)": (given.held, splitting()),
    "not-holder (release)": root_row(given.applied, cast.LULIN, Scf.release),
    "registered-earlier (by another bank)": root_row(
        given.registered, cast.LANHAI, Scf.register_assignment, contract_on_ms=on("2026-04-01"), months=12
    ),
    "registration-runs (marked twice)": root_row(
        lambda: given.run_out().do(cast.MINGHE, Scf.expire_registration, certificate=given.ROOT),
        cast.MINGHE, Scf.expire_registration,
    ),
    "not-holder (claim)": root_row(given.overdue, cast.LANHAI, Scf.claim_recourse),
    "not-holder (write-off)": root_row(given.overdue, cast.BEICHEN, Scf.write_off),
    "other-platform (reinstate)": row(
        lambda: given.suspended(given.opened(), cast.LULIN), cast.JINQIAO, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE
    ),
    "line-in-use (by the bank itself)": row(
        lambda: given.financed().open_line(cast.LANHAI, given.FACE),
        cast.YANSHAN, Scf.set_line, core=cast.HAIHE, limit_cents=given.FACE - 1, expires_on_ms=on("2027-03-31"),
    ),
    "duplicate-invoice (open after sealed)": (
        lambda: given.sealed(given.opened(), "S1", cast.LULIN, cast.BEICHEN),
        registering("O", " ".join(given.vat("sealed S1")), cast.LULIN, cast.BEICHEN),
    ),
    "duplicate-invoice (sealed after open)": (given.held, sealing("S", given.vat("L"), cast.LULIN, cast.BEICHEN)),
    "not-registered (run out)": (given.run_out, disbursing(given.NET)),
    "still-live (frozen)": root_row(lambda: given.frozen(given.registered()), cast.YANSHAN, Scf.cancel_registration),
    "core-barred (offer)": row(lambda: given.barred(given.held()), cast.HAIHE, Scf.offer_early_pay, **given.OFFER),
    "not-holder (early)": root_row(given.offered, (cast.LULIN, cast.CLEARING), Scf.early_pay, price_cents=1),
    "no-early-offer (none)": root_row(given.held, (cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=1),
    "no-early-offer (over)": root_row(
        later(given.offered, "2026-07-16"), (cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=1
    ),
    "wrong-state (early)": root_row(
        lambda: given.offered().do(cast.BEICHEN, Scf.apply_finance, **given.terms()),
        (cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=given.PRICE,
    ),
    "wrong-state (freeze twice)": root_row(lambda: given.frozen(given.held()), cast.COURT, Scf.freeze, order="again"),
    "wrong-state (unfreeze)": root_row(given.held, cast.COURT, Scf.unfreeze, order="lifted"),
    "wrong-state (pay a frozen offer)": (lambda: given.frozen(given.issued()).at("2026-10-05"), paying(given.FACE)),
    "books-differ (by a cent)": (given.held, reconciling(owed_cents=given.FACE - 1)),
}  # fmt: skip
