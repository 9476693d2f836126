"""The contract of supply-chain finance, put together from its parts.

    parties       who takes part: limits on terms, holidays, companies, lines of credit
    invoices      one invoice, used once; confirmed by the buyer, then unconditional
    certificates  issue, accept, split and transfer
    financing     apply, query, check, register, disburse
    maturity      payment, default, recourse

States of a certificate: pending -> {active, rejected, void, expired}; active -> {consumed, locked};
locked -> {financed, active}; {active, locked, financed, pending part} -> {settled, overdue};
overdue -> {settled, recourse, written-off}; recourse -> {overdue with the seller, settled}.
"""

from ledger.contract import Context
from ledger.identity.records import Member, StateModel
from scenarios.supply_chain_finance.maturity import MaturityOperations
from scenarios.supply_chain_finance.parties import REGISTRY, REGULATOR
from scenarios.supply_chain_finance.read_rules import READ_RULES
from scenarios.supply_chain_finance.records import Invoice
from scenarios.supply_chain_finance.refusals import REFUSALS


class SupplyChainFinance(MaturityOperations):
    """Electronic receivable certificates of a core enterprise, split and financed through the tiers of its suppliers."""

    name = "supply-chain-finance"
    refusals = REFUSALS
    read_rules = READ_RULES

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """A sealed invoice opens to its seller and buyer, the registry, the regulator, and a bank that must check it.

        Such a bank is one to which the certificate that stands on the invoice, or a part of it, was offered for finance.
        Everything else on this ledger is open to its members.
        """
        if not isinstance(record, Invoice) or record.document is None:
            return "open"
        if reader.organization in (_organization(record.seller), _organization(record.buyer)):
            return "party"
        for role in (REGISTRY, REGULATOR):
            if role in reader.roles:
                return role
        return "bank" if record.used_by != "" and reader.organization in self._banks_asked(record.used_by) else ""

    def _banks_asked(self, certificate: str) -> tuple[str, ...]:
        """Organizations of the banks to which this certificate or a part of it is or was financed."""
        own = self.applications.get(certificate)
        root = self.certificates[certificate].root
        parts = self.applications.items(prefix=f"{certificate}-")
        below = [application for name, application in parts if self.certificates[name].root == root]
        asked = [*([own] if own else []), *below]
        return tuple(_organization(application.bank) for application in asked if application.state != "released")


def _organization(member: str) -> str:
    return member.partition(".")[0]
