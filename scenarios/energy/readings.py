"""What meters say: hourly net energy with its quality, once; corrected with a reason; loads of consumers sealed."""

from collections.abc import Sequence

from ledger.contract import AllOf, Context, MemberId, NonNegative, Role, Sealed, Text, operation
from scenarios.energy.books import require_account, require_possible
from scenarios.energy.quantities import hour_ms, hours_in, month_end_ms
from scenarios.energy.records import (
    ISSUING,
    METERING,
    AreaTotal,
    Consumption,
    Correction,
    Device,
    Generation,
    Hour,
    Meter,
    Metered,
    MeterNumber,
    Month,
    Name,
    QualityText,
    Readings,
    ResidualMix,
    Zone,
)
from scenarios.energy.state import EnergyState
from scenarios.energy.transitions import BUNDLES

CONSUMERS_MIN = 3
"""A total of fewer would show one consumer's load: an assumption of this project."""


class ReadingOperations(EnergyState):
    """Operations by which the ledger learns what was metered."""

    @operation(signed_by=Role(METERING))
    def submit_readings(
        self,
        context: Context,
        device: Name,
        meter: MeterNumber,
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
        was_on = meter in self.meters and _was_on(self.meters[meter], device, hour_ms(month, first_hour), hour_ms(month, end))
        context.require(was_on, "meter-not-on", meter=meter, device=device, month=month, hour=first_hour)
        # WRITE
        self.readings[key] = readings.with_hours(first_hour, energy_wh, quality)
        # EMIT
        context.emit("readings", device=device, month=month, first_hour=first_hour, hours=len(energy_wh))

    @operation(signed_by=AllOf(Role(METERING), Role(ISSUING)))
    def correct_reading(self, context: Context, device: Name, month: Month, hour: Hour, energy_wh: Metered, reason: Text) -> None:
        """Meter operator and issuing body replace a reading, or fill a gap, and say why; what stood there stays on record.

        Hourly certificates that are not used go first. What was used, or certified by the month, beyond the new reading is a
        deficit of the device.
        """
        # READ
        plant, key = self.devices[device], f"{device}:{month}"
        readings, issued = self.readings[key], self.issuance(device, month)
        number = sum(1 for _ in self.corrections.items(prefix=f"{key}:{hour:03}:")) + 1
        # CHECK
        context.require(hour < len(readings.energy_wh), "beyond-month", month=month, hours=len(readings.energy_wh))
        context.require(hour_ms(month, hour + 1) <= context.time_ms, "reading-ahead", month=month, hour=hour)
        context.require(reason.strip() != "", "no-reason")
        require_possible(context, plant, month, hour, energy_wh)
        given_wh = issued.issued_wh[hour] - issued.withdrawn_wh[hour] + issued.withheld_wh[hour]
        new_wh, old_wh = max(energy_wh, 0), max(readings.good_wh(hour), 0)
        if readings.scheme == "monthly":  # all of the hour is certified or carried
            given_wh = max(new_wh, old_wh)
        over_wh, was_over_wh = max(given_wh - new_wh, 0), max(given_wh - old_wh, 0)
        unused_wh, drawn_wh = self._unused_wh(key, hour), issued.charged_wh[hour]
        is_covered = (over_wh == 0 or unused_wh == 0) and (drawn_wh == 0 or -energy_wh >= drawn_wh)
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
        deficit_wh = plant.deficit_wh + over_wh - was_over_wh
        self.devices[device] = plant.replace(deficit_wh=deficit_wh)
        # EMIT
        context.emit("reading-corrected", device=device, month=month, hour=hour, before_wh=before_wh, after_wh=energy_wh)
        if over_wh != was_over_wh:
            context.emit("deficit", device=device, month=month, hour=hour, deficit_wh=deficit_wh)

    def _unused_wh(self, of_month: str, hour: int) -> int:
        """What of an hour lies in certificates that can still be withdrawn."""
        bundles = [bundle for _, bundle in self.bundles.items(prefix=f"{of_month}:") if bundle.state in BUNDLES["withdraw"]]
        return sum(part.energy_wh for bundle in bundles for part in bundle.slices if part.hour == hour)

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
        zone, nothing = self.accounts[consumer].zone, (False,) * hours_in(month)
        self.consumptions[key] = Consumption(consumer=consumer, zone=zone, load=load, is_claimed=nothing)
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

    @operation(signed_by=Role(ISSUING))
    def publish_residual_mix(self, context: Context, zone: Zone, month: Month) -> None:
        """The issuing body publishes what a zone's plants generated in a month and no certificate tracks; it closes the month."""
        # READ
        plants = [(name, plant) for name, plant in self.devices.items() if _is_mixed(plant, zone)]
        # CHECK
        context.require(month_end_ms(month) <= context.time_ms, "month-not-over", month=month)
        context.require(f"{zone}:{month}" not in self.residual_mixes, "residual-published", zone=zone, month=month)
        # WRITE
        kinds = sorted({plant.technology for _, plant in plants})
        generation = tuple(Generation(kind, *self._generated(kind, month, plants)) for kind in kinds)
        residual_wh = sum(part.residual_wh for part in generation)
        self.residual_mixes[f"{zone}:{month}"] = ResidualMix(generation=generation, residual_wh=residual_wh)
        # EMIT
        context.emit("residual-mix", zone=zone, month=month, residual_wh=residual_wh)

    def _generated(self, technology: str, month: str, plants: Sequence[tuple[str, Device]]) -> tuple[int, int]:
        """Good energy of a kind of plants, and what of it is certified: all of a month that is certified in MWh."""
        generated_wh = certified_wh = 0
        for name, _ in (pair for pair in plants if pair[1].technology == technology):
            readings, issued = self.readings.get(f"{name}:{month}"), self.issuance(name, month)
            energy_wh = sum(max(readings.good_wh(hour), 0) for hour in range(len(readings.energy_wh))) if readings else 0
            hourly_wh = sum(issued.issued_wh) - sum(issued.withdrawn_wh) + sum(issued.withheld_wh)
            generated_wh += energy_wh
            certified_wh += energy_wh if readings and readings.scheme == "monthly" else hourly_wh
        return generated_wh, certified_wh


def _is_mixed(plant: Device, zone: str) -> bool:
    """Whether others in the zone may have drawn what the plant generates."""
    return plant.zone == zone and plant.connection == "grid" and plant.technology != "storage"


def _was_on(meter: Meter, device: str, start_ms: int, end_ms: int) -> bool:
    """Whether it measured the device all the time."""
    return meter.device == device and meter.from_ms <= start_ms and (meter.until_ms == 0 or end_ms <= meter.until_ms)


def _is_marked(energy_wh: tuple[Metered | None, ...], quality: QualityText) -> bool:
    """One sign an hour, and `-` where there is no reading and nowhere else."""
    signs = ["-" if value is None else "" for value in energy_wh]
    return len(signs) == len(quality) and all((sign == "-") == (gap == "-") for sign, gap in zip(quality, signs, strict=True))
