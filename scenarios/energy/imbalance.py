"""Imbalance: what a plant forecast against what its meter showed, hour by hour, priced. A statement; money moves elsewhere."""

from ledger.contract import Anyone, Context, NonNegative, Positive, Role, operation
from scenarios.energy.books import require_possible
from scenarios.energy.quantities import WH_PER_MWH, hour_ms, hours_in
from scenarios.energy.records import EXCHANGE, Forecast, Hour, Imbalance, Month, Name, Price, put_hours
from scenarios.energy.state import EnergyState
from scenarios.money import half_up


class ImbalanceOperations(EnergyState):
    """Operations that state deviations."""

    @operation(signed_by=Anyone())
    def submit_forecast(
        self, context: Context, device: Name, month: Month, first_hour: Hour, energy_wh: tuple[NonNegative, ...]
    ) -> None:
        """The owner says, before the first of the hours begins, what its plant will deliver."""
        # READ
        plant, key, total = self.devices[device], f"{device}:{month}", hours_in(month)
        forecast = self.forecasts.get(key) or Forecast(energy_wh=(None,) * total, is_settled=(False,) * total)
        # CHECK
        context.require(context.signed_by(plant.owner), "not-owner", owner=plant.owner)
        context.require(0 < len(energy_wh) <= total - first_hour, "beyond-month", month=month, hours=total)
        context.require(context.time_ms < hour_ms(month, first_hour), "forecast-late", month=month, hour=first_hour)
        for hour, planned_wh in enumerate(energy_wh, first_hour):
            context.require(forecast.energy_wh[hour] is None, "forecast-exists", hour=hour)
            require_possible(context, plant, month, hour, planned_wh)
        # WRITE
        self.forecasts[key] = forecast.replace(energy_wh=put_hours(forecast.energy_wh, first_hour, energy_wh))
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
        forecast, readings = self.forecasts[key], self.readings[key]
        end = first_hour + hours
        # CHECK
        context.require(end <= hours_in(month), "beyond-month", month=month, hours=hours_in(month))
        for hour in range(first_hour, end):
            context.require(not forecast.is_settled[hour], "settled-already", hour=hour)
            context.require(forecast.energy_wh[hour] is not None, "no-forecast", hour=hour)
            context.require(readings.is_good(hour), "no-reading", hour=hour)
        # WRITE
        planned = [value or 0 for value in forecast.energy_wh[first_hour:end]]
        deviations = [readings.good_wh(hour) - planned_wh for hour, planned_wh in enumerate(planned, first_hour)]
        short_wh = sum(-deviation for deviation in deviations if deviation < 0)
        long_wh = sum(deviation for deviation in deviations if deviation > 0)
        owed_cents = half_up(short_wh * short_price_cents, WH_PER_MWH) - half_up(long_wh * long_price_cents, WH_PER_MWH)
        self.forecasts[key] = forecast.replace(is_settled=put_hours(forecast.is_settled, first_hour, (True,) * hours))
        self.imbalances[f"{key}:{first_hour:03}"] = Imbalance(
            hours=hours,
            forecast_wh=sum(planned),
            metered_wh=sum(planned) + sum(deviations),
            short_wh=short_wh,
            long_wh=long_wh,
            short_price_cents=short_price_cents,
            long_price_cents=long_price_cents,
            owed_cents=owed_cents,
        )
        # EMIT
        context.emit("imbalance", device=device, month=month, short_wh=short_wh, long_wh=long_wh, owed_cents=owed_cents)
