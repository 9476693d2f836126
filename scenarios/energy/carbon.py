"""Carbon credits (CCER) instead of green certificates: frozen on application, void after registration. Never both for one MWh."""

from ledger.contract import Collection, Context, Identifier, Role, operation
from ledger.contract.calendar import day_from_date
from scenarios.energy.devices import CARBON
from scenarios.energy.green import LOTS_MAX, GreenCertificateOperations
from scenarios.energy.quantities import MARKET_OFFSET_MS
from scenarios.energy.records import CarbonProject, GreenState, Name

KINDS = ("offshore-wind", "solar-thermal")
CHOICE_FROM_MS = day_from_date(2024, 10, 1) - MARKET_OFFSET_MS
CHOICE_UNTIL_MS = day_from_date(2026, 10, 1) - MARKET_OFFSET_MS
"""Who may choose between certificate and credit, from when and until when."""


class CarbonOperations(GreenCertificateOperations):
    """The part of the contract that keeps a MWh from being counted as a certificate and as a credit."""

    carbon_projects = Collection(CarbonProject)

    @operation(signed_by=Role(CARBON))
    def freeze_ccer(self, context: Context, project: Name, device: Name, lots: tuple[Identifier, ...]) -> None:
        """Carbon registry and owner open an application for carbon credits: its certificates, all untraded, are frozen."""
        # READ
        found = self.devices[device]
        # CHECK
        context.require(context.signed_by(found.owner), "not-owner", owner=found.owner)
        context.require(project not in self.carbon_projects, "project-exists", project=project)
        context.require(found.technology in KINDS, "ccer-kind", device=device)
        context.require(CHOICE_FROM_MS <= context.time_ms < CHOICE_UNTIL_MS, "ccer-window")
        context.require(0 < len(lots) <= LOTS_MAX, "sweep-size", most=LOTS_MAX)
        for lot in lots:
            certificates = self.green_lots[lot]
            context.require(certificates.device == device, "other-device", lot=lot, device=device)
            context.require(certificates.state == "issued", "green-or-carbon", lot=lot, state=certificates.state)
            context.require(context.time_ms < certificates.expires_ms, "expired", month=certificates.month)
            # WRITE
            self.turn_lot(context, lot, certificates, "frozen", project=project)
        self.carbon_projects[project] = CarbonProject(device=device, lots=lots)
        # EMIT
        context.emit("carbon-project", project=project, state="applied")

    @operation(signed_by=Role(CARBON))
    def register_ccer(self, context: Context, project: Name) -> None:
        """The carbon registry registers the reductions: the frozen certificates are void."""
        self._decide(context, project, "registered", "excluded")

    @operation(signed_by=Role(CARBON))
    def unfreeze_ccer(self, context: Context, project: Name) -> None:
        """The application came to nothing: the certificates are free again."""
        self._decide(context, project, "ended", "issued")

    def _decide(self, context: Context, project: str, state: str, lots: GreenState) -> None:
        # READ
        found = self.carbon_projects[project]
        # CHECK
        context.require(found.state == "applied", "project-state", project=project, state=found.state)
        # WRITE
        self.carbon_projects[project] = found.replace(state=state)
        for lot in found.lots:
            self.turn_lot(context, lot, self.green_lots[lot], lots, project=project if lots == "excluded" else "")
        # EMIT
        context.emit("carbon-project", project=project, state=state)
