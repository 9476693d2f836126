"""Figures of a played trade that a practitioner asks for, in whole numbers, from the state; books of each day from the events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.calendar import civil_date, day_of, days_between
from ledger.errors import JsonValue
from scenarios.data_files import read_data
from scenarios.money import PPM, half_up, interest_cents
from scenarios.story.play import rows
from scenarios.story.story import Act, PlayedStep, PlayedStory, Snapshot
from scenarios.supply_chain_finance.cast import PACKAGE, TIERS
from scenarios.supply_chain_finance.records import LIVE, Application, Certificate, Invoice, Line

ALONE = {int(tier["tier"]): tier for tier in TIERS}
"""What finance costs and how long money takes without the ledger, by tier: assumptions."""
STORY_TIERS = {str(tier["member"]): int(tier["tier"]) for tier in TIERS}
RECOVERY_PPM = 400_000
"""Assumed in the shock: what a core that fails still pays, two fifths, as the one of the story did."""


@dataclass(frozen=True, slots=True)
class TierFigure:
    """What the suppliers of one tier paid for cash and how soon they had it, with the ledger and as it would be without."""

    tier: int
    count: int
    """Certificates that were financed."""
    cost_ppm: int
    """Effective annual cost with fees: sum of (face - net) x 360 / sum of net x days."""
    cost_alone_ppm: int
    """The same for credit on the suppliers' own names at the assumed rate."""
    days_to_cash: int
    """From the date of an invoice to cash, the mean."""
    days_to_cash_alone: int


@dataclass(frozen=True, slots=True)
class ReachFigure:
    """How far the promise of cores reached the suppliers of one tier. Each part is in cents of face."""

    tier: int
    invoiced_cents: int
    received_cents: int
    """For which they got certificates."""
    passed_on_cents: int
    """Of this: with which they paid their own suppliers."""
    financed_cents: int
    """Of this: which became cash early."""


@dataclass(frozen=True, slots=True)
class LossFigure:
    """Who bears what a core does not pay, of one certificate or of all that a core owes."""

    name: str
    face_cents: int
    paid_cents: int
    """By the core."""
    seller_cents: int
    """Bought back by the sellers, who are owed it now."""
    bank_cents: int
    holder_cents: int = 0
    """Suppliers that hold the promise themselves."""
    with_recourse: bool = False


@dataclass(frozen=True, slots=True)
class BankFigure:
    """What a bank disbursed, and how it is spread over cores."""

    bank: str
    net_cents: int
    share_ppm: int
    hhi_ppm: int
    """Herfindahl index of its faces over cores: a million where one core has it all."""


@dataclass(frozen=True, slots=True)
class DetectionFigure:
    """How well duplicate invoices are found in the blind set of `duplicates.py`, by kind: how many there were, and were found."""

    seed: int
    honest: Mapping[str, Sequence[int]]
    frauds: Mapping[str, Sequence[int]]

    @property
    def recall_ppm(self) -> int:
        """Of the frauds: those that were refused, marked or barred."""
        return _share_ppm(self.frauds)

    @property
    def alarms_ppm(self) -> int:
        """Of the honest invoices: those that were taken for a duplicate."""
        return _share_ppm(self.honest)


def detection() -> DetectionFigure:
    """As it was measured last."""
    return DetectionFigure(**read_data(PACKAGE, "duplicates.json"))


def certificates(state: Snapshot) -> Mapping[str, Certificate]:
    """Every certificate by number."""
    return rows(state, "certificates", Certificate)


def disbursed(state: Snapshot) -> dict[str, Application]:
    """Applications that ended in cash."""
    return {key: one for key, one in rows(state, "applications", Application).items() if one.state == "disbursed"}


