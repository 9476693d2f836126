"""What meters say: hourly net energy with its quality, once; corrected with a reason; loads of consumers sealed."""

from ledger.contract import AllOf, Context, MemberId, NonNegative, Role, Sealed, Text, operation
from scenarios.energy.books import require_account, require_possible
from scenarios.energy.quantities import hour_ms, hours_in, month_end_ms
from scenarios.energy.records import (
    ISSUING,
    METERING,
    AreaTotal,
    Consumption,
    Correction,
    Hour,
    Metered,
    Month,
    Name,
    QualityText,
    Readings,
    Zone,
)
from scenarios.energy.state import EnergyState

CONSUMERS_MIN = 3
"""A total of fewer would show one consumer's load: an assumption of this project."""


class ReadingOperations(EnergyState):
    """Operations by which the ledger learns what was metered."""

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
        plant, key, total = self.devices[device], f"{device}:{month}", hours_in(month)
        readings = self.readings.get(key) or Readings(energy_wh=(None,) * total, quality="-" * total)
        end = first_hour + len(energy_wh)
        # CHECK
        context.require(0 < len(energy_wh) <= total - first_hour, "beyond-month", month=month, hours=total)
        context.require(hour_ms(month, end) <= context.time_ms, "reading-ahead", month=month, hour=end - 1)
        context.require(_is_marked(energy_wh, quality), "quality-mismatch", hours=len(energy_wh), quality=len(quality))
        context.require(readings.scheme != "monthly", "month-certified", month=month)
        for hour, value in enumerate(energy_wh, first_hour):
            before_wh = readings.energy_wh[hour]
            context.require(before_wh is None or before_wh != value, "reading-repeated", hour=hour)
            context.require(before_wh is None, "reading-conflicts", hour=hour, before_wh=before_wh)
            require_possible(context, plant, month, hour, value)
        # WRITE
        self.readings[key] = readings.with_hours(first_hour, energy_wh, quality)
        # EMIT
        context.emit("readings", device=device, month=month, first_hour=first_hour, hours=len(energy_wh))

    @operation(signed_by=AllOf(Role(METERING), Role(ISSUING)))
    def correct_reading(self, context: Context, device: Name, month: Month, hour: Hour, energy_wh: Metered, reason: Text) -> None:
        """Meter operator and issuing body replace a reading, or fill a gap, and say why; what stood there stays on record."""
        # READ
        plant, key = self.devices[device], f"{device}:{month}"
        readings, issued = self.readings[key], self.issuance(device, month)
        number = sum(1 for _ in self.corrections.items(prefix=f"{key}:{hour:03}:")) + 1
        # CHECK
        context.require(hour < len(readings.energy_wh), "beyond-month", month=month, hours=len(readings.energy_wh))
        context.require(hour_ms(month, hour + 1) <= context.time_ms, "reading-ahead", month=month, hour=hour)
        context.require(reason.strip() != "", "no-reason")
        require_possible(context, plant, month, hour, energy_wh)
        context.require(readings.scheme != "monthly", "month-certified", month=month)
        given_wh, drawn_wh = issued.issued_wh[hour] - issued.withdrawn_wh[hour], issued.charged_wh[hour]
        is_covered = (given_wh == 0 or energy_wh >= given_wh) and (drawn_wh == 0 or -energy_wh >= drawn_wh)
        context.require(is_covered, "already-certified", hour=hour, certified_wh=max(given_wh, drawn_wh))
        # WRITE
        before_wh = readings.energy_wh[hour]
        self.corrections[f"{key}:{hour:03}:{number}"] = Correction(
            before_wh=before_wh,
            before_quality=readings.quality[hour],
            after_wh=energy_wh,
            reason=reason,
            corrected_at_ms=context.time_ms,
        )
        self.readings[key] = readings.with_hours(hour, (energy_wh,), "M")
        # EMIT
        context.emit("reading-corrected", device=device, month=month, hour=hour, before_wh=before_wh, after_wh=energy_wh)

    @operation(signed_by=Role(METERING))
    def submit_consumption(self, context: Context, consumer: MemberId, month: Month, load: Sealed[dict[str, int]]) -> None:
        """The meter operator seals a consumer's month, hour by hour; the opening goes to the consumer and the issuing body."""
        # READ
        key = f"{consumer}:{month}"
        # CHECK
        require_account(self, context, consumer)
        context.require(key not in self.consumptions, "consumption-exists", consumer=consumer, month=month)
        context.require(month_end_ms(month) <= context.time_ms, "month-not-over", month=month)
        # WRITE
        self.consumptions[key] = Consumption(consumer=consumer, zone=self.accounts[consumer].zone, load=load)
        # EMIT
        context.emit("consumption", consumer=consumer, month=month)

    @operation(signed_by=Role(METERING))
    def publish_area_total(self, context: Context, zone: Zone, month: Month, consumed_wh: NonNegative) -> None:
        """What the public sees of sealed loads: a zone's month, where enough consumers hide each other."""
        # READ
        consumers = sum(1 for key, load in self.consumptions.items() if key.endswith(f":{month}") and load.zone == zone)
        # CHECK
        context.require(f"{zone}:{month}" not in self.area_totals, "total-exists", zone=zone, month=month)
        context.require(consumers >= CONSUMERS_MIN, "too-few-consumers", consumers=consumers, least=CONSUMERS_MIN)
        # WRITE
        self.area_totals[f"{zone}:{month}"] = AreaTotal(consumed_wh=consumed_wh, consumers=consumers)
        # EMIT
        context.emit("area-total", zone=zone, month=month, consumed_wh=consumed_wh)


def _is_marked(energy_wh: tuple[Metered | None, ...], quality: QualityText) -> bool:
    """One sign an hour, and `-` where there is no reading and nowhere else."""
    signs = ["-" if value is None else "" for value in energy_wh]
    return len(signs) == len(quality) and all((sign == "-") == (gap == "-") for sign, gap in zip(quality, signs, strict=True))
