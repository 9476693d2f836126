"""Monthly green certificates (绿证, GEC) of 1 MWh: carry-over, one sale, use within the year they were generated in.

Carbon credits (CCER) instead of them: frozen on application, void after registration. Never both for one MWh.
"""

from ledger.contract import Anyone, Context, Identifier, MemberId, Role, Sealed, Text, operation
from ledger.contract.calendar import day_from_date
from scenarios.energy.books import DEPTH_MAX, SWEEP_MAX, require_account, require_before_residual, require_load
from scenarios.energy.quantities import MARKET_OFFSET_MS, WH_PER_MWH, expires_ms, month_end_ms, whole_mwh
from scenarios.energy.records import (
    CARBON,
    EXCHANGE,
    ISSUING,
    METERING,
    CarbonProject,
    Claim,
    ClaimEvidence,
    Device,
    GreenLot,
    Month,
    Name,
    PartCount,
    Price,
)
from scenarios.energy.state import EnergyState
from scenarios.energy.transitions import CARBON_PROJECTS, GREEN_LOTS
from scenarios.fractional import PARTS_MAX, fault_of_split

OLD_HYDRO_BEFORE_MS = day_from_date(2023, 1, 1) - MARKET_OFFSET_MS
SAME_YEAR_FROM = 2026
"""Certificates of this year and later are used for consumption of their own year."""
YEARS_BEFORE = 2
"""For how many years after their own older ones may be used."""
CCER_KINDS = ("offshore-wind", "solar-thermal")
CHOICE_FROM_MS = day_from_date(2024, 10, 1) - MARKET_OFFSET_MS
CHOICE_UNTIL_MS = day_from_date(2026, 10, 1) - MARKET_OFFSET_MS
"""Plants that may choose between certificate and credit, from when and until when."""


