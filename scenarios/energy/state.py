"""The state of the energy records: every collection, and what of it several parts read."""

from ledger.contract import Collection, Contract
from scenarios.energy.quantities import hours_in
from scenarios.energy.records import (
    Account,
    AreaTotal,
    Bundle,
    CarbonProject,
    Charge,
    Claim,
    Company,
    Consumption,
    Correction,
    Device,
    Discharge,
    Forecast,
    GreenLot,
    Imbalance,
    Issuance,
    Meter,
    Readings,
)


class EnergyState(Contract):
    """What every part of the contract works on."""

    accounts = Collection(Account)
    companies = Collection(Company)
    devices = Collection(Device)
    meters = Collection(Meter)
    readings = Collection(Readings)
    corrections = Collection(Correction)
    consumptions = Collection(Consumption)
    area_totals = Collection(AreaTotal)
    forecasts = Collection(Forecast)
    imbalances = Collection(Imbalance)
    issuances = Collection(Issuance)
    bundles = Collection(Bundle)
    claims = Collection(Claim)
    charges = Collection(Charge)
    discharges = Collection(Discharge)
    green_lots = Collection(GreenLot)
    carbon_projects = Collection(CarbonProject)

    def issuance(self, device: str, month: str) -> Issuance:
        """What was certified and charged of a month so far."""
        nothing = (0,) * hours_in(month)
        known = self.issuances.get(f"{device}:{month}")
        return known or Issuance(issued_wh=nothing, withdrawn_wh=nothing, charged_wh=nothing)
