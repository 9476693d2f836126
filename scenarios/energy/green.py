"""Monthly green certificates (绿证, GEC) of 1 MWh: carry-over, one sale, use within the year they were generated in."""

from ledger.contract import Anyone, Collection, Context, Identifier, MemberId, Role, Text, operation
from ledger.contract.calendar import day_from_date
from scenarios.energy.devices import EXCHANGE, ISSUING
from scenarios.energy.quantities import MARKET_OFFSET_MS, WH_PER_MWH, expires_ms, whole_mwh
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import Device, GreenLot, GreenState, Month, Name, PartCount, Price, Year
from scenarios.fractional import PARTS_MAX, fault_of_split

OLD_HYDRO_BEFORE_MS = day_from_date(2023, 1, 1) - MARKET_OFFSET_MS
SAME_YEAR_FROM = 2026
"""Certificates of this year and later are used for consumption of their own year."""
YEARS_BEFORE = 2
"""Older ones also for consumption of so many years after."""
LOTS_MAX = 100
DEPTH_MAX = 20


class GreenCertificateOperations(ReadingOperations):
    """The part of the contract that follows the rules for China's green certificates."""

    green_lots = Collection(GreenLot)

    @operation(signed_by=Role(ISSUING))
    def issue_green(self, context: Context, device: Name, month: Month) -> None:
        """The issuing body certifies a plant's month in whole MWh; what is left is carried into the next."""
        # READ
        found = self.devices[device]
        # CHECK
        context.require(found.technology != "storage", "storage-no-green", device=device)
        held = self.readings[f"{device}:{month}"]
        context.require(self.is_over(context, month), "month-not-over", month=month)
        context.require(month > found.green_month, "month-out-of-order", after=found.green_month)
        context.require(held.scheme == "", "certified-otherwise", month=month, scheme=held.scheme)
        context.require(context.time_ms < expires_ms(month), "expired", month=month)
        # WRITE
        energy_wh = sum(self.fit_wh(held, hour) for hour in range(len(held.energy_wh)))
        count, carry_wh = whole_mwh(energy_wh, found.carry_wh)
        self.readings[f"{device}:{month}"] = held.replace(scheme="monthly")
        last = found.green_max + count
        self.devices[device] = found.replace(green_month=month, carry_wh=carry_wh, green_max=last)
        if count:
            key = f"{device}:{month}"
            self.green_lots[key] = GreenLot(
                device=device,
                month=month,
                first=found.green_max + 1,
                last=last,
                holder=found.owner,
                is_tradable=_is_tradable(found),
                expires_ms=expires_ms(month),
            )
            self._lot_moved(context, key, "none", self.green_lots[key])
        # EMIT
        context.emit("green-issued", device=device, month=month, energy_wh=energy_wh, count=count, carry_wh=carry_wh)

    @operation(signed_by=Anyone())
    def divide_green(self, context: Context, lot: Identifier, counts: tuple[PartCount, ...]) -> None:
        """The holder cuts a lot into parts of so many certificates."""
        # READ
        found = self.green_lots[lot]
        # CHECK
        self._require_lot(context, lot, found, "issued", "traded")
        context.require(found.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        fault = fault_of_split(found.count, counts)
        if fault is not None:  # check: energy-bad-division
            sums = {"sum_wh": sum(counts) * WH_PER_MWH, "bundle_wh": found.count * WH_PER_MWH}
            context.refuse(fault, parts_max=PARTS_MAX, **sums)
        # WRITE
        first = found.first
        for number, count in enumerate(counts, 1):
            self.green_lots[f"{lot}-{number}"] = found.replace(first=first, last=first + count - 1, depth=found.depth + 1)
            first += count
        self.turn_lot(context, lot, found, "divided", children=tuple(f"{lot}-{place + 1}" for place in range(len(counts))))

    @operation(signed_by=Role(EXCHANGE))
    def list_green(self, context: Context, lot: Identifier, price_cents: Price) -> None:
        """Exchange and holder offer a lot for sale: what may be sold, once, and on one exchange at a time."""
        # READ
        found = self.green_lots[lot]
        # CHECK
        context.require(found.is_tradable, "not-tradable")
        context.require(not found.was_traded, "already-traded", lot=lot)
        context.require(found.state != "listed", "listed-elsewhere", lot=lot, exchange=found.exchange)
        self._require_lot(context, lot, found, "issued")
        # WRITE
        self.turn_lot(context, lot, found, "listed", exchange=_exchange(context), price_cents=price_cents)

    @operation(signed_by=Anyone())
    def unlist_green(self, context: Context, lot: Identifier) -> None:
        """The holder takes its offer back."""
        # READ
        found = self.green_lots[lot]
        # CHECK
        self._require_lot(context, lot, found, "listed")
        # WRITE
        self.turn_lot(context, lot, found, "issued", exchange="", price_cents=0)

    @operation(signed_by=Role(EXCHANGE))
    def trade_green(self, context: Context, lot: Identifier, to: MemberId) -> None:
        """Exchange and buyer conclude the one sale of a lot that is offered there. The price is stated; money moves elsewhere."""
        # READ
        found = self.green_lots[lot]
        # CHECK
        context.require(not found.was_traded, "already-traded", lot=lot)
        self._require_lot_state(context, lot, found, "listed")
        context.require(found.exchange == _exchange(context), "not-listed-here", lot=lot)
        context.require(context.signed_by(to), "not-buyer", to=to)
        context.require(to != found.holder, "to-self", member=to)
        self.require_account(context, to)
        # WRITE
        self.turn_lot(context, lot, found, "traded", holder=to, was_traded=True)

    @operation(signed_by=Anyone())
    def consume_green(self, context: Context, lot: Identifier, purpose: Text, year: Year) -> None:
        """The holder declares a lot consumed, for its own consumption of a year: for another's it would be a sale."""
        # READ
        found = self.green_lots[lot]
        generated = int(found.month[:4])
        last = generated + YEARS_BEFORE if generated < SAME_YEAR_FROM else generated
        # CHECK
        self._require_lot(context, lot, found, "issued", "traded")
        context.require(purpose.strip() != "", "no-purpose")
        context.require(generated <= year <= last, "wrong-year", month=found.month, year=year)
        # WRITE
        self.turn_lot(context, lot, found, "consumed", purpose=purpose)

    @operation(signed_by=Anyone())
    def expire_green(self, context: Context, lots: tuple[Identifier, ...]) -> None:
        """Anybody may sweep out what has outlived its two years."""
        # CHECK
        context.require(0 < len(lots) <= LOTS_MAX, "sweep-size", most=LOTS_MAX)
        for lot in lots:
            found = self.green_lots[lot]
            context.require(found.state in ("issued", "listed", "traded"), "lot-state", lot=lot, state=found.state)
            context.require(context.time_ms >= found.expires_ms, "not-expired", bundle=lot, expires_ms=found.expires_ms)
            # WRITE
            self.turn_lot(context, lot, found, "expired")

    def turn_lot(self, context: Context, lot: str, found: GreenLot, state: GreenState, **changes: object) -> None:
        """Writes and announces a change of state."""
        self.green_lots[lot] = found.replace(state=state, **changes)
        self._lot_moved(context, lot, found.state, self.green_lots[lot])

    def _lot_moved(self, context: Context, lot: str, before: str, after: GreenLot) -> None:
        data = {"count": after.count, "holder": after.holder, "children": after.children, "price_cents": after.price_cents}
        context.emit("lot-moved", lot=lot, before=before, after=after.state, **data)

    def _require_lot(self, context: Context, lot: str, found: GreenLot, *states: GreenState) -> None:
        """The holder signs, and the lot is in one of the states and not expired."""
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        self._require_lot_state(context, lot, found, *states)

    def _require_lot_state(self, context: Context, lot: str, found: GreenLot, *states: GreenState) -> None:
        context.require(found.state not in ("frozen", "excluded"), "green-or-carbon", lot=lot, state=found.state)
        context.require(found.state in states, "lot-state", lot=lot, state=found.state)
        context.require(context.time_ms < found.expires_ms, "expired", month=found.month)


def _is_tradable(device: Device) -> bool:
    """Power used by the plant's own company, off the grid, and from conventional hydro of before 2023 is not for sale."""
    is_old_hydro = device.technology == "hydro" and device.commissioned_on_ms < OLD_HYDRO_BEFORE_MS
    return device.connection == "grid" and not is_old_hydro


def _exchange(context: Context) -> str:
    """The exchange among the signers; the operation's policy says that there is one."""
    return next(signer.member for signer in context.signers if EXCHANGE in signer.roles)
