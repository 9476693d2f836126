"""Monthly green certificates (绿证, GEC) of 1 MWh: carry-over, one sale, use within the year, and carbon credits instead."""

from ledger.contract import AllOf, Anyone, Collection, Context, Identifier, MemberId, Positive, Role, Text, operation
from scenarios.energy.devices import CARBON, EXCHANGE, ISSUING
from scenarios.energy.readings import ReadingOperations
from scenarios.energy.records import CarbonProject, GreenLot, Month, Name, Price, Year


class GreenCertificateOperations(ReadingOperations):
    """The part of the contract that follows the rules for China's green certificates."""

    green_lots = Collection(GreenLot)
    carbon_projects = Collection(CarbonProject)

    @operation(signed_by=Role(ISSUING))
    def issue_green(self, context: Context, device: Name, month: Month) -> None:
        """The issuing body certifies a plant's month in whole MWh; what is left is carried into the next."""

    @operation(signed_by=Anyone())
    def divide_green(self, context: Context, lot: Identifier, count: Positive) -> None:
        """The holder cuts a lot in two: the first `count` certificates, and the rest."""

    @operation(signed_by=Role(EXCHANGE))
    def list_green(self, context: Context, lot: Identifier, price_cents: Price) -> None:
        """Holder and exchange offer a lot for sale: on one exchange at a time. Signed by the holder too."""

    @operation(signed_by=Anyone())
    def unlist_green(self, context: Context, lot: Identifier) -> None:
        """The holder takes its offer back."""

    @operation(signed_by=Role(EXCHANGE))
    def trade_green(self, context: Context, lot: Identifier, to: MemberId) -> None:
        """The exchange and the buyer conclude the one sale of a lot that is offered there. Signed by the buyer too."""

    @operation(signed_by=Anyone())
    def consume_green(self, context: Context, lot: Identifier, beneficiary: MemberId, purpose: Text, year: Year) -> None:
        """The holder declares a lot consumed, for consumption of a year."""

    @operation(signed_by=Anyone())
    def expire_green(self, context: Context, lots: tuple[Identifier, ...]) -> None:
        """Anybody may sweep out what has outlived its two years."""

    @operation(signed_by=AllOf(Anyone(), Role(CARBON)))
    def freeze_ccer(self, context: Context, project: Name, device: Name, lots: tuple[Identifier, ...]) -> None:
        """A plant applies for carbon credits: its untraded certificates of those months are frozen."""

    @operation(signed_by=Role(CARBON))
    def register_ccer(self, context: Context, project: Name) -> None:
        """The carbon registry registers the reductions: the frozen certificates are void."""

    @operation(signed_by=Role(CARBON))
    def unfreeze_ccer(self, context: Context, project: Name) -> None:
        """The application came to nothing: the certificates are free again."""
