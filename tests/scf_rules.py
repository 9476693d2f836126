"""Attempts that only one rule of supply-chain finance refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable
from typing import Any

from ledger.contract import Operation
from ledger.contract.calendar import DAY_MS
from scenarios.dates import on
from scenarios.fractional import PARTS_MAX
from scenarios.supply_chain_finance import cast
from scenarios.supply_chain_finance.certificates import DEPTH_MAX, LEAVES_MAX
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from tests import scf_world as given
from tests.scf_world import World

NOTHING = [given.part(cast.BEICHEN, given.FACE), given.part(cast.LULIN, 0, "L")]
DUST = [given.part(cast.LULIN, 1, "L") for _ in range(PARTS_MAX + 1)]


def attempt(signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Callable[[World], str]:
    """A member tries something."""
    return lambda world: world.code(signers, operation, **arguments)


def on_root(signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Callable[[World], str]:
    """The same on the root."""
    return attempt(signers, operation, certificate=given.ROOT, **arguments)


def later(before: Callable[[], World], day: str) -> Callable[[], World]:
    """The same world on a later day."""
    return lambda: before().at(day)


def registering(
    invoice: str, number: str, seller: str, buyer: str, day: str = "2026-03-27", cents: int = 2
) -> Callable[[World], str]:
    """A seller registers an open invoice."""
    return attempt(
        (seller, cast.REGISTRY), Scf.register_invoice, **given.registration(invoice, number, seller, buyer, day, cents)
    )


def sealing(invoice: str, number: str, seller: str, buyer: str) -> Callable[[World], str]:
    """A seller registers a sealed invoice."""
    return attempt((seller, cast.REGISTRY), Scf.register_sealed_invoice, **given.sealing(invoice, number, seller, buyer))


def onboarding(member: str, kind: str, uscc: str = given.USCC) -> Callable[[World], str]:
    """The platform lets a company in."""
    return attempt(cast.TONGDA, Scf.onboard, member=member, kind=kind, uscc=uscc, licence=given.LICENCE)


def issuing(certificate: str = given.ROOT, **changes: object) -> Callable[[World], str]:
    """Haihe promises something."""
    return attempt(cast.HAIHE, Scf.issue, **given.issue(certificate, **changes))


def splitting(*parts: object) -> Callable[[World], str]:
    """Beichen splits the root."""
    return on_root(cast.BEICHEN, Scf.split_transfer, parts=parts)


def disbursing(net_cents: int) -> Callable[[World], str]:
    """Yanshan pays out."""
    return on_root((cast.YANSHAN, cast.CLEARING), Scf.disburse, net_cents=net_cents)


def paying(amount_cents: int) -> Callable[[World], str]:
    """Haihe pays the root."""
    return on_root((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, amount_cents=amount_cents)


def reconciling(**changes: Any) -> Callable[[World], str]:
    """Tongda states its books."""
    return attempt(cast.TONGDA, Scf.reconcile, **given.tallied(**changes))


RULES: dict[str, tuple[Callable[[], World], Callable[[World], str]]] = {
    # Services
    "services.set_tenor_rule.retroactive": (
        given.opened,
        attempt(cast.REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), months_max=9, months_without_reason=9),
    ),
    "services.onboard.role-missing": (given.newcomer, onboarding("new.person", "bank")),
    "services.onboard.already-onboarded": (given.opened, onboarding(cast.LULIN, "supplier")),
    "bad-uscc (none)": (given.newcomer, onboarding("new.person", "supplier", "")),
    "services.onboard.bad-uscc": (given.newcomer, onboarding("new.person", "supplier", given.USCC[:-1] + "4")),
    "services.onboard.company-onboarded": (
        given.newcomer,
        lambda w: w.code(
            cast.TONGDA,
            Scf.onboard,
            licence=given.LICENCE,
            member="new.person",
            kind="supplier",
            uscc=w.contract.parties[cast.LULIN].uscc,
        ),
    ),
    "services.set_holidays.retroactive": (
        given.opened,
        attempt(cast.CLEARING, Scf.set_holidays, days=(on("2026-03-31"),), name="a storm"),
    ),
    "services.announce_default.announced-already": (
        lambda: given.barred(given.opened()),
        attempt(cast.REGULATOR, Scf.announce_default, core=cast.HAIHE, cause="bond-default", reference="again"),
    ),
    "services.announce_cure.not-announced": (
        lambda: given.barred(given.opened()),
        attempt(cast.REGULATOR, Scf.announce_cure, core=cast.HAIHE, cause="bills-overdue", reference="list of May"),
    ),
    "services.suspend.suspended": (
        lambda: given.suspended(given.opened(), cast.LULIN),
        attempt(cast.TONGDA, Scf.suspend, member=cast.LULIN, reason="again"),
    ),
    "services.require_own.other-platform": (given.opened, attempt(cast.JINQIAO, Scf.suspend, member=cast.LULIN, reason="envy")),
    "services.reinstate.not-suspended": (
        given.opened,
        attempt(cast.TONGDA, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE),
    ),
    "services.unfreeze.set-aside": (given.set_aside, attempt(cast.COURT, Scf.unfreeze, certificate="R-2", order="lifted")),
    "services.reconcile.wrong-day": (given.held, reconciling(day="2026-04-06")),
    "services.reconcile.reconciled-already": (
        lambda: given.held().do(cast.TONGDA, Scf.reconcile, **given.tallied()),
        reconciling(),
    ),
    "services.reconcile.books-beyond": (given.held, attempt(cast.TONGDA, Scf.reconcile, **given.beyond())),
    # Invoices
    "invoices.require_new.invoice-exists": (given.issued, registering("A", "another", cast.LULIN, cast.HAIHE)),
    "invoices.require_new.to-self": (given.opened, registering("S", "S", cast.LULIN, cast.LULIN)),
    "invoices.require_new.dated-ahead": (
        later(given.opened, "2026-04-03"),
        registering("F", "F", cast.LULIN, cast.HAIHE, "2026-04-04"),
    ),
    "invoices.require_unknown.duplicate-invoice": (
        given.issued,
        registering("A2", "NUMBER-A-OF-2026", cast.BEICHEN, cast.HAIHE, cents=6),
    ),
    "invoices.require_buyer.not-buyer": (given.unconfirmed, attempt(cast.BEICHEN, Scf.confirm_payable, invoice="A")),
    "invoices.confirm_payable.disputed": (given.disputed, attempt(cast.HAIHE, Scf.confirm_payable, invoice="A")),
    "invoices.dispute.payable-unconditional": (given.issued, attempt(cast.HAIHE, Scf.dispute, invoice="A", reason="noise")),
    "invoices.require_new.bank-no-seller": (
        given.opened,
        attempt(
            (cast.YANSHAN, cast.LULIN, cast.REGISTRY),
            Scf.register_sealed_invoice,
            **given.sealing("Y", "1", cast.YANSHAN, cast.BEICHEN),
        ),
    ),
    "invoices.require_unknown.used-elsewhere": (given.reported, registering("J", "j 1", cast.LULIN, cast.BEICHEN)),
    # Certificates
    "certificates.use_invoices.no-trade": (given.held, splitting(given.part(cast.LULIN, given.FACE))),
    "certificates.use_invoices.wrong-trade": (
        lambda: given.invoiced(given.held(), "M", cast.MINGHE, cast.BEICHEN, given.FACE),
        splitting(given.part(cast.LULIN, given.FACE, "M")),
    ),
    "certificates.use_invoices.disputed": (given.disputed, issuing()),
    "certificates.use_invoices.not-confirmed": (given.unconfirmed, issuing()),
    "certificates.issue.certificate-exists": (
        lambda: given.invoiced(given.issued(), "B", cast.BEICHEN, cast.HAIHE, given.MILLION),
        issuing(amount_cents=given.MILLION, invoices=("B",)),
    ),
    "certificates.issue.part-number": (
        lambda: given.ready_again(given.held()),
        issuing(f"{given.ROOT}-1", amount_cents=given.MILLION, invoices=("B",)),
    ),
    "certificates.issue.root-on-sealed": (
        lambda: given.sealed(given.opened().at("2026-04-03"), "S", cast.BEICHEN, cast.HAIHE),
        issuing(invoices=("S",)),
    ),
    "certificates.issue.not-platform": (given.ready, issuing(platform=cast.REGISTRY)),
    "certificates.require_tenor.not-after-today": (given.ready, issuing(due_on_ms=on("2026-04-03") + DAY_MS - 1)),
    "certificates.require_tenor.tenor-too-long": (given.ready, issuing(due_on_ms=on("2027-04-04"), reason="a bridge")),
    "certificates.require_tenor.tenor-without-reason": (given.ready, issuing(due_on_ms=on("2026-10-04"))),
    "certificates.require_lines.over-line": (
        lambda: given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, 2 * given.FACE).at("2026-04-03"),
        issuing(amount_cents=12 * given.MILLION + 1),
    ),
    "certificates.require_receiver.not-offered-to": (given.issued, on_root(cast.LULIN, Scf.accept)),
    "certificates.accept.offer-expired": (lambda: given.issued().at("2026-04-13", 1), on_root(cast.BEICHEN, Scf.accept)),
    "certificates.end_offer.offer-stands": (later(given.issued, "2026-04-13"), on_root(cast.LULIN, Scf.expire)),
    "certificates.split_transfer.too-deep": (
        lambda: given.invoiced(given.deep(), "Z", cast.LULIN, cast.BEICHEN, given.FACE),
        lambda w: w.code(
            cast.BEICHEN,
            Scf.split_transfer,
            certificate=given.ROOT + "-1" * DEPTH_MAX,
            parts=[given.part(cast.LULIN, given.size(w, given.ROOT + "-1" * DEPTH_MAX), "Z")],
        ),
    ),
    "certificates.split_transfer.too-many-leaves": (
        lambda: given.invoiced(
            given.wide().do(cast.LULIN, Scf.accept, certificate=f"{given.ROOT}-{PARTS_MAX}"),
            "M",
            cast.MINGHE,
            cast.LULIN,
            given.FACE,
        ),
        attempt(
            cast.LULIN,
            Scf.split_transfer,
            certificate=f"{given.ROOT}-{PARTS_MAX}",
            parts=[
                *(given.part(cast.LULIN, 1) for _ in range(LEAVES_MAX - PARTS_MAX + 1)),
                given.part(cast.MINGHE, given.FACE - LEAVES_MAX, "M"),
            ],
        ),
    ),
    "certificates.split_transfer.to-self": (given.held, splitting(given.part(cast.BEICHEN, given.FACE))),
    # Finance
    "finance.set_line.line-in-use": (
        given.issued,
        attempt(cast.YANSHAN, Scf.set_line, core=cast.HAIHE, limit_cents=8 * given.MILLION - 1, expires_on_ms=on("2027-03-31")),
    ),
    "finance.release.registration-stands": (given.registered, on_root(cast.BEICHEN, Scf.release)),
    "finance.check_documents.documents-incomplete": (
        given.applied,
        on_root(cast.YANSHAN, Scf.check_documents, invoices=(), flags=()),
    ),
    "finance.check_documents.flags-unreviewed": (
        given.applied,
        on_root(cast.YANSHAN, Scf.check_documents, invoices=("A",), flags=("round-trip",)),
    ),
    "finance.register_assignment.not-queried": (
        given.applied,
        on_root(cast.YANSHAN, Scf.register_assignment, contract_on_ms=on("2026-04-07"), months=12),
    ),
    "finance.opened.not-bank": (
        lambda: given.applied().do(cast.LANHAI, Scf.query_registry, certificate=given.ROOT),
        on_root(cast.LANHAI, Scf.check_documents, invoices=("A",), flags=()),
    ),
    "finance.require_steps.not-queried": (given.applied, disbursing(given.NET)),
    "finance.require_steps.documents-not-checked": (
        lambda: given.applied().do(cast.YANSHAN, Scf.query_registry, certificate=given.ROOT),
        disbursing(given.NET),
    ),
    "finance.require_steps.not-registered": (
        lambda: (
            given.applied()
            .do(cast.YANSHAN, Scf.query_registry, certificate=given.ROOT)
            .do(cast.YANSHAN, Scf.check_documents, certificate=given.ROOT, invoices=("A",), flags=())
        ),
        disbursing(given.NET),
    ),
    "finance.disburse.nothing-left": (lambda: given.registered(fee_cents=given.FACE), disbursing(0)),
    "finance.disburse.wrong-net": (given.registered, disbursing(given.NET + 1)),
    "finance.cancel_registration.not-assignee": (
        lambda: given.overdue().do(cast.YANSHAN, Scf.write_off, certificate=given.ROOT),
        on_root(cast.LANHAI, Scf.cancel_registration),
    ),
    "finance.cancel_registration.still-live": (given.financed, on_root(cast.YANSHAN, Scf.cancel_registration)),
    "finance.set_line.retroactive": (
        given.held,
        attempt(cast.LANHAI, Scf.set_line, core=cast.HAIHE, limit_cents=10**14, expires_on_ms=on("2026-04-07")),
    ),
    "finance.expire_registration.registration-runs": (given.registered, on_root(cast.LULIN, Scf.expire_registration)),
    "finance.cancel_registration.registration-over": (
        lambda: given.registered().do(cast.YANSHAN, Scf.release, certificate=given.ROOT),
        on_root(cast.YANSHAN, Scf.cancel_registration),
    ),
    "finance.require_own_line.over-own-line": (
        lambda: (
            given.registered()
            .do(cast.LANHAI, Scf.set_line, core=cast.HAIHE, limit_cents=given.FACE, expires_on_ms=on("2027-03-31"))
            .do(cast.YANSHAN, Scf.set_line, core=cast.HAIHE, limit_cents=given.FACE - 1, expires_on_ms=on("2027-03-31"))
        ),
        disbursing(given.NET),
    ),
    # Payments
    "payments.pay_at_maturity.not-core": (
        given.due,
        on_root((cast.TUOHAI, cast.CLEARING), Scf.pay_at_maturity, amount_cents=given.FACE),
    ),
    "payments.pay_at_maturity.not-due": (later(given.held, "2026-10-04"), paying(given.FACE)),
    "payments.pay_at_maturity.wrong-state": (later(given.issued, "2026-10-05"), paying(given.FACE)),
    "payments.pay_at_maturity.over-payment": (given.due, paying(given.FACE + 1)),
    "payments.mark_overdue.not-overdue": (given.due, on_root(cast.LULIN, Scf.mark_overdue)),
    "payments.mark_overdue.wrong-state": (
        lambda: (
            given.due()
            .do((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate=given.ROOT, amount_cents=given.FACE)
            .at("2026-10-06")
        ),
        on_root(cast.LULIN, Scf.mark_overdue),
    ),
    "payments.claim_recourse.without-recourse": (
        lambda: given.overdue(with_recourse=False),
        on_root(cast.YANSHAN, Scf.claim_recourse),
    ),
    "payments.pay_recourse.not-seller": (
        lambda: given.overdue().do(cast.YANSHAN, Scf.claim_recourse, certificate=given.ROOT),
        on_root((cast.LULIN, cast.CLEARING), Scf.pay_recourse),
    ),
    "payments.root.not-a-root": (
        lambda: given.split(given.held()).at("2026-10-05"),
        attempt((cast.HAIHE, cast.CLEARING), Scf.pay_at_maturity, certificate="R-2", amount_cents=1),
    ),
    "payments.offer_early_pay.not-core": (given.held, attempt("tuohai.sun", Scf.offer_early_pay, **given.OFFER)),
    "payments.offer_early_pay.retroactive": (
        later(given.held, "2026-07-16"),
        attempt(cast.HAIHE, Scf.offer_early_pay, **given.OFFER),
    ),
    "payments.early_pay.wrong-price": (
        given.offered,
        on_root((cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=given.PRICE),
    ),
    # What they share
    "rules.require_no_platform.platform-no-party": (given.held, splitting(given.part(cast.TONGDA, given.FACE, "L"))),
    "rules.require_party.not-onboarded": (given.held, splitting(given.part(cast.REGULATOR, given.FACE, "L"))),
    "rules.require_unblocked.core-blocked": (
        given.defaulted_second,
        attempt(
            cast.HAIHE, Scf.issue, **given.issue("R2", amount_cents=given.MILLION, invoices=("B",), due_on_ms=on("2026-12-01"))
        ),
    ),
    "rules.state_after.wrong-state": (lambda: given.split(given.held()), splitting(given.part(cast.LULIN, given.FACE, "L"))),
    "rules.require_holder.not-holder": (given.held, attempt(cast.LULIN, Scf.apply_finance, **given.terms())),
    "rules.require_running.past-due": (
        later(given.held, "2026-10-01"),
        attempt(cast.BEICHEN, Scf.apply_finance, **given.terms()),
    ),
    "rules.require_unblocked.core-barred": (
        lambda: given.barred(given.ready_again(given.held())),
        lambda w: w.code(cast.HAIHE, Scf.issue, **given.second_order(w)),
    ),
    "rules.require_party.suspended": (
        lambda: given.suspended(given.held(), cast.BEICHEN),
        attempt(cast.BEICHEN, Scf.apply_finance, **given.terms()),
    ),
    # Further attempts, and those against checks that have names of their own
    "part-too-small (nothing)": (given.held, splitting(*NOTHING)),
    "too-many-parts (dust)": (given.held, splitting(*DUST)),
    "platform-no-party (onboard)": (given.colleague, onboarding("tongda.fin", "supplier")),
    "duplicate-invoice (sealed)": (
        lambda: given.sealed(given.opened(), "S1", cast.LULIN, cast.BEICHEN),
        sealing("S2", "SEALED S1 OF 2026", cast.LULIN, cast.BEICHEN),
    ),
    "not-buyer (dispute)": (given.unconfirmed, attempt(cast.TUOHAI, Scf.dispute, invoice="A", reason="envy")),
    "invoice-used-up (by a cent)": (given.issued, issuing("R2", amount_cents=1)),
    "invoice-used-up (named twice)": (given.ready, issuing(invoices=("A", "A"), amount_cents=given.FACE + given.MILLION)),
    "invoice-used-up (sealed, used twice)": (
        lambda: given.sealed(given.held(), "S", cast.LULIN, cast.BEICHEN),
        on_root(
            cast.BEICHEN, Scf.split_transfer, parts=[given.part(cast.LULIN, 1, "S"), given.part(cast.LULIN, given.FACE - 1, "S")]
        ),
    ),
    "core-blocked (late)": (
        lambda: given.ready_again(given.held()).at("2026-10-06"),
        attempt(
            cast.HAIHE, Scf.issue, **given.issue("R2", amount_cents=given.MILLION, invoices=("B",), due_on_ms=on("2026-12-01"))
        ),
    ),
    "no-tenor-rule (before the first)": (
        lambda: given.invoiced(given.opened().at("2026-03-30"), "A", cast.BEICHEN, cast.HAIHE, given.FACE),
        issuing(due_on_ms=on("2026-09-01")),
    ),
    "over-line (expired)": (
        lambda: given.invoiced(given.opened(), "A", cast.BEICHEN, cast.HAIHE, given.FACE).at("2027-03-31"),
        issuing(due_on_ms=on("2027-06-01")),
    ),
    "not-offered-to (reject)": (given.issued, on_root(cast.LULIN, Scf.reject)),
    "not-holder (void)": (given.issued, on_root(cast.BEICHEN, Scf.void)),
    "past-due (disburse)": (later(given.registered, "2026-11-01"), disbursing(given.NET)),
    "wrong-sum (a cent lost)": (
        given.held,
        splitting(given.part(cast.BEICHEN, 4 * given.MILLION), given.part(cast.LULIN, 6 * given.MILLION - 1, "L")),
    ),
    "no-parts (none)": (given.held, splitting()),
    "not-holder (release)": (given.applied, on_root(cast.LULIN, Scf.release)),
    "registered-earlier (by another bank)": (
        given.registered,
        on_root(cast.LANHAI, Scf.register_assignment, contract_on_ms=on("2026-04-01"), months=12),
    ),
    "not-holder (claim)": (given.overdue, on_root(cast.LANHAI, Scf.claim_recourse)),
    "not-holder (write-off)": (given.overdue, on_root(cast.BEICHEN, Scf.write_off)),
    "other-platform (reinstate)": (
        lambda: given.suspended(given.opened(), cast.LULIN),
        attempt(cast.JINQIAO, Scf.reinstate, member=cast.LULIN, licence=given.LICENCE),
    ),
    "line-in-use (by the bank itself)": (
        lambda: given.financed().do(
            cast.LANHAI, Scf.set_line, core=cast.HAIHE, limit_cents=given.FACE, expires_on_ms=on("2027-03-31")
        ),
        attempt(cast.YANSHAN, Scf.set_line, core=cast.HAIHE, limit_cents=given.FACE - 1, expires_on_ms=on("2027-03-31")),
    ),
    "duplicate-invoice (open after sealed)": (
        lambda: given.sealed(given.opened(), "S1", cast.LULIN, cast.BEICHEN),
        registering("O", "Sealed-S1/of 2026", cast.LULIN, cast.BEICHEN),
    ),
    "duplicate-invoice (sealed after open)": (given.held, sealing("S", "number L of 2026", cast.LULIN, cast.BEICHEN)),
    "duplicate-invoice (on another platform)": (
        given.held,
        attempt((cast.JINQIAO, cast.REGISTRY), Scf.report_use, **given.prints("Number L of 2026", cast.LULIN, cast.BEICHEN)),
    ),
    "not-registered (run out)": (given.run_out, disbursing(given.NET)),
    "still-live (frozen)": (lambda: given.frozen(given.registered()), on_root(cast.YANSHAN, Scf.cancel_registration)),
    "core-barred (offer)": (lambda: given.barred(given.held()), attempt(cast.HAIHE, Scf.offer_early_pay, **given.OFFER)),
    "not-holder (early)": (given.offered, on_root((cast.LULIN, cast.CLEARING), Scf.early_pay, price_cents=1)),
    "no-early-offer (none)": (given.held, on_root((cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=1)),
    "no-early-offer (over)": (
        later(given.offered, "2026-07-16"),
        on_root((cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=1),
    ),
    "wrong-state (early)": (
        lambda: given.offered().do(cast.BEICHEN, Scf.apply_finance, **given.terms()),
        on_root((cast.BEICHEN, cast.CLEARING), Scf.early_pay, price_cents=given.PRICE),
    ),
    "wrong-state (freeze twice)": (lambda: given.frozen(given.held()), on_root(cast.COURT, Scf.freeze, order="again")),
    "wrong-state (unfreeze)": (given.held, on_root(cast.COURT, Scf.unfreeze, order="lifted")),
    "wrong-state (pay a frozen offer)": (lambda: given.frozen(given.issued()).at("2026-10-05"), paying(given.FACE)),
    "books-differ (by a cent)": (given.held, reconciling(owed_cents=given.FACE - 1)),
}
