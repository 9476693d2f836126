"""Imbalance: what a plant forecast against what its meter showed, hour by hour, priced. A statement; money moves elsewhere."""

from ledger.contract import Anyone, Collection, Context, NonNegative, Positive, Role, operation
from scenarios.energy.devices import EXCHANGE
from scenarios.energy.quantities import WH_PER_MWH, hour_ms, hours_in
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import FIT, Forecast, Hour, Imbalance, Month, Name, Price
from scenarios.money import half_up


class ImbalanceOperations(ReadingOperations):
    """The part of the contract that states deviations."""

    forecasts = Collection(Forecast)
    imbalances = Collection(Imbalance)

    @operation(signed_by=Anyone())
    def submit_forecast(
        self, context: Context, device: Name, month: Month, first_hour: Hour, energy_wh: tuple[NonNegative, ...]
    ) -> None:
        """The owner says, before the first of the hours begins, what its plant will deliver."""
        # READ
        found = self.devices[device]
        total = hours_in(month)
        known = self.forecasts.get(f"{device}:{month}") or Forecast(energy_wh=(None,) * total, is_settled=(False,) * total)
        end = first_hour + len(energy_wh)
        # CHECK
        context.require(context.signed_by(found.owner), "not-owner", owner=found.owner)
        context.require(first_hour < end <= total, "beyond-month", month=month, hours=total)
        context.require(context.time_ms < hour_ms(month, first_hour), "forecast-late", month=month, hour=first_hour)
        for hour, planned_wh in enumerate(energy_wh, first_hour):
            context.require(known.energy_wh[hour] is None, "forecast-exists", hour=hour)
            self.require_possible(context, found, month, hour, planned_wh)
        # WRITE
        hours = (*known.energy_wh[:first_hour], *energy_wh, *known.energy_wh[end:])
        self.forecasts[f"{device}:{month}"] = known.replace(energy_wh=hours)
        # EMIT
        context.emit("forecast", device=device, month=month, first_hour=first_hour, energy_wh=sum(energy_wh))

    @operation(signed_by=Role(EXCHANGE))
    def settle_imbalance(
        self,
        context: Context,
        device: Name,
        month: Month,
        first_hour: Hour,
        hours: Positive,
        short_price_cents: Price,
        long_price_cents: Price,
    ) -> None:
        """The exchange states the deviations of successive hours: what is missing at one price, what is too much at another."""
        # READ
        key = f"{device}:{month}"
        planned, held = self.forecasts[key], self.readings[key]
        end = first_hour + hours
        # CHECK
        context.require(end <= hours_in(month), "beyond-month", month=month, hours=hours_in(month))
        deviations = [self._deviation(context, hour, planned, held.energy_wh[hour], held.quality[hour])
                      for hour in range(first_hour, end)]  # fmt: skip
        # WRITE
        settled = (*planned.is_settled[:first_hour], *(True,) * hours, *planned.is_settled[end:])
        self.forecasts[key] = planned.replace(is_settled=settled)
        short_wh = sum(-deviation for deviation in deviations if deviation < 0)
        long_wh = sum(deviation for deviation in deviations if deviation > 0)
        forecast_wh = sum(value or 0 for value in planned.energy_wh[first_hour:end])
        owed_cents = half_up(short_wh * short_price_cents, WH_PER_MWH) - half_up(long_wh * long_price_cents, WH_PER_MWH)
        self.imbalances[f"{key}:{first_hour:03}"] = Imbalance(
            hours=hours,
            forecast_wh=forecast_wh,
            metered_wh=forecast_wh + sum(deviations),
            short_wh=short_wh,
            long_wh=long_wh,
            short_price_cents=short_price_cents,
            long_price_cents=long_price_cents,
            owed_cents=owed_cents,
        )
        # EMIT
        context.emit("imbalance", device=device, month=month, short_wh=short_wh, long_wh=long_wh, owed_cents=owed_cents)

    def _deviation(self, context: Context, hour: int, planned: Forecast, metered_wh: int | None, quality: str) -> int:
        """Metered less forecast; refuses an hour that lacks either or is settled."""
        forecast_wh = planned.energy_wh[hour]
        context.require(not planned.is_settled[hour], "settled-already", hour=hour)
        if forecast_wh is None:  # check: energy-no-forecast
            context.refuse("no-forecast", hour=hour)
        if metered_wh is None or quality not in FIT:  # check: energy-no-reading
            context.refuse("no-reading", hour=hour)
        return metered_wh - forecast_wh
