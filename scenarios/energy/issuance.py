"""Hourly certificates of 1 Wh: on metered positive energy, once an hour, with ids that tile 1 to the last.

A device that gave out more than a corrected meter shows owes it: its next Wh are withheld until the deficit is paid off.
"""

from ledger.contract import Context, NonNegative, Positive, Role, operation
from scenarios.energy.books import certify, require_before_residual, require_metered
from scenarios.energy.quantities import hours_in
from scenarios.energy.records import ISSUING, Hour, Month, Name, put_hours
from scenarios.energy.state import EnergyState


class IssueOperations(EnergyState):
    """Operations that turn readings into certificates."""

    @operation(signed_by=Role(ISSUING))
    def issue(
        self,
        context: Context,
        device: Name,
        month: Month,
        first_hour: Hour,
        energy_wh: tuple[NonNegative, ...],
        first_id: Positive,
    ) -> None:
        """The issuing body certifies successive hours: as many Wh as it says for each, 0 for hours that it leaves out.

        `first_id` is where its own books go on; it must be where the ledger's do.
        """
        # READ
        plant, readings = self.devices[device], self.readings[f"{device}:{month}"]
        issued = self.issuance(device, month)
        # CHECK
        context.require(plant.technology != "storage", "storage-by-discharge", device=device)
        context.require(0 < len(energy_wh) <= hours_in(month) - first_hour, "beyond-month", month=month, hours=hours_in(month))
        context.require(readings.scheme != "monthly", "certified-otherwise", month=month, scheme=readings.scheme)
        context.require(sum(energy_wh) > 0, "nothing-generated", month=month, hour=first_hour)
        for hour, asked_wh in enumerate(energy_wh, first_hour):
            if asked_wh:
                is_new = issued.issued_wh[hour] == issued.withheld_wh[hour] == 0
                context.require(is_new, "hour-issued", month=month, hour=hour)
                require_metered(context, readings, month, hour, asked_wh)
        require_before_residual(self, context, plant, month)
        # WRITE
        withheld = _withheld(energy_wh, plant.deficit_wh)
        before = issued.withheld_wh[first_hour : first_hour + len(energy_wh)]
        hours = put_hours(issued.withheld_wh, first_hour, tuple(map(sum, zip(before, withheld, strict=True))))
        self.issuances[f"{device}:{month}"] = issued.replace(withheld_wh=hours)
        plant = plant.replace(deficit_wh=plant.deficit_wh - sum(withheld))
        certified = tuple(asked_wh - paid_wh for asked_wh, paid_wh in zip(energy_wh, withheld, strict=True))
        certify(self, context, device, plant, month, first_hour, certified, first_id)
        # EMIT
        if sum(withheld):
            context.emit("withheld", device=device, month=month, energy_wh=sum(withheld), deficit_wh=plant.deficit_wh)


def _withheld(energy_wh: tuple[int, ...], deficit_wh: int) -> tuple[int, ...]:
    """What of each hour pays off a deficit: the first hours go first."""
    deficit_wh, taken = max(deficit_wh, 0), []
    for amount in energy_wh:
        taken.append(min(amount, deficit_wh))
        deficit_wh -= taken[-1]
    return tuple(taken)