def tier_figures(state: Snapshot, tiers: Mapping[str, int] = STORY_TIERS) -> tuple[TierFigure, ...]:
    """One figure a tier."""
    by_tier: dict[int, list[tuple[str, Application]]] = {}
    for key, application in disbursed(state).items():
        if application.applicant in tiers:
            by_tier.setdefault(tiers[application.applicant], []).append((key, application))
    return tuple(_tier_figure(state, tier, by_tier[tier]) for tier in sorted(by_tier) if tier in ALONE)


def reach_figures(state: Snapshot, tiers: Mapping[str, int]) -> tuple[ReachFigure, ...]:
    """One figure a tier, over all invoices and certificates."""
    found: dict[int, list[int]] = {}
    for invoice in rows(state, "invoices", Invoice).values():
        for place, member, cents in (
            (0, invoice.seller, max(invoice.amount_cents, invoice.used_cents)),
            (1, invoice.seller, invoice.used_cents),
            (2, invoice.buyer, invoice.used_cents),
        ):
            if member in tiers:
                found.setdefault(tiers[member], [0, 0, 0, 0])[place] += cents
    for key, application in disbursed(state).items():
        if application.applicant in tiers:
            found.setdefault(tiers[application.applicant], [0, 0, 0, 0])[3] += certificates(state)[key].amount_cents
    return tuple(ReachFigure(tier, *found[tier]) for tier in sorted(found))


def ladder(state: Snapshot) -> dict[str, dict[str, int]]:
    """Half a month of due dates (`2026-10-01`, `2026-10-16`) -> core -> cents still owed; under "" what was paid."""
    found: dict[str, dict[str, int]] = {}
    for leaf in _leaves(state):
        step = found.setdefault(half_month(leaf.due_on_ms), {})
        step[""] = step.get("", 0) + leaf.paid_cents
        if leaf.state in LIVE:
            step[leaf.core] = step.get(leaf.core, 0) + leaf.owed_cents
    return dict(sorted(found.items()))


def lines(state: Snapshot) -> dict[str, int]:
    """Core -> what all banks were ready to finance of it, as last set, expired since or not."""
    found: dict[str, int] = {}
    for key, line in rows(state, "lines", Line).items():
        core = key.partition(":")[0]
        found[core] = found.get(core, 0) + line.limit_cents
    return found


