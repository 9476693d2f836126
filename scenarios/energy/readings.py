"""What meters say: hourly net energy with its quality, once; corrected with a reason; loads of consumers sealed."""

from ledger.contract import AllOf, Collection, Context, MemberId, NonNegative, Role, Sealed, Text, operation
from scenarios.energy.devices import ISSUING, METERING, DeviceOperations
from scenarios.energy.quantities import MARKET_OFFSET_MS, capacity_wh, hour_ms, hours_in, month_start_ms, months_after
from scenarios.energy.records import (
    FIT,
    AreaTotal,
    Consumption,
    Correction,
    Device,
    Hour,
    Issuance,
    Metered,
    Month,
    Name,
    QualityText,
    Readings,
    Zone,
)

CONSUMERS_MIN = 3
"""A total of fewer would show somebody's load: an assumption of this project."""


class ReadingOperations(DeviceOperations):
    """The part of the contract that knows what was metered."""

    readings = Collection(Readings)
    corrections = Collection(Correction)
    issuances = Collection(Issuance)
    consumptions = Collection(Consumption)
    area_totals = Collection(AreaTotal)

    @operation(signed_by=Role(METERING))
    def submit_readings(
        self,
        context: Context,
        device: Name,
        month: Month,
        first_hour: Hour,
        energy_wh: tuple[Metered | None, ...],
        quality: QualityText,
    ) -> None:
        """The meter operator reports successive hours, up to a month; None with quality `-` is a gap, never filled by a guess."""
        # READ
        found = self.devices[device]
        known = self.readings.get(f"{device}:{month}")
        total = hours_in(month)
        held = known or Readings(energy_wh=(None,) * total, quality="-" * total)
        end = first_hour + len(energy_wh)
        # CHECK
        context.require(0 < len(energy_wh) <= total - first_hour, "beyond-month", month=month, hours=total)
        context.require(hour_ms(month, end) <= context.time_ms, "reading-ahead", month=month, hour=end - 1)
        context.require(_is_marked(energy_wh, quality), "quality-mismatch", hours=len(energy_wh), quality=len(quality))
        context.require(held.scheme != "monthly", "month-certified", month=month)
        for hour, value in enumerate(energy_wh, first_hour):
            self._require_new(context, hour, held.energy_wh[hour], value)
            self.require_possible(context, found, month, hour, value)
        # WRITE
        self.readings[f"{device}:{month}"] = held.replace(
            energy_wh=(*held.energy_wh[:first_hour], *energy_wh, *held.energy_wh[end:]),
            quality=held.quality[:first_hour] + quality + held.quality[end:],
        )
        # EMIT
        context.emit("readings", device=device, month=month, first_hour=first_hour, hours=len(energy_wh))

    @operation(signed_by=AllOf(Role(METERING), Role(ISSUING)))
    def correct_reading(self, context: Context, device: Name, month: Month, hour: Hour, energy_wh: Metered, reason: Text) -> None:
        """Meter operator and issuing body replace a reading, or fill a gap, and say why; what stood there stays on record."""
        # READ
        found = self.devices[device]
        key = f"{device}:{month}"
        held = self.readings[key]
        least_wh, most_wh = self._certified_wh(key, hour)
        number = sum(1 for _ in self.corrections.items(prefix=f"{key}:{hour:03}:")) + 1
        # CHECK
        context.require(hour < len(held.energy_wh), "beyond-month", month=month, hours=len(held.energy_wh))
        context.require(hour_ms(month, hour + 1) <= context.time_ms, "reading-ahead", month=month, hour=hour)
        context.require(reason.strip() != "", "no-reason")
        self.require_possible(context, found, month, hour, energy_wh)
        context.require(held.scheme != "monthly", "month-certified", month=month)
        is_covered = (least_wh == 0 or energy_wh >= least_wh) and (most_wh == 0 or -energy_wh >= most_wh)
        context.require(is_covered, "already-certified", hour=hour, certified_wh=max(least_wh, most_wh))
        # WRITE
        self.corrections[f"{key}:{hour:03}:{number}"] = Correction(
            before_wh=held.energy_wh[hour],
            before_quality=held.quality[hour],
            after_wh=energy_wh,
            reason=reason,
            corrected_at_ms=context.time_ms,
        )
        self.readings[key] = held.replace(
            energy_wh=(*held.energy_wh[:hour], energy_wh, *held.energy_wh[hour + 1 :]),
            quality=held.quality[:hour] + "M" + held.quality[hour + 1 :],
        )
        # EMIT
        context.emit(
            "reading-corrected", device=device, month=month, hour=hour, before_wh=held.energy_wh[hour], after_wh=energy_wh
        )

    @operation(signed_by=Role(METERING))
    def submit_consumption(self, context: Context, consumer: MemberId, month: Month, load: Sealed[dict[str, int]]) -> None:
        """The meter operator seals a consumer's month, hour by hour; the opening goes to the consumer and the issuing body."""
        # READ
        key = f"{consumer}:{month}"
        # CHECK
        self.require_account(context, consumer)
        context.require(key not in self.consumptions, "consumption-exists", consumer=consumer, month=month)
        context.require(self.is_over(context, month), "month-not-over", month=month)
        # WRITE
        self.consumptions[key] = Consumption(consumer=consumer, zone=self.accounts[consumer].zone, load=load)
        # EMIT
        context.emit("consumption", consumer=consumer, month=month)

    @operation(signed_by=Role(METERING))
    def publish_area_total(self, context: Context, zone: Zone, month: Month, consumed_wh: NonNegative) -> None:
        """What the public sees of sealed loads: a zone's month, where enough consumers hide each other."""
        # READ
        consumers = sum(1 for key, found in self.consumptions.items() if key.endswith(f":{month}") and found.zone == zone)
        # CHECK
        context.require(f"{zone}:{month}" not in self.area_totals, "total-exists", zone=zone, month=month)
        context.require(consumers >= CONSUMERS_MIN, "too-few-consumers", consumers=consumers, least=CONSUMERS_MIN)
        # WRITE
        self.area_totals[f"{zone}:{month}"] = AreaTotal(consumed_wh=consumed_wh, consumers=consumers)
        # EMIT
        context.emit("area-total", zone=zone, month=month, consumed_wh=consumed_wh)

    def is_over(self, context: Context, month: Month) -> bool:
        """Whether the whole month lies in the past."""
        return month_start_ms(months_after(month, 1)) <= context.time_ms

    def issuance(self, device: Name, month: Month) -> Issuance:
        """What was certified of a month so far."""
        nothing = (0,) * hours_in(month)
        known = self.issuances.get(f"{device}:{month}")
        return known or Issuance(issued_wh=nothing, withdrawn_wh=nothing, charged_wh=nothing)

    def fit_wh(self, held: Readings, hour: Hour) -> int:
        """Positive energy of an hour on which certificates may stand; 0 for gaps, estimates and what was drawn."""
        value = held.energy_wh[hour]
        return max(value, 0) if value is not None and held.quality[hour] in FIT else 0

    def _certified_wh(self, key: str, hour: Hour) -> tuple[int, int]:
        """What of an hour certificates stand on: given to the grid and not withdrawn, and drawn with an origin."""
        known = self.issuances.get(key)
        if known is None or hour >= len(known.issued_wh):
            return 0, 0
        return known.issued_wh[hour] - known.withdrawn_wh[hour], known.charged_wh[hour]

    def _require_new(self, context: Context, hour: Hour, before: Metered | None, value: Metered | None) -> None:
        if before is None:
            return
        context.require(before != value, "reading-repeated", hour=hour)
        context.refuse("reading-conflicts", hour=hour, before_wh=before)  # check: energy-reading-conflicts

    def require_possible(self, context: Context, device: Device, month: Month, hour: Hour, value: Metered | None) -> None:
        """Refuses what the device cannot have done in an hour."""
        if value is None:
            return
        most_wh = capacity_wh(device.capacity_w)
        context.require(abs(value) <= most_wh, "above-capacity", hour=hour, energy_wh=value, most_wh=most_wh)
        since_ms = device.commissioned_on_ms
        is_there = hour_ms(month, hour) >= since_ms - MARKET_OFFSET_MS
        context.require(is_there, "before-commissioning", month=month, hour=hour, commissioned_on_ms=since_ms)


def _is_marked(energy_wh: tuple[Metered | None, ...], quality: QualityText) -> bool:
    """One sign an hour, and `-` where there is no reading and nowhere else."""
    if len(energy_wh) != len(quality):
        return False
    return all((value is None) == (sign == "-") for value, sign in zip(energy_wh, quality, strict=True))