class GreenOperations(EnergyState):
    """Operations after the rules for China's green certificates, and their exclusion by carbon credits."""

    @operation(signed_by=Role(ISSUING))
    def issue_green(self, context: Context, device: Name, month: Month) -> None:
        """The issuing body certifies a plant's month in whole MWh, less what the plant owes; the rest is carried on."""
        # READ
        plant, key = self.devices[device], f"{device}:{month}"
        # CHECK
        context.require(plant.technology != "storage", "storage-no-green", device=device)
        readings = self.readings[key]
        context.require(month_end_ms(month) <= context.time_ms, "month-not-over", month=month)
        context.require(month > plant.green_month, "month-out-of-order", after=plant.green_month)
        context.require(readings.scheme == "", "certified-otherwise", month=month, scheme=readings.scheme)
        context.require(context.time_ms < expires_ms(month), "expired", month=month)
        require_before_residual(self, context, plant, month)
        # WRITE
        energy_wh = sum(max(readings.good_wh(hour), 0) for hour in range(len(readings.energy_wh)))
        withheld_wh = min(energy_wh + plant.carry_wh, max(plant.deficit_wh, 0))
        count, carry_wh = whole_mwh(energy_wh - withheld_wh, plant.carry_wh)
        first, last = plant.green_max + 1, plant.green_max + count
        self.readings[key] = readings.replace(scheme="monthly")
        plant = plant.replace(deficit_wh=plant.deficit_wh - withheld_wh)
        self.devices[device] = plant.replace(green_month=month, carry_wh=carry_wh, green_max=last)
        if count:
            self.green_lots[key] = GreenLot(
                device=device,
                month=month,
                first=first,
                last=last,
                holder=plant.owner,
                is_tradable=_is_tradable(plant),
                expires_ms=expires_ms(month),
            )
            _announce(context, key, "none", self.green_lots[key])
        # EMIT
        context.emit("green-issued", device=device, month=month, energy_wh=energy_wh, count=count, carry_wh=carry_wh)
        if withheld_wh:
            context.emit("withheld", device=device, month=month, energy_wh=withheld_wh, deficit_wh=plant.deficit_wh)

    @operation(signed_by=Anyone())
    def divide_green(self, context: Context, lot: Identifier, counts: tuple[PartCount, ...]) -> None:
        """The holder cuts a lot into parts of whole certificates."""
        # READ
        whole = self.green_lots[lot]
        # CHECK
        after = _state_after_holder(context, "divide_green", lot, whole)
        context.require(whole.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        fault = fault_of_split(whole.count, counts)
        if fault is not None:  # check: energy-bad-division
            sums = {"sum_wh": sum(counts) * WH_PER_MWH, "bundle_wh": whole.count * WH_PER_MWH}
            context.refuse(fault, parts_max=PARTS_MAX, **sums)
        # WRITE
        names, first = tuple(f"{lot}-{number}" for number in range(1, len(counts) + 1)), whole.first
        for name, count in zip(names, counts, strict=True):
            self.green_lots[name] = whole.replace(first=first, last=first + count - 1, depth=whole.depth + 1)
            first += count
        self._turn(context, lot, whole, after, children=names)

    @operation(signed_by=Role(EXCHANGE))
    def list_green(self, context: Context, lot: Identifier, price_cents: Price) -> None:
        """Exchange and holder offer a lot for sale: what may be sold, once, and on one exchange at a time."""
        # READ
        certificates = self.green_lots[lot]
        # CHECK
        context.require(certificates.is_tradable, "not-tradable")
        context.require(not certificates.was_traded, "already-traded", lot=lot)
        context.require(certificates.state != "listed", "listed-elsewhere", lot=lot, exchange=certificates.exchange)
        after = _state_after_holder(context, "list_green", lot, certificates)
        # WRITE
        self._turn(context, lot, certificates, after, exchange=_exchange(context), price_cents=price_cents)

    @operation(signed_by=Anyone())
    def unlist_green(self, context: Context, lot: Identifier) -> None:
        """The holder takes its offer back."""
        # READ
        certificates = self.green_lots[lot]
        # CHECK
        after = _state_after_holder(context, "unlist_green", lot, certificates)
        # WRITE
        self._turn(context, lot, certificates, after, exchange="", price_cents=0)

    @operation(signed_by=Role(EXCHANGE))
    def trade_green(self, context: Context, lot: Identifier, to: MemberId) -> None:
        """Exchange and buyer conclude the one sale of a lot that is offered there. The price is stated; money moves elsewhere."""
        # READ
        certificates = self.green_lots[lot]
        # CHECK
        context.require(not certificates.was_traded, "already-traded", lot=lot)
        after = _state_after(context, "trade_green", lot, certificates)
        context.require(certificates.exchange == _exchange(context), "not-listed-here", lot=lot)
        context.require(context.signed_by(to), "not-buyer", to=to)
        context.require(to != certificates.holder, "to-self", member=to)
        require_account(self, context, to)
        # WRITE
        self._turn(context, lot, certificates, after, holder=to, was_traded=True)

    @operation(signed_by=Role(METERING))
    def consume_green(
        self,
        context: Context,
        lot: Identifier,
        purpose: Text,
        month: Month,
        claim: Name,
        verifier: MemberId,
        evidence: Sealed[ClaimEvidence],
    ) -> None:
        """The holder declares a lot consumed, for its own metered load of a month: for another's it would be a sale.

        The load is sealed: the meter operator, which sees it, signs that all lots consumed for it are within it. The claim to it
        stands once its verifier, who is shown the month's total, attests it.
        """
        # READ
        certificates = self.green_lots[lot]
        generated, year = int(certificates.month[:4]), int(month[:4])
        last = generated + YEARS_BEFORE if generated < SAME_YEAR_FROM else generated
        # CHECK
        after = _state_after_holder(context, "consume_green", lot, certificates)
        context.require(certificates.used_by == "", "bundle-used", bundle=lot, used_by=certificates.used_by)
        context.require(purpose.strip() != "", "no-purpose")
        context.require(generated <= year <= last, "wrong-year", month=certificates.month, year=year)
        load = require_load(self, context, certificates.holder, month, "monthly", claim, verifier)
        # WRITE
        self.claims[claim] = Claim(
            consumer=certificates.holder,
            month=month,
            zone=load.zone,
            hours=(),
            energy_wh=certificates.count * WH_PER_MWH,
            bundles=(),
            lot=lot,
            verifier=verifier,
            evidence=evidence,
        )
        count = load.green_count + certificates.count
        self.consumptions[f"{certificates.holder}:{month}"] = load.replace(scheme="monthly", green_count=count)
        self._turn(context, lot, certificates, after, purpose=purpose, used_by=claim)

    @operation(signed_by=Anyone())
    def expire_green(self, context: Context, lots: tuple[Identifier, ...]) -> None:
        """Any member may sweep out what has outlived its two years."""
        # CHECK
        context.require(0 < len(lots) <= SWEEP_MAX, "sweep-size", most=SWEEP_MAX)
        for lot in lots:
            certificates = self.green_lots[lot]
            after, end_ms = GREEN_LOTS["expire_green"].get(certificates.state, ""), certificates.expires_ms
            context.require(after != "", "lot-state", lot=lot, state=certificates.state)
            context.require(context.time_ms >= end_ms, "not-expired", bundle=lot, expires_ms=end_ms)
            # WRITE
            self._turn(context, lot, certificates, after)

    @operation(signed_by=Role(CARBON))
    def freeze_ccer(self, context: Context, project: Name, device: Name, lots: tuple[Identifier, ...]) -> None:
        """Carbon registry and owner open an application for carbon credits: its certificates, all untraded, are frozen."""
        # READ
        plant = self.devices[device]
        # CHECK
        context.require(context.signed_by(plant.owner), "not-owner", owner=plant.owner)
        context.require(project not in self.carbon_projects, "project-exists", project=project)
        context.require(plant.technology in CCER_KINDS, "ccer-kind", device=device)
        context.require(CHOICE_FROM_MS <= context.time_ms < CHOICE_UNTIL_MS, "ccer-window")
        context.require(0 < len(lots) <= SWEEP_MAX, "sweep-size", most=SWEEP_MAX)
        for lot in lots:
            certificates = self.green_lots[lot]
            after = GREEN_LOTS["freeze_ccer"].get(certificates.state, "")
            context.require(certificates.device == device, "other-device", lot=lot, device=device)
            context.require(after != "", "green-or-carbon", lot=lot, state=certificates.state)
            context.require(context.time_ms < certificates.expires_ms, "expired", month=certificates.month)
            # WRITE
            self._turn(context, lot, certificates, after, project=project)
        self.carbon_projects[project] = CarbonProject(device=device, lots=lots)
        # EMIT
        context.emit("carbon-project", project=project, state="applied")

    @operation(signed_by=Role(CARBON))
    def register_ccer(self, context: Context, project: Name) -> None:
        """The carbon registry registers the reductions: the frozen certificates are void."""
        self._decide(context, "register_ccer", project, project)

    @operation(signed_by=Role(CARBON))
    def unfreeze_ccer(self, context: Context, project: Name) -> None:
        """The application came to nothing: the certificates are free again."""
        self._decide(context, "unfreeze_ccer", project, "")

    def _decide(self, context: Context, operation: str, project: str, excluded_by: str) -> None:
        # READ
        application = self.carbon_projects[project]
        # CHECK
        state = CARBON_PROJECTS[operation].get(application.state, "")
        context.require(state != "", "project-state", project=project, state=application.state)
        # WRITE
        self.carbon_projects[project] = application.replace(state=state)
        for lot in application.lots:
            certificates = self.green_lots[lot]
            self._turn(context, lot, certificates, GREEN_LOTS[operation][certificates.state], project=excluded_by)
        # EMIT
        context.emit("carbon-project", project=project, state=state)

    def _turn(self, context: Context, lot: str, certificates: GreenLot, after: str, **changes: object) -> None:
        """Writes and announces a change of a lot's state."""
        turned = certificates.replace(state=after, **changes)
        self.green_lots[lot] = turned
        _announce(context, lot, certificates.state, turned)


def _announce(context: Context, lot: str, before: str, certificates: GreenLot) -> None:
    """The event of a change of state."""
    sale = {"holder": certificates.holder, "price_cents": certificates.price_cents}
    parts = {"count": certificates.count, "children": certificates.children}
    context.emit("lot-moved", lot=lot, before=before, after=certificates.state, **sale, **parts)


def _state_after_holder(context: Context, operation: str, lot: str, certificates: GreenLot) -> str:
    """Where an operation leads that only the holder may sign."""
    context.require(context.signed_by(certificates.holder), "not-holder", holder=certificates.holder)
    return _state_after(context, operation, lot, certificates)


def _state_after(context: Context, operation: str, lot: str, certificates: GreenLot) -> str:
    """Where the operation leads; the lot serves no carbon project, and its two years are not over, swept or not."""
    state = certificates.state
    context.require(state not in ("frozen", "excluded"), "green-or-carbon", lot=lot, state=state)
    after = GREEN_LOTS[operation].get(state, "")
    context.require(after != "", "lot-state", lot=lot, state=state)
    context.require(context.time_ms < certificates.expires_ms, "expired", month=certificates.month)
    return after


def _is_tradable(plant: Device) -> bool:
    """Power used by the plant's own company, off the grid, and from conventional hydro of before 2023 is not for sale."""
    is_old_hydro = plant.technology == "hydro" and plant.commissioned_on_ms < OLD_HYDRO_BEFORE_MS
    return plant.connection == "grid" and not is_old_hydro


def _exchange(context: Context) -> str:
    """The exchange among the signers; the operation's policy says that there is one."""
    return next(signer.member for signer in context.signers if EXCHANGE in signer.roles)