def bank_figures(state: Snapshot) -> tuple[BankFigure, ...]:
    """One figure a bank that disbursed anything."""
    nets: dict[str, int] = {}
    faces: dict[str, dict[str, int]] = {}
    for key, application in disbursed(state).items():
        certificate, by_core = certificates(state)[key], faces.setdefault(application.bank, {})
        nets[application.bank] = nets.get(application.bank, 0) + application.net_cents
        by_core[certificate.core] = by_core.get(certificate.core, 0) + certificate.amount_cents
    whole = sum(nets.values())
    return tuple(BankFigure(bank, net, net * PPM // whole, hhi_ppm(faces[bank].values())) for bank, net in nets.items() if whole)


def hhi_ppm(amounts: Collection[int]) -> int:
    """Herfindahl index of shares: 1/n in ppm for n equal ones, a million for one alone."""
    whole = sum(amounts)
    return sum(cents * cents * PPM // (whole * whole) for cents in amounts) if whole else 0


def losses(state: Snapshot) -> tuple[LossFigure, ...]:
    """Defaulted certificates that banks had bought: what became of each."""
    held = certificates(state)
    found = []
    for key, application in disbursed(state).items():
        certificate = held[key]
        if certificate.state in ("overdue", "recourse", "written-off"):
            left, is_bank = certificate.owed_cents, certificate.holder == application.bank
            seller_cents, bank_cents = (0, left) if is_bank else (left, 0)
            paid, recourse = certificate.paid_cents, application.with_recourse
            found.append(LossFigure(key, certificate.amount_cents, paid, seller_cents, bank_cents, with_recourse=recourse))
    return tuple(found)


def shock(state: Snapshot) -> tuple[LossFigure, ...]:
    """What if a core stopped paying today, two fifths of each certificate recovered: who would bear the rest, core by core."""
    parties = state["parties"]
    sums: dict[str, list[int]] = {}
    for leaf in _leaves(state):
        if leaf.state in LIVE and leaf.owed_cents:
            paid = leaf.owed_cents * RECOVERY_PPM // PPM
            is_bank = getattr(parties.get(leaf.holder), "kind", "") == "bank"
            place = 4 if not is_bank else 2 if leaf.recourse_to else 3
            row = sums.setdefault(leaf.core, [0, 0, 0, 0, 0])
            for column, cents in ((0, leaf.owed_cents), (1, paid), (place, leaf.owed_cents - paid)):
                row[column] += cents
    return tuple(LossFigure(core, s[0], s[1], s[2], s[3], s[4]) for core, s in sorted(sums.items()))


def flows(state: Snapshot, tiers: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """(from, to) -> cents of face: cores, `tier N`, banks, and `held` for what is kept until maturity. Down the tiers only."""
    found: dict[tuple[str, str], int] = {}
    held = certificates(state)
    left: dict[str, int] = {}
    for certificate in held.values():
        before = held[certificate.parent].lineage if certificate.parent else (certificate.core,)
        if len(certificate.lineage) <= len(before) or certificate.lineage[-1] not in tiers:
            continue
        source, target = before[-1], _tier_name(tiers, certificate.lineage[-1])
        if source == certificate.core or tiers.get(source, 10) < tiers[certificate.lineage[-1]]:
            name = source if source == certificate.core else _tier_name(tiers, source)
            found[name, target] = found.get((name, target), 0) + certificate.amount_cents
            left[target] = left.get(target, 0) + certificate.amount_cents
            left[name] = left.get(name, 0) - certificate.amount_cents
    for key, application in disbursed(state).items():
        if application.applicant in tiers:
            source = _tier_name(tiers, application.applicant)
            found[source, application.bank] = found.get((source, application.bank), 0) + held[key].amount_cents
            left[source] = left.get(source, 0) - held[key].amount_cents
    for name in sorted({source for source, _ in found} | {target for _, target in found}):
        if name.startswith("tier ") and left.get(name, 0) > 0:
            found[name, "held"] = left[name]
    return found


def half_month(day_ms: int) -> str:
    """First day of the half of a month in which a day lies."""
    year, month, day = civil_date(day_ms)
    return f"{year}-{month:02}-{'01' if day < 16 else '16'}"


def _share_ppm(kinds: Mapping[str, Sequence[int]]) -> int:
    return sum(found for _, found in kinds.values()) * PPM // sum(count for count, _ in kinds.values())


def _tier_name(tiers: Mapping[str, int], member: str) -> str:
    return f"tier {tiers[member]}"


def _leaves(state: Snapshot) -> Iterator[Certificate]:
    return (certificate for certificate in certificates(state).values() if not certificate.children)


def _tier_figure(state: Snapshot, tier: int, financed: Sequence[tuple[str, Application]]) -> TierFigure:
    held = certificates(state)
    face = net = alone = net_days = alone_days = waited = 0
    for key, application in financed:
        amount, days = held[key].amount_cents, days_between(application.disbursed_on_ms, application.matures_on_ms)
        rate = int(ALONE[tier]["alone_rate_ppm"])
        interest = interest_cents(amount, rate, "ACT/360", application.disbursed_on_ms, application.matures_on_ms)
        face, net, alone = face + amount, net + application.net_cents, alone + interest
        net_days, alone_days = net_days + application.net_cents * days, alone_days + (amount - interest) * days
        waited += days_between(_invoiced_on_ms(state, key, application.applicant), application.disbursed_on_ms)
    return TierFigure(
        tier=tier,
        count=len(financed),
        cost_ppm=half_up((face - net) * 360 * PPM, net_days) if net_days else 0,
        cost_alone_ppm=half_up(alone * 360 * PPM, alone_days) if alone_days else 0,
        days_to_cash=half_up(waited, len(financed)),
        days_to_cash_alone=int(ALONE[tier]["terms_days"]),
    )


def _invoiced_on_ms(state: Snapshot, key: str, seller: str) -> int:
    """Date of the newest invoice of this seller on the way to the certificate; without one the day of its issue."""
    certificate = certificates(state)[key]
    invoices = rows(state, "invoices", Invoice)
    behind = [invoices[part.invoice] for part in certificate.backing]
    dates = [invoice.issued_on_ms for invoice in behind if invoice.seller == seller]
    if dates:
        return max(dates)
    return _invoiced_on_ms(state, certificate.parent, seller) if certificate.parent else certificate.issued_on_ms


Book = Mapping[str, tuple[int, int]]
"""Core -> (certificates that are owed, cents owed)."""
ENDED = ("settled", "written-off")
GIVEN_BACK = ("rejected", "void", "expired")


@dataclass(slots=True)
class Bookkeeper:
    """Follows every certificate by its events."""

    played_story: PlayedStory
    owed: dict[str, int] = field(default_factory=dict)
    """Certificate -> cents, of those that are owed and not split."""
    frozen: dict[str, str] = field(default_factory=dict)
    """Frozen certificate -> its root: what the core pays meanwhile is set aside and no longer owed by it."""

    def days(self) -> dict[int, Book]:
        """The book at the end of each day on which it changed."""
        found: dict[int, Book] = {}
        for played in self.played_story.steps:
            if isinstance(played.step, Act) and self._follow(played, played.step):
                found[day_of(played.time_ms)] = self.book()
        return found

    def book(self) -> Book:
        """What is owed now."""
        held = certificates(self.played_story.records)
        rows: dict[str, tuple[int, int]] = {}
        for key, cents in self.owed.items():
            count, whole = rows.get(held[key].core, (0, 0))
            rows[held[key].core] = (count + 1, whole + cents)
        return dict(sorted(rows.items()))

    def _follow(self, played: PlayedStep, act: Act) -> bool:
        changed = False
        for call, arguments, outcome in zip(act.calls, played.arguments, played.outcomes, strict=True):
            if outcome.outcome == "committed" and call.operation.name == "pay_at_maturity":
                self._set_aside(str(arguments["certificate"]))
            for name, data in outcome.events:
                if name == "moved":
                    self._move(data)
                    changed = True
                elif name == "part-paid":
                    self.owed[str(data["certificate"])] = _whole(data.get("owed_cents"), 0)
                    changed = True
        return changed

    def _set_aside(self, root: str) -> None:
        """A payment on a root discharges its frozen leaves, whose money waits."""
        held = certificates(self.played_story.records)
        for key in [key for key, of in self.frozen.items() if of == root]:
            cents = held[key].owed_cents
            if cents:
                self.owed[key] = cents
            else:
                self.owed.pop(key, None)

    def _move(self, data: Mapping[str, JsonValue]) -> None:
        held = certificates(self.played_story.records)
        key, before, after = (str(data[name]) for name in ("certificate", "before", "after"))
        parts = data.get("parts")
        if before == "none":
            self.owed[key] = held[key].amount_cents
        elif after == "overdue":
            self.owed[key] = _whole(data.get("owed_cents"), self.owed.get(key, 0))
        elif after == "frozen":
            self.frozen[key] = held[key].root
        elif after == "consumed" and isinstance(parts, list):
            del self.owed[key]
            self.owed.update((str(part), held[str(part)].amount_cents) for part in parts)
        elif after in ENDED or after in GIVEN_BACK:
            self.owed.pop(key, None)
            if after in GIVEN_BACK and held[key].children:
                self.owed[held[key].children[0]] = held[key].amount_cents
        if before == "frozen":
            self.frozen.pop(key, None)


def _whole(value: JsonValue, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
