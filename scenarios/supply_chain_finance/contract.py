"""The contract of supply-chain finance, put together from its parts, which can be read in any order.

    services      regulator, settlement bank, platform and court: terms, holidays, companies, books, orders
    invoices      one invoice, used once; confirmed by the buyer, then unconditional
    certificates  a core's promise; accept, split and transfer
    finance       lines of credit; the registry of assignments; apply, check, disburse
    payments      early, at maturity, in default, by recourse

What they keep stands in `state` and `records`, which states lead where in `transitions`, what they share in `rules`.
"""

from ledger.contract import Context
from ledger.identity.records import Member, StateModel
from scenarios.identifiers import organization_of
from scenarios.supply_chain_finance.certificates import CertificateOperations
from scenarios.supply_chain_finance.finance import BankOperations
from scenarios.supply_chain_finance.invoices import InvoiceOperations
from scenarios.supply_chain_finance.payments import PaymentOperations
from scenarios.supply_chain_finance.records import Invoice
from scenarios.supply_chain_finance.services import ServiceOperations
from scenarios.supply_chain_finance.state import REGULATOR


class SupplyChainFinance(ServiceOperations, InvoiceOperations, CertificateOperations, BankOperations, PaymentOperations):
    """Electronic receivable certificates of a core enterprise, split and financed through the tiers of its suppliers."""

    name = "supply-chain-finance"
    words = "words.toml"

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """A sealed invoice opens to its seller and buyer, the regulator, and a bank that must check it.

        The registry needs only its number, which the seller shows to it as one field of the seal.
        Such a bank is one to which the certificate that stands on the invoice, or a part of it, was offered for finance.
        Everything else on this ledger is open to its members.
        """
        if not isinstance(record, Invoice) or record.document is None:
            return "open"
        if reader.organization in (organization_of(record.seller), organization_of(record.buyer)):
            return "party"
        if REGULATOR in reader.roles:
            return "regulator"
        return "bank" if record.used_by != "" and reader.organization in self._banks_asked(record.used_by) else ""

    def _banks_asked(self, certificate: str) -> tuple[str, ...]:
        """Organizations of the banks to which this certificate or a part of it is or was financed."""
        own = self.applications.get(certificate)
        root = self.certificates[certificate].root
        parts = self.applications.items(prefix=f"{certificate}-")
        below = [application for name, application in parts if self.certificates[name].root == root]
        asked = [*([own] if own else []), *below]
        return tuple(organization_of(application.bank) for application in asked if application.state != "released")
