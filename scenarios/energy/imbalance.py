"""Imbalance: what a plant forecast against what its meter showed, hour by hour, priced. A statement; money moves elsewhere."""

from ledger.contract import Anyone, Collection, Context, NonNegative, Positive, Role, operation
from scenarios.energy.devices import EXCHANGE
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import Forecast, Hour, Imbalance, Month, Name, Price


class ImbalanceOperations(ReadingOperations):
    """The part of the contract that states deviations."""

    forecasts = Collection(Forecast)
    imbalances = Collection(Imbalance)

    @operation(signed_by=Anyone())
    def submit_forecast(
        self, context: Context, device: Name, month: Month, first_hour: Hour, energy_wh: tuple[NonNegative, ...]
    ) -> None:
        """The owner says, before the first of the hours begins, what its plant will deliver."""

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
