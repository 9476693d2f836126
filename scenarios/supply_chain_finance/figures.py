"""Figures of a played story that a practitioner asks for, in whole numbers, from the state alone."""

from dataclasses import dataclass
from typing import cast

from ledger.contract.calendar import days_between
from scenarios.money import PPM, annual_cost_ppm, interest_cents
from scenarios.story import Snapshot
from scenarios.supply_chain_finance.cast import TIERS
from scenarios.supply_chain_finance.records import LIVE, Application, Certificate, Invoice


@dataclass(frozen=True, slots=True)
class TierFigure:
    """What one tier paid for cash and how soon it had it, with the ledger and as it would be without."""

    tier: int
    member: str
    certificate: str
    face_cents: int
    net_cents: int
    days: int
    """From disbursement to payment."""
    cost_ppm: int
    """Effective annual cost with fee: (face-net)/net * 360/days."""
    cost_alone_ppm: int
    """The same for credit on the supplier's own name at the assumed rate."""
    days_to_cash: int
    """From the date of its invoice to cash."""
    days_to_cash_alone: int


@dataclass(frozen=True, slots=True)
class LossFigure:
    """What became of a defaulted certificate that a bank had bought."""

    certificate: str
    face_cents: int
    paid_cents: int
    """By the core."""
    seller_cents: int
    """Bought back by the seller, who is owed it now."""
    bank_cents: int
    """Written off by the bank."""
    with_recourse: bool


def certificates(state: Snapshot) -> dict[str, Certificate]:
    """Every certificate by number."""
    return cast("dict[str, Certificate]", dict(state["certificates"]))


def disbursed(state: Snapshot) -> dict[str, Application]:
    """Applications that ended in cash."""
    applications = cast("dict[str, Application]", dict(state["applications"]))
    return {key: application for key, application in applications.items() if application.state == "disbursed"}


def tier_figures(state: Snapshot, root: str) -> tuple[TierFigure, ...]:
    """One figure a tier of a root, from its financed certificate."""
    found = []
    for tier in TIERS:
        for key, application in disbursed(state).items():
            if certificates(state)[key].root == root and application.applicant == tier["member"]:
                found.append(_tier_figure(state, tier, key, application))
    return tuple(found)


def losses(state: Snapshot) -> tuple[LossFigure, ...]:
    """Defaulted certificates that banks had bought."""
    held = certificates(state)
    found = []
    for key, application in disbursed(state).items():
        certificate = held[key]
        left = certificate.amount_cents - certificate.paid_cents
        if certificate.state in ("overdue", "recourse", "written-off"):
            is_bank = certificate.holder == application.bank
            seller_cents, bank_cents = (0, left) if is_bank else (left, 0)
            paid = certificate.paid_cents
            found.append(LossFigure(key, certificate.amount_cents, paid, seller_cents, bank_cents, application.with_recourse))
    return tuple(found)


def reach(state: Snapshot, root: str) -> tuple[int, int]:
    """(cents that reached suppliers beyond the first tier as certificates, cents of these that became cash early)."""
    held = certificates(state)
    beyond = {
        key: c
        for key, c in held.items()
        if c.root == root and not c.children and len(c.lineage) > 2 and c.state not in ("rejected",)
    }
    return sum(c.amount_cents for c in beyond.values()), sum(
        c.amount_cents for key, c in beyond.items() if key in disbursed(state)
    )


def concentration_ppm(state: Snapshot) -> int:
    """Herfindahl index of the banks by what they disbursed: a million where one bank has it all."""
    by_bank: dict[str, int] = {}
    for application in disbursed(state).values():
        by_bank[application.bank] = by_bank.get(application.bank, 0) + application.net_cents
    whole = sum(by_bank.values())
    return sum(cents * cents * PPM // (whole * whole) for cents in by_bank.values()) if whole else 0


def reconciliation(state: Snapshot) -> tuple[tuple[str, int, int], ...]:
    """(core, number of certificates that are still owed, cents owed) as platform and bank compare them daily."""
    held = certificates(state).values()
    cores = sorted(key for key in state["obligors"])
    live = {core: [c for c in held if c.core == core and c.state in LIVE and not c.children] for core in cores}
    return tuple((core, len(leaves), sum(c.amount_cents - c.paid_cents for c in leaves)) for core, leaves in live.items())


def _tier_figure(state: Snapshot, tier: dict[str, int | str], key: str, application: Application) -> TierFigure:
    certificate = certificates(state)[key]
    days = days_between(application.disbursed_on_ms, application.matures_on_ms)
    alone = interest_cents(
        certificate.amount_cents, int(tier["alone_rate_ppm"]), "ACT/360", application.disbursed_on_ms, application.matures_on_ms
    )
    return TierFigure(
        tier=int(tier["tier"]),
        member=str(tier["member"]),
        certificate=key,
        face_cents=certificate.amount_cents,
        net_cents=application.net_cents,
        days=days,
        cost_ppm=annual_cost_ppm(certificate.amount_cents, application.net_cents, days),
        cost_alone_ppm=annual_cost_ppm(certificate.amount_cents, certificate.amount_cents - alone, days),
        days_to_cash=days_between(_invoiced_on_ms(state, key, str(tier["member"])), application.disbursed_on_ms),
        days_to_cash_alone=int(tier["terms_days"]),
    )


def _invoiced_on_ms(state: Snapshot, key: str, seller: str) -> int:
    """Date of the newest invoice of this seller behind the certificate."""
    certificate = certificates(state)[key]
    invoices = [cast(Invoice, state["invoices"][part.invoice]) for part in certificate.backing]
    dates = [invoice.issued_on_ms for invoice in invoices if invoice.seller == seller]
    return max(dates) if dates else _invoiced_on_ms(state, certificate.parent, seller)
