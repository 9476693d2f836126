"""The state of the energy records: every collection, and what of it several parts read."""

from ledger.contract import Collection, Contract
from scenarios.energy import records
from scenarios.energy.quantities import hours_in


class EnergyState(Contract):
    """What every part of the contract works on."""

    accounts = Collection(records.Account)
    companies = Collection(records.Company)
    devices = Collection(records.Device)
    sites = Collection(records.Site)
    meters = Collection(records.Meter)
    readings = Collection(records.Readings)
    corrections = Collection(records.Correction)
    consumptions = Collection(records.Consumption)
    area_totals = Collection(records.AreaTotal)
    residual_mixes = Collection(records.ResidualMix)
    forecasts = Collection(records.Forecast)
    imbalances = Collection(records.Imbalance)
    issuances = Collection(records.Issuance)
    bundles = Collection(records.Bundle)
    claims = Collection(records.Claim)
    charges = Collection(records.Charge)
    discharges = Collection(records.Discharge)
    green_lots = Collection(records.GreenLot)
    carbon_projects = Collection(records.CarbonProject)

    def issuance(self, device: str, month: str) -> records.Issuance:
        """What was certified, withheld and charged of a month so far."""
        nothing = (0,) * hours_in(month)
        known = self.issuances.get(f"{device}:{month}")
        return known or records.Issuance(issued_wh=nothing, withdrawn_wh=nothing, withheld_wh=nothing, charged_wh=nothing)
